"""The notebooks of the project: which there are, in what order, and what their cells hold."""

import json
from collections.abc import Sequence
from pathlib import Path

from helpers.data.files import shown
from helpers.errors import InputError, nearest

NUMBERED = "[0-9][0-9]-*.ipynb"


def find_notebooks(root: Path) -> list[Path]:
    """List the numbered notebooks of a project in their order.

    Raises
    ------
    InputError
        If there is none.
    """
    found = sorted((root / "notebooks").glob(NUMBERED))
    if not found:
        raise InputError(
            f"{shown(root / 'notebooks')} holds no notebook named like 01-clean-data.ipynb. Restore the notebooks "
            "with `git checkout notebooks`."
        )
    return found


def select_notebooks(notebooks: Sequence[Path], *, only: Sequence[str] = (), start: str | None = None) -> list[Path]:
    """Choose the notebooks that a command names by number, name or file name; all of them by default.

    Parameters
    ----------
    notebooks : sequence of Path
        What there is, in order.
    only : sequence of str
        Run these; the order stays that of `notebooks`.
    start : str, optional
        Leave out what comes before this one.

    Raises
    ------
    InputError
        If a name matches no notebook, or the two options exclude each other.

    Examples
    --------
    >>> there = [Path("01-clean.ipynb"), Path("02-tag.ipynb"), Path("03-find.ipynb")]
    >>> [notebook.stem for notebook in select_notebooks(there, start="2")]
    ['02-tag', '03-find']
    """
    for name in [*only, *([start] if start is not None else [])]:
        if not any(_is_named(notebook, name) for notebook in notebooks):
            known = [notebook.stem for notebook in notebooks]
            raise InputError(f"There is no notebook {name!r}. {nearest(name, known)}")
    first = 0
    if start is not None:
        first = next(place for place, notebook in enumerate(notebooks) if _is_named(notebook, start))
    chosen = [n for n in notebooks[first:] if not only or any(_is_named(n, name) for name in only)]
    if not chosen:
        raise InputError(
            f"--only {' '.join(only)} and --from {start} leave no notebook to run. Give one of the two, or an earlier "
            "notebook to --from."
        )
    return chosen


def _is_named(notebook: Path, name: str) -> bool:
    number = notebook.stem.partition("-")[0]
    return name in {notebook.name, notebook.stem} or (name.isdecimal() and int(name) == int(number))


def read_cells(notebook: Path) -> list[dict]:
    """Read the cells of a notebook, each source as one text.

    The file is read as JSON: importing nbformat takes longer than everything that a refused command does.

    Raises
    ------
    InputError
        If the file is missing or is not a notebook.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [{**cell, "source": "".join(cell["source"]), "tags": _tags(cell)} for cell in cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{shown(notebook)} cannot be read as a notebook (format 4). Save it again in JupyterLab, or restore it "
            "with `git checkout`."
        ) from None


def _tags(cell: dict) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def heading_above(cells: Sequence[dict], place: int) -> str:
    r"""Find the heading under which a cell stands; empty if there is none.

    Examples
    --------
    >>> cells = [{"cell_type": "markdown", "source": "# 1. Which?\n\nText"}, {"cell_type": "code", "source": "# no"}]
    >>> heading_above(cells, 1)
    '1. Which?'
    """
    headings = [
        line.lstrip("#").strip()
        for cell in cells[:place]
        if cell["cell_type"] == "markdown"
        for line in cell["source"].splitlines()
        if line.startswith("#")
    ]
    return headings[-1] if headings else ""
