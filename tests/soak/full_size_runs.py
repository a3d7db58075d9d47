"""The runs that tests/end_to_end/run_files.py makes smaller, at their full size."""
import os
import pathlib
import sys

END_TO_END = pathlib.Path(os.environ["FOLDBACK_SOURCE"]) / "tests" / "end_to_end"
sys.path.insert(0, str(END_TO_END))

import run_files  # noqa: E402

if __name__ == "__main__":
    run_files.main(sorted(run_files.SMALLER))
