"""Kills a writer before its n-th call that changes a file, and sees whether anything is lost.

The writer is tests/support/write_example.cpp under tests/support/crash_at_write.c. After each kill: what is left opens
in h5py and holds every block marked as done; going on completes the file; it then equals the uninterrupted one, byte
for byte, and nothing else is left in the folder.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(__file__))
from preloaded import preloaded  # noqa: E402
from recompute_digest import recompute  # noqa: E402

TESTS = pathlib.Path(os.environ["FOLDBACK_BUILD"]) / "tests"
PROGRAM = TESTS / "write_example"
PRELOADED = preloaded()


class Failure(Exception):
    pass


def demand(ok, what):
    if not ok:
        raise Failure(what)


def write(folder, *options, **settings):
    """Runs the writer on folder/a.h5; settings go to the preloaded library."""
    environment = dict(os.environ, LD_PRELOAD=str(PRELOADED), ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
    environment.update({name: str(value) for name, value in settings.items()})
    return subprocess.run([PROGRAM, folder / "a.h5", *options], env=environment, capture_output=True, text=True, check=False)


def clean(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class Reference:
    """The file of a run that nothing interrupts."""

    def __init__(self, scratch):
        folder = clean(scratch / "reference")
        done = write(folder, CRASH_COUNT=folder / "count")
        demand(done.returncode == 0, f"the uninterrupted run fails: {done.stderr}")
        self.calls = int((folder / "count").read_text())
        self.path = folder / "a.h5"
        self.bytes = self.path.read_bytes()
        computed, wrong, stated = recompute(self.path)
        demand(not wrong and computed == stated == done.stdout.strip(), f"digests are wrong: {wrong}, {computed}, {stated}")
        self.first_block = self.calls_before_part(scratch)

    def calls_before_part(self, scratch):
        """The first crash point at which a .part is left."""
        low, high = 1, self.calls
        while low < high:
            middle = (low + high) // 2
            folder = clean(scratch / "search")
            write(folder, CRASH_AT=middle)
            if (folder / "a.h5.part").exists() or (folder / "a.h5").exists():
                high = middle
            else:
                low = middle + 1
        return low

    def check_part(self, part):
        """Every dataset can be read, and marked blocks hold what they should."""
        with h5py.File(part, "r") as got, h5py.File(self.path, "r") as wanted:
            done = got["/progress/block_done"][()].astype(bool)

            def visit(name, item):
                if not isinstance(item, h5py.Dataset):
                    return
                values = got[name][()]
                rows = item.attrs.get("rows_per_block")
                if rows is None:
                    return
                for block in np.flatnonzero(done):
                    part_of = slice(block * rows, (block + 1) * rows)
                    demand(np.array_equal(values[part_of], item[part_of]), f"block {block} of {name} is marked and differs")
            wanted.visititems(visit)
            return int(done.sum())

    def check_complete(self, folder):
        demand((folder / "a.h5").read_bytes() == self.bytes, "the completed file differs from the uninterrupted one")
        left = sorted(path.name for path in folder.iterdir())
        demand(left == ["a.h5"], f"the folder holds {left}")

    def go_on(self, folder, **settings):
        """What a user does after a kill; returns the number of blocks that were done already."""
        if (folder / "a.h5").exists():
            demand(not (folder / "a.h5.part").exists(), "both a.h5 and a.h5.part are there")
            (folder / "a.h5.lock").unlink(missing_ok=True)
            return None
        part = folder / "a.h5.part"
        options = ["--resume"] if part.exists() else []
        done_before = self.check_part(part) if part.exists() else 0
        done = write(folder, *options, **settings)
        if not settings:
            demand(done.returncode == 0, f"going on fails with exit code {done.returncode}: {done.stderr}")
        return done_before

    def kill_at(self, folder, call):
        folder = clean(folder)
        done = write(folder, CRASH_AT=call)
        demand(done.returncode == -signal.SIGKILL, f"was not killed: exit code {done.returncode}, {done.stderr}")
        demand(call < self.first_block or not (folder / "a.h5.new").exists(), "a .new is left although the .part exists")
        self.go_on(folder)
        self.check_complete(folder)

    def kill_twice(self, folder, first, second):
        folder = clean(folder)
        write(folder, CRASH_AT=first)
        self.go_on(folder, CRASH_AT=second)
        self.go_on(folder)
        self.check_complete(folder)

    def fail_at(self, folder, call):
        """The device is full from that call on: one message, no crash, and enough is left to go on."""
        folder = clean(folder)
        done = write(folder, CRASH_AT=call, CRASH_ERRNO=28)
        lines = done.stderr.splitlines()
        if done.returncode != 0:  # a full device may go unnoticed by the lock's file alone
            demand(done.returncode == 3 and len(lines) == 1 and "space" in lines[0], f"full device: exit code {done.returncode}, stderr {lines}")
        left = sorted(path.name for path in folder.iterdir())
        demand(left in ([], ["a.h5"], ["a.h5.part"]), f"full device: the folder holds {left}")
        demand(call >= self.first_block or left != ["a.h5.part"], "full device while creating: a .part is left")
        self.go_on(folder)
        self.check_complete(folder)


def run(points, double_kills=()):
    """`points(reference)` gives the crash points to try; exits with 1 and says which failed."""
    scratch = clean(pathlib.Path(os.environ["SCRATCH"]))
    reference = Reference(scratch)
    failures, tried = [], 0
    for call in points(reference):
        for action in (reference.kill_at, reference.fail_at):
            tried += 1
            try:
                action(scratch / "run", call)
            except (Failure, OSError, KeyError, RuntimeError) as error:
                failures.append(f"{action.__name__} {call} of {reference.calls}: {type(error).__name__}: {error}")
    for first, second in double_kills(reference) if double_kills else ():
        tried += 1
        try:
            reference.kill_twice(scratch / "run", first, second)
        except (Failure, OSError, KeyError, RuntimeError) as error:
            failures.append(f"kill_twice {first}, {second}: {type(error).__name__}: {error}")
    print(f"{tried} interruptions, {len(failures)} losses; {reference.calls} calls, the .part exists from call {reference.first_block}")
    print("\n".join(failures))
    shutil.rmtree(scratch)
    sys.exit(1 if failures else 0)
