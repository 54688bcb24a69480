"""The specification curve: the ratio of the reported week under every specification, and which choices lie where."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import (
    MARGIN_MM,
    UNTITLED_MM,
    Canvas,
    Caption,
    is_narrow,
    mark_off_axis,
    plain_log_axis,
)
from helpers.figures.style import INK, MUTED, SCOPE_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.vocabulary import SPECIFICATIONS

NAME = "specification_curve"
TABLES = ["specifications"]
DENSE = True  # rows of text that no layout can make fewer
BINS = 120
ROW_MM = 3.1
DIMENSIONS = [
    "universe",
    "variants",
    "stealth",
    "derivatives",
    "poolside",
    "nex_agi",
    "space_bunny",
    "non_text",
    "free",
    "week",
]
COLUMN = "{dimension}: {option}"
COLUMNS = {
    "place": contracts.share("share of the specifications that lie before the middle of the bin"),
    "specifications": contracts.count("number of specifications in the bin", unit=SPECIFICATIONS),
    "ratio": contracts.ratio("median over the bin of China / US in the reported week"),
    "ratio_low": contracts.ratio("least lower bound in the bin"),
    "ratio_high": contracts.ratio("greatest upper bound in the bin"),
    "holds_headline": contracts.flag("whether the headline's specification is in the bin"),
    "headline_ratio": contracts.ratio("China / US under the headline's specification; empty in other bins"),
    rf"({'|'.join(DIMENSIONS)}): \S+": contracts.share("share of the bin's specifications that take this option"),
}


def prepare(specifications: pd.DataFrame, *, headline: Mapping[str, str], bins: int = BINS) -> pd.DataFrame:
    """Sort the specifications by the ratio of the reported week and gather them in equal bins.

    The rule that dates a lead does not touch the ratio, so each combination of the other dimensions counts once.

    Parameters
    ----------
    specifications : DataFrame
        The table `specifications`.
    headline : mapping of str to str
        The option of each dimension behind the published headline.
    bins : int
        How many bins the sorted specifications are gathered in.

    Returns
    -------
    DataFrame
        One row a bin: `place` (0 to 1), `specifications` (count), `ratio` (median), `ratio_low` and `ratio_high`
        (least and largest bound), `holds_headline`, `headline_ratio` (missing elsewhere), and per option the share of
        the bin that takes it, in columns such as ``universe: ranked``.
    """
    once = specifications[specifications["rule"].eq(specifications["rule"].iloc[0])].dropna(subset="ratio_reported")
    once = once.sort_values(["ratio_reported", "specification"], ignore_index=True)
    bins = min(bins, len(once))
    group = pd.Series(np.arange(len(once)) * bins // max(1, len(once)), name="bin")
    is_headline = pd.concat([once[name].eq(headline[name]) for name in DIMENSIONS], axis="columns").all(axis="columns")
    table = pd.DataFrame(
        {
            "specifications": group.groupby(group).size(),
            "ratio": once["ratio_reported"].groupby(group).median(),
            "ratio_low": once["ratio_reported_low"].groupby(group).min(),
            "ratio_high": once["ratio_reported_high"].groupby(group).max(),
            "holds_headline": is_headline.groupby(group).any(),
            "headline_ratio": once["ratio_reported"].where(is_headline).groupby(group).max(),
        }
    )
    for dimension in DIMENSIONS:
        for option in specifications[dimension].unique():
            taken = once[dimension].eq(option)
            table[COLUMN.format(dimension=dimension, option=option)] = taken.groupby(group).mean()
    table.insert(0, "place", (table["specifications"].cumsum() - table["specifications"] / 2) / len(once))
    return table.reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw the sorted ratios with their bounds, and below them how often each option occurs at each place."""
    with house_style(edition):
        words = edition.words
        narrow = is_narrow(edition.width_mm)
        rows = [column for column in data.columns if ": " in column]
        curve = 38 if narrow else 44
        around = {"caption": caption(data, words), "source": source}
        probe = Canvas(edition, height_mm=100, **around)
        # Between curve and choices 4 mm, and as much below as there is above the first line of the choices.
        room = probe.top + probe.bottom + curve + 4 + ROW_MM * len(rows)
        canvas = Canvas(edition, height_mm=room + (0 if edition.profile.titled else UNTITLED_MM), **around)
        curve *= min(1.0, canvas.height / room)
        left = MARGIN_MM + (38 if narrow else 52)
        upper = canvas.axes(left, MARGIN_MM + 1, canvas.top + 1, canvas.height - canvas.top - curve)
        lower = canvas.axes(left, MARGIN_MM + 1, canvas.top + curve + 4, canvas.bottom)
        _draw_curve(upper, data, words)
        _draw_choices(lower, data, rows, words, narrow=narrow)
        return canvas.figure


def _draw_curve(axis: Axes, data: pd.DataFrame, words: Words) -> None:
    look = SCOPE_LOOKS["chart"]
    finite = data[["ratio", "ratio_low", "ratio_high"]].to_numpy()
    finite = finite[np.isfinite(finite) & (finite > 0)]
    low, high = (finite.min(), finite.max()) if len(finite) else (1.0, 1.0)
    plain_log_axis(axis, low=min(0.5, low * 0.8), high=max(2.0, high * 1.3))
    bounds = (data[column].clip(*axis.get_ylim()) for column in ("ratio_low", "ratio_high"))
    axis.fill_between(data["place"], *bounds, facecolor=look.colour, alpha=0.16, linewidth=0, step="mid")
    axis.step(data["place"], data["ratio"].where(np.isfinite(data["ratio"])), where="mid", color=look.colour)
    mark_off_axis(axis, data.loc[np.isinf(data["ratio"]), "place"], look.colour, at_head=True)
    # The curve rises from below the line to above it: the two words stand where it is not.
    axis.axhline(1, color=INK, linewidth=0.8, zorder=1.5)
    label = {"textcoords": "offset points", "xycoords": ("axes fraction", "data"), "color": MUTED, "size": 7}
    axis.annotate(words("common.china_ahead"), (0, 1), xytext=(3, 2), va="bottom", **label)
    axis.annotate(words("common.us_ahead"), (1, 1), xytext=(-3, -2), va="top", ha="right", **label)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    held = data[data["holds_headline"]]
    if len(held):
        row = held.iloc[0]
        spot = (row["place"], min(row["headline_ratio"], axis.get_ylim()[1]))
        axis.plot(*spot, "o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
        axis.annotate(
            words("specification_curve.headline", ratio=row["headline_ratio"]),
            spot,
            xytext=(0.45, 0.97),
            textcoords="axes fraction",
            ha="center",
            va="top",
            size=7,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 3},
        )


def _draw_choices(axis: Axes, data: pd.DataFrame, rows: list[str], words: Words, *, narrow: bool) -> None:
    shares = data[rows].to_numpy().T
    edges = np.concatenate([[0], np.cumsum(data["specifications"])]) / data["specifications"].sum()
    axis.pcolormesh(edges, np.arange(len(rows) + 1), shares, cmap="Greys", vmin=0, vmax=1.25, rasterized=True)
    axis.set_ylim(len(rows), 0)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    axis.set_yticks(np.arange(len(rows)) + 0.5, [_label(row, words, narrow=narrow) for row in rows], size=6.5)
    axis.tick_params(axis="y", length=0, pad=2)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    dimensions = [row.split(": ")[0] for row in rows]
    for place, dimension in enumerate(dimensions):
        if place == 0 or dimension != dimensions[place - 1]:
            axis.axhline(place, color=MUTED, linewidth=0.5)
            if not narrow:
                axis.annotate(
                    words(f"specification_curve.dimension.{dimension}"),
                    (0, place + 0.5),
                    xycoords=("axes fraction", "data"),
                    xytext=(-52 / 25.4 * 72, 0),
                    textcoords="offset points",
                    va="center",
                    size=6.5,
                    weight="bold",
                )


def _label(row: str, words: Words, *, narrow: bool) -> str:
    """Name an option; where there is no room for the dimension beside it, the label begins with it."""
    dimension, option = row.split(": ")
    if option.startswith("chart_"):
        return words("specification_curve.largest", size=option.removeprefix("chart_"))
    name = words(f"specification_curve.option.{option}")
    return words(f"specification_curve.short.{dimension}") + name if narrow else name


def _share_ahead(data: pd.DataFrame) -> float:
    return float(data.loc[data["ratio"].gt(1), "specifications"].sum() / data["specifications"].sum())


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say in how many specifications China led, the measure, and how to read the strips."""
    ahead = _share_ahead(data)
    finding = {0.0: "all_US", 1.0: "all_China"}.get(ahead, "share")
    return Caption(
        words(f"specification_curve.title_{finding}", share=ahead),
        words("specification_curve.subtitle", count=int(data["specifications"].sum())),
        words("specification_curve.note") + words.triangles(data["ratio"]),
        words("specification_curve.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    held = data[data["holds_headline"]]
    where = ""
    if len(held):
        row = held.iloc[0]
        where = words("specification_curve.alt_where", ratio=row["headline_ratio"], place=row["place"])
    return words(
        "specification_curve.alt",
        count=int(data["specifications"].sum()),
        low=data["ratio"].min(),
        high=data["ratio"].max(),
        share=_share_ahead(data),
        where=where,
    )
