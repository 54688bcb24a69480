"""Tables as a person reads them: dates without a clock, tokens in trillions, shares with few digits."""

import pandas as pd

from helpers.vocabulary import TRILLION


def readable(table: pd.DataFrame, *, decimals: int = 3) -> pd.DataFrame:
    """Format a table for showing; the numbers that are saved stay exact.

    Parameters
    ----------
    table : DataFrame
        Any table of the project.
    decimals : int
        Digits after the point for pure numbers and for trillions of tokens.

    Returns
    -------
    DataFrame
        The same rows without their row numbers' meaning: dates as ``YYYY-MM-DD``, columns of tokens in
        trillions (renamed ``... [T]``), other numbers rounded, counts as they are.

    Examples
    --------
    >>> weeks = pd.to_datetime(["2026-02-09", None])
    >>> readable(pd.DataFrame({"week_start": weeks, "us_tokens": [2_933_113_147_344, 0], "models": [9, 1]}))
       week_start  us_tokens [T]  models
    0  2026-02-09          2.933       9
    1           -          0.000       1
    """
    shown = table.copy()
    for column in table.columns:
        values = table[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            shown[column] = values.dt.strftime("%Y-%m-%d").fillna("-")
        elif pd.api.types.is_float_dtype(values):
            shown[column] = values.round(decimals)
        elif pd.api.types.is_integer_dtype(values) and _counts_tokens(str(column)):
            shown[column] = (values / TRILLION).round(decimals)
    return shown.rename(
        columns={
            column: f"{column} [T]"
            for column in table.columns
            if pd.api.types.is_integer_dtype(table[column]) and _counts_tokens(str(column))
        }
    ).reset_index(drop=True)


def _counts_tokens(column: str) -> bool:
    return "tokens" in column or column in {"change", "platform_change"}


def as_html(table: pd.DataFrame) -> str:
    """Write a table of sentences as HTML: no row numbers, and no sentence cut short; its text is escaped.

    Examples
    --------
    >>> "<td>1 &lt; 2</td>" in as_html(pd.DataFrame({"claim": ["1 < 2"]}))
    True
    """
    with pd.option_context("display.max_colwidth", None):
        return table.to_html(index=False, border=0)
