"""The raw list prices: one row a change of a model's price, in the order in which they were observed."""

from pathlib import Path

import pandas as pd

from helpers.data.columns import bad_dates, bad_names
from helpers.data.sources import read_text_table, refuse

PRICES = "prices.csv"
AMOUNTS = ["prompt_usd_per_million", "completion_usd_per_million"]
COLUMNS = ["model_permaslug", "effective_from", *AMOUNTS]
DEAREST = 10_000  # USD per million tokens: above it the unit is wrong, not the model dear


def read_prices(raw_folder: Path) -> pd.DataFrame:
    """Read the list prices and refuse whatever could turn into a wrong price in silence.

    The order of the file is information: of several rows of one day, the last is the price that the day ended
    with, so a repeated day is no mistake. Rows of a model stand together and never go back in time.

    Returns
    -------
    DataFrame, shape (n_changes, 4)
        `model_permaslug` (str; with a variant where the variant has prices of its own), `effective_from`
        (datetime64[us], UTC day), `prompt_usd_per_million` and `completion_usd_per_million` (USD per million
        tokens, float64, at least 0). In the order of the file; the index is the line number in it; no missing
        values.

    Raises
    ------
    InputError
        Naming file, lines and values: a malformed model name, a date that is no date, a price that is empty,
        negative, no decimal number or above 10,000 USD, a model whose rows are in two places or go back in time.

    References
    ----------
    The public ledger jvrck/openrouterlist; rules of look-up in `helpers.analysis.money`.
    """
    path = raw_folder / PRICES
    text = read_text_table(raw_folder, PRICES, columns=COLUMNS)
    refuse(
        path,
        [*bad_names(text["model_permaslug"]), *bad_dates(text["effective_from"]), *_bad_amounts(text)],
        then="A gap or a wrong price would be carried into every later day: restore the file from its source.",
    )
    table = text.assign(
        effective_from=pd.to_datetime(text["effective_from"], format="%Y-%m-%d").astype("datetime64[us]"),
        **{column: text[column].astype("float64") for column in AMOUNTS},
    )
    refuse(
        path,
        [*_too_dear(table), *_out_of_order(table)],
        then="The last row in file order counts, and prices are per million tokens: restore the file from its source.",
    )
    return table


def _bad_amounts(text: pd.DataFrame) -> list[str]:
    problems = []
    for column in AMOUNTS:
        # A plain pattern, because float() also takes nan, inf and 1_000.
        plain = text[column].str.fullmatch(r"[0-9]+(\.[0-9]+)?(e-[0-9]{1,2})?")
        problems += [
            f"line {line} ({text['model_permaslug'][line]}): {column} {value!r} is not a price of at least 0 USD"
            for line, value in text.loc[~plain, column].items()
        ]
    return problems


def _too_dear(table: pd.DataFrame) -> list[str]:
    return [
        f"line {line} ({table['model_permaslug'][line]}): {column} {value:g} is more than {DEAREST:,} USD"
        for column in AMOUNTS
        for line, value in table.loc[table[column] > DEAREST, column].items()
    ]


def _out_of_order(table: pd.DataFrame) -> list[str]:
    names, days = table["model_permaslug"], table["effective_from"]
    begins = names.ne(names.shift())
    again = table.index[begins & names.duplicated()]
    back = table.index[~begins & days.lt(days.shift())]
    return [
        *[f"line {line}: the rows of {names[line]!r} are in two places" for line in again],
        *[f"line {line}: {names[line]!r} goes back in time to {days[line]:%Y-%m-%d}" for line in back],
    ]
