"""Files of further shapes satisfy every reader; see tests/end_to_end/readers.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["FOLDBACK_SOURCE"], "tests", "end_to_end"))
import readers  # noqa: E402

readers.main(readers.further_files)
