"""A file of some 2,000 tests: over twenty seeds no true claim is violated, at the level of the whole file.

20 files at alpha = 1e-3: a correct program fails with probability at most 0.02, and the seeds are fixed. Negative control:
under a false constant, each of the same files is violated.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "end_to_end"))
from _foldback import Checks, configuration, foldback, run, scratch  # noqa: E402

MODEL = """[model]
kind = "vector_autoregressive"
A = [[0.6, 0.3, 0.0, 0.0], [-0.2, 0.7, 0.0, 0.1], [0.0, 0.0, 0.5, 0.0], [0.1, 0.0, 0.0, -0.4]]
s = 1.0
"""
TEXT = configuration(MODEL, replicas=2000, starts="[[0.0, 0.0, 0.0, 0.0], [3.0, -3.0, 3.0, -3.0]]", steps='{ last = 100, spacing = "linear", count = 20 }')


def evaluation(path):
    done = foldback("verify", path, "--json", code=None)
    return done.returncode, json.loads(done.stdout)


def main():
    checks = Checks()
    folder = scratch()
    for seed in range(1, 21):
        path = run(folder, f"seed-{seed}", TEXT, "--set", f"ensemble.seed={seed}")
        code, found = evaluation(path)
        violated = [claim["id"] for claim in found["points"][0]["claims"] if claim["verdict"] == "violated"]
        checks(code == 0 and not violated, f"seed {seed}: exit code {code}, violated: {violated}")
        checks(found["tests"] >= 2000, f"only {found['tests']} tests")
        false = run(folder, f"false-{seed}", TEXT, "--set", f"ensemble.seed={seed}", "--set", "verify.assume.rho_2=0.3", "--set", "verify.assume.rho_4=0.3",
                    "--set", "verify.assume.D_2=1.0")
        checks.equal(evaluation(false)[0], 1, f"seed {seed} under a false constant: exit code")
        for left in (path, false):
            left.unlink()
    checks.finish(f"20 files of {found['tests']} tests each, none violated; each violated under a false constant")


if __name__ == "__main__":
    main()
