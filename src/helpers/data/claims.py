"""The raw claims: sentences of published articles, one row each, and the articles they come from."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.data.columns import bad_dates
from helpers.data.sources import read_text_table, refuse

CLAIMS, SOURCES = "published_claims.csv", "claim_sources.csv"
CLAIM_COLUMNS = (
    "claim_id source_id sentence statement quantity value unit hedge period_start period_end window scope_stated note"
).split()
SOURCE_COLUMNS = "source_id title publisher url published".split()
PERIOD = ["period_start", "period_end"]


@dataclass(frozen=True)
class PublishedClaims:
    """The two claim tables, validated; the index of each is the line number in its file.

    Attributes
    ----------
    claims : DataFrame
        One row a figure: `claim_id, source_id, sentence` (figures of one sentence are judged together),
        `statement, quantity, value, unit, hedge, period_start, period_end` (datetime64[us], UTC days, both
        included), `window, scope_stated, note`; all others str. What they may hold is known to
        `helpers.analysis.claims`, which checks them.
    sources : DataFrame
        One row an article: `source_id, title, publisher, url` (empty if no address was found), `published` (str;
        a year, month or day).
    """

    claims: pd.DataFrame
    sources: pd.DataFrame


def read_claims(raw_folder: Path) -> PublishedClaims:
    """Read the published claims and their sources.

    Raises
    ------
    InputError
        Naming file, lines and values: an identifier that is missing, used twice or not made of lower-case letters,
        digits and hyphens (facts are named after it), an empty field that a claim needs, a claim of a source
        without a row, a period that is no pair of dates or ends before it starts.
    """
    sources = read_text_table(raw_folder, SOURCES, columns=SOURCE_COLUMNS)
    refuse(
        raw_folder / SOURCES,
        [*_repeated(sources["source_id"]), *_empty(sources, [c for c in SOURCE_COLUMNS if c != "url"])],
        then="Every claim must lead back to an article: complete these rows.",
    )
    claims = read_text_table(raw_folder, CLAIMS, columns=CLAIM_COLUMNS)
    needed = [column for column in CLAIM_COLUMNS if column != "note"]
    unknown = claims.loc[~claims["source_id"].isin(sources["source_id"]) & claims["source_id"].ne(""), "source_id"]
    refuse(
        raw_folder / CLAIMS,
        [
            *_repeated(claims["claim_id"]),
            *_badly_named(claims["claim_id"]),
            *_empty(claims, needed),
            *[f"line {line}: source_id {value!r} has no row in {SOURCES}" for line, value in unknown.items()],
            *_bad_periods(claims),
        ],
        then="Mend these rows; data/README.md explains the columns.",
    )
    days = {column: pd.to_datetime(claims[column], format="%Y-%m-%d").astype("datetime64[us]") for column in PERIOD}
    return PublishedClaims(claims=claims.assign(**days), sources=sources)


def _repeated(key: pd.Series) -> list[str]:
    again = key[key.duplicated() & key.ne("")]
    return [
        f"line {line}: {key.name} {value!r} has a row already (line {key.index[key.eq(value)][0]})"
        for line, value in again.items()
    ]


def _badly_named(key: pd.Series) -> list[str]:
    wrong = key[key.ne("") & ~key.str.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*")]
    return [
        f"line {line}: {key.name} {value!r} is not made of lower-case letters, digits and single hyphens"
        for line, value in wrong.items()
    ]


def _empty(table: pd.DataFrame, columns: list[str]) -> list[str]:
    return [
        f"line {line}: {column} is empty"
        for column in columns
        for line in table.index[table[column].str.strip().eq("")]
    ]


def _bad_periods(claims: pd.DataFrame) -> list[str]:
    parsed = claims[PERIOD].apply(pd.to_datetime, format="%Y-%m-%d", errors="coerce")
    turned = claims.index[parsed["period_start"] > parsed["period_end"]]
    return [
        # An empty one is told as a field that is empty.
        *[problem for column in PERIOD for problem in bad_dates(claims[column], may_be_empty=True)],
        *[f"line {line}: the period ends before it starts" for line in turned],
    ]
