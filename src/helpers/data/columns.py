"""Checks of columns that were read as text: what is wrong, line by line, before anything in them is converted."""

import re
from collections.abc import Collection
from datetime import date

import pandas as pd

LARGEST_INT64 = 2**63 - 1
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"  # not \d: digits of other scripts are none here
MODEL = r"[^/:\s]+/[^/:\s]+(:[^/:\s]+)?"
COUNT = r"0|[1-9][0-9]{0,18}"  # at most 19 digits: Python refuses to read thousands of them


def read_day(text: object) -> date:
    """Read a day, written YYYY-MM-DD with all its digits.

    Raises
    ------
    ValueError
        If it is none; Python alone also takes 20260105 and 2026-W02-1.

    Examples
    --------
    >>> read_day("2026-01-05")
    datetime.date(2026, 1, 5)
    """
    if not isinstance(text, str) or not re.fullmatch(DAY, text):
        raise ValueError(f"{text!r} is not a date (YYYY-MM-DD)")
    return date.fromisoformat(text)


def bad_dates(column: pd.Series, *, may_be_empty: bool = False) -> list[str]:
    """List the values that are no day of the calendar, written YYYY-MM-DD with all its digits.

    Parameters
    ----------
    column : Series of str
        Its name, and the name of its index (``line`` or ``row``), are used in the messages.
    may_be_empty : bool
        Whether an empty field is fine.

    Returns
    -------
    list of str
        One message a value, in order.

    Examples
    --------
    >>> lines = pd.RangeIndex(2, 5, name="line")
    >>> bad_dates(pd.Series(["2026-02-28", "2026-02-29", "2026-3-1"], name="day", index=lines))
    ["line 3: day '2026-02-29' is not a date (YYYY-MM-DD)", "line 4: day '2026-3-1' is not a date (YYYY-MM-DD)"]
    """
    parsed = pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")  # this alone takes 2026-3-1
    fine = parsed.notna() & column.str.fullmatch(DAY) | (column.eq("") & may_be_empty)
    return _tell(column[~fine], "is not a date (YYYY-MM-DD)")


def bad_names(column: pd.Series, *, also: Collection[str] = ()) -> list[str]:
    """List the values that are no name of a model; see `bad_dates`.

    Parameters
    ----------
    column : Series of str
        ``author/model`` or ``author/model:variant``.
    also : collection of str
        Other names that are fine.
    """
    fine = column.str.fullmatch(MODEL) | column.isin(list(also))
    return _tell(column[~fine], "is not a model name (author/model or author/model:variant)")


def bad_counts(column: pd.Series, *, of: str, beside: pd.DataFrame) -> list[str]:
    """List the values that are no count: digits without leading zeros, up to the largest int64; see `bad_dates`.

    Parameters
    ----------
    column : Series of str
        The counts.
    of : str
        What is counted.
    beside : DataFrame of str
        What tells the rows apart, for the messages; the index of `column`.
    """
    whole = column.str.fullmatch(COUNT)
    fits = column.where(whole, "0").map(int) <= LARGEST_INT64
    words = f"is not a whole, non-negative number of {of}, without leading zeros, that fits 64 bits"
    return _tell(column[~(whole & fits)], words, beside)


def _tell(wrong: pd.Series, words: str, beside: pd.DataFrame | None = None) -> list[str]:
    rows = (
        [""] * len(wrong) if beside is None else [f" ({', '.join(row)})" for row in beside.loc[wrong.index].to_numpy()]
    )
    return [
        f"{wrong.index.name} {line}{row}: {wrong.name} {_short(value)} {words}"
        for (line, value), row in zip(wrong.items(), rows, strict=True)
    ]


def _short(value: str, most: int = 60) -> str:
    return repr(value) if len(value) <= most else f"{value[:most]!r}... ({len(value)} characters)"
