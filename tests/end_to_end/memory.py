"""What `check` says a run takes of memory is what it takes: never less, and not many times more."""
import json
import os
import subprocess

from _foldback import BERNOULLI, FERN, FOLDBACK, Checks, configuration, foldback, scratch

MIB = 1 << 20
SLACK = 12 * MIB  # of the allocator, and of what a run touches of the program that one replica does not
DIAGONAL = repr([[0.5 if i == j else 0.0 for j in range(40)] for i in range(40)])
VECTOR = f'[model]\nkind = "vector_autoregressive"\nA = {DIAGONAL}\nS = {DIAGONAL}\n'
NO_CLAIM = '[verify]\nclaims = ["forward-bias"]\n'  # does not apply: nothing is recorded for it
LOG = '{{ last = {}, spacing = "log", count = {} }}'

# name, TOML, whether it is verified
CASES = [
    ("blocks of states", configuration(replicas=40_000, steps=LOG.format(4000, 400), more=NO_CLAIM), False),
    ("moments of every step", configuration(VECTOR, replicas=400, starts=repr([[0.0] * 40]), steps=LOG.format(600, 4),
                                            more=NO_CLAIM + '[record]\nstates = false\nmoments = "every_step"\n'), False),
    ("the states of folds", configuration(VECTOR, replicas=64, starts=repr([[0.0] * 40]), steps="{ last = 1000, spacing = \"linear\", count = 1000 }",
                                          ensemble='orders = ["backward", "window_8"]', more=NO_CLAIM), False),
    ("a sweep", configuration(BERNOULLI.replace("0.5", "0.4"), replicas=20_000, steps=LOG.format(2000, 60),
                              more="[sweep]\n\"model.lambda\" = [0.3, 0.4, 0.45]\n"), True),
    ("verification", configuration(FERN, replicas=20_000, starts="[[0.0, 0.0]]", steps=LOG.format(200, 40)), True),
]


def peak(arguments):
    """Bytes of memory that the program had at most."""
    process = subprocess.Popen([FOLDBACK, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: exit code {process.returncode}: {stderr}")
    return usage.ru_maxrss * 1024


def main():
    checks = Checks()
    folder = scratch()
    for name, text, verified in CASES:
        toml = folder / f"{name.replace(' ', '_')}.toml"
        toml.write_text(text)
        options = ["--threads", "2"]
        said = json.loads(foldback("check", toml, "--json", *options).stdout)
        run = ["run", toml, "-o", toml.with_suffix(".h5"), "--force", "--quiet", *options, *([] if verified else ["--no-verify"])]
        base = peak([*run, "--set", "ensemble.replicas=1"])
        taken = peak(run) - base
        most = said["bytes_in_memory"] + (said["bytes_cached_while_verifying"] if verified else 0)
        print(f"{name}: said {most / MIB:.1f} MiB, took {taken / MIB:.1f} MiB beyond the {base / MIB:.1f} MiB of a single replica")
        checks(taken <= most + SLACK, f"{name}: takes {taken / MIB:.1f} MiB, check says {most / MIB:.1f} MiB")
        checks(most <= 3 * taken + SLACK, f"{name}: check says {most / MIB:.1f} MiB, it takes {taken / MIB:.1f} MiB")
        checks(taken > 2 * SLACK, f"{name}: takes only {taken / MIB:.1f} MiB: too little to show anything")
    text = foldback("check", folder / "verification.toml").stdout
    checks.holds(text, "in memory", "of the file while verifying", what="check's text")
    checks.finish(f"{len(CASES)} runs take what check says")


if __name__ == "__main__":
    main()
