"""Files of every shape that `foldback run` and `verify --save` write satisfy every reader: h5py, xarray (both engines),
ncdump, h5dump; tests/support/read_everything.py says what is demanded."""
import subprocess
import sys

import h5py

from _foldback import FERN, SINE, SUPPORT, Checks, configuration, foldback, run, scratch

ALL = '["increment", "spread", "rounding_radius", "path_mean", "lipschitz_product", "next_displacement"]'


def read_everything(paths):
    return subprocess.run([sys.executable, SUPPORT / "read_everything.py", *paths], capture_output=True, text=True, check=False)


def quick_files(folder):
    plain = run(folder, "plain", configuration(replicas=60))
    yield plain
    yield run(folder, "plane", configuration(FERN, replicas=60, starts="[[0.0, 0.0], [1.0, 1.0]]", ensemble="merge_tolerance = 1e-9",
                                             more=f"[record]\npaths = 3\nobservables = {ALL}\n[verify]\nclaims = [\"law-equality\"]"))
    more = '[record]\nprecision = "float32"\n[stop]\nproduct = 1e-3\nmax_steps = 40'
    yield run(folder, "float32-stopped", configuration(replicas=60, more=more))
    yield run(folder, "sweep", configuration(replicas=60, more='[sweep]\n"model.lambda" = [0.3, 0.5, 0.7]'))
    saved = folder / "evaluation.h5"
    foldback("verify", plain, "--save", saved, code=None)
    yield saved


def further_files(folder):
    """For tests/soak/readers_of_all.py: reading one file with every reader takes seconds."""
    two = '[sweep]\n"model.a" = [0.5, 0.9]\n"model.s" = [0.25, 0.5, 1.0]\n[record]\nstates = true'
    yield run(folder, "sweep-of-two-keys", configuration(SINE, replicas=60, more=two))
    plane = {"replicas": 60, "starts": "[[0.0, 0.0], [1.0, 1.0]]"}
    yield run(folder, "every-step", configuration(FERN, **plane, more='[record]\nmoments = "every_step"'))
    yield run(folder, "one-order", configuration(replicas=60, starts="[0.5]", ensemble='orders = ["forward"]'))
    yield run(folder, "closed", configuration(replicas=60, ensemble='backward = "closed"'))
    yield run(folder, "unverified", configuration(replicas=60), "--no-verify")
    yield run(folder, "no-states", configuration(replicas=60, more="[record]\nstates = false"))
    yield run(folder, "start-kept", configuration(replicas=60, steps="{ at = [0, 1, 7] }"))
    yield run(folder, "one-replica", configuration(replicas=1, steps="{ at = [1] }", starts="[[0.0]]"))
    sweep = run(folder, "sweep", configuration(replicas=60, more='[sweep]\n"model.lambda" = [0.3, 0.5, 0.7]'))
    saved = folder / "evaluation-of-sweep.h5"
    foldback("verify", sweep, "--save", saved, code=None)
    yield saved


def main(files):
    checks = Checks()
    folder = scratch()
    paths = list(files(folder))
    done = read_everything(paths)
    checks(done.returncode == 0, f"{done.stdout}{done.stderr}")
    # Negative control: a variable without names for its axes is refused.
    with h5py.File(folder / "unnamed.h5", "w") as file:
        file["unnamed"] = [1.0, 2.0]
    checks(read_everything([folder / "unnamed.h5"]).returncode == 1, "a variable without dimension names is not seen")
    checks.finish(f"{len(paths)} files satisfy every reader")


if __name__ == "__main__":
    main(quick_files)
