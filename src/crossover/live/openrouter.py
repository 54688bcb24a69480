"""The client of OpenRouter's Data API: asks in windows, and believes no answer unchecked."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from crossover.live.requests import BASE_URL, Patience, check_url, get
from crossover.secrets import Key, read_key
from helpers.data.columns import read_day
from helpers.data.files import write_whole
from helpers.data.forms import FORM, Answer, check_answer, digest_pages, parse_json, read_head, snapshot_path
from helpers.data.records import cite, count_facts
from helpers.errors import InputError, enumerate_problems

FIRST_DAY = date(2025, 1, 1)  # the data begin here
LONGEST_WINDOW = 366  # days that one request may span
ONE_DAY = timedelta(days=1)
RANKINGS_PATH = "/datasets/rankings-daily"  # below the API's base URL


@dataclass(frozen=True)
class Page:
    """One window that was asked for (both days included), and the answer to it."""

    start: date
    end: date
    answer: Answer


def update_record(
    root: Path, *, start: str | None, end: str | None, url: str | None, now: datetime, report: Callable[[str], None]
) -> tuple[Path, bool]:
    """Fetch the daily rankings of a period and store them as a snapshot, whole or not at all.

    Parameters
    ----------
    root : Path
        The project, whose key is used and whose raw folder takes the snapshot.
    start, end : str or None
        As for `choose_period`.
    url : str or None
        Another base URL of the API.
    now : datetime
        The present time (UTC).
    report : callable
        Receives one line per step.

    Returns
    -------
    (Path, bool)
        The snapshot, and whether it is new.

    Raises
    ------
    InputError
        If a day, the URL, the key or an answer is wrong.
    SourceError
        As from `fetch_rankings`.
    """
    url = check_url(url or BASE_URL)
    first, last = choose_period(start, end, today=now.date())
    if start is not None and start < str(first):
        report(f"the data begin on {first}: it is asked from that day, not from {start}")
    key, windows = read_key(root), plan_windows(first, last)
    report(f"{first} to {last}: requests needed: {len(windows)}")
    pages = fetch_rankings(windows, key=key, report=report, url=url, may_end_early=end is None)
    raw_folder = root / "data" / "raw"
    name, is_new = store_snapshot(raw_folder, pages, url=url, now=now)
    return snapshot_path(raw_folder, name), is_new


def plan_windows(start: date, end: date) -> list[tuple[date, date]]:
    """Split a period into windows that the API accepts, the longest first.

    Examples
    --------
    >>> [(str(a), str(b)) for a, b in plan_windows(date(2025, 1, 1), date(2026, 1, 2))]
    [('2025-01-01', '2026-01-01'), ('2026-01-02', '2026-01-02')]
    """
    starts = [start + n * LONGEST_WINDOW * ONE_DAY for n in range(((end - start).days // LONGEST_WINDOW) + 1)]
    return [(first, min(end, first + (LONGEST_WINDOW - 1) * ONE_DAY)) for first in starts]


def choose_period(start: str | None, end: str | None, *, today: date) -> tuple[date, date]:
    """Turn the options of a command into the period to ask for: by default, all finished days of the data.

    Parameters
    ----------
    start, end : str or None
        `YYYY-MM-DD`, both included; None for the first day of the data and for yesterday.
    today : date
        The present UTC day, which is still growing and never asked for.

    Raises
    ------
    InputError
        If one is no date, the end is not over or lies before the data begin, or the start comes after the end.

    Examples
    --------
    >>> [str(day) for day in choose_period(None, None, today=date(2026, 5, 12))]
    ['2025-01-01', '2026-05-11']
    """
    first, last = _day(start, "--start") or FIRST_DAY, _day(end, "--end") or today - ONE_DAY
    if last >= today:
        raise InputError(f"--end {last} is not over yet (UTC). The last day that can be used is {today - ONE_DAY}.")
    if last < FIRST_DAY:
        raise InputError(f"--end {last} lies before {FIRST_DAY}, the first day of the data. Choose a later one.")
    if first > last:
        raise InputError(f"--start {first} comes after the end, {last}. Exchange them or leave one out.")
    return max(first, FIRST_DAY), last


def _day(text: str | None, option: str) -> date | None:
    try:
        return read_day(text) if text is not None else None
    except ValueError:
        raise InputError(f"{option} {text!r} is not a date. Write YYYY-MM-DD.") from None


def fetch_rankings(
    windows: list[tuple[date, date]],
    *,
    key: Key,
    report: Callable[[str], None],
    url: str = BASE_URL,
    may_end_early: bool = False,
    patience: Patience | None = None,
) -> list[Page]:
    """Ask for the daily rankings of each window, one request after the other.

    Nothing is stored here. 429, 5xx, timeouts and broken connections are tried again, with waits that grow and
    vary, or that the server names (`Retry-After`, `X-RateLimit-Reset`). Redirects are not followed: the key goes
    to the host of `url` and nowhere else.

    Parameters
    ----------
    windows : list of (date, date)
        As `plan_windows` returns them; both days included.
    key : Key
        See `crossover.secrets.read_key`.
    report : callable
        Receives one line per answer and per wait.
    url : str
        Base URL; see `check_url`.
    may_end_early : bool
        Accept that the last answer ends before its window does (the last day was a guess).
    patience : Patience, optional
        How long to wait for what.

    Returns
    -------
    list of Page
        One a window, each answer checked (`helpers.data.answers.check_answer`) and covering its window but for
        a start that the server moved (reported).

    Raises
    ------
    InputError
        If the key is refused (401), the request is (400), an answer breaks its contract or leaves days out.
    SourceError
        If the server cannot be reached, redirects, or fails again and again.
    """
    base = check_url(url)
    pages = []
    for place, (start, end) in enumerate(windows):
        content = get(
            base + RANKINGS_PATH,
            parameters={"start_date": str(start), "end_date": str(end)},
            key=key,
            report=report,
            patience=patience,
        )
        where = f"The answer of {urlsplit(base).hostname} for {start} to {end}"
        answer = check_answer(parse_json(content, where=where), where=where)
        _check_cover(answer, start, end, where, early=may_end_early and place == len(windows) - 1)
        if place == 0 and answer.start > start:
            report(f"the source begins on {answer.start}, not on {start}: days before are not in it")
        elif answer.start > start:
            raise InputError(f"{where} begins on {answer.start}: the days before it are missing. Fetch again later.")
        if answer.end < end:
            report(f"the source ends on {answer.end}, not on {end}: later days are not in it yet")
        if answer.unknown_fields:
            report(f"new fields, kept and not used: {', '.join(answer.unknown_fields)}")
        report(f"{answer.start} to {answer.end}: {answer.table['date'].nunique()} days, {len(answer.table)} rows")
        pages.append(Page(start, end, answer))
    return pages


def _check_cover(answer: Answer, start: date, end: date, where: str, *, early: bool) -> None:
    if answer.end < end and not early:
        raise InputError(f"{where} ends on {answer.end}. Ask for less: `--end {answer.end}`.")
    if answer.start < start or answer.end > end:
        raise InputError(
            f"{where} covers {answer.start} to {answer.end}, which was not asked for. It is not used; try again later."
        )
    present = {day.date() for day in answer.table["date"].unique()}
    expected = [answer.start + n * ONE_DAY for n in range((answer.end - answer.start).days + 1)]
    empty = [f"{day}: no rows" for day in expected if day not in present]
    if empty:
        raise InputError(
            f"{where} leaves days out: {enumerate_problems(empty)}\n"
            "Nothing was stored. Fetch again later, or a period without these days (--start, --end)."
        )


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
