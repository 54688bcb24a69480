"""The commands, one module each; a module registers its options and loads nothing heavy."""

import argparse
import sys


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Register which run a command speaks of."""
    parser.add_argument("--run", metavar="FOLDER", help="the run that `crossover run --to FOLDER` keeps there")
    parser.add_argument(
        "--stale", action="store_true", help="speak of a run that is stale, mixed or unfinished: every output says so"
    )


def open_asked(options: argparse.Namespace, *, tables: tuple[str, ...] = ()):  # -> Run; its module is loaded late
    """Open the run that the options name; what somebody insisted on is said at once.

    Raises
    ------
    InputError
        If it is no run that can be spoken for.
    """
    from crossover.runs import Place, open_run
    from helpers.data.files import project_root

    run = open_run(Place.of(project_root(), options.run), tables=tables, stale=options.stale)
    if run.warning:
        print(f"crossover: {run.warning}", file=sys.stderr, flush=True)
    return run
