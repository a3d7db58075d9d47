"""Every runs/*.toml says in its first lines what it must come to; this runs them all and compares.

    # expect: holds                  the exit code of `foldback verify`: holds 0, violated 1
    # verdict: CLAIM WORD            one or more; of a sweep, at every point; "not applicable" is written not_applicable
    # two lines or more of plain words

No claim but those named violated may be violated. Arguments, if any, name the runs to be checked: run_files.py fern cantor.
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PROGRAM = os.environ["FOLDBACK"]
RUNS = pathlib.Path(os.environ["FOLDBACK_SOURCE"]) / "runs"
SCRATCH = pathlib.Path(os.environ["SCRATCH"])

EXIT_CODES = {"holds": 0, "violated": 1}
WORDS = {"holds", "consistent", "violated", "inconclusive", "unresolved", "not_applicable"}
MOST_BYTES = 200e6
# At their full size: the main job, and training with the moments of 2,410 weights.
MOST_BYTES_OF = {"passes_linear": 400e6, "passes_tanh": 400e6, "passes_residual": 400e6, "passes_logistic": 400e6,
                 "quickstart": 600e6, "mlp_digits_random": 300e6, "mlp_digits_trained": 300e6}
# Among all runs the longest are made smaller, with the same verdicts; called by name (tests/soak) they have their full size.
FOUR_ROWS = 'sweep."model.eta_lambda".count=4'
HUNDRED = ["ensemble.replicas=100"]
SMALLER = {"passes_linear": HUNDRED, "passes_tanh": HUNDRED, "passes_residual": HUNDRED, "passes_logistic": HUNDRED,
           "depth_law": ["ensemble.replicas=5_000"], "descent_pl_breast_cancer": HUNDRED,
           "descent_nonconvex_breast_cancer": HUNDRED,
           "budget_forward_constant": HUNDRED, "budget_forward_decaying": HUNDRED, "budget_backward_constant": HUNDRED,
           "mlp_digits_random": ["ensemble.replicas=16"], "mlp_digits_trained": ["ensemble.replicas=16"],
           "spike_phase": [FOUR_ROWS, "ensemble.replicas=5_000"],
           "spike_phase_recovery": [FOUR_ROWS, "ensemble.replicas=10_000"],
           "spike_phase_variance": [FOUR_ROWS, "ensemble.replicas=10_000"]}
MOST_SECONDS = 180
MOST_SECONDS_BY_NAME = 600
CORES = 2


class Wrong(Exception):
    """A run that did not come to what it says, or a header that cannot be read."""


def header(file, claims):
    """The exit code and the verdicts by claim that the file's first lines announce."""
    lines = file.read_text(encoding="utf-8").splitlines()
    comment = lines[: next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    key, _, outcome = (comment[0] if comment else "").partition(": ")
    if key != "# expect" or outcome not in EXIT_CODES:
        raise Wrong("line 1 must be '# expect: holds' or '# expect: violated'")
    verdicts, words = {}, 0
    for number, line in enumerate(comment[1:], start=2):
        if not line.startswith(("# verdict", "# expect")):
            words += 1
            continue
        parts = line.split()
        if line.startswith("# expect") or words or len(parts) != 4 or parts[:2] != ["#", "verdict:"]:
            raise Wrong(f"line {number}: '{line}'; '# verdict: CLAIM WORD' lines follow line 1, before all else")
        claim, word = parts[2:]
        if claim not in claims or word not in WORDS or claim in verdicts:
            raise Wrong(f"line {number}: '{line}' names an unknown claim or verdict, or a claim for the second time")
        verdicts[claim] = word
    if not verdicts or words < 2:
        raise Wrong("needs a '# verdict: CLAIM WORD' line or more, and then two lines of explanation or more")
    if (outcome == "violated") != ("violated" in verdicts.values()):
        raise Wrong(f"expects '{outcome}', which its '# verdict' lines contradict")
    return EXIT_CODES[outcome], verdicts


def call(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def judged(report):
    """Where verdicts were reached, the words by claim: at each point, and across the points of a sweep."""
    for point in report["points"]:
        yield f" at {point['point']}" if "point" in point else "", point["claims"]
    yield " across the points", report["sweep_claims"]


def check_verdicts(report, wanted):
    differences = []
    for where, claims in judged(report):
        found = {claim["id"]: claim["verdict"].replace(" ", "_") for claim in claims}
        for claim, word in wanted.items():
            if found.get(claim, word) != word:
                differences.append(f"{claim} is {found[claim]}{where}, not {word}")
        differences += [f"{claim} is violated{where}" for claim, word in found.items() if word == "violated" and claim not in wanted]
    if differences:
        raise Wrong("; ".join(differences))


def check(file, claims, options):
    """Runs and verifies one file; the seconds each took, the megabytes written and the number of tests."""
    code, wanted = header(file, claims)
    output = SCRATCH / (file.stem + ".h5")
    try:
        begin = time.monotonic()
        done = call("run", file, "-o", output, "--force", "--quiet", "--threads", 1, *options)
        ran = time.monotonic() - begin
        if done.returncode != 0:
            raise Wrong(f"run ended with {done.returncode}: {done.stderr.strip()}")
        size = output.stat().st_size
        begin = time.monotonic()
        done = call("verify", "--json", output)
        verified = time.monotonic() - begin
    finally:
        output.unlink(missing_ok=True)
    if done.returncode not in EXIT_CODES.values():
        raise Wrong(f"verify ended with {done.returncode}: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    check_verdicts(report, wanted)
    if done.returncode != code:
        raise Wrong(f"verify ended with {done.returncode}, not {code}")
    if size > (most := MOST_BYTES_OF.get(file.stem, MOST_BYTES)):
        raise Wrong(f"wrote {size / 1e6:.0f} MB, more than {most / 1e6:.0f}")
    return ran, verified, size / 1e6, report["tests"]


def claim_ids():
    listed = call("list", "claims", "--json")
    if listed.returncode != 0:
        sys.exit(f"foldback list claims --json: {listed.stderr}")
    return {claim["name"] for claim in json.loads(listed.stdout)}


def line(file, claims, options):
    """Whether the run came to what it says, and its row of the table."""
    try:
        ran, verified, megabytes, tests = check(file, claims, options)
    except Wrong as wrong:
        return False, f"{file.stem:<28} FAILED: {wrong}"
    return True, f"{file.stem:<28} {ran:6.1f} {verified:8.1f} {megabytes:6.0f} {tests:6}"


def main(names):
    SCRATCH.mkdir(parents=True, exist_ok=True)
    claims = claim_ids()
    files = [RUNS / f"{name}.toml" for name in names] or sorted(RUNS.glob("*.toml"))
    if not files:
        sys.exit(f"no runs in {RUNS}")
    failures = 0
    print(f"{'run':<28} {'run s':>6} {'verify s':>8} {'MB':>6} {'tests':>6}")
    with ThreadPoolExecutor(CORES) as pool:
        smaller = {} if names else SMALLER
        options = [[word for setting in smaller.get(file.stem, []) for word in ("--set", setting)] for file in files]
        for passed, text in pool.map(lambda file, more: line(file, claims, more), files, options):
            failures += not passed
            print(text, flush=True)
    # The processors' seconds: those of the clock depend on what else the machine is doing.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = (used.ru_utime + used.ru_stime) / CORES
    print(f"{len(files)} runs, {failures} failed, {seconds:.0f} s on {CORES} processors")
    most = MOST_SECONDS_BY_NAME if names else MOST_SECONDS
    if seconds > most:
        failures += 1
        print(f"FAILED: together they may take {most} s: make the slowest smaller")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
