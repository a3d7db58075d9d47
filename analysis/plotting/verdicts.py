"""Figure `verdicts`: every claim, what it came to and how sharp its bound is."""
import textwrap

import numpy as np
from matplotlib.lines import Line2D

from plotting import style
from plotting.claims import (CONSISTENT, HOLDS, INCONCLUSIVE, NOT_APPLICABLE, UNRESOLVED, VIOLATED, WORDS, all_claims)
from plotting.source import count, number

LOOK = {
    NOT_APPLICABLE: {"color": "#AAAAAA", "marker": "_"},
    UNRESOLVED: {"color": style.GREY, "marker": "o", "markerfacecolor": "white"},
    INCONCLUSIVE: {"color": style.ORANGE, "marker": "^"},
    HOLDS: {"color": style.BLUE, "marker": "o"},
    CONSISTENT: {"color": style.GREEN, "marker": "D"},
    VIOLATED: {"color": style.VERMILION, "marker": "X"},
}
LEFT, RIGHT = 1e-3, 10.0  # the axis of tightness; what lies beyond is drawn at its end with an arrow


def largest_tightness(claim):
    """Over the tests that came to a verdict; NaN if none has a finite one."""
    judged = claim.verdict >= INCONCLUSIVE
    values = claim.tightness[judged] if judged.shape == claim.tightness.shape else claim.tightness.ravel()
    values = values[np.isfinite(values)]
    return values.max() if values.size else np.nan


def draw_verdicts(source, options):
    del options
    claims = all_claims(source)
    fig, (ax,) = style.figure(height=0.95 + 0.24 * len(claims))
    ax.set_xscale("log")
    ax.set_xlim(LEFT / 1.5, RIGHT * 1.5)
    ax.set_ylim(len(claims) - 0.4, -1.6)
    ax.axvline(1.0, color=style.BLACK, linewidth=1.1)
    side = ax.get_yaxis_transform()
    ax.annotate("bound or value attained", (1.0, -1.1), xytext=(-4, 0), textcoords="offset points", ha="right",
                va="center")
    ax.text(1.02, -1.1, "verdict (tests resolved / planned)", transform=side, va="center")
    for row, claim in enumerate(claims):
        draw_row(ax, row, claim)
    ax.set_yticks(range(len(claims)), [claim.id for claim in claims])
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.minorticks_off()
    ax.set_xticks([1e-3, 1e-2, 1e-1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
    ax.set_xlabel("largest tightness = measured / bound (dimensionless)")
    tally = [(v, sum(c.overall == v for c in claims)) for v in
             (VIOLATED, INCONCLUSIVE, HOLDS, CONSISTENT, UNRESOLVED, NOT_APPLICABLE)]
    handles = [Line2D([], [], linestyle="none", markersize=7, label=f"{WORDS[v]}: {n}", **LOOK[v])
               for v, n in tally if n]
    style.finish(fig, source, "Verdicts on the claims of the theory", handles=handles, columns=3)
    return fig


def remark(ax, row, text):
    """In place of a tightness."""
    ax.text(LEFT, row, text, va="center", color="#555555", style="italic")


def draw_row(ax, row, claim):
    look, word = LOOK[claim.overall], WORDS[claim.overall]
    if claim.overall == NOT_APPLICABLE:
        remark(ax, row, textwrap.shorten(f"{word}: {style.plain(claim.failed_assumption)}", 74, placeholder=" ..."))
        return
    resolved, planned = int((claim.verdict >= INCONCLUSIVE).sum()), int((claim.verdict != NOT_APPLICABLE).sum())
    side = ax.get_yaxis_transform()
    ax.plot([1.035], [row], transform=side, clip_on=False, markersize=7, **look)
    ax.annotate(f"{word} ({count(resolved)} / {count(planned)})", (1.035, row), xycoords=side, xytext=(9, 0),
                textcoords="offset points", va="center", weight="bold" if claim.overall == VIOLATED else "normal")
    largest = largest_tightness(claim)
    if not np.isfinite(largest):
        remark(ax, row, "nothing resolved" if not resolved else "no ratio: the exact value is 0")
        return
    at = min(max(largest, LEFT), RIGHT) if largest > 0 else LEFT
    ax.hlines(row, LEFT / 1.5, at, color=look["color"], linewidth=1.0, zorder=1)
    ax.plot([at], [row], markersize=7, **look)
    beyond = "\N{LEFTWARDS ARROW} " if largest < LEFT else "\N{RIGHTWARDS ARROW} " if largest > RIGHT else ""
    room = {"xytext": (-7, 0), "ha": "right"} if at > 2 else {"xytext": (7, 0), "ha": "left"}
    ax.annotate(beyond + number(float(f"{largest:.3g}")), (at, row), textcoords="offset points", va="center",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6}, **room)
