"""A replica that reaches inf or NaN is a result: the run finishes, says how many there are and where, judges no moment
that would include them, and prints no NaN as if it were a number."""
import json
import re

import h5py
import numpy as np

from _foldback import Checks, configuration, foldback, run, scratch

# x -> 2 x + 1 from 1: x_n = 2^(n + 1) - 1, which is rounded to 2^(n + 1) and overflows at n = 1023 exactly.
DOUBLING = '[model]\nkind = "affine"\nmaps = [ { A = 2.0, b = 1.0 } ]\n'
# A growing rotation: inf * 0 is NaN.
ROTATION = '[model]\nkind = "affine"\nmaps = [ { A = [[0.0, -2.0], [2.0, 0.0]], b = [0.0, 0.0] } ]\n'
# E log|a| = 0.35: log|x_n| ~ 0.35 n +- 0.8 sqrt n, so that around n = 2028 some replicas have overflowed and some not.
KESTEN = ('[model]\nkind = "kesten"\na = { distribution = "lognormal", mu = 0.35, sigma = 0.8 }\n'
          'b = { distribution = "normal", mean = 0.0, scale = 1.0 }\n')
NUMBER = re.compile(r"[-+]?\b(nan|NaN|-nan)\b")
ORDERS = ("forward", "backward")


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON number")


def first_step_not_finite(state):
    """(replica, start): the first of the steps 1, 2, ... with a state that is not finite, 0 if there is none."""
    lost = ~np.isfinite(state).all(axis=-1)
    return np.where(lost.any(axis=-1), lost.argmax(axis=-1) + 1, 0)


def check_said(checks, name, path, said):
    with h5py.File(path, "r") as file:
        for order in ORDERS:
            lost = int((file[f"/{order}/diverged_step"][()] > 0).sum())
            checks.holds(said, f"{lost} {order} paths diverged", f"/{order}/diverged_step", what=f"{name}: what run says")
    for what, text in (("run", said), ("verify", foldback("verify", path, code=None).stdout), ("inspect", foldback("inspect", path).stdout)):
        found = [line for line in text.splitlines() if NUMBER.search(re.sub(r"\(reached inf or NaN\)|inf or NaN", "", line))]
        checks(not found, f"{name}: {what} prints NaN: {found[:3]}")
    for verb in ("verify", "inspect"):
        try:
            json.loads(foldback(verb, path, "--json", code=None).stdout, parse_constant=refuse_constant)
        except ValueError as error:
            checks(False, f"{name}: {verb} --json: {error}")


def check_steps(checks, name, path):
    """diverged_step against the states themselves, where they are kept: at every step of some replicas, and at the checkpoints."""
    with h5py.File(path, "r") as file:
        steps = file["/forward/step"][()]
        for order in ORDERS:
            diverged = file[f"/{order}/diverged_step"][()]
            state = file[f"/{order}/state"][()]
            lost = ~np.isfinite(state).all(axis=-1)
            last_finite = np.where(lost, 0, steps).max(axis=-1)
            first_lost = np.where(lost, steps, steps[-1] + 1).min(axis=-1)
            seen = diverged > 0
            checks(np.array_equal(seen, lost.any(axis=-1)), f"{name}, {order}: diverged_step > 0 where no state is lost, or 0 where one is")
            checks((diverged[seen] <= first_lost[seen]).all() and (diverged[seen] > 0).all(), f"{name}, {order}: diverged_step is after a lost checkpoint")
            if order == "forward":
                checks((diverged[seen] > last_finite[seen]).all(), f"{name}, forward: diverged_step is before a finite checkpoint")
                checks((lost == np.logical_or.accumulate(lost, axis=-1)).all(), f"{name}, forward: a path comes back from infinity")
                by_path = first_step_not_finite(file["/paths/forward/state"][()])
                checks(np.array_equal(by_path, diverged[:len(by_path)]), f"{name}, forward: diverged_step {diverged[:len(by_path)].ravel()}, paths {by_path.ravel()}")
            else:
                # Backward, every checkpoint is a composition of its own: the first checkpoint is the first step that is seen.
                wanted = np.where(seen, first_lost, 0)
                checks(np.array_equal(diverged, wanted), f"{name}, backward: diverged_step {diverged.ravel()[:8]} instead of the first lost checkpoint {wanted.ravel()[:8]}")
            check_moments(checks, f"{name}, {order}", file[f"/moments/{order}"], state, lost)


def check_moments(checks, name, moments, state, lost):
    """Moments are those of the replicas that are finite; count says how many."""
    count = (~lost).sum(axis=0)
    checks(np.array_equal(moments["count"][()], count), f"{name}: count")
    with np.errstate(all="ignore"):
        finite = np.where(lost[..., None], np.nan, state)
        for index in np.ndindex(count.shape):
            mean = moments["mean"][index]
            if count[index] == 0:
                checks(np.isnan(mean).all(), f"{name}: the mean of no replica is {mean}")
                continue
            values = finite[(slice(None), *index)]
            largest = np.nanmax(np.abs(values))
            if largest < 1e300 / max(1, count[index]):
                checks(np.allclose(mean, np.nanmean(values, axis=0), rtol=1e-10, atol=1e-12 * largest), f"{name}: the mean at {index}")
            checks(np.array_equal(moments["max"][index], np.nanmax(values, axis=0)), f"{name}: the maximum at {index}")


def check_verdicts(checks, name, path):
    """Nothing is violated, and what is judged from moments is not judged where replicas are missing."""
    done = foldback("verify", path, "--json", code=None)
    checks.equal(done.returncode, 0, f"{name}: exit code of verify")
    for claim in json.loads(done.stdout)["points"][0]["claims"]:
        if claim["id"] in ("affine-moments", "law-equality", "averaging"):
            checks(claim["verdict"] in ("unresolved", "not applicable"), f"{name}: {claim['id']} is {claim['verdict']}")
        checks(claim["verdict"] != "violated", f"{name}: {claim['id']} is violated")


def main():
    checks = Checks()
    folder = scratch()
    grid = '{ at = [1, 10, 1022, 1023, 1024, 1500, 1900, 1990, 2030, 2070, 2200, 2600] }'
    cases = {"doubling": (DOUBLING, "[[1.0]]"), "rotation": (ROTATION, "[[1.0, 0.0]]"), "kesten": (KESTEN, "[[0.0], [5.0]]")}
    for name, (model, starts) in cases.items():
        toml = folder / f"{name}.toml"
        toml.write_text(configuration(model, replicas=64, steps=grid, starts=starts, more="[record]\npaths = 16"))
        path = folder / f"{name}.h5"
        done = foldback("run", toml, "-o", path, "--threads", "1")
        checks.equal(done.stderr, "", f"{name}: stderr of run")
        check_said(checks, name, path, done.stdout)
        check_steps(checks, name, path)
        check_verdicts(checks, name, path)
    with h5py.File(folder / "doubling.h5", "r") as file:
        for order in ORDERS:
            checks.equal(set(file[f"/{order}/diverged_step"][()].ravel()), {1023}, f"doubling, {order}: diverged_step")
    with h5py.File(folder / "kesten.h5", "r") as file:
        lost = file["/forward/diverged_step"][()] > 0
        checks(lost.all(), "kesten: not every replica is lost after 2600 steps")
        counts = file["/moments/forward/count"][()]
        checks(((0 < counts) & (counts < 64)).any(), f"kesten: no checkpoint has lost some replicas and not all: {counts}")
    # A model that stays finite says nothing of divergence.
    tame = run(folder, "tame", configuration(replicas=20))
    with h5py.File(tame, "r") as file:
        checks(not file["/forward/diverged_step"][()].any(), "a tame model diverges")
    checks("diverged" not in foldback("run", folder / "tame.toml", "-o", folder / "tame-again.h5").stdout, "a tame model is said to diverge")
    checks.finish("divergence is recorded, counted, said, and not judged")


if __name__ == "__main__":
    main()
