"""The limits of the Data API, kept across processes: requests a minute and requests a day."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from helpers.data.paths import shown
from helpers.errors import InputError

A_MINUTE = 29  # the API allows 30: stay under it
A_DAY = 500  # shared by everything that uses the account
MINUTE, DAY = 60.0, 86_400.0  # seconds
FILE = "requests.sqlite3"


def cache_folder() -> Path:
    """Name the user's cache folder of this project: XDG_CACHE_HOME, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "token-crossover"


class RequestBudget:
    """Count the requests sent to one host, for every process of this user, in a small SQLite file.

    The file holds a host and a moment per request and nothing else, the key least of all. A day is any 24
    hours, which keeps the limit whatever moment the API's own day begins at. Requests that other programs
    send with the same account are not seen.

    Parameters
    ----------
    folder : Path
        Where the file is kept.
    host : str
        Requests to another host are not counted.
    now, sleep : callable
        The clock (seconds since 1970) and how to wait (seconds); tests give their own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        host: str,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file, self._host, self._now, self._sleep = folder / FILE, host, now, sleep

    def left_today(self) -> int:
        """Count the requests that the last 24 hours leave.

        Raises
        ------
        InputError
            If the file cannot be read or written.
        """
        with self._open() as database:
            return max(0, A_DAY - self._count(database, DAY))

    def take(self, *, report: Callable[[str], None]) -> None:
        """Count one request, after waiting for the minute's limit if need be; call it before each request.

        Raises
        ------
        InputError
            If the day's limit is reached (nothing is counted), or the file cannot be used.
        """
        while (wait := self._try_to_take()) > 0:
            report(f"waiting {wait:.0f} s: at most {A_MINUTE} requests a minute")
            self._sleep(wait)

    def _try_to_take(self) -> float:
        with self._open() as database:
            if self._count(database, DAY) >= A_DAY:
                free = datetime.fromtimestamp(self._oldest(database, DAY) + DAY, tz=UTC)
                raise InputError(
                    f"{A_DAY} requests were sent to {self._host} within 24 hours, the Data API's limit. "
                    f"The next one is possible at {free:%Y-%m-%d %H:%M} UTC."
                )
            if self._count(database, MINUTE) >= A_MINUTE:
                return max(0.1, self._oldest(database, MINUTE) + MINUTE - self._now())
            database.execute("INSERT INTO requests VALUES (?, ?)", (self._host, self._now()))
            return 0.0

    def _count(self, database: sqlite3.Connection, seconds: float) -> int:
        return database.execute(*self._within("count(*)", seconds)).fetchone()[0]

    def _oldest(self, database: sqlite3.Connection, seconds: float) -> float:
        return database.execute(*self._within("min(moment)", seconds)).fetchone()[0]

    def _within(self, what: str, seconds: float) -> tuple[str, tuple[str, float, float]]:
        # A moment in the future comes from a clock that was set back; it must not block for ever.
        now = self._now()
        return f"SELECT {what} FROM requests WHERE host = ? AND moment > ? AND moment <= ?", (
            self._host,
            now - seconds,
            now + MINUTE,
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._file, timeout=30, isolation_level=None)
            database.execute("BEGIN IMMEDIATE")  # one process at a time, from counting to writing
            database.execute("CREATE TABLE IF NOT EXISTS requests (host TEXT, moment REAL)")
            database.execute("DELETE FROM requests WHERE moment <= ?", (self._now() - DAY,))
            yield database
            database.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise InputError(
                f"The count of requests in {shown(self._file)} cannot be kept: {error}. Make its folder writable, "
                "remove a file that is broken, or name another folder in XDG_CACHE_HOME."
            ) from None
        finally:
            if database is not None:
                database.close()  # takes back what was not committed
