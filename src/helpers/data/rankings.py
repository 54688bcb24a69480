"""The raw daily rankings, read against the contract of OpenRouter's Data API (version v1)."""

from pathlib import Path

import pandas as pd

from helpers.data.columns import bad_counts, bad_dates, bad_names
from helpers.data.files import shown
from helpers.data.sources import RANKINGS, Source, read_text_table, refuse
from helpers.vocabulary import BELOW_RANK_50

COLUMNS = ["date", "model_permaslug", "total_tokens"]
ROWS_A_DAY = 51  # 50 ranked models and the row `other`


def read_rankings(raw_folder: Path, *, manifest: dict[str, Source] | None = None) -> pd.DataFrame:
    """Read the daily rankings and refuse whatever breaks the contract of the API's answer.

    Returns
    -------
    DataFrame, shape (n_rows, 3)
        `date` (datetime64, UTC day), `model_permaslug` (str), `total_tokens` (int64, prompt and
        completion tokens). In the order of the file; the index is the line number in it; no missing
        values.

    Raises
    ------
    InputError
        Naming file, lines and values: a date that is no date, a day in two places, a token count that
        is negative, fractional, empty or not a number, two rows for one model and day, more than 51
        rows a day, the row `other` missing or doubled, a malformed model name.

    References
    ----------
    OpenRouter Data API, rankings-daily, version v1.
    """
    text = read_text_table(raw_folder, RANKINGS, columns=COLUMNS, manifest=manifest)
    return check_rankings(
        text,
        where=shown(raw_folder / RANKINGS),
        then="Get the file again from its source (SOURCES.toml names it); raw files are not mended.",
    )


def check_rankings(text: pd.DataFrame, *, where: str, then: str) -> pd.DataFrame:
    """Turn daily rankings read as text into dates and counts, and refuse whatever breaks their contract.

    Parameters
    ----------
    text : DataFrame, shape (n_rows, 3)
        `date, model_permaslug, total_tokens`, all str. The index counts the rows of the source; its name
        (``line`` of a file, ``row`` of an answer) is what messages call them.
    where : str
        What was read, for the message.
    then : str
        What to do about it, for the message.

    Returns
    -------
    DataFrame, shape (n_rows, 3)
        As `read_rankings` returns it.

    Raises
    ------
    InputError
        Listing the problems, as for `read_rankings`.
    """
    problems = [
        *bad_dates(text["date"]),
        *bad_names(text["model_permaslug"], also=[BELOW_RANK_50]),
        *bad_counts(text["total_tokens"], of="tokens", beside=text[["date", "model_permaslug"]]),
    ]
    refuse(where, problems, then=then)
    table = pd.DataFrame(
        {
            "date": pd.to_datetime(text["date"], format="%Y-%m-%d"),
            "model_permaslug": text["model_permaslug"],
            "total_tokens": text["total_tokens"].map(int).astype("int64"),
        }
    )
    refuse(
        where,
        [*_repeated_days(table), *_repeated_rows(table), *_wrong_days(table)],
        then=f"Each day has at most 50 ranked models and exactly one row `other`. {then}",
    )
    return table


def _repeated_days(table: pd.DataFrame) -> list[str]:
    starts = table["date"][table["date"].ne(table["date"].shift())]
    again = starts[starts.duplicated()]
    return [
        f"{table.index.name} {line}: the day {date:%Y-%m-%d} begins a second time "
        f"(first on {table.index.name} {starts.index[starts.eq(date)][0]})"
        for line, date in again.items()
    ]


def _repeated_rows(table: pd.DataFrame) -> list[str]:
    again = table[table.duplicated(["date", "model_permaslug"])]
    return [
        f"{again.index.name} {line}: a second row for {row.model_permaslug} on {row.date:%Y-%m-%d}"
        for line, row in zip(again.index, again.itertuples(index=False), strict=True)
    ]


def _wrong_days(table: pd.DataFrame) -> list[str]:
    by_day = table.groupby("date")["model_permaslug"]
    rows, others = by_day.size(), by_day.agg(lambda names: int(names.eq(BELOW_RANK_50).sum()))
    return [
        *[f"{date:%Y-%m-%d}: {count} rows, more than {ROWS_A_DAY}" for date, count in rows[rows > ROWS_A_DAY].items()],
        *[f"{date:%Y-%m-%d}: the row `other` is missing" for date in others.index[others.eq(0)]],
        *[f"{date:%Y-%m-%d}: the row `other` is doubled" for date in others.index[others > 1]],
    ]
