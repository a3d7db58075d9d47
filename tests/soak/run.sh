#!/usr/bin/env bash
# The long tests: sanitizers, thread sanitizer, clang, coverage, and every script in this folder. Called by tests/run.sh --soak
# after the release build; stops at the first failure and ends with ctest's own lines.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
bash runs/install_dependencies.sh build tests soak
source tests/soak/_same_bits.sh
say() { printf '\n== %s\n' "$*"; }

configure_and_build() {  # preset target...
    local preset=$1
    shift
    cmake --preset "$preset" -DFOLDBACK_TESTS=ON >"build/configure-$preset.log" 2>&1 || { cat "build/configure-$preset.log"; exit 1; }
    cmake --build --preset "$preset" -j2 --target "$@" >"build/build-$preset.log" 2>&1 || { tail -n 60 "build/build-$preset.log"; exit 1; }
}

say "quick tests, release"
ctest --test-dir build/release --no-tests=error --output-on-failure -j2 -LE soak

say "clang: the same bits as gcc"
configure_and_build clang foldback
same_bits build clang "bernoulli_uniform:2000 sine:2000 gamma_perpetuity:2000 fern:2000 logistic_breast_cancer:100 mlp_digits_trained:8 passes_tanh:64" build/clang/foldback

say "address and undefined-behaviour sanitizers"
configure_and_build asan test_sim test_models test_analysis test_runs foldback
export RC_PARAMS="seed=20260330"  # as ctest sets it
export LSAN_OPTIONS="suppressions=$root/tests/soak/leaks.supp"
for folder in sim models analysis runs; do build/asan/tests/test_"$folder"; done
build/asan/foldback run runs/quickstart.toml --force --quiet --set ensemble.replicas=500 -o build/asan/quickstart.h5

say "thread sanitizer, on std::thread (oneTBB as Debian builds it makes false reports)"
configure_and_build tsan test_sim
build/tsan/tests/test_sim -tc='kernels: one kernel*'

say "line coverage of sim, models and analysis"
configure_and_build coverage test_sim test_models test_analysis test_runs foldback
for folder in sim models analysis runs; do build/coverage/tests/test_"$folder" >/dev/null; done
for run in quickstart exact_sampling sweep_lambda; do
    build/coverage/foldback run "runs/$run.toml" --force --quiet --set ensemble.replicas=2000 -o build/coverage/run.h5
done
gcovr --root . --filter 'sim/' --filter 'models/' --filter 'analysis/' --exclude-unreachable-branches --fail-under-line 90 build/coverage | tail -n 4

say "scripts of tests/soak"
exec ctest --test-dir build/release --no-tests=error --output-on-failure -L soak
