"""`crossover run`: run the notebooks that are not fresh and publish their results."""

import argparse
import json
import os
import sys
from pathlib import Path

FACTS = "facts.json"


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its options."""
    parser = commands.add_parser(
        "run",
        help="run the notebooks in order and publish their results",
        description="Run the notebooks that are not fresh, in the order of their tables and side by side where it "
        "allows. The results of each appear when it succeeded, or not at all.",
        epilog="A notebook is fresh if nothing that its results were made from has changed (see crossover status).",
    )
    parser.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="set a parameter in every notebook that has it; lists are separated by commas",
    )
    parser.add_argument(
        "--to",
        metavar="FOLDER",
        help="keep tables, figures, executed notebooks and the run's record there; the default run stays as it is",
    )
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="NN", help="these notebooks only")
    parser.add_argument("--from", dest="start", metavar="NN", help="this notebook and those after it")
    parser.add_argument("--force", action="store_true", help="run fresh notebooks too")
    parser.add_argument("--jobs", type=_count, metavar="N", help="notebooks at once (default: the processor's cores)")
    parser.add_argument("--cell-limit", type=_seconds, metavar="S", help="seconds that a cell may take (600)")
    parser.add_argument("--notebook-limit", type=_seconds, metavar="S", help="seconds for one notebook (1800)")
    parser.add_argument("--run-limit", type=_seconds, metavar="S", help="seconds for all of it (3600)")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(command=run_command)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 10**7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def run_command(options: argparse.Namespace) -> int:
    """Run, then print the summary, what ran and what was fresh, and where the results are.

    Raises
    ------
    InputError
        If a name, a parameter or a folder is wrong.
    NotebookError
        If a notebook failed.
    Interrupted
        If it was stopped.
    """
    from crossover.cli import DONE
    from crossover.runner.pipeline import FRESH, run
    from crossover.runner.plan import PROCESSED
    from crossover.runner.progress import choose_display
    from crossover.runner.work import Limits
    from crossover.runs import OK, Place
    from helpers.data.paths import project_root, shown

    given = {"cell": options.cell_limit, "notebook": options.notebook_limit, "run": options.run_limit}
    result = run(
        Place.of(project_root(), options.to),
        settings=[(name, value) for name, value in options.parameter],
        only=options.only,
        start=options.start,
        force=options.force,
        jobs=options.jobs or _cores(),
        limits=Limits(**{name: seconds for name, seconds in given.items() if seconds is not None}),
        display=choose_display(quiet=options.quiet, stream=sys.stderr),
    )
    lines = _summary(result.plan.folders.get(PROCESSED), is_current=result.has_facts)
    places = {name.removesuffix("_folder"): shown(path) for name, path in result.plan.folders.items()}
    places |= {"notebooks": shown(result.plan.place.executed), "record": shown(result.plan.place.record)}
    ran, fresh = result.named(OK), result.named(FRESH)
    lines += [f"{name + ':':<11} {place}" for name, place in places.items()]
    lines.append(f"{'ran:':<11} {', '.join(ran) or 'nothing'} ({result.seconds:.1f} s)")
    if fresh:
        lines.append(f"{'fresh:':<11} {', '.join(fresh)}")
    print("\n".join(lines))
    return DONE


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _summary(folder: Path | None, *, is_current: bool) -> list[str]:
    try:  # the notebooks write it, as they like: a project of one's own may have no facts
        text = json.loads((folder / FACTS).read_text(encoding="utf-8"))["summary"] if folder else ""
    except (OSError, ValueError, KeyError, TypeError):
        text = ""
    if not text:
        return []
    return [text if is_current else f"From an earlier run: {text}", ""]
