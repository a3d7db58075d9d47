"""Every crash point of writing a file, and kills of the run that goes on after a kill."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "support"))
import crash_points  # noqa: E402


def double_kills(reference):
    first, last = reference.first_block, reference.calls
    return [(at, second) for at in range(first, last, 17) for second in range(1, last - first + 20, 7)]


crash_points.run(lambda reference: range(1, reference.calls + 1), double_kills)
