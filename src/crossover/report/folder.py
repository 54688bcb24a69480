"""A folder of pages, written whole or not at all."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from crossover.report.pages import GENERATOR
from helpers.data.paths import shown
from helpers.errors import InputError

INDEX = "index.html"


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
    check_target(folder)
    working = folder.with_name(f".{folder.name}-{os.getpid()}")
    earlier = folder.with_name(f".{folder.name}-{os.getpid()}-earlier")
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
    except OSError as error:
        if earlier.exists() and not folder.exists():
            earlier.rename(folder)
        raise InputError(
            f"Cannot write {shown(folder)}: {error.strerror or error}. Free some space, make its folder writable, or "
            "name another with --to. An earlier report was left as it was."
        ) from None
    finally:
        shutil.rmtree(working, ignore_errors=True)
        shutil.rmtree(earlier, ignore_errors=True)
    return folder / INDEX
