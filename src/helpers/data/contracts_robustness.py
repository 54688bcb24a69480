"""The contracts of notebook 05's tables on truncation, influence, tipping points and growth accounting."""

import pandera.pandas as pa

from helpers.data.contract import (
    DATED_RULES,
    LEADERS,
    SCOPES,
    STATES,
    Contract,
    change,
    count,
    day,
    lies_between,
    number,
    one_of,
    text,
)

_TRUNCATION_RULES = ["first_lead", "durable_lead", "certain_lead"]
_WHO = {"scope": one_of(SCOPES), "unit": one_of(["model", "publisher"]), "left_out": text()}


def _bound() -> pa.Column:
    return number(pa.Check.ge(0), nullable=True)


CONTRACTS_ROBUSTNESS: dict[str, Contract] = {
    "truncation": Contract(
        "truncation.csv",
        "05",
        {
            "week_start": day(),
            "k": pa.Column("int64", pa.Check.ge(1)),
            "china_tokens": count(),
            "us_tokens": count(),
            "unidentified_tokens": count(),
            "ratio": _bound(),
            "ratio_low": _bound(),
            "ratio_high": _bound(),
            "state": one_of(STATES),
        },
        ["week_start", "k"],
        (pa.Check(lies_between, error="ratio lies between its bounds"),),
    ),
    "truncation_leads": Contract(
        "truncation_leads.csv",
        "05",
        {
            "k": pa.Column("int64", pa.Check.ge(1)),
            "rule": one_of(_TRUNCATION_RULES),
            "week_start": day(nullable=True),
        },
        ["k", "rule"],
    ),
    "influence": Contract(
        "influence.csv",
        "05",
        {
            **_WHO,
            "tokens": count(),
            "rule": one_of(DATED_RULES),
            "week_start": day(nullable=True),
            "week_without": day(nullable=True),
            "weeks_later": number(nullable=True),
            "change": one_of(["none", "earlier", "later", "lost", "gained"]),
        },
        ["scope", "unit", "left_out", "rule"],
    ),
    "influence_flips": Contract(
        "influence_flips.csv",
        "05",
        {**_WHO, "week_start": day(), "leader": one_of(LEADERS)},
        ["scope", "unit", "left_out", "week_start"],
    ),
    "fragility": Contract(
        "fragility.csv",
        "05",
        {
            "week_start": day(),
            "scope": one_of(SCOPES),
            "leader": one_of(LEADERS),
            "leader_tokens": count(),
            "lead_tokens": count(),
            "models_to_flip": pa.Column("Int64", pa.Check.ge(1), nullable=True),
            "models": text(empty=True),
            "share_of_leader": number(pa.Check.in_range(0, 1), nullable=True),
        },
        ["week_start", "scope"],
    ),
    "tipping": Contract(
        "tipping.csv",
        "05",
        {
            "week_start": day(),
            "scope": one_of(SCOPES),
            "leader": one_of(LEADERS),
            "behind": one_of(LEADERS),
            "lead_tokens": count(),
            "unidentified_tokens": count(),
            "share_rest_to_leader": number(pa.Check.in_range(0.5, 1), nullable=True),
            "share_rest_to_third": number(pa.Check.in_range(0, 1), nullable=True),
            "tokenizer_factor": number(pa.Check.ge(1), nullable=True),
            "overturned_by": one_of(
                ["unidentified tokens or tokenizers", "unidentified tokens only", "tokenizers only", "nothing"]
            ),
        },
        ["week_start", "scope"],
    ),
    "decomposition": Contract(
        "decomposition.csv",
        "05",
        {
            "from_week": day(),
            "to_week": day(),
            "scope": one_of(SCOPES),
            "part": one_of(["incumbent", "entry", "exit"]),
            "origin": one_of(LEADERS),
            "model": text(),
            "tokens_from": count(),
            "tokens_to": count(),
            "contribution": number(),
            "share": number(nullable=True),
        },
        ["from_week", "to_week", "scope", "origin", "model"],
    ),
    "growth_strip": Contract(
        "growth_strip.csv",
        "05",
        {
            "from_week": day(),
            "to_week": day(),
            "scope": one_of(SCOPES),
            "origin": one_of(["China", "US", "Other", "unidentified"]),
            "tokens_from": count(),
            "tokens_to": count(),
            "change": change(),
            "platform_change": change(),
            "share": number(nullable=True),
            "share_low": number(nullable=True),
            "share_high": number(nullable=True),
        },
        ["from_week", "to_week", "scope", "origin"],
    ),
}
