"""Where foldback's time goes in each workload, by sampling (perf): what says why a goal is missed."""
import dataclasses
import os
import re
import shutil
import subprocess

import table
from contenders import ContenderError, run_foldback, spent
from scaling import BERNOULLI, last_step
from workloads import WORKLOADS

LEAST = 3.0  # per cent


def short(symbol):
    """`Ascent::run` of `foldback::avx512::Ascent<..., ...>::run`."""
    name = re.sub(r"^\[.\] ", "", symbol)
    while (plain := re.sub(r"<[^<>]*>", "", name)) != name:
        name = plain
    name = re.sub(r"\(.*", "", name).replace("(anonymous namespace)::", "")
    return "::".join(part for part in name.split("::") if part not in ("foldback", "avx512", "avx2", "baseline", "detail"))


def shares(data, key):
    """Per cent of the samples by symbol or library, the largest first."""
    report = subprocess.run(["perf", "report", "-i", data, "--no-children", "--sort", key, "--stdio", "-g", "none", "-t", ";"],
                            capture_output=True, text=True, check=True).stdout
    found = {}
    for line in report.splitlines():
        if line and not line.startswith("#"):
            share, name = line.split(";")[:2]
            name = short(name.strip()) if key == "symbol" else name.strip()
            found[name] = found.get(name, 0) + float(share.strip().rstrip('%'))
    return sorted(found.items(), key=lambda item: -item[1])


def library(name, program):
    return "foldback" if name == program.name else "kernel" if name.startswith("[kernel") else name.split(".so")[0]


def profile(options, job, replicas, steps, threads=1):
    """(by function, by library), as texts."""
    data = options.folder / "perf.data"
    seconds, _, path = run_foldback(options.program, job, options.folder, replicas, steps, threads=threads)
    command = [options.program, "run", options.folder / "job.toml", "-o", path, "--force", "--quiet", "--threads", threads, "--no-verify"]
    # About two thousand samples, however short the run.
    spent(["perf", "record", "-q", "-F", str(min(20_000, int(2000 / seconds) + 100)), "-o", data, *command])
    functions = [f"{name} {share:.0f}" for name, share in shares(data, "symbol") if share >= LEAST]
    libraries = [f"{library(name, options.program)} {share:.0f}" for name, share in shares(data, "dso") if share >= LEAST]
    path.unlink()
    data.unlink()
    return ", ".join(functions), ", ".join(libraries)


def part_of_profiles(options):
    if not shutil.which("perf"):
        raise ContenderError("perf is not there: install linux-perf")
    load, rows = os.getloadavg()[0], []
    for name, make in WORKLOADS.items():
        foldback = make(options.program, options.folder, options.size).contenders[0]
        rows.append([name, *profile(options, foldback.job, *foldback.large)])
    rows.append(["W6", *profile(options, dataclasses.replace(BERNOULLI, record="states = true"), options.size(1_000_000), '{ last = 64, spacing = "every" }', threads=2)])
    rows.append(["1 replica", *profile(options, BERNOULLI, 1, last_step(1))])
    return "\n".join([
        "## Profiles", "", f"Per cent of the samples of whole processes (perf), from {LEAST:.0f} on, templates' arguments left out.", "",
        table.markdown(["", "by function", "by library"], rows), "", table.conditions(options.program, load)])
