"""A run that is killed or interrupted goes on where it stopped and gives the same file; two runs on one output, changed
configurations and existing files are refused; readers and runs do not block each other."""
import os
import shlex
import signal
import subprocess
import sys
import time

import h5py

from _foldback import (BERNOULLI, FOLDBACK, SUPPORT, Checks, blocks_done, blocks_of_moments, bytes_sha256, configuration, data_sha256, files_in,
                       foldback, part_of, run, running, scratch, wait_for_blocks)

sys.path.insert(0, str(SUPPORT))
from killed_runs import KilledRuns, clean  # noqa: E402

TEXT = blocks_of_moments(BERNOULLI, replicas=6000, last=700, starts="[[0.5]]")


def interrupt(arguments, output, sent, blocks=1, **options):
    """Starts the program, sends a signal once some blocks are done; the finished process and its stderr."""
    with running(*arguments, **options) as process:
        wait_for_blocks(output, process, blocks)
        process.send_signal(sent)
        stdout, stderr = process.communicate(timeout=60)
        return process.returncode, stdout, stderr


def resume_command(stderr):
    """The line after the one that says how to go on."""
    lines = stderr.splitlines()
    at = [number for number, line in enumerate(lines) if line.endswith("go on with")]
    return lines[at[0] + 1].strip() if at and at[0] + 1 < len(lines) else "false"


def as_typed(command, folder):
    """What a user does with the printed command: pastes it into a shell."""
    path = f"{os.path.dirname(FOLDBACK)}:{os.environ['PATH']}"
    return subprocess.run(["bash", "-c", command], cwd=folder, env=dict(os.environ, PATH=path), capture_output=True, text=True, check=False)


def check_signals(checks, killed, folder):
    for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        name = sent.name
        output = clean(folder / name) / "a.h5"
        returned, _, stderr = interrupt(killed.arguments(output), output, sent)
        checks.equal(returned, code, f"{name}: exit code")
        checks(part_of(output).exists() and not output.exists(), f"{name}: the folder holds {files_in(output.parent)}")
        checks.equal(files_in(output.parent), ["a.h5.part"], f"{name}: what is left")
        done, blocks = blocks_done(part_of(output))
        checks(0 < done < blocks, f"{name}: {done} of {blocks} blocks")
        checks.holds(stderr, "interrupted", f"{done} of {blocks}", "--resume", what=f"{name}: stderr")
        resumed = as_typed(resume_command(stderr), folder)
        checks.equal(resumed.returncode, 0, f"{name}: the printed command ({resumed.stderr.strip()[:300]})")
        if output.exists():
            checks.equal(data_sha256(output), killed.sha, f"{name}: data_sha256")
        checks.equal(files_in(output.parent), ["a.h5"], f"{name}: what is left in the end")


def check_printed_command(checks, folder):
    """The printed command goes on with the same run, whatever the run was given."""
    cases = {"set": (["--set", "ensemble.replicas=5999"], "plain"), "set of a list": (["--set", 'record.observables=["spread"]'], "plain"),
             "no-verify": (["--no-verify"], "plain"), "spaces": ([], "a folder with spaces"), "force": (["--force"], "forced"), "default output": (None, "default")}
    for name, (options, place) in cases.items():
        at = clean(folder / place)
        toml = at / "the run.toml" if "spaces" in place else at / "run.toml"
        toml.write_text(TEXT)
        output = at / "out" / "run.h5" if options is None else at / ("a b.h5" if "spaces" in place else "a.h5")
        if name == "force":
            foldback("run", toml, "-o", output, "--quiet", "--set", "ensemble.replicas=10")
        arguments = ["run", toml, "--threads", "1", *(["-o", output] if options is not None else []), *(options or [])]
        returned, _, stderr = interrupt(arguments, output, signal.SIGINT)
        checks.equal(returned, 130, f"printed command, {name}: exit code")
        command = resume_command(stderr)
        resumed = as_typed(command, folder)
        checks(resumed.returncode == 0 and output.exists() and not part_of(output).exists(),
               f"printed command, {name}: `{command}` exits with {resumed.returncode}: {resumed.stderr.strip()[:400]}")


def check_resume_refusals(checks, killed, folder):
    output = clean(folder / "refused") / "a.h5"
    done = foldback(*killed.arguments(output, "--resume"), code=3)
    checks.holds(done.stderr, "a.h5.part", "nothing to resume", what="resume without a .part")
    checks.equal(files_in(output.parent), [], "resume without a .part leaves")

    interrupt(killed.arguments(output), output, signal.SIGINT)
    before = bytes_sha256(part_of(output))
    changed = ["--set", "ensemble.seed=7", "--set", "model.lambda=0.4", "--set", "record.paths=2"]
    done = foldback(*killed.arguments(output, "--resume", *changed), code=2)
    checks.holds(done.stderr, "ensemble.seed: 7 here, 20260330 in the file", "model.lambda: 0.4 here, 0.5 in the file",
                 "record.paths: 2 here, 0 in the file", "--force", what="resume with another configuration")
    checks.equal(len(done.stderr.strip().splitlines()), 4, "resume with another configuration: lines of the message")
    checks.equal(bytes_sha256(part_of(output)), before, "the .part after a refused resume")
    checks.equal(files_in(output.parent), ["a.h5.part"], "a refused resume leaves")
    done = foldback(*killed.arguments(output), code=3)
    checks.holds(done.stderr, "a.h5.part", "--resume", "--force", what="run over a .part")
    checks.equal(bytes_sha256(part_of(output)), before, "the .part after a refused run")
    # Threads and lanes are no part of the configuration.
    foldback("run", killed.toml, "-o", output, "--resume", "--threads", "2", "--lanes", "1")
    checks.equal(data_sha256(output), killed.sha, "resumed with other threads: data_sha256")
    done = foldback(*killed.arguments(output, "--resume"), code=3)
    checks.holds(done.stderr, "complete", what="resume of a complete run")


def check_changed_verify(checks, killed, folder):
    """The claims are laid out before the run: a resume under another [verify] is refused, with the way to judge anew."""
    output = clean(folder / "judged") / "a.h5"
    interrupt(killed.arguments(output), output, signal.SIGINT)
    before = bytes_sha256(part_of(output))
    for setting, said in (("verify.alpha=0.01", "verify.alpha: 0.01 here, 0.001 in the file"), ("verify.assume.rho_inf=0.9", "verify.assume"),
                          ('verify.claims=["law-equality"]', "verify.claims")):
        done = foldback(*killed.arguments(output, "--resume", "--set", setting), code=None)
        checks.equal(done.returncode, 2, f"resumed with {setting}: exit code ({done.stderr.strip()[:300]})")
        checks.holds(done.stderr, said, "foldback verify", what=f"resumed with {setting}")
    checks.equal(bytes_sha256(part_of(output)), before, "the .part after resumes that were refused")
    foldback(*killed.arguments(output, "--resume"))
    checks.equal(data_sha256(output), killed.sha, "resumed in the end: data_sha256")
    judged = foldback("verify", output, "--alpha", "0.01", code=None)
    checks.holds(judged.stdout, "alpha = 0.01", what="verify --alpha")


def check_second_run(checks, killed, folder):
    """While one run holds the output (stopped, so that it surely still does), others are refused at once."""
    output = clean(folder / "held") / "a.h5"
    with running(*killed.arguments(output)) as first:
        wait_for_blocks(output, first, 1)
        first.send_signal(signal.SIGSTOP)
        checks(first.poll() is None and part_of(output).exists(), "the first run had ended before the second began")
        for options in ([], ["--resume"], ["--force"], ["--force", "--resume"]):
            begin = time.monotonic()
            done = foldback(*killed.arguments(output, *options), code=None)
            what = f"a second run {' '.join(options)}"
            checks.equal(done.returncode, 3, f"{what}: exit code")
            checks.holds(done.stderr, str(first.pid), "is writing it", what=f"{what}: stderr")
            checks(time.monotonic() - begin < 5, f"{what} is not refused at once")
        # Reading is not refused, and does not stop the run.
        inspected = foldback("inspect", part_of(output), code=0)
        checks.holds(inspected.stdout, "partial", "blocks", what="inspect of a .part that is being written")
        with h5py.File(part_of(output), "r") as reader:
            first.send_signal(signal.SIGCONT)
            _, stderr = first.communicate(timeout=120)
            checks.equal(first.returncode, 0, f"a run whose .part is being read ({stderr.strip()[:300]})")
            reader["/progress/block_done"][()]
    checks.equal(data_sha256(output), killed.sha, "a run that was watched: data_sha256")
    checks.equal(files_in(output.parent), ["a.h5"], "what a watched run leaves")


def check_existing_output(checks, folder):
    output = run(clean(folder / "existing"), "a", configuration(replicas=20))
    before, changed = bytes_sha256(output), output.stat().st_mtime_ns
    toml = output.with_name("a.toml")
    done = foldback("run", toml, "-o", output, code=3)
    checks.holds(done.stderr, "a.h5", "exists already", "--force", what="an existing output")
    checks.equal((bytes_sha256(output), output.stat().st_mtime_ns), (before, changed), "an existing output is touched")
    checks.equal(files_in(output.parent), ["a.h5", "a.toml"], "what a refused run leaves")
    # Who reads the old file goes on reading it while --force puts another one in its place.
    with h5py.File(output, "r") as reader:
        foldback("run", toml, "-o", output, "--force", "--set", "ensemble.seed=5", "--quiet")
        checks.equal(int(reader.attrs["seed"]), 20260330, "the seed in a file that is being read")
        reader["/forward/state"][()]
    with h5py.File(output, "r") as file:
        checks.equal(int(file.attrs["seed"]), 5, "the seed after --force")


def main():
    checks = Checks()
    folder = scratch()
    killed = KilledRuns(checks, folder, TEXT)
    checks(killed.blocks >= 8, f"too few blocks to be killed between: {killed.blocks}")
    middle = killed.kill_at_moments(seed=20260330, count=8)
    checks(middle >= 3, f"only {middle} of 8 kills left a .part")
    check_signals(checks, killed, folder)
    check_printed_command(checks, folder)
    check_resume_refusals(checks, killed, folder)
    check_changed_verify(checks, killed, folder)
    check_second_run(checks, killed, folder)
    check_existing_output(checks, folder)
    checks.finish(f"8 kills, {middle} of them in the middle of {killed.blocks} blocks; signals, refusals, readers")


if __name__ == "__main__":
    main()
