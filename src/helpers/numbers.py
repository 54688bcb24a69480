"""Numbers of any size: sums of counts that stay exact, and few digits that stay readable."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def sum_wide(
    rows: "pd.DataFrame", *, index: list[str], columns: str, names: Sequence[str] | None = None
) -> "pd.DataFrame":
    """Add up tokens with one column for each value of a column; to the token, however many.

    A pivot table takes counts through floats wherever a cell is empty, which is exact up to 2^53 only.

    Parameters
    ----------
    rows : DataFrame
        `tokens` (count, int64) and the columns named below.
    index : list of str
        What a row of the result is.
    columns : str
        Whose values become columns.
    names : sequence of str, optional
        These values, in this order, whether there are rows of them or not; by default all that there are, sorted.

    Returns
    -------
    DataFrame
        Tokens (count, int64; 0 where there are none), sorted by `index`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"k": [1, 2], "origin": ["US", "China"], "tokens": [2**53 + 1, 5]})
    >>> sum_wide(rows, index=["k"], columns="origin")
       China                US
    k
    1      0  9007199254740993
    2      5                 0
    """
    import pandas as pd  # late: whoever only writes numbers starts without it

    own = {name: rows["tokens"].where(rows[columns].eq(name), 0) for name in names or sorted(rows[columns].unique())}
    return pd.DataFrame(own, index=rows.index).groupby([rows[key] for key in index]).sum()


def round_digits(number: float, *, digits: int) -> str:
    """Write a number with few digits, never with a power of ten in place of zeros.

    Examples
    --------
    >>> [round_digits(number, digits=3) for number in (4.119, 6380.2, 38800000.0, -0.25, -0.0)]
    ['4.12', '6380', '38800000', '-0.25', '0']
    """
    short = f"{number:z.{digits}g}"
    return f"{float(short):.0f}" if "e+" in short else short


def lost_from(counted: "pd.Series", ratio: "pd.Series") -> int | None:
    """Find from how many models on a lead is lost, however many more are counted.

    Parameters
    ----------
    counted : Series of int
        Number of models, ascending; the last is all of them.
    ratio : Series of float
        China's tokens by those of the US, if so many models are counted.

    Returns
    -------
    int or None
        None if China leads with all of them, or with no number.
    """
    ahead = ratio.gt(1)
    if not ahead.any() or ahead.iloc[-1]:
        return None
    return int(counted[counted.gt(counted[ahead].max())].iloc[0])
