"""The real notebooks on the tiny data set, as a user runs them: twice, and with what users get wrong."""

import importlib
import json
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from helpers import figures
from helpers.data.contracts import CONTRACTS
from helpers.data.tables import read_table

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "tiny"
CHOICES = {
    "chart_size": "3",
    "growth_windows": "2026-01-12/2026-02-23",
    "growth_end": "2026-02-23",
    "recent_period": "2026-02-16/2026-03-01",
}
SETTINGS = [word for name, value in CHOICES.items() for word in ("-p", name, value)]
FIGURES = [
    module.name
    for module in pkgutil.iter_modules(figures.__path__)
    if hasattr(importlib.import_module(f"{figures.__name__}.{module.name}"), "NAME")
]

pytestmark = pytest.mark.slow


def project(folder: Path) -> Path:
    """A project of its own: the notebooks as they are, and the tiny data set as its raw folder."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(TINY / "raw", folder / "data" / "raw")
    return folder


def crossover(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("crossover")), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def outputs(folder: Path) -> dict[str, bytes]:
    files = [*(folder / "data" / "processed").iterdir(), *(folder / "figures").iterdir()]
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("finished") / "project")
    done = crossover(folder, ["run", *SETTINGS])
    assert done.returncode == 0, done.stderr
    assert "not lost again since 2026-02-16" in done.stdout
    return folder


def test_every_table_and_figure_is_written(finished: Path) -> None:
    expected = {contract.file for contract in CONTRACTS.values()} | {"facts.json"}
    expected |= {f"{name}.{kind}" for name in FIGURES for kind in ("pdf", "svg", "png", "csv", "txt")}
    assert set(outputs(finished)) == expected


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_table_keeps_its_contract(finished: Path, name: str) -> None:
    rows = len(read_table(finished / "data" / "processed", name))
    assert rows > 0 or name == "restatements"  # the tiny record is the only snapshot: nothing is restated


def test_every_complete_table_holds_every_token_of_the_raw_file(finished: Path) -> None:
    raw = pd.read_csv(finished / "data" / "raw" / "rankings_daily.csv")
    week = pd.to_datetime(raw["date"]).dt.to_period("W").dt.start_time
    expected = raw.groupby(week.rename("week_start"))["total_tokens"].sum().tolist()
    folder = finished / "data" / "processed"
    daily = read_table(folder, "tagged_daily")
    assert daily["tokens"].sum() == read_table(folder, "usage_daily")["tokens"].sum() == raw["total_tokens"].sum()
    weekly = read_table(folder, "tagged_weekly")
    assert weekly.groupby("week_start")["tokens"].sum().tolist() == expected
    platform = read_table(folder, "origin_weekly").query("scope == 'platform'")
    assert platform.groupby("week_start")["tokens"].sum().tolist() == expected


def test_the_tiny_record_tells_its_story(finished: Path) -> None:
    found = read_table(finished / "data" / "processed", "crossovers")
    ranked = found[found["scope"].eq("ranked")].set_index("rule")["week_start"].dt.strftime("%m-%d").to_dict()
    assert ranked["first_lead"] == "02-02"  # the tie in the week before is no lead
    assert ranked["reversal"] == "02-09"
    assert ranked["durable_lead"] == ranked["certain_lead"] == "02-16"


def test_executed_notebooks_show_no_noise(finished: Path) -> None:
    for file in sorted((finished / "build" / "notebooks").iterdir()):
        cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
        assert [o for cell in cells for o in cell.outputs if o.get("name") == "stderr"] == []


def test_a_second_run_elsewhere_writes_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    again = project(tmp_path / "elsewhere")
    assert crossover(again, ["run", *SETTINGS]).returncode == 0
    first, second = outputs(finished), outputs(again)
    assert [name for name in first if first[name] != second.get(name)] == []


def test_every_number_in_facts_names_an_existing_table(finished: Path) -> None:
    folder = finished / "data" / "processed"
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))["facts"]
    assert {fact["source"] for fact in facts.values()} <= {file.name for file in folder.iterdir()} | {
        "published_claims.csv"
    }


BAD_RUNS = {
    "an unknown parameter": (["-p", "chart_sise", "9"], "Unknown parameter 'chart_sise'.*Did you mean 'chart_size'"),
    "a value of the wrong type": (["-p", "chart_size", "nine"], "must be a whole number, not 'nine'"),
    "a start after the end": (["-p", "start", "2026-02-01", "-p", "end", "2026-01-10"], "comes after end"),
    "an unknown policy": (["-p", "stealth_policy", "as-of"], "Did you mean 'as_of'"),
    "an unknown scope": (["--from", "03", "-p", "scopes", "charts"], "Unknown scope 'charts'"),
    "a missing raw folder": (["-p", "raw_folder", "data/rw"], r"data/rw/SOURCES.toml is missing"),
    "an unknown notebook": (["--only", "9"], "There is no notebook '9'"),
}


@pytest.mark.parametrize("case", BAD_RUNS)
def test_bad_input_is_one_message_and_leaves_everything(finished: Path, case: str) -> None:
    arguments, message = BAD_RUNS[case]
    before = outputs(finished)
    done = crossover(finished, ["run", *arguments])
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert outputs(finished) == before


def test_a_changed_raw_file_is_refused_and_nothing_is_lost(finished: Path) -> None:
    before = outputs(finished)
    file = finished / "data" / "raw" / "rankings_daily.csv"
    content = file.read_bytes()
    try:
        file.write_bytes(content.replace(b"90000000000", b"90000000001", 1))
        done = crossover(finished, ["run", *SETTINGS])
    finally:
        file.write_bytes(content)
    assert done.returncode == 2
    assert "is not the file that SOURCES.toml describes" in done.stderr
    assert outputs(finished) == before


def test_a_folder_that_cannot_be_written_is_named(finished: Path) -> None:
    (finished / "in-the-way").write_text("a file")
    done = crossover(finished, ["run", "-p", "figures_folder", "in-the-way/figures"])
    assert done.returncode == 2
    assert "Cannot write to in-the-way/figures" in done.stderr
    assert "Traceback" not in done.stderr
