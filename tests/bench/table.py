"""Medians, ratios within a round, and the Markdown of runs/benchmarks.md."""
import datetime
import os
import pathlib
import platform
import re
import subprocess

import numpy as np


def quartiles(values):
    return [float(q) for q in np.percentile(values, [25, 50, 75])]


def figures(value):
    """Three significant digits, without an exponent."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{max(0, 2 - int(np.floor(np.log10(abs(value)))))}f}"


def with_quartiles(values):
    low, median, high = quartiles(values)
    return f"{figures(median)} [{figures(low)}, {figures(high)}]"


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def ratios(costs, row, base):
    """Cost of a row over that of `base`, round by round: what slows a whole round down falls out."""
    return [a / b for a, b in zip(costs[row], costs[base], strict=True)]


def goal_line(goal, costs, kinds, base):
    """Whether the fastest alternative (by median) of the goal's kinds takes goal.ratio times as long as `base`."""
    rows = [row for row, kind in kinds.items() if kind in goal.kinds]
    best = min(rows, key=lambda row: np.median(costs[row]))
    found = ratios(costs, best, base)
    verdict = "met" if np.median(found) >= goal.ratio else "**missed**"
    return f"Goal: {goal}. {best} takes {with_quartiles(found)} times as long as {base}: {verdict}."


def cost_table(unit, costs, bases):
    """costs: row -> cost by round; bases: the rows of foldback, the first of which stands in every ratio."""
    order = sorted(costs, key=lambda row: (row not in bases, np.median(costs[row])))
    rows = [[row, with_quartiles(costs[row]), with_quartiles(ratios(costs, row, bases[0])) if row not in bases[:1] else 1] for row in order]
    return markdown([f"median [quartiles]", unit, f"over {bases[0]}"], rows)


def first_match(pattern, text, otherwise="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else otherwise


def conditions(program, begin_load):
    """One line: when, where, how busy, which foldback."""
    cpu = first_match(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text())
    flags = first_match(r"^flags\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), "").split()
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "128-bit vectors"
    version = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (f"{now}; {cpu}, {os.cpu_count()} processors, {vectors}; {platform.system()} {platform.release().split('-')[0]}; load average "
            f"{begin_load:.2f} before, {os.getloadavg()[0]:.2f} after; {version}.")
