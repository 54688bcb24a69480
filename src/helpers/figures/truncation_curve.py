"""How the answer depends on how many models are counted: the ratio of one week, and the date of the lead, by k."""

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
    fit_months,
    is_narrow,
    mark_off_axis,
    parity_line,
    plain_log_axis,
    spread,
)
from helpers.figures.style import INK, MUTED, SCOPE_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.numbers import lost_from

NAME = "truncation_curve"
TABLES = ["truncation", "truncation_leads"]
LABEL_MM = 4.5  # height of the label of a month, with room around it
RULES = {  # rule -> line and marker
    "certain_lead": ("solid", "s"),
    "durable_lead": ((0, (4, 1.5)), "o"),
    "first_lead": ((0, (1, 1.2)), "^"),
}
COLUMNS = {
    **contracts.CONTRACTS["truncation"].pick("week_start", "k", "ratio", "ratio_low", "ratio_high"),
    **{
        rule: contracts.day(f"week of the rule {rule} if k models a week are counted; empty if none", nullable=True)
        for rule in RULES
    },
}


def prepare(truncation: pd.DataFrame, leads: pd.DataFrame, *, reported_week: str = "2026-02-09") -> pd.DataFrame:
    """Put the ratio of one week beside the dates of the lead, one row per number of models.

    Parameters
    ----------
    truncation : DataFrame
        The table `truncation`.
    leads : DataFrame
        The table `truncation_leads`.
    reported_week : str
        First day of the week whose ratio is drawn (YYYY-MM-DD).

    Returns
    -------
    DataFrame
        `week_start, k, ratio, ratio_low, ratio_high, first_lead, durable_lead, certain_lead` (first days of weeks,
        missing where there is none). The last row holds all ranked models of the week.
    """
    week = truncation[truncation["week_start"].eq(reported_week) & truncation["state"].ne("incomplete")]
    dates = leads.pivot_table(index="k", columns="rule", values="week_start", aggfunc="first").rename_axis(columns=None)
    dates = dates.reindex(columns=sorted(RULES)).astype("datetime64[us]")  # a rule that no k satisfies has no column
    columns = ["week_start", "k", "ratio", "ratio_low", "ratio_high"]
    return week[columns].merge(dates, on="k", how="left", validate="1:1").reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, chart_size: int = 9, edition: Edition = HOUSE) -> Figure:
    """Draw the ratio with its bounds by k, and beside it (below it, in one column) the dates of the lead by k."""
    with house_style(edition):
        words = edition.words
        narrow = is_narrow(edition.width_mm)
        canvas = Canvas(
            edition,
            height_mm=column_or_page(edition.width_mm, column=140, page=92),
            caption=caption(data, words),
            source=source,
        )
        left, foot, head = MARGIN_MM + 9, 10, 5
        room = canvas.height - canvas.top - canvas.bottom
        wide = (canvas.width - left - MARGIN_MM - 2 - (0 if narrow else 14)) / (1 if narrow else 2)
        high = room / 2 if narrow else room
        one = canvas.axes(left, canvas.width - left - wide, canvas.top + head, canvas.height - canvas.top - high + foot)
        two = canvas.axes(
            canvas.width - MARGIN_MM - 2 - wide,
            MARGIN_MM + 2,
            canvas.height - canvas.bottom - high + head,
            canvas.bottom + foot,
        )
        place = _places(data["k"])
        _draw_ratio(one, data, place, chart_size, words)
        _draw_dates(two, data, place, height_mm=high - head - foot, words=words)
        for axis in (one, two):
            _label_models(axis, place, words)
        return canvas.figure


def _places(k: pd.Series) -> pd.Series:
    """Set all ranked models apart from the k before it, at the same small distance whatever their number is."""
    return k.mask(k.eq(k.max()), k[k.ne(k.max())].max() + 4)


def _label_models(axis: Axes, place: pd.Series, words: Words) -> None:
    last = int(place.iloc[-1])
    step = 10 if last > 25 else 5
    ticks = [1, *range(step, last - 3, step)]
    axis.set_xticks([*ticks, last], [*map(str, ticks), words("truncation_curve.all")])
    axis.set_xlim(0, last + 1)
    axis.set_xlabel(words("truncation_curve.models"))


def _draw_ratio(axis: Axes, data: pd.DataFrame, place: pd.Series, chart_size: int, words: Words) -> None:
    look, finite = SCOPE_LOOKS["chart"], data["ratio"].where(np.isfinite(data["ratio"]))
    top = max(2.0, float(data["ratio_high"].where(np.isfinite(data["ratio_high"])).max()) * 1.6)
    low = min(0.5, float(data["ratio_low"].where(data["ratio_low"].gt(0)).min()) * 0.6)
    plain_log_axis(axis, low=low, high=top)
    upper, lower = data["ratio_high"].clip(upper=top), data["ratio_low"].clip(lower=low, upper=top)
    axis.fill_between(place[:-1], lower[:-1], upper[:-1], facecolor=look.colour, alpha=0.16, linewidth=0)
    axis.plot(place[:-1], finite[:-1], color=look.colour, linewidth=1.3)
    mark_off_axis(axis, place[np.isinf(data["ratio"])], look.colour, at_head=True)
    last = data.index[-1]
    axis.vlines(place[last], lower[last], upper[last], color=INK, linewidth=0.8)
    axis.plot([place[last]], [finite[last]], "o", markersize=4, color=INK)
    parity_line(axis, above="", below=words("common.us_ahead"))
    axis.set_title(words("truncation_curve.ratio", day=words.day(data["week_start"].iloc[0])))
    marked = data[data["k"].eq(chart_size)]
    if len(marked) and np.isfinite(marked["ratio"].iloc[0]):
        row, where = marked.iloc[0], place[marked.index[0]]
        axis.plot([where], [row["ratio"]], "o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
        axis.annotate(
            words("truncation_curve.marked", size=chart_size, ratio=row["ratio"]),
            (where, row["ratio"]),
            xytext=(0.2, 0.95),
            textcoords="axes fraction",
            va="top",
            size=7,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 3},
        )
    axis.annotate(
        words("truncation_curve.all_ratio", ratio=data["ratio"].iloc[-1]),
        (place[last], lower[last]),
        xytext=(0, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        size=7,
    )


def _draw_dates(axis: Axes, data: pd.DataFrame, place: pd.Series, *, height_mm: float, words: Words) -> None:
    dates = data[list(RULES)]
    colours = dict(zip(RULES, (SCOPE_LOOKS["ranked"].colour, MUTED, SCOPE_LOOKS["chart"].colour), strict=True))
    present = pd.concat([dates[rule] for rule in RULES]).dropna()
    years = sorted({f"{week:%Y}" for week in present})
    year = words("truncation_curve.year", year=years[0]) if len(years) == 1 else ""
    axis.set_title(words("truncation_curve.dates", years=year))
    if present.empty:
        axis.text(0.5, 0.5, words("truncation_curve.never"), transform=axis.transAxes, ha="center")
        axis.set_yticks([])
        return
    span = present.max() - present.min()
    first = present.min() - max(pd.Timedelta(days=25), 0.11 * span)
    last = present.max() + max(pd.Timedelta(days=45), 0.08 * span)
    axis.set_ylim(mdates.date2num(first), mdates.date2num(last))
    _, months = fit_months(first, last, most=int(height_mm / LABEL_MM))
    axis.set_yticks(mdates.date2num(months), [words.month(month, year=len(years) > 1) for month in months])
    for rule, (line, marker) in RULES.items():
        weeks = mdates.date2num(dates[rule])
        axis.step(place[:-1], weeks[:-1], where="mid", color=colours[rule], linestyle=line, linewidth=1.1)
        axis.plot(place, weeks, marker, color=colours[rule], markersize=2.2, linestyle="none")
    names = {rule: words(f"truncation_curve.{rule}") for rule in RULES}
    ends = dates.iloc[-1].dropna()
    _name_rules(axis, ends, colours, names, right=float(place.iloc[-1]), height_mm=height_mm)


def _name_rules(
    axis: Axes, ends: pd.Series, colours: dict[str, str], names: dict[str, str], *, right: float, height_mm: float
) -> None:
    """Write the rules' names beside their lines: the earliest below its own, the others above theirs."""
    low, high = axis.get_ylim()
    line = 7 * POINT_MM * LINE / height_mm  # the height of a text, as a share of the axes
    ends = ends.sort_values(kind="stable")
    wanted = [
        (mdates.date2num(week) - low) / (high - low) + (-line if place == 0 else line)
        for place, week in enumerate(ends)
    ]
    for rule, where in zip(ends.index, spread(wanted, apart=line, low=line, high=1 - line), strict=True):
        spot = low + where * (high - low)
        axis.text(right, spot, names[rule], color=colours[rule], size=7, ha="right", va="center")


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say from how many models on the reported lead is gone, the measure, and the band."""
    turn = lost_from(data["k"], data["ratio"])
    finding = "turn" if turn is not None else "china" if data["ratio"].iloc[-1] > 1 else "us"
    return Caption(
        words(f"truncation_curve.title_{finding}", turn=turn),
        words("truncation_curve.subtitle"),
        words("truncation_curve.note") + words.triangles(data["ratio"]),
        words("truncation_curve.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    week, all_models = data["week_start"].iloc[0], data.iloc[-1]
    turn = lost_from(data["k"], data["ratio"])
    first = data["first_lead"].dropna()
    dates = words("truncation_curve.alt_nowhere")
    if len(first):
        dates = words("truncation_curve.alt_dates", first=words.date(first.min()), last=words.date(first.max()))
    return words(
        "truncation_curve.alt",
        week=words.date(week),
        ratio=all_models["ratio"],
        low=all_models["ratio_low"],
        high=all_models["ratio_high"],
        gone=words("truncation_curve.alt_gone", turn=turn) if turn is not None else "",
        dates=dates,
    )
