"""What is timed: alternatives that answer a line with the processor time and the moments of one round, XMDS2, and foldback."""
import contextlib
import json
import os
import pathlib
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

import h5py
import numpy as np

from moments import Moments

ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
              "PYTHONDONTWRITEBYTECODE": "1"}
ALTERNATIVES = pathlib.Path(__file__).parent / "alternatives"


class ContenderError(Exception):
    pass


@dataclass
class Round:
    """The cost of one unit of work by row of the table, in ns, and the moments of the final states."""
    costs: dict
    moments: Moments


def spent(command, **options):
    """Runs a program to its end; (processor seconds of all its threads, seconds on the wall)."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise ContenderError(f"{' '.join(map(str, command))}: exit code {done.returncode}: {done.stderr.strip()[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


class Alternative:
    """A program of alternatives/ that stays alive between rounds, so that starting and compiling are never timed."""

    def __init__(self, name, program, replicas, steps, *more, kind="sequential", per_replica=None):
        """per_replica: units of work of one replica, by default its steps. kind: which goals it counts for."""
        self.name, self.kind, self.rows = name, kind, [name]
        self.program, self.arguments = program, [replicas, steps, 20260330, *more]
        self.work = replicas * (per_replica or steps)
        self.process = None

    def start(self, folder):
        command = ([folder / self.program] if self.program.startswith("cpp_") else
                   ["/usr/bin/python3", ALTERNATIVES / f"{self.program}.py"])
        self.process = subprocess.Popen([str(word) for word in [*command, *self.arguments]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=sys.stderr, text=True, env=ONE_THREAD)

    def round(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            raise ContenderError(f"{self.name}: ended with exit code {self.process.wait()} instead of answering")
        line = json.loads(answer)
        return Round({self.name: line["seconds"] * 1e9 / self.work}, Moments.of(line))

    def stop(self):
        if self.process:
            with contextlib.suppress(BrokenPipeError):  # of one that has ended before it was asked
                self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


class Xmds:
    """The program that XMDS2 generates, as a whole process; its start-up is less than a hundredth of the time."""
    replicas, steps = 100_000, 1_000

    def __init__(self, name):
        self.name, self.kind, self.rows = name, "sequential", [name]

    def start(self, folder):
        self.folder = folder

    def round(self):
        seconds, _ = spent([self.folder / "w2"], cwd=self.folder, env=ONE_THREAD)
        with h5py.File(self.folder / "moments.h5") as file:
            first, second, fourth = (float(file["1"][key][()]) / self.replicas for key in ("first", "second", "fourth"))
        # About 0, as the mean is: the fourth moment serves for standard errors only.
        moments = Moments(self.replicas, np.array([first]), np.array([second - first ** 2]), np.array([fourth]))
        return Round({self.name: seconds * 1e9 / (self.replicas * self.steps)}, moments)

    def stop(self):
        pass


@dataclass
class Job:
    """A run of foldback: [model], the starts, the order, and what is kept."""
    model: str
    start: str = "[[0.0]]"
    order: str = "forward"
    record: str = "states = false"

    def text(self, replicas, steps, seed):
        return (f'title = "benchmark"\n{self.model}[ensemble]\nseed = {seed}\nreplicas = {replicas}\nstarts = {self.start}\n'
                f'orders = ["{self.order}"]\nsteps = {steps}\n[record]\n{self.record}\n')


def run_foldback(program, job, folder, replicas, steps, *, threads=1, seed=1, options=("--no-verify",)):
    """`foldback run` as a whole process; (processor seconds, seconds on the wall, path of the file)."""
    toml, output = folder / "job.toml", folder / "job.h5"
    toml.write_text(job.text(replicas, steps, seed))
    command = [program, "run", toml, "-o", output, "--force", "--quiet", "--threads", threads, *options]
    return *spent(command), output


def read_moments(path, order, at=None):
    """Of the last checkpoint, all components; or of the checkpoints `at`, component 0."""
    with h5py.File(path) as file:
        group = file[f"moments/{order}"]
        step = group["step"][()]
        chosen = [len(step) - 1] if at is None else np.searchsorted(step, at)
        count = group["count"][()][0, -1]
        return Moments(count, *(group[key][()][0][chosen].reshape(-1) for key in ("mean", "m2", "m4")))


class Foldback:
    """`foldback run --no-verify --threads 1`, as a whole process, and the slope between two sizes: what is left when start-up,
    file and everything else that does not grow with the work is taken away."""
    kind = "foldback"
    name = "foldback run"
    rows = ["foldback run", "foldback, slope"]

    def __init__(self, program, job, large, small, work, at=None):
        """large, small: (replicas, steps as TOML writes them); work(replicas, steps): units of work of such a run. `small` is
        None where only whole processes matter."""
        self.program, self.job, self.large, self.small, self.work, self.at = program, job, large, small, work, at
        self.rounds = 0

    def start(self, folder):
        self.folder = folder

    def round(self):
        self.rounds += 1
        small, _, _ = run_foldback(self.program, self.job, self.folder, *self.small, seed=self.rounds)
        large, _, path = run_foldback(self.program, self.job, self.folder, *self.large, seed=self.rounds)
        moments = read_moments(path, self.job.order, self.at)
        path.unlink()
        difference = self.work(*self.large) - self.work(*self.small)
        return Round({self.rows[0]: large * 1e9 / self.work(*self.large), self.rows[1]: (large - small) * 1e9 / difference}, moments)

    def stop(self):
        pass
