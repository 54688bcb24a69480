"""The contracts of the tables that notebook 08 writes."""

import pandas as pd
import pandera.pandas as pa

from helpers.data.contract import Contract, change, count, day, one_of, text
from helpers.data.restatements import KINDS


def _adds_up(table: pd.DataFrame) -> pd.Series:
    return table["tokens_after"].sub(table["tokens_before"]).eq(table["change"])


CONTRACTS_LIVE: dict[str, Contract] = {
    "restatements": Contract(
        "restatements.csv",
        "08",
        {
            "snapshot": text(),
            "date": day(),
            "permaslug": text(),
            "kind": one_of(KINDS),
            "tokens_before": count(),
            "tokens_after": count(),
            "change": change(),
        },
        ["snapshot", "date", "permaslug"],
        (pa.Check(_adds_up, error="change is tokens_after less tokens_before"),),
    ),
}
