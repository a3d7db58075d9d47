"""A sweep is its single runs side by side: the same moments bit by bit, the same measurements, leading dimensions named
by the keys; interrupted in the middle it goes on and gives the same data_sha256."""
import signal

import h5py
import numpy as np

from _foldback import SINE, Checks, blocks_done, configuration, data_sha256, files_in, foldback, part_of, run, running, scratch, wait_for_blocks

CELLS = ("measured", "bound")


def datasets(group):
    found = []
    group.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) and "CLASS" not in item.attrs else None)
    return found


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def across_points(claim):
    """Whether it is a claim across the points of a sweep: one verdict for all of them."""
    return claim["overall"].shape == ()


def check_sweep(checks, folder, name, text, axes):
    """Each point judges from its replicas, whether or not their states are kept; a single run needs them in its file."""
    path = run(folder, name, text + "".join(["[sweep]\n"] + [f'"{key}" = {list(values)}\n' for key, values in axes.items()]))
    lengths = tuple(len(values) for values in axes.values())
    with h5py.File(path, "r") as file:
        for key, values in axes.items():
            checks("/" + key in file and list(file["/" + key][()]) == list(values), f"{name}: no scale {key} with the values {values}")
        for group in ("/moments", "/claims"):
            for dataset in datasets(file[group]):
                item = file[group][dataset]
                if h5py.check_string_dtype(item.dtype) or (group == "/claims" and across_points(file[group][dataset.split("/")[0]])):
                    continue
                leading = tuple(item.dims[axis][0].name for axis in range(len(axes))) if len(item.shape) >= len(axes) else ()
                checks(item.shape[:len(axes)] == lengths and leading == tuple("/" + key for key in axes), f"{name}: {group}/{dataset} has shape {item.shape}, axes {leading}")
        for index in np.ndindex(lengths):
            point = [values[i] for values, i in zip(axes.values(), index)]
            options = [word for key, value in zip(axes, point) for word in ("--set", f"{key}={value}")]
            single = run(folder, "single", text, "--force", "--set", "record.states=true", *options)
            with h5py.File(single, "r") as alone:
                what = f"{name} at {point}"
                for dataset in datasets(alone["/moments"]):
                    checks(same(file["/moments"][dataset][index], alone["/moments"][dataset][()]), f"{what}: /moments/{dataset} differs from the single run's")
                for dataset in datasets(alone["/model"]):
                    swept = file["/model"][dataset]
                    by_point = swept.ndim > 0 and swept.dims[0][0].name == "/" + next(iter(axes))
                    checks(same(swept[index] if by_point else swept[()], alone["/model"][dataset][()]), f"{what}: /model/{dataset} differs from the single run's")
                check_claims(checks, what, file["/claims"], alone["/claims"], index)
    # The points differ, so that none can stand in for another.
    with h5py.File(path, "r") as file:
        means = [file["/moments/forward/m2"][index].tobytes() for index in np.ndindex(lengths)]
        checks.equal(len(set(means)), len(means), f"{name}: different points with the same moments")
    return path


def check_claims(checks, what, swept, alone, index):
    """What was measured is what the single run measures; only the level, shared by more tests, is another."""
    for claim in alone:
        if not checks(claim in swept, f"{what}: no claim {claim}") or across_points(swept[claim]):
            continue
        one, many = int(alone[claim]["overall"][()]), int(swept[claim]["overall"][index])
        checks((one == 0) == (many == 0), f"{what}: {claim} applies in one of sweep ({many}) and single run ({one}) only")
        checks((one == 1) == (many == 1), f"{what}: {claim} is resolved in one of sweep ({many}) and single run ({one}) only")
        if one == 0 or "measured" not in alone[claim] or "measured" not in swept[claim]:
            continue
        # An Anderson-Darling test's bound is its critical value, which the shared level moves.
        rows = [k for k, label in enumerate(alone[claim]["case_label"].asstr()[()]) if not label.startswith("AD")]
        for cell in CELLS:
            a = alone[claim][cell][()]
            b = swept[claim][cell][index][:a.shape[0], :a.shape[1]]
            if cell == "bound":
                a, b = a[rows], b[rows]
            checks(np.array_equal(a, b, equal_nan=True), f"{what}: {claim}/{cell} differs from the single run's")


def check_resume(checks, folder, options=()):
    """SIGINT in the middle; --resume computes the points that are missing."""
    text = configuration(SINE, replicas=20_000, steps='{ last = 400, spacing = "log", count = 8 }', more='[sweep]\n"model.a" = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]\n')
    reference = run(folder, "long", text, *options)
    output = folder / "interrupted.h5"
    arguments = ["run", folder / "long.toml", "-o", output, "--threads", "1", *options]
    with running(*arguments) as process:
        wait_for_blocks(output, process, 1)  # the first is marked at once, those after it together
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
    checks.equal(process.returncode, 130, f"an interrupted sweep: exit code ({stderr.strip()[:200]})")
    done, points = blocks_done(part_of(output))
    checks(0 < done < points, f"the sweep was not interrupted in the middle: {done} of {points} points")
    checks.holds(stderr, "--resume", what="an interrupted sweep")
    resumed = foldback(*arguments, "--resume", code=None)
    checks.equal(resumed.returncode, 0, f"the resumed sweep ({resumed.stderr.strip()[:300]})")
    if output.exists():
        checks.equal(data_sha256(output), data_sha256(reference), "the resumed sweep: data_sha256")
        with h5py.File(output, "r") as a, h5py.File(reference, "r") as b:
            for dataset in datasets(b["/claims"]):
                checks(same(a["/claims"][dataset][()], b["/claims"][dataset][()]) or b["/claims"][dataset].dtype == object, f"the resumed sweep: /claims/{dataset}")
            for claim in b["/claims"]:
                for attribute in ("finding", "notes"):
                    checks.equal(a["/claims"][claim].attrs[attribute], b["/claims"][claim].attrs[attribute], f"the resumed sweep: {attribute} of {claim}")
        first, second = (foldback("verify", path, code=None) for path in (output, reference))
        checks.equal((first.returncode, first.stdout), (second.returncode, second.stdout), "verify of the resumed sweep")


def main():
    checks = Checks()
    folder = scratch()
    one = check_sweep(checks, folder, "lambda", configuration(replicas=300, more="[record]\nstates = true"), {"model.lambda": (0.3, 0.5, 0.7)})
    check_sweep(checks, folder, "sine", configuration(SINE, replicas=300, more="[record]\nstates = false"), {"model.a": (0.5, 0.9), "model.s": (0.25, 1.0)})
    with h5py.File(one, "r") as file:
        checks.equal(file["/forward/state"].shape[:2], (3, 300), "the states of a sweep that were asked for")
    said = foldback("verify", one, code=None).stdout
    checks.holds(said, "model.lambda = 0.3", "model.lambda = 0.5", "model.lambda = 0.7", what="verify of a sweep")
    checks.equal(foldback("verify", one, "--alpha", "0.01", code=None).returncode, 2, "verify --alpha of a sweep: exit code")
    with h5py.File(one, "r") as file:
        checks("dependent" in file.attrs.get("sweep", ""), "the file does not say that its points share the seed")
    check_resume(checks, folder)
    checks(not [name for name in files_in(folder) if name.endswith((".part", ".new", ".lock"))], f"left behind: {files_in(folder)}")
    checks.finish("sweeps equal their single runs and go on after an interruption")


if __name__ == "__main__":
    main()
