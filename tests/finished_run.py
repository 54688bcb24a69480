"""A finished run of two invented notebooks on the tiny data set, without the weight of executing any."""

import json
import shutil
from pathlib import Path

import matplotlib.figure
import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from crossover.runner.freshness import digest_rooms, make_fingerprint
from crossover.runner.plan import PACKAGE, plan_run
from crossover.runs import OK, Place, Record, RunFile, describe_environment, digest
from helpers.analysis.claims.readings import lay_out
from helpers.analysis.claims.wording import hold_claims
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.origins import tag_origins
from helpers.analysis.ratios import compute_ratios, growth_absorbed
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.claims import read_claims
from helpers.data.files import write_whole
from helpers.data.inputs import read_source
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.data.tables import write_table
from helpers.facts.collect import record_facts
from helpers.facts.fact import by_name, write_facts
from helpers.figures.export import save_figure
from projects import ROOT, TINY

COPIED = (
    *("README.md", "CITATION.cff", "LICENSE", "LICENSE-CC-BY", "Makefile", "pyproject.toml", "requirements.txt"),
    *("requirements-dev.txt", "data/README.md", "tools/environment.py", "src/crossover/runner/pipeline.py"),
)
SCOPES = ["chart", "ranked", "platform"]
TELL = 'Notebook("{}", globals())'  # says that it reads no table of another notebook
BEGAN, ENDED = "2026-11-24T03:00:00+00:00", "2026-11-24T03:00:01+00:00"
HOSTILE = "evil/<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
CELL = """chart_size: int = 3  # models in the chart
stealth_policy: str = "as_of"  # when a cloaked model counts
reported_week: str = "2026-02-16"  # week looked at
scopes: list[str] = ["chart", "ranked", "platform"]  # which rows count
processed_folder: str = "data/processed"  # where tables go"""


def make_project(folder: Path) -> Path:
    """A project folder with raw data, tables, two figures and two executed notebooks that hold a hostile permaslug."""
    for name in COPIED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    shutil.copytree(TINY, folder / "data" / "raw")
    _write_tables(folder)
    for name in ("ratio_with_bounds", "largest_models"):
        _draw(folder / "figures", name)
    picture = (folder / "figures" / "ratio_with_bounds.png").read_bytes()
    write_notebook(
        folder,
        "01-first",
        ["# 1. The first\n\nSee [the next](02-second.ipynb) and [this](../README.md).", CELL, TELL.format("01")],
    )
    second = [
        "# 2. The second\n\n<b>raw</b>",
        f"# Not a second title\n\n{HOSTILE}",
        CELL,
        "table",
        "picture",
        TELL.format("02"),
    ]
    outputs = {3: _hostile_outputs(), 4: [_picture(picture)]}
    write_notebook(folder, "02-second", second, outputs=outputs)
    record_run(folder)
    return folder


def record_run(folder: Path, *, to: str | None = None, **settings: object) -> None:
    """Record the results that lie in a project as those of its run, as the runner does."""
    place = Place.of(folder, to)
    raw = read_source(folder / "data" / "raw", "bundled").note()
    write_whole(place.folder / "figures" / "made_from.json", json.dumps({"record": raw}).encode())
    plan, file, code = plan_run(place, settings=settings), RunFile(place), digest_rooms(PACKAGE)
    file.begin(began=BEGAN, environment=describe_environment(folder), settings=settings)
    for step in plan.steps:
        outputs = [place.executed / step.notebook.name]
        if step.name == "01-first":
            outputs += [path for part in ("data/processed", "figures") for path in (place.folder / part).iterdir()]
        record = Record(
            step.name,
            OK,
            began=BEGAN,
            ended=ENDED,
            assigned=dict(step.assigned),
            parameters=dict(step.values),
            made_from=make_fingerprint(step, plan=plan, file=file, code=code),
            wrote={place.name(path): digest(path) for path in sorted(outputs)},
        )
        file.put(record)
    file.end(OK, ENDED)


def _write_tables(folder: Path) -> None:
    raw, processed = folder / "data" / "raw", folder / "data" / "processed"
    usage, registry, claims = clean_rankings(read_rankings(raw)), vars(read_registry(raw)), read_claims(raw)
    origin_weekly = count_origins(sum_weeks(tag_origins(usage, **registry)), chart_size=3)
    record = lay_out(usage, registry=registry)
    settings, judged, _ = hold_claims(claims.claims, claims.sources, record, chart_size=3)
    tables = {
        "usage_daily": usage,
        "origin_weekly": origin_weekly,
        "ratios": compute_ratios(origin_weekly, scopes=SCOPES),
        "crossovers": find_crossovers(origin_weekly),
        "growth": growth_absorbed(origin_weekly, windows=["2026-01-12/2026-02-23"], scopes=SCOPES),
        "claim_settings": settings,
        "claims": judged,
    }
    for name, table in tables.items():
        write_table(table, processed, name)
    coverage = pd.DataFrame({"tag": ["origin"], "value": ["other"], "share_of_tokens": [0.25]})
    write_facts(by_name(record_facts(usage, coverage)), processed, summary="A tiny run.")


def _draw(folder: Path, name: str) -> None:
    figure = matplotlib.figure.Figure(figsize=(3, 2))
    figure.subplots().plot([1, 2, len(name)])
    save_figure(
        figure,
        pd.DataFrame({"model": [HOSTILE], "tokens": [7]}),
        folder=folder,
        name=name,
        alt_text=f"{name} of {HOSTILE}",
    )


def _hostile_outputs() -> list:
    escaped = pd.DataFrame({"permaslug": [HOSTILE]}).to_html()
    return [
        new_output("stream", name="stdout", text=f"{HOSTILE}\n"),
        new_output("execute_result", {"text/html": escaped, "text/plain": HOSTILE}, execution_count=1),
        new_output(
            "execute_result",
            {"text/html": f"<table><tr><td>{HOSTILE}</td></tr></table>", "text/plain": "shown"},
            execution_count=1,
        ),
    ]


def _picture(content: bytes) -> dict:
    from base64 import encodebytes

    return new_output("execute_result", {"image/png": encodebytes(content).decode()}, execution_count=2)


def write_notebook(folder: Path, stem: str, sources: list[str], *, outputs: dict[int, list] | None = None) -> None:
    """Write a notebook and its executed copy; a source that starts with # is Markdown."""
    cells = [new_markdown_cell(text) if text.startswith("#") else new_code_cell(text) for text in sources]
    for cell in cells:
        if cell.source.startswith("chart_size: int"):
            cell.metadata["tags"] = ["parameters"]
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    notebook = new_notebook(cells=cells)
    (folder / "notebooks").mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "notebooks" / f"{stem}.ipynb")
    for place, cell in enumerate(cells):
        if cell.cell_type == "code":
            cell.execution_count = place
            cell.outputs = (outputs or {}).get(place, [])
    executed = folder / "build" / "notebooks" / f"{stem}.ipynb"
    notebook.metadata["papermill"] = {
        "parameters": {"processed_folder": "data/processed"},
        "input_path": f"notebooks/{stem}.ipynb",
        "start_time": BEGAN,
        "end_time": ENDED,
    }
    executed.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, executed)


def change_notebook(path: Path, change: object) -> None:
    """Read a notebook as JSON, let `change` alter it, and write it back."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="session")
def made_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a finished run, to look at only."""
    return make_project(tmp_path_factory.mktemp("made") / "project")


def copy_run(made: Path, folder: Path) -> Path:
    """Copy the project of a finished run."""
    return shutil.copytree(made, folder)


@pytest.fixture
def own_run(made_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run that a test may damage, and the current folder in it."""
    folder = copy_run(made_run, tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder
