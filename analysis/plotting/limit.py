"""Figure `limit`: how fast backward settles, and that forward does not."""
import numpy as np

from plotting import style
from plotting.claims import UNRESOLVED, WORDS, claim
from plotting.source import Missing, count, number


def distances(x, y, metric):
    """Between states (..., component), in the model's metric."""
    with np.errstate(all="ignore"):
        if metric == "euclidean":
            return np.sqrt(((x - y)**2).sum(axis=-1)) if x.shape[-1] > 1 else np.abs(x - y)[..., 0]
        if "log" in metric:
            return np.sqrt(((np.log(x) - np.log(y))**2).sum(axis=-1))
    raise Missing(f"the model's metric is '{metric}', which this figure can't compute; it knows "
                  "euclidean and logarithmic ones")


def unit(source, order):
    """Of distances: that of the states, unless the metric is logarithmic."""
    return source.unit(order) if source.metric == "euclidean" else "dimensionless"


class Spread:
    """What replicas do at each step: p-norm, 10 % and 90 % quantiles, and how many were not finite."""

    def __init__(self, values, p):
        self.p, columns = p, [column[np.isfinite(column)] for column in values.T]
        self.lost = len(values) - min(len(c) for c in columns)
        self.norm = np.array([norm(c, p) for c in columns])
        self.low, self.high = (np.array([quantile(c, q) for c in columns]) for q in (0.1, 0.9))

    def all(self):
        return [self.norm, self.low, self.high]


def norm(values, p):
    """(mean of values^p)^(1/p), without overflow."""
    top = values.max(initial=0.0)
    return np.nan if not values.size else 0.0 if top == 0 else top * np.mean((values / top)**p)**(1 / p)


def quantile(values, q):
    """An order statistic, so that a zero or the smallest number stays what it is."""
    return np.nan if not values.size else np.partition(values, int(q * (len(values) - 1)))[int(q * (len(values) - 1))]


class Bound:
    """The p-norm test of a claim for one start: bound line and the interval of the measured norm."""

    def __init__(self, source, name, start):
        found = claim(source, name)
        starts = source.starts()
        case = found.norm_case(start, starts) if found is not None else None
        self.there, self.p = case is not None, 2.0
        self.title = f"\n{name}: {WORDS[found.overall]}" if found is not None else ""
        if self.there:
            row, self.p = case
            self.steps, self.bound, self.measured = found.axis, found.bound[row], found.measured[row]
            self.lower, self.upper = found.lower[row], found.upper[row]
            self.resolved = found.verdict[row] > UNRESOLVED

    def values(self):
        return [self.bound] if self.there else []

    def draw(self, ax, scale):
        """The interval as error bars on the measured norm; the bound as a line."""
        if not self.there:
            return
        # Where the claim left a test unresolved (rare paths, rounding), its interval means nothing.
        known = np.flatnonzero(self.resolved & np.isfinite(self.lower + self.upper) & (self.measured > 0))
        known = known[::max(1, len(self.steps) // style.MARKERS)]
        if known.size:
            x, y = self.steps[known], self.measured[known]
            low, high = np.maximum(self.lower[known], scale.zero), np.maximum(self.upper[known], y)
            ax.vlines(x, low, high, color=style.BLACK, linewidth=0.9, zorder=5)
            for ends in (low, high):
                ax.plot(x, ends, linestyle="none", marker="_", markersize=6, color=style.BLACK, zorder=5)
            ax.errorbar(x[:1], y[:1], yerr=0.0, linestyle="none", color=style.BLACK, elinewidth=0.9,
                        capsize=3, capthick=0.9, label="interval of the claim, where resolved")
        positive = self.bound > 0
        ax.plot(self.steps[positive], self.bound[positive], label=f"bound of the claim, p = {number(self.p)}",
                zorder=4, **style.BOUND)


def norm_label(p, what):
    """The p-norm in words where it has some."""
    word = {1.0: "mean", 2.0: "root mean square"}.get(p, f"{number(p)}-norm")
    return f"{what}: {word}"


def draw_spread(ax, scale, steps, spread, order):
    look = style.ORDER[order]
    scale.line(ax, steps, spread.norm, norm_label(spread.p, order), **look)
    scale.band(ax, steps, spread.low, spread.high, facecolor=look["color"], alpha=0.18,
               hatch="////" if order == "forward" else None, edgecolor=look["color"],
               label=f"{order}: 10 to 90 % of replicas")


def rounding_level(source, start, states):
    """(level, label): by how much rounding moves a state of the last checkpoint, recorded or estimated."""
    if source.has("backward/rounding_radius"):
        level = np.median(source.series("backward/rounding_radius", start, "")[:, -1])
        label = "rounding radius, median at the last step"
    else:
        size = np.sqrt((states[:, -1]**2).sum(axis=-1))
        size = size[np.isfinite(size)]
        level = np.finfo(float).eps * np.median(size) if size.size else 0.0
        label = "spacing of doubles at the limit"
    return (level, label) if np.isfinite(level) and level > 0 else (None, "")


def distance_panel(source, ax, start):
    """d(B_n, B_m), m the last step; returns what to say about it below the title."""
    states, steps, replicas = source.states("backward", start)
    if len(steps) < 2:
        raise Missing("backward has one checkpoint; ensemble.steps with two or more gives distances")
    bound = Bound(source, "backward-limit", start)
    # The last checkpoint is at distance 0 from itself, which says nothing.
    spread = Spread(distances(states[:, :-1], states[:, -1:], source.metric), bound.p)
    level, level_label = rounding_level(source, start, states)
    scale = style.LogAxis([*spread.all(), *([[level]] if level else [])], also=bound.values())
    style.step_axis(ax, steps)
    draw_spread(ax, scale, steps[:-1], spread, "backward")
    bound.draw(ax, scale)
    if level:
        ax.axhline(level, label=level_label, **style.ROUNDING)
    scale.finish(ax)
    ax.set_title("distance to the limit" + bound.title, loc="left")
    ax.set_ylabel(f"d(Bₙ, Bₘ) ({unit(source, 'backward')}), m = {count(steps[-1])}")
    return said(spread.lost, len(states), replicas)


def increment_panel(source, ax, start, orders):
    bound = Bound(source, "backward-increment", start)
    spreads, notes = {}, []
    for order in orders:
        values = source.series(f"{order}/increment", start, "record.observables = [\"increment\"]")
        spreads[order] = Spread(values, bound.p)
        notes += said(spreads[order].lost, len(values), source.file[f"{order}/increment"].shape[0])
    scale = style.LogAxis([v for s in spreads.values() for v in s.all()], also=bound.values())
    style.step_axis(ax, source.numbers(f"{orders[0]}/step"))
    for order, spread in spreads.items():
        draw_spread(ax, scale, source.numbers(f"{order}/step"), spread, order)
    bound.draw(ax, scale)
    scale.finish(ax)
    ax.set_title("increment by one more map" + bound.title, loc="left")
    ax.set_ylabel(f"d(Xₙ₊₁, Xₙ) ({unit(source, orders[0])}), X = " + " or ".join(style.SYMBOL[o] for o in orders))
    return notes


def said(lost, taken, replicas):
    notes = [] if taken == replicas else [f"the first {count(taken)} replicas of {count(replicas)}"]
    return notes + ([f"{count(lost)} diverged replicas left out"] if lost else [])


def draw_limit(source, options):
    increments = source.orders("increment")
    has_states = source.has("backward/state")
    if not has_states and not increments:
        raise Missing("neither backward/state nor increments are in the file; record.states = true or "
                      "record.observables = [\"increment\"] records them")
    fig, remaining = style.figure(has_states + bool(increments), height=3.5)
    notes = []
    if has_states:
        notes += distance_panel(source, remaining.pop(0), options.start)
    if increments:
        notes += increment_panel(source, remaining.pop(0), options.start, increments)
    what = " and ".join(["how far the backward state is from its limit"] * has_states +
                        ["how far one more map moves the state"] * bool(increments))
    what = what[0].upper() + what[1:]
    if source.metric != "euclidean":
        notes.append(f"d in the model's metric ({source.metric})")
    notes = list(dict.fromkeys(notes))
    style.finish(fig, source, what + (f" ({'; '.join(notes)})" if notes else ""), [source.start_label(options.start)])
    return fig
