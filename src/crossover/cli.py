"""The command line: one table of commands and options; help, parsing and completion are made from it.

It is quick to start because what a command needs is imported only when it is called.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

from crossover import commands
from crossover.commands import BUNDLE, DONE, FAILED
from helpers import __version__
from helpers.errors import InputError, nearest

BAD_INPUT, INTERRUPTED = 2, 130
WHOLE = "Files that were finished are whole; all others are as they were."
WIDTH = 100  # of the paragraphs of a help


class Option(NamedTuple):
    """An option or argument: its flags (an argument has none), what completes it, and what `argparse` takes."""

    flags: tuple[str, ...]
    names: str  # a kind of names of `crossover.completion`; empty where a file or anything else may stand
    settings: Mapping[str, object]


class Command(NamedTuple):
    """A command: what it calls, its line in the list, its own help, its options, and two or three examples."""

    call: Callable[[argparse.Namespace], int]
    help: str
    description: str
    options: tuple[Option, ...]
    examples: tuple[str, ...]
    more: str = ""


def _option(spec: str, text: str, names: str = "", **settings: object) -> Option:
    """Read ``-p --parameter NAME VALUE`` as flags and what follows them; without that, it is set or it is not."""
    words = spec.split()
    flags = tuple(word for word in words if word.startswith("-")) or (words[0],)
    metavar = " ".join(words[len(flags) :])
    kind = {"metavar": metavar} if metavar else {"action": "store_true"}
    return Option(flags, names, {"help": text, **kind, **settings})


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


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} has no value: write -p NAME VALUE, or -p NAME=VALUE")
    return name, value


MANY = {"action": "append", "default": []}
SET = _option(
    "-p --parameter NAME VALUE",
    "set a parameter, as NAME VALUE or NAME=VALUE, in every notebook that has it; lists are separated by commas",
    "parameter",
    type=_setting,
    **MANY,
)
OF_RUN = _option("--run FOLDER", "the run that `crossover run --to FOLDER` keeps there")
STALE = _option("--stale", "speak of a run that is stale, mixed or unfinished: every output says so")
URL = _option("--url URL", "another base URL of the API (https, or this machine itself)")
DEBUG = _option("--debug", "show the traceback of an error")

COMMANDS = {
    "run": Command(
        commands.run,
        "run the notebooks in order and publish their results",
        "Run the notebooks that are not fresh, in the order of their tables and side by side where it allows. The "
        "results of each appear when it succeeded, or not at all.",
        (
            SET,
            _option("--to FOLDER", "keep tables, figures, notebooks and record there; the default run stays as it is"),
            _option("--only NN", "these notebooks only", "notebook", nargs="+", action="extend", default=[]),
            _option("--from NN", "this notebook and those after it", "notebook", dest="start"),
            _option("--force", "run fresh notebooks too"),
            _option("--jobs N", "notebooks at once (default: the processor's cores)", type=_count),
            _option("--cell-limit S", "seconds that a cell may take (%(default)s)", type=_seconds, default=600),
            _option("--notebook-limit S", "seconds for one notebook (%(default)s)", type=_seconds, default=1800),
            _option("--run-limit S", "seconds for all of it (%(default)s)", type=_seconds, default=3600),
            _option("--quiet", "show no progress"),
        ),
        (
            "crossover run",
            "crossover run -p chart_size 20 --to build/try",
            "crossover run --from 03 -p scopes=chart,ranked --to build/try",
        ),
        "A notebook is fresh if nothing that its results were made from has changed (see crossover status).",
    ),
    "params": Command(
        commands.params,
        "list the choices that can be set: meaning, unit, default, value now, and the notebooks that have them",
        "List the parameters of the notebooks. One value for all of them, in JupyterLab and on the command line alike, "
        "stands in parameters.toml; `crossover run -p NAME VALUE` sets one for a run.",
        (_option("names NAME", "which parameters; all of them by default", "parameter", nargs="*"),),
        ("crossover params", "crossover params chart_size stealth_policy"),
    ),
    "status": Command(
        commands.status,
        "say which notebooks are fresh, which are stale and why, and how the last run of each went",
        "Say of each notebook whether its results are those of its present source, parameters, data, helper modules "
        "and environment; if not, why; and when it last ran, for how long and how that ended.",
        (SET, OF_RUN),
        ("crossover status", "crossover status -p chart_size=20", "crossover status --run build/try"),
        "Nothing is run or changed. With -p, the question is what such a run would do.",
    ),
    "open": Command(
        commands.open_notebook,
        "open a notebook in JupyterLab as a run has it: parameters set, inputs in place",
        "Start JupyterLab on a copy of a notebook, with the parameters of its last run and the tables that it reads. "
        "What it writes goes to folders beside the copy, never over published results. Without NN: on the notebooks "
        "themselves.",
        (
            _option("notebook NN", "the notebook, by number or name", "notebook", nargs="?"),
            _option("--failed", "with the outputs of its run that failed"),
            _option("--discard", "throw away edits that were not brought back"),
            SET,
            OF_RUN,
            _option("--port N", "JupyterLab's port (default: the first free one from 8888)", type=int),
            _option("--no-browser", "print the address, and open no browser"),
            _option("--lab OPTION", "an option of JupyterLab, as in --lab=--ip=0.0.0.0", **MANY),
        ),
        ("crossover open 03", "crossover open 03 --failed", "crossover open --port 9999 --no-browser"),
        "`crossover adopt NN` brings the edits back.",
    ),
    "adopt": Command(
        commands.adopt,
        "bring the edits of an opened notebook back, without outputs and injected cells",
        "Replace the cells of a notebook with those of the copy that `crossover open` made, without outputs, injected "
        "parameters and traces of a run.",
        (_option("notebook NN", "the notebook, by number or name", "notebook"),),
        ("crossover adopt 03", "crossover adopt 03-find-crossovers"),
    ),
    "fetch": Command(
        commands.fetch,
        "fetch the daily rankings from OpenRouter and store them as a snapshot",
        "Fetch the daily rankings from OpenRouter's Data API and store them, whole or not at all, as a snapshot in "
        "data/raw/snapshots. The key is taken from OPENROUTER_API_KEY or the file .env. Use the result with `crossover "
        "run -p source latest`.",
        (
            _option("--start DATE", "first day, YYYY-MM-DD (default: the first of the data)"),
            _option("--end DATE", "last day, YYYY-MM-DD (default: yesterday, UTC)"),
            URL,
        ),
        ("crossover fetch", "crossover fetch --start 2026-01-01 --end 2026-06-30"),
        "All days need one request a year. The API allows 30 a minute; fetch waits when it says so.",
    ),
    "diff": Command(
        commands.diff,
        "compare two records: restated days, and the results and verdicts that move",
        "Compare record B with record A on the days that both hold: which were restated, by how much, for which "
        "models, and which results and verdicts of the default run move when A takes B's rows there. If one is the "
        "weekly chart, the other's days are added up to weeks and only the tokens are compared.",
        (_option("before A", "the earlier record", "source"), _option("after B", "the later record", "source")),
        ("crossover diff bundled latest", "crossover diff bundled answers.json"),
        "A and B are sources as the parameter source names them: bundled, latest, a snapshot's name, a file.",
    ),
    "tags": Command(
        commands.tags,
        "list untagged authors and models, with a row to fill in, and registry rows to look at again",
        "Check the registry in data/raw, then list the authors and models of the rankings that it lacks, most tokens "
        "first, each with the row to fill in, and the rows that time may have overtaken.",
        (
            _option(
                "--source SOURCE", "rankings to look at, as the parameter source (latest)", "source", default="latest"
            ),
            _option(
                "--after DAYS", "days after which a stealth model still Unknown is stale (60)", type=int, default=60
            ),
            _option("--propose", "ask OpenRouter's list of models for names (no key needed)"),
            URL,
        ),
        ("crossover tags", "crossover tags --source bundled --after 90", "crossover tags --propose"),
    ),
    "figures": Command(
        commands.figures,
        "draw the figures for a journal, the web or a slide, and check the written files",
        "Draw figures from the tables of the last run, for one place (a profile) and in one language.",
        (
            _option("names NAME", "which figures; all of them by default", "figure", nargs="*"),
            _option("--profile PROFILE", "where the figures are to appear (house)", "profile", default="house"),
            _option("--lang LANG", "en for English, zh for Simplified Chinese (en)", "language", default="en"),
            _option("--width MM", "another width than the profile's", type=float),
            _option("--font FILE", "a font file to use before the one that is shipped", type=Path),
            _option("--package", "a folder per figure: data, captions, licence, snippets"),
            _option("--check", "open the written files and check them"),
            _option("--folder FOLDER", "where to write (default: build/figures/PROFILE-LANG)"),
            OF_RUN,
            STALE,
        ),
        (
            "crossover figures ratio_with_bounds --profile nature-1col --check",
            "crossover figures --profile web --lang zh",
            "crossover figures ratio_with_bounds --profile plos --package",
        ),
        "Exit code 1 when a written file breaks a rule of its profile.",
    ),
    "facts": Command(
        commands.facts,
        "print a number with unit, scope, bounds and a sentence that may be quoted",
        "Print facts of the last run. Without a name, list them all. Any week has facts, such as "
        "ratio_ranked_2026_06_15.",
        (
            _option("names NAME", "which facts", "fact", nargs="*"),
            _option("--write FOLDER", "write facts.tex (macros) and facts.csv (a table) there"),
            _option("--fill FILE", "print FILE with every {{NAME}} replaced", type=Path),
            _option("--search WORD", "list the facts whose name or sentence has the words", nargs="+"),
            OF_RUN,
            STALE,
        ),
        (
            "crossover facts ratio_ranked_2026_06_15",
            "crossover facts --search largest ratio",
            "crossover facts --write build/facts",
        ),
    ),
    "report": Command(
        commands.report,
        "write the results as pages that open from disk",
        "Write a folder of pages about the last run: findings and verdicts, an interactive figure, all figures with "
        "their data, the definitions and limits, the executed notebooks. It needs no network.",
        (OF_RUN, STALE, _option("--to FOLDER", "where the pages go (%(default)s)", default="build/report")),
        ("crossover report", "crossover report --run build/try --to build/report-try"),
    ),
    "bundle": Command(
        commands.bundle,
        "pack the last run into one archive for reviewers and archives",
        "Pack tables, figures, executed notebooks, raw data, code and environment of the last run into one zip "
        "archive, with the run's record, a Data Package descriptor, RO-Crate metadata and checksums. The same run "
        "gives the same bytes.",
        (OF_RUN, STALE, _option("--to FILE", "the archive to write (%(default)s)", default=BUNDLE)),
        ("crossover bundle", "crossover bundle --run build/try --to build/try.zip"),
        "`crossover verify` checks it, and runs the analysis again from it on request.",
    ),
    "verify": Command(
        commands.verify,
        "check a bundle against its checksums, and re-run it on request",
        "Check every file of a bundle against its checksum, without a network, and that its run finished.",
        (
            _option("bundle BUNDLE", "the archive (%(default)s)", nargs="?", default=BUNDLE),
            _option(
                "--rerun",
                "unpack it to a new folder, install its environment from the package index, run its notebooks (this "
                "executes its code) and compare tables, facts and figures",
            ),
        ),
        (f"crossover verify {BUNDLE}", f"crossover verify {BUNDLE} --rerun"),
    ),
    "compare": Command(
        commands.compare,
        "show two runs side by side in one page",
        "Compare two runs: parameters, raw data, environment, tables cell by cell, verdicts and figures.",
        (
            _option("first RUN1", "the earlier run"),
            _option("second RUN2", "the later run"),
            _option("--to FOLDER", "where the page goes (%(default)s)", default="build/compare"),
            _option(
                "--tolerance X",
                "relative difference up to which numbers count as equal (%(default)s); counts and texts are exact",
                type=float,
                default=1e-9,
            ),
            _option("--stale", "compare runs that are stale or unfinished: the page says so"),
        ),
        (f"crossover compare {BUNDLE} .", "crossover compare . build/try --to build/compare-try"),
        "A run is a bundle, a project (. for this one), or the folder that `crossover run --to` names.",
    ),
    "completion": Command(
        commands.completion,
        "print what lets a shell complete commands, options and names",
        "Print a script with which bash, zsh or fish complete commands and options, and the names of notebooks, "
        "parameters, figures, profiles, facts and snapshots.",
        (_option("shell SHELL", "bash, zsh or fish (%(default)s)", "shell", nargs="?", default="bash"),),
        (
            "source <(crossover completion bash)",
            "source <(crossover completion zsh)    # after compinit",
            "crossover completion fish | source",
        ),
    ),
}


class Parser(argparse.ArgumentParser):
    """A parser that takes a setting in both spellings, and writes its help only when somebody reads it."""

    command: Command | None = None

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None) -> tuple:
        """Parse; settings are joined first, because argparse takes one word or two and never either."""
        if args is not None and self.command is not None and SET in self.command.options:
            args = list(join_settings(args))
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        """Write the help, with the names that can be given and examples below the options."""
        if self.command is not None:
            self.epilog = _epilog(self.command)
        return super().format_help()


def join_settings(words: Iterable[str]) -> Iterator[str]:
    """Write ``-p NAME VALUE`` and ``-p NAME=VALUE`` as one word.

    Examples
    --------
    >>> list(join_settings(["-p", "size", "4", "-p", "scopes=chart,ranked", "03", "-p", "gap", "--force"]))
    ['--parameter=size=4', '--parameter=scopes=chart,ranked', '03', '--parameter=gap', '--force']
    """
    words = list(words)
    while words:
        word = words.pop(0)
        if not (word == "-p" or (len(word) > 3 and "--parameter".startswith(word))) or not words:
            yield word
            continue
        setting = words.pop(0)
        # A value may begin with a minus, but what looks like an option is one.
        if not re.match(r"\w+=", setting) and words and not re.match(r"-+[a-zA-Z]", words[0]):
            setting = f"{setting}={words.pop(0)}"
        yield f"--parameter={setting}"


def _epilog(command: Command) -> str:
    """Write what a help ends with: more about the command, names that can be given, examples."""
    from crossover.completion import LISTED, known

    kinds = [option.names for option in command.options if option.names in LISTED]
    lists = [f"{LISTED[kind]}: {', '.join(names)}." for kind in dict.fromkeys(kinds) if (names := known(kind))]
    paragraphs = [fill(text, WIDTH, break_on_hyphens=False) for text in [command.more, *lists] if text]
    return "\n\n".join([*paragraphs, "examples:\n" + "\n".join(f"  {line}" for line in command.examples)])


def build_parser(asked: str | None = None) -> Parser:
    """Describe the commands, and the options of the one that is asked for."""
    parser = Parser(
        prog="crossover",
        description="Re-run the analysis of tokens by origin on OpenRouter.",
        epilog="Exit codes: 0 done, 1 a notebook or check failed, 2 bad usage or bad input, 130 interrupted. "
        "`crossover COMMAND --help` shows options and examples.",
    )
    parser.add_argument("--version", action="version", version=f"crossover {__version__}")
    listed = parser.add_subparsers(metavar="COMMAND")
    for name, command in COMMANDS.items():
        text = fill(command.description, WIDTH)
        made = listed.add_parser(
            name, help=command.help, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == asked:
            made.command = command
            made.set_defaults(command=command.call)
            for option in (*command.options, DEBUG):
                made.add_argument(*option.flags, **option.settings)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return _run_command(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt as error:  # a run says itself what is kept
        commands.say(f"crossover: interrupted. {str(error) or WHOLE}")
        return INTERRUPTED


def _run_command(arguments: Sequence[str]) -> int:
    if list(arguments[:2]) == ["completion", "--words"]:  # what its scripts ask: words that are no options of ours
        from crossover.completion import complete

        print(*complete(arguments[2:], COMMANDS), sep="\n")
        return DONE
    asked = next((word for word in arguments if not word.startswith("-")), None)
    parser = build_parser(asked)
    if asked is not None and asked not in COMMANDS:
        parser.error(f"Unknown command {asked!r}. {nearest(asked, COMMANDS)}")
    options = parser.parse_args(arguments)
    if "command" not in options:
        parser.print_help(sys.stderr)
        return BAD_INPUT
    from crossover.runner.outcome import NotebookError

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
        commands.say(f"crossover: {error}")
        return BAD_INPUT if isinstance(error, InputError) or error.bad_input else FAILED
