"""How every figure looks: sizes, Okabe-Ito colours with a second mark for grey print, titles, log axes with a zero."""
import textwrap

import matplotlib
import numpy as np
from matplotlib import ticker
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
SKY, VERMILION, BLACK, GREY = "#56B4E9", "#D55E00", "#000000", "#767676"

# Forward and backward look the same in every figure: by colour, by line and by marker.
ORDER = {
    "forward": {"color": VERMILION, "linestyle": "--", "marker": "s"},
    "backward": {"color": BLUE, "linestyle": "-", "marker": "o"},
}
SYMBOL = {"forward": "F", "backward": "B"}
BOUND = {"color": BLACK, "linestyle": "-.", "linewidth": 1.3}
ROUNDING = {"color": GREY, "linestyle": ":", "linewidth": 1.5}
REPLICA = [{"color": c, "linestyle": l, "marker": m} for c, l, m in [
    (BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "^"), (PINK, ":", "D"),
    (BLACK, "-", "v"), (SKY, "--", "P"), (VERMILION, "-.", "X"), (GREY, ":", "*")]]

WIDTH = 7.2     # inches: what fits a page, so that 9 pt is 9 pt in print
LINE = 0.19     # inches from one line of text to the next

matplotlib.rcParams.update({
    "font.size": 9, "axes.titlesize": 9.5, "axes.labelsize": 9.5, "legend.fontsize": 9, "legend.title_fontsize": 9,
    "xtick.labelsize": 9, "ytick.labelsize": 9, "font.family": "DejaVu Sans",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6, "axes.axisbelow": True, "lines.linewidth": 1.5, "lines.markersize": 4.5,
    "legend.frameon": False, "legend.handlelength": 3.0, "hatch.linewidth": 0.6,
    "svg.fonttype": "none", "svg.hashsalt": "foldback", "pdf.fonttype": 42, "savefig.dpi": 200, "figure.dpi": 100,
})


def plain(text):
    """Text that shows as it is: no formulas from dollar signs, nothing that XML can't hold, one line."""
    text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split(" ")).replace("$", r"\$")


def figure(panels=1, height=3.0, rows=1, **sharing):
    """A figure of that many panels in so many rows, whose height is the panels' own, and its axes. See `finish`."""
    fig = Figure(figsize=(WIDTH, height), layout="constrained")
    return fig, list(np.ravel(fig.subplots(rows, panels // rows, **sharing)))


def wrapped(parts, room):
    """Lines of at most `room` characters that break between parts only, where a part fits a line."""
    lines = [""]
    for i, part in enumerate(parts):
        part = plain(part) + ("," if i + 1 < len(parts) else "")
        if lines[-1] and len(lines[-1]) + 1 + len(part) > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {part}".strip()
    return [piece for line in lines for piece in textwrap.wrap(line, room)]


def finish(fig, source, what, details=(), handles=None, columns=2, legend_title=None):
    """Adds room above the panels for the run's title, what is shown and how it was made, and below for one legend.

    The legend takes what the panels' artists say of themselves, each label once, unless `handles` are given.
    """
    title = textwrap.shorten(plain(source.title), 160, placeholder=" ...")
    bold, rest = textwrap.wrap(title, 80), textwrap.wrap(plain(what), 98) + wrapped(source.run_words(details), 98)
    if handles is None:
        named = {}
        for ax in fig.axes:
            for handle, label in zip(*ax.get_legend_handles_labels()):
                named.setdefault(label, handle)
        handles = list(named.values())
        for label, handle in named.items():
            handle.set_label(label)
    rows = -(-len(handles) // columns) + (legend_title is not None)
    panels = fig.get_figheight()
    above, below = LINE * (len(bold) + len(rest)) + 0.06, LINE * 1.12 * rows + (0.12 if rows else 0.0)
    height = panels + above + below
    fig.set_size_inches(WIDTH, height)
    fig.set_layout_engine("constrained", rect=(0.0, below / height, 1.0, panels / height), wspace=0.04)
    for text, line, weight in ((bold, 0, "bold"), (rest, len(bold), "normal")):
        fig.text(0.08 / WIDTH, 1 - (0.06 + LINE * line) / height, "\n".join(text), va="top", ha="left", fontsize=9.5,
                 linespacing=LINE * 72 / 9.5 / 1.164, weight=weight, in_layout=False)
    if handles:
        legend = fig.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 0.0), ncol=columns,
                            title=legend_title, alignment="left")
        legend.set_in_layout(False)


def log_spaced(steps):
    steps = steps[steps > 0]
    return len(steps) > 3 and steps[-1] >= 30 * steps[0] and steps[-1] - steps[-2] > 3 * (steps[1] - steps[0])


def power(k):
    """10 to the k, as text."""
    return "10" + str(round(k)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def step_axis(ax, steps, logarithmic=None):
    """Number of maps, on a log axis when the steps are log spaced (step 0 then stands left of 1)."""
    if log_spaced(steps) if logarithmic is None else logarithmic:
        if steps[0] == 0:
            ax.set_xscale("symlog", linthresh=1.0, linscale=0.3)
            ax.set_xlim(left=0)
        else:
            ax.set_xscale("log")
        ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda n, _: f"{n:g}" if n < 1e5 else power(np.log10(n))))
        ax.xaxis.set_minor_formatter(ticker.NullFormatter())
    else:
        ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=6))
    ax.set_xlabel("number of maps n")


MARKERS = 12  # about, along a line


def halfway(values, after):
    """Two more values after each of those indices: the geometric mean twice, or both neighbours where one is 0."""
    left, right = values[after], values[after + 1]
    jump = (left == 0) != (right == 0)
    middle = np.sqrt(np.abs(left * right))
    pair = np.column_stack([np.where(jump, left, middle), np.where(jump, right, middle)])
    return np.insert(values, np.repeat(after + 1, 2), np.ravel(pair))


class LogAxis:
    """A log axis for values >= 0 that shows exact zeros on a strip of their own at its foot, instead of losing them.

    Give it all values first, then draw with `place`.
    """

    def __init__(self, values, also=()):
        """`values` set the range; `also` (a bound, an interval) widens it upwards by at most two decades."""
        values = np.concatenate([np.ravel(v) for v in values]) if values else np.empty(0)
        values = values[np.isfinite(values)]
        positive = values[values > 0]
        self.has_zero = bool((values == 0).any())
        self.low, self.high = (positive.min(), positive.max()) if positive.size else (1e-16, 1.0)
        extra = np.concatenate([np.ravel(v) for v in also]) if also else np.empty(0)
        extra = extra[np.isfinite(extra) & (extra > self.high)]
        if extra.size:
            self.high = min(extra.max(), 100 * self.high)
        # A whole decade at least, so that there is a tick to read.
        self.low, self.high = min(self.low, self.high / 10), max(self.high, self.low * 10)
        self.decades = np.log10(self.high) - np.log10(self.low)
        self.zero = self._below(0.09 * self.decades + 0.1)

    def _below(self, decades):
        return 10.0 ** max(np.log10(self.low) - decades, -322.0)

    def place(self, values):
        """The values with zeros moved onto the strip."""
        return np.where(values == 0, self.zero, values)

    def line(self, ax, x, y, label, **style):
        """A line through the positive values; zeros as open markers on the strip."""
        marker = style.pop("marker", None)
        y = np.asarray(y, dtype=float)
        every = max(1, len(x) // MARKERS)
        ax.plot(x, np.where(y > 0, y, np.nan), label=label, marker=marker, markevery=every, **style)
        zero = np.flatnonzero(y == 0)
        if zero.size:
            zero = zero[::max(1, zero.size // MARKERS)]
            ax.plot(np.asarray(x)[zero], np.full(zero.size, self.zero), linestyle="none", marker=marker or "o",
                    markerfacecolor="white", markeredgecolor=style.get("color", BLACK), zorder=4)

    def band(self, ax, x, low, high, **style):
        """Fills between; half-way between steps it jumps to and from the strip of zeros, instead of sloping there."""
        jumps = np.flatnonzero(((low[1:] == 0) != (low[:-1] == 0)) | ((high[1:] == 0) != (high[:-1] == 0)))
        x, low, high = (halfway(np.asarray(a, dtype=float), jumps) for a in (x, low, high))
        ax.fill_between(x, self.place(low), self.place(high), linewidth=0, **style)

    def _ticks(self):
        """(value, label) of the axis: decades, or 1, 2, 5 of each where there are few."""
        first, last = np.floor(np.log10(self.low)), np.ceil(np.log10(self.high))
        if self.decades < 2.5 and -4 < first and last < 5:
            values = [m * 10.0**k for k in np.arange(first, last + 1) for m in (1, 2, 5)]
            return [(v, f"{v:g}") for v in values if self.low * 0.999 <= v <= self.high * 1.001]
        whole = [k for k in np.arange(first, last + 1) if self.low * 0.999 <= 10.0**k <= self.high * 1.001]
        stride = max(1, -(-len(whole) // 8))
        return [(10.0**k, power(k)) for k in whole[::-1][::stride]]

    def finish(self, ax):
        ax.set_yscale("log")
        ticks, labels = map(list, zip(*self._ticks()))
        bottom = self._below(0.04 * self.decades)
        if self.has_zero:
            bottom = self._below(0.15 * self.decades + 0.15)
            ax.axhspan(bottom, self._below(0.04 * self.decades), facecolor="#EEEEEE", edgecolor="none", zorder=0)
            ticks.append(self.zero)
            labels.append("exactly 0")
        ax.set_ylim(bottom, self.high * 10 ** (0.05 * self.decades))
        ax.yaxis.set_major_locator(ticker.FixedLocator(ticks))
        ax.yaxis.set_major_formatter(ticker.FixedFormatter(labels))
        ax.yaxis.set_minor_locator(ticker.NullLocator())
