"""Snapshots: what each fetch brought, stored whole, once and for all."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from helpers.data.answers import RANKINGS_PATH, Page, check_answer, parse_json, read_moment
from helpers.data.files import write_whole
from helpers.data.merge import Record, cite, count_facts
from helpers.data.paths import shown
from helpers.errors import InputError

FOLDER = "snapshots"  # in the raw folder
SUFFIX = ".json.gz"
FORM = "token-crossover snapshot 1"
LARGEST = 2**29  # bytes, unpacked


def store_snapshot(raw_folder: Path, pages: Sequence[Page], *, url: str, now: datetime) -> tuple[str, bool]:
    """Store the pages of one fetch as a new file; never touch one that is there.

    The name is the `as_of` of the oldest page (everything in it is at least as recent) with the period. A fetch
    that brought what a snapshot holds already is recognised and not stored again; another content under the
    same name gets a number behind it.

    Parameters
    ----------
    raw_folder : Path
        The snapshot goes to its subfolder `snapshots`.
    pages : sequence of Page
        In order of time.
    url : str
        Base URL that was asked.
    now : datetime
        When it was fetched, in UTC.

    Returns
    -------
    (str, bool)
        The snapshot's name, and whether it is new.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    as_of = min(page.answer.as_of for page in pages)
    facts = count_facts(pd.concat([page.answer.table for page in pages]))
    stored = [
        {
            "request": {"path": RANKINGS_PATH, "start_date": str(page.start), "end_date": str(page.end)},
            "answer": page.answer.content,
        }
        for page in pages
    ]
    head = {
        "form": FORM,
        "as_of": as_of.isoformat(),
        "fetched_at": now.isoformat(timespec="seconds"),
        "url": url,
        "licence": "CC-BY-4.0",
        "citation": cite(as_of),
        **facts,
        "sha256": _digest(stored),
    }
    stem = f"{as_of:%Y-%m-%dT%H%M%SZ}_{facts['start_date']}_{facts['end_date']}"
    name, number = stem, 1
    while (path := snapshot_path(raw_folder, name)).exists():
        if read_head(path).get("sha256") == head["sha256"]:
            return name, False
        number += 1
        name = f"{stem}_{number}"
    content = json.dumps(head | {"pages": stored}, separators=(",", ":")).encode()
    write_whole(path, gzip.compress(content, mtime=0))
    return name, True


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
    if not isinstance(pages, list) or not pages or _digest(pages) != stored.get("sha256"):
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


def _digest(pages: object) -> str:
    return hashlib.sha256(json.dumps(pages, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
