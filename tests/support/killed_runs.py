"""Runs of the program that are killed, gone on with, and compared with a run that nothing stopped.

Used by tests/end_to_end/kills.py and tests/soak/kills_many.py.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "end_to_end"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _foldback import FOLDBACK, blocks_done, configuration, data_sha256, files_in, foldback, part_of, running, wait_for_blocks  # noqa: E402,F401
from preloaded import preloaded  # noqa: E402

PRELOADED = preloaded()


def clean(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class KilledRuns:
    """One configuration, run once without interruption; every other run of it is compared with that one."""

    def __init__(self, checks, folder, text):
        self.checks = checks
        self.folder = folder
        self.toml = folder / "killed.toml"
        self.toml.write_text(text)
        self.reference = folder / "reference.h5"
        begin = time.monotonic()
        foldback("run", self.toml, "-o", self.reference, "--threads", "1")
        self.seconds = time.monotonic() - begin
        self.sha = data_sha256(self.reference)
        with h5py.File(self.reference, "r") as file:
            self.blocks = len(file["/progress/block_done"])

    def arguments(self, output, *options):
        return ["run", self.toml, "-o", output, "--threads", "1", *options]

    def read_part(self, part, what):
        """Every dataset and attribute can be read, and what is marked is what the uninterrupted run wrote."""
        with h5py.File(part, "r") as file, h5py.File(self.reference, "r") as wanted:
            done = np.flatnonzero(file["/progress/block_done"][()])

            def visit(name, item):
                dict(item.attrs.items())
                if not isinstance(item, h5py.Dataset):
                    return
                values = item[()]
                rows = item.attrs.get("rows_per_block")
                for block in done if rows is not None else ():
                    part_of_it = slice(block * rows, (block + 1) * rows)
                    same = np.array_equal(values[part_of_it], wanted[name][part_of_it], equal_nan=values.dtype.kind == "f")
                    self.checks(same, f"{what}: block {block} of {name} is marked and differs")

            self.checks(file.attrs["status"] in (b"partial", b"complete"), f"{what}: status {file.attrs['status']}")
            file.visititems(visit)
        return len(done)

    def finish(self, output, what):
        """What a user does after a kill; then the file must be the same and stand alone."""
        part = part_of(output)
        if not output.exists():
            options = []
            if part.exists():
                self.read_part(part, what)
                options = ["--resume"]
            done = foldback(*self.arguments(output, *options), code=None)
            if not self.checks.equal(done.returncode, 0, f"{what}: going on ({done.stderr.strip()[:300]})"):
                return
        else:
            self.checks(not part.exists(), f"{what}: both the file and its .part are there")
            # Killed between the last two steps, a run leaves its lock; the next one takes it over.
            (output.parent / (output.name + ".lock")).unlink(missing_ok=True)
        self.checks.equal(data_sha256(output), self.sha, f"{what}: data_sha256")
        self.checks.equal(files_in(output.parent), [output.name], f"{what}: what is left in the folder")

    def kill_at_moment(self, generator, number):
        """SIGKILL, either some seconds after the start or a moment after some block; True if it came in the middle."""
        folder = clean(self.folder / "killed")
        output = folder / "a.h5"
        by_block = number % 2 == 0
        block, delay = generator.randrange(self.blocks), generator.random()
        with running(*self.arguments(output)) as process:
            if by_block:
                wait_for_blocks(output, process, block)
                time.sleep(0.02 * delay)
            else:
                time.sleep(self.seconds * delay)
            process.kill()
            process.wait()
        what = f"kill {number} ({f'after block {block}' if by_block else f'after {delay:.3f} of the time'})"
        in_the_middle = part_of(output).exists()
        self.finish(output, what)
        return in_the_middle

    def kill_at_moments(self, seed, count):
        generator = random.Random(seed)
        return sum(self.kill_at_moment(generator, number) for number in range(count))

    # Before a given call that changes a file, with tests/support/crash_at_write.c

    def crash(self, output, call=0, count=None):
        environment = dict(os.environ, LD_PRELOAD=str(PRELOADED), ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0", CRASH_AT=str(call))
        if count:
            environment["CRASH_COUNT"] = str(count)
        return foldback(*self.arguments(output, "--quiet"), code=None, env=environment)

    def calls(self):
        folder = clean(self.folder / "counted")
        done = self.crash(folder / "a.h5", count=folder / "count")
        self.checks.equal(done.returncode, 0, "a run whose writes are counted")
        return int((folder / "count").read_text())

    def first_call(self, last, reached):
        """The smallest crash point that leaves a folder for which reached(output) holds."""
        low, high = 1, last
        while low < high:
            middle = (low + high) // 2
            output = clean(self.folder / "searched") / "a.h5"
            self.crash(output, middle)
            low, high = (low, middle) if reached(output) else (middle + 1, high)
        return low

    def crash_everywhere(self, calls):
        for call in calls:
            output = clean(self.folder / "crashed") / "a.h5"
            done = self.crash(output, call)
            self.checks.equal(done.returncode, -signal.SIGKILL, f"crash at call {call}")
            left = set(files_in(output.parent))
            # Before there is a .part, going on is starting anew: tried for some of the calls.
            if left <= {"a.h5.new", "a.h5.lock"} and call % 16 != 0:
                continue
            self.finish(output, f"crash at call {call}")

    def creation_and_final_stage(self):
        """Crash points while the file is made, and after the last block is marked."""
        last = self.calls()
        made = self.first_call(last, lambda output: output.exists() or part_of(output).exists())
        final = self.first_call(last, lambda output: output.exists() or blocks_done(part_of(output)) == (self.blocks, self.blocks))
        return [*range(1, made + 1), *range(final, last + 1)], last, made, final
