"""Thirty kills at random moments, and one before every single write of a run's creation and of its final stage."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "end_to_end"))
sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "support"))
from _foldback import SINE, Checks, blocks_of_moments, configuration, scratch  # noqa: E402
from killed_runs import KilledRuns, clean  # noqa: E402


def main():
    checks = Checks()
    folder = scratch()
    moments = KilledRuns(checks, clean(folder / "moments"), blocks_of_moments(SINE, replicas=6000, last=1000, starts="[[0.5]]"))
    middle = moments.kill_at_moments(seed=20260331, count=30)
    checks(middle >= 10, f"only {middle} of 30 kills left a .part")
    said = []
    for name, text in (("ensemble", configuration(replicas=40, more="[record]\npaths = 2")),
                       ("sweep", configuration(replicas=40, more='[sweep]\n"model.lambda" = [0.3, 0.5]'))):
        writes = KilledRuns(checks, clean(folder / name), text)
        points, last, made, final = writes.creation_and_final_stage()
        writes.crash_everywhere(points)
        said.append(f"{name}: {len(points)} of {last} writes (the .part from {made}, the final stage from {final})")
    checks.finish(f"30 kills, {middle} in the middle; killed before {'; '.join(said)}")


if __name__ == "__main__":
    main()
