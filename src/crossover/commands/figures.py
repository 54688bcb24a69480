"""`crossover figures`: draw the figures for one place and language, package them, and check what was written."""

import argparse
import sys
from pathlib import Path

from crossover.commands import add_run_options, open_asked


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "figures",
        help="draw the figures for a journal, the web or a slide, and check the written files",
        description="Draw figures from the tables of the last run, for one place (a profile) and in one language.",
        epilog="Profiles: house, nature-1col, nature-2col, plos, science, web, social, slide, bw. Exit code 1 when a "
        "written file breaks a rule of its profile.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which figures; all of them by default")
    parser.add_argument("--profile", default="house", help="where the figures are to appear (default: house)")
    parser.add_argument("--lang", default="en", help="en for English, zh for Simplified Chinese (default: en)")
    parser.add_argument("--width", type=float, metavar="MM", help="another width than the profile's")
    parser.add_argument("--font", type=Path, metavar="FILE", help="a font file to use before the one that is shipped")
    parser.add_argument("--package", action="store_true", help="a folder per figure: data, captions, licence, snippets")
    parser.add_argument("--check", action="store_true", help="open the written files and check them")
    parser.add_argument("--folder", metavar="FOLDER", help="where to write (default: build/figures/PROFILE-LANG)")
    add_run_options(parser)
    parser.set_defaults(command=figures)


def figures(options: argparse.Namespace) -> int:
    """Draw, write and check.

    Raises
    ------
    InputError
        If a profile, figure, language or font is unknown, a table is missing, or nothing can be written.
    """
    from functools import partial

    import pandas as pd

    from crossover.article.packages import write_package
    from crossover.article.preflight import check_drawn
    from crossover.cli import DONE, FAILED
    from helpers.data.files import resolve, shown
    from helpers.data.tables import read_table
    from helpers.errors import require_known
    from helpers.figures.catalogue import FIGURES, Gallery
    from helpers.figures.editions import choose_edition

    names = [require_known(name, FIGURES, what="figure") for name in options.names] or list(FIGURES)
    needed = tuple(dict.fromkeys(table for name in names for table in FIGURES[name].TABLES))
    run = open_asked(options, tables=needed)
    edition = choose_edition(
        options.profile, options.lang, width_mm=options.width, font=options.font, choices=run.choices
    )
    gallery = Gallery(
        read=partial(read_table, run.tables),
        source=run.source(),
        edition=edition,
        headline=_grid(run).groupby("dimension")["option"].first(),
        folder=resolve(options.folder or f"build/figures/{options.profile}-{options.lang}"),
        reported_week=str(run.value("reported_week", "2026-02-09")),
        chart_size=int(str(run.value("chart_size", 9))),
    )
    drawn = [gallery.draw(name) for name in dict.fromkeys(names)]  # all of them before the first is written
    reports = []
    for one in drawn:
        print(f"{one.name}: {', '.join(edition.profile.formats)}", file=sys.stderr)
        here = gallery.folder / one.name if options.package else gallery.folder
        if options.package:
            write_package(one, folder=gallery.folder, source=gallery.source)
        else:
            gallery.write(one, gallery.folder)
        if options.check:
            reports.append(check_drawn(one, here, source=edition.source_line(gallery.source)))
    if reports:
        report = pd.concat(reports, ignore_index=True)
        print(_table(report))
        if not report["passes"].all():
            return FAILED
    print(shown(gallery.folder))
    return DONE


def _grid(run):
    from helpers.data.specifications import read_specifications

    return read_specifications(run.raw, max_specifications=int(str(run.value("max_specifications", 200_000))))


def _table(report) -> str:
    rows = report.assign(passes=report["passes"].map({True: "pass", False: "FAIL"}))
    failed = int((~report["passes"]).sum())
    lines = rows.sort_values(["passes", "figure"], kind="stable").to_string(index=False, justify="left")
    return f"{lines}\n{len(report)} checks, {failed} failed."
