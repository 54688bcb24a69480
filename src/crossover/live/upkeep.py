"""Keeping the registry up: rows to fill in for what is untagged, rows to look at again, and proposed names."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from crossover.live.requests import BASE_URL, check_url, get
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.origins import find_untagged
from helpers.data.forms import parse_json
from helpers.data.inputs import read_source
from helpers.data.registry import AUTHORS, COLUMNS, STEALTH, WEIGHTS, Registry, read_registry
from helpers.errors import InputError

PROMISED = r"promised|announced as open|will be (?:open|released|published)"
MODELS_PATH = "/models"


@dataclass(frozen=True)
class Proposal:
    """What OpenRouter's list of models says of one: its publisher and repository, empty where it says nothing."""

    organization: str
    hf_repo: str


def describe_gaps(
    raw_folder: Path,
    *,
    source: str,
    today: date,
    after_days: int,
    propose: bool,
    url: str | None,
    report: Callable[[str], None],
) -> Iterator[str]:
    """Check the registry, then say what of the rankings it lacks, and which of its rows time may have overtaken.

    Parameters
    ----------
    raw_folder : Path
        Where the registry and the rankings are.
    source : str
        The rankings, as the parameter `source` names them.
    today, after_days
        As for `find_stale`.
    propose : bool
        Ask OpenRouter's list of models for names.
    url : str or None
        Another base URL of the API.
    report : callable
        Receives one line per step.

    Yields
    ------
    str
        One line or paragraph after the other.

    Raises
    ------
    InputError
        If the registry is wrong (with file and line), or the source or an answer cannot be read.
    SourceError
        If the list of models cannot be had.
    """
    registry, record = read_registry(raw_folder), read_source(raw_folder, source)
    report(record.describe())
    proposals = ask_proposals(url, report=report) if propose else {}
    usage = clean_rankings(record.table)
    untagged = find_untagged(usage, authors=registry.authors, stealth=registry.stealth, weights=registry.weights)
    drafts = draft_rows(untagged, usage, proposals=proposals)
    stale = find_stale(registry, today=today, after_days=after_days)
    yield f"Untagged: {len(drafts)}. A row goes to data/raw in its place (sorted); enter its file anew in SOURCES.toml."
    for table, rows in drafts.groupby("table", sort=False):
        yield f"\n{table}: {','.join(COLUMNS[table])}"
        for row in rows.itertuples(index=False):
            yield f"  {row.row}    # {row.tokens} tokens, {row.share:.3%} of all"
    yield f"\nTo look at again: {len(stale)}."
    for row in stale.itertuples(index=False):
        yield f"  data/raw/{row.table}, line {row.line}, {row.name}: {row.why}"


def ask_proposals(url: str | None, *, report: Callable[[str], None]) -> dict[str, Proposal]:
    """Ask OpenRouter's public list of models, which needs no key; see `read_proposals`."""
    base = check_url(url or BASE_URL)
    content = get(base + MODELS_PATH, report=report)
    return read_proposals(content, where=f"The list of models of {urlsplit(base).netloc}")


def draft_rows(
    untagged: pd.DataFrame, usage: pd.DataFrame, *, proposals: Mapping[str, Proposal] | None = None
) -> pd.DataFrame:
    """Write, for everything untagged, the row of its registry table as far as it is known.

    Parameters
    ----------
    untagged : DataFrame
        `table, name, tokens, share`, as `helpers.analysis.origins.find_untagged` returns it.
    usage : DataFrame
        `date, model`: the days on which a cloaked model was ranked go into its row.
    proposals : mapping of str to Proposal, optional
        By model; see `read_proposals`. An author takes the organization of any of its models.

    Returns
    -------
    DataFrame
        The columns of `untagged` and `row`: one line of CSV in the columns of the table, empty where a person
        has to look something up. Same order.
    """
    proposals = proposals or {}
    publishers = {model.partition("/")[0]: said.organization for model, said in proposals.items()}
    days = usage.groupby("model")["date"].agg(["min", "max"])
    rows = []
    for entry in untagged.itertuples(index=False):
        known = {COLUMNS[entry.table][0]: entry.name}
        if entry.table == AUTHORS:
            known["organization"] = publishers.get(entry.name, "")
        elif entry.table == STEALTH:
            known["first_seen"], known["last_seen"] = (f"{day:%Y-%m-%d}" for day in days.loc[entry.name])
        elif entry.table == WEIGHTS and entry.name in proposals:
            known["hf_repo"] = proposals[entry.name].hf_repo
        rows.append(_csv_line([known.get(column, "") for column in COLUMNS[entry.table]]))
    return untagged.assign(row=pd.Series(rows, index=untagged.index, dtype="str"))


def _csv_line(fields: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(fields)
    return buffer.getvalue()


def find_stale(registry: Registry, *, today: date, after_days: int = 60) -> pd.DataFrame:
    """List registry rows that time may have overtaken.

    A cloaked model is listed if it is still Unknown more than `after_days` days after it was first seen; a model
    if its note speaks of promised weights while they are not recorded as open.

    Parameters
    ----------
    registry : Registry
        As `helpers.data.registry.read_registry` returns it; the index of each table is its line in the file.
    today : date
        The day to count from (UTC).
    after_days : int
        Days from 0.

    Returns
    -------
    DataFrame
        `table` (file), `line` (in it), `name`, `why` (str). Sorted by table, then line.

    Raises
    ------
    InputError
        If `after_days` is negative.
    """
    if after_days < 0:
        raise InputError(f"--after {after_days} is negative; a stealth model is stale after some days, such as 60.")
    age = (pd.Timestamp(today) - registry.stealth["first_seen"]).dt.days
    unknown = registry.stealth[registry.stealth["revealed_origin"].eq("Unknown") & age.gt(after_days)]
    hidden = pd.DataFrame(
        {
            "table": STEALTH,
            "line": unknown.index,
            "name": unknown["permaslug"],
            "why": [f"still Unknown, {days} days after it was first seen" for days in age[unknown.index]],
        }
    )
    weights = registry.weights
    promised = weights[weights["weights"].ne("open") & weights["note"].str.contains(PROMISED, case=False, regex=True)]
    waiting = pd.DataFrame(
        {
            "table": WEIGHTS,
            "line": promised.index,
            "name": promised["model_permaslug"],
            "why": [f"weights are {row.weights}, note: {row.note}" for row in promised.itertuples(index=False)],
        }
    )
    return pd.concat([hidden, waiting], ignore_index=True).sort_values(["table", "line"]).reset_index(drop=True)


def read_proposals(content: bytes, *, where: str) -> dict[str, Proposal]:
    """Read OpenRouter's public list of models as proposals for the registry; a person has the last word.

    Parameters
    ----------
    content : bytes
        JSON with a list `data` of models: `canonical_slug` or `id`, `name` ("Publisher: Model"),
        `hugging_face_id`. Entries without a slug are passed over.
    where : str
        What was read, for the message.

    Returns
    -------
    dict of str to Proposal
        By model (the slug without its variant).

    Raises
    ------
    InputError
        If it is no JSON, or has no list `data`.
    """
    parsed = parse_json(content, where=where)
    models = parsed.get("data") if isinstance(parsed, dict) else None
    if not isinstance(models, list):
        raise InputError(f"{where} has no list `data` of models. Leave out --propose, or try again later.")
    found = {}
    for model in models:
        if isinstance(model, dict) and (slug := _text(model, "canonical_slug") or _text(model, "id")):
            publisher, colon, _ = _text(model, "name").partition(": ")
            found[slug.partition(":")[0]] = Proposal(publisher if colon else "", _text(model, "hugging_face_id"))
    return found


def _text(model: dict, field: str) -> str:
    value = model.get(field)
    return value.strip() if isinstance(value, str) and value.isprintable() else ""
