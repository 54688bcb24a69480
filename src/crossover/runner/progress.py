"""What a person sees while notebooks run: one live display on a terminal, one line an event elsewhere, or nothing."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from crossover.runs import OK

WIDTH = 22  # columns of a notebook's name
COLOURS = {OK: "32", "fresh": "2"}
FAILED = "31"


class Silent:
    """Show nothing; the base of what shows something."""

    def begin(self, names: Sequence[str]) -> None:
        """Show which notebooks this run is about, in order."""

    def start(self, name: str) -> None:
        """Show that a notebook begins."""

    def cell(self, name: str, *, number: int, of: int, heading: str) -> None:
        """Show that a cell of a notebook begins."""

    def end(self, name: str, status: str, seconds: float) -> None:
        """Show that a notebook has ended, or was found to be fresh."""

    def tick(self) -> None:
        """Show that some time has passed."""

    def close(self) -> None:
        """Show nothing more."""


class Lines(Silent):
    """One line an event."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def start(self, name: str) -> None:
        """Say that a notebook begins."""
        self._write(f"{name:<{WIDTH}} started")

    def end(self, name: str, status: str, seconds: float) -> None:
        """Say how a notebook ended."""
        self._write(describe(name, status, seconds))

    def _write(self, line: str) -> None:
        with self._lock:
            print(line, file=self._stream, flush=True)


class Live(Silent):
    """What has ended stays; below it one line per running notebook and one of what is next, drawn again and again."""

    def __init__(self, stream: TextIO, *, colour: bool, columns: int) -> None:
        self._stream, self._colour, self._columns = stream, colour, columns
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._running: dict[str, tuple[float, str]] = {}
        self._drawn = 0
        self._began = time.monotonic()

    def begin(self, names: Sequence[str]) -> None:
        """Remember what is to come."""
        self._waiting = list(names)

    def start(self, name: str) -> None:
        """Show a running notebook."""
        with self._lock:
            self._waiting.remove(name)
            self._running[name] = (time.monotonic(), "starting")
            self._draw()

    def cell(self, name: str, *, number: int, of: int, heading: str) -> None:
        """Show the cell that a notebook is at."""
        with self._lock:
            if name in self._running:
                self._running[name] = (self._running[name][0], f"cell {number} of {of}: {heading}")

    def end(self, name: str, status: str, seconds: float) -> None:
        """Let the last line of a notebook stay."""
        with self._lock:
            self._running.pop(name, None)
            self._waiting = [other for other in self._waiting if other != name]
            line = describe(name, status, seconds)
            if self._colour:
                line = f"\x1b[{COLOURS.get(status, FAILED)}m{line}\x1b[0m"
            self._draw(above=f"{line}\n")

    def tick(self) -> None:
        """Show the time that has passed."""
        with self._lock:
            self._draw()

    def close(self) -> None:
        """Remove what is drawn again and again."""
        with self._lock:
            self._running, self._waiting = {}, []
            self._draw()

    def _draw(self, *, above: str = "") -> None:
        now = time.monotonic()
        lines = [f"{name:<{WIDTH}} {now - began:5.1f} s  {at}" for name, (began, at) in self._running.items()]
        if lines:
            following = f"next: {', '.join(self._waiting)}" if self._waiting else "nothing follows"
            lines.append(f"{'':<{WIDTH}} {now - self._began:5.1f} s  {following}")
        lines = [line[: self._columns - 1] for line in lines]
        back = f"\x1b[{self._drawn}F" if self._drawn else ""
        self._stream.write(back + "\x1b[J" + above + "".join(f"{line}\n" for line in lines))
        self._stream.flush()
        self._drawn = len(lines)


def describe(name: str, status: str, seconds: float) -> str:
    """Say in one line how a notebook ended.

    Examples
    --------
    >>> describe("03-find-crossovers", "ok", 1.26), describe("04-compute-ratios", "fresh", 0.0)
    ('03-find-crossovers       1.3 s', '04-compute-ratios          fresh')
    """
    if status == OK:
        return f"{name:<{WIDTH}} {seconds:5.1f} s"
    if not seconds:
        return f"{name:<{WIDTH}} {status:>7}"
    return f"{name:<{WIDTH}} {seconds:5.1f} s  {status}"


def choose_display(*, quiet: bool, stream: TextIO = sys.stderr, environment: Mapping[str, str] = os.environ) -> Silent:
    """Choose how a run is shown.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    stream : file
        Where to.
    environment : mapping of str to str
        ``NO_COLOR`` takes colours away; ``CI`` and ``TERM=dumb`` a display that draws over itself.
    """
    if quiet:
        return Silent()
    if not stream.isatty() or environment.get("CI") or environment.get("TERM") == "dumb":
        return Lines(stream)
    return Live(stream, colour=not environment.get("NO_COLOR"), columns=shutil.get_terminal_size().columns)
