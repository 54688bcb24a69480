"""`crossover tags`: what the registry lacks, and what in it may be out of date."""

import argparse
import sys


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its options."""
    parser = commands.add_parser(
        "tags",
        help="list untagged authors and models, with a row to fill in, and registry rows to look at again",
        description="Check the registry in data/raw, then list the authors and models of the rankings that it lacks, "
        "most tokens first, each with the row to fill in, and the rows that time may have overtaken.",
    )
    parser.add_argument("--source", default="latest", help="rankings to look at, as the parameter source (latest)")
    parser.add_argument(
        "--after",
        type=int,
        default=60,
        metavar="DAYS",
        help="days after which a stealth model still Unknown is stale (60)",
    )
    parser.add_argument(
        "--propose", action="store_true", help="ask OpenRouter's list of models for names (no key needed)"
    )
    parser.add_argument("--url", help="another base URL of the API (https, or this machine itself)")
    parser.set_defaults(command=tags)


def tags(options: argparse.Namespace) -> int:
    """Print what is untagged and what is stale.

    Raises
    ------
    InputError
        If the registry is wrong (with file and line), or the source cannot be read.
    """
    from datetime import UTC, datetime

    from crossover.cli import DONE, FAILED
    from crossover.live.requests import SourceError
    from crossover.live.upkeep import draft_rows, find_stale
    from helpers.analysis.cleaning import clean_rankings
    from helpers.analysis.origins import find_untagged
    from helpers.data.files import project_root
    from helpers.data.inputs import read_source
    from helpers.data.registry import COLUMNS, read_registry

    raw_folder = project_root() / "data" / "raw"
    registry = read_registry(raw_folder)
    record = read_source(raw_folder, options.source)
    _say(record.describe())
    try:
        proposals = _ask(options.url) if options.propose else {}
    except SourceError as error:
        _say(f"crossover: {error}")
        return FAILED
    usage = clean_rankings(record.table)
    untagged = find_untagged(usage, authors=registry.authors, stealth=registry.stealth, weights=registry.weights)
    drafts = draft_rows(untagged, usage, proposals=proposals)
    stale = find_stale(registry, today=datetime.now(UTC).date(), after_days=options.after)
    print(
        f"Untagged: {len(drafts)}. A row goes to data/raw in its place (sorted); enter its file anew in SOURCES.toml."
    )
    for table, rows in drafts.groupby("table", sort=False):
        print(f"\n{table}: {','.join(COLUMNS[table])}")
        for row in rows.itertuples(index=False):
            print(f"  {row.row}    # {row.tokens} tokens, {row.share:.3%} of all")
    print(f"\nTo look at again: {len(stale)}.")
    for row in stale.itertuples(index=False):
        print(f"  data/raw/{row.table}, line {row.line}, {row.name}: {row.why}")
    return DONE


def _ask(url: str | None) -> dict:
    from urllib.parse import urlsplit

    from crossover.live.requests import BASE_URL, check_url, get
    from crossover.live.upkeep import MODELS_PATH, read_proposals

    base = check_url(url or BASE_URL)
    content = get(base + MODELS_PATH, report=_say)
    return read_proposals(content, where=f"The list of models of {urlsplit(base).netloc}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
