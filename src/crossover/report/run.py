"""The texts of the project that the pages quote."""

import re
from pathlib import Path

from helpers.data.files import shown
from helpers.errors import InputError


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
