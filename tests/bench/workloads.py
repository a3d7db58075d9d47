"""The workloads W1 to W5b: what is computed, by whom, what is right, and what foldback aims at."""
from dataclasses import dataclass, field

import numpy as np

import moments
from contenders import Alternative, Foldback, Job, Xmds


@dataclass
class Goal:
    """foldback run takes at most 1/ratio of the time of the fastest alternative of these kinds."""
    ratio: float
    kinds: tuple = ("sequential", "counter-based")

    def __str__(self):
        return f"{self.ratio:g} times the best " + ("alternative" if len(self.kinds) > 1 else f"{self.kinds[0]} one")


@dataclass
class Workload:
    name: str
    what: str
    unit: str
    contenders: list
    goals: list
    limit: float  # ns on the host of the design measurements, where a 64-bit word of Philox took 0.89 ns
    right: moments.Moments | None = None
    notes: list = field(default_factory=list)


def at(n):
    return f"{{ at = [{n}] }}"


def steps_of(text):
    return int(text.split("[")[1].split("]")[0])


def by_steps(program, job, replicas, steps):
    """foldback at so many steps, and at half of them."""
    return Foldback(program, job, (replicas, at(steps)), (replicas, at(steps // 2)), lambda r, text: r * steps_of(text))


COUNTER = {"kind": "counter-based"}


def bernoulli(program, folder, size):
    replicas, steps = size(100_000), 1000
    job = Job('[model]\nkind = "bernoulli_convolution"\nlambda = 0.5\n')
    return Workload(
        "W1", "Bernoulli convolution at 1/2, 1000 steps", "ns per map-step",
        [by_steps(program, job, size(4_000_000), steps),
         Alternative("NumPy, packed bits", "numpy_bernoulli", replicas, steps),
         Alternative("Numba, packed bits", "numba_bernoulli", replicas, steps),
         Alternative("PyTorch, packed bits", "torch_bernoulli", replicas, steps),
         Alternative("C++, Boost.Random", "cpp_boost_bernoulli", replicas, steps),
         Alternative("C++, Random123, packed bits", "cpp_eigen_bernoulli", replicas, steps, **COUNTER),
         Alternative("C++, xoshiro256++, packed bits", "cpp_xoshiro_bernoulli", replicas, steps),
         Alternative("(an expert's C++: blocked Eigen arrays)", "cpp_blocked_bernoulli", replicas, steps, kind="expert")],
        [Goal(10)], 0.082, moments.affine_law(0.5, 0.25, steps),
        ["The expert's loop is written for this one map, its replicas blocked by hand so that states and packed coins stay in "
         "registers and first-level cache. It shows what this processor allows; it is no alternative of the goal's kind."])


def autoregressive(program, folder, size):
    replicas, steps = size(100_000), 1000
    job = Job('[model]\nkind = "autoregressive"\na = 0.9\ns = 1.0\n')
    return Workload(
        "W2", "AR(1) with Gaussian noise, 1000 steps", "ns per map-step",
        [by_steps(program, job, size(1_000_000), steps),
         Alternative("NumPy, PCG64", "numpy_autoregressive", replicas, steps, "PCG64"),
         Alternative("NumPy, Philox", "numpy_autoregressive", replicas, steps, "Philox", **COUNTER),
         Alternative("Numba", "numba_autoregressive", replicas, steps),
         Alternative("PyTorch", "torch_autoregressive", replicas, steps),
         Xmds("XMDS2, SIMD noise"),
         Alternative("C++, Boost.Random", "cpp_boost_autoregressive", replicas, steps),
         Alternative("C++, Eigen + Random123", "cpp_eigen_autoregressive", replicas, steps, **COUNTER),
         Alternative("C++, xoshiro256++ and ziggurat", "cpp_xoshiro_autoregressive", replicas, steps)],
        [Goal(2, ("sequential",)), Goal(5, ("counter-based",))], 1.6, moments.affine_law(0.9, 1.0, steps))


def write_data(folder, name, features, targets):
    """For the alternatives as binary numbers, for foldback as CSV with all digits; both paths."""
    binary, csv = folder / f"{name}.bin", folder / f"{name}.csv"
    np.concatenate([features.reshape(-1), targets]).tofile(binary)
    rows = [",".join(repr(float(x)) for x in (*row, y)) for row, y in zip(features, targets)]
    csv.write_text(",".join([f"x{i}" for i in range(features.shape[1])] + ["y"]) + "\n" + "\n".join(rows) + "\n")
    return binary, csv


def sgd(program, folder, size, logistic):
    loss, h = ("logistic", 0.1) if logistic else ("least_squares", 0.05)
    rng = np.random.default_rng(7)
    features, weights = rng.standard_normal((1000, 10)), rng.standard_normal(10) / np.sqrt(10)
    scores = features @ weights
    targets = (rng.random(1000) < 1 / (1 + np.exp(-2 * scores))) * 1.0 if logistic else scores + 0.5 * rng.standard_normal(1000)
    binary, csv = write_data(folder, loss, features, targets)
    job = Job(f'[model]\nkind = "sgd"\nstep = {h}\nbatch = 1\n[model.loss]\nkind = "{loss}"\n[model.data]\nfile = "{csv}"\n'
              + ('labels = [0, 1]\n' if logistic else ""), start="[" + repr([0.0] * 10) + "]")
    replicas, steps = size(10_000), 1000
    alternatives = [Alternative(name, program_, replicas, steps, loss, binary, **more) for name, program_, more in
                    [("NumPy", "numpy_sgd", {}), ("Numba", "numba_sgd", {}), ("PyTorch", "torch_sgd", {}),
                     ("C++, Boost.Random", "cpp_boost_sgd", {}), ("C++, Eigen + Random123", "cpp_eigen_sgd", COUNTER),
                     ("C++, xoshiro256++", "cpp_xoshiro_sgd", {})]]
    return Workload(
        "W3-logistic" if logistic else "W3", f"SGD, batch 1, 10 weights, 1000 rows, {loss.replace('_', ' ')}, 1000 steps", "ns per step",
        [by_steps(program, job, size(100_000), steps), *alternatives], [Goal(3)], 2.9 if logistic else 2.3,
        None if logistic else moments.least_squares_law(features, targets, h, steps))


def passes(program, folder, size):
    rng = np.random.default_rng(11)
    features = rng.standard_normal((1000, 16))
    binary, csv = write_data(folder, "passes", features, 0.5 * np.tanh(features[:, 0]) + 0.1 * rng.standard_normal(1000))
    start = np.array([np.linalg.qr(rng.standard_normal((16, 16)))[0] for _ in range(8)]).reshape(-1)
    start.tofile(folder / "start.bin")
    perturbed = "".join(f'[[model.loss.perturbations]]\npass = "{side}"\nkind = "gaussian"\namplitude = 0.01\n'
                        for side in ("forward", "backward"))
    job = Job('[model]\nkind = "sgd"\nstep = 0.01\nbatch = 1\n[model.loss]\nkind = "composite"\n[[model.loss.operators]]\nkind = "tanh"\n'
              f'width = 16\nrepeat = 8\n[[model.loss.operators]]\nkind = "squared"\n{perturbed}[model.data]\nfile = "{csv}"\n',
              start=repr([start.tolist()]))
    replicas, steps = size(512), 100
    alternatives = [Alternative(name, program_, replicas, steps, binary, folder / "start.bin", **more) for name, program_, more in
                    [("NumPy", "numpy_passes", {}), ("Numba", "numba_passes", {}), ("PyTorch", "torch_passes", {}),
                     ("C++, Boost.Random", "cpp_boost_passes", {}), ("C++, Eigen + Random123", "cpp_eigen_passes", COUNTER)]]
    return Workload("W4", "SGD, 8 tanh operators of width 16, batch 1, both passes perturbed, 100 steps", "ns per step",
                    [by_steps(program, job, size(4_096), steps), *alternatives], [Goal(5)], 660)


def log_spaced(last, count):
    """So many different integers from 1 to last, as evenly on a logarithmic scale as integers can be."""
    for points in range(count, 100 * count):
        found = np.unique(np.round(np.geomspace(1, last, points)).astype(int))
        if len(found) == count:
            return found.tolist()
    raise ValueError(f"there are no {count} integers from 1 to {last}")


def backward(program, folder, size, every):
    last, reported = 2000, log_spaced(2000, 64)
    listed = ",".join(map(str, reported))
    steps = '{ last = 2000, spacing = "every" }' if every else f"{{ at = [{listed}] }}"
    per_replica = last if every else len(reported)
    more = ("all" if every else "reported", listed)
    many = 1 if every else 16
    job = Job('[model]\nkind = "sine"\na = 0.9\ns = 0.5\n', order="backward")
    replicas = size(4_000 * (1 if every else 4))
    return Workload(
        "W5" if every else "W5b", "backward iterates of x -> 0.9 sin x + 0.5 N, " + ("all n = 1 to 2000" if every else "64 log-spaced n to 2000"),
        "ns per iterate",
        [Foldback(program, job, (replicas, steps), (replicas // 2, steps), lambda r, _: r * per_replica, at=reported),
         Alternative("NumPy, one sweep", "numpy_backward", size(64 * many), last, *more, per_replica=per_replica),
         Alternative("Numba, recomposition", "numba_backward", size(64 * many), last, *more, per_replica=per_replica, kind="Numba"),
         Alternative("C++, SIMD recomposition", "cpp_simd_backward", size(256 * many), last, *more, per_replica=per_replica, kind="SIMD")],
        [Goal(10, ("SIMD",)), Goal(100, ("Numba",))] if every else [], 44 if every else 100, moments.sine_law(0.9, 0.5, reported))


WORKLOADS = {
    "W1": bernoulli,
    "W2": autoregressive,
    "W3": lambda *arguments: sgd(*arguments, logistic=False),
    "W3-logistic": lambda *arguments: sgd(*arguments, logistic=True),
    "W4": passes,
    "W5": lambda *arguments: backward(*arguments, every=True),
    "W5b": lambda *arguments: backward(*arguments, every=False),
}
