"""/distance: the distances that numpy finds in the states, within their limits; the limits hold the true distance."""
import pathlib
import os

import h5py
import numpy as np

from _foldback import foldback

SCRATCH = pathlib.Path(os.environ["SCRATCH"])
SCALAR = """
[model]
kind = "autoregressive"
a = 0.9
s = 1.0
[ensemble]
seed = 61
replicas = 8_000
starts = [5.0]
steps = { at = [1, 5, 20, 200] }
[record]
states = true
"""
PLANE = """
[model]
kind = "vector_autoregressive"
A = [[0.5, 0.2], [0.0, 0.6]]
S = [[1.0, 0.0], [0.0, 1.0]]
[ensemble]
seed = 62
replicas = 6_000
starts = [[4.0, 0.0]]
steps = { at = [1, 30] }
[record]
states = true
"""


def run(name, text):
    (SCRATCH / f"{name}.toml").write_text(text)
    foldback("run", SCRATCH / f"{name}.toml", "-o", SCRATCH / f"{name}.h5", "--force", "--quiet")
    return h5py.File(SCRATCH / f"{name}.h5")


def halves(file, order, step):
    states = file[f"{order}/state"][:, 0, step, :]
    return states[: len(states) // 2], states[len(states) // 2:]


def on_the_line():
    file = run("scalar", SCALAR)
    table = {name: file[f"distance/{name}"][()] for name in file["distance"] if file[f"distance/{name}"].ndim == 3}
    assert set(table) == {d + c for d in ("w1", "w2", "ks") for c in ("", "_lower", "_upper", "_floor")}, table.keys()
    limit = np.sort(halves(file, "backward", 3)[1][:, 0])
    stationary = 1 / np.sqrt(1 - 0.9**2)
    for o, order in enumerate(("forward", "backward")):
        for c, n in enumerate((1, 5, 20, 200)):
            x = np.sort(halves(file, order, c)[0][:, 0])
            np.testing.assert_allclose(table["w1"][o, 0, c], np.abs(x - limit).mean(), rtol=1e-12)
            np.testing.assert_allclose(table["w2"][o, 0, c], np.sqrt(((x - limit)**2).mean()), rtol=1e-12)
            for d in ("w1", "w2", "ks"):
                value, low, high = (table[d + end][o, 0, c] for end in ("", "_lower", "_upper"))
                assert 0 <= low <= value <= high, (d, order, n)
            # Between two normal laws: W_2^2 = (difference of means)^2 + (difference of standard deviations)^2.
            mean, sd = 5 * 0.9**n, stationary * np.sqrt(1 - 0.9**(2 * n))
            true = np.hypot(mean, sd - stationary)
            assert table["w2_lower"][o, 0, c] <= true <= table["w2_upper"][o, 0, c] + table["w2_floor"][o, 0, c], (order, n)
        assert table["w1_lower"][o, 0, 3] == 0 < table["w1_lower"][o, 0, 0], "a distance of 0 has 0 in its limits, 4 has not"


def in_the_plane():
    file = run("plane", PLANE)
    assert {"sliced", "sliced_lower", "sliced_upper", "sliced_floor"} <= set(file["distance"])
    value, low, high, floor = (file[f"distance/sliced{end}"][0, 0] for end in ("", "_lower", "_upper", "_floor"))
    assert (low <= value).all() and (value <= high).all()
    assert low[0] > 0.3 and low[1] == 0 and value[1] < 3 * floor[1], (low, value, floor)


if __name__ == "__main__":
    SCRATCH.mkdir(parents=True, exist_ok=True)
    on_the_line()
    in_the_plane()
    print("/distance holds what numpy finds, and the true distances")
