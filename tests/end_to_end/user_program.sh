#!/usr/bin/env bash
# An installed foldback serves a program outside the tree, with a model and an order of its own, by find_package. The order
# is the one that sim/README.md shows.
set -euo pipefail
rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"
cmake --install "$FOLDBACK_BUILD" --prefix "$SCRATCH/prefix" >install.log
cp -r "$FOLDBACK_SOURCE/tests/end_to_end/user_program" source
sed -n '/^```cpp$/,/^```$/p' "$FOLDBACK_SOURCE/sim/README.md" | grep -v '^```' >source/swapped.hpp
cmake -S source -B build -G Ninja -DCMAKE_PREFIX_PATH="$SCRATCH/prefix" >configure.log
cmake --build build
cat >walk.toml <<'TOML'
[model]
kind = "folded_walk"
a    = 0.5
[ensemble]
seed     = 7
replicas = 1000
starts   = [0.0, 3.0]
orders   = ["forward", "backward", "swapped", "window_3"]
steps    = { last = 100, spacing = "log", count = 12 }
TOML
build/my_foldback list models | grep -q '^folded_walk '
build/my_foldback list orders | grep -q '^swapped '
build/my_foldback run walk.toml
build/my_foldback verify out/walk.h5 --json >verdicts.json
/usr/bin/python3 - <<'PY'
import json
claims = {c["id"]: c["verdict"] for c in json.load(open("verdicts.json"))["points"][0]["claims"]}
assert claims["backward-point-spread"] == "holds", claims
assert "violated" not in claims.values(), claims
import h5py
with h5py.File("out/walk.h5") as f:
    assert f["swapped/state"].shape == f["forward/state"].shape, f["swapped/state"].shape
    step = list(f["forward/step"][()])
    two, one = step.index(2), step.index(1)
    assert (f["swapped/state"][:, :, one] == f["forward/state"][:, :, one]).all()
    assert (f["swapped/state"][:, :, two] == f["backward/state"][:, :, two]).all()
evaluation = json.load(open("verdicts.json"))["points"][0]["claims"]
cases = {cell["case"] for c in evaluation if c["id"] == "law-equality" for cell in c["cells"]}
assert any(case.startswith("KS, swapped") for case in cases), cases
PY
# The installed program draws with the installed script.
prefix/bin/foldback plot out/walk.h5 --figure paths --output pictures 2>plot.err || { grep -q 'record.paths' plot.err || { cat plot.err; exit 1; }; }
