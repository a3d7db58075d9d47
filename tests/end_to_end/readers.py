"""Files of every shape that `foldback run` and `verify --save` write satisfy every reader: h5py, xarray (both engines),
ncdump, h5dump; tests/support/read_everything.py says what is demanded."""
import subprocess
import sys

from _foldback import BERNOULLI, FERN, SINE, SUPPORT, Checks, configuration, foldback, run, scratch

ALL = '["increment", "spread", "rounding_radius", "path_mean", "lipschitz_product", "next_displacement"]'


def read_everything(paths):
    return subprocess.run([sys.executable, SUPPORT / "read_everything.py", *paths], capture_output=True, text=True, check=False)


def files(folder):
    small = {"replicas": 60}
    plain = run(folder, "plain", configuration(**small))
    yield plain
    yield run(folder, "stopped", configuration(**small, more="[stop]\nproduct = 1e-3\nmax_steps = 40"))
    yield run(folder, "sweep", configuration(**small, more='[sweep]\n"model.lambda" = [0.3, 0.5, 0.7]'))
    two = '[sweep]\n"model.a" = [0.5, 0.9]\n"model.s" = [0.25, 0.5, 1.0]'
    yield run(folder, "sweep-of-two-keys", configuration(SINE, **small, more=two))
    yield run(folder, "merge-tolerance", configuration(SINE, **small, ensemble="merge_tolerance = 1e-9"))
    plane = {"replicas": 60, "starts": "[[0.0, 0.0], [1.0, 1.0]]"}
    yield run(folder, "plane", configuration(FERN, **plane, more=f"[record]\npaths = 3\nobservables = {ALL}"))
    yield run(folder, "every-step", configuration(FERN, **plane, more='[record]\nmoments = "every_step"'))
    yield run(folder, "float32", configuration(**small, more='[record]\nprecision = "float32"'))
    yield run(folder, "one-order", configuration(**small, starts="[0.5]", ensemble='orders = ["forward"]'))
    yield run(folder, "closed", configuration(**small, ensemble='backward = "closed"'))
    yield run(folder, "unverified", configuration(**small), "--no-verify")
    yield run(folder, "no-states", configuration(**small, more="[record]\nstates = false"))
    yield run(folder, "start-kept", configuration(**small, steps="{ at = [0, 1, 7] }"))
    yield run(folder, "one-replica", configuration(replicas=1, steps="{ at = [1] }", starts="[[0.0]]"))
    saved = folder / "evaluation.h5"
    foldback("verify", plain, "--save", saved, code=None)
    yield saved
    saved_sweep = folder / "evaluation-of-sweep.h5"
    foldback("verify", folder / "sweep.h5", "--save", saved_sweep, code=None)
    yield saved_sweep


def main():
    checks = Checks()
    folder = scratch()
    paths = list(files(folder))
    done = read_everything(paths)
    checks(done.returncode == 0, f"{done.stdout}{done.stderr}")
    # Negative control: a variable without names for its axes is refused.
    import h5py
    with h5py.File(folder / "plain.h5", "r+") as file:
        file["unnamed"] = [1.0, 2.0]
    checks(read_everything([folder / "plain.h5"]).returncode == 1, "a variable without dimension names is not seen")
    checks.finish(f"{len(paths)} files satisfy every reader")


if __name__ == "__main__":
    main()
