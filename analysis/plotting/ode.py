"""Figure `ode`: by how much SGD misses its gradient flow and its moment closure, against the step size."""
import re

import numpy as np
from matplotlib import ticker

from plotting import style
from plotting.claims import WORDS, claim, is_start
from plotting.source import Missing, number

# The cases of ode-limit: what is measured, in its own words, the panel's title, and the order of its law.
MISSES = [("E F_n - gradient flow", "mean from the gradient flow", 1),
          ("E F_n - closure", "mean from the moment closure", 2),
          ("Cov F_n - closure", "covariance from the closure", 2)]


def time_of(case):
    return float(re.search(r", t = ([-+0-9.e]+)", case).group(1))


class Line:
    """One case along the ladder of steps."""

    def __init__(self, found, row):
        self.time, self.h = time_of(found.cases[row]), found.axis
        # Signed where it is measured along a direction; the figure shows sizes.
        sign = np.sign(found.measured[row])
        self.size = np.abs(found.measured[row])
        ends = np.sort(np.stack([sign * found.lower[row], sign * found.upper[row]]), axis=0)
        self.low, self.high = np.maximum(ends[0], 0.0), ends[1]
        exponent = found.measured[row + 1]
        self.exponent = exponent[np.isfinite(exponent)]

    def label(self):
        return f"t = {number(self.time)}"


def draw_slope(ax, lines, order):
    """h^order through the largest step of the lowest line."""
    lowest = min(lines, key=lambda line: line.size[-1])
    anchor = lowest.size[-1] / 2
    ax.plot(lowest.h, anchor * (lowest.h / lowest.h[-1])**order, label=f"slope {order}",
            **(style.ROUNDING if order == 1 else style.BOUND))


def draw_panel(ax, lines, title, order):
    for line, look in zip(lines, style.REPLICA):
        known = line.size > 0
        scatter = np.stack([line.size - line.low, line.high - line.size])[:, known]
        ax.errorbar(line.h[known], line.size[known], yerr=np.maximum(scatter, 0.0), label=line.label(), capsize=2,
                    elinewidth=0.9, **look)
    draw_slope(ax, lines, order)
    found = ", ".join(f"{line.exponent[0]:.3g}" for line in lines if line.exponent.size)
    ax.set_title(f"{title}\nexponent at h = 0: {found or 'not resolved'}", loc="left")
    ax.set_xscale("log")
    ax.set_yscale("log")
    steps = lines[0].h[::-1][::max(1, -(-len(lines[0].h) // 4))]
    ax.xaxis.set_major_locator(ticker.FixedLocator(steps))
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda h, _: f"{h:.3g}"))
    ax.xaxis.set_minor_locator(ticker.NullLocator())
    low = min(line.size[line.size > 0].min(initial=np.inf) for line in lines)
    high = max(line.high[np.isfinite(line.high)].max(initial=0.0) for line in lines)
    if np.isfinite(low) and high > 0:
        ax.set_ylim(low / 4, high * 2)
    ax.set_xlabel("step size h")


def draw_ode(source, options):
    found = claim(source, "ode-limit")
    if found is None:
        raise Missing("claims/ode-limit is not there, or does not apply: it takes SGD, ensemble.steps = "
                      "{ time = [...] } and a sweep over model.step")
    starts = source.starts()
    if starts is not None:
        source.check_index("start", options.start, len(starts))
    fig, axes = style.figure(len(MISSES), height=2.9)
    for ax, (words, title, order) in zip(axes, MISSES):
        rows = [row for row, case in enumerate(found.cases)
                if case.startswith(words) and is_start(case, options.start, starts)]
        if not rows:
            raise Missing(f"ode-limit has no case '{words}' of that start")
        draw_panel(ax, [Line(found, row) for row in rows[:len(style.REPLICA)]], title, order)
    axes[0].set_ylabel("distance at t = n h (dimensionless)")
    style.finish(fig, source, f"SGD against its continuous-time limits as h falls; ode-limit: {WORDS[found.overall]}",
                 [source.start_label(options.start)], columns=4)
    return fig
