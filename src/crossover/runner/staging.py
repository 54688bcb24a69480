"""The outputs of a step appear together when it succeeded, or not at all."""

import filecmp
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from crossover.runner.interrupts import is_alive
from helpers.data.files import shown
from helpers.errors import InputError

PREFIX = ".run-"
# In a copy while it is published: what stood in its folder before; what to undo, and the copies that belong together.
# The first copy of a step speaks for all of them: while it holds REPLACED, nothing is committed.
REPLACED, JOURNAL, SETTLED, PART = ".replaced", ".journal", ".settled", ".part"


class Working:
    """The working copies of a step's output folders.

    Attributes
    ----------
    copies : dict of Path to Path
        Per destination, the folder to work in.
    """

    def __init__(self, copies: Mapping[Path, Path]) -> None:
        self.copies = dict(copies)
        self._copied: set[tuple[Path, int, int]] = set()

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
        return _identity(file) in self._copied and filecmp.cmp(file, original, shallow=False)

    def copy_in(self, file: Path, copy: Path) -> None:
        """Put a file into a working copy; unless the step writes it anew, it is none of its outputs."""
        self._copied.add(_identity(Path(shutil.copy2(file, copy))))


def _identity(file: Path) -> tuple[Path, int, int]:
    status = file.stat()
    return file, status.st_ino, status.st_mtime_ns


@contextmanager
def staged(
    folders: Iterable[Path],
    *,
    label: str = "",
    needed: Collection[str] | None = None,
    earlier: Collection[Path] = (),
) -> Iterator[Working]:
    """Offer a working copy of each output folder, and publish what is written there when the block succeeds.

    The copy lies inside the folder itself, so that publishing is a rename on one file system. Files that did not
    change are not touched. All folders are published by one last rename: when the block or the publishing fails, or
    is interrupted, everything is as it was before; when the process is killed, `recover` sees to that.

    Parameters
    ----------
    folders : iterable of Path
        Destinations; they are made when they do not exist.
    label : str
        Tells the copies of steps that run side by side apart.
    needed : collection of str, optional
        Names (without ending) of the files that the copy starts with; by default all of the folder, not of the
        folders in it.
    earlier : collection of Path
        Files that the step wrote before. Those in the folders that it does not write now are removed with the same
        publishing, and folders in them that become empty; name only files that nobody has changed since.

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
            with _readable_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
                copy.mkdir()
                for file in sorted(folder.iterdir()):
                    wanted = needed is None or file.stem in needed
                    if wanted and file.is_file() and not file.name.startswith("."):
                        working.copy_in(file, copy)
        yield working
        _publish(working, earlier)
        finished = True
    finally:
        _settle(list(working.copies.values()))
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
        with _readable_errors(folder):
            for leftover in folder.glob(f"{PREFIX}*"):
                process = leftover.name.removeprefix(PREFIX).partition("-")[0]
                if process.isdecimal() and not is_alive(int(process)):
                    _settle(_together(leftover))


def _publish(working: Working, earlier: Collection[Path]) -> None:
    written, copies = working.written(), list(working.copies.values())
    orphans, moves = set(earlier) - set(written), {}
    for folder, copy in working.copies.items():  # all journals are whole before the first file moves
        with _readable_errors(folder):
            (copy / REPLACED).mkdir()
            moves[folder] = {
                target: file
                for target, file in written.items()
                if file.is_relative_to(copy) and not (target.is_file() and filecmp.cmp(file, target, shallow=False))
            }
            created = [target for target in moves[folder] if not target.exists()]
            above = [path for target in created for path in target.parents if not path.exists()]
            journal = {
                "created": [str(path.relative_to(folder)) for path in dict.fromkeys([*created, *above])],
                "copies": [os.path.relpath(other, copy) for other in copies],
            }
            (copy / JOURNAL).write_text(json.dumps(journal))
    for folder, copy in working.copies.items():
        with _readable_errors(folder):
            for target, file in moves[folder].items():
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists():
                    _set_aside(target, copy)
                file.replace(target)
            for orphan in sorted(path for path in orphans if path.is_relative_to(folder) and path.is_file()):
                aside = copy / REPLACED / orphan.relative_to(folder)
                aside.parent.mkdir(parents=True, exist_ok=True)
                orphan.replace(aside)
    # One rename commits the step, and it comes last. A kill before it finds REPLACED, and `recover` undoes all moves; a
    # kill after it finds SETTLED, and only removes the copies. There is no state in between: a rename is atomic.
    if copies:
        (copies[0] / REPLACED).rename(copies[0] / SETTLED)
    for folder in working.copies:
        for place in {place for path in orphans if path.is_relative_to(folder) for place in path.parents}:
            _remove_empty(place, within=folder)


def _remove_empty(place: Path, *, within: Path) -> None:
    with suppress(OSError):  # not empty
        while place != within and place.is_relative_to(within):
            place.rmdir()
            place = place.parent


def _set_aside(target: Path, copy: Path) -> None:
    """Keep the present file until all are published: under a second name, so that the first is never missing."""
    aside = copy / REPLACED / target.relative_to(copy.parent)
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.hardlink_to(target)
    except OSError:  # a file system without hard links
        shutil.copy2(target, copy / PART)  # never half a file among those that are put back
        (copy / PART).replace(aside)


def _together(copy: Path) -> list[Path]:
    """Find the copies that are published with one; a journal that is not whole says that nothing was moved yet."""
    try:
        return [Path(os.path.normpath(copy / other)) for other in json.loads((copy / JOURNAL).read_text())["copies"]]
    except (OSError, ValueError):
        return [copy]


def _settle(copies: list[Path]) -> None:
    """Undo what was published unless all of it was, and remove the copies; the one that speaks for all comes last."""
    if copies and (copies[0] / REPLACED).is_dir():
        for copy in reversed(copies):
            _roll_back(copy.parent, copy)
    for copy in reversed(copies):
        with suppress(OSError):  # a removal that is killed halfway must not look like a publishing that was
            (copy / REPLACED).rename(copy / SETTLED)
        shutil.rmtree(copy, ignore_errors=True)  # the kernel of a killed process may still be ending


def _roll_back(folder: Path, copy: Path) -> None:
    """Put back what was replaced or removed, and remove what was created."""
    aside = copy / REPLACED
    for file in sorted(path for path in aside.rglob("*") if path.is_file()):
        file.replace(folder / file.relative_to(aside))
    with suppress(OSError, ValueError):
        created = json.loads((copy / JOURNAL).read_text())["created"]
        for name in sorted(created, reverse=True):  # files before their folders
            with suppress(OSError):
                (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()
        (copy / JOURNAL).unlink()  # done once: what stands there later is another's


@contextmanager
def _readable_errors(folder: Path) -> Iterator[None]:
    """Say of an error of the system which folder it is about, and what to do."""
    try:
        yield
    except OSError as error:
        place = f" ({shown(Path(error.filename))})" if error.filename else ""
        raise InputError(
            f"Cannot write to {shown(folder)}: {error.strerror or error}{place}. Make it a folder that can be written "
            "and has space, or name another one with -p processed_folder or -p figures_folder. Earlier results were "
            "left as they were."
        ) from None
