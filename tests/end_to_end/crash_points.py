"""A few dozen of the crash points of writing a file; tests/soak/crash_points.py tries them all."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "support"))
import crash_points  # noqa: E402


def points(reference):
    first, last = reference.first_block, reference.calls
    creation = range(1, first, max(1, first // 10))
    blocks = range(first, last - 12, max(1, (last - first) // 12))
    return [*creation, first - 1, *blocks, *range(last - 12, last + 1)]


crash_points.run(points)
