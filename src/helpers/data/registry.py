"""The reviewed registry: who publishes each model, on what it stands, and whether its weights are open."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers import vocabulary
from helpers.data.columns import bad_dates
from helpers.data.sources import read_text_table, refuse

AUTHORS, LINEAGE = "model_authors.csv", "model_lineage.csv"
STEALTH, WEIGHTS = "stealth_models.csv", "open_weights.csv"
COLUMNS = {
    AUTHORS: "author organization country origin kind evidence_url note".split(),
    LINEAGE: "model_permaslug base_model base_author base_origin note".split(),
    STEALTH: (
        "permaslug first_seen last_seen revealed_as revealed_origin known_from evidence_url confidence note"
    ).split(),
    WEIGHTS: "model_permaslug weights hf_repo weights_from modality_kind evidence note".split(),
}
CLOSED_SETS = {  # column -> the values it may take
    AUTHORS: {
        "origin": vocabulary.ORIGINS,
        "kind": ("company", "lab", "university", "community", "platform"),
    },
    LINEAGE: {"base_origin": vocabulary.ORIGINS},
    STEALTH: {"revealed_origin": vocabulary.ORIGINS, "confidence": ("high", "medium", "low")},
    WEIGHTS: {
        "weights": vocabulary.WEIGHTS,
        "modality_kind": vocabulary.MODALITIES,
    },
}
DATES = {STEALTH: ["first_seen", "last_seen", "known_from"], WEIGHTS: ["weights_from"]}


@dataclass(frozen=True)
class Registry:
    """The four registry tables, validated; empty text is the empty string, an empty date is missing.

    Attributes
    ----------
    authors : DataFrame
        One row an author prefix: `author`, `origin` and what supports it.
    lineage : DataFrame
        One row a model that stands on another organisation's base: `model_permaslug`, `base_origin`.
    stealth : DataFrame
        One row a cloaked model: `permaslug`, `revealed_origin`, `known_from` (datetime64, may be missing).
    weights : DataFrame
        One row a model: `weights`, `weights_from` (datetime64, may be missing), `modality_kind`.
    """

    authors: pd.DataFrame
    lineage: pd.DataFrame
    stealth: pd.DataFrame
    weights: pd.DataFrame


def read_registry(raw_folder: Path) -> Registry:
    """Read and validate the four registry tables.

    Raises
    ------
    InputError
        With file and lines: a row twice (ignoring case), a value outside its closed set, `Unknown` or
        `unknown` without a note that explains it, a date that is no date, a reveal without its day,
        rows that are not sorted.
    """
    return Registry(*(_read_one(raw_folder, name) for name in (AUTHORS, LINEAGE, STEALTH, WEIGHTS)))


def _read_one(raw_folder: Path, name: str) -> pd.DataFrame:
    table = read_text_table(raw_folder, name, columns=COLUMNS[name])
    problems = [*_key_problems(table), *_value_problems(table, name)]
    problems += [problem for column in DATES.get(name, []) for problem in bad_dates(table[column], may_be_empty=True)]
    if name == STEALTH:
        problems += _reveal_problems(table)
    refuse(raw_folder / name, problems, then="Mend these rows; data/README.md states the rules.")
    dates = {
        column: pd.to_datetime(table[column].where(table[column].ne("")), format="%Y-%m-%d")
        for column in DATES.get(name, [])
    }
    return table.assign(**dates)


def _key_problems(table: pd.DataFrame) -> list[str]:
    key = table.iloc[:, 0]
    folded = key.str.casefold()
    problems = [f"line {line}: no {key.name}" for line in key.index[key.eq("")]]
    for line in folded.index[folded.duplicated()]:
        first = folded.index[folded.eq(folded[line])][0]
        problems.append(f"line {line}: {key[line]!r} has a row already (line {first})")
    out_of_order = folded.index[folded.lt(folded.shift(fill_value=""))]
    problems += [
        f"line {line}: {key[line]!r} comes after {key[line - 1]!r}; keep the rows sorted" for line in out_of_order
    ]
    return problems


def _value_problems(table: pd.DataFrame, name: str) -> list[str]:
    problems = []
    for column, allowed in CLOSED_SETS[name].items():
        wrong = table.loc[~table[column].isin(allowed), column]
        problems += [
            f"line {line}: {column} {value!r} is not one of {', '.join(allowed)}" for line, value in wrong.items()
        ]
        unexplained = table.index[table[column].str.casefold().eq("unknown") & table["note"].str.strip().eq("")]
        problems += [
            f"line {line}: {column} of {table.iloc[:, 0][line]!r} is {table[column][line]} without a note that says why"
            for line in unexplained
        ]
    return problems


def _reveal_problems(table: pd.DataFrame) -> list[str]:
    named = table["revealed_origin"].ne("Unknown")
    undated, unnamed = named & table["known_from"].eq(""), ~named & table["known_from"].ne("")
    return [
        *[
            f"line {line}: {table['permaslug'][line]!r} is revealed as {table['revealed_origin'][line]}"
            " but known_from is empty"
            for line in table.index[undated]
        ],
        *[
            f"line {line}: {table['permaslug'][line]!r} has a known_from but its origin is Unknown"
            for line in table.index[unnamed]
        ],
    ]
