#!/usr/bin/env bash
# Times foldback against its alternatives (W1 to W6), interleaved in one session, and writes runs/benchmarks.md.
# --only PART... (W1 W2 W3 W3-logistic W4 W5 W5b W6 whole-process start-up scaling profiles), --rounds N, --quick, --scaling,
# --profiles, --output FILE; --help has them all. FOLDBACK names another program than build/release/foldback.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
folder=$root/build/bench
mkdir -p "$folder"
bash runs/install_dependencies.sh build bench
program=${FOLDBACK:-$root/build/release/foldback}
if [ -z "${FOLDBACK:-}" ]; then
    cmake --preset release >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log"; exit 1; }
    cmake --build --preset release -j2 --target foldback
fi
bash tests/bench/build_alternatives.sh "$folder"
export PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 tests/bench/compare.py --program "$program" --folder "$folder" "$@"
