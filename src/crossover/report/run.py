"""One run as files: its tables, figures, executed notebooks and parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.data.paths import shown
from helpers.errors import InputError

TABLES, FIGURES, NOTEBOOKS = Path("data/processed"), Path("figures"), Path("build/notebooks")


@dataclass(frozen=True)
class Run:
    """What one run left behind.

    Attributes
    ----------
    root : Path
        The project that was run: its README, raw data, notebooks and source.
    tables, figures : Path
        Folders of the tables and the figures.
    notebooks : tuple of Path
        The executed notebooks, in their order.
    parameters : mapping of str to mapping
        Per notebook (file name without ending), each parameter and its value in this run.
    times : mapping of str to tuple of str
        Per notebook, when it started and ended (ISO 8601).
    """

    root: Path
    tables: Path
    figures: Path
    notebooks: tuple[Path, ...]
    parameters: Mapping[str, Mapping[str, object]]
    times: Mapping[str, tuple[str, str]]

    def value(self, name: str, default: object) -> object:
        """Look a parameter up in the notebooks that have it; they agree, as the runner sees to it."""
        return next((values[name] for values in self.parameters.values() if name in values), default)


def read_section(text: str, heading: str) -> str:
    r"""Cut the section under a ``##`` heading out of a Markdown text.

    Raises
    ------
    InputError
        If there is no such heading.

    Examples
    --------
    >>> read_section("# A\n\n## B\none\n\n## C\ntwo\n", "B")
    'one'
    """
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise InputError(
            f"README.md has no section {heading!r}, which the report quotes. Restore it with `git checkout`."
        )
    return found[1].strip()


def read_text(path: Path) -> str:
    """Read a text file of the project.

    Raises
    ------
    InputError
        If it is missing or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Restore it with `git checkout`.") from None
