"""The ratio of China to the US with its bounds: what the chart says, and what all ranked models say."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.publish.figures.frame import (
    MARGIN_MM,
    Canvas,
    column_or_page,
    is_narrow,
    parity_line,
    plain_log_axis,
    time_axis,
)
from helpers.publish.style import DOUBLE_MM, HAIRLINE, INK, MUTED, SCOPES, house_style

NAME = "ratio_with_bounds"
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
    kept = ratios[ratios["scope"].isin(list(SCOPES)) & ratios["state"].ne("incomplete")]
    columns = ["week_start", "scope", "ratio", "ratio_low", "ratio_high", "state"]
    return kept[columns].reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, reported_week: str = "2026-02-09", width_mm: float = DOUBLE_MM) -> Figure:
    """Draw a panel per scope on one logarithmic scale, the reported week marked in each."""
    with house_style():
        narrow = is_narrow(width_mm)
        scopes = [scope for scope in SCOPES if scope in set(data["scope"])]
        canvas = Canvas(
            width_mm=width_mm,
            height_mm=column_or_page(width_mm, column=140, page=100),
            title=_title(data),
            subtitle="Tokens of Chinese models / tokens of US models a week (Monday to Sunday, UTC), log scale",
            source="Band: worst cases, if every unidentified token were American or every one Chinese. In the "
            f"chart, whatever is not among its models is unidentified.{_crosses(data)} {source}",
        )
        low, high = _limits(data)
        panels = _panels(canvas, scopes, stacked=narrow)
        for scope, (axis, size) in zip(scopes, panels, strict=True):
            rows = data[data["scope"].eq(scope)]
            plain_log_axis(axis, low=low, high=high)
            _draw_scope(axis, rows, scope)
            parity_line(axis, above="China ahead", below="US ahead")
            axis.axhline(3, color=HAIRLINE, linewidth=0.8, zorder=0.5)  # the ratio that the press reports
            _mark(axis, rows, reported_week)
            if scope == "ranked":
                _mark_certain(axis, rows)
            time_axis(axis, rows["week_start"], width_mm=size)
            axis.set_title(SCOPES[scope].label[0].upper() + SCOPES[scope].label[1:], color=SCOPES[scope].colour)
        return canvas.figure


def _crosses(data: pd.DataFrame) -> str:
    return " Crosses: weeks without any Chinese model." if data["ratio"].eq(0).any() else ""


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
    weeks, look = rows["week_start"], SCOPES[scope]
    upper = rows["ratio_high"].replace(np.inf, axis.get_ylim()[1])
    lower = rows["ratio_low"].clip(lower=floor)
    axis.fill_between(weeks, lower, upper, facecolor=look.colour, alpha=0.16, linewidth=0, zorder=1)
    axis.plot(weeks, rows["ratio"].mask(rows["ratio"].le(0)), color=look.colour, linestyle=look.line, zorder=3)
    absent = rows[rows["ratio"].eq(0)]
    if len(absent):
        # A ratio of 0 has no place on a log axis: the weeks are marked at its foot, and the note says so.
        axis.plot(
            absent["week_start"],
            [0.025] * len(absent),
            linestyle="none",
            marker="x",
            markersize=3,
            markeredgewidth=0.8,
            color=look.colour,
            transform=axis.get_xaxis_transform(),
            zorder=3,
        )


def _mark(axis: Axes, rows: pd.DataFrame, week: str) -> None:
    found = rows[rows["week_start"].eq(week) & rows["ratio"].gt(0)]
    if found.empty:
        return
    row = found.iloc[0]
    start = row["week_start"]
    verdict = {"China": "China led", "US": "the US led"}.get(row["state"], "not identified")
    text = (
        f"Week of {start.day} {start:%b %Y}: {row['ratio']:.2f},\n"
        f"bounds {row['ratio_low']:.2f} to {row['ratio_high']:.2f}, {verdict}"
    )
    axis.vlines(start, row["ratio_low"], row["ratio_high"], color=INK, linewidth=0.8, zorder=4)
    axis.plot([start], [row["ratio"]], "o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
    axis.annotate(text, (start, row["ratio_high"]), xytext=(0.03, 0.97), textcoords="axes fraction", **LEADER)


def _mark_certain(axis: Axes, rows: pd.DataFrame) -> None:
    certain = rows[rows["state"].eq("China")]
    if certain.empty:
        return
    first = certain.iloc[0]
    day = first["week_start"]
    # Straight below its week, where the line has not been yet.
    late = day > rows["week_start"].quantile(0.8)
    axis.annotate(
        f"Week of {day.day} {day:%b %Y}:\nfirst certain lead of China",
        (day, first["ratio_low"]),
        xytext=(day, 0.19),
        textcoords=("data", "axes fraction"),
        ha="right" if late else "center",
        **LEADER,
    )


def _title(data: pd.DataFrame) -> str:
    last = data.groupby("scope").tail(1).set_index("scope")
    if {"chart", "ranked"} <= set(last.index) and last.loc["ranked", "ratio"] > 1:
        larger = last.loc["chart", "ratio"] > last.loc["ranked", "ratio"]
        if larger:
            return "Chinese models lead on OpenRouter, but by less and later than reported"
        return "Chinese models lead on OpenRouter, whichever models count"
    if (last["ratio"] > 1).any():
        return "Whether Chinese models lead on OpenRouter depends on which count"
    return "US models lead on OpenRouter"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    parts = []
    for scope, look in SCOPES.items():
        rows = data[data["scope"].eq(scope) & data["ratio"].notna()]
        if rows.empty:
            continue
        last, top = rows.iloc[-1], rows.loc[rows["ratio"].idxmax()]
        parts.append(
            f"For {look.label} it is {last['ratio']:.2f} in the last full week ({last['week_start']:%Y-%m-%d}; "
            f"bounds {last['ratio_low']:.2f} to {last['ratio_high']:.2f}) and at most {top['ratio']:.2f} "
            f"(week of {top['week_start']:%Y-%m-%d}); China's lead is certain in "
            f"{int(rows['state'].eq('China').sum())} of {len(rows)} weeks."
        )
    return (
        "Lines of the weekly ratio of Chinese to US tokens on OpenRouter on a logarithmic scale, each in a band "
        f"of worst cases for unidentified tokens, with a line at parity. {' '.join(parts)}"
    )
