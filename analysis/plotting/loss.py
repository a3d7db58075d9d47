"""Figure `loss`: the loss along the path in every order of composition, of one replica and over all of them."""
import numpy as np

from plotting import style
from plotting.source import Missing, WrongArgument

SETTING = 'record.observables = ["test_loss", "test_accuracy"] (or train_loss, train_accuracy) of a model with a loss'
OTHERS = [{"color": c, "linestyle": l, "marker": m} for c, l, m in [
    (style.GREEN, "-.", "^"), (style.PINK, ":", "D"), (style.BLACK, (0, (5, 1)), "v"), (style.SKY, "--", "P"),
    (style.GREY, ":", "*")]]


def looks(orders):
    """Forward and backward as everywhere; the others in their order."""
    others = iter(OTHERS * len(orders))
    return {order: style.ORDER.get(order) or next(others) for order in orders}


def recorded(source, quantity):
    """The orders that have the observable, in the order of the run."""
    orders = source.settings.get("ensemble", {}).get("orders") or []
    return [order for order in orders if source.has(f"{order}/{quantity}")]


def first_recorded(source, quantities):
    return next((q for q in quantities if recorded(source, q)), None)


def draw_path(source, ax, quantity, replica, options, look):
    """Without the first tenth of the steps, beside whose descent nothing else would be seen."""
    for order in recorded(source, quantity):
        values = source.series(f"{order}/{quantity}", options.start, SETTING)
        if replica >= len(values):
            raise WrongArgument(f"--replicas {replica}: {source.path} has replicas 0 to {len(values) - 1}")
        steps, line = source.numbers(f"{order}/step"), values[replica]
        shown = steps >= steps[-1] / 10
        steps, line = steps[shown], line[shown]
        ax.plot(steps, np.where(np.isfinite(line), line, np.nan), label=order, linewidth=1.1, markersize=3, **look[order])
    ax.set_ylabel(f"{quantity.replace('_', ' ')} (dimensionless)")
    ax.set_xlabel("number of maps n")
    ax.set_title(f"replica {replica}", loc="left")


def draw_windows(source, ax, quantity, options, look):
    """The root mean window variance over all replicas."""
    for order in recorded(source, f"{quantity}_window_variance"):
        values = source.series(f"{order}/{quantity}_window_variance", options.start, SETTING)
        with np.errstate(invalid="ignore"):
            size = np.sqrt(np.mean(values, axis=0))
        known = np.isfinite(size) & (size > 0)
        ax.plot(source.numbers(f"{order}/step")[known], size[known], label=order, linewidth=1.1, markersize=3, **look[order])
    window = source.settings.get("record", {}).get("window", 0)
    ax.set_yscale("log")
    ax.set_xlabel("number of maps n")
    ax.set_ylabel(f"s.d. of {quantity.replace('_', ' ')} (dimensionless)")
    ax.set_title(f"over {window} checkpoints", loc="left")


def draw_loss(source, options):
    loss = first_recorded(source, ("test_loss", "train_loss"))
    if loss is None:
        raise Missing(f"no loss was recorded; {SETTING} records it")
    accuracy = first_recorded(source, ("test_accuracy", "train_accuracy"))
    windows = bool(recorded(source, f"{loss}_window_variance"))
    look = looks(recorded(source, loss))
    replica = (options.replicas or [0])[0]
    fig, axes = style.figure(1 + (accuracy is not None) + windows, height=3.2)
    rest = iter(axes)
    draw_path(source, next(rest), loss, replica, options, look)
    if accuracy:
        draw_path(source, next(rest), accuracy, replica, options, look)
    if windows:
        draw_windows(source, next(rest), loss, options, look)
    what = "The same steps composed in several orders: the loss along one path"
    if windows:
        what += ", and its standard deviation over checkpoints, all replicas"
    style.finish(fig, source, what,
                 [source.start_label(options.start)], columns=4)
    return fig
