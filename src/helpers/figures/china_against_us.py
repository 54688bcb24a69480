"""China against the US, tokens a week: the chart and all ranked models, with every change of lead."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import (
    LINE,
    MARGIN_MM,
    POINT_MM,
    Canvas,
    Caption,
    column_or_page,
    end_labels,
    plain_log_axis,
    readable_colour,
    spread,
    time_axis,
)
from helpers.figures.style import MUTED, ORIGIN_LOOKS, SCOPE_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.numbers import sum_wide
from helpers.vocabulary import IDENTIFIED, TAGGED_ORIGINS, TRILLION

NAME = "china_against_us"
TABLES = ["origin_weekly"]
COLUMNS = {
    **contracts.CONTRACTS["ratios"].pick("week_start", "scope", "china_tokens", "us_tokens", "unidentified_tokens"),
    "new_leader": contracts.text("`China` or `US` in a week in which the lead changed, else empty", empty=True),
}
SERIES = {"China": "china_tokens", "US": "us_tokens", "unidentified": "unidentified_tokens"}
LEADER_MM = 4  # from an upright label down to its point
MOST_NAMED = 10  # changes of lead that have room for a label in one column, the latest of each scope
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
    wide = sum_wide(full, index=["scope", "week_start"], columns="origin", names=TAGGED_ORIGINS)
    scopes = wide.index.get_level_values("scope")
    total = wide[scopes == "platform"].droplevel("scope").sum(axis="columns")
    parts = []
    for scope in SCOPE_LOOKS:
        rows = wide[scopes == scope].droplevel("scope")
        named = rows[list(IDENTIFIED)].sum(axis="columns")
        leader = pd.Series("US", index=rows.index).mask(rows["China"] > rows["US"], "China")
        before = leader.shift()
        changed = leader.ne(before) & before.notna()
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


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw a panel per scope on logarithmic axes, a line of text at every change of lead."""
    with house_style(edition):
        words = edition.words
        canvas = Canvas(
            edition,
            height_mm=column_or_page(edition.width_mm, column=140, page=128),
            caption=caption(data, words),
            source=source,
        )
        right = MARGIN_MM + 2 + max(canvas.text_width(words(f"common.{origin}"), size=7.5) for origin in SERIES)
        high = (canvas.height - canvas.top - canvas.bottom - 9) / 2
        tokens = data[list(SERIES.values())] / TRILLION
        low = tokens[tokens > 0].min().min() / 1.6
        named = _name_changes(data, words)
        limits = {"low": low, "high": max(tokens.max().max() * 6, _headroom(canvas, named, low, high - 6))}
        left = MARGIN_MM + canvas.tick_room(limits["high"])
        for place, scope in enumerate(SCOPE_LOOKS):
            down = canvas.bottom + 9 + (1 - place) * high
            axis = canvas.axes(left, right, canvas.top + place * high + 6, down)
            plain_log_axis(axis, **limits)
            rows = data[data["scope"].eq(scope)].join(named["label"])
            across = canvas.width - left - right
            time_axis(axis, rows["week_start"], width_mm=across, words=words)
            _draw_scope(axis, rows, height_mm=high - 6, width_mm=across, words=words)
            label = words(f"common.{scope}")
            axis.set_title(label[0].upper() + label[1:])
            if place == 0:
                axis.set_xticklabels([])
        return canvas.figure


def _name_changes(data: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Write labels for the latest changes of lead in each scope; with the year where the axis does not say it."""
    latest = data[data["new_leader"].ne("")].groupby("scope").tail(MOST_NAMED)
    years = (data["week_start"].max() - data["week_start"].min()) / pd.Timedelta(days=365)
    day = words.short_day if years <= 2 else words.brief_day
    labels = [
        words("china_against_us.change", leader=words(f"common.{row.new_leader}"), day=day(row.week_start))
        for row in latest.itertuples()
    ]
    return latest.assign(label=pd.Series(labels, index=latest.index, dtype="str"))


def _headroom(canvas: Canvas, named: pd.DataFrame, low: float, height_mm: float) -> float:
    """Find the upper limit at which every upright label fits between its change of lead and the top of the axes."""
    needed = max((canvas.text_width(label, size=7) for label in named["label"]), default=0.0) + LEADER_MM
    leads = named[["china_tokens", "us_tokens"]].to_numpy().max(initial=1) / TRILLION
    share = min(0.8, needed / height_mm)
    return float(np.exp((np.log(leads) - np.log(low) * share) / (1 - share)))


def _draw_scope(axis: Axes, rows: pd.DataFrame, *, height_mm: float, width_mm: float, words: Words) -> None:
    labels = []
    for origin, column in SERIES.items():
        look = ORIGIN_LOOKS[origin]
        colour = MUTED if origin == "unidentified" else look.colour
        values = (rows[column] / TRILLION).mask(rows[column].eq(0))
        axis.plot(rows["week_start"], values, color=colour, linestyle=look.line)
        if values.notna().any():
            labels.append((values.dropna().iloc[-1], words(f"common.{origin}"), readable_colour(colour)))
    end_labels(axis, labels, height_mm=height_mm)
    for change in rows[rows["new_leader"].ne("") & rows["label"].isna()].itertuples(index=False):
        _circle(axis, change)
    changes = rows[rows["label"].notna()]
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
        colour = readable_colour(ORIGIN_LOOKS[change.new_leader].colour)
        leads = max(change.china_tokens, change.us_tokens) / TRILLION
        axis.annotate(
            change.label,
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
        _circle(axis, change)


def _circle(axis: Axes, change: NamedTuple) -> None:
    colour = readable_colour(ORIGIN_LOOKS[change.new_leader].colour)
    leads = max(change.china_tokens, change.us_tokens) / TRILLION
    axis.plot([change.week_start], [leads], "o", markersize=3.5, markerfacecolor="white", markeredgecolor=colour)


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say how often the lead changed, the measure, and what is unidentified in either scope."""
    count = data[data["new_leader"].ne("")].groupby("scope").size()
    finding = "never" if count.empty else "several" if count.max() > 1 else "once"
    latest = words("china_against_us.latest", most=MOST_NAMED) if not count.empty and count.max() > MOST_NAMED else ""
    return Caption(
        words(f"china_against_us.title_{finding}"),
        words("china_against_us.subtitle"),
        words("china_against_us.note", latest=latest),
        words("china_against_us.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    parts = []
    for scope in SCOPE_LOOKS:
        rows = data[data["scope"].eq(scope) & data["new_leader"].ne("")]
        told = [
            words(
                "china_against_us.alt_change",
                leader=words(f"common.{row.new_leader}"),
                week=words.date(row.week_start),
            )
            for row in rows.itertuples(index=False)
        ]
        changes = words.listed(told[-MOST_NAMED:]) or words("china_against_us.alt_none")
        if len(told) > MOST_NAMED:
            changes = words("china_against_us.alt_latest", count=len(told), changes=changes)
        parts.append(words("china_against_us.alt_scope", scope=words(f"common.{scope}"), changes=changes))
    return words(
        "china_against_us.alt",
        first=words.date(data["week_start"].min()),
        last=words.date(data["week_start"].max()),
        parts=words("common.sentence_space").join(parts),
    )
