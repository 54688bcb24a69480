"""The outputs of a step appear together when it succeeded, or not at all."""

import filecmp
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from crossover.runner.interrupts import is_alive
from helpers.data.paths import shown
from helpers.errors import InputError

PREFIX = ".run-"
REPLACED, CREATED, COMMITTED = ".replaced", ".created", ".committed"


class Working:
    """The working copies of a step's output folders.

    Attributes
    ----------
    copies : dict of Path to Path
        Per destination, the folder to work in.
    """

    def __init__(self, copies: Mapping[Path, Path]) -> None:
        self.copies = dict(copies)
        self._given: set[tuple[Path, int, int]] = set()

    def written(self) -> dict[Path, Path]:
        """Find what was written into the copies: per destination of a file, the file."""
        return {
            folder / file.relative_to(copy): file
            for folder, copy in self.copies.items()
            for file in sorted(copy.rglob("*"))
            if file.is_file() and not self._is_untouched(file, folder / file.relative_to(copy))
        }

    def _is_untouched(self, file: Path, original: Path) -> bool:
        # A file can be changed within one tick of the clock, and its times can be set.
        return _identity(file) in self._given and filecmp.cmp(file, original, shallow=False)

    def give(self, file: Path, copy: Path) -> None:
        """Put a file into a working copy; unless the step writes it anew, it is none of its outputs."""
        self._given.add(_identity(Path(shutil.copy2(file, copy))))


def _identity(file: Path) -> tuple[Path, int, int]:
    status = file.stat()
    return file, status.st_ino, status.st_mtime_ns


@contextmanager
def staged(folders: Iterable[Path], *, label: str = "", needed: Collection[str] | None = None) -> Iterator[Working]:
    """Offer a working copy of each output folder, and publish what is written there when the block succeeds.

    The copy lies inside the folder itself, so that publishing is a rename on one file system. Files that did not
    change are not touched. When the block or the publishing fails, or is interrupted, everything is as it was before;
    when the process is killed, `recover` sees to that.

    Parameters
    ----------
    folders : iterable of Path
        Destinations; they are made when they do not exist.
    label : str
        Tells the copies of steps that run side by side apart.
    needed : collection of str, optional
        Names (without ending) of the files that the copy starts with; by default all of the folder, not of the
        folders in it.

    Yields
    ------
    Working
        The copies.

    Raises
    ------
    InputError
        If a destination cannot be written.
    """
    destinations = list(dict.fromkeys(folders))
    working = Working({folder: folder / f"{PREFIX}{os.getpid()}{label and '-'}{label}" for folder in destinations})
    made = [path for folder in destinations for path in (folder, *folder.parents) if not path.exists()]
    finished = False
    try:
        for folder, copy in working.copies.items():
            with _told(folder):
                folder.mkdir(parents=True, exist_ok=True)
                copy.mkdir()
                for file in sorted(folder.iterdir()):
                    wanted = needed is None or file.stem in needed
                    if wanted and file.is_file() and not file.name.startswith("."):
                        working.give(file, copy)
        yield working
        _publish(working)
        finished = True
    finally:
        for folder, copy in working.copies.items():
            if not finished:
                _roll_back(folder, copy)
            shutil.rmtree(copy, ignore_errors=True)
        if not finished:
            for path in sorted(made, reverse=True):  # the deepest first
                with suppress(OSError):
                    path.rmdir()


def require_writable(folders: Iterable[Path]) -> None:
    """Make sure that a step could publish to each of some folders, and leave them as they are.

    Raises
    ------
    InputError
        If one cannot be written.
    """
    with suppress(_LeaveError), staged(folders, label="check", needed=()):
        raise _LeaveError


class _LeaveError(Exception):
    """Leave a block as if it had failed."""


def recover(folders: Iterable[Path]) -> None:
    """Undo and remove what processes left that were killed, in the middle of publishing perhaps.

    Raises
    ------
    InputError
        If a folder cannot be written.
    """
    for folder in dict.fromkeys(folders):
        with _told(folder):
            for leftover in folder.glob(f"{PREFIX}*"):
                process = leftover.name.removeprefix(PREFIX).partition("-")[0]
                if process.isdecimal() and not is_alive(int(process)):
                    _roll_back(folder, leftover)
                    shutil.rmtree(leftover, ignore_errors=True)  # its kernel may still be ending


def _publish(working: Working) -> None:
    written = working.written()
    for folder, copy in working.copies.items():
        with _told(folder):
            (copy / REPLACED).mkdir()
            moves = {
                target: file
                for target, file in written.items()
                if file.is_relative_to(copy) and not (target.is_file() and filecmp.cmp(file, target, shallow=False))
            }
            created = [str(t.relative_to(folder)) for t in moves if not t.exists()]
            folders = [str(p.relative_to(folder)) for t in moves for p in t.parents if not p.exists()]
            (copy / CREATED).write_text(json.dumps([*created, *dict.fromkeys(folders)]))
            for target, file in moves.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists():
                    _keep(target, copy / REPLACED / target.relative_to(folder))
                file.replace(target)
    for copy in working.copies.values():  # from here on there is no way back
        (copy / REPLACED).rename(copy / COMMITTED)


def _keep(target: Path, kept: Path) -> None:
    """Keep the present file until all are published; a second name does, so that the first is never missing."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept.hardlink_to(target)
    except OSError:  # a file system without hard links
        shutil.copy2(target, kept)


def _roll_back(folder: Path, copy: Path) -> None:
    """Put back what was replaced and remove what was created, unless everything had been published."""
    kept = copy / REPLACED
    if not kept.is_dir():
        return
    for file in sorted(path for path in kept.rglob("*") if path.is_file()):
        file.replace(folder / file.relative_to(kept))
    with suppress(OSError, ValueError):
        created = json.loads((copy / CREATED).read_text())
        for name in sorted(created, reverse=True):  # files before their folders
            with suppress(OSError):
                (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = f" ({shown(Path(error.filename))})" if error.filename else ""
        raise InputError(
            f"Cannot write to {shown(folder)}: {error.strerror or error}{place}. Make it a folder that can be written "
            "and has space, or name another one with -p processed_folder or -p figures_folder. Earlier results were "
            "left as they were."
        ) from None
