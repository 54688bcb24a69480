"""`crossover fetch`: bring the record up to date from OpenRouter's Data API."""

import argparse
import sys


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its options."""
    parser = commands.add_parser(
        "fetch",
        help="fetch the daily rankings from OpenRouter and store them as a snapshot",
        description="Fetch the daily rankings from OpenRouter's Data API and store them, whole or not at all, as a "
        "snapshot in data/raw/snapshots. The key is taken from OPENROUTER_API_KEY or the file .env. Use the result "
        "with `crossover run -p source latest`.",
        epilog="All days need one request a year. The API allows 30 a minute; fetch waits when it says so.",
    )
    parser.add_argument("--start", metavar="DATE", help="first day, YYYY-MM-DD (default: the first of the data)")
    parser.add_argument("--end", metavar="DATE", help="last day, YYYY-MM-DD (default: yesterday, UTC)")
    parser.add_argument("--url", help="another base URL of the API (https, or this machine itself)")
    parser.set_defaults(command=fetch)


def fetch(options: argparse.Namespace) -> int:
    """Fetch, check and store; nothing is stored unless everything came and kept its contract.

    Raises
    ------
    InputError
        If an option, the key or an answer is wrong.
    """
    from datetime import UTC, datetime

    from crossover.cli import DONE, FAILED
    from crossover.live.openrouter import choose_period, fetch_rankings, plan_windows
    from crossover.live.requests import BASE_URL, SourceError, check_url
    from crossover.live.snapshots import store_snapshot
    from crossover.secrets import read_key
    from helpers.data.files import project_root, shown
    from helpers.data.forms import snapshot_path

    root, now = project_root(), datetime.now(UTC)
    url = check_url(options.url or BASE_URL)
    start, end = choose_period(options.start, options.end, today=now.date())
    if options.start is not None and options.start < str(start):
        _say(f"the data begin on {start}: it is asked from that day, not from {options.start}")
    key = read_key(root)
    windows = plan_windows(start, end)
    _say(f"{start} to {end}: requests needed: {len(windows)}")
    try:
        pages = fetch_rankings(windows, key=key, report=_say, url=url, may_end_early=options.end is None)
    except SourceError as error:
        _say(f"crossover: {error}")
        return FAILED
    raw_folder = root / "data" / "raw"
    name, is_new = store_snapshot(raw_folder, pages, url=url, now=now)
    print(f"{'stored' if is_new else 'known already'}: {shown(snapshot_path(raw_folder, name))}")
    print("Use it with `crossover run -p source latest`; `crossover diff bundled latest` shows what was restated.")
    return DONE


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
