"""Sums of token counts that are exact whatever their size."""

import pandas as pd


def sum_wide(rows: pd.DataFrame, *, index: list[str], columns: str) -> pd.DataFrame:
    """Add up tokens with one column for each value of a column; to the token, however many.

    A pivot table takes counts through floats wherever a cell is empty, which is exact up to 2^53 only.

    Parameters
    ----------
    rows : DataFrame
        `tokens` (count, int64) and the columns named below.
    index : list of str
        What a row of the result is.
    columns : str
        Whose values become columns, in their order.

    Returns
    -------
    DataFrame
        Tokens (count, int64; 0 where there are none), sorted by `index`.

    Examples
    --------
    >>> rows = pd.DataFrame({"k": [1, 2], "origin": ["US", "China"], "tokens": [2**53 + 1, 5]})
    >>> sum_wide(rows, index=["k"], columns="origin")
       China                US
    k
    1      0  9007199254740993
    2      5                 0
    """
    own = {name: rows["tokens"].where(rows[columns].eq(name), 0) for name in sorted(rows[columns].unique())}
    return pd.DataFrame(own, index=rows.index).groupby([rows[key] for key in index]).sum()
