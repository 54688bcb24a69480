"""The command line: thin, and quick to start because nothing is imported until it is needed."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers import __version__

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
WHOLE = "Files that were finished are whole; all others are as they were."
# Modules of crossover.commands with their help: only the one that is asked for is imported.
COMMANDS = {
    "run": "run the notebooks in order and publish their results",
    "params": "list the choices that can be set: meaning, unit, default, value now, and the notebooks that have them",
    "status": "say which notebooks are fresh, which are stale and why, and how the last run of each went",
    "open": "open a notebook in JupyterLab as a run has it: parameters set, inputs in place",
    "adopt": "bring the edits of an opened notebook back, without outputs and injected cells",
    "fetch": "fetch the daily rankings from OpenRouter and store them as a snapshot",
    "diff": "compare two records: restated days, and the results and verdicts that move",
    "tags": "list untagged authors and models, with a row to fill in, and registry rows to look at again",
    "figures": "draw the figures for a journal, the web or a slide, and check the written files",
    "facts": "print a number with unit, scope, bounds and a sentence that may be quoted",
    "report": "write the results as pages that open from disk",
    "bundle": "pack the last run into one archive for reviewers and archives",
    "verify": "check a bundle against its checksums, and re-run it on request",
    "compare": "show two runs side by side in one page",
}


def build_parser(asked: str | None = None) -> argparse.ArgumentParser:
    """Describe the commands, and the options of the one that is asked for."""
    parser = argparse.ArgumentParser(
        prog="crossover",
        description="Re-run the analysis of tokens by origin on OpenRouter.",
        epilog="Exit codes: 0 done, 1 a notebook or check failed, 2 bad usage or bad input, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"crossover {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    for name in installed_commands():
        if name == asked:
            importlib.import_module(f"crossover.commands.{name}").add(commands)
        else:
            commands.add_parser(name, help=COMMANDS[name])
    return parser


def installed_commands() -> list[str]:
    """List the commands whose module is there."""
    folder = Path(__file__).parent / "commands"
    return [name for name in COMMANDS if (folder / f"{name}.py").is_file()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return _run_command(arguments)
    except KeyboardInterrupt as error:  # a run says itself what is kept
        _say(f"crossover: interrupted. {str(error) or WHOLE}")
        return INTERRUPTED


def _run_command(arguments: Sequence[str] | None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = build_parser(next((word for word in arguments if not word.startswith("-")), None))
    options = parser.parse_args(arguments)
    if "command" not in options:
        parser.print_help(sys.stderr)
        return BAD_INPUT
    from crossover.runner.outcome import NotebookError
    from helpers.errors import InputError

    try:
        code = options.command(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever reads the output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (InputError, NotebookError) as error:
        if getattr(options, "debug", False):
            import traceback

            traceback.print_exc()
        _say(f"crossover: {error}")
        return BAD_INPUT if isinstance(error, InputError) or error.bad_input else FAILED


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
