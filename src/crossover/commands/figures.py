"""`crossover figures`: draw the figures for one place and language, package them, and check what was written."""

import argparse
import sys
from pathlib import Path


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
    parser.add_argument("--processed", default="data/processed", metavar="FOLDER", help="where the tables are")
    parser.add_argument("--raw", default="data/raw", metavar="FOLDER", help="where SOURCES.toml and the grid are")
    parser.add_argument("--source", default="bundled", help="the record that the run was made from (default: bundled)")
    parser.set_defaults(command=figures)


def figures(options: argparse.Namespace) -> int:
    """Draw, write and check.

    Raises
    ------
    InputError
        If a profile, figure, language or font is unknown, a table is missing, or nothing can be written.
    """
    import pandas as pd

    from crossover.article.packages import full_caption, write_package
    from crossover.article.preflight import check_drawn
    from crossover.cli import DONE, FAILED
    from helpers.data.files import write_whole
    from helpers.data.inputs import cite_source
    from helpers.data.paths import resolve, shown
    from helpers.data.specifications import read_specifications
    from helpers.data.tables import read_table
    from helpers.errors import require_known
    from helpers.figures.catalogue import FIGURES, draw_figure
    from helpers.figures.edition import choose_edition
    from helpers.figures.export import save_figure

    edition = choose_edition(options.profile, options.lang, width_mm=options.width, font=options.font)
    names = [require_known(name, FIGURES, what="figure") for name in options.names] or list(FIGURES)
    folder = resolve(options.folder or f"build/figures/{options.profile}-{options.lang}")
    raw, processed = resolve(options.raw), resolve(options.processed)
    source = cite_source(raw, options.source)
    headline = read_specifications(raw).groupby("dimension")["option"].first()
    # All are drawn before the first is written: a missing table leaves no half set behind.
    drawn = [
        draw_figure(
            name,
            lambda table: read_table(processed, table),
            source=edition.source_line(source),
            headline=headline,
            edition=edition,
        )
        for name in dict.fromkeys(names)
    ]
    reports = []
    for one in drawn:
        print(f"{one.name}: {', '.join(edition.profile.formats)}", file=sys.stderr)
        here = folder / one.name if options.package else folder
        if options.package:
            write_package(one, folder=folder, source=source)
        else:
            save_figure(one.figure, one.data, folder=folder, name=one.name, alt_text=one.alt_text, edition=one.edition)
            if not edition.profile.titled:
                caption = full_caption(one, edition.source_line(source))
                write_whole(folder / f"{one.name}.caption.txt", f"{caption}\n".encode())
        if options.check:
            reports.append(check_drawn(one, here, source=edition.source_line(source)))
    if reports:
        report = pd.concat(reports, ignore_index=True)
        print(_table(report))
        if not report["passes"].all():
            return FAILED
    print(shown(folder))
    return DONE


def _table(report) -> str:
    rows = report.assign(passes=report["passes"].map({True: "pass", False: "FAIL"}))
    failed = int((~report["passes"]).sum())
    lines = rows.sort_values(["passes", "figure"], kind="stable").to_string(index=False, justify="left")
    return f"{lines}\n{len(report)} checks, {failed} failed."
