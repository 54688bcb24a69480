"""The report: a folder of pages that open from disk, made from the files of one run."""

import hashlib
import struct
from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from crossover.report.findings import answer_first, count_verdicts, list_findings
from crossover.report.interactive import POLICY_WORDS, SCOPE_WORDS, Choices, reported_table, write_script
from crossover.report.notebooks import Picture, lay_out_cells, notebook_title, read_notebook
from crossover.report.pages import asset, markdown, read_section, read_text, render, table
from crossover.runs import FIGURES, Run
from helpers.claims_table import claims_page
from helpers.data.sources import load_manifest
from helpers.data.tables import read_table
from helpers.errors import InputError
from helpers.facts.fact import FACTS, read_facts
from helpers.figures.ratio_with_bounds import NAME as MAIN_FIGURE
from helpers.figures.words import ENGLISH

ASSETS = ("report.css", "explore.js", "d3.min.js", "plot.umd.min.js", "LICENSES.txt")
FORMATS = ("pdf", "svg", "png", "csv", "txt")
ROWS_SHOWN = 12
PROPER = {"china": "China", "us": "US"}
PIXELS_PER_INCH, DRAWN_AT = 96, 300
PAGES = (
    {"file": "index.html", "title": "Findings"},
    {"file": "explore.html", "title": "Try other choices"},
    {"file": "figures.html", "title": "Figures"},
    {"file": "notebooks/index.html", "title": "Notebooks"},
    {"file": "method.html", "title": "Definitions and re-running"},
)
TABLES = {  # what the pages quote; all others are in the bundle
    "ratios": "the ratio of every week and scope, with bounds and state",
    "crossovers": "the weeks of every rule, in every scope",
    "claims": "every published claim with our values and the verdict",
    "claim_settings": "every claim in every scope and stealth policy",
    "growth": "who absorbed the growth, with bounds",
}


def build_report(run: Run, choices: Choices) -> dict[str, bytes | Path]:
    """Make all pages of the report and name the files that go with them.

    Parameters
    ----------
    run : Run
        A finished run.
    choices : Choices
        What the interactive figure shows.

    Returns
    -------
    dict of str to bytes or Path
        Name in the report, and its content or the file to copy. Nothing in it points to another machine, other
        than links that a reader may follow.

    Raises
    ------
    InputError
        If a table, figure or notebook is missing or damaged, or the run lacks a scope or week that is quoted.
    """
    readme = read_text(run.root / "README.md")
    tables = {name: read_table(run.tables, name) for name in TABLES}
    figures = list_figures(run.figures, names={Path(name).stem for name in run.files if name.startswith(f"{FIGURES}/")})
    named = {figure["name"]: figure for figure in figures}
    if MAIN_FIGURE not in named:
        raise InputError(f"{run.figures} has no figure {MAIN_FIGURE}. Draw it with `crossover run --only 07`.")
    source = run.source()
    common = {
        "pages": PAGES,
        "limits": markdown(read_section(readme, "Limits of the data"), has_top=True),
        "source": f"{source.citation} Licensed under {source.licence.replace('-', ' ')}.",
        "main_figure": named[MAIN_FIGURE],
        "caution": ENGLISH.under(run.choices).run["choices"],
    }

    def page(template: str, here: str, title: str, **values: object) -> bytes:
        return render(template, here=here, title=title, up="../" * here.count("/"), **common, **values)

    def place(number: int) -> tuple[str, str]:
        return PAGES[number]["file"], PAGES[number]["title"]

    first = {**choices.first, "week": f"{choices.first['week']:%Y-%m-%d}"}
    pages: dict[str, bytes | Path] = {
        "index.html": page("index", "index.html", _TITLE, **_findings(run, tables, first["week"])),
        "explore.html": page(
            "explore",
            *place(1),
            first=first,
            reported=reported_table(choices),
            sizes=sorted(size for size in choices.ratios["size"].unique() if size),
            weeks=[f"{week:%Y-%m-%d}" for week in sorted(choices.ratios["week_start"].unique())],
            scopes=[{"value": value, "label": label} for value, label in SCOPE_WORDS.items()],
            policies=[{"value": value, "label": label} for value, label in POLICY_WORDS.items()],
        ),
        "figures.html": page("figures", *place(2), figures=figures),
        "method.html": page("text", *place(4), sections=_method(run, readme)),
        "assets/explore-data.js": write_script(Choices(choices.ratios, choices.settings, first), tables["claims"]),
        **{f"assets/{name}": asset(name) for name in ASSETS},
        **{f"data/{name}.csv": run.tables / f"{name}.csv" for name in TABLES},
        f"data/{FACTS}": run.tables / FACTS,
        **{file["href"]: run.figures / Path(file["href"]).name for figure in figures for file in figure["files"]},
    }
    notebooks = _notebooks(run, figures, page)
    listed = [{"file": f"{stem}.html", "title": title} for stem, (title, _) in notebooks.items()]
    pages["notebooks/index.html"] = page("notebooks", *place(3), notebooks=listed, parameters=_parameters(run))
    return pages | {f"notebooks/{stem}.html": content for stem, (_, content) in notebooks.items()}


_TITLE = "When did Chinese AI models overtake US models on OpenRouter?"


def _findings(run: Run, tables: Mapping[str, pd.DataFrame], week: str) -> dict:
    claims, ratios, facts = tables["claims"], tables["ratios"], read_facts(run.tables)
    size = int(str(run.value("chart_size", 9)))
    rows = claims_page(claims)
    values = ("Chart", "Ranked", "Platform")
    told = [
        Markup("{}<details><summary>Why, and where it was said</summary>{} ({})</details>").format(*row)
        for row in zip(rows["Claim"], rows["Why"], rows["Source"], strict=True)
    ]
    shown = (
        rows[["Claim", "Verdict", "Published", *values, "Unit", "Window"]]
        .astype("object")
        .assign(Claim=pd.Series(told, dtype="object"))
    )
    days = [facts[name].text for name in ("record_first_day", "record_last_day") if name in facts]
    return {
        "record": f"Tokens that models processed on OpenRouter, by the origin of their publisher, {' to '.join(days)}.",
        "answers": answer_first(ratios, tables["crossovers"], reported_week=week, chart_size=size),
        "verdict_count": count_verdicts(claims),
        "verdicts": table(
            shown, label="Published claims and their verdicts", numbers=("Published", *values), name="claims"
        ),
        "findings": list_findings(ratios, tables["growth"], facts, chart_size=size),
        "downloads": [
            *[{"href": f"data/{name}.csv", "name": f"{name}.csv", "about": about} for name, about in TABLES.items()],
            {"href": f"data/{FACTS}", "name": FACTS, "about": "every number quoted, exact, with unit, scope and table"},
        ],
    }


def list_figures(folder: Path, *, names: Collection[str]) -> list[dict]:
    """Describe the figures of a run: each with its alt text, the files to download, and the first rows of its data.

    Parameters
    ----------
    folder : Path
        Where the figures are.
    names : collection of str
        File names (without ending) that the run wrote there; whatever else lies in the folder is not its.

    Returns
    -------
    list of dict
        The main figure first, then by name. Links start at the report's folder.

    Raises
    ------
    InputError
        If a figure lacks its picture, its data or its alt text.
    """
    drawn = {file.stem for kind in ("png", "txt") for file in folder.glob(f"*.{kind}")} & set(names)
    drawn = {name for name in drawn if not name.endswith(".caption")}
    return [_figure(folder, name) for name in sorted(drawn, key=lambda name: (name != MAIN_FIGURE, name))]


def figure_title(name: str) -> str:
    """Write a figure's file name as words.

    Examples
    --------
    >>> figure_title("china_against_us")
    'China against US'
    """
    words = [PROPER.get(word, word) for word in name.split("_")]
    return words[0][:1].upper() + " ".join(words)[1:]


def _figure(folder: Path, name: str) -> dict:
    image = folder / f"{name}.png"
    try:
        header, alt = image.read_bytes()[:24], (folder / f"{name}.txt").read_text(encoding="utf-8").strip()
        width, height = struct.unpack(">II", header[16:24])
        data = pd.read_csv(folder / f"{name}.csv", dtype="str", keep_default_na=False)
    except (OSError, struct.error, ValueError) as error:
        raise InputError(
            f"Figure {name} of {folder} is not complete: {error}. The report needs its PNG, CSV and TXT: draw it with "
            "`crossover run --only 07`."
        ) from None
    title = figure_title(name)
    files = [{"href": f"figures/{name}.{kind}", "kind": kind.upper()} for kind in FORMATS]
    return {
        "name": name,
        "title": title,
        "alt": alt,
        "image": f"figures/{name}.png",
        "width": round(width * PIXELS_PER_INCH / DRAWN_AT),
        "height": round(height * PIXELS_PER_INCH / DRAWN_AT),
        "files": [file for file in files if (folder / Path(file["href"]).name).is_file()],
        "data": table(data.head(ROWS_SHOWN), label=f"Data of {title}"),
        "rows": len(data),
        "cut": min(ROWS_SHOWN, len(data)) if len(data) > ROWS_SHOWN else 0,
        "sha256": hashlib.sha256(image.read_bytes()).hexdigest(),
    }


def _notebooks(run: Run, figures: list[dict], page: object) -> dict[str, tuple[str, bytes]]:
    pictures = {figure["sha256"]: Picture(f"../{figure['image']}", figure["alt"]) for figure in figures}
    read = {path.stem: read_notebook(path, root=run.root) for path in run.notebooks}
    titles = {stem: notebook_title(notebook) or stem for stem, notebook in read.items()}
    ends = ["", *read, ""]
    made = {}
    for place, (stem, notebook) in enumerate(read.items()):
        turn = [
            {"href": f"{other}.html", "title": titles[other]} if other else None
            for other in (ends[place], ends[place + 2])
        ]
        made[stem] = (
            titles[stem],
            page(
                "notebook",
                f"notebooks/{stem}.html",
                titles[stem],
                heading="" if notebook_title(notebook) else stem,
                cells=lay_out_cells(notebook, pictures=pictures, names=list(read)),
                before=turn[0],
                after=turn[1],
            ),
        )
    return made


def _parameters(run: Run) -> Markup:
    rows = [(name, str(value), stem) for stem, values in run.parameters.items() for name, value in values.items()]
    named = pd.DataFrame(rows, columns=["Parameter", "Value in this run", "Notebook"])
    joined = named.groupby(["Parameter", "Value in this run"], sort=True)["Notebook"].agg(", ".join).reset_index()
    return table(joined, label="Parameters of this run")


def _method(run: Run, readme: str) -> list[dict]:
    sections = {
        "Definitions": read_section(readme, "What the results rest on"),
        "Run it again": read_section(readme, "Run it"),
        "The raw data": "",
        "How to cite": read_section(readme, "Cite"),
    }
    html = {title: markdown(text, has_top=True) for title, text in sections.items()}
    manifest = load_manifest(run.raw)
    rows = [
        (name, source.title, source.as_of, source.licence, Markup("<code>{}</code>").format(source.sha256))
        for name, source in manifest.items()
    ]
    columns = ["File", "What it is", "As of", "Licence", "SHA-256"]
    html["The raw data"] = table(pd.DataFrame(rows, columns=columns, dtype="object"), label="Raw files", name="raw")
    return [{"title": title, "html": content} for title, content in html.items()]
