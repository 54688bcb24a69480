"""Outputs appear all at once, after the last notebook succeeded, or not at all."""

import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.data.paths import shown
from helpers.errors import InputError

PREFIX = ".run-"
REPLACED = ".replaced"


@contextmanager
def staged(folders: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """Offer a working copy of each output folder, and publish all of them when the block succeeds.

    The copy lies inside the folder itself, so that publishing is a rename on one file system. It starts with
    the files that the folder holds (not with its subfolders). Files that did not change are not touched. When
    the block or the publishing fails, or is interrupted, everything is as it was before.

    Parameters
    ----------
    folders : iterable of Path
        Destinations; they are made when they do not exist.

    Yields
    ------
    dict of Path to Path
        Per destination, the folder to work in.

    Raises
    ------
    InputError
        If a destination cannot be written.
    """
    destinations = list(dict.fromkeys(folders))
    copies = {folder: folder / f"{PREFIX}{os.getpid()}" for folder in destinations}
    made = [path for folder in destinations for path in (folder, *folder.parents) if not path.exists()]
    finished = False
    try:
        for folder, copy in copies.items():
            with _told(folder):
                _copy(folder, copy)
        yield copies
        _publish(copies, made)
        finished = True
    finally:
        for copy in copies.values():
            shutil.rmtree(copy, ignore_errors=True)
        if not finished:
            for path in sorted(made, reverse=True):  # the deepest first
                with suppress(OSError):
                    path.rmdir()


def _copy(folder: Path, copy: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(f"{PREFIX}*"):
        process = leftover.name.removeprefix(PREFIX)
        if process.isdecimal() and not _is_alive(int(process)):
            shutil.rmtree(leftover)
    copy.mkdir()
    for file in folder.iterdir():
        if file.is_file() and not file.name.startswith("."):
            shutil.copy2(file, copy / file.name)


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False  # this process has made none yet: the number was used before
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _publish(copies: Mapping[Path, Path], made: list[Path]) -> None:
    replaced: list[tuple[Path, Path | None]] = []
    try:
        for folder, copy in copies.items():
            with _told(folder):
                for file in sorted(path for path in copy.rglob("*") if path.is_file()):
                    target = folder / file.relative_to(copy)
                    if target.is_file() and filecmp.cmp(file, target, shallow=False):
                        continue
                    made.extend(path for path in target.parents if not path.exists())
                    target.parent.mkdir(parents=True, exist_ok=True)
                    replaced.append((target, _kept(target, copy / REPLACED / str(len(replaced)))))
                    file.replace(target)
    except BaseException:
        for target, earlier in reversed(replaced):
            if earlier is None:
                target.unlink(missing_ok=True)
            else:
                earlier.replace(target)
        raise


def _kept(target: Path, earlier: Path) -> Path | None:
    """Keep the present file until all are published; a second name does, so that the first is never missing."""
    if not target.exists():
        return None
    earlier.parent.mkdir(exist_ok=True)
    try:
        earlier.hardlink_to(target)
    except OSError:  # a file system without hard links
        shutil.copy2(target, earlier)
    return earlier


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
