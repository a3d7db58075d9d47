#!/usr/bin/env bash
# The elementary functions and the transforms of the noise give the same bits whatever compiles and runs them: one set
# of hashes over {g++, clang++} x {-O1, -O3} x {baseline, AVX2 + FMA, AVX-512} x {double, 1, 2, 4, 8 lanes}.
set -euo pipefail
source_dir=${FOLDBACK_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
if [ -z "${SCRATCH:-}" ]; then
    SCRATCH=$(mktemp -d)
    trap 'rm -rf "$SCRATCH"' EXIT
fi
mkdir -p "$SCRATCH"

declare -A flags=(
    [baseline]=""
    [avx2]="-mavx2 -mfma"
    [avx512]="-mavx2 -mfma -mavx512f -mavx512dq -mavx512vl -mavx512bw -mprefer-vector-width=512"
)
declare -A needs=([baseline]="" [avx2]="avx2 fma" [avx512]="avx512f avx512dq avx512vl avx512bw")

runs_here() {
    local flag
    for flag in ${needs[$1]}; do
        grep -qw "$flag" /proc/cpuinfo || return 1
    done
}

functions="" samplers="" first="" failed=0 compared=0
# Compares with the first output: that of `double` holds the functions' lines and then the samplers'.
compare() {
    local name=$1 expected=$2 output=$3
    if [ "$output" != "$expected" ]; then
        echo "FAIL: other bits than $first: $name" >&2
        diff <(echo "$expected") <(echo "$output") >&2 || true
        failed=1
    else
        compared=$((compared + 1))
        echo "same bits: $name"
    fi
}

for compiler in g++ clang++; do
    if ! command -v "$compiler" >/dev/null; then
        echo "FAIL: no $compiler here; install it and run this test again" >&2
        exit 1
    fi
    for isa in baseline avx2 avx512; do
        if ! runs_here "$isa"; then
            echo "SKIPPED, NOT TESTED: $isa, which this processor does not have"
            continue
        fi
        for level in -O1 -O3; do
            program=$SCRATCH/elementary_bits_$compiler$level$isa
            # shellcheck disable=SC2086
            "$compiler" -std=c++20 $level -ffp-contract=off -fno-math-errno -Wno-psabi ${flags[$isa]} \
                -DFOLDBACK_ISA="$isa" -I"$source_dir" "$source_dir"/tests/soak/elementary_bits.cpp "$source_dir"/sim/distributions.cpp -o "$program"
            output=$("$program" 0)
            if [ -z "$first" ]; then
                first="$compiler $level $isa, double"
                samplers=$output
                functions=$("$program" 1)
                echo "$output"
            fi
            compare "$compiler $level $isa, double" "$samplers" "$output"
            for lanes in 1 2 4 8; do
                compare "$compiler $level $isa, $lanes lanes" "$functions" "$("$program" $lanes)"
            done
        done
    done
done
[ "${samplers#"$functions"}" != "$samplers" ] || { echo "FAIL: one lane and double give other bits" >&2; failed=1; }
[ "$failed" -eq 0 ] || exit 1
[ "$compared" -ge 20 ] || { echo "FAIL: only $compared combinations were compared" >&2; exit 1; }
echo "PASS: one set of bits in $compared combinations"
