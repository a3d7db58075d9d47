"""Includes follow the layers: sim <- models, sim <- analysis, all <- runs, tests. Eigen comes by sim/eigen.hpp. Names of test cases hold
no semicolon."""
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


def split_names(root):
    """CMake would take a semicolon in a name for the end of it, and look for two tests that do not exist."""
    for path in sorted((root / "tests").rglob("*.cpp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.match(r'\s*TEST_CASE(_\w+)?\("[^"]*;', line):
                yield f"{path.relative_to(root)}:{number}: a semicolon in a test's name: {line.strip()}"


def own_eigen(root):
    """Every file that uses Eigen takes it as sim/eigen.hpp does. The alternatives of the benchmarks are no part of the program."""
    for folder in [*ALLOWED, "tests"]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".hpp", ".cpp"} or path.name == "eigen.hpp" or "alternatives" in path.parts:
                continue
            includes = re.findall(r'^\s*#\s*include\s*(\S+)', path.read_text(), re.M)
            if any(name.startswith("<Eigen/") for name in includes) and includes[0] != '"sim/eigen.hpp"':
                yield f'{path.relative_to(root)}: the first include must be "sim/eigen.hpp", for it uses Eigen'


def main():
    source = pathlib.Path(os.environ["FOLDBACK_SOURCE"])
    found = list(offences(source)) + list(split_names(source)) + list(own_eigen(source))
    # The check itself: a wrong include in a made-up tree is seen.
    scratch = pathlib.Path(os.environ["SCRATCH"])
    for folder in [*ALLOWED, "tests"]:
        (scratch / folder).mkdir(parents=True, exist_ok=True)
    (scratch / "sim" / "bad.hpp").write_text('#include "analysis/claim.hpp"\n')
    assert len(list(offences(scratch))) == 1, "the check does not see a wrong include"
    (scratch / "sim" / "solver.cpp").write_text('#include "sim/solver.hpp"\n#include <Eigen/LU>\n')
    assert len(list(own_eigen(scratch))) == 1, "the check does not see a use of Eigen with vector kernels"
    (scratch / "tests" / "bad.cpp").write_text('TEST_CASE("one; two") {}\n')
    assert len(list(split_names(scratch))) == 1, "the check does not see a semicolon in a name"
    print("\n".join(found) or "includes follow the layers, names of tests are whole")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
