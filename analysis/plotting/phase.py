"""Figure `phase`: where SGD under noise in proportion to its error recovers, against step size and amplitude."""
import re

import numpy as np
from matplotlib import ticker
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from plotting import style
from plotting.claims import WORDS, claim
from plotting.source import Missing

# By the number that spike-phase gives them: light to dark, so that grey print tells them apart, too.
PHASES = {1: ("finite variance", "#D6E9F5"), 2: ("heavy tail, recovers", "#F2C879"), 3: ("diverges", "#C4674A")}
UNDECIDED = ("undecided", "#FFFFFF")
# The cases of spike-phase that are borders: what they begin with, the name, marker and line, and cells they may be off by.
BORDERS = [("border of finite variance", "E a² = 1", {"color": style.BLUE, "marker": "o"}, "-.", 2),
           ("border of recovery", "E log|a| = 0", {"color": style.BLACK, "marker": "s"}, "-", 1)]
KEYS = ("model.delta_over_variance_border", "model.delta_over_recovery_border", "model.delta")


class Row:
    """The cases of one step size: phases along the ladder of amplitudes, and borders."""

    def __init__(self, found, first, eta_lambda, unit):
        self.eta_lambda, self.unit, self.amplitude = eta_lambda, unit, found.axis
        cases = range(first, len(found.cases))
        self.row = {}
        for case in cases:
            if suffix(found.cases[case]) == suffix(found.cases[first]):
                self.row.setdefault(found.cases[case].split(",")[0], case)
        self.found = found
        self.phase = found.measured[self.row[next(name for name in self.row if name.startswith("phase"))]]

    def edges(self):
        """Of the cells, half-way between amplitudes on the log axis; as delta."""
        logs = np.log(self.amplitude * self.unit)
        middle = (logs[1:] + logs[:-1]) / 2
        return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))

    def border(self, name):
        """Measured, lower, upper, theory in units of the swept key; or None where it is not on this ladder."""
        case = self.row[next(n for n in self.row if n.startswith(name))]
        at = np.flatnonzero(self.found.verdict[case] > 0)
        if not at.size or not np.isfinite(self.found.measured[case, at[0]]):
            return None
        return np.array([getattr(self.found, part)[case, at[0]] for part in ("measured", "lower", "upper", "bound")])

    def cells(self, amplitude):
        """Positions on the ladder."""
        return np.interp(np.log(np.maximum(amplitude, 1e-300)), np.log(self.amplitude), np.arange(len(self.amplitude)))


def suffix(case):
    """The other keys of a case's ladder: "model.eta_lambda = 0.1"; empty where there is one ladder."""
    return case[case.index(", model."):] if ", model." in case else ""


def eta_lambda_of(source, case):
    found = re.search(r"model\.eta_lambda = ([-+0-9.e]+)", case)
    return float(found.group(1)) if found else float(np.ravel(source.file["model/eta_lambda"][()])[0])


def delta_per_unit(source, found):
    """What the swept amplitudes are to be multiplied by to be delta, by eta_lambda."""
    key = next((key for key in KEYS if source.has(key)), None)
    if key is None or not source.has("model/delta"):
        raise Missing("the file has no amplitudes delta of a spike_recursion, swept over")
    if key == "model.delta":
        return lambda eta_lambda: 1.0
    written, delta = source.numbers(key), source.numbers("model/delta")
    if delta.ndim == 1:
        return lambda eta_lambda: float(delta[0] / written[0])
    steps = source.numbers("model.eta_lambda") if source.has("model.eta_lambda") else None
    if steps is None or delta.shape not in ((len(steps), len(written)), (len(written), len(steps))):
        raise Missing("the sweep is over other keys than model.eta_lambda and an amplitude")
    first_key = next(iter(dict(source.settings.get("sweep", {})))) if source.settings.get("sweep") else ""
    by_step = (delta if first_key != key else delta.T)[:, 0] / written[0]
    return lambda eta_lambda: float(by_step[np.argmin(np.abs(steps - eta_lambda))])


def rows_of(source, found):
    unit = delta_per_unit(source, found)
    rows = {}
    for first, case in enumerate(found.cases):
        if not case.startswith("growth"):
            continue
        eta_lambda = eta_lambda_of(source, case)
        rows.setdefault(eta_lambda, Row(found, first, eta_lambda, unit(eta_lambda)))
    return [rows[eta_lambda] for eta_lambda in sorted(rows)]


def widths(values):
    """The edges of columns about those values."""
    if len(values) == 1:
        return np.array([values[0] * 0.9, values[0] * 1.1])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]])


def draw_cells(ax, rows):
    sides = widths(np.array([row.eta_lambda for row in rows]))
    corners, colours = [], []
    for row, left, right in zip(rows, sides[:-1], sides[1:]):
        edges = row.edges()
        for low, high, phase in zip(edges[:-1], edges[1:], row.phase):
            corners.append([(left, low), (right, low), (right, high), (left, high)])
            colours.append(PHASES.get(phase, UNDECIDED)[1])
    ax.add_collection(PolyCollection(corners, facecolors=colours, edgecolors=colours, linewidths=0.2, zorder=1))
    ys = np.concatenate([row.edges() for row in rows])
    ax.set_xlim(sides[0], sides[-1])
    ax.set_ylim(ys.min(), ys.max())


def draw_borders(ax, rows):
    for name, condition, look, line, _ in BORDERS:
        known = [(row, row.border(name)) for row in rows if row.border(name) is not None]
        if not known:
            continue
        x = np.array([row.eta_lambda for row, _ in known])
        measured, low, high, theory = np.array([np.clip(row.unit * border, row.edges()[0], row.edges()[-1])
                                                for row, border in known]).T
        ax.plot(x, theory, linestyle=line, color=look["color"], linewidth=1.3, label=f"theory: {condition}", zorder=3)
        ax.errorbar(x, measured, yerr=[measured - low, high - measured], linestyle="none", markersize=3,
                    elinewidth=0.9, capsize=1.5, markerfacecolor="white", markeredgewidth=0.8, zorder=4,
                    label=f"measured: {condition}", **look)


def draw_distances(ax, rows):
    """Measured less theory, in cells of the ladder, beside what is allowed."""
    for number, (name, condition, look, line, allowed) in enumerate(BORDERS):
        known = [(row, row.border(name)) for row in rows if row.border(name) is not None]
        if not known:
            continue
        x = np.array([row.eta_lambda for row, _ in known])
        cells = np.array([row.cells(border) for row, border in known])
        measured, low, high, theory = cells.T
        ax.errorbar(x, measured - theory, yerr=[measured - low, high - measured], linestyle="none", markersize=3,
                    elinewidth=0.9, capsize=1.5, markerfacecolor="white", markeredgewidth=0.8, zorder=4 - number, **look)
        for side in (-allowed, allowed):
            ax.axhline(side, color=look["color"], linestyle=line, linewidth=0.9,
                       label=f"allowed: {condition}" if side > 0 else None)
    ax.axhline(0.0, color=style.GREY, linewidth=0.8)


def draw_phase(source, _):
    found = claim(source, "spike-phase")
    if found is None:
        raise Missing("claims/spike-phase is not there, or does not apply: it takes a spike_recursion and a sweep over "
                      "model.delta or model.delta_over_variance_border")
    rows = rows_of(source, found)
    fig, (plane, distance) = style.figure(2, height=3.5)
    draw_cells(plane, rows)
    draw_borders(plane, rows)
    plane.set_yscale("log")
    plane.yaxis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
    plane.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{y:g}"))
    plane.yaxis.set_minor_formatter(ticker.NullFormatter())
    plane.grid(False)
    plane.set_xlabel("step size times curvature, η λ")
    plane.set_ylabel("relative amplitude of the noise, δ")
    plane.set_title("phases as measured", loc="left")
    draw_distances(distance, rows)
    distance.set_xlim(plane.get_xlim())
    distance.set_xlabel("step size times curvature, η λ")
    distance.set_ylabel("measured less theory (cells)")
    distance.set_title("borders", loc="left")
    handles, labels = plane.get_legend_handles_labels()
    seen = {PHASES.get(phase, UNDECIDED) for row in rows for phase in row.phase}
    patches = [Patch(facecolor=colour, edgecolor=style.GREY, linewidth=0.6, label=words)
               for words, colour in [*PHASES.values(), UNDECIDED] if (words, colour) in seen]
    allowed = distance.get_legend_handles_labels()[0]
    style.finish(fig, source, "w → (1 − η λ (1 + δ ξ)) w + noise: which spikes are recovered",
                 [f"spike-phase: {WORDS[found.overall]}"], handles=patches + handles + allowed, columns=3)
    return fig
