"""The command line: thin, and quick to start because nothing heavy is imported until it is needed."""

import argparse
import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from helpers import __version__

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
COMMANDS = ("fetch", "diff", "tags", "report", "bundle", "verify", "compare", "figures", "facts")  # modules of helpers.run.commands; importing one loads nothing heavy


def build_parser() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    parser = argparse.ArgumentParser(
        prog="crossover",
        description="Re-run the analysis of tokens by origin on OpenRouter.",
        epilog="Exit codes: 0 done, 1 a notebook or check failed, 2 bad usage or bad input, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"crossover {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="run the notebooks in order and publish their results",
        description="Run the notebooks in order. Their results appear when the last one succeeded, or not at all.",
    )
    run.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="set a parameter in every notebook that has it; lists are separated by commas",
    )
    run.add_argument("--only", nargs="+", action="extend", default=[], metavar="NN", help="run these notebooks only")
    run.add_argument("--from", dest="start", metavar="NN", help="run this notebook and those after it")
    run.add_argument("--debug", action="store_true", help="show the traceback of an error")
    run.set_defaults(command=_run)
    for name in COMMANDS:
        importlib.import_module(f"helpers.run.commands.{name}").add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if "command" not in options:
        parser.print_help(sys.stderr)
        return BAD_INPUT
    from helpers.errors import InputError

    try:
        return options.command(options)
    except InputError as error:
        if getattr(options, "debug", False):
            traceback.print_exc()
        _say(f"crossover: {error}")
        return BAD_INPUT
    except KeyboardInterrupt:
        _say("crossover: interrupted. Nothing was published; earlier results are as they were.")
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    from helpers.data.paths import project_root, shown
    from helpers.errors import InputError
    from helpers.run.outcome import NotebookError
    from helpers.run.pipeline import PROCESSED, run

    try:
        result = run(
            project_root(),
            settings=[(name, value) for name, value in options.parameter],
            only=options.only,
            start=options.start,
            report=_say,
        )
        summary = _summary(result.folders.get(PROCESSED), is_new=result.has_new_facts)
    except (InputError, NotebookError) as error:
        if options.debug:
            traceback.print_exc()
        _say(f"crossover: {error}")
        return BAD_INPUT if isinstance(error, InputError) or error.bad_input else FAILED
    places = [f"{name.removesuffix('_folder') + ':':<11} {shown(path)}" for name, path in result.folders.items()]
    print("\n".join([*summary, *places, f"{'notebooks:':<11} {shown(result.executed[0].parent)}"]))
    return DONE


def _summary(folder: Path | None, *, is_new: bool) -> list[str]:
    from helpers.publish.facts import read_summary

    text = read_summary(folder) if folder is not None else ""
    if not text:
        return []
    return [text if is_new else f"From an earlier run: {text}", ""]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
