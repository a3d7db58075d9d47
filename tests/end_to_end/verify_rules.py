"""`verify`: what it says of true and false constants, that it only ever reads, and how it refuses what it cannot judge."""
import json
import os
import shutil
import subprocess
import sys
import time

import h5py

from _foldback import (FOLDBACK, GAMMA, SINE, Checks, blocks_of_moments, bytes_sha256, configuration, files_in, foldback, part_of, run, running,
                       scratch, wait_for_blocks)

STEPS = '{ last = 40, spacing = "log", count = 8 }'


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON number")


def verdicts(path, *options, code=None):
    """(exit code, what verify --json prints)"""
    done = foldback("verify", path, "--json", *options, code=code)
    return done.returncode, json.loads(done.stdout, parse_constant=refuse_constant)


def claims(evaluation):
    return {claim["id"]: claim for claim in evaluation["points"][0]["claims"] + evaluation["sweep_claims"]}


def check_constants(checks, folder):
    true = run(folder, "true", configuration(replicas=2000))
    checks.equal(foldback("verify", true, code=None).returncode, 0, "verify under the model's own constants: exit code")
    for name, assumed in (("rho_2", {"rho_2": 0.3}), ("rho_inf", {"rho_inf": 0.4}), ("D_inf", {"D_inf": 0.01})):
        options = [word for key, value in assumed.items() for word in ("--set", f"verify.assume.{key}={value}")]
        false = run(folder, f"false-{name}", configuration(replicas=2000), *options)
        done = foldback("verify", false, code=None)
        checks.equal(done.returncode, 1, f"verify under a false {name}: exit code")
        checks.holds(done.stdout, "violated", f"{name} = {assumed[name]}", "assumed", what=f"verify under a false {name}")
        code, evaluation = verdicts(false)
        checks.equal((code, evaluation["overall"], evaluation["assumed"]), (1, "violated", [f"{name} = {assumed[name]}"]), f"verify --json under a false {name}")
        checks.equal(foldback("verify", false, "--strict", code=None).returncode, 1, f"verify --strict under a false {name}: exit code")
        with h5py.File(false, "r") as file:
            stored = {claim: int(group["overall"][()]) for claim, group in file["/claims"].items()}
            checks(5 in stored.values(), f"a false {name}: no violation is stored in the file: {stored}")
    # A true but loose constant is a theorem still.
    loose = run(folder, "loose", configuration(replicas=2000), "--set", "verify.assume.rho_2=0.7")
    checks.equal(foldback("verify", loose, code=None).returncode, 0, "verify under a loose constant: exit code")
    strict = foldback("run", folder / "true.toml", "-o", folder / "strict.h5", "--set", "verify.assume.rho_2=0.3", "--strict", code=None)
    checks.equal(strict.returncode, 1, "run --strict under a false rho_2: exit code")
    checks((folder / "strict.h5").exists(), "run --strict with a violated claim publishes no file")
    return true


def check_threads(checks, path):
    one = verdicts(path, "--threads", "1")
    for threads in ("2", "3"):
        checks.equal(verdicts(path, "--threads", threads), one, f"verify --json on {threads} threads against one")
    refused = foldback("verify", path, "--threads", "0", code=None)
    checks.equal(refused.returncode, 2, "verify --threads 0: exit code")
    checks.holds(refused.stderr, "--threads", what="verify --threads 0")


def check_only_reads(checks, folder, path):
    before = bytes_sha256(path), path.stat().st_mtime_ns, path.stat().st_ctime_ns
    listed = files_in(folder)
    for options in ([], ["--json"], ["--strict"], ["--alpha", "0.01"], ["--claims", "law-equality"]):
        foldback("verify", path, *options, code=None)
    foldback("inspect", path)
    checks.equal((bytes_sha256(path), path.stat().st_mtime_ns, path.stat().st_ctime_ns), before, "verify changes the file it reads")
    checks.equal(files_in(folder), listed, "verify leaves something behind")
    # Where nobody may write.
    user = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
    reachable = all(part.stat().st_mode & 0o001 for part in [folder, *folder.parents])
    if user and not (reachable and subprocess.run([FOLDBACK, "--version"], capture_output=True, check=False, **user).returncode == 0):
        print("NOT RUN: a read-only file: root may do everything, and another user cannot get at the program", file=sys.stderr)
        return
    locked = folder / "locked"
    locked.mkdir()
    copy = locked / "a.h5"
    shutil.copy(path, copy)
    copy.chmod(0o444)
    locked.chmod(0o555)
    done = foldback("verify", copy, code=None, **user)
    checks.equal(done.returncode, 0, f"verify of a read-only file ({done.stderr.strip()[:200]})")
    locked.chmod(0o755)


def cells(claim):
    return {(cell["case"], cell[claim["axis"]]): cell for cell in claim["cells"]}


def check_levels(checks, path):
    _, all_of_them = verdicts(path)
    code, some = verdicts(path, "--claims", "law-equality,forward-floor")
    checks.equal(some["tests"], all_of_them["tests"], "--claims changes the number of tests that share alpha")
    for name in ("law-equality", "forward-floor"):
        checks.equal(claims(some)[name], claims(all_of_them)[name], f"--claims changes {name}")
    others = {claim["verdict"] for name, claim in claims(some).items() if name not in ("law-equality", "forward-floor")}
    checks(others <= {"unresolved", "not applicable"}, f"claims that were not selected: {others}")
    printed = foldback("verify", path, "--claims", "law-equality", code=None).stdout
    checks.holds(printed, "not selected", what="verify --claims")

    _, sharp = verdicts(path, "--alpha", "1e-9")
    checks.equal(sharp["alpha"], 1e-9, "--alpha")
    wide, narrow = cells(claims(sharp)["law-equality"]), cells(claims(all_of_them)["law-equality"])
    width = lambda cell: cell["upper"] - cell["lower"]  # noqa: E731
    checks(all(width(wide[key]) >= width(narrow[key]) for key in narrow) and any(width(wide[key]) > width(narrow[key]) for key in narrow),
           "a smaller alpha does not widen the intervals")
    for alpha in ("0", "0.6", "-1", "nan", "small"):
        done = foldback("verify", path, "--alpha", alpha, code=None)
        checks.equal((done.returncode, done.stdout), (2, ""), f"--alpha {alpha}: exit code and stdout")
        checks.holds(done.stderr, "--alpha", what=f"--alpha {alpha}")
    done = foldback("verify", path, "--claims", "law-equallity", code=None)
    checks.equal((done.returncode, done.stdout), (2, ""), "an unknown claim: exit code and stdout")
    checks.holds(done.stderr, "law-equallity", "did you mean 'law-equality'", what="an unknown claim")


def check_strict(checks, folder):
    few = run(folder, "few", configuration(replicas=10))
    code, evaluation = verdicts(few, "--strict")
    undecided = [name for name, claim in claims(evaluation).items() if claim["verdict"] == "inconclusive"]
    checks(undecided and code == 4, f"--strict with few replicas: exit code {code}, inconclusive: {undecided}")
    checks.equal(foldback("verify", few, code=None).returncode, 0, "without --strict, with few replicas: exit code")
    # Paths settle what holds on every path, whatever the number of replicas.
    code, evaluation = verdicts(few, "--strict", "--claims", "backward-point-spread")
    checks.equal((code, claims(evaluation)["backward-point-spread"]["verdict"]), (0, "holds"), "--strict of a claim that holds on every path")
    nothing = run(folder, "nothing", configuration(replicas=50, ensemble='orders = ["forward"]', more="[record]\nstates = false"), "--no-verify")
    code, evaluation = verdicts(nothing, "--strict", "--claims", "law-equality")
    checks.equal(code, 4, f"--strict where nothing can be resolved ({evaluation['overall']}): exit code")
    checks.equal(foldback("run", folder / "few.toml", "-o", folder / "strict-few.h5", "--strict", "--quiet", code=None).returncode, 4,
                 "run --strict with few replicas: exit code")


def check_save(checks, folder, path):
    saved = folder / "evaluation.h5"
    foldback("verify", path, "--save", saved, code=0)
    inspected = foldback("inspect", saved).stdout
    checks.holds(inspected, "evaluation", "law-equality", what="inspect of an evaluation")
    described = json.loads(foldback("inspect", saved, "--json").stdout, parse_constant=refuse_constant)
    checks.equal(described["attributes"]["evaluated_file"], path.name, "the evaluated file, in the evaluation")
    with h5py.File(path, "r") as file:
        checks.equal(described["attributes"]["evaluated_data_sha256"], file.attrs["data_sha256"].decode(), "its data_sha256")
    same = subprocess.run(["h5diff", "-c", path, saved, "/claims"], capture_output=True, text=True, check=False)
    checks(same.returncode == 0 and not same.stdout, f"the evaluation differs from what the run stored: {same.stdout[:400]}{same.stderr[:200]}")
    done = foldback("verify", saved, code=None)
    checks.equal((done.returncode, done.stdout), (3, ""), "verify of an evaluation: exit code and stdout")
    checks.holds(done.stderr, "evaluation.h5", "evaluation", what="verify of an evaluation")
    before = bytes_sha256(saved), bytes_sha256(path)
    for target, part in ((saved, "exists already"), (path, "exists already"), (folder, "name another file"), (folder / "nowhere" / "a.h5", "does not exist")):
        done = foldback("verify", path, "--save", target, code=None)
        checks.equal(done.returncode, 3, f"--save {target}: exit code")
        checks.holds(done.stderr, part, what=f"--save {target}")
        checks("--force" not in done.stderr and "--output" not in done.stderr, f"--save {target} advises options that verify lacks: {done.stderr.strip()}")
    checks.equal((bytes_sha256(saved), bytes_sha256(path)), before, "--save over a file")
    checks(not list(folder.glob("*.part")) and not list(folder.glob("*.new")) and not list(folder.glob("*.lock")), f"--save leaves {files_in(folder)}")


def edited(folder, path, edit):
    copy = folder / "edited.h5"
    shutil.copy(path, copy)
    with h5py.File(copy, "r+") as file:
        edit(file)
    return copy


def check_refusals(checks, folder, path):
    def refuse(name, target, *parts):
        for verb in (["verify", target], ["verify", target, "--json"]):
            done = foldback(*verb, code=None)
            checks.equal((done.returncode, done.stdout), (3, ""), f"{name}: exit code and stdout ({done.stderr.strip()[:200]})")
            checks.holds(done.stderr, target.name, *parts, what=f"{name}: stderr")
            checks.equal(len(done.stderr.strip().splitlines()), 1, f"{name}: lines on stderr ({done.stderr[:300]!r})")

    toml = folder / "long.toml"
    toml.write_text(blocks_of_moments(SINE, replicas=3000, last=700))
    output = folder / "long.h5"
    with running("run", toml, "-o", output, "--threads", "1") as process:
        wait_for_blocks(output, process, 1)
        process.terminate()
        process.communicate()
    refuse("a .part", part_of(output), "not finished", "run --resume")
    refuse("a file whose .part is there", output, "no such file", "run --resume")
    refuse("no file", folder / "nowhere.h5", "no such file")
    refuse("a folder", folder, "is a folder")
    refuse("a text", toml, "not an HDF5 file")
    content = path.read_bytes()
    for name, length in (("nothing", 0), ("a hundred bytes", 100), ("half", len(content) // 2), ("all but one byte", len(content) - 1)):
        cut = folder / "cut.h5"
        cut.write_bytes(content[:length])
        refuse(f"{name} of a file", cut)
    with h5py.File(folder / "other.h5", "w") as file:
        file["x"] = [1.0, 2.0]
    refuse("another HDF5 file", folder / "other.h5", "not a foldback file")
    for version in ("2.0", "10.0", "0.9"):
        refuse(f"format version {version}", edited(folder, path, lambda file: file.attrs.modify("format_version", version)), version, "1.0", "software version")  # noqa: B023
    refuse("a format version that is none", edited(folder, path, lambda file: file.attrs.modify("format_version", "two")), "two")
    refuse("another format", edited(folder, path, lambda file: file.attrs.modify("format", "elsewhere")), "not a foldback file")

    def drop(name):
        def edit(file):
            del file[name]
        return edit

    refuse("no resolved configuration", edited(folder, path, drop("/config/resolved")), "/config/resolved")
    without = foldback("verify", edited(folder, path, drop("/forward/state")), "--claims", "law-equality", code=None)
    checks.equal(without.returncode, 0, "without states: exit code")
    checks.holds(without.stdout, "unresolved", "/forward/state was not recorded", what="without states")

    def scribble(file):
        del file["/config/resolved"]
        file["/config/resolved"] = "{ not JSON"
    refuse("a damaged configuration", edited(folder, path, scribble), "/config/resolved")

    def unknown_model(file):
        text = file["/config/resolved"].asstr()[()].replace("bernoulli_convolution", "someone_elses")
        del file["/config/resolved"]
        file["/config/resolved"] = text
    refuse("an unknown model", edited(folder, path, unknown_model), "someone_elses")
    minor = edited(folder, path, lambda file: file.attrs.modify("format_version", "1.7"))
    checks.equal(foldback("verify", minor, code=None).returncode, 0, "a newer minor version: exit code")


def main():
    checks = Checks()
    folder = scratch()
    true = check_constants(checks, folder)
    check_threads(checks, true)
    check_only_reads(checks, folder, true)
    check_levels(checks, true)
    check_strict(checks, folder)
    check_save(checks, folder, true)
    check_refusals(checks, folder, true)
    # The evaluation that the run stored is the one that verify makes from the file.
    gamma = run(folder, "gamma", configuration(GAMMA, replicas=500, starts="[[0.0], [3.0]]"))
    _, evaluation = verdicts(gamma)
    names = {0: "not applicable", 1: "unresolved", 2: "inconclusive", 3: "holds", 4: "consistent", 5: "violated"}
    with h5py.File(gamma, "r") as file:
        stored = {name: names[int(group["overall"][()])] for name, group in file["/claims"].items()}
    checks.equal({name: claim["verdict"] for name, claim in claims(evaluation).items()}, stored, "verify after run: the verdicts")
    checks.finish("verify judges, only reads, and refuses clearly")


if __name__ == "__main__":
    main()
