#!/usr/bin/env bash
# Installs what is missing, builds foldback, runs and verifies the main job, draws its pictures.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bash runs/install_dependencies.sh build
mkdir -p build
# The program alone: the tests' own packages are not needed here, and a build that has them keeps them.
[ -f build/release/CMakeCache.txt ] || tests=-DFOLDBACK_TESTS=OFF
cmake --preset release ${tests:-} >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 3; }
cmake --build --preset release --target foldback -j2 >build/build.log 2>&1 || { tail -n 40 build/build.log >&2; exit 3; }
foldback=build/release/foldback
"$foldback" run runs/quickstart.toml --force
echo
echo "Checked once more from the file alone:"
"$foldback" verify runs/out/quickstart.h5 | grep "^Claims:"
"$foldback" plot runs/out/quickstart.h5 --format png --output runs/out/quickstart
echo "file:     $root/runs/out/quickstart.h5"
echo "pictures: $root/runs/out/quickstart/"
