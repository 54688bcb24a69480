"""The contracts of the tables in data/processed/: what each table and each of its columns is, in which unit.

First what a contract is and how a column is declared, then columns that several tables share, then the tables in
the order of the notebooks that write them. The tables' section of data/README.md, the data packages and the checks
on reading and writing all come from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.data.records import KINDS
from helpers.vocabulary import (
    AGREEMENTS,
    DATED_RULES,
    DAYS,
    GROWTH,
    GROWTH_ORIGINS,
    HEDGES,
    LEADERS,
    LEADING_RULES,
    MODALITIES,
    MODELS,
    NUMBER,
    OPTIONS,
    ORIGINS,
    PRICE_BASES,
    RANKED_SCOPES,
    RULES,
    SCOPES,
    SHARE,
    SPECIFICATIONS,
    STATES,
    STEALTH_POLICIES,
    TAGGED_ORIGINS,
    TOKENS,
    UNTESTED,
    USD,
    USD_PER_MILLION,
    VERDICTS,
    WEEKS,
    WEIGHTS,
    WINDOWS,
)


def _counts_from_zero(index: pd.Series) -> bool:
    return bool(np.array_equal(index, np.arange(len(index))))


@dataclass(frozen=True)
class Contract:
    """What one table must look like, and what it means.

    Attributes
    ----------
    file : str
        File name in data/processed/; its ending gives the format (Parquet or CSV).
    notebook : str
        Number of the notebook that writes it.
    meaning : str
        What one row is, in a sentence (Markdown).
    columns : dict of str to Column
        Names in order, with dtype, allowed values, meaning (`description`) and unit (`metadata`).
    key : list of str
        Columns that identify a row; the rows are unique in them.
    checks : tuple of Check
        Statements about whole rows.
    """

    file: str
    notebook: str
    meaning: str
    columns: dict[str, pa.Column]
    key: list[str]
    checks: tuple[pa.Check, ...] = ()

    def pick(self, *names: str) -> dict[str, pa.Column]:
        """Return some of the columns, for a table that takes them over."""
        return {name: self.columns[name] for name in names}

    def schema(self) -> pa.DataFrameSchema:
        """Build the pandera schema: these columns only, in this order, unique in the key."""
        return pa.DataFrameSchema(
            self.columns,
            checks=list(self.checks),
            description=self.meaning,
            strict=True,
            ordered=True,
            unique=self.key,
            index=pa.Index("int64", pa.Check(_counts_from_zero, error="the index is 0, 1, 2, ...")),
        )


def _column(dtype: str, meaning: str, *checks: pa.Check, unit: str = "", nullable: bool = False) -> pa.Column:
    return pa.Column(dtype, list(checks), nullable=nullable, description=meaning, metadata={"unit": unit})


def unit_of(column: pa.Column) -> str:
    """Return the unit of a column; empty for words, days and truth values.

    Examples
    --------
    >>> unit_of(tokens("of the week")), unit_of(text("why"))
    ('tokens', '')
    """
    return (column.metadata or {}).get("unit", "")


def day(meaning: str, *, nullable: bool = False) -> pa.Column:
    """Declare a column: a UTC day, without a time or a zone."""
    return _column("datetime64[us]", meaning, nullable=nullable)


def text(meaning: str, *, empty: bool = False, pattern: str = "") -> pa.Column:
    """Declare a column: words; empty only where an empty value has a meaning."""
    rule = pa.Check.str_matches(pattern) if pattern else pa.Check.str_length(min_value=1)
    return _column("str", meaning, *([] if empty else [rule]))


def one_of(values: Sequence[str], meaning: str) -> pa.Column:
    """Declare a column: a value of a closed set."""
    return _column("str", meaning, pa.Check.isin(list(values)))


def flag(meaning: str) -> pa.Column:
    """Declare a column: true or false."""
    return _column("bool", meaning)


def count(meaning: str, *, unit: str, least: int = 0, most: int | None = None, nullable: bool = False) -> pa.Column:
    """Declare a column: a whole number of things, from 0 on unless `least` says otherwise."""
    rule = pa.Check.ge(least) if most is None else pa.Check.in_range(least, most)
    return _column("Int64" if nullable else "int64", meaning, rule, unit=unit, nullable=nullable)


def tokens(meaning: str) -> pa.Column:
    """Declare a column: a number of tokens, exact."""
    return count(meaning, unit=TOKENS)


def change(meaning: str) -> pa.Column:
    """Declare a column: a difference of tokens, of either sign, exact."""
    return _column("int64", meaning, unit=TOKENS)


def number(
    meaning: str, *, unit: str = NUMBER, least: float | None = None, most: float | None = None, nullable: bool = False
) -> pa.Column:
    """Declare a column: a number that need not be whole."""
    limits = [] if least is None else [pa.Check.ge(least) if most is None else pa.Check.in_range(least, most)]
    return _column("float64", meaning, *limits, unit=unit, nullable=nullable)


def ratio(meaning: str) -> pa.Column:
    """Declare a column: a ratio, ``inf`` where only its denominator is 0, missing where both are."""
    return number(meaning, least=0, nullable=True)


def share(meaning: str, *, nullable: bool = False) -> pa.Column:
    """Declare a column: a share from 0 to 1."""
    return number(meaning, unit=SHARE, least=0, most=1, nullable=nullable)


def dtype_of(column: pa.Column) -> str:
    """Name the dtype of a column as the tables have it: pandera names the storage of words and another unit of days.

    Examples
    --------
    >>> dtype_of(text("why")), dtype_of(tokens("of the week"))
    ('str', 'int64')
    """
    name = str(column.dtype)
    return {"str": "str", "dat": "datetime64[us]"}.get(name[:3], name)


def describe_tables() -> str:
    """Write the tables' section of the data dictionary (Markdown): every table, every column with type, unit, meaning.

    Values of a closed set are listed after the meaning.
    """
    return "\n\n".join(_describe_table(contract) for contract in CONTRACTS.values())


def _describe_table(contract: Contract) -> str:
    head = f"### `{contract.file}` (notebook {contract.notebook})\n\n{contract.meaning}\n"
    rows = [
        f"| `{name}` | {dtype_of(column)} | {unit_of(column)} | {_with_values(column)} |"
        for name, column in contract.columns.items()
    ]
    return "\n".join([head, "| column | type | unit | meaning |", "|---|---|---|---|", *rows])


def _with_values(column: pa.Column) -> str:
    closed = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
    return "; one of ".join([column.description, *(", ".join(f"`{value}`" for value in values) for values in closed)])


def _between(middle: str, low: str = "", high: str = "", *, slack: float = 0.0) -> pa.Check:
    """Check that each value lies between its bounds (NAME_low and NAME_high unless named), where it exists."""
    low, high = low or f"{middle}_low", high or f"{middle}_high"
    needed = [low, middle, high] if slack else [middle]

    def inside(table: pd.DataFrame) -> pd.Series:
        value = table[middle] * (1 + slack)
        return (table[low].le(value) & table[middle].le(table[high] * (1 + slack))) | table[needed].isna().any(axis=1)

    return pa.Check(inside, error=f"{middle} lies between its bounds")


def _option(options: Sequence[str], meaning: str) -> pa.Column:
    """Declare a dimension of the grid: a closed set, unless an option holds a number."""
    return text(meaning) if any("#" in option for option in options) else one_of(options, meaning)


def _adds_up(table: pd.DataFrame) -> pd.Series:
    return table["tokens_after"].sub(table["tokens_before"]).eq(table["change"])


def _says_what_is_missing(table: pd.DataFrame) -> pd.Series:
    untested = table["agreement"].eq(UNTESTED)
    return untested.eq(table["missing"].ne("")) & untested.eq(table["value"].isna())


def _no_more_hold_than_were_tried(table: pd.DataFrame) -> pd.Series:
    return table["holding"].le(table["readings"])


_WEEK = day("first day of the week (UTC)")
_SCOPE = one_of(
    SCOPES, "which rows count: `chart` the largest permaslugs of the week, `ranked` all ranked, `platform` with `other`"
)
_STATE = one_of(
    STATES,
    "`China` if ratio_low > 1, `US` if ratio_high < 1, else `not identified`; `incomplete` for a week with fewer than "
    "`min_days` days",
)
_DAYS_OBSERVED = count("days of the week in the record, 1 to 7", unit=DAYS, least=1, most=7)
_PERMASLUG = text("OpenRouter's identifier `author/model[:variant]`; `other` for all models below rank 50")
_MODEL = text("the permaslug without its variant")
_AUTHOR = text("what stands before the slash")
_ORIGIN = one_of(
    TAGGED_ORIGINS,
    "where the publisher is based; `other` for the row below rank 50. As of the day under the stealth policy",
)
_TAGS = {
    "origin": _ORIGIN,
    "base_origin": one_of(TAGGED_ORIGINS, "origin of the base model where there is one, else `origin`"),
    "weights": one_of(WEIGHTS, "whether the public can download them; as of the day"),
    "modality_kind": one_of(MODALITIES, "what the model makes"),
}
_USAGE = {
    "date": day("UTC day"),
    "permaslug": _PERMASLUG,
    "model": _MODEL,
    "variant": text("what follows the colon (`free`, `thinking`, ...); empty if none", empty=True),
    "author": _AUTHOR,
    "tokens": tokens("tokens of that day"),
}
_RATIO = {  # what is known of one week in one scope
    "china_tokens": tokens("identified tokens of China in the scope"),
    "us_tokens": tokens("identified tokens of the US in the scope"),
    "unidentified_tokens": tokens(
        "everything else of the platform but origin Other of the scope: `other`, Unknown, and what the scope leaves out"
    ),
    "ratio": ratio("China / US; `inf` where only the US has none, empty where both have none"),
    "ratio_low": ratio("lower bound: every unidentified token American"),
    "ratio_high": ratio("upper bound: every unidentified token Chinese"),
    "state": _STATE,
}
_RATIOS = {"week_start": _WEEK, "scope": _SCOPE, **_RATIO}
_CROSSOVERS = {
    "scope": _SCOPE,
    "rule": one_of(
        RULES,
        "`first_lead`: first week ahead after a week not ahead; `sustained_lead_2` to `_4`: first week that opens so "
        "many in a row; `durable_lead`: first week from which China leads to the record's end (right-censored); "
        "`certain_lead`: first week ahead under every allocation of the unidentified tokens; `reversal`: the US ahead "
        "again",
    ),
    "week_start": day("first day of the week (UTC); empty if the record has none", nullable=True),
    "note": text("what the date means, or why there is none"),
}
_CROSSOVER_KEY = ["scope", "rule", "week_start"]
_WINDOW = {
    "from_week": day("first day of the first week (UTC)"),
    "to_week": day("first day of the last week (UTC)"),
    "scope": _SCOPE,
}
_BOTH_WEEKS = {"tokens_from": tokens("tokens in the first week"), "tokens_to": tokens("tokens in the last week")}
_GROWTH = {
    **_WINDOW,
    "origin": one_of(GROWTH_ORIGINS, "whose growth"),
    **_BOTH_WEEKS,
    "change": change("tokens_to less tokens_from"),
    "platform_change": change("change of the whole platform"),
    # Shares of a growth lie beyond 0 and 1 where one origin grows and another shrinks.
    "share": number("change / platform_change; empty where the platform did not change", unit=GROWTH, nullable=True),
    "share_low": number("lower bound, from the unidentified tokens of both weeks", unit=GROWTH, nullable=True),
    "share_high": number("upper bound, from the unidentified tokens of both weeks", unit=GROWTH, nullable=True),
}
_GROWTH_KEY = ["from_week", "to_week", "scope", "origin"]
_LEADER = one_of(LEADERS, "who leads the week; a tie counts with the US")
_LEAD_TOKENS = tokens("by how many the leader leads")
_WITHOUT = {
    "scope": _SCOPE,
    "unit": one_of(["model", "publisher"], "what is left out"),
    "left_out": text("its name"),
}
_K = count("how many of the largest permaslugs of the week are counted; the largest k holds all", unit=MODELS, least=1)
_LEAD_START = day(
    "first day of the week (or seven-day window) in which the lead starts; empty if no week fulfils the rule",
    nullable=True,
)
_DIMENSIONS = {
    "universe": "models counted",
    "variants": "entries of their own, or collapsed into models",
    "stealth": "policy for cloaked models",
    "derivatives": "origin of publisher or base",
    "poolside": "origin given to Poolside",
    "nex_agi": "origin given to Nex AGI",
    "space_bunny": "origin given to Space Bunny",
    "non_text": "embeddings and other non-text models in or out",
    "free": "free variants in or out",
    "week": "start day, or any seven days",
    "rule": "rule that dates the lead",
}
_OUTCOME = one_of(["lead_start", "ratio_reported"], "the date of the lead (in days), or the ratio of the reported week")
_SPECIFICATIONS = count("number of specifications", unit=SPECIFICATIONS)
_CLAIM = text("key of the claim")
_USES = {"prompt": "all as prompt", "mix": "at the stated mix", "completion": "all as completion"}
_PARTS = {  # of the tokens, by price
    "free": "tokens of free variants",
    "carried": "tokens at a price carried forward",
    "unpriced": "tokens without a known price",
}

CONTRACTS: dict[str, Contract] = {
    "usage_daily": Contract(
        "usage_daily.parquet",
        "01",
        "One row a permaslug and day: the tokens that OpenRouter published.",
        _USAGE,
        ["date", "permaslug"],
    ),
    "data_quality": Contract(
        "data_quality.csv",
        "01",
        "One row a check: whether the record is as its source promises.",
        {
            "check": text("what was checked"),
            "found": text("what was found"),
            "passed": flag("whether it is as the source promises"),
        },
        ["check"],
    ),
    "tagged_daily": Contract(
        "tagged_daily.parquet",
        "02",
        "One row a permaslug and day: the rows of `usage_daily` with whose model it is, as was known on the day.",
        {**_USAGE, **_TAGS},
        ["date", "permaslug"],
    ),
    "tagged_weekly": Contract(
        "tagged_weekly.parquet",
        "02",
        "One row a permaslug, week and combination of tags: a model whose tag changed in the week has a row per tag.",
        {
            "week_start": _WEEK,
            "permaslug": _PERMASLUG,
            "model": _MODEL,
            "author": _AUTHOR,
            **_TAGS,
            "tokens": tokens("tokens of the week under these tags"),
            "days_ranked": count(
                "days of the week with a row; for `other`, the days that the record holds; 1 to 7",
                unit=DAYS,
                least=1,
                most=7,
            ),
        },
        ["week_start", "permaslug", "origin", "base_origin", "weights"],
    ),
    "tag_coverage": Contract(
        "tag_coverage.csv",
        "02",
        "One row a tag and value: how many models and tokens it covers.",
        {
            "tag": one_of(list(_TAGS), "the tag"),
            "value": text("value of the tag"),
            "models": count("models that had the value at some time", unit=MODELS),
            "share_of_models": share("of all models ranked at least once"),
            "tokens": tokens("tokens under the value"),
            "share_of_tokens": share("of all tokens"),
        },
        ["tag", "value"],
    ),
    "origin_weekly": Contract(
        "origin_weekly.csv",
        "03",
        "One row a week, scope and origin; rows of zero tokens are written, `other` only in `platform`.",
        {
            "week_start": _WEEK,
            "scope": _SCOPE,
            "origin": _ORIGIN,
            "tokens": tokens("tokens of the week. Only `platform` is complete"),
            "days_observed": _DAYS_OBSERVED,
        },
        ["week_start", "scope", "origin"],
    ),
    "crossovers": Contract(
        "crossovers.csv",
        "03",
        "One row a scope and rule, and one a reversal: when China overtook the US.",
        _CROSSOVERS,
        _CROSSOVER_KEY,
    ),
    "ratios": Contract(
        "ratios.csv",
        "04",
        "One row a week and scope: how many times the tokens of the US those of China are, with bounds.",
        _RATIOS,
        ["week_start", "scope"],
        (_between("ratio"),),
    ),
    "growth": Contract(
        "growth.csv",
        "04",
        "One row a window, scope and origin: who absorbed the growth between two weeks.",
        _GROWTH,
        _GROWTH_KEY,
    ),
    "concentration": Contract(
        "concentration.csv",
        "04",
        "One row a week and origin: on how few models its tokens rest; ranked models only.",
        {
            "week_start": _WEEK,
            "origin": one_of(ORIGINS, "where the publisher is based"),
            "models": count("models with tokens, variants merged", unit=MODELS),
            "largest_model": text("the largest of them"),
            "largest_share": share("its share of the origin's ranked tokens"),
            "herfindahl": number("sum of squared shares: 1 for one model, 1/n for n equal ones", least=0, most=1),
        },
        ["week_start", "origin"],
    ),
    "specifications": Contract(
        "specifications.parquet",
        "05",
        "One row a specification: one full choice of definitions, and what it gives.",
        {
            "specification": count("its number in the whole grid, from 0", unit="number in the grid"),
            **{name: _option(OPTIONS[name], meaning) for name, meaning in _DIMENSIONS.items()},
            "lead_start": _LEAD_START,
            "leads": count("times that China took the lead", unit="changes"),
            "reversals": count("times that the US took it back", unit="changes"),
            "china_reported": tokens("tokens of China in the reported week"),
            "us_reported": tokens("tokens of the US in the reported week"),
            "unidentified_reported": tokens("unidentified tokens in the reported week"),
            "ratio_reported": ratio("China / US in the reported week"),
            "ratio_reported_low": ratio("lower bound of it"),
            "ratio_reported_high": ratio("upper bound of it"),
            "ratio_recent": ratio("China / US of the sums over the recent period"),
            "ratio_recent_low": ratio("lower bound of it"),
            "ratio_recent_high": ratio("upper bound of it"),
        },
        ["specification"],
        (_between("ratio_reported"), _between("ratio_recent")),
    ),
    "specifications_pruned": Contract(
        "specifications_pruned.csv",
        "05",
        "One row a reason: combinations that are another one by construction; together, the whole grid.",
        {
            "reason": text("why combinations were left out; `kept` for those that stay"),
            "specifications": _SPECIFICATIONS,
        },
        ["reason"],
    ),
    "specification_dates": Contract(
        "specification_dates.csv",
        "05",
        "One row a rule and date: how many specifications date the lead to it.",
        {
            "rule": text("rule that dates the lead; `all` for all of them"),
            "lead_start": _LEAD_START,
            "specifications": _SPECIFICATIONS,
            "share": share("of the rule's specifications"),
        },
        ["rule", "lead_start"],
    ),
    "dimension_influence": Contract(
        "dimension_influence.csv",
        "05",
        "One row an outcome and dimension: which choices move the answer (of the ratio, its logarithm).",
        {
            "outcome": _OUTCOME,
            "dimension": one_of(list(OPTIONS), "dimension of the grid"),
            "combinations": count("combinations that entered", unit="combinations"),
            "share_of_variance": share("share of the variance that the dimension explains alone", nullable=True),
            "share_with_others": share(
                "share that is left when all other dimensions are held: alone and jointly", nullable=True
            ),
        },
        ["outcome", "dimension"],
    ),
    "headline_place": Contract(
        "headline_place.csv",
        "05",
        "One row an outcome and comparison: where the published headline lies among all specifications.",
        {
            "outcome": _OUTCOME,
            "among": text("all specifications, or those of the headline's rule"),
            "headline": text("value of the headline's specification"),
            "specifications": _SPECIFICATIONS,
            "share_below": share("of the specifications below it (earlier, smaller)"),
            "share_equal": share("of the specifications equal to it"),
            "share_above": share("of the specifications above it"),
            "share_missing": share("of the specifications without a value"),
        },
        ["outcome", "among"],
    ),
    "truncation": Contract(
        "truncation.csv",
        "05",
        "One row a week and number of models: the ratio if only so many were listed; all others are unidentified.",
        {"week_start": _WEEK, "k": _K, **_RATIO},
        ["week_start", "k"],
        (_between("ratio"),),
    ),
    "truncation_leads": Contract(
        "truncation_leads.csv",
        "05",
        "One row a number of models and rule: when China overtook the US if only so many were listed.",
        {"k": _K, "rule": one_of(LEADING_RULES, "as in `crossovers.csv`"), "week_start": _CROSSOVERS["week_start"]},
        ["k", "rule"],
    ),
    "influence": Contract(
        "influence.csv",
        "05",
        "One row a model or publisher left out, scope and rule: whether the date of the lead rests on it.",
        {
            **_WITHOUT,
            "tokens": tokens("its tokens in the record"),
            "rule": one_of(DATED_RULES, "as in `crossovers.csv`"),
            "week_start": day("the rule's week with it; empty if there is none", nullable=True),
            "week_without": day("the rule's week without it; empty if there is none", nullable=True),
            "weeks_later": number("by how many weeks it moves (negative: earlier)", unit=WEEKS, nullable=True),
            "change": one_of(["none", "earlier", "later", "lost", "gained"], "what becomes of the date without it"),
        },
        ["scope", "unit", "left_out", "rule"],
    ),
    "influence_flips": Contract(
        "influence_flips.csv",
        "05",
        "One row a week whose leader changes when a model or publisher is left out.",
        {**_WITHOUT, "week_start": _WEEK, "leader": one_of(LEADERS, "who leads without it")},
        ["scope", "unit", "left_out", "week_start"],
    ),
    "fragility": Contract(
        "fragility.csv",
        "05",
        "One row a week and scope: on how few models the lead rests.",
        {
            "week_start": _WEEK,
            "scope": _SCOPE,
            "leader": _LEADER,
            "leader_tokens": tokens("tokens of the leader"),
            "lead_tokens": _LEAD_TOKENS,
            "models_to_flip": count(
                "fewest models of the leader whose removal turns the week; empty if none do",
                unit=MODELS,
                least=1,
                nullable=True,
            ),
            "models": text("these models, largest first", empty=True),
            "share_of_leader": share("their share of the leader's tokens", nullable=True),
        },
        ["week_start", "scope"],
    ),
    "tipping": Contract(
        "tipping.csv",
        "05",
        "One row a week and scope: what would have to be true of what is unknown for the other to lead.",
        {
            "week_start": _WEEK,
            "scope": _SCOPE,
            "leader": _LEADER,
            "behind": one_of(LEADERS, "the other"),
            "lead_tokens": _LEAD_TOKENS,
            "unidentified_tokens": _RATIO["unidentified_tokens"],
            "share_rest_to_leader": number(
                "share of the unidentified tokens that would have to be of the one behind, the rest of the leader; "
                "empty if no share does",
                unit=SHARE,
                least=0.5,
                most=1,
                nullable=True,
            ),
            "share_rest_to_third": share("the same, the rest of third origins", nullable=True),
            "tokenizer_factor": number(
                "by what factor tokenizers would have to differ; empty if the one behind has no tokens",
                least=1,
                nullable=True,
            ),
            "overturned_by": one_of(
                ["unidentified tokens or tokenizers", "unidentified tokens only", "tokenizers only", "nothing"],
                "what could overturn the lead",
            ),
        },
        ["week_start", "scope"],
    ),
    "decomposition": Contract(
        "decomposition.csv",
        "05",
        "One row a window, scope and model: its part in the change of the ratio; the parts add up.",
        {
            **_WINDOW,
            "part": one_of(["incumbent", "entry", "exit"], "whether it has tokens in both weeks, the last, the first"),
            "origin": one_of(LEADERS, "where the publisher is based"),
            "model": _MODEL,
            **_BOTH_WEEKS,
            "contribution": number("part in the change of ln(China / US)", unit="natural logarithm"),
            "share": number("share of that change", unit="share, of either sign", nullable=True),
        },
        ["from_week", "to_week", "scope", "origin", "model"],
    ),
    "growth_strip": Contract(
        "growth_strip.csv",
        "05",
        "One row a base week, scope and origin: who absorbed the growth from each earlier week to one end week.",
        _GROWTH,
        _GROWTH_KEY,
    ),
    "openness_weekly": Contract(
        "openness_weekly.csv",
        "05",
        "One row a week, origin and kind of weights: all tokens of the platform by both tags.",
        {
            "week_start": _WEEK,
            "origin": _ORIGIN,
            "weights": _TAGS["weights"],
            "tokens": tokens("tokens of the week"),
            "share_of_platform": share("share of all tokens of the week"),
            "share_of_origin": share("share of the origin's ranked tokens; empty if it has none", nullable=True),
            "days_observed": _DAYS_OBSERVED,
        },
        ["week_start", "origin", "weights"],
    ),
    "openness_ratios": Contract(
        "openness_ratios.csv",
        "05",
        "One row a week and scope: `ratios.csv` for open-weight models only; what may be one is unidentified.",
        _RATIOS,
        ["week_start", "scope"],
        (_between("ratio"),),
    ),
    "openness_crossovers": Contract(
        "openness_crossovers.csv",
        "05",
        "One row a scope and rule, and one a reversal: `crossovers.csv` for open-weight models only.",
        _CROSSOVERS,
        _CROSSOVER_KEY,
    ),
    "money_weekly": Contract(
        "money_weekly.csv",
        "05",
        "One row a week and scope: the ratio in US dollars at list prices. Bounds hold for the priced tokens only.",
        {
            "week_start": _WEEK,
            "scope": one_of(RANKED_SCOPES, "which rows count: `ranked` all ranked models, `platform` with `other`"),
            "days_observed": _DAYS_OBSERVED,
            **{
                f"{side}_usd_{use}": number(f"value of the priced tokens of {whose}, {how}", unit=USD, least=0)
                for side, whose in (("china", "China"), ("us", "the US"))
                for use, how in _USES.items()
            },
            "unidentified_usd": number("most that priced tokens of unknown origin are worth", unit=USD, least=0),
            **{f"ratio_{use}": ratio(f"China / US, {how}") for use, how in _USES.items()},
            "ratio_low": ratio("China at its cheapest use, the US and all of unknown origin at their dearest"),
            "ratio_high": ratio("the reverse"),
            "state": _STATE,
            "tokens": tokens("tokens of the scope"),
            **{f"{part}_tokens": tokens(meaning) for part, meaning in _PARTS.items()},
            **{f"{part}_share": share(f"{meaning}, of all in the scope") for part, meaning in _PARTS.items()},
            "overturn_tokens": tokens("unpriced tokens that may belong to the one behind"),
            "overturn_usd_per_million": number(
                "mean price at which these would draw it level", unit=USD_PER_MILLION, least=0, nullable=True
            ),
            "priced_usd_per_million": number(
                "mean price of the priced tokens", unit=USD_PER_MILLION, least=0, nullable=True
            ),
        },
        ["week_start", "scope"],
        # Sums of floats in another order may differ in the last digits.
        tuple(_between(f"ratio_{use}", "ratio_low", "ratio_high", slack=1e-9) for use in _USES),
    ),
    "price_coverage": Contract(
        "price_coverage.csv",
        "05",
        "One row a quarter and basis of the price: how many tokens have a price, and where it comes from.",
        {
            "quarter": text("such as 2026Q1", pattern=r"^\d{4}Q[1-4]$"),
            "price_basis": one_of(PRICE_BASES, "where the price comes from; `before_first` is the first known price"),
            "tokens": tokens("tokens of the quarter on this basis"),
            "share": share("share of all tokens of the quarter"),
        },
        ["quarter", "price_basis"],
    ),
    "drops": Contract(
        "drops.csv",
        "05",
        "One row a sudden drop: a permaslug that lost most of its tokens from one day to the next, as promotions end.",
        {
            "permaslug": _PERMASLUG,
            "model": _MODEL,
            "origin": one_of(ORIGINS, "where the publisher is based"),
            "first_day": day("first day of the promotion (UTC)"),
            "last_day": day("last day before the drop (UTC)"),
            "promotion_days": count("days from the first to the last", unit=DAYS, least=1),
            "promotion_tokens": tokens("tokens on these days"),
            "tokens_before": tokens("tokens on the last day"),
            "share_of_platform": share("their share of the day"),
            "tokens_after": tokens("tokens two days later (at most, if no longer ranked)"),
            "ranked_after": flag("whether it was still ranked"),
            "share_lost": share("share lost within two days"),
            "level_after": number("mean of the week after", unit="tokens a day", least=0),
            "left_out": flag("whether its days are left out of `drops_ratios.csv` (too long ones are not)"),
        },
        ["permaslug", "last_day"],
    ),
    "drops_ratios": Contract(
        "drops_ratios.csv",
        "05",
        "One row a week and scope: `ratios.csv` as if the promotion days had not been.",
        {
            **_RATIOS,
            "china_left_out": tokens("tokens of China left out, the same in every scope"),
            "us_left_out": tokens("tokens of the US left out, the same in every scope"),
            "all_left_out": tokens("all tokens left out, the same in every scope"),
        },
        ["week_start", "scope"],
        (_between("ratio"),),
    ),
    "drops_crossovers": Contract(
        "drops_crossovers.csv",
        "05",
        "One row a scope and rule, and one a reversal: `crossovers.csv` as if the promotion days had not been.",
        _CROSSOVERS,
        _CROSSOVER_KEY,
    ),
    "claims": Contract(
        "claims.csv",
        "06",
        "One row a published figure: our values beside the printed one, distances, the verdict and what to print.",
        {
            "claim_id": _CLAIM,
            "source_id": text("the article"),
            "sentence": text("key of its sentence: figures of one sentence are judged together"),
            "statement": text("what the article says"),
            "quantity": text("what it speaks of"),
            "unit": text("unit of the printed value"),
            "hedge": one_of(HEDGES, "the word that qualifies it"),
            "printed": text("the value as printed"),
            "published": number("the number that ours is compared with, in `value_unit`", nullable=True),
            "value_unit": text("unit of `published`, of our values and of their bounds"),
            "period_start": day("first day stated or in reach (UTC)"),
            "period_end": day("last day stated or in reach (UTC)"),
            "window": one_of(WINDOWS, "whether the article states the week or leaves it open within the period"),
            "scope_stated": text("which models the article says it counts"),
            "window_start": day("first day of the window told: the nearest; missing if not testable", nullable=True),
            "window_end": day("its last day", nullable=True),
            "cloaked": one_of(STEALTH_POLICIES, "reading of cloaked models told"),
            **{
                column: rule
                for scope in SCOPES
                for column, rule in {
                    f"value_{scope}": number(f"our value in scope {scope}, in `value_unit`", nullable=True),
                    f"distance_{scope}": number(
                        "distance of it from `published`, signed, in `distance_unit`", nullable=True
                    ),
                    f"least_tolerance_{scope}": number(
                        f"least under which the sentence holds in some window in scope {scope}, in `distance_unit`",
                        nullable=True,
                    ),
                }.items()
            },
            "low_all": number("lower bound over all models, in `value_unit`", nullable=True),
            "high_all": number("upper bound over all models, in `value_unit`", nullable=True),
            "distance_unit": one_of(["share of the printed value", "weeks"], "unit of distances and least tolerances"),
            "verdict": one_of(VERDICTS, "the verdict in its sentence"),
            "publisher": text("who printed it"),
            "published_on": text("when: a year, month or day"),
            "why": text("why, in one sentence"),
            "told": text("the sentence to print"),
        },
        ["claim_id"],
    ),
    "claim_settings": Contract(
        "claim_settings.csv",
        "06",
        "One row a figure, scope and reading of cloaked models: what each verdict rests on.",
        {
            "claim_id": _CLAIM,
            "scope": _SCOPE,
            "policy": one_of(STEALTH_POLICIES, "policy for models whose publisher was revealed later"),
            "judged": flag(
                "whether the verdict rests on it: a scope and reading that the article leaves open or states"
            ),
            "window_start": day("first day of the window that fits the sentence best", nullable=True),
            "window_end": day("its last day", nullable=True),
            "readings": count("windows tried", unit="windows"),
            "holding": count("windows in which the whole sentence holds", unit="windows"),
            "value": number("our value, in `value_unit` of `claims`", nullable=True),
            "low": number("lower bound; that of a sum over named models is the value", nullable=True),
            "high": number("upper bound", nullable=True),
            "distance": number(
                "distance from the printed value, signed, in `distance_unit` of `claims`", nullable=True
            ),
            "least_tolerance": number("least under which the sentence holds, in the same unit", least=0, nullable=True),
            "together": flag("whether all figures of the sentence hold in that window"),
            "agreement": one_of(AGREEMENTS, "whether ours agrees; open if it does not and the bounds allow the claim"),
            "missing": text("what is missing if it is not testable", empty=True),
        },
        ["claim_id", "scope", "policy"],
        (
            pa.Check(_says_what_is_missing, error="a setting has a value, or says what is missing"),
            pa.Check(_no_more_hold_than_were_tried, error="no more windows hold than were tried"),
        ),
    ),
    "restatements": Contract(
        "restatements.csv",
        "08",
        "One row a restated permaslug and day.",
        {
            "snapshot": text("the snapshot that restates what the earlier ones together said"),
            "date": day("UTC day"),
            "permaslug": _PERMASLUG,
            "kind": one_of(KINDS, "what happened to the row"),
            "tokens_before": tokens("tokens of that day before; 0 if not ranked"),
            "tokens_after": tokens("tokens of that day after; 0 if not ranked"),
            "change": change("`tokens_after` less `tokens_before`"),
        },
        ["snapshot", "date", "permaslug"],
        (pa.Check(_adds_up, error="change is tokens_after less tokens_before"),),
    ),
}
