"""Figure `law`: where the states are after the last map, in both orders, against the exact stationary law."""
import numpy as np

from plotting import style
from plotting.source import Missing, count, number, text_of

CENTRAL = 0.998  # share of the states that the histogram spans when the tails are long


def edges(samples):
    """Bins shared by all samples, by Freedman and Diaconis; long tails are cut. Also: the share that lies outside."""
    joined = np.concatenate(samples)
    low, high = joined.min(), joined.max()
    tail = (1 - CENTRAL) / 2
    inner_low, inner_high = np.quantile(joined, [tail, 1 - tail])
    if high - low > 2 * (inner_high - inner_low) > 0:
        low, high = inner_low, inner_high
    outside = np.mean((joined < low) | (joined > high))
    if high <= low or not np.isfinite(high - low):
        return low + np.array([-0.5, 0.5]) * max(abs(low), 1.0) * 1e-3, outside
    quarter = np.subtract(*np.quantile(joined, [0.75, 0.25]))
    width = 2 * quarter / len(samples[0])**(1 / 3)
    fewest = int(np.clip(np.sqrt(len(samples[0])), 4, 20))
    bins = int(np.clip((high - low) / width if width > 0 else 50, fewest, 100))
    return np.linspace(low, high, bins + 1), outside


def exact_law(source, component):
    """(name, grid, density, cdf or None) as the run tabulated it, or None."""
    if not source.has("law/density") or not source.has("law/x"):
        return None
    density = source.data("law/density", ("component", "grid_point"))
    if component >= density.shape[0]:
        return None
    name = text_of(np.ravel(source.file["law/name"][()])[component]) if source.has("law/name") else "exact density"
    cdf = source.data("law/cdf", ("component", "grid_point"))[component] if source.has("law/cdf") else None
    x = source.data("law/x", ("component", "grid_point"))[component]
    return name, x, density[component], cdf if cdf is not None and np.isfinite(cdf).all() else None


def counting_band(law, bins, replicas):
    """Within which 95 % of the histogram's bars lie if the exact law holds: (low, high) densities per bin.

    The table ends in the tails: the last bin of the table takes the whole tail, bins whose middle is beyond have no band.
    """
    _, grid, _, cdf = law
    p, middle = np.diff(np.interp(bins, grid, cdf, left=0.0, right=1.0)), (bins[1:] + bins[:-1]) / 2
    p[(middle < grid[0]) | (middle > grid[-1])] = np.nan
    width, error = np.diff(bins), 1.96 * np.sqrt(p * (1 - p) / replicas)
    return np.maximum(p - error, 0) / width, (p + error) / width


def draw_law(source, options):
    orders = source.orders("state")
    if not orders:
        raise Missing("no states are in the file; record.states = true records them")
    samples, lost = {}, 0
    for order in orders:
        states, last, replicas = source.final_states(order, options.start)
        source.check_index("component", options.component, states.shape[1])
        values = states[:, options.component]
        finite = values[np.isfinite(values)]
        if not finite.size:
            raise Missing(f"every {order} replica diverged: no finite final state to draw")
        lost, taken = max(lost, len(values) - len(finite)), len(values)
        samples[order] = finite
    fig, (ax,) = style.figure(height=3.3)
    law = exact_law(source, options.component)
    bins, outside = edges(list(samples.values()))
    top = max(draw_histogram(ax, order, values, bins, last) for order, values in samples.items())
    if law is not None:
        top = max(top, draw_exact(ax, law, bins, len(next(iter(samples.values()))), top))
    ax.set_ylim(0, 1.12 * top)
    ax.set_xlim(bins[0] - 0.03 * (bins[-1] - bins[0]), bins[-1] + 0.03 * (bins[-1] - bins[0]))
    dimension = source.file[f"{orders[0]}/state"].shape[3]
    ax.set_xlabel(source.state_axis(orders[0], options.component, dimension, "state after the last map"))
    unit = source.unit(orders[0])
    ax.set_ylabel("probability density (" + ("dimensionless)" if unit == "dimensionless" else f"1 / ({unit}))"))
    notes = [] if taken == replicas else [f"the first {count(taken)} replicas of {count(replicas)}"]
    notes += [f"{number(100 * outside)} % of the states lie outside the axis"] if outside > 0 else []
    notes += [f"{count(lost)} diverged replicas left out"] if lost else []
    what = "Law of the states after the last map, in both orders" if len(orders) == 2 else \
        f"Law of the states after the last {orders[0]} step"
    style.finish(fig, source, what + (f" ({'; '.join(notes)})" if notes else ""), [source.start_label(options.start)])
    return fig


def draw_histogram(ax, order, values, bins, last):
    """Returns the height of the highest bar. Bars are normalised by all values, those outside included."""
    height = np.histogram(values, bins)[0] / (len(values) * np.diff(bins))
    look = style.ORDER[order]
    label = f"{order} {style.SYMBOL[order]}ₙ, n = {count(last)}"
    ax.stairs(height, bins, color=look["color"], linestyle=look["linestyle"], linewidth=1.7, label=label)
    return height.max()


def draw_exact(ax, law, bins, replicas, top):
    """Returns the height that the axis should show: densities may have poles."""
    name, grid, density, cdf = law
    if cdf is not None and len(bins) > 2:
        low, high = counting_band(law, bins, replicas)
        ax.stairs(high, bins, baseline=low, fill=True, color="#BBBBBB", alpha=0.7, zorder=0.5,
                  label="95 % of bars lie here under the exact law")
    shown = np.where(np.isfinite(density), density, np.nan)
    ax.plot(grid, shown, label=f"exact: {style.plain(name)}", **style.BOUND)
    inside = shown[(grid >= bins[0]) & (grid <= bins[-1]) & np.isfinite(shown)]
    return min(inside.max(initial=0.0), 1.6 * top)
