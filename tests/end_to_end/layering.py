"""Includes follow the layers: sim <- models, sim <- analysis, all <- runs, tests. Fails on any other include."""
import os
import pathlib
import re
import sys

ALLOWED = {"sim": {"sim"}, "models": {"sim", "models"}, "analysis": {"sim", "analysis"},
           "runs": {"sim", "models", "analysis", "runs"}}


def offences(root):
    for folder, allowed in ALLOWED.items():
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".hpp", ".cpp", ".def"}:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = re.match(r'\s*#\s*include\s*["<](sim|models|analysis|runs|tests)/', line)
                if match and match[1] not in allowed:
                    yield f"{path.relative_to(root)}:{number}: {folder}/ must not include {match[1]}/: {line.strip()}"


def main():
    found = list(offences(pathlib.Path(os.environ["FOLDBACK_SOURCE"])))
    # The check itself: a wrong include in a made-up tree is seen.
    scratch = pathlib.Path(os.environ["SCRATCH"])
    for folder in ALLOWED:
        (scratch / folder).mkdir(parents=True, exist_ok=True)
    (scratch / "sim" / "bad.hpp").write_text('#include "analysis/claim.hpp"\n')
    assert len(list(offences(scratch))) == 1, "the check does not see a wrong include"
    print("\n".join(found) or "includes follow the layers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
