"""The reviewed grid of specifications: which definitions the analysis is repeated under, and why."""

import re
import tomllib
from math import prod
from pathlib import Path

import pandas as pd

from helpers.data.files import shown
from helpers.data.sources import read_verified, refuse
from helpers.errors import InputError, nearest
from helpers.vocabulary import CONTESTED, OPTIONS

SPECIFICATIONS = "specifications.toml"
SUBJECTS = ("author", "permaslug")


def read_specifications(raw_folder: Path, *, max_specifications: int = 200_000) -> pd.DataFrame:
    """Read the grid: every dimension, its options and what defends each.

    Parameters
    ----------
    raw_folder : Path
        Folder with specifications.toml and its SOURCES.toml.
    max_specifications : int
        Largest number of combinations, before any is pruned, that is accepted.

    Returns
    -------
    DataFrame, shape (n_options, 5)
        `dimension, option, defence, author, permaslug` (str): one row an option, in the order of the
        dimensions in the result and of the options in the file. `author` or `permaslug` names what a
        contested dimension is about, and its options are origins; both are empty elsewhere.

    Raises
    ------
    InputError
        If the file fails its checksum or is not TOML, a dimension is unknown, missing or empty, an
        option is unknown or has no defence, a contested dimension does not name one publisher or model,
        two contest the same one, or the grid is larger than `max_specifications`.
    """
    path = raw_folder / SPECIFICATIONS
    content = read_verified(raw_folder, SPECIFICATIONS)
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{shown(path)} is not valid TOML: {error}. Mend that line.") from None
    if not tables:
        raise InputError(f"{shown(path)} is empty: the grid has no dimension. Restore it with `git checkout data/raw`.")
    then = "Each dimension is a table, each option an entry with one line that defends it; mend these."
    refuse(path, _dimension_problems(tables), then=then)
    refuse(path, [problem for name in OPTIONS for problem in _option_problems(name, tables[name])], then=then)
    refuse(path, _subject_problems(tables), then="Each contested dimension is about one publisher or model of its own.")
    _require_size(path, tables, max_specifications)
    rows = [
        (name, option, defence, *(tables[name].get(key, "") if name in CONTESTED else "" for key in SUBJECTS))
        for name in OPTIONS
        for option, defence in _entries(name, tables[name]).items()
    ]
    return pd.DataFrame(rows, columns=["dimension", "option", "defence", *SUBJECTS], dtype="str")


def _entries(name: str, table: dict) -> dict:
    return {key: value for key, value in table.items() if name not in CONTESTED or key not in SUBJECTS}


def _dimension_problems(tables: dict) -> list[str]:
    return [
        *[f"unknown dimension [{name}]. {nearest(name, OPTIONS)}" for name in tables if name not in OPTIONS],
        *[f"dimension [{name}] is missing" for name in OPTIONS if name not in tables],
        *[
            f"dimension [{name}] has no option"
            for name in OPTIONS
            if name in tables and not (isinstance(tables[name], dict) and _entries(name, tables[name]))
        ],
    ]


def _option_problems(name: str, table: dict) -> list[str]:
    known = OPTIONS[name]
    problems = []
    for option, defence in _entries(name, table).items():
        family = re.sub(r"_[1-9][0-9]*$", "_#", option)
        if option.endswith("#") or not {option, family} & set(known):
            problems.append(f"dimension [{name}]: unknown option {option!r}. {nearest(option, known)}")
        elif not isinstance(defence, str) or not defence.strip():
            problems.append(f"dimension [{name}]: option {option!r} has no line that defends it")
    return problems


def _subject_problems(tables: dict) -> list[str]:
    problems, authors, permaslugs = [], [], []
    for name in CONTESTED:
        named = {key: tables[name][key] for key in SUBJECTS if key in tables[name]}
        if len(named) != 1 or not all(isinstance(value, str) and value for value in named.values()):
            problems.append(f"dimension [{name}] names {len(named)} of author and permaslug; name exactly one, as text")
            continue
        author, permaslug = named.get("author"), named.get("permaslug")
        taken = author in [*authors, *[slug.partition("/")[0] for slug in permaslugs]]
        if permaslug:
            taken = permaslug in permaslugs or permaslug.partition("/")[0] in authors
        if taken:
            problems.append(f"dimension [{name}] contests {author or permaslug!r} a second time")
        authors += [author] if author else []
        permaslugs += [permaslug] if permaslug else []
    return problems


def _require_size(path: Path, tables: dict, largest: int) -> None:
    sizes = {name: len(_entries(name, tables[name])) for name in OPTIONS}
    size = prod(sizes.values())
    if size > largest:
        product = " x ".join(f"{name} {count}" for name, count in sizes.items() if count > 1)
        raise InputError(
            f"{shown(path)}: the grid has {size} specifications ({product}), more than max_specifications = "
            f"{largest}. Remove options, or run with `-p max_specifications {size}` if you mean it."
        )
