"""The specification curve: the ratio of the reported week under every specification, and which choices lie where."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.publish.figures.frame import (
    MARGIN_MM,
    Canvas,
    column_or_page,
    is_narrow,
    plain_log_axis,
)
from helpers.publish.style import DOUBLE_MM, INK, MUTED, SCOPES, house_style

NAME = "specification_curve"
BINS = 120
ROW_MM = 3.1
DIMENSIONS = {  # dimension -> what the reader chooses
    "universe": "models counted",
    "variants": "variants",
    "stealth": "cloaked models",
    "derivatives": "origin of derivatives",
    "poolside": "Poolside",
    "nex_agi": "Nex AGI",
    "space_bunny": "Space Bunny",
    "non_text": "non-text models",
    "free": "free variants",
    "week": "week starts on",
}
WORDS = {
    "platform_pro_rata": "all, tail like ranked",
    "platform_like_41_50": "all, tail like ranks 41-50",
    "ranked": "all ranked",
    "as_of": "from their reveal",
    "retrospective": "throughout",
    "in": "counted",
    "out": "left out",
    "rolling": "any day (rolling)",
}
SHORT = {  # how a label begins where there is no room for the dimension beside it
    "variants": "variants ",
    "stealth": "cloaked: ",
    "derivatives": "derivatives: ",
    "poolside": "Poolside: ",
    "nex_agi": "Nex AGI: ",
    "space_bunny": "Space Bunny: ",
    "non_text": "non-text ",
    "free": "free ",
}
COLUMN = "{dimension}: {option}"


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
    group = pd.Series(np.arange(len(once)) * bins // len(once), name="bin")
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


def draw(data: pd.DataFrame, *, source: str, width_mm: float = DOUBLE_MM) -> Figure:
    """Draw the sorted ratios with their bounds, and below them how often each option occurs at each place."""
    with house_style():
        narrow = is_narrow(width_mm)
        rows = [column for column in data.columns if ": " in column]
        curve = 38 if narrow else 44
        probe = Canvas(width_mm=width_mm, height_mm=100, title=_title(data), subtitle=_subtitle(data), source=source)
        high = probe.top + 100 - (100 - probe.bottom) + curve + 4 + ROW_MM * len(rows) + 16
        canvas = Canvas(
            width_mm=width_mm,
            height_mm=min(170, high + column_or_page(width_mm, column=4, page=0)),
            title=_title(data),
            subtitle=_subtitle(data),
            source="Band: worst cases for unidentified tokens. Grey: how many of the specifications at that place make "
            f"the choice; the darker, the more. {source}",
        )
        left = MARGIN_MM + (38 if narrow else 52)
        upper = canvas.axes(left, MARGIN_MM + 1, canvas.top + 1, canvas.height - canvas.top - curve)
        lower = canvas.axes(left, MARGIN_MM + 1, canvas.top + curve + 4, canvas.bottom)
        _draw_curve(upper, data)
        _draw_choices(lower, data, rows, narrow=narrow)
        return canvas.figure


def _subtitle(data: pd.DataFrame) -> str:
    return (
        f"China / US in the reported week under {data['specifications'].sum():,} specifications, sorted, and the "
        "choices that each makes"
    )


def _draw_curve(axis: Axes, data: pd.DataFrame) -> None:
    look = SCOPES["chart"]
    finite = data[["ratio", "ratio_low", "ratio_high"]].to_numpy()
    finite = finite[np.isfinite(finite) & (finite > 0)]
    plain_log_axis(axis, low=min(0.5, finite.min() * 0.8), high=max(2.0, finite.max() * 1.3))
    bounds = (data[column].clip(*axis.get_ylim()) for column in ("ratio_low", "ratio_high"))
    axis.fill_between(data["place"], *bounds, facecolor=look.colour, alpha=0.16, linewidth=0, step="mid")
    axis.step(data["place"], data["ratio"], where="mid", color=look.colour)
    # The curve rises from below the line to above it: the two words stand where it is not.
    axis.axhline(1, color=INK, linewidth=0.8, zorder=1.5)
    label = {"textcoords": "offset points", "xycoords": ("axes fraction", "data"), "color": MUTED, "size": 7}
    axis.annotate("China ahead", (0, 1), xytext=(3, 2), va="bottom", **label)
    axis.annotate("US ahead", (1, 1), xytext=(-3, -2), va="top", ha="right", **label)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    held = data[data["holds_headline"]]
    if len(held):
        row = held.iloc[0]
        spot = (row["place"], row["headline_ratio"])
        axis.plot(*spot, "o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
        axis.annotate(
            f"the published headline: {row['headline_ratio']:.2f}",
            spot,
            xytext=(0.45, 0.97),
            textcoords="axes fraction",
            ha="center",
            va="top",
            size=7,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 3},
        )


def _draw_choices(axis: Axes, data: pd.DataFrame, rows: list[str], *, narrow: bool) -> None:
    shares = data[rows].to_numpy().T
    edges = np.concatenate([[0], np.cumsum(data["specifications"])]) / data["specifications"].sum()
    axis.pcolormesh(edges, np.arange(len(rows) + 1), shares, cmap="Greys", vmin=0, vmax=1.25, rasterized=True)
    axis.set_ylim(len(rows), 0)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    axis.set_yticks(np.arange(len(rows)) + 0.5, [_words(row, narrow=narrow) for row in rows], size=6.5)
    axis.tick_params(axis="y", length=0, pad=2)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    dimensions = [row.split(": ")[0] for row in rows]
    for place, dimension in enumerate(dimensions):
        if place == 0 or dimension != dimensions[place - 1]:
            axis.axhline(place, color=MUTED, linewidth=0.5)
            if not narrow:
                axis.annotate(
                    DIMENSIONS[dimension],
                    (0, place + 0.5),
                    xycoords=("axes fraction", "data"),
                    xytext=(-52 / 25.4 * 72, 0),
                    textcoords="offset points",
                    va="center",
                    size=6.5,
                    weight="bold",
                )


def _words(row: str, *, narrow: bool) -> str:
    dimension, option = row.split(": ")
    if option.startswith("chart_"):
        return f"{option.removeprefix('chart_')} largest"
    words = WORDS.get(option, option.capitalize() if dimension == "week" else option)
    return SHORT.get(dimension, "") + words if narrow else words


def _title(data: pd.DataFrame) -> str:
    ahead = float(data.loc[data["ratio"].gt(1), "specifications"].sum() / data["specifications"].sum())
    if ahead in (0, 1):
        return f"Every specification gives the same leader: {'China' if ahead else 'the US'}"
    return f"China led in the reported week in {ahead:.0%} of the specifications"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    total = int(data["specifications"].sum())
    ahead = float(data.loc[data["ratio"].gt(1), "specifications"].sum() / total)
    held = data[data["holds_headline"]]
    where = ""
    if len(held):
        row = held.iloc[0]
        where = f" The published headline, {row['headline_ratio']:.2f}, lies above {row['place']:.0%} of them."
    return (
        f"A curve of the ratio of Chinese to US tokens in the reported week under {total:,} specifications in "
        f"ascending order, from {data['ratio'].min():.2f} to {data['ratio'].max():.2f}, in a band of bounds; China is "
        f"ahead in {ahead:.0%} of them.{where} Below it, strips show which choices the specifications at each place "
        "make."
    )
