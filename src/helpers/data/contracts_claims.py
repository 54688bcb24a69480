"""The contracts of the tables that notebook 06 writes: the verdict on every claim, and what it rests on."""

import pandas as pd
import pandera.pandas as pa

from helpers.data.contract import SCOPES, Contract, count, day, one_of, text

POLICIES = ["as_of", "retrospective", "unknown"]
AGREEMENTS = ["supported", "open", "contradicted", "not testable"]
VERDICT = r"^(holds|holds only under scope.+|not identified|contradicted|not testable with this record)$"


def _says_what_is_missing(table: pd.DataFrame) -> pd.Series:
    untested = table["agreement"].eq("not testable")
    return untested.eq(table["missing"].ne("")) & untested.eq(table["value"].eq(""))


def _no_more_weeks_than_there_are(table: pd.DataFrame) -> pd.Series:
    return table["weeks_supporting"].fillna(0).le(table["weeks"]).astype("bool")


CONTRACTS_CLAIMS: dict[str, Contract] = {
    "claims": Contract(
        "claims.csv",
        "06",
        {
            **{name: text() for name in ("claim_id", "source_id", "statement", "quantity", "published_value", "unit")},
            "period_start": day(),
            "period_end": day(),
            "scope_stated": text(),
            **{f"{name}_{scope}": text(empty=True) for scope in SCOPES for name in ("value", "low", "high")},
            "verdict": pa.Column("str", pa.Check.str_matches(VERDICT)),
            "why": text(),
        },
        ["claim_id"],
    ),
    "claim_settings": Contract(
        "claim_settings.csv",
        "06",
        {
            "claim_id": text(),
            "scope": one_of(SCOPES),
            "policy": one_of(POLICIES),
            "judged": pa.Column("bool"),
            "weeks": count(),
            "weeks_supporting": pa.Column("Int64", pa.Check.ge(0), nullable=True),
            **{name: text(empty=True) for name in ("value", "low", "high")},
            "certain": pa.Column("bool"),
            "accepted": text(),
            "agreement": one_of(AGREEMENTS),
            "missing": text(empty=True),
        },
        ["claim_id", "scope", "policy"],
        (
            pa.Check(_says_what_is_missing, error="a setting has a value, or says what is missing"),
            pa.Check(_no_more_weeks_than_there_are, error="no more weeks agree than there are"),
        ),
    ),
}
