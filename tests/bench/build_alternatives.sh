#!/usr/bin/env bash
# build_alternatives.sh FOLDER [NAME]...: compiles the alternatives in C++ and XMDS2's program into FOLDER, those that are not up to date;
# with names, these alone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift

flags=(-O3 -march=native -std=c++20 -fno-math-errno -isystem /usr/include/eigen3)
build() {
    local source=$here/alternatives/$1.cpp target=$folder/$1 newest
    newest=$(ls -t "$here"/alternatives/*.hpp "$source" "${BASH_SOURCE[0]}" | head -n 1)
    [ "$target" -nt "$newest" ] && return
    # The recomposition is written for the compiler's vectoriser, and its author would allow it to reorder.
    local more=()
    [ "$1" != cpp_simd_backward ] || more=(-ffast-math -fopenmp-simd)
    g++ "${flags[@]}" "${more[@]}" -w -o "$target" "$source"
}

build_xmds() {
    [ "$folder/w2" -nt "$here/alternatives/w2.xmds" ] && return
    # Generated with a home of its own, so that XMDS2 writes nothing into the user's; compiled with the flags that it uses itself.
    local headers
    cd "$folder"
    cp "$here/alternatives/w2.xmds" .
    HOME=$folder xmds2 -n w2.xmds >xmds.log 2>&1 || { cat xmds.log >&2; exit 3; }
    headers=$(/usr/bin/python3 -c "import os, xpdeint; print(os.path.dirname(xpdeint.__file__))")/includes
    g++ -march=native -O3 -ffast-math -funroll-all-loops -fomit-frame-pointer -w -DHAVE_HDF5_HL -DHAVE_H5LEXISTS -I"$headers" \
        $(pkg-config --cflags hdf5) -o w2 w2.cc $(pkg-config --libs hdf5) -lhdf5_hl -lfftw3
}

if [ $# -gt 0 ]; then
    for name in "$@"; do build "$name"; done
else
    for source in "$here"/alternatives/cpp_*.cpp; do build "$(basename "$source" .cpp)"; done
    build_xmds
fi
