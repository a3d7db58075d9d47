"""Figure `descent`: the mean excess loss and the mean square gradient of training against their bounds; spikes marked.

Of a sweep the points stand beside each other, one curve each.
"""
import numpy as np

from plotting import style
from plotting.claims import UNRESOLVED, WORDS, claim, is_start, overall_of
from plotting.source import Missing
from plotting.sweep import Sweep

PANELS = (("descent-pl", "mean excess loss E l(wₙ) − l*", "excess loss"),
          ("descent-nonconvex", "mean of |grad l|² before step n", "mean square gradient"))
NOT_JUDGED = ("neither descent-pl nor descent-nonconvex was judged here: they take SGD on a loss whose smoothness, bias and "
              "noise are known, and no --no-verify")
SPIKE = {"color": style.GREY, "linestyle": ":", "linewidth": 1.2, "zorder": 0}


class Curve:
    """What a claim measured in one order from one start, with its interval and bound, at steps n >= 1."""

    def __init__(self, found, row):
        there = (found.axis > 0) & np.isfinite(found.measured[row]) & (found.measured[row] > 0)
        self.steps, self.order = found.axis[there], found.cases[row].split(",")[0]
        self.value, self.lower, self.upper, self.bound = (
            cells[row][there] for cells in (found.measured, found.lower, found.upper, found.bound))
        self.resolved = found.verdict[row][there] > UNRESOLVED


def curves_of(source, name, start, point=()):
    """Of one start; of the two forms of descent-pl the one from the start, if it is there."""
    found = claim(source, name, point)
    if found is None or len(found.cases) != len(found.measured):
        return None, []
    rows = [row for row, case in enumerate(found.cases) if is_start(case, start, source.starts())]
    rows = [row for row in rows if "from the start" in found.cases[row]] or rows
    curves = [Curve(found, row) for row in rows]
    return found, [curve for curve in curves if curve.steps.size]


def spike_steps(source):
    """Maps that are known to be hit: of the model's schedules, and the one that was recorded."""
    settings = source.settings
    steps = {settings.get("record", {}).get("spike", {}).get("step")}
    loss = settings.get("model", {}).get("loss", {})
    for perturbation in loss.get("perturbations", []):
        schedule = perturbation.get("schedule", loss.get("schedule", {}))
        if schedule.get("kind") == "spikes":
            steps.update(np.ravel(schedule.get("at", [])).tolist())
    return sorted(steps - {None})


def draw_panel(ax, name, found, curves, spikes):
    for curve in curves:
        look = style.ORDER.get(curve.order, {"color": style.GREEN, "linestyle": "-.", "marker": "^"})
        shown = {"markevery": max(1, curve.steps.size // style.MARKERS), **look}
        ax.plot(curve.steps, curve.value, label=f"{curve.order}: mean over replicas", **shown)
        positive = np.isfinite(curve.lower + curve.upper) & (curve.lower > 0)
        ax.fill_between(curve.steps, curve.lower, curve.upper, where=positive, facecolor=look["color"], alpha=0.18,
                        linewidth=0, label="interval of the claim")
        hollow = ~curve.resolved
        ax.plot(curve.steps[hollow], curve.value[hollow], linestyle="none", marker=look["marker"], markerfacecolor="white",
                markeredgecolor=look["color"], label=f"{curve.order}: unresolved" if hollow.any() else None)
    bounded = curves[0].bound > 0
    ax.plot(curves[0].steps[bounded], curves[0].bound[bounded], label="bound of the claim", **style.BOUND)
    last = max(curve.steps[-1] for curve in curves)
    for step in (s for s in spikes if s <= last):
        ax.axvline(step, label="spike", **SPIKE)
    style.step_axis(ax, curves[0].steps, logarithmic=True)
    ax.set_yscale("log")
    ax.set_title(f"{name}: {WORDS[found.overall]}", loc="left")


def draw_single(source, options):
    panels = [(name, label, *curves_of(source, name, options.start)) for name, label, _ in PANELS]
    panels = [panel for panel in panels if panel[3]]
    if not panels:
        raise Missing(NOT_JUDGED)
    fig, axes = style.figure(len(panels), height=3.2)
    for ax, (name, label, found, curves) in zip(axes, panels):
        draw_panel(ax, name, found, curves, spike_steps(source))
        ax.set_ylabel(f"{label} (dimensionless)" if len(panels) == 1 else label)
    what = "Training by biased, noisy gradients: " + " and ".join(
        words for name, _, words in PANELS if any(name == panel[0] for panel in panels)) + " against their bounds"
    style.finish(fig, source, what, [source.start_label(options.start)], columns=3)
    return fig


class Judged:
    """What one claim says at the points of a sweep where it applies: its verdict and curve by point."""

    def __init__(self, source, sweep, panel, start):
        self.name, self.label, self.words = panel
        self.at = {}
        for point in np.ndindex(sweep.shape):
            found, curves = curves_of(source, self.name, start, point)
            if curves:
                self.at[point] = (found.overall, curves[0])


def draw_point(ax, curve, look, label):
    shown = {"markevery": max(1, curve.steps.size // style.MARKERS), **look}
    ax.plot(curve.steps, curve.value, label=label, **shown)
    positive = np.isfinite(curve.lower + curve.upper) & (curve.lower > 0)
    ax.fill_between(curve.steps, curve.lower, curve.upper, where=positive, facecolor=look["color"], alpha=0.18, linewidth=0)
    bounded = curve.bound > 0
    ax.plot(curve.steps[bounded], curve.bound[bounded], color=look["color"], linestyle=look["linestyle"], linewidth=0.7, alpha=0.7)


def draw_choice(ax, judged, sweep, leading, choice, spikes):
    """One panel: the points that share the values of the leading keys."""
    points = [(rest, judged.at.get(choice + rest)) for rest in np.ndindex(sweep.shape[leading:])]
    steps = [curve.steps for _, (_, curve) in filter(lambda p: p[1], points)]
    for look, (rest, found) in zip(style.REPLICA, points):
        if found:
            draw_point(ax, found[1], look, sweep.label(range(leading, len(sweep.shape)), rest))
    for step in (s for s in spikes if s <= max(map(np.max, steps))):
        ax.axvline(step, label="spike", **SPIKE)
    style.step_axis(ax, steps[0], logarithmic=True)
    ax.set_yscale("log")
    where = sweep.label(range(leading), choice) + ": " if leading else f"{judged.name}: "
    ax.set_title(where + WORDS[overall_of([found[0] for _, found in points if found])], loc="left")


def draw_sweep(source, options, sweep):
    """One claim in all panels, that which is judged at the most points; both side by side where all curves fit one panel."""
    leading = sweep.split()
    claims = [judged for judged in (Judged(source, sweep, panel, options.start) for panel in PANELS) if judged.at]
    if not claims:
        raise Missing(NOT_JUDGED)
    if leading:
        claims = [max(claims, key=lambda judged: len(judged.at))]
    panels = [(judged, choice) for judged in claims for choice in np.ndindex(sweep.shape[:leading])
              if any(point[:leading] == choice for point in judged.at)]
    rows = 2 if len(panels) == 4 else 1
    fig, axes = style.figure(len(panels), 3.2 if rows == 1 else 4.8, rows, sharex=True, sharey=bool(leading))
    for ax, (judged, choice) in zip(axes, panels):
        draw_choice(ax, judged, sweep, leading, choice, spike_steps(source))
        ax.set_ylabel(judged.label)
        if leading:  # all panels have the same axes
            ax.label_outer()
    what = (f"Training by biased, noisy gradients, {' and '.join(judged.words for judged in claims)}: means over replicas; "
            f"bands and thin lines: intervals and bounds of {' and '.join(judged.name for judged in claims)}")
    style.finish(fig, source, what, [source.start_label(options.start)], columns=2)
    return fig


def draw_descent(source, options):
    starts = source.starts()
    if starts is not None:
        source.check_index("start", options.start, len(starts))
    sweep = Sweep(source)
    return draw_sweep(source, options, sweep) if sweep.keys else draw_single(source, options)
