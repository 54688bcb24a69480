"""An answer of OpenRouter's Data API (version v1), read from its bytes and checked against its contract."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from helpers.data.columns import read_day
from helpers.data.rankings import COLUMNS, check_rankings
from helpers.errors import InputError, enumerate_problems
from helpers.vocabulary import BELOW_RANK_50

RANKINGS_PATH = "/datasets/rankings-daily"  # below the API's base URL
VERSION = "v1"
META_FIELDS = ("as_of", "version", "start_date", "end_date")
AGAIN = "Get the answer again from its source; what came is not what the Data API (version v1) promises."


@dataclass(frozen=True)
class Answer:
    """One answer that keeps the contract.

    Attributes
    ----------
    table : DataFrame, shape (n_rows, 3)
        As `helpers.data.rankings.read_rankings` returns it; the index is the place in the answer (from 1).
    as_of : datetime
        When the figures were computed, in UTC.
    start, end : date
        First and last day that the answer says it covers.
    unknown_fields : list of str
        Fields that version v1 did not have when this was written; they are kept and not used.
    content : dict
        The whole answer, as it came.
    """

    table: pd.DataFrame
    as_of: datetime
    start: date
    end: date
    unknown_fields: list[str]
    content: dict


@dataclass(frozen=True)
class Page:
    """One window that was asked for (both days included), and the answer to it."""

    start: date
    end: date
    answer: Answer


def parse_json(content: bytes, *, where: str) -> object:
    """Parse bytes as JSON.

    Raises
    ------
    InputError
        If they are a web page, are cut off, or are no JSON in UTF-8.
    """
    if content.lstrip()[:1] == b"<":
        raise InputError(f"{where} is a web page (HTML or XML), not JSON. {AGAIN}")
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text: byte {error.start} cannot be read. {AGAIN}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not whole JSON: {error}. {AGAIN}") from None


def check_answer(content: object, *, where: str) -> Answer:
    """Check a parsed answer against every promise of the Data API, and refuse what breaks one.

    Parameters
    ----------
    content : object
        As `parse_json` returns it.
    where : str
        What was read, for the message.

    Raises
    ------
    InputError
        If `data` or `meta` is missing or empty, the version is another one, a token count is neither a
        decimal string nor a whole number, a row lies outside the days that `meta` names, tokens do not
        descend within a day (ties by name), `other` does not come last, or the rows break the contract of
        the daily rankings (`helpers.data.rankings.read_rankings`).

    References
    ----------
    OpenRouter Data API, rankings-daily, version v1.
    """
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise InputError(f"{where} has no list `data`. {AGAIN}")
    as_of, start, end = _check_meta(content.get("meta"), where)
    if not content["data"]:
        raise InputError(f"{where} has no rows at all. {AGAIN}")
    table = check_rankings(_as_text(content["data"], where), where=where, then=AGAIN)
    problems = [*_outside(table, start, end), *_out_of_order(table)]
    if problems:
        raise InputError(f"{where}: {enumerate_problems(problems)}\n{AGAIN}")
    known = {"": ("data", "meta"), "meta.": META_FIELDS, "data[].": tuple(COLUMNS)}
    found = {"": content, "meta.": content["meta"], "data[].": {field for row in content["data"] for field in row}}
    unknown = [f"{prefix}{field}" for prefix in known for field in sorted(set(found[prefix]) - set(known[prefix]))]
    return Answer(table.sort_values("date", kind="stable"), as_of, start, end, unknown, content)


def read_moment(text: object) -> datetime:
    """Read a moment such as ``2026-05-12T02:00:00.000Z``; one without a zone is in UTC.

    Raises
    ------
    ValueError
        If it is no moment.

    Examples
    --------
    >>> read_moment("2026-05-12T02:00:00.000Z").isoformat()
    '2026-05-12T02:00:00+00:00'
    """
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no text")
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _check_meta(meta: object, where: str) -> tuple[datetime, date, date]:
    if not isinstance(meta, dict):
        raise InputError(f"{where} has no `meta`, so nobody can say when its figures were computed. {AGAIN}")
    if meta.get("version") != VERSION:
        raise InputError(
            f"{where} has version {meta.get('version')!r}; this project reads {VERSION!r}. A new version may rename "
            "or remove fields: look for a newer release of this project."
        )
    try:
        start, end = (read_day(meta.get(name)) for name in ("start_date", "end_date"))
        as_of = read_moment(meta.get("as_of"))
    except (ValueError, OverflowError) as error:
        raise InputError(f"{where}: a date in `meta` cannot be read ({error}). {AGAIN}") from None
    if start > end:
        raise InputError(f"{where}: `meta` says that it starts on {start} and ends on {end}. {AGAIN}")
    return as_of, start, end


def _as_text(rows: list, where: str) -> pd.DataFrame:
    problems = [
        f"row {place}: {problem}"
        for place, row in enumerate(rows, start=1)
        if (problem := _row_problem(row)) is not None
    ]
    if problems:
        raise InputError(f"{where}: {enumerate_problems(problems)}\n{AGAIN}")
    return pd.DataFrame(
        {column: [str(row[column]) for row in rows] for column in COLUMNS},
        index=pd.RangeIndex(1, len(rows) + 1, name="row"),
        dtype="str",
    )


def _row_problem(row: object) -> str | None:
    if not isinstance(row, dict):
        return "is no object with fields"
    missing = [column for column in COLUMNS if column not in row]
    if missing:
        return f"has no field {missing[0]}"
    for column in COLUMNS:
        value = row[column]
        # True is an int for Python; half a surrogate pair is a text that cannot be written.
        fine = isinstance(value, str) and value.isprintable()
        if not fine and not (column == "total_tokens" and type(value) is int):
            return f"{column} {value!r} is not {'a whole number' if column == 'total_tokens' else 'a text'}"
    return None


def _outside(table: pd.DataFrame, start: date, end: date) -> list[str]:
    outside = table[~table["date"].between(pd.Timestamp(start), pd.Timestamp(end))]
    return [
        f"row {place}: {day:%Y-%m-%d} lies outside {start} to {end}, the days that `meta` names"
        for place, day in outside["date"].items()
    ]


def _out_of_order(table: pd.DataFrame) -> list[str]:
    other = table["model_permaslug"].eq(BELOW_RANK_50)
    before, same_day = table.shift(), table["date"].eq(table["date"].shift())
    ranked = same_day & ~other
    grows = ranked & table["total_tokens"].gt(before["total_tokens"])
    tie = ranked & table["total_tokens"].eq(before["total_tokens"])
    by_name = tie & table["model_permaslug"].lt(before["model_permaslug"].astype("str"))
    after_other = ranked & other.shift(fill_value=False)
    wrong = [
        (after_other, "comes after the row `other`, which is the last of its day"),
        (grows & ~after_other, "has more tokens than the row above it"),
        (by_name & ~after_other, "has as many tokens as the row above it and comes before it by name"),
    ]
    return [
        f"row {place} ({row.date:%Y-%m-%d}, {row.model_permaslug}) {words}"
        for rows, words in wrong
        for place, row in zip(table.index[rows], table[rows].itertuples(index=False), strict=True)
    ]
