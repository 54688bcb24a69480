"""`crossover compare RUN1 RUN2`: two runs side by side in one page."""

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossover.compare import Side

TOLERANCE = 1e-9


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "compare",
        help="show two runs side by side in one page",
        description="Compare two runs: parameters, raw data, environment, tables cell by cell, verdicts and figures.",
        epilog="A run is a bundle, a project (. for this one), or the folder that `crossover run --to` names.",
    )
    parser.add_argument("first", metavar="RUN1", help="the earlier run")
    parser.add_argument("second", metavar="RUN2", help="the later run")
    parser.add_argument("--to", metavar="FOLDER", default="build/compare", help="where the page goes (%(default)s)")
    parser.add_argument(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        metavar="X",
        help="relative difference up to which numbers count as equal (%(default)s); counts and texts are exact",
    )
    parser.add_argument(
        "--stale", action="store_true", help="compare runs that are stale or unfinished: the page says so"
    )
    parser.set_defaults(command=compare)


def compare(options: argparse.Namespace) -> int:
    """Write the page, print what differs and where the page is.

    Raises
    ------
    InputError
        If a run is none or did not finish, a bundle is not what it was, or the runs have different schemas.
    """
    import tempfile

    from crossover.cli import DONE
    from crossover.compare import compare_runs
    from crossover.report.pages import check_target, write_pages
    from helpers.data.paths import project_root, resolve, shown
    from helpers.errors import InputError

    if not (math.isfinite(options.tolerance) and 0 <= options.tolerance < 1):
        raise InputError(f"--tolerance is {options.tolerance}; it is a share from 0 to below 1. Choose 1e-9.")
    target = resolve(options.to)
    check_target(target)
    with tempfile.TemporaryDirectory(prefix="crossover-compare-") as name:
        working = Path(name).resolve()
        sides = [
            _open(given, working / which, stale=options.stale)
            for given, which in zip((options.first, options.second), "12", strict=True)
        ]
        print("comparing tables and figures", file=sys.stderr, flush=True)
        files, summary = compare_runs(*sides, root=project_root(), tolerance=options.tolerance)
        index = write_pages(files, target)
    print("\n".join([*summary, shown(index)]))
    return DONE


def _open(given: str, working: Path, *, stale: bool) -> "Side":
    from crossover.bundle.verify import extract, verify_bundle
    from crossover.commands.verify import open_unpacked
    from crossover.compare import Side
    from crossover.runs import Place, open_run
    from helpers.data.paths import project_root, shown
    from helpers.errors import InputError

    path = Path(given).expanduser().resolve()
    if path.is_file():
        working.mkdir()
        extract(verify_bundle(path), working)
        return Side(given, open_unpacked(working, where=given))
    if not path.is_dir():
        raise InputError(f"There is no run {given}: {shown(path)} is neither a bundle nor a folder.")
    is_project = (path / "notebooks").is_dir() and (path / "pyproject.toml").is_file()
    root = path if is_project else project_root()
    return Side(given, open_run(Place(root, path), stale=stale, elsewhere=is_project and root != project_root()))
