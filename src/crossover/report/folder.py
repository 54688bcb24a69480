"""A folder of pages, written whole or not at all."""

import glob
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from crossover.report.pages import GENERATOR
from crossover.runner.interrupts import is_alive, terminated_as_interrupted, uninterrupted
from helpers.data.files import shown
from helpers.errors import InputError

INDEX = "index.html"
WORKING, EARLIER = "new", "earlier"


def check_target(folder: Path) -> None:
    """Refuse a folder that holds anything but pages of an earlier call, so that nothing of a user's is overwritten.

    Raises
    ------
    InputError
        If it is a file, or a folder with other content.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    index = folder / INDEX
    if not (index.is_file() and f'content="{GENERATOR}"' in index.read_text(encoding="utf-8", errors="replace")[:2000]):
        raise InputError(
            f"{shown(folder)} exists and is not a report made by this command. Name another folder with --to, or move "
            "it away; nothing was written."
        )


def write_pages(files: Mapping[str, bytes | Path], folder: Path) -> Path:
    """Write pages and what they link to, and put them in the place of an earlier report.

    Whenever it is interrupted, one of the two is there, whole; after a kill between two steps, from the next call on.

    Parameters
    ----------
    files : mapping of str to bytes or Path
        Name in the folder, and the content or a file to copy; ``index.html`` among them.
    folder : Path
        Where the pages go; see `check_target`.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    InputError
        If the folder holds something else or cannot be written; what stood there before still does.
    """
    try:
        _recover(folder)
        check_target(folder)
        with terminated_as_interrupted():
            _write(files, folder, _hidden(folder, WORKING), _hidden(folder, EARLIER))
    except OSError as error:
        raise InputError(
            f"Cannot write {shown(folder)}: {error.strerror or error}. Free some space, make its folder writable, or "
            "name another with --to. An earlier report was left as it was."
        ) from None
    return folder / INDEX


def _write(files: Mapping[str, bytes | Path], folder: Path, working: Path, earlier: Path) -> None:
    try:
        for name, content in files.items():
            target = working / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, target)
            else:
                target.write_bytes(content)
        if folder.exists():
            folder.rename(earlier)
        working.rename(folder)
    finally:
        with uninterrupted():
            _settle(folder, working, earlier)


def _settle(folder: Path, working: Path, earlier: Path) -> None:
    """Put the earlier report back unless the new one is in its place, and remove what is not needed any more."""
    if earlier.exists() and not folder.exists():
        earlier.rename(folder)
    for path in (working, earlier):
        shutil.rmtree(path, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Settle what processes left that were killed."""
    for path in folder.parent.glob(f"{glob.escape(f'.{folder.name}.crossover-')}*"):
        process = path.name.rpartition("crossover-")[2].partition("-")[0]
        if process.isdecimal() and not is_alive(int(process)):
            _settle(folder, _hidden(folder, WORKING, process), _hidden(folder, EARLIER, process))


def _hidden(folder: Path, what: str, process: int | str | None = None) -> Path:
    return folder.with_name(f".{folder.name}.crossover-{process or os.getpid()}-{what}")
