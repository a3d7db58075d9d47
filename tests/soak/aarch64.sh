#!/usr/bin/env bash
# The whole program on aarch64, cross-compiled and emulated: it compiles without a warning, records the same bits as here, and
# files of either are read by the other. Debian's libraries for it are unpacked beside the build, not installed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
source tests/soak/_same_bits.sh
build=$root/build/aarch64
sysroot=$build/sysroot

# apt with a state of its own, for which nothing is installed: it fetches the packages with all that they need.
fetch() {
    local apt=$build/apt
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    local options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status"
                   -o "Dir::Cache=$apt/cache" -o Debug::NoLocking=1)
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install --download-only -y --no-install-recommends libc6-dev libstdc++6 libhdf5-dev libboost-dev libeigen3-dev \
        libtbb-dev libcli11-dev libfmt-dev libtomlplusplus-dev libxxhash-dev libssl-dev nlohmann-json3-dev
    local package link
    for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$sysroot.new"; done
    # A link to a path from the root is one to this machine's files.
    while read -r link; do ln -sfr "$sysroot.new$(readlink "$link")" "$link"; done < <(find "$sysroot.new" -type l -lname '/*')
    mv "$sysroot.new" "$sysroot"
}
[ -d "$sysroot" ] || fetch

# Where the compiler wrapper of this machine's HDF5 does not lead: the serial HDF5 of the other.
hdf5=$sysroot/usr/lib/aarch64-linux-gnu/hdf5/serial
cmake -G Ninja -S . -B "$build" "-DHDF5_C_LIBRARY_hdf5=$hdf5/libhdf5.so" "-DHDF5_C_LIBRARY_hdf5_hl=$hdf5/libhdf5_hl.so" \
    -DCMAKE_BUILD_TYPE=Release -DFOLDBACK_TESTS=OFF -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_LIBRARY_ARCHITECTURE=aarch64-linux-gnu \
    -DCMAKE_SYSROOT="$sysroot" -DCMAKE_FIND_ROOT_PATH="$sysroot" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
    -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY >/dev/null
cmake --build "$build" -j2 --target foldback
same_bits "$build" aarch64 "bernoulli_uniform:200 sine:200 gamma_perpetuity:200 fern:200 logistic_breast_cancer:16 passes_tanh:8" \
    qemu-aarch64 -L "$sysroot" "$build/foldback"

# The verdicts: what either says of the other's file and of its own.
here=(build/release/foldback) there=(qemu-aarch64 -L "$sysroot" "$build/foldback")
verdicts() { # of every claim and of every of its cells, and what the claims found
    python3 -c 'import json, sys
for claim in json.load(sys.stdin)["points"][0]["claims"]:
    print(claim["id"], claim["verdict"], claim.get("finding"), *(cell["verdict"] for cell in claim.get("cells", [])))'
}
for program in here there; do
    declare -n writer=$program
    "${writer[@]}" run runs/bernoulli_uniform.toml --force --quiet --set ensemble.replicas=2000 --set record.paths=0 -o "$build/$program.h5"
    "${here[@]}" verify --json "$build/$program.h5" | verdicts >"$build/$program-here.txt"
    "${there[@]}" verify --json "$build/$program.h5" | verdicts >"$build/$program-there.txt"
done
for other in here-there there-here there-there; do diff "$build/here-here.txt" "$build/$other.txt"; done
grep -q "^coalescence holds" "$build/here-here.txt"
echo "$(wc -l <"$build/here-here.txt") claims have the same verdicts and findings on either, of either's file"
