"""What the end-to-end tests share: running the program, reading its files, and reporting every failure at once."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

import h5py

FOLDBACK = os.environ["FOLDBACK"]
SOURCE = pathlib.Path(os.environ["FOLDBACK_SOURCE"])
BUILD = pathlib.Path(os.environ["FOLDBACK_BUILD"])
SUPPORT = SOURCE / "tests" / "support"

BERNOULLI = '[model]\nkind = "bernoulli_convolution"\nlambda = 0.5\n'
SINE = '[model]\nkind = "sine"\na = 0.9\ns = 0.5\n'
FERN = """[model]
kind = "affine"
maps = [ { weight = 0.01, A = [[0.0, 0.0], [0.0, 0.16]],     b = [0.0, 0.0]  },
         { weight = 0.85, A = [[0.85, 0.04], [-0.04, 0.85]], b = [0.0, 1.6]  },
         { weight = 0.07, A = [[0.2, -0.26], [0.23, 0.22]],  b = [0.0, 1.6]  },
         { weight = 0.07, A = [[-0.15, 0.28], [0.26, 0.24]], b = [0.0, 0.44] } ]
"""
GAMMA = '[model]\nkind = "gamma_perpetuity"\na = 2.5\n'


def configuration(model=BERNOULLI, *, seed=20260330, replicas=500, starts="[[-1.0], [1.0]]",
                  steps="{ last = 40, spacing = \"log\", count = 8 }", ensemble="", more=""):
    """A whole TOML text; `ensemble` holds further lines of [ensemble], `more` further tables."""
    return (f'title = "end to end"\n{model}[ensemble]\nseed = {seed}\nreplicas = {replicas}\nstarts = {starts}\n'
            f"steps = {steps}\n{ensemble}\n{more}\n")


def blocks_of_moments(model=BERNOULLI, *, replicas, last, more_record="", **others):
    """Many small blocks in a small file: the moments of every step limit the size of a block, and only they are kept."""
    return configuration(model, replicas=replicas, steps=f"{{ last = {last}, spacing = \"log\", count = 6 }}",
                         more=f'[record]\nmoments = "every_step"\n{more_record}', **others)


class Checks:
    """Collects what is wrong, so that one run of a test tells everything."""

    def __init__(self):
        self.made = 0
        self.failures = []

    def __call__(self, ok, what):
        self.made += 1
        if not ok:
            self.failures.append(what)
        return bool(ok)

    def equal(self, found, wanted, what):
        return self(found == wanted, f"{what}: {short(found)} instead of {short(wanted)}")

    def holds(self, text, *parts, what):
        """Every part occurs in the text, in whatever case."""
        missing = [part for part in parts if part.lower() not in text.lower()]
        return self(not missing, f"{what}: {missing} missing in {short(text)}")

    def finish(self, summary):
        if self.failures:
            print("\n".join(f"FAILED: {failure}" for failure in self.failures))
            print(f"{len(self.failures)} of {self.made} checks failed")
            sys.exit(1)
        print(f"{self.made} checks: {summary}")


def short(value):
    text = value if isinstance(value, str) else repr(value)
    return repr(text if len(text) < 900 else text[:900] + " ...")


def scratch():
    """The test's own folder, empty."""
    folder = pathlib.Path(os.environ["SCRATCH"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def foldback(*arguments, code=0, **options):
    """Runs the program; `code` is the exit code it must have (None: any)."""
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 300, **options}
    done = subprocess.run([FOLDBACK, *map(str, arguments)], check=False, **options)
    if code is not None and done.returncode != code:
        sys.exit(f"foldback {' '.join(map(str, arguments))}: exit code {done.returncode} instead of {code}\n"
                 f"stdout: {done.stdout}\nstderr: {done.stderr}")
    return done


def start(*arguments, **options):
    """Starts the program and returns at once."""
    return subprocess.Popen([FOLDBACK, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


@contextlib.contextmanager
def running(*arguments, **options):
    """Starts the program and makes sure that it does not outlive the test."""
    process = start(*arguments, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def run(folder, name, text, *options, code=0, env=None):
    """Writes NAME.toml, runs it on one thread, returns the path of NAME.h5 beside it."""
    toml = folder / f"{name}.toml"
    toml.write_text(text)
    output = folder / f"{name}.h5"
    threads = () if "--threads" in options else ("--threads", "1")
    foldback("run", toml, "-o", output, "--quiet", *threads, *options, code=code, env=env)
    return output


def part_of(output):
    return output.with_name(output.name + ".part")


def blocks_done(part):
    """(blocks marked, blocks) of a .part while its run goes on; (0, 0) if there is none."""
    try:
        with h5py.File(part, "r") as file:
            done = file["/progress/block_done"][()]
            return int(done.sum()), len(done)
    except FileNotFoundError:
        return 0, 0


def wait_for_blocks(output, process, count):
    """Waits until `count` blocks are marked or the process has ended; returns the number seen."""
    for _ in range(60_000):
        done = blocks_done(part_of(output))[0] if part_of(output).exists() else 0
        if (done >= count and part_of(output).exists()) or process.poll() is not None:
            return done
        time.sleep(0.002)
    sys.exit(f"{output}: {count} blocks are not done after two minutes")


def data_sha256(path):
    with h5py.File(path, "r") as file:
        return file.attrs["data_sha256"].decode()


def digests(path):
    """path of a dataset -> its digest, for all that have one."""
    found = {}

    def visit(name, item):
        if "digest" in item.attrs:
            found["/" + name] = item.attrs["digest"].decode()

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return found


def bytes_sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def text_of(value):
    """An attribute or element of text as str."""
    return value.decode() if isinstance(value, bytes) else str(value)


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def refuse(checks, folder, name, arguments, code, parts, **options):
    """`run` with these arguments ends with that code, one clear line on stderr with these parts, and leaves nothing behind."""
    before = files_in(folder)
    try:
        done = foldback("run", *arguments, code=None, cwd=folder, **{"timeout": 20, **options})
    except subprocess.TimeoutExpired:
        return checks(False, f"{name}: not refused within 20 seconds")
    checks.equal(done.returncode, code, f"{name}: exit code ({done.stderr.strip()[:300]})")
    checks.equal(done.stdout, "", f"{name}: stdout")
    checks.holds(done.stderr, "foldback: ", *parts, what=f"{name}: stderr")
    lines = done.stderr.strip().splitlines()
    checks(len(lines) == 1 and len(done.stderr) < 1000, f"{name}: the message has {len(lines)} lines, {len(done.stderr)} letters: {done.stderr[:500]}")
    for unclear in ("internal error", "std::", "HDF5-DIAG", "filesystem error", "vector", "basic_string"):
        checks(unclear not in done.stderr, f"{name}: the message says '{unclear}': {done.stderr.strip()[:300]}")
    return checks.equal(files_in(folder), before, f"{name}: what is left behind")
