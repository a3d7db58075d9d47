#!/usr/bin/python3
"""synthetic_file.py OUT [CASE]: a file in foldback's format, small, made without the program, for tests of its readers.

The data are simulated here in numpy: forward and backward compositions of the same maps, the backward ones by the
coalescing sweep, so pictures drawn from the file are truthful. Cases: bernoulli, bernoulli_log, fern, random_slope.
The claims hold measured values of these data against the exact bounds, with plain normal intervals.
"""
import json
import sys

import h5py
import numpy as np

FLAGS = "not_applicable unresolved inconclusive holds consistent violated"
TEXT = h5py.string_dtype("utf-8")


class Bernoulli:
    kind, metric, rho = "bernoulli_convolution", "euclidean", None

    def __init__(self, slope=0.5):
        self.slope, self.rho = slope, slope
        self.parameters = {"lambda": slope}

    def draw(self, random, replicas, steps):
        return {"s": random.choice([-1.0, 1.0], (replicas, steps))}

    def apply(self, drawn, i, x):
        return self.slope * x + (1 - self.slope) * drawn["s"][:, i][:, None, None, None]

    def lipschitz(self, drawn):
        return np.full_like(drawn["s"], self.slope)


class RandomSlope(Bernoulli):
    """x -> U x + N(0, 1): contracts on average, at a random rate."""
    kind = "affine_uniform_slope"

    def __init__(self):
        self.parameters, self.rho = {"noise": 1.0}, 3**-0.5

    def draw(self, random, replicas, steps):
        return {"u": random.random((replicas, steps)), "s": random.standard_normal((replicas, steps))}

    def apply(self, drawn, i, x):
        column = (slice(None), i)
        return drawn["u"][column][:, None, None, None] * x + drawn["s"][column][:, None, None, None]

    def lipschitz(self, drawn):
        return drawn["u"]


class Fern:
    """Barnsley's."""
    kind, metric = "affine", "euclidean"
    weight = np.array([0.01, 0.85, 0.07, 0.07])
    A = np.array([[[0, 0], [0, 0.16]], [[0.85, 0.04], [-0.04, 0.85]], [[0.2, -0.26], [0.23, 0.22]],
                  [[-0.15, 0.28], [0.26, 0.24]]])
    b = np.array([[0, 0], [0, 1.6], [0, 1.6], [0, 0.44]])

    def __init__(self):
        self.parameters = {"weight": self.weight, "A": self.A, "b": self.b}
        self.norms = np.linalg.norm(self.A, 2, axis=(1, 2))
        self.rho = float(np.sqrt(self.weight @ self.norms**2))

    def draw(self, random, replicas, steps):
        return {"map": random.choice(4, (replicas, steps), p=self.weight)}

    def apply(self, drawn, i, x):
        chosen = drawn["map"][:, i]
        return np.einsum("rij,rsnj->rsni", self.A[chosen], x) + self.b[chosen][:, None, None, :]

    def lipschitz(self, drawn):
        return self.norms[drawn["map"]]


def fold_forward(model, drawn, starts, replicas, last):
    """(replica, start, n = 0..last, component)"""
    x = np.broadcast_to(starts[None, :, None, :], (replicas, len(starts), 1, starts.shape[1])).astype(float)
    states = [x]
    for i in range(last):
        states.append(model.apply(drawn, i, states[-1]))
    return np.concatenate(states, axis=2)


def fold_backward(model, drawn, starts, replicas, last):
    """The same for backward: one sweep from the last map to the first that carries every B_n at once."""
    states = np.empty((replicas, len(starts), last + 1, starts.shape[1]))
    states[:] = starts[None, :, None, :]
    for i in reversed(range(last)):
        states[:, :, i + 1:] = model.apply(drawn, i, states[:, :, i + 1:])
    return states


CASES = {
    "bernoulli": (Bernoulli, [[-1.0], [1.0]], np.arange(1, 81), 800),
    "bernoulli_log": (Bernoulli, [[-1.0], [1.0]], np.unique(np.round(np.logspace(0, 3, 32))).astype(np.int64), 600),
    "random_slope": (RandomSlope, [[2.0]], np.arange(4, 81, 4), 1000),
    "fern": (Fern, [[0.0, 0.0]], np.arange(5, 151, 5), 4000),
}


class Writer:
    """Datasets with named axes; a group's scales are made once, `replica` stands at the root."""

    def __init__(self, file):
        self.file = file

    def scale(self, group, name, values):
        dataset = group.create_dataset(name, data=values, track_times=False)
        dataset.make_scale(name)
        return dataset

    def put(self, path, axes, values, long_name, units="1", dtype=None):
        dataset = self.file.create_dataset(path, data=values if dtype is None else np.asarray(values, dtype))
        dataset.attrs["long_name"] = long_name
        dataset.attrs["units"] = units
        group = dataset.parent
        for i, axis in enumerate(axes):
            at = group
            while axis not in at:
                at = at.parent
            dataset.dims[i].attach_scale(at[axis])
            dataset.dims[i].label = axis
        return dataset


def norm_interval(d, p):
    """p-norm over replicas (axis 0) with a normal interval at three standard errors of the p-th moment."""
    m, e = (d**p).mean(axis=0), 3 * (d**p).std(axis=0) / np.sqrt(len(d))
    return m**(1 / p), np.maximum(m - e, 0)**(1 / p), (m + e)**(1 / p)


def put_claim(writer, name, labels, axis, rows, verdicts, failed=""):
    """rows: measured, lower, upper, bound, each (case, axis)."""
    group = writer.file["claims"].create_group(name, track_order=True)
    group.attrs.update({"statement": f"{name} of theory.md", "source": "D25", "assumptions": "rho < 1",
                        "failed_assumption": failed})
    writer.scale(group, "case", np.arange(len(labels), dtype=np.int64))
    writer.scale(group, "step", np.asarray(axis, dtype=np.int64))
    label = group.create_dataset("case_label", data=np.array(labels, dtype=object), dtype=TEXT)
    label.dims[0].attach_scale(group["case"])
    measured, lower, upper, bound = (np.asarray(r, dtype=float) for r in rows)
    tightness = np.divide(measured, bound, out=np.full_like(measured, np.nan), where=bound != 0)
    for key, values in (("measured", measured), ("lower", lower), ("upper", upper), ("bound", bound),
                        ("tightness", tightness)):
        writer.put(f"claims/{name}/{key}", ("case", "step"), values, key)
    cells = writer.put(f"claims/{name}/verdict", ("case", "step"), verdicts, "verdict", dtype=np.int8)
    cells.attrs["flag_values"] = np.arange(6, dtype=np.int8)
    cells.attrs["flag_meanings"] = FLAGS
    found = np.unique(verdicts)
    worst = next((v for v in (5, 2, 3, 4, 1, 0) if v in found), 0)
    group.create_dataset("overall", data=np.int8(worst))


def kolmogorov(x, y):
    """The largest difference between the distribution functions of two samples, ties included."""
    if not len(x) or not len(y):
        return 0.0
    x, y = np.sort(x), np.sort(y)
    grid = np.concatenate([x, y])
    return np.abs(np.searchsorted(x, grid, "right") / len(x) - np.searchsorted(y, grid, "right") / len(y)).max()


def put_claims(writer, model, starts, steps, forward, backward, displacement, next_norm):
    """forward, backward: every step; displacement: D_2 per start."""
    writer.file.create_group("claims", track_order=True)
    last, n = int(steps[-1]), len(steps)
    names = [str(v[0]).replace(".0", "") if len(v) == 1 else "(" + ", ".join(f"{c:g}" for c in v) + ")" for v in starts]
    labels = [f"p = 2, start {s}" for s in names]
    even, odd = forward[::2, 0, :, 0], backward[1::2, 0, :, 0]
    ks = np.array([kolmogorov(np.round(even[:, k], 12), np.round(odd[:, k], 12)) for k in steps])
    band = np.sqrt(np.log(2000.0) / len(even))
    put_claim(writer, "law-equality", ["start " + names[0] + ", component 0"], steps,
              [[ks], [np.maximum(ks - band, 0)], [ks + band], [np.zeros(n)]],
              np.where(ks < band, 4, 5)[None, :].astype(int))
    increment = np.linalg.norm(np.diff(backward, axis=2), axis=3)
    to_limit = np.linalg.norm(backward - backward[:, :, -1:], axis=3)
    for name, states, factor in (("backward-increment", increment, 1.0), ("backward-limit", to_limit, 1 - model.rho)):
        index = np.minimum(steps, states.shape[2] - 1)
        rows = np.stack([np.stack(norm_interval(states[:, s][:, index], 2)) for s in range(len(starts))], axis=1)
        bound = np.array([[d * model.rho**k / factor for k in steps] for d in displacement])
        verdict = np.where(rows[2] <= bound * 1.05, 3, np.where(rows[1] > bound * 1.05, 5, 2))
        verdict = np.where(rows[0] < 1e-14, 1, verdict)
        put_claim(writer, name, labels, steps, [*rows, bound], verdict)
    square = (np.linalg.norm(np.diff(forward, axis=2), axis=3)**2)[:, :, np.minimum(steps, last - 1)]
    mean, error = square.mean(axis=0), 3 * square.std(axis=0) / np.sqrt(len(square))
    floor = np.full_like(mean, next_norm)
    put_claim(writer, "forward-floor", [f"start {s}" for s in names], steps, [mean, mean - error, mean + error, floor],
              np.where(np.abs(mean - floor) <= error, np.where(error < 0.05 * floor, 4, 2), 1))
    nothing = np.full((1, 1), np.nan)
    put_claim(writer, "tail-index", ["component 0"], [last], [nothing] * 4, np.zeros((1, 1)),
              failed="no alpha > 0 with E|a|^alpha = 1: every map contracts, so all moments are finite")
    put_claim(writer, "exact-law", ["component 0"], [last], [nothing] * 4, np.ones((1, 1)))
    short = np.abs(forward[:, 0, 1, 0]).mean()
    put_claim(writer, "sgd-floor", ["wrong constant on purpose"], [last],
              [[[short * factor]] for factor in (1, 0.99, 1.01, 0.8)], np.full((1, 1), 5))


def uniform_w1(x):
    """W_1 between a sample and Uniform(-1, 1), exactly: integral of |sample quantile - quantile|."""
    r = len(x)
    middle = np.sort(x)
    a, b = -1 + 2 * np.arange(r) / r, -1 + 2 * np.arange(1, r + 1) / r
    inside = (middle > a) & (middle < b)
    edge = np.abs((a + b) / 2 - middle) * 2 / r
    return np.where(inside, ((middle - a)**2 + (b - middle)**2) / 2, edge).sum() / 2


def put_distance(writer, random, steps, starts, states):
    group = writer.file.create_group("distance", track_order=True)
    scale = writer.scale(group, "order", np.array([0, 1], dtype=np.int8))
    scale.attrs["flag_values"], scale.attrs["flag_meanings"] = np.array([0, 1], dtype=np.int8), "forward backward"
    writer.scale(group, "start", np.arange(len(starts), dtype=np.int64))
    writer.scale(group, "step", steps)
    replicas = len(states["forward"])
    w1 = np.array([[[uniform_w1(states[o][:, s, k, 0]) for k in steps] for s in range(len(starts))]
                   for o in ("forward", "backward")])
    floor = np.mean([uniform_w1(random.uniform(-1, 1, replicas)) for _ in range(20)])
    spread = 1.5 / np.sqrt(replicas)
    axes = ("order", "start", "step")
    writer.put("distance/w1", axes, w1, "W_1 between the empirical law and the stationary law")
    writer.put("distance/w1_lower", axes, np.maximum(w1 - spread, 0), "lower limit of w1")
    writer.put("distance/w1_upper", axes, w1 + spread, "upper limit of w1")
    writer.put("distance/w1_floor", axes, np.full_like(w1, floor), "W_1 between samples of the same law and size")
    lambda_n = 0.5 ** steps
    cases = [f"W_1, {o}, start {int(s[0])} to the limit" for o in ("forward", "backward") for s in starts]
    bound = np.array([lambda_n] * len(cases))
    flat, low, high = (a.reshape(len(cases), -1) for a in (w1, np.maximum(w1 - spread, 0), w1 + spread))
    put_claim(writer, "wasserstein-contraction", cases, steps, [flat, low, high, bound],
              np.where(bound < 3 * floor, 1, np.where(high < bound * 1.05, 3, 2)))


def put_order(writer, order, states, steps, starts):
    file = writer.file
    group = file.create_group(order, track_order=True)
    writer.scale(group, "step", steps)
    writer.scale(group, "start", np.arange(len(starts), dtype=np.int64))
    writer.scale(group, "component", np.arange(starts.shape[1], dtype=np.int64))
    writer.put(f"{order}/start_state", ("start", "component"), starts, "the starts")
    writer.put(f"{order}/state", ("replica", "start", "step", "component"), states[:, :, steps],
               "state of the composition after n maps")
    increment = np.linalg.norm(np.diff(states, axis=2), axis=3)
    writer.put(f"{order}/increment", ("replica", "start", "step"), increment[:, :, steps],
               "distance between the states after n + 1 and n maps")
    paths = file.require_group("paths").create_group(order, track_order=True)
    writer.scale(paths, "path_replica", np.arange(min(8, len(states)), dtype=np.int64))
    writer.scale(paths, "start", np.arange(len(starts), dtype=np.int64))
    writer.scale(paths, "every_step", np.arange(1, steps[-1] + 1))
    writer.scale(paths, "component", np.arange(starts.shape[1], dtype=np.int64))
    writer.put(f"paths/{order}/state", ("path_replica", "start", "every_step", "component"), states[:8, :, 1:-1],
               "state after every map")


def write(path, case="bernoulli", replicas=None, drop=(), title=None, **root):
    """Writes the file; `drop` names objects to leave out, `root` overrides root attributes."""
    make, starts, steps, usual = CASES[case]
    model, replicas, starts = make(), replicas or usual, np.array(starts)
    steps, last = steps.astype(np.int64), int(steps[-1])
    random = np.random.default_rng(20260330)
    drawn = model.draw(random, replicas, last + 1)
    states = {"forward": fold_forward(model, drawn, starts, replicas, last + 1),
              "backward": fold_backward(model, drawn, starts, replicas, last + 1)}
    first = np.linalg.norm(states["forward"][:, :, 1] - starts, axis=2)
    with h5py.File(path, "w", libver=("v108", "v108"), track_order=True) as file:
        file.attrs.update({"format": "foldback", "format_version": "1.0",
                           "title": title or f"{case}: forward spreads, backward settles",
                           "seed": np.uint64(20260330), "axis_order": "C"})
        file.attrs["status"] = np.bytes_("complete")
        for key, value in root.items():
            file.attrs[key] = value
        writer = Writer(file)
        settings = {"title": case, "model": {"kind": model.kind}, "ensemble": {"starts": starts.tolist()}}
        file.create_dataset("config/toml", data="# synthetic\n", dtype=TEXT)
        file.create_dataset("config/resolved", data=json.dumps(settings), dtype=TEXT)
        file.create_group("model", track_order=True).attrs.update({"kind": model.kind, "metric": model.metric})
        for key, value in model.parameters.items():
            file["model"].create_dataset(key, data=value)
        writer.scale(file, "replica", np.arange(replicas, dtype=np.int64))
        for order in ("forward", "backward"):
            put_order(writer, order, states[order], steps, starts)
        product = np.cumprod(model.lipschitz(drawn)[:, :last + 1], axis=1)
        scale = np.abs(states["backward"][:, :, steps]).max(axis=3)
        writer.put("backward/rounding_radius", ("replica", "start", "step"),
                   8 * np.finfo(float).eps * scale / (1 - model.rho),
                   "distance by which rounding can have moved the state")
        radius = product[:, None, steps - 1] * first.max() / (1 - model.rho)
        writer.put("backward/certified_radius", ("replica", "start", "step"),
                   np.broadcast_to(radius, (replicas, len(starts), len(steps))), "bound for the distance to the limit")
        floor = float((np.linalg.norm(np.diff(states["forward"], axis=2)[:, :, last // 2:], axis=3)**2).mean())
        put_claims(writer, model, starts, steps, states["forward"], states["backward"],
                   np.sqrt((first**2).mean(axis=0)), floor)
        if isinstance(model, Bernoulli) and model.rho == 0.5:
            put_distance(writer, random, steps, starts, states)
            law = file.create_group("law", track_order=True)
            grid = np.linspace(-0.998, 0.998, 513)
            writer.scale(law, "grid_point", np.arange(len(grid)))
            writer.scale(law, "component", np.arange(1, dtype=np.int64))
            writer.put("law/x", ("component", "grid_point"), [grid], "state")
            writer.put("law/density", ("component", "grid_point"), [np.where(np.abs(grid) <= 1, 0.5, 0.0)], "density")
            writer.put("law/cdf", ("component", "grid_point"), [np.clip((grid + 1) / 2, 0, 1)], "distribution function")
            name = law.create_dataset("name", data=np.array(["Uniform(-1, 1)"], dtype=object), dtype=TEXT)
            name.dims[0].attach_scale(law["component"])
        for name in drop:
            if name in file:
                del file[name]
    return path


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or (len(sys.argv) == 3 and sys.argv[2] not in CASES):
        sys.exit(f"usage: synthetic_file.py OUT [{'|'.join(CASES)}]")
    write(sys.argv[1], *sys.argv[2:])
