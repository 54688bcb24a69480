"""From the raw rankings to one clean row per model and day, and a list of what was checked."""

import pandas as pd

from helpers.analysis.weeks import as_day
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50

FIRST, LAST = "first", "last"  # values of `start` and `end`: the record's own first and last day


def clean_rankings(raw: pd.DataFrame) -> pd.DataFrame:
    """Split the names of the raw rankings into author, model and variant.

    Nothing is dropped, merged or filled in: every raw row is one row of the result.

    Parameters
    ----------
    raw : DataFrame, shape (n_rows, 3)
        `date` (datetime64, UTC day), `model_permaslug` (str), `total_tokens` (int64).

    Returns
    -------
    DataFrame, shape (n_rows, 6)
        `date`, `permaslug`, `model` (the permaslug without its variant), `variant` (empty if none),
        `author`, `tokens` (count, int64). Sorted by day, then tokens descending, then name; the row
        `other` comes last in its day, with `other` as its permaslug, model and author.

    Examples
    --------
    >>> raw = pd.DataFrame({"date": pd.to_datetime(["2026-02-09"] * 2),
    ...                     "model_permaslug": ["other", "z-ai/glm-5:free"],
    ...                     "total_tokens": [7, 5]})
    >>> clean_rankings(raw).drop(columns="date")
             permaslug      model variant author  tokens
    0  z-ai/glm-5:free  z-ai/glm-5    free   z-ai       5
    1            other      other          other       7
    """
    parts = raw["model_permaslug"].str.partition(":")
    table = pd.DataFrame(
        {
            "date": raw["date"].astype("datetime64[us]"),
            "permaslug": raw["model_permaslug"],
            "model": parts[0],
            "variant": parts[2],
            "author": parts[0].str.partition("/")[0],
            "tokens": raw["total_tokens"],
        }
    )
    return (
        table.assign(last=table["permaslug"].eq(BELOW_RANK_50))
        .sort_values(["date", "last", "tokens", "permaslug"], ascending=[True, True, False, True])
        .drop(columns="last")
        .reset_index(drop=True)
    )


def select_period(daily: pd.DataFrame, *, start: str = FIRST, end: str = LAST) -> pd.DataFrame:
    """Keep the days from `start` to `end`, both included.

    Parameters
    ----------
    daily : DataFrame
        Any table with a column `date` (datetime64, UTC day).
    start, end : str
        `YYYY-MM-DD`, or ``"first"`` and ``"last"`` for the first and last day of the record.

    Returns
    -------
    DataFrame
        The rows of the period, with a new index.

    Raises
    ------
    InputError
        If a bound is no date, lies outside the record, or the start comes after the end.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.to_datetime(["2026-02-09", "2026-02-10"])})
    >>> len(select_period(days, start="2026-02-10"))
    1
    """
    first, last = daily["date"].min(), daily["date"].max()
    begin = first if start == FIRST else as_day(start, what="start", instead=f", or {FIRST} for that of the record")
    finish = last if end == LAST else as_day(end, what="end", instead=f", or {LAST} for that of the record")
    if begin > finish:
        raise InputError(f"Parameter start ({begin:%Y-%m-%d}) comes after end ({finish:%Y-%m-%d}). Exchange them.")
    if begin < first or finish > last:
        raise InputError(
            f"The period {begin:%Y-%m-%d} to {finish:%Y-%m-%d} is not inside the record, which holds "
            f"{first:%Y-%m-%d} to {last:%Y-%m-%d}. Choose start and end within it."
        )
    return daily[daily["date"].between(begin, finish)].reset_index(drop=True)


def assess_quality(raw: pd.DataFrame, usage: pd.DataFrame, *, stated: dict[str, object]) -> pd.DataFrame:
    """List what was checked in the record and what was found.

    Parameters
    ----------
    raw : DataFrame, shape (n_rows, 3)
        The whole raw rankings, as read.
    usage : DataFrame, shape (n_rows, 6)
        The cleaned rows of the chosen period (a subset of `raw` when the period was narrowed).
    stated : dict
        What the manifest states of the file: `rows`, `days`, `start_date`, `end_date`.

    Returns
    -------
    DataFrame, shape (n_checks, 3)
        `check`, `found` (str) and `passed` (bool).

    Raises
    ------
    KeyError
        If a stated fact is missing.
    """
    ranked = raw[raw["model_permaslug"].ne(BELOW_RANK_50)]
    days = pd.DatetimeIndex(raw["date"].unique())
    calendar = pd.date_range(days.min(), days.max(), freq="D")
    in_period = raw["date"].between(usage["date"].min(), usage["date"].max())
    tokens_in, tokens_out = (
        int(raw.loc[in_period, "total_tokens"].sum()),
        int(usage["tokens"].sum()),
    )
    other = int(raw["total_tokens"].sum()) - int(ranked["total_tokens"].sum())
    per_day = ranked.groupby("date").size()
    order = ranked.groupby("date")["total_tokens"].apply(lambda day: day.is_monotonic_decreasing)
    last = raw.groupby("date")["model_permaslug"].last().eq(BELOW_RANK_50)
    span = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
    missing = calendar.difference(days)
    rows = [
        ("rows as stated", f"{len(raw)} of {stated['rows']}", len(raw) == stated["rows"]),
        ("days as stated", f"{len(days)} of {stated['days']}", len(days) == stated["days"]),
        ("period as stated", span, span == f"{stated['start_date']} to {stated['end_date']}"),
        ("days missing in between", _listed(missing), missing.empty),
        ("ranked models a day", f"{per_day.min()} to {per_day.max()}", bool(per_day.max() <= 50)),
        ("tokens descend within a day", f"{order.sum()} of {len(order)} days", bool(order.all())),
        ("row other comes last", f"{last.sum()} of {len(last)} days", bool(last.all())),
        ("zero token counts", str(int(raw["total_tokens"].eq(0).sum())), True),
        ("share of row other", f"{other / int(raw['total_tokens'].sum()):.4f}", True),
        ("tokens kept in the period", f"{tokens_out} of {tokens_in}", tokens_in == tokens_out),
    ]
    return pd.DataFrame(rows, columns=["check", "found", "passed"])


def _listed(days: pd.DatetimeIndex) -> str:
    return ", ".join(f"{day:%Y-%m-%d}" for day in days) if len(days) else "none"
