"""The benchmarks without their clock: the exact laws, the comparison of moments, the tables; and that the alternatives which need no
further package, and foldback on the same workload, compute what they should."""
import itertools
import pathlib
import subprocess
import sys
import types

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "end_to_end")]

import numpy as np

import compare
import moments
import table
from _foldback import FOLDBACK, Checks, scratch
from contenders import Alternative, ContenderError, Foldback, Round
from moments import Moments
from workloads import WORKLOADS, Goal, log_spaced


def close(found, wanted, tolerance=1e-12):
    return np.allclose(found, wanted, rtol=tolerance, atol=tolerance)


def exact_laws(checks):
    law = moments.affine_law(0.5, 0.25, 2)
    checks(close(law.variance, 0.25 + 0.25 * 0.25), f"affine law, two steps: variance {law.variance}")

    features, targets, h, steps = np.array([[1.0, 2.0], [-1.0, 0.5], [0.5, 0.25]]), np.array([1.0, -2.0, 0.5]), 0.1, 3
    ends = []
    for rows in itertools.product(range(3), repeat=steps):
        theta = np.zeros(2)
        for row in rows:
            theta = theta - h * (features[row] @ theta - targets[row]) * features[row]
        ends.append(theta)
    law = moments.least_squares_law(features, targets, h, steps)
    checks(close(law.mean, np.mean(ends, axis=0)), f"least squares, all 27 paths: mean {law.mean}")
    checks(close(law.variance, np.var(ends, axis=0)), f"least squares, all 27 paths: variance {law.variance}")

    # After one step normal of variance s^2, of which E sin^2 = (1 - e^(-2 s^2)) / 2.
    law = moments.sine_law(0.9, 0.5, [1, 2])
    checks(close(law.variance[0], 0.25, 1e-9) and close(law.fourth[0], 3 / 16, 1e-9), f"sine, one step: {law.variance[0]}, {law.fourth[0]}")
    checks(close(law.variance[1], 0.81 * (1 - np.exp(-0.5)) / 2 + 0.25, 1e-9), f"sine, two steps: {law.variance[1]}")
    checks(close(law.mean, 0, 1e-9), f"sine: mean {law.mean}")


def sample(rng, replicas=4000, mean=0.0, scale=1.0):
    x = mean + scale * rng.standard_normal((replicas, 3))
    away = (x - x.mean(axis=0)) ** 2
    return Moments(replicas, x.mean(axis=0), away.mean(axis=0), (away ** 2).mean(axis=0))


def agreement(checks):
    """Level 1e-6 for all tests of a call. N = 4000: a mean off by 8/sqrt(N) and a deviation 8/sqrt(2 N) too large must be seen."""
    rng = np.random.default_rng(3)
    right = Moments(np.inf, np.zeros(3), np.ones(3), None)
    fine = {str(k): sample(rng) for k in range(5)}
    checks.equal(moments.disagreements(fine, right), [], "samples of the law")
    checks.equal(moments.disagreements(fine), [], "samples of one law, which is not known")
    for name, wrong in {"mean": sample(rng, mean=8 / 4000 ** 0.5), "variance": sample(rng, scale=1 + 8 / 8000 ** 0.5)}.items():
        for law, reference in (("known", right), ("unknown", None)):
            lines = moments.disagreements({**fine, "wrong": wrong}, reference)
            checks(len(lines) == 1 and lines[0].startswith("wrong: ") and f"{name} of component" in lines[0], f"a wrong {name}, law {law}: {lines}")
    broken = sample(rng)
    broken.mean[1] = np.nan
    checks(len(moments.disagreements({**fine, "broken": broken}, right)) == 1, "NaN is not noticed")
    short = Moments(4000, np.zeros(2), np.ones(2), 3 * np.ones(2))
    checks(len(moments.disagreements({**fine, "short": short}, right)) == 1, "a missing component is not noticed")
    two = [Moments(1, np.array([m]), np.zeros(1), np.zeros(1)) for m in (-1.0, 1.0)]
    checks(close(moments.pooled(two).fourth, 1), f"fourth moment of two points: {moments.pooled(two)}")
    pool = moments.pooled([Moments(1, np.array([0.0]), np.array([1.0]), np.array([3.0])), Moments(3, np.array([4.0]), np.array([1.0]), np.array([3.0]))])
    checks(close(pool.mean, 3) and close(pool.variance, 1 + 3) and close(pool.fourth, (138 + 3 * 10) / 4), f"pooled: {pool}")
    checks(close(moments.threshold(1, 0.05), 1.959964, 1e-6) and close(moments.threshold(10, 0.05), 2.807034, 1e-6), "thresholds")


def tables(checks):
    for value, text in ((0.12345, "0.123"), (9.9961, "10.00"), (12.345, "12.3"), (123.45, "123"), (12345.6, "12,346"), (0, "0"), (-0.5, "-0.500")):
        checks.equal(table.figures(value), text, f"figures({value})")
    costs = {"ours": [1.0, 2.0, 4.0], "slow": [10.0, 18.0, 44.0], "slower": [30.0, 60.0, 120.0]}
    kinds = {"ours": "foldback", "slow": "sequential", "slower": "counter-based"}
    checks.equal(table.ratios(costs, "slow", "ours"), [10, 9, 11], "ratios are taken within a round")
    for goal, verdict in ((Goal(10), ": met."), (Goal(10.5), ": **missed**."), (Goal(30, ("counter-based",)), ": met."), (Goal(31, ("counter-based",)), ": **missed**.")):
        line = table.goal_line(goal, costs, kinds, "ours")
        checks(line.endswith(verdict), f"{line} instead of {verdict}")
    lines = table.cost_table("ns", costs, ["ours"]).splitlines()
    checks.equal([line.split("|")[1].strip() for line in lines[2:]], ["ours", "slow", "slower"], "rows in the order of their cost")
    checks("10.0 [9.50, 10.5]" in lines[3], f"median and quartiles: {lines[3]}")
    for last, count in ((2000, 64), *itertools.product(range(10, 60, 7), range(2, 10))):
        grid = log_spaced(last, count)
        checks(len(set(grid)) == count and grid == sorted(grid) and (grid[0], grid[-1]) == (1, last), f"{count} log-spaced steps to {last}: {grid}")


class Scripted:
    """A contender that notes its turns."""
    kind = "sequential"

    def __init__(self, name, turns, mean=0.0):
        self.name, self.rows, self.turns, self.mean = name, [name], turns, mean

    def start(self, folder):
        self.turns.append(f"start {self.name}")

    def round(self):
        self.turns.append(self.name)
        return Round({self.name: float(len(self.turns))}, Moments(1000, np.array([self.mean]), np.ones(1), 3 * np.ones(1)))

    def stop(self):
        self.turns.append(f"stop {self.name}")


def turns(checks):
    law = Moments(np.inf, np.zeros(1), np.ones(1), None)
    seen = []
    costs, wrong = compare.interleaved(types.SimpleNamespace(contenders=[Scripted(n, seen) for n in "abc"], right=law), None, 3)
    checks.equal("".join(turn for turn in seen if len(turn) == 1), "abc" + "abc" + "bca" + "cab", "one round to check, then timed ones, rotated")
    checks.equal((wrong, [len(c) for c in costs.values()]), ([], [3, 3, 3]), "costs by round")
    seen = []
    costs, wrong = compare.interleaved(types.SimpleNamespace(contenders=[Scripted("a", seen), Scripted("b", seen, 0.5)], right=law), None, 3)
    checks(len(wrong) == 1 and wrong[0].startswith("b: ") and costs == {"a": [], "b": []}, f"nobody is timed where one is wrong: {wrong}, {costs}")
    checks.equal(seen[-2:], ["stop a", "stop b"], "all are stopped")


COMPILED = ["cpp_xoshiro_bernoulli", "cpp_xoshiro_autoregressive", "cpp_xoshiro_sgd", "cpp_boost_passes", "cpp_simd_backward"]

# What NumPy is given instead of the right arguments (place: value), for the negative controls.
WRONG = {"W1": {1: 1}, "W2": {1: 1}, "W3": {3: "logistic"}, "W5": {4: ",".join(["1"] * 64)}, "W5b": {4: ",".join(["1"] * 64)}}


def of_numpy(contender):
    return getattr(contender, "program", "").startswith("numpy_")


def alternatives(checks, folder):
    """Level 1e-6 by workload; the negative controls are NumPy's programs with a wrong argument, at the same number of replicas."""
    subprocess.run(["bash", HERE / "build_alternatives.sh", folder, *COMPILED], check=True)
    for name, make in WORKLOADS.items():
        workload = make(FOLDBACK, folder, lambda replicas: max(256, replicas // 20))
        workload.contenders = [c for c in workload.contenders if isinstance(c, Foldback) or of_numpy(c) or getattr(c, "program", "") in COMPILED]
        checks(len(workload.contenders) >= 3, f"{name}: only {[c.name for c in workload.contenders]}")
        checks.equal(compare.interleaved(workload, folder, 0)[1], [], name)
        if not workload.right:
            continue
        control = next(filter(of_numpy, workload.contenders))
        for place, value in WRONG[name].items():
            control.arguments[place] = value
        control.start(folder)
        found = moments.disagreements({control.name: control.round().moments}, workload.right)
        control.stop()
        checks(len(found) == 1 and found[0].startswith(control.name), f"{name}: the negative control is not noticed: {found}")


def errors(checks, folder):
    broken = Alternative("no data", "cpp_xoshiro_sgd", 10, 10, "logistic", folder / "nothing.bin")
    broken.start(folder)
    try:
        broken.round()
        checks(False, "an alternative that fails is not noticed")
    except ContenderError as error:
        checks.holds(str(error), "no data", "exit code 3", what="an alternative that fails")
    broken.stop()
    done = subprocess.run([sys.executable, HERE / "compare.py", "--program", FOLDBACK, "--folder", folder, "--rounds", "0"], capture_output=True, text=True, check=False)
    checks.equal(done.returncode, 2, "--rounds 0")
    checks.holds(done.stderr, "--rounds must be at least 1", what="--rounds 0")
    (folder / "b.md").write_text("second\n")
    (folder / "a.md").write_text("first\n")
    compare.assemble(folder, folder / "all.md", ["a", "missing", "b"])
    text = (folder / "all.md").read_text()
    checks(text.startswith("# Benchmarks") and text.endswith("\n\nfirst\n\nsecond\n"), f"assembled: {text[-60:]!r}")


def main():
    checks, folder = Checks(), scratch()
    for test in (exact_laws, agreement, tables, turns):
        test(checks)
    for test in (alternatives, errors):
        test(checks, folder)
    checks.finish("laws, agreement, tables, and alternatives that compute what they should")


main()
