"""Store what one fetch brought as a snapshot: a new file, whole, never written again."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from crossover.live.openrouter import RANKINGS_PATH, Page
from helpers.data.files import write_whole
from helpers.data.forms import FORM, digest_pages, read_head, snapshot_path
from helpers.data.records import cite, count_facts


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
        "sha256": digest_pages(stored),
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
