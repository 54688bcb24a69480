"""The weekly chart of OpenRouter's rankings page: the largest models a week by name, and `Others`."""

from datetime import date

import pandas as pd

from helpers.data.columns import LARGEST_INT64, read_day
from helpers.data.merge import Record, cite, count_facts
from helpers.data.rankings import COLUMNS
from helpers.errors import InputError, enumerate_problems
from helpers.vocabulary import BELOW_RANK_50

OTHERS = "Others"


def looks_like_chart(parsed: object) -> bool:
    """Tell the weekly chart by its form: a list of objects with `x` and `ys`."""
    return (
        isinstance(parsed, list) and bool(parsed) and all(isinstance(w, dict) and {"x", "ys"} <= set(w) for w in parsed)
    )


def read_chart(parsed: list[dict], where: str) -> Record:
    """Read the weekly chart: ``[{"x": "2026-02-09", "ys": {"author/model": 123, "Others": 456}}]``.

    Parameters
    ----------
    parsed : list of dict
        One a week; `x` is the week's first day, `ys` its tokens by model.
    where : str
        What was read, for the record's name and for messages.

    Returns
    -------
    Record
        With `grain` ``week``: `date` is the week's first day, and `Others` is called `other` as everywhere else.

    Raises
    ------
    InputError
        If a week is no date or comes twice, the weeks do not begin on the same weekday, or a count is no whole
        number from 0 that fits 64 bits.
    """
    problems, rows, days = [], [], []
    for place, week in enumerate(parsed, start=1):
        day = _day(week["x"])
        if day is None or not isinstance(week["ys"], dict):
            problems.append(f"week {place}: `x` {week['x']!r} is no date, or `ys` is no object of tokens by model")
            continue
        days.append(day)
        for name, tokens in week["ys"].items():
            if type(tokens) is not int or not 0 <= tokens <= LARGEST_INT64 or not name.isprintable():
                problems.append(f"week {place} ({day}), {name!r}: {tokens!r} is no whole number of tokens from 0")
            else:
                rows.append((day, BELOW_RANK_50 if name == OTHERS else name, tokens))
    if len(set(days)) != len(days) or len({row[:2] for row in rows}) != len(rows):
        problems.append("a week comes twice, or a model twice in a week")
    if len({day.weekday() for day in days}) > 1:
        problems.append("the weeks do not all begin on the same weekday")
    if problems or not rows:
        raise InputError(f"{where}: {enumerate_problems(problems or ['it has no rows'])}\nGet the chart again.")
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"model_permaslug": "str", "total_tokens": "int64"})
    table = table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))
    table = table.sort_values("date", kind="stable").reset_index(drop=True)
    return Record(where, "the weekly chart of the rankings page", table, None, count_facts(table), cite(None), "week")


def _day(text: object) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def compare_with_chart(first: Record, second: Record) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay a daily record and a weekly chart out alike: tokens a week, in the chart's models and `other`.

    The daily record is added up over the chart's weeks, as far as all seven days are in it; what is not among the
    chart's models of the week goes to `other`.

    Parameters
    ----------
    first, second : Record
        One of them with `grain` ``week``, the other with ``day``.

    Returns
    -------
    (DataFrame, DataFrame)
        `date` (the week's first day), `model_permaslug, total_tokens` (count, int64) of the first and of the
        second, both for the weeks that the daily record holds whole.
    """
    chart, daily = (first.table, second.table) if first.grain == "week" else (second.table, first.table)
    into_week = (daily["date"] - chart["date"].iloc[0]).dt.days % 7
    week = daily["date"] - pd.to_timedelta(into_week, unit="D")
    summed = daily.assign(date=week.astype("datetime64[us]"), day=daily["date"])
    summed = summed[summed.groupby("date")["day"].transform("nunique").eq(7)]
    keys = ["date", "model_permaslug"]
    named = summed.merge(chart[keys].assign(named=True), on=keys, how="left", validate="m:1")["named"].notna()
    name = summed["model_permaslug"].where(named.set_axis(summed.index), BELOW_RANK_50)
    summed = summed.assign(model_permaslug=name).groupby(keys)["total_tokens"].sum().reset_index()
    summed = summed[summed["date"].isin(chart["date"])]
    whole = chart[chart["date"].isin(summed["date"])]
    return (whole, summed) if first.grain == "week" else (summed, whole)
