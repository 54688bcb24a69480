"""The parameter `source`: which record it names, read with whatever it is put together from."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from helpers.data.columns import LARGEST_INT64
from helpers.data.files import resolve, shown
from helpers.data.forms import FORMS, list_snapshots, read_content, read_snapshot, unzip
from helpers.data.rankings import read_rankings
from helpers.data.records import Record, leave_out_unfinished, merge_records, read_moment
from helpers.data.sources import RANKINGS, load_manifest
from helpers.errors import InputError, nearest

BUNDLED, LATEST = "bundled", "latest"


def read_source(raw_folder: Path, source: str, *, now: datetime | None = None) -> Record:
    """Read the daily rankings that the parameter `source` names.

    Parameters
    ----------
    raw_folder : Path
        Folder of the bundled record, its SOURCES.toml, and of `snapshots/`.
    source : str
        ``bundled`` (the record in git), ``latest`` (it and every snapshot; for each day the latest `as_of`
        wins), a snapshot's name, or a path to a file or a folder (relative to the project): an answer of the
        Data API as anybody saved it (token counts as strings or integers), a CSV table with `date,
        model_permaslug, total_tokens` in any order, gzip of each, or a folder of such files.
    now : datetime, optional
        The present moment (UTC), before which a day must have ended to be used; the clock's by default.

    Returns
    -------
    Record
        What the source was taken for, and its `table`: the rows as `helpers.data.rankings.read_rankings`
        returns them, with the index 0, 1, 2, ...

    Raises
    ------
    InputError
        If there is no such source, it is of no known form, breaks the contract of the rankings, holds no
        finished day or 2^63 tokens and more, or is the weekly chart, which has no days.
    """
    record = read_record(raw_folder, source, now=now)
    if record.grain != "day":
        raise InputError(
            f"{record.describe()}\nIt has no days: usage_daily, and every table and figure that is made from it, "
            "needs daily rows. What the weekly chart is good for is to compare it with the daily record, week by "
            f"week and model by model: `crossover diff bundled {source}`."
        )
    # Every sum that a notebook forms of rows is at most that of all.
    total = sum(record.table["total_tokens"].tolist())
    if total > LARGEST_INT64:
        raise InputError(
            f"{record.name} has {total} tokens on all its days, more than a 64-bit integer counts ({LARGEST_INT64}), "
            "so that sums of them would be wrong. Give a record of fewer days."
        )
    return record


def read_record(raw_folder: Path, source: str, *, now: datetime | None = None) -> Record:
    """Read rankings of either grain; see `read_source`, which takes daily ones only.

    Returns
    -------
    Record
        Rows in the order of their days.

    Raises
    ------
    InputError
        As `read_source`, the weekly chart excepted.
    """
    now = now or datetime.now(UTC)
    if source == BUNDLED:
        record = _read_bundled(raw_folder)
    elif source == LATEST:
        parts = [_read_bundled(raw_folder), *(read_snapshot(raw_folder, name) for name in list_snapshots(raw_folder))]
        record = merge_records(
            [leave_out_unfinished(part, now=now) for part in parts], name=LATEST, kind="all snapshots, merged"
        )
    elif source in list_snapshots(raw_folder):
        record = read_snapshot(raw_folder, source)
    else:
        record = _read_path(raw_folder, source, now=now)
    return leave_out_unfinished(record, now=now)


def read_parts(raw_folder: Path, *, now: datetime | None = None) -> list[Record]:
    """Read the bundled record and every snapshot, each by itself, the oldest `as_of` first."""
    names = [BUNDLED, *list_snapshots(raw_folder)]
    parts = [read_record(raw_folder, name, now=now) for name in names]
    return sorted(parts, key=lambda part: part.as_of)


def _read_bundled(raw_folder: Path) -> Record:
    manifest = load_manifest(raw_folder)
    table = read_rankings(raw_folder, manifest=manifest).reset_index(drop=True)
    source = manifest[RANKINGS]
    return Record(
        name=BUNDLED,
        kind="the bundled record",
        table=table,
        as_of=_moment_of(source.as_of, shown(raw_folder)),
        stated=source.facts,
        citation=source.citation,
    )


def _moment_of(text: str, where: str) -> datetime:
    try:
        return read_moment(text)
    except ValueError:
        raise InputError(f"{where}: as_of {text!r} of {RANKINGS} is no moment. Write 2026-10-11T00:27:00Z.") from None


def _read_path(raw_folder: Path, source: str, *, now: datetime) -> Record:
    try:
        path = resolve(source)
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name too long, a zero byte, an unknown user
        path, is_folder, is_file = Path(source), False, False
    if not source.strip() or not (is_folder or is_file):
        known = [BUNDLED, LATEST, *list_snapshots(raw_folder)]
        raise InputError(f"There is no source {source!r}: neither a snapshot nor a file. {nearest(source, known)}")
    return _read_folder(path, now=now) if is_folder else _read_file(path)


def _read_folder(folder: Path, *, now: datetime) -> Record:
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    if not files:
        raise InputError(f"{shown(folder)} holds no file. Name a folder of {FORMS}.")
    parts = [_read_file(file) for file in files]
    weekly = [part.name for part in parts if part.grain != "day"]
    if weekly:
        raise InputError(f"{weekly[0]} is a weekly chart; a folder holds daily rankings only. Read it by itself.")
    _refuse_contradictions(parts)
    finished = [leave_out_unfinished(part, now=now) for part in parts]
    merged = merge_records(finished, name=shown(folder), kind="")
    kinds = sorted({part.kind for part in parts})
    return Record(
        name=merged.name,
        kind=f"a folder of {len(parts)} files, each {' or '.join(kinds)}",
        table=merged.table,
        as_of=merged.as_of,
        stated=merged.stated,
        citation=merged.citation,
        notes=tuple(note for part in parts for note in part.notes),
        parts=merged.parts,
        left_out=merged.left_out,
    )


def _refuse_contradictions(parts: list[Record]) -> None:
    """Refuse two files that give other tokens for one day when nothing says which of them is the later one."""
    seen: dict[tuple[pd.Timestamp, datetime | None], tuple[str, list]] = {}
    for part in parts:
        for day, rows in part.table.groupby("date"):
            content = sorted(zip(rows["model_permaslug"], rows["total_tokens"], strict=True))
            first, known = seen.setdefault((day, part.as_of), (part.name, content))
            if known != content:
                raise InputError(
                    f"{first} and {part.name} differ on {day:%Y-%m-%d}, and nothing says which is the later one "
                    "(their as_of). Take one of them out of the folder."
                )


def _read_file(path: Path) -> Record:
    where = shown(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {where}: {error.strerror}.") from None
    return read_content(unzip(content, where=where), where=where)
