# No function that a unit compiled for AVX2 or AVX-512 offers to the linker may have a name that other units share: the
# linker keeps one copy of an inline function, and a processor without AVX would run it.
set -euo pipefail

if ! grep -q '^CMAKE_BUILD_TYPE:STRING=Release' "$FOLDBACK_BUILD/CMakeCache.txt" ||
    grep -Eq '^FOLDBACK_(SANITIZE:STRING=.+|COVERAGE:BOOL=ON)' "$FOLDBACK_BUILD/CMakeCache.txt"; then
    echo "skipped: only optimized units inline what is not in a namespace of their own"
    exit 0
fi

# Weak and global functions whose name does not name the instruction set, demangled or too long for that (then with a Z for every
# function that it is local to). Data (vtables, type
# information) is the same in all copies.
shared_functions() {
    nm -C --defined-only "$1" | awk '$2 ~ /^[WT]$/' | cut -d' ' -f3- | grep -Ev "foldback::$2::|^_Z+N8foldback${#2}$2" || true
}

checked=0
failed=0
for isa in avx2 avx512; do
    for object in $(cd "$FOLDBACK_BUILD" 2>/dev/null && find "CMakeFiles/foldback_models_$isa.dir" -name '*.o'); do
        object=$FOLDBACK_BUILD/$object
        checked=$((checked + 1))
        shared=$(shared_functions "$object" "$isa")
        if [ -n "$shared" ]; then
            failed=$((failed + 1))
            echo "$object offers functions outside foldback::$isa:"
            echo "$shared"
        fi
    done
done
if [ "$(uname -m)" = x86_64 ] && [ "$checked" -eq 0 ]; then
    echo "no model units for AVX2 or AVX-512 under $FOLDBACK_BUILD"
    exit 1
fi

# Control: a baseline unit, judged as if it were an AVX2 one, must be caught.
baseline=$(find "$FOLDBACK_BUILD/CMakeFiles/foldback_models_baseline.dir" -name '*.o' | head -1)
if [ "$checked" -gt 0 ] && [ -z "$(shared_functions "$baseline" avx2)" ]; then
    echo "the check finds nothing in $baseline, where there is something to find"
    exit 1
fi

echo "$checked units checked, $failed with shared functions"
[ "$failed" -eq 0 ]
