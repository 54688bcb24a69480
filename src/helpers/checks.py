"""Statements about a result that a reader understands, and that stop the run when they are false."""

from collections.abc import Mapping

import pandas as pd


class CheckError(ValueError):
    """Say which statement about a result turned out to be false: the result must not be used."""


def require_all(statements: Mapping[str, bool]) -> pd.DataFrame:
    """List the statements of a Checks section, or refuse to go on if one is false.

    Parameters
    ----------
    statements : mapping of str to bool
        What must be true of a result, in words, and whether it is.

    Returns
    -------
    DataFrame, shape (n_statements, 2)
        `statement` (str) and `holds` (bool, all true).

    Raises
    ------
    CheckError
        Naming every statement that is false.

    Examples
    --------
    >>> require_all({"two and two are four": 2 + 2 == 4})
                  statement  holds
    0  two and two are four   True
    >>> require_all({"tokens in = tokens out": False})
    Traceback (most recent call last):
    helpers.checks.CheckError: Not true: tokens in = tokens out. Nothing was saved; ...
    """
    false = [statement for statement, holds in statements.items() if not holds]
    if false:
        raise CheckError(f"Not true: {'; '.join(false)}. Nothing was saved; the cells above show where it broke.")
    return pd.DataFrame({"statement": list(statements), "holds": True})
