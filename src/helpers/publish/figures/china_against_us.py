"""China against the US, tokens a week: the chart and all ranked models, with every change of lead."""

import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.publish.figures.frame import (
    LINE,
    MARGIN_MM,
    POINT_MM,
    Canvas,
    column_or_page,
    end_labels,
    plain_log_axis,
    readable_colour,
    spread,
    time_axis,
)
from helpers.publish.style import DOUBLE_MM, MUTED, ORIGINS, SCOPES, house_style

TRILLION = 10**12
NAME = "china_against_us"
SERIES = {"China": "china_tokens", "US": "us_tokens", "unidentified": "unidentified_tokens"}
WEEKS_BEFORE = 12  # weeks drawn before the first change of lead: the rest of the record has no change


def prepare(origin_weekly: pd.DataFrame) -> pd.DataFrame:
    """Lay out both scopes with what is unidentified in each, and mark the weeks in which the lead changed.

    Parameters
    ----------
    origin_weekly : DataFrame
        The table `origin_weekly`.

    Returns
    -------
    DataFrame
        `week_start, scope, china_tokens, us_tokens, unidentified_tokens` (tokens, int64) and `new_leader`
        (``China`` or ``US`` in a week in which the lead changed, else empty); weeks of seven days, from
        twelve weeks before the first change on.
    """
    full = origin_weekly[origin_weekly["days_observed"].eq(7)]
    wide = full.pivot_table(index=["scope", "week_start"], columns="origin", values="tokens", aggfunc="sum")
    total = wide.loc["platform"].sum(axis="columns").astype("int64")
    parts = []
    for scope in SCOPES:
        rows = wide.loc[scope].astype(dict.fromkeys(("China", "US", "Other", "Unknown"), "int64"))
        named = rows[["China", "US", "Other"]].sum(axis="columns")
        leader = pd.Series("US", index=rows.index).mask(rows["China"] > rows["US"], "China")
        changed = leader.ne(leader.shift(fill_value=leader.iloc[0]))
        part = pd.DataFrame(
            {
                "scope": scope,
                "china_tokens": rows["China"],
                "us_tokens": rows["US"],
                "unidentified_tokens": total - named,
                "new_leader": leader.where(changed, ""),
            }
        )
        parts.append(part.reset_index())
    table = pd.concat(parts, ignore_index=True)
    changes = table.loc[table["new_leader"].ne(""), "week_start"]
    first = changes.min() - pd.Timedelta(weeks=WEEKS_BEFORE) if len(changes) else table["week_start"].min()
    return table[table["week_start"].ge(first)].reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, width_mm: float = DOUBLE_MM) -> Figure:
    """Draw a panel per scope on logarithmic axes, a line of text at every change of lead."""
    with house_style():
        canvas = Canvas(
            width_mm=width_mm,
            height_mm=column_or_page(width_mm, column=140, page=128),
            title=_title(data),
            subtitle="Trillion tokens a week (Monday to Sunday, UTC), log scale; upright: who took the lead, and when",
            source="Unidentified in all ranked models: the rest of the platform and models of unknown origin; in the "
            f"chart also every model that is not in it. {source}",
        )
        left = MARGIN_MM + 8
        right = MARGIN_MM + 2 + canvas.text_width(ORIGINS["unidentified"].label, size=7.5)
        high = (canvas.height - canvas.top - canvas.bottom - 9) / 2
        tokens = data[list(SERIES.values())] / TRILLION
        limits = {"low": tokens[tokens > 0].min().min() / 1.6, "high": tokens.max().max() * 6}
        for place, scope in enumerate(SCOPES):
            down = canvas.bottom + 9 + (1 - place) * high
            axis = canvas.axes(left, right, canvas.top + place * high + 6, down)
            plain_log_axis(axis, **limits)
            rows = data[data["scope"].eq(scope)]
            time_axis(axis, rows["week_start"], width_mm=canvas.width - left - right)
            _draw_scope(axis, rows, height_mm=high - 6, width_mm=canvas.width - left - right)
            axis.set_title(SCOPES[scope].label[0].upper() + SCOPES[scope].label[1:])
            if place == 0:
                axis.set_xticklabels([])
        return canvas.figure


def _draw_scope(axis: Axes, rows: pd.DataFrame, *, height_mm: float, width_mm: float) -> None:
    labels = []
    for origin, column in SERIES.items():
        look = ORIGINS[origin]
        colour = MUTED if origin == "unidentified" else look.colour
        values = (rows[column] / TRILLION).mask(rows[column].eq(0))
        axis.plot(rows["week_start"], values, color=colour, linestyle=look.line)
        if values.notna().any():
            labels.append((values.dropna().iloc[-1], look.label, readable_colour(colour)))
    end_labels(axis, labels, height_mm=height_mm)
    changes = rows[rows["new_leader"].ne("")]
    if changes.empty:
        return
    low, high = axis.get_xlim()
    unit = (high - low) / width_mm  # days per millimetre
    places = spread(
        list(mdates.date2num(changes["week_start"])),
        apart=7 * POINT_MM * LINE * unit,
        low=low + unit,
        high=high - unit,
    )
    for place, change in zip(places, changes.itertuples(index=False), strict=True):
        colour = readable_colour(ORIGINS[change.new_leader].colour)
        leads = max(change.china_tokens, change.us_tokens) / TRILLION
        axis.annotate(
            f"{change.new_leader} {change.week_start.day} {change.week_start:%b}",
            (mdates.date2num(change.week_start), leads),
            xytext=(place, 0.985),
            textcoords=("data", "axes fraction"),
            rotation=90,
            ha="center",
            va="top",
            size=7,
            color=colour,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 1},
        )
        axis.plot([change.week_start], [leads], "o", markersize=3.5, markerfacecolor="white", markeredgecolor=colour)


def _title(data: pd.DataFrame) -> str:
    changes = data[data["new_leader"].ne("")]
    if changes.empty:
        return "The lead between China and the US never changed"
    count = changes.groupby("scope").size()
    if count.max() > 1:
        return "The lead between China and the US changed hands several times"
    return "The lead between China and the US changed hands once"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    parts = []
    for scope, look in SCOPES.items():
        rows = data[data["scope"].eq(scope) & data["new_leader"].ne("")]
        told = [f"{row.new_leader} ahead from {row.week_start:%Y-%m-%d}" for row in rows.itertuples(index=False)]
        parts.append(f"Among {look.label}: {', '.join(told) or 'no change of lead'}.")
    return (
        "Two panels of lines on logarithmic scales: weekly tokens of China, of the US and unidentified, from the "
        f"week of {data['week_start'].min():%Y-%m-%d} to that of {data['week_start'].max():%Y-%m-%d}. "
        f"{' '.join(parts)}"
    )
