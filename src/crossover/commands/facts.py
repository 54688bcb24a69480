"""`crossover facts`: one number with its caveats, or all of them for LaTeX and Markdown."""

import argparse
from pathlib import Path

from crossover.commands import add_run_options, open_asked


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "facts",
        help="print a number with unit, scope, bounds and a sentence that may be quoted",
        description="Print facts of the last run. Without a name, list them all. Any week has facts, such as "
        "ratio_ranked_2026_06_15.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which facts")
    parser.add_argument("--write", metavar="FOLDER", help="write facts.tex (macros) and facts.csv (a table) there")
    parser.add_argument("--fill", type=Path, metavar="FILE", help="print FILE with every {{NAME}} replaced")
    parser.add_argument(
        "--search", nargs="+", metavar="WORD", help="list the facts whose name or sentence has the words"
    )
    add_run_options(parser)
    parser.set_defaults(command=facts)


def facts(options: argparse.Namespace) -> int:
    """Print, write or fill in facts.

    Raises
    ------
    InputError
        If there are no facts yet, a name is unknown, or a file cannot be read or written.
    """
    from crossover.article.quoting import PLACE, as_csv, as_latex, fill, present, search, with_weeks
    from crossover.cli import DONE
    from helpers.data.files import write_whole
    from helpers.data.paths import resolve, shown
    from helpers.errors import InputError
    from helpers.facts.fact import read_facts

    run = open_asked(options, tables=("facts", "ratios"))
    known = read_facts(run.tables)
    quoted = {"as_of": run.as_of, "choices": run.choices}
    if options.fill is not None:
        try:
            text = options.fill.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{options.fill} cannot be read: {error}. Name a text file in UTF-8.") from None
        names = [name.removesuffix(".sentence") for name in PLACE.findall(text) if name != "as_of"]
        known = with_weeks(known, names, run.tables)
        print(fill(text, known, **quoted), end="")
        return DONE
    if options.write is not None:
        folder = resolve(options.write)
        for name, content in (("facts.tex", as_latex(known, **quoted)), ("facts.csv", as_csv(known, **quoted))):
            print(shown(write_whole(folder / name, content.encode("utf-8"))))
        return DONE
    if options.search:
        print("\n".join(search(known, options.search, **quoted)))
        return DONE
    if not options.names:
        print("\n".join(f"{name} = {fact.text}" for name, fact in sorted(known.items())))
        return DONE
    known = with_weeks(known, options.names, run.tables)
    print("\n\n".join(present(name, known, **quoted) for name in options.names))
    return DONE
