"""A figure with all that an article needs: files, data with their meaning, words, citation, licence and snippets."""

import html
import json
from functools import partial
from pathlib import Path

import pandas as pd

from crossover.article.quoting import escape_latex
from crossover.datapackage import LICENCE, describe_package, describe_resource
from crossover.runs import Run
from helpers.data.files import write_whole
from helpers.data.sources import Source
from helpers.data.specifications import read_specifications
from helpers.data.tables import read_table
from helpers.figures.catalogue import Drawn, Gallery, full_caption
from helpers.figures.editions import Edition
from helpers.figures.export import save_figure


def open_gallery(run: Run, *, edition: Edition, folder: Path) -> Gallery:
    """Open the figures of a run for one place: with its tables, its source line and its choices."""
    grid = read_specifications(run.raw, max_specifications=int(str(run.value("max_specifications", 200_000))))
    return Gallery(
        read=partial(read_table, run.tables),
        source=run.source(),
        edition=edition,
        headline=grid.groupby("dimension")["option"].first(),
        folder=folder,
        reported_week=str(run.value("reported_week", "2026-02-09")),
        chart_size=int(str(run.value("chart_size", 9))),
    )


def write_package(drawn: Drawn, *, folder: Path, source: Source) -> dict[str, Path]:
    """Write the package of one figure.

    Parameters
    ----------
    drawn : Drawn
        The figure.
    folder : Path
        Where the package's own folder is made.
    source : Source
        Entry of the rankings in SOURCES.toml, for citation and `as_of`.

    Returns
    -------
    dict of str to Path
        The files by name: the figure in each format, the data (CSV) with ``datapackage.json`` (Table Schema, units),
        ``alt.txt`` as ``NAME.txt`` and ``alt-short.txt``, ``caption.txt``, ``citation.txt``, ``LICENSE.txt`` and
        ``snippet.html``, ``snippet.md``, ``snippet.tex``.

    Raises
    ------
    InputError
        If a label has no glyph or the folder cannot be written.
    """
    name = drawn.name
    here = folder / name
    line = drawn.edition.source_line(source)
    caption = full_caption(drawn, line)
    short = short_alt(drawn)
    written = save_figure(
        drawn.figure, drawn.data, folder=here, name=name, alt_text=drawn.alt_text, edition=drawn.edition
    )
    texts = {
        "datapackage.json": json.dumps(describe_data(drawn, source), indent=1, ensure_ascii=False),
        f"{name}.caption.txt": caption,
        "alt-short.txt": short,
        "citation.txt": f"{line}\n{source.title}, {source.publisher}, {source.url}, as of {source.as_of}",
        "LICENSE.txt": f"{LICENCE['name']}: {LICENCE['path']}\n"
        "Name the source as citation.txt does when you print the figure.",
        **snippets(drawn, caption=caption, short=short, kinds=sorted(written)),
    }
    written |= {file: write_whole(here / file, (text.strip() + "\n").encode("utf-8")) for file, text in texts.items()}
    return written


def short_alt(drawn: Drawn) -> str:
    """Write the figure in one line, for places that take no more: its kind and its finding."""
    return drawn.edition.words(
        "common.alt_short", kind=drawn.edition.words(f"{drawn.name}.kind"), title=drawn.caption.title
    )


def describe_data(drawn: Drawn, source: Source) -> dict:
    """Describe the CSV as a data package: each column as the figure's module declares it."""
    return describe_package(
        drawn.name,
        title=drawn.caption.title,
        description=drawn.alt_text,
        created=source.as_of,
        source={"title": source.title, "path": source.url, "version": source.as_of},
        resources=[describe_resource(drawn.name, f"{drawn.name}.csv", drawn.columns)],
    )


def read_back(path: Path, like: pd.DataFrame) -> pd.DataFrame:
    """Read the data of a figure as they were written, with the types that they were drawn with."""
    days = [column for column in like.columns if like[column].dtype.kind == "M"]
    texts = {column: "str" for column in like.columns if like[column].dtype.kind not in "biufM"}
    table = pd.read_csv(
        path,
        dtype=texts,
        keep_default_na=False,
        na_values={column: [""] for column in like.columns if column not in texts},
    )
    return table.assign(**{day: pd.to_datetime(table[day], format="%Y-%m-%d") for day in days})


def snippets(drawn: Drawn, *, caption: str, short: str, kinds: list[str]) -> dict[str, str]:
    """Write what is pasted into an article: HTML, Markdown and LaTeX, with caption and alternative text."""
    name = drawn.name
    web = "svg" if "svg" in kinds else "png"
    language = "zh-Hans" if drawn.edition.words.language == "zh" else "en"
    long, plain = html.escape(drawn.alt_text, quote=True), html.escape(caption)
    marked = caption.replace("[", "\\[").replace("]", "\\]").replace("*", "\\*")
    chinese = "; Chinese needs XeLaTeX with the package ctex" if language == "zh-Hans" else ""
    width = f"{drawn.edition.profile.width_mm:g}mm"
    return {
        "snippet.html": f'<figure lang="{language}">\n  <img src="{name}.{web}" alt="{long}" width="100%">\n'
        f"  <figcaption>{plain}</figcaption>\n</figure>",
        "snippet.md": f"![{short}]({name}.{web})\n\n{marked}",
        "snippet.tex": "\\begin{figure}\n  \\centering\n"
        f"  % {width} wide in print, and never wider than the line{chinese}\n"
        f"  \\includegraphics[width=\\ifdim{width}>\\linewidth\\linewidth\\else{width}\\fi]{{{name}.pdf}}\n"
        f"  \\caption{{{escape_latex(caption)}}}\n  \\label{{fig:{name.replace('_', '-')}}}\n\\end{{figure}}",
    }
