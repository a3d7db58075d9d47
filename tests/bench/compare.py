"""Times foldback against its alternatives, interleaved in one session; compare.sh prepares it and says how it is used."""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

import contenders
import moments
import table
from contenders import ContenderError, Job, run_foldback, spent
from workloads import WORKLOADS, at

REFERENCE_WORD = 0.89  # ns per 64-bit word of Philox4x32-10 where the limits were measured


def interleaved(workload, folder, rounds):
    """One round of every contender that is only checked, then `rounds` that are timed, everybody once in each and the order rotated.
    Returns (row -> cost by round, what disagrees)."""
    costs = {row: [] for contender in workload.contenders for row in contender.rows}
    try:
        for contender in workload.contenders:
            contender.start(folder)
        checked = {contender.name: contender.round().moments for contender in workload.contenders}
        wrong = moments.disagreements(checked, workload.right)
        for turn in range(rounds if not wrong else 0):
            shift = turn % len(workload.contenders)
            for contender in workload.contenders[shift:] + workload.contenders[:shift]:
                for row, cost in contender.round().costs.items():
                    costs[row].append(cost)
    finally:
        for contender in workload.contenders:
            contender.stop()
    return costs, wrong


def word_cost(folder):
    """ns per 64-bit word of Philox4x32-10 across SIMD lanes, on this machine, now."""
    return float(subprocess.run([folder / "cpp_limits"], capture_output=True, text=True, check=True).stdout)


def limit_line(workload, costs, rows, word):
    limit = workload.limit * word / REFERENCE_WORD
    share = limit / statistics.median(costs[rows[1]])
    return (f"Limit: {table.figures(workload.limit)} ns where a word of Philox took {REFERENCE_WORD} ns; here it takes {word:.3f} ns, which "
            f"scales the limit to {table.figures(limit)} ns. {rows[1]} reaches {100 * share:.0f} % of it.")


def part_of_workload(make, options):
    load = os.getloadavg()[0]
    workload = make(options.program, options.folder, options.size)
    costs, wrong = interleaved(workload, options.folder, options.rounds)
    if wrong:
        raise ContenderError(f"{workload.name}: not everybody computes the same:\n  " + "\n  ".join(wrong))
    rows = workload.contenders[0].rows
    kinds = {contender.name: contender.kind for contender in workload.contenders}
    lines = [f"## {workload.name}: {workload.what}", "", table.cost_table(workload.unit, costs, rows), "",
             f"All {len(workload.contenders)} have the right mean and variance: "
             + ("of the exact law." if workload.right else "each agrees with all others together."), "",
             limit_line(workload, costs, rows, word_cost(options.folder)),
             *(table.goal_line(goal, costs, kinds, row) for goal in workload.goals for row in rows), *workload.notes, "",
             f"{options.rounds} rounds{options.remark}. " + table.conditions(options.program, load)]
    return "\n".join(lines)


def write_raw(path, megabytes, sync):
    """Seconds to write so many megabytes with plain system calls, a megabyte each."""
    chunk = os.urandom(1_000_000)
    begin = time.perf_counter()
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    for _ in range(megabytes):
        os.write(file, chunk)
    if sync:
        os.fsync(file)
    os.close(file)
    seconds = time.perf_counter() - begin
    os.unlink(path)
    return seconds


BERNOULLI = '[model]\nkind = "bernoulli_convolution"\nlambda = 0.5\n'
AUTOREGRESSIVE = '[model]\nkind = "autoregressive"\na = 0.9\ns = 1.0\n'


def part_of_writing(options):
    """W6: 64 checkpoints of W1, one step apart, so that there is little to compute."""
    load, megabytes = os.getloadavg()[0], 512 if not options.quick else 64
    replicas, steps = megabytes * 1_000_000 // (8 * 64), '{ last = 64, spacing = "every" }'
    seconds = {"foldback run": [], "foldback run, states off": [], "raw write, fsync": [], "raw write, page cache": []}
    for _ in range(options.rounds):
        for name, states in (("foldback run", "true"), ("foldback run, states off", "false")):
            _, wall, path = run_foldback(options.program, Job(BERNOULLI, record=f"states = {states}"), options.folder, replicas, steps, threads=2)
            path.unlink()
            seconds[name].append(wall)
        for name, sync in (("raw write, fsync", True), ("raw write, page cache", False)):
            seconds[name].append(write_raw(options.folder / "raw", megabytes, sync))
    speeds = {name: [megabytes / s for s in found] for name, found in seconds.items()}
    shares = table.ratios(speeds, "foldback run", "raw write, fsync")
    verdict = "met" if statistics.median(shares) >= 0.95 else "**missed**"
    run, compute, raw = (np.array(seconds[name]) for name in list(seconds)[:3])
    overlap = 100 * np.maximum(compute, raw / 0.95) / run
    return "\n".join([
        f"## W6: an ensemble of {megabytes} MB to HDF5", "",
        table.markdown(["", "MB/s, median [quartiles]"], [[name, table.with_quartiles(found)] for name, found in speeds.items()]), "",
        "foldback run is the whole process on two threads, on the wall: start, simulation, digests, moments, writing, fsync; it syncs what it "
        f"writes, so the raw write with fsync is its measure. Goal: 95 % of it; found {table.with_quartiles([100 * s for s in shares])} %: {verdict}.",
        "States off, it computes the same and writes next to nothing; speeds are of the same megabytes. The slower of that and of 95 % of the raw "
        f"write takes {table.with_quartiles(overlap)} % of the time of the run: the rest is what does not overlap.", "",
        f"{options.rounds} rounds{options.remark}. " + table.conditions(options.program, load)])


def slope(options, job, replicas):
    """ns per map-step, from 500 and 1000 steps, median of three."""
    def once():
        half, whole = (run_foldback(options.program, job, options.folder, replicas, at(n))[0] for n in (500, 1000))
        return (whole - half) * 1e9 / (500 * replicas)
    return statistics.median(once() for _ in range(3))


def part_of_whole_process(options):
    load, replicas = os.getloadavg()[0], options.size(10_000_000)
    rows, missed = [], []
    for name, model in (("W1", BERNOULLI), ("W2", AUTOREGRESSIVE)):
        job = Job(model)
        kernel = slope(options, job, replicas // 10) * replicas * 1000 / 1e9
        processor, wall, path = run_foldback(options.program, job, options.folder, replicas, at(1000))
        verify, _ = spent([options.program, "verify", path])
        path.unlink()
        allowed = 1.3 * kernel + 0.1
        if processor > allowed:
            missed.append(name)
        rows.append([name, *(f"{s:.2f}" for s in (kernel, processor, wall, allowed, verify))])
    return "\n".join([
        f"## The whole process at {replicas:,} replicas x 1000 steps, moments on, states off, one thread", "",
        table.markdown(["seconds", "kernel (slope)", "whole process", "on the wall", "goal: 1.3 kernel + 0.1", "verify, apart"], rows), "",
        "Goal: " + (f"**missed** by {' and '.join(missed)}." if missed else "met by both."), "",
        f"1 round{options.remark}. " + table.conditions(options.program, load)])


def part_of_start_up(options):
    load, times = os.getloadavg()[0], {"foldback --version": [], "foldback run, 1 replica": []}
    for _ in range(20):
        times["foldback --version"].append(1000 * spent([options.program, "--version"])[1])
        times["foldback run, 1 replica"].append(1000 * run_foldback(options.program, Job(BERNOULLI), options.folder, 1, at(1))[1])
    goals = {"foldback --version": 20, "foldback run, 1 replica": 50}
    rows = [[name, table.with_quartiles(found), f"{goals[name]}: " + ("met" if statistics.median(found) < goals[name] else "**missed**")]
            for name, found in times.items()]
    return "\n".join(["## Start-up", "", table.markdown(["milliseconds on the wall", "median [quartiles]", "goal"], rows), "",
                      "20 times each. " + table.conditions(options.program, load)])


PARTS = {**{name: lambda options, make=make: part_of_workload(make, options) for name, make in WORKLOADS.items()},
         "W6": part_of_writing, "whole-process": part_of_whole_process, "start-up": part_of_start_up}

MORE = ["scaling", "profiles"]

INTRODUCTION = """# Benchmarks

Written by `bash tests/bench/compare.sh`; `tests/bench/README.md` says how to read it. Every section names its machine, date and load:
absolute times move with the machine and its other guests, so compare ratios. Times are processor time of one thread; costs are medians
over rounds in which everybody runs once, in turn, and ratios are taken within a round. *foldback run* is the whole process
(`foldback run --no-verify --threads 1`: start-up, TOML, HDF5, moments, digests); *slope* is its difference between two sizes, which is
what the kernel costs. The alternatives are timed within their own process, without start-up or compiling.
"""


def assemble(folder, output, order):
    parts = [folder / f"{name}.md" for name in order]
    output.write_text("\n".join([INTRODUCTION, *(path.read_text() for path in parts if path.exists())]))


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/compare.sh", description="foldback against its alternatives, interleaved in one session")
    parser.add_argument("--only", nargs="+", choices=[*PARTS, *MORE], metavar="PART", help="of " + ", ".join([*PARTS, *MORE]))
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of each workload (5)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the replicas: to see that everything works")
    parser.add_argument("--scaling", action="store_true", help="also cost against replicas, steps, dimension, threads and contraction")
    parser.add_argument("--profiles", action="store_true", help="also where foldback's time goes")
    parser.add_argument("--output", type=pathlib.Path, help="the Markdown to write (default: runs/benchmarks.md; with --quick only where asked)")
    parser.add_argument("--program", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    options.folder, options.program = options.folder.resolve(), options.program.resolve()
    options.size = lambda replicas: max(2, replicas // 10) if options.quick else replicas
    options.remark = ", a tenth of the usual replicas" if options.quick else ""
    return options


def main():
    options = arguments()
    from profiles import part_of_profiles
    from scaling import part_of_scaling
    parts = {**PARTS, "scaling": part_of_scaling, "profiles": part_of_profiles}
    wanted = options.only or list(PARTS)
    wanted += [name for name in MORE if getattr(options, name) and name not in wanted]
    kept = options.folder / ("quick" if options.quick else "parts")
    kept.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in wanted:
        try:
            text = parts[name](options)
        except ContenderError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed.append(name)
            continue
        print(text + "\n", flush=True)
        (kept / f"{name}.md").write_text(text + "\n")
    output = options.output or (None if options.quick else pathlib.Path(contenders.__file__).parents[2] / "runs" / "benchmarks.md")
    if output:
        assemble(kept, output, list(parts))
        print(f"written: {output}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
