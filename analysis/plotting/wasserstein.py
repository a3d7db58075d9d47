"""Figure `wasserstein`: how far the law after n maps is from the stationary law."""
import re

import numpy as np

from plotting import style
from plotting.claims import claim
from plotting.source import ORDERS, Missing, text_of

CLAIM = "wasserstein-contraction"


def order_names(source, length):
    """Names along the axis `order` of /distance."""
    if source.has("distance/order"):
        scale = source.file["distance/order"]
        if "flag_meanings" in scale.attrs:
            words = text_of(scale.attrs["flag_meanings"]).split()
            values = np.ravel(scale.attrs.get("flag_values", np.arange(len(words)))).tolist()
            by_value = dict(zip(values, words))
            return [by_value.get(v, str(v)) for v in scale[()].tolist()]
        if scale.dtype.kind not in "iuf":
            return [text_of(v) for v in scale[()]]
    return list(ORDERS[:length])


class Curve:
    """One order's W_1 along the steps, with its interval, floor and bound; NaN where one is not known."""

    def __init__(self, order, steps, value, lower=None, upper=None, floor=None, bound=None):
        nothing = np.full(len(steps), np.nan)
        self.order, self.steps, self.value = order, steps, value
        self.lower, self.upper = (nothing if a is None else a for a in (lower, upper))
        self.floor, self.bound = (nothing if a is None else a for a in (floor, bound))


def from_distance(source, start):
    data = source.data("distance/w1", ("order", "start", "step"))
    source.check_index("start", start, data.shape[1])
    steps = source.numbers("distance/step")

    def optional(name):
        if not source.has(f"distance/{name}"):
            return np.full(data.shape, np.nan)
        return np.broadcast_to(source.numbers(f"distance/{name}"), data.shape)

    lower, upper, floor = optional("w1_lower"), optional("w1_upper"), optional("w1_floor")
    return [Curve(order, steps, data[i, start], lower[i, start], upper[i, start], floor[i, start])
            for i, order in enumerate(order_names(source, data.shape[0]))]


def from_claim(source, start):
    """The claim's cases for W_1 and this start: "forward, p = 1, start -1" and the like."""
    found = claim(source, CLAIM)
    if found is None or len(found.cases) != len(found.measured):
        return []
    curves, starts = [], source.starts()
    for order in ORDERS:
        rows = [i for i, label in enumerate(found.cases)
                if order in label and not re.search(r"\bp = (?!1\b)|W_2|reference", label)]
        if rows:
            row = rows[start] if starts is not None and len(rows) == len(starts) else rows[0]
            curves.append(Curve(order, found.axis, found.measured[row], found.lower[row], found.upper[row],
                                bound=found.bound[row]))
    return curves


def draw_wasserstein(source, options):
    judged = from_claim(source, options.start)
    curves = from_distance(source, options.start) if source.has("distance/w1") else judged
    if not curves:
        raise Missing(f"neither /distance/w1 nor the claim {CLAIM} is in the file; a run with record.states = true, "
                      "a model whose stationary law is known and no --no-verify stores them")
    bounds = [c for c in judged if np.isfinite(c.bound).any()]
    scale = style.LogAxis([v for c in curves for v in (c.value, c.floor[np.isfinite(c.floor)])],
                          also=[c.upper for c in curves] + [c.bound for c in bounds])
    fig, (ax,) = style.figure(height=3.4)
    style.step_axis(ax, curves[0].steps)
    for curve in curves:
        draw_curve(ax, scale, curve)
    floors = [c.floor for c in curves if np.isfinite(c.floor).any()]
    if floors:
        ax.plot(curves[0].steps, floors[0], label="noise floor: W₁ of two samples of the same law", **style.ROUNDING)
    if bounds:
        positive = bounds[0].bound > 0
        ax.plot(bounds[0].steps[positive], bounds[0].bound[positive], label=f"bound of {CLAIM}", **style.BOUND)
    scale.finish(ax)
    ax.set_ylabel(f"distance W₁ to the stationary law\n({source.unit('forward')})")
    what = "Distance of the law after n maps from the stationary law"
    if floors:
        what += "; below the noise floor a sample of this size can't tell"
    style.finish(fig, source, what, [source.start_label(options.start)])
    return fig


def draw_curve(ax, scale, curve):
    look = dict(style.ORDER.get(curve.order, {"color": style.GREEN, "linestyle": "-", "marker": "^"}))
    scale.line(ax, curve.steps, curve.value, f"{curve.order}: measured", **look)
    known = np.isfinite(curve.lower + curve.upper)
    if known.any():
        ax.fill_between(curve.steps, scale.place(np.maximum(curve.lower, 0)), curve.upper, where=known,
                        facecolor=look["color"], alpha=0.15, hatch="////" if curve.order == "forward" else None,
                        edgecolor=look["color"], linewidth=0, label=f"{curve.order}: interval")
