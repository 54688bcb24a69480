"""The one kind of error that people are meant to read."""

import difflib
from collections.abc import Iterable

SHOWN_AT_ONCE = 8


class InputError(ValueError):
    """Say what is wrong with an input, where, and what to do next.

    The command line prints the message as it is, without a traceback, and exits with 2.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that a misspelt one most resembles.

    Returns
    -------
    str
        A sentence to append to a message; it always lists what is known.

    Examples
    --------
    >>> nearest("as-of", ["as_of", "retrospective", "unknown"])
    "Did you mean 'as_of'? Known: as_of, retrospective, unknown."
    >>> nearest("q", ["chart", "ranked"])
    'Known: chart, ranked.'
    """
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return f"{hint}Known: {', '.join(names)}."


def require_known(name: str, known: Iterable[str], *, what: str) -> str:
    """Return `name` if it is known; refuse it with a suggestion otherwise.

    Raises
    ------
    InputError
        If `name` is not in `known`; the message starts with `what`.

    Examples
    --------
    >>> require_known("chart", ["chart", "ranked"], what="scope")
    'chart'
    """
    names = list(known)
    if name not in names:
        raise InputError(f"Unknown {what} {name!r}. {nearest(str(name), names)}")
    return name


def enumerate_problems(problems: list[str]) -> str:
    """Join problems to one readable block; a long list is cut, and says by how many.

    Examples
    --------
    >>> print(enumerate_problems(["row 2: no date", "row 3: no tokens"]))
    row 2: no date
    row 3: no tokens
    """
    shown = problems[:SHOWN_AT_ONCE]
    if len(problems) > len(shown):
        shown = [*shown, f"... and {len(problems) - len(shown)} more"]
    return "\n".join(shown)
