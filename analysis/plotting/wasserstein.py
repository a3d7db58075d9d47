"""Figure `wasserstein`: how far the law after n maps is from the stationary law."""
import numpy as np

from plotting import style
from plotting.claims import UNRESOLVED, claim, is_start
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

    def __init__(self, order, steps, value, lower=None, upper=None, floor=None, bound=None, resolved=None):
        nothing = np.full(len(steps), np.nan)
        self.order, self.steps, self.value = order, steps, value
        self.lower, self.upper = (nothing if a is None else a for a in (lower, upper))
        self.resolved = np.full(len(steps), True) if resolved is None else resolved
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
    """The claim's cases for this start, and what they measure. Labels read like "W_1, forward, start -1 to the limit",
    "W_2, backward, start -1 and start 1", "sliced W_2, ..."; the first kind that the file has is drawn."""
    found = claim(source, CLAIM)
    if found is None or len(found.cases) != len(found.measured):
        return [], ""
    starts = source.starts()
    mine = [i for i, label in enumerate(found.cases) if is_start(label, start, starts)]
    for target, words in (("to the limit", "the law of the limit"), ("and start", "the law from another start")):
        rows = {}
        for i in mine:
            order = next((o for o in ORDERS if f", {o}, " in found.cases[i]), None)
            if target in found.cases[i] and order:
                rows.setdefault(found.cases[i].split(",")[0], {}).setdefault(order, i)
        if rows:
            kind = next(iter(rows))
            curves = [Curve(order, found.axis, found.measured[i], found.lower[i], found.upper[i], bound=found.bound[i],
                            resolved=found.verdict[i] > UNRESOLVED) for order, i in sorted(rows[kind].items())[::-1]]
            return curves, f"{kind.replace('_1', '₁').replace('_2', '₂')} to {words}"
    return [], ""


def draw_wasserstein(source, options):
    judged, what = from_claim(source, options.start)
    if source.has("distance/w1"):
        curves, what = from_distance(source, options.start), "W₁ to the stationary law"
    else:
        curves = [c for c in judged if np.isfinite(c.value).any()]
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
    ax.set_ylabel(f"distance {what}\n({source.unit(curves[0].order)})")
    shown = "Distance between the law after n maps and its limit"
    if what.endswith("start"):
        shown = "Distance between the laws after n maps from two starts"
    if floors:
        shown += "; below the noise floor a sample of this size can't tell"
    style.finish(fig, source, shown, [source.start_label(options.start)])
    return fig


def draw_curve(ax, scale, curve):
    look = dict(style.ORDER.get(curve.order, {"color": style.GREEN, "linestyle": "-", "marker": "^"}))
    scale.line(ax, curve.steps, curve.value, f"{curve.order}: measured", **look)
    unresolved = ~curve.resolved & np.isfinite(curve.value) & (curve.value > 0)
    if unresolved.any():
        ax.plot(curve.steps[unresolved], curve.value[unresolved], linestyle="none", marker=look["marker"],
                markerfacecolor="white", markeredgecolor=look["color"], zorder=4,
                label=f"{curve.order}: unresolved (noise)")
    known = np.isfinite(curve.lower + curve.upper)
    if known.any():
        ax.fill_between(curve.steps, scale.place(np.maximum(curve.lower, 0)), curve.upper, where=known,
                        facecolor=look["color"], alpha=0.15, hatch="////" if curve.order == "forward" else None,
                        edgecolor=look["color"], linewidth=0, label=f"{curve.order}: interval")
