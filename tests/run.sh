#!/usr/bin/env bash
# Installs what is missing, builds, runs all tests. --soak adds sanitizers, coverage, clang and the long tests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
soak=false
for argument in "$@"; do
    case "$argument" in
        --soak) soak=true ;;
        *) echo "tests/run.sh: unknown argument '$argument'; the only one is --soak" >&2; exit 2 ;;
    esac
done
bash runs/install_dependencies.sh build tests
mkdir -p build
cmake --preset release -DFOLDBACK_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
cmake --build --preset release -j2
$soak && exec bash tests/soak/run.sh
exec ctest --test-dir build/release --no-tests=error --output-on-failure -j2 -LE soak
