"""The forms in which rankings come: an answer of the Data API, a snapshot, a CSV table, the weekly chart.

Each is told by its content, checked against its own contract and read as a `Record`.
"""

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from helpers.data.columns import LARGEST_INT64, read_day
from helpers.data.files import shown
from helpers.data.rankings import COLUMNS, check_rankings
from helpers.data.records import Record, cite, count_facts, read_moment
from helpers.data.sources import parse_csv, refuse
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50

FORMS = "an answer of the Data API (JSON), a snapshot, a CSV table, the weekly chart of the rankings page (JSON)"
VERSION = "v1"
META_FIELDS = ("as_of", "version", "start_date", "end_date")
AGAIN = "Get the answer again from its source; what came is not what the Data API (version v1) promises."
FOLDER = "snapshots"  # in the raw folder
SUFFIX = ".json.gz"
FORM = "token-crossover snapshot 1"
LARGEST = 2**29  # bytes, unpacked
OTHERS = "Others"


def read_content(content: bytes, *, where: str) -> Record:
    """Read rankings from bytes, in whatever known form they are.

    Parameters
    ----------
    content : bytes
        Not compressed.
    where : str
        What was read: the record's name and the start of every message.

    Raises
    ------
    InputError
        If the form is unknown, or the content breaks the contract of its form.
    """
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start not in (b"{", b"[", b"<"):
        return _read_csv(content, where)
    parsed = parse_json(content.removeprefix(b"\xef\xbb\xbf"), where=where)
    read = _reader(parsed)
    if read is None:
        raise InputError(f"{where} is JSON of no known form. Known: {FORMS}.")
    return read(parsed, where)


def _reader(parsed: object) -> Callable[[object, str], Record] | None:
    if isinstance(parsed, dict) and parsed.get("form") == FORM:
        return lambda stored, where: open_snapshot(stored, name=where, where=where)
    if isinstance(parsed, dict) and "data" in parsed:
        return _read_answer
    return read_chart if looks_like_chart(parsed) else None


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
    refuse(where, [*_outside(table, start, end), *_out_of_order(table)], then=AGAIN)
    known = {"": ("data", "meta"), "meta.": META_FIELDS, "data[].": tuple(COLUMNS)}
    found = {"": content, "meta.": content["meta"], "data[].": {field for row in content["data"] for field in row}}
    unknown = [f"{prefix}{field}" for prefix in known for field in sorted(set(found[prefix]) - set(known[prefix]))]
    return Answer(table.sort_values("date", kind="stable"), as_of, start, end, unknown, content)


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
    refuse(where, problems, then=AGAIN)
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


def _read_answer(parsed: object, where: str) -> Record:
    answer = check_answer(parsed, where=where)
    days = pd.DatetimeIndex(answer.table["date"].unique())
    missing = pd.date_range(answer.start, answer.end).difference(days)
    notes = [f"Fields kept and not used: {', '.join(answer.unknown_fields)}."] if answer.unknown_fields else []
    if len(missing):
        listed = ", ".join(f"{day:%Y-%m-%d}" for day in missing)
        notes.append(f"{where} says that it covers {answer.start} to {answer.end} and has no rows for {listed}.")
    table = answer.table.reset_index(drop=True)
    facts = count_facts(table)
    return Record(
        where, "an answer of the Data API", table, answer.as_of, facts, cite(answer.as_of), notes=tuple(notes)
    )


def snapshot_path(raw_folder: Path, name: str) -> Path:
    """Name the file of a snapshot."""
    return raw_folder / FOLDER / f"{name}{SUFFIX}"


def list_snapshots(raw_folder: Path) -> list[str]:
    """Name the snapshots of a raw folder, the oldest `as_of` first; the bundled record is not among them."""
    files = (raw_folder / FOLDER).glob(f"[!.]*{SUFFIX}")
    return sorted(file.name.removesuffix(SUFFIX) for file in files)


def read_snapshot(raw_folder: Path, name: str) -> Record:
    """Read a snapshot and make sure that it is what was stored.

    Raises
    ------
    InputError
        If it is missing, cannot be unpacked, was changed, or an answer in it breaks its contract.
    """
    path = snapshot_path(raw_folder, name)
    return open_snapshot(read_head(path), name=name, where=shown(path))


def read_head(path: Path) -> dict:
    """Read a snapshot's file as JSON, with all that is in it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {shown(path)}: {error.strerror}.") from None
    stored = parse_json(unzip(content, where=shown(path)), where=shown(path))
    if not isinstance(stored, dict) or stored.get("form") != FORM:
        raise InputError(f"{shown(path)} is no snapshot of this project. Move it out of the folder {FOLDER}.")
    return stored


def open_snapshot(stored: dict, *, name: str, where: str) -> Record:
    """Turn a snapshot that was read as JSON into a record, after checking its sha256 and every answer in it.

    Raises
    ------
    InputError
        If it was changed, lacks a field, or an answer in it breaks its contract.
    """
    pages = stored.get("pages")
    if not isinstance(pages, list) or not pages or digest_pages(pages) != stored.get("sha256"):
        raise InputError(
            f"{where} is not what was stored: its sha256 is another one. Snapshots are never edited: move it away "
            "and fetch again, or take it from a copy."
        )
    answers = [
        check_answer(page.get("answer") if isinstance(page, dict) else None, where=f"{where}, page {place}")
        for place, page in enumerate(pages, start=1)
    ]
    table = pd.concat([answer.table for answer in answers]).sort_values("date", kind="stable", ignore_index=True)
    fields = ("rows", "days", "start_date", "end_date")
    try:
        as_of = read_moment(stored.get("as_of"))
    except ValueError as error:
        raise InputError(f"{where}: its as_of cannot be read ({error}). Move it away and fetch again.") from None
    if table.duplicated(["date", "model_permaslug"]).any():
        raise InputError(f"{where} holds a day twice. Move it away and fetch again.")
    return Record(
        name=name,
        kind="a snapshot of the Data API",
        table=table,
        as_of=as_of,
        stated={field: stored.get(field) for field in fields},
        citation=cite(as_of),
    )


def unzip(content: bytes, *, where: str) -> bytes:
    """Unpack gzip, up to a size that no rankings reach; content that is not gzip is returned as it is.

    Raises
    ------
    InputError
        If it is damaged, cut off or too large.
    """
    if content[:2] != b"\x1f\x8b":
        return content
    parts, room = [], LARGEST
    while content:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            parts.append(unpacker.decompress(content, room))
        except zlib.error as error:
            raise InputError(f"{where} is a damaged gzip file: {error}. Get it again.") from None
        room -= len(parts[-1])
        if unpacker.unconsumed_tail or room <= 0:
            raise InputError(f"{where} unpacks to more than {LARGEST} bytes; rankings are never that large.")
        if not unpacker.eof:
            raise InputError(f"{where} is a gzip file that was cut off. Get it again.")
        content = unpacker.unused_data  # gzip files may be strung together
    return b"".join(parts)


def digest_pages(pages: object) -> str:
    """Compute the SHA-256 of a snapshot's pages, which its head states."""
    return hashlib.sha256(json.dumps(pages, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _read_csv(content: bytes, where: str) -> Record:
    text = parse_csv(content, where=where, then=f"Known: {FORMS}.")
    text = text.rename(columns=lambda name: str(name).strip())
    missing = [column for column in COLUMNS if list(text.columns).count(column) != 1]
    if missing or text.empty:
        raise InputError(
            f"{where}: a CSV table needs the columns {', '.join(COLUMNS)}, each once, and rows; found the columns "
            f"{', '.join(map(str, text.columns))} and {len(text)} rows. Known: {FORMS}."
        )
    table = check_rankings(
        text[COLUMNS].sort_values("date", kind="stable"), where=where, then="Get the file again from its source."
    )
    extra = [str(column) for column in text.columns if column not in COLUMNS]
    notes = [f"Columns not used: {', '.join(extra)}."] if extra else []
    table = _in_order(table)
    return Record(
        where, "a CSV table of daily rankings", table, None, count_facts(table), cite(None), notes=tuple(notes)
    )


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort rows as the API does; in a table of somebody else's making, their order says nothing."""
    return (
        table.assign(last=table["model_permaslug"].eq(BELOW_RANK_50))
        .sort_values(["date", "last", "total_tokens", "model_permaslug"], ascending=[True, True, False, True])
        .drop(columns="last")
        .reset_index(drop=True)
    )


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
    refuse(where, problems or ([] if rows else ["it has no rows"]), then="Get the chart again.")
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"model_permaslug": "str", "total_tokens": "int64"})
    table = table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))
    table = table.sort_values("date", kind="stable").reset_index(drop=True)
    return Record(where, "the weekly chart of the rankings page", table, None, count_facts(table), cite(None), "week")


def _day(text: object) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None
