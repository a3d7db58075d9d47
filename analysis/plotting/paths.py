"""Figures `paths` and `cloud`: the states themselves, forward beside backward."""
import numpy as np

from plotting import style
from plotting.source import Missing, WrongArgument, count

SETTING = "record.paths = 8 (or record.states = true, for the checkpoints only)"
REPLICAS = 4  # shown when nobody asks: as many as stay apart in grey print


def recorded(source, order):
    """Replica numbers, (replica, start, step, component) as a dataset, and the steps; every step where recorded."""
    if source.has(f"paths/{order}/state"):
        data = source.data(f"paths/{order}/state", ("path_replica", "start", "every_step", "component"))
        return source.numbers(f"paths/{order}/path_replica"), data, source.numbers(f"paths/{order}/every_step"), True
    if source.has(f"{order}/state"):
        data = source.data(f"{order}/state", ("replica", "start", "step", "component"))
        return np.arange(data.shape[0]), data, source.numbers(f"{order}/step"), False
    return None


def chosen_rows(source, known, replicas):
    if replicas is None:
        return list(range(min(REPLICAS, len(known))))
    rows = []
    for replica in replicas:
        at = np.flatnonzero(known == replica)
        if not at.size:
            raise WrongArgument(f"--replicas {replica}: {source.path} has the paths of replicas "
                                f"{known[0]} to {known[-1]}; record.paths = {replica + 1} records that one")
        rows.append(int(at[0]))
    return rows


def settling_window(found, rows, options):
    """How many steps to show: three times what the slowest backward path shown needs to come within 1 % of its end."""
    longest = max(entry[2][-1] for entry in found.values())
    if "backward" not in found:
        return min(longest, 100)
    _, data, steps, _ = found["backward"]
    settled = steps[0]
    for row in rows["backward"]:
        values = data[row, options.start, :, options.component]
        values = values[np.isfinite(values)]
        if values.size:
            far = np.flatnonzero(np.abs(values - values[-1]) > 0.01 * np.ptp(values))
            settled = max(settled, steps[far[-1]] if far.size else 0)
    return min(longest, max(40, 3 * settled))


def draw_paths(source, options):
    found = {order: recorded(source, order) for order in ("forward", "backward")}
    found = {order: entry for order, entry in found.items() if entry is not None}
    if not found:
        raise Missing(f"neither /paths nor states are in the file; {SETTING} records them")
    rows = {}
    for order, (known, data, _, _) in found.items():
        source.check_index("start", options.start, data.shape[1])
        source.check_index("component", options.component, data.shape[3])
        rows[order] = chosen_rows(source, known, options.replicas)
    window = settling_window(found, rows, options)
    fig, axes = style.figure(len(found), sharey=True)
    for ax, order in zip(axes, found):
        draw_panel(source, ax, order, found[order], rows[order], window, options)
    every, longest = all(e[3] for e in found.values()), max(e[2][-1] for e in found.values())
    kind = "recorded checkpoints only" if not every else "every step" if window >= longest else \
        f"every step, the first {count(window)} of {count(longest)}"
    what = "Paths of the same maps, composed in two orders" if len(found) == 2 else \
        f"Paths of the {next(iter(found))} order"
    style.finish(fig, source, f"{what} ({kind})", [source.start_label(options.start)], columns=4,
                 legend_title="same colour, line and marker = same replica = same maps")
    return fig


def draw_panel(source, ax, order, entry, rows, window, options):
    known, data, steps, every = entry
    logarithmic = not every and style.log_spaced(steps)
    shown = steps <= window if every else np.full(len(steps), True)
    x = steps[shown]
    for i, row in enumerate(rows):
        values = data[row, options.start, :, options.component][shown]
        look = style.REPLICA[i % len(style.REPLICA)]
        ax.plot(x, np.where(np.isfinite(values), values, np.nan), label=f"replica {known[row]}", linewidth=1.2,
                markersize=5, markevery=spaced(x, logarithmic, i / len(rows)), **look)
    style.step_axis(ax, x, logarithmic)
    maps = "fₙ ∘ … ∘ f₁(x)" if order == "forward" else "f₁ ∘ … ∘ fₙ(x)"
    symbol = f"{style.SYMBOL[order]}ₙ"
    ax.set_title(f"{order}: {symbol} = {maps}", loc="left")
    ax.tick_params(labelleft=True)
    ax.set_ylabel(source.state_axis(order, options.component, data.shape[3], f"state {symbol}"))


def spaced(steps, logarithmic, phase, marks=7):
    """Indices of steps that carry a marker, evenly spaced on the axis, shifted by `phase` of a gap so that lines that
    coincide still show all their markers."""
    position = np.log(np.maximum(steps, 1)) if logarithmic else steps.astype(float)
    low, high = position[0], position[-1]
    wanted = low + (high - low) * (np.arange(marks) + 0.15 + 0.8 * phase) / marks
    return np.unique(np.clip(np.searchsorted(position, wanted), 0, len(steps) - 1)).tolist()


def draw_cloud(source, options):
    orders = source.orders("state")
    if not orders:
        raise Missing("no states are in the file; record.states = true records them")
    drawn = []
    for order in orders:
        states, last, replicas = source.final_states(order, options.start)
        drawn.append((states[np.isfinite(states).all(axis=1)], last, replicas, len(states)))
    dimension = drawn[0][0].shape[1]
    if dimension < 2:
        raise Missing("the states have one component, a cloud needs two; figure 'law' shows them")
    source.check_index("component", options.component, dimension)
    across, up = sorted((options.component, (options.component + 1) % dimension))
    fig, axes = style.figure(len(orders), height=4.4, sharex=True, sharey=True)
    for ax, order, (states, last, _, _) in zip(axes, orders, drawn):
        if not len(states):
            raise Missing(f"every {order} replica diverged: no finite final state to draw")
        size = float(np.clip(2000 / len(states), 0.15, 9))
        ax.scatter(states[:, across], states[:, up], s=size, color=style.ORDER[order]["color"],
                   marker=style.ORDER[order]["marker"], linewidths=0, rasterized=len(states) > 2000)
        ax.set_title(f"{order}: {style.SYMBOL[order]}ₙ, n = {count(last)}", loc="left")
        ax.set_xlabel(source.state_axis(order, across, dimension, "state"))
        ax.set_ylabel(source.state_axis(order, up, dimension, "state"))
        ax.tick_params(labelleft=True)
    spans = np.ptp(np.concatenate([d[0] for d in drawn]), axis=0)[[across, up]]
    if spans.min() > 0 and spans.max() <= 4 * spans.min():
        for ax in axes:
            ax.set_aspect("equal", adjustable="box")
    _, _, replicas, taken = drawn[0]
    shown = "one point a replica" if taken == replicas else f"the first {count(taken)} of {count(replicas)} replicas"
    finite = min(len(d[0]) for d in drawn)
    if finite < taken:
        shown += f", {count(taken - finite)} diverged and left out"
    what = "States after the last map, in both orders" if len(orders) == 2 else f"States of the last {orders[0]} step"
    style.finish(fig, source, f"{what} ({shown})", [source.start_label(options.start)])
    return fig


