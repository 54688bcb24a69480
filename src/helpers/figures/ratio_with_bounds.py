"""The ratio of China to the US with its bounds: what the chart says, and what all ranked models say."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import (
    MARGIN_MM,
    Canvas,
    Caption,
    column_or_page,
    is_narrow,
    mark_off_axis,
    parity_line,
    plain_log_axis,
    time_axis,
)
from helpers.figures.style import HAIRLINE, INK, MUTED, SCOPE_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words

NAME = "ratio_with_bounds"
TABLES = ["ratios"]
COLUMNS = contracts.CONTRACTS["ratios"].pick("week_start", "scope", "ratio", "ratio_low", "ratio_high", "state")
TICK_MM, AXIS_MM = 8, 9
LEADER = {
    "va": "top",
    "size": 7,
    "linespacing": 1.2,
    "arrowprops": {"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 2, "shrinkB": 1},
    "zorder": 6,
}


def prepare(ratios: pd.DataFrame) -> pd.DataFrame:
    """Keep the full weeks of the scopes that are drawn.

    Parameters
    ----------
    ratios : DataFrame
        The table `ratios`.

    Returns
    -------
    DataFrame
        `week_start, scope, ratio, ratio_low, ratio_high, state`; a ratio of 0 is a week without any
        Chinese model in the scope.
    """
    kept = ratios[ratios["scope"].isin(list(SCOPE_LOOKS)) & ratios["state"].ne("incomplete")]
    columns = ["week_start", "scope", "ratio", "ratio_low", "ratio_high", "state"]
    return kept[columns].reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, reported_week: str = "2026-02-09", edition: Edition = HOUSE) -> Figure:
    """Draw a panel per scope on one logarithmic scale, the reported week marked in each."""
    with house_style(edition):
        words = edition.words
        narrow = is_narrow(edition.width_mm)
        scopes = [scope for scope in SCOPE_LOOKS if scope in set(data["scope"])]
        canvas = Canvas(
            edition,
            height_mm=column_or_page(edition.width_mm, column=140, page=100),
            caption=caption(data, words),
            source=source,
        )
        low, high = _limits(data)
        panels = _panels(canvas, scopes, stacked=narrow)
        for scope, (axis, size) in zip(scopes, panels, strict=True):
            rows = data[data["scope"].eq(scope)]
            plain_log_axis(axis, low=low, high=high)
            _draw_scope(axis, rows, scope)
            parity_line(axis, above=words("common.china_ahead"), below=words("common.us_ahead"))
            axis.axhline(3, color=HAIRLINE, linewidth=0.8, zorder=0.5)  # the ratio that the press reports
            _mark(axis, rows, reported_week, words)
            if scope == "ranked":
                _mark_certain(axis, rows, words)
            time_axis(axis, rows["week_start"], width_mm=size, words=words)
            label = words(f"common.{scope}")
            axis.set_title(label[0].upper() + label[1:], color=SCOPE_LOOKS[scope].colour)
        return canvas.figure


def _panels(canvas: Canvas, scopes: list[str], *, stacked: bool) -> list[tuple[Axes, float]]:
    left, head, foot = MARGIN_MM + TICK_MM, 5, AXIS_MM
    across = canvas.width - left - MARGIN_MM
    count = max(1, len(scopes))
    if stacked:
        high = (canvas.height - canvas.top - canvas.bottom) / count
        return [
            (
                canvas.axes(
                    left,
                    MARGIN_MM,
                    canvas.top + place * high + head,
                    canvas.bottom + (count - 1 - place) * high + foot,
                ),
                across,
            )
            for place in range(count)
        ]
    gap = 9
    wide = (across - gap * (count - 1)) / count
    return [
        (
            canvas.axes(
                left + place * (wide + gap),
                MARGIN_MM + (count - 1 - place) * (wide + gap),
                canvas.top + head,
                canvas.bottom + foot,
            ),
            wide,
        )
        for place in range(count)
    ]


def _limits(data: pd.DataFrame) -> tuple[float, float]:
    drawn = data[["ratio", "ratio_high"]].to_numpy()
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    if not len(drawn):
        return 0.1, 10.0
    return min(0.5, drawn.min() * 0.55), max(2.0, drawn.max() * 1.25)


def _draw_scope(axis: Axes, rows: pd.DataFrame, scope: str) -> None:
    floor = axis.get_ylim()[0]
    weeks, look = rows["week_start"], SCOPE_LOOKS[scope]
    upper = rows["ratio_high"].replace(np.inf, axis.get_ylim()[1])
    lower = rows["ratio_low"].clip(lower=floor, upper=axis.get_ylim()[1])
    axis.fill_between(weeks, lower, upper, facecolor=look.colour, alpha=0.16, linewidth=0, zorder=1)
    drawn = rows["ratio"].where(rows["ratio"].gt(0) & np.isfinite(rows["ratio"]))
    axis.plot(weeks, drawn, color=look.colour, linestyle=look.line, zorder=3)
    mark_off_axis(axis, weeks[rows["ratio"].eq(0)], look.colour, at_head=False)
    mark_off_axis(axis, weeks[np.isinf(rows["ratio"])], look.colour, at_head=True)


def _mark(axis: Axes, rows: pd.DataFrame, week: str, words: Words) -> None:
    found = rows[rows["week_start"].eq(week) & rows["ratio"].gt(0)]
    if found.empty:
        return
    row = found.iloc[0]
    start = row["week_start"]
    state = row["state"] if row["state"] in ("China", "US") else "open"
    text = words(
        "ratio_with_bounds.mark",
        day=words.day(start),
        ratio=row["ratio"],
        low=row["ratio_low"],
        high=row["ratio_high"],
        verdict=words(f"ratio_with_bounds.state_{state}"),
    )
    low, ratio, high = (min(row[name], axis.get_ylim()[1]) for name in ("ratio_low", "ratio", "ratio_high"))
    axis.vlines(start, low, high, color=INK, linewidth=0.8, zorder=4)
    if np.isfinite(row["ratio"]):
        axis.plot([start], [ratio], "o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
    axis.annotate(text, (start, high), xytext=(0.03, 0.97), textcoords="axes fraction", **LEADER)


def _mark_certain(axis: Axes, rows: pd.DataFrame, words: Words) -> None:
    certain = rows[rows["state"].eq("China")]
    if certain.empty:
        return
    first = certain.iloc[0]
    day = first["week_start"]
    # Straight below its week, where the line has not been yet.
    early, late = rows["week_start"].quantile([0.2, 0.8])
    side = "right" if day > late else "left" if day < early else "center"
    axis.annotate(
        words("ratio_with_bounds.certain", day=words.day(day)),
        (day, min(first["ratio_low"], axis.get_ylim()[1])),
        xytext=(day, 0.19),
        textcoords=("data", "axes fraction"),
        ha=side,
        **LEADER,
    )


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say the finding, the measure and how to read the band."""
    crosses = words("ratio_with_bounds.crosses") if data["ratio"].eq(0).any() else ""
    return Caption(
        words(f"ratio_with_bounds.title_{_finding(data)}", scope=words(f"common.{data['scope'].iloc[0]}")),
        words("ratio_with_bounds.subtitle"),
        words("ratio_with_bounds.note", crosses=crosses) + words.triangles(data["ratio"]),
        words("ratio_with_bounds.measure"),
    )


def _finding(data: pd.DataFrame) -> str:
    last = data.groupby("scope").tail(1).set_index("scope")["ratio"]
    if len(last) == 1:
        return "one_China" if (last > 1).all() else "one_US" if (last < 1).all() else "depends"
    if (last > 1).all():
        return "less" if last["chart"] > last["ranked"] else "whichever"
    return "us" if (last < 1).all() else "depends"


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    parts = []
    for scope in SCOPE_LOOKS:
        rows = data[data["scope"].eq(scope)]
        if rows.empty:
            continue
        last, top = rows.iloc[-1], rows.loc[rows["ratio"].fillna(-1.0).idxmax()]
        parts.append(
            words(
                "ratio_with_bounds.alt_scope",
                scope=words(f"common.{scope}"),
                last=last["ratio"],
                last_week=words.date(last["week_start"]),
                low=last["ratio_low"],
                high=last["ratio_high"],
                top=top["ratio"],
                top_week=words.date(top["week_start"]),
                certain=int(rows["state"].eq("China").sum()),
                weeks=len(rows),
            )
        )
    return words("ratio_with_bounds.alt", parts=words("common.sentence_space").join(parts))
