"""Figure `passes`: what perturbations of the forward and of the backward pass do at every operator, with the bounds."""
import numpy as np
from matplotlib import ticker

from plotting import claims, style
from plotting.source import MEMORY, Missing, count

SETTING = 'record.observables = ["forward_error", "forward_bound", ...] of a model with loss.kind = "composite"'
# Which pass, what its error is, and the claim that bounds it.
PANELS = (("forward", "forward pass: |x̃ₙ − xₙ|", "forward-amplification"),
          ("backward", "backward pass: |ũₙ − uₙ|", "backward-amplification"),
          ("gradient", "gradient: |g̃ₙ − gₙ|", "gradient-error"))
BAND = (5, 95)


def series(source, order, name, start):
    """(replica, operator) at the last checkpoint."""
    dataset = source.data(f"{order}/{name}", ("replica", "start", "step", "operator"))
    source.check_index("start", start, dataset.shape[1])
    taken = max(1, min(dataset.shape[0], MEMORY // max(1, 8 * dataset.shape[3])))
    return dataset[:taken, start, -1]


def quantiles(values, percents):
    """By operator, of finite values; NaN where there are none."""
    columns = [column[np.isfinite(column)] for column in values.T]
    return np.array([np.percentile(c, percents) if c.size else np.full(len(percents), np.nan) for c in columns]).T


def draw_pass(ax, numbers, error, bound):
    """Zeros have no logarithm: operators that no perturbation reaches stand on a strip of their own."""
    low, median, high = quantiles(error, (BAND[0], 50, BAND[1]))
    limits = list(quantiles(bound, (50, BAND[1]))) if bound is not None else []
    axis = style.LogAxis([low, median, high], limits)
    known = np.isfinite(median)
    axis.band(ax, numbers[known], low[known], high[known], color=style.BLUE, alpha=0.22, label="error: 5 to 95 % of replicas")
    axis.line(ax, numbers, median, "error: median", color=style.BLUE, marker="o")
    for values, label, look in zip(limits, ("bound: median", "bound: 95 % of replicas below"),
                                   ({**style.BOUND, "marker": "x"}, {**style.BOUND, "linestyle": ":"})):
        axis.line(ax, numbers, values, label, **look)
    axis.finish(ax)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=6))
    ax.set_xlabel("operator n")


def draw_passes(source, options):
    order = next((o for o in source.orders("gradient_error") + source.orders("forward_error")), None)
    there = [panel for panel in PANELS if order and source.has(f"{order}/{panel[0]}_error")]
    if not there:
        raise Missing(f"no errors of perturbed passes were recorded; {SETTING} records them")
    fig, axes = style.figure(len(there), height=3.0)
    seen = 0
    for ax, (name, title, claim) in zip(axes, there):
        error = series(source, order, f"{name}_error", options.start)
        bound = series(source, order, f"{name}_bound", options.start) if source.has(f"{order}/{name}_bound") else None
        numbers = source.numbers(f"{order}/operator") if source.has(f"{order}/operator") else np.arange(1, error.shape[1] + 1)
        draw_pass(ax, numbers.astype(float), error, bound)
        found = claims.claim(source, claim)
        ax.set_title(title + (f"\n{claim}: {claims.WORDS[found.overall]}" if found else ""), loc="left", fontsize=8.5)
        seen = len(error)
    axes[0].set_ylabel("error (dimensionless)")
    step = int(source.numbers(f"{order}/step")[-1])
    shown = [f"{order} order", source.start_label(options.start), f"pass of step {step + 1}"]
    if seen < source.file[f"{order}/{there[0][0]}_error"].shape[0]:
        shown.append(f"the first {count(seen)} replicas")
    style.finish(fig, source, "Perturbed against unperturbed passes on one mini-batch, by operator, with their bounds", shown)
    return fig
