"""The real notebooks on the tiny data set, as a user runs them: twice, and with what users get wrong."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from helpers.data.contracts import CONTRACTS
from helpers.data.tables import read_table
from helpers.facts.fact import FACTS, read_facts
from helpers.facts.sentences import sentence
from helpers.figures.catalogue import FIGURES
from projects import ROOT, TINY, TINY_SETTINGS, Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(real_run) -> Project:
    assert "not lost again since 2026-02-16" in real_run.stdout
    return real_run.project


@pytest.fixture
def own(finished: Project, tmp_path: Path) -> Project:
    """The finished project as a copy that may be damaged."""
    shutil.copytree(finished.root, tmp_path / "project")
    return Project(tmp_path / "project")


def test_every_table_and_figure_is_written(finished: Project) -> None:
    tables = {contract.file for contract in CONTRACTS.values()}
    expected = tables | {"facts.json", "made_from.json"}  # Parquet carries in itself what made it
    expected |= {f"{Path(name).stem}.made.json" for name in tables if name.endswith(".csv")}
    expected |= {f"{name}.{kind}" for name in FIGURES for kind in ("pdf", "svg", "png", "csv", "txt")}
    assert {Path(name).name for name in finished.results()} == expected


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_table_keeps_its_contract(finished: Project, name: str) -> None:
    rows = len(read_table(finished.processed, name))
    assert rows > 0 or name == "restatements"  # the tiny record is the only snapshot: nothing is restated


def test_every_complete_table_holds_every_token_of_the_raw_file(finished: Project) -> None:
    raw = pd.read_csv(finished.raw / "rankings_daily.csv")
    week = pd.to_datetime(raw["date"]).dt.to_period("W").dt.start_time
    expected = raw.groupby(week.rename("week_start"))["total_tokens"].sum().tolist()
    folder = finished.processed
    daily = read_table(folder, "tagged_daily")
    assert daily["tokens"].sum() == read_table(folder, "usage_daily")["tokens"].sum() == raw["total_tokens"].sum()
    weekly = read_table(folder, "tagged_weekly")
    assert weekly.groupby("week_start")["tokens"].sum().tolist() == expected
    platform = read_table(folder, "origin_weekly").query("scope == 'platform'")
    assert platform.groupby("week_start")["tokens"].sum().tolist() == expected


def test_the_tiny_record_tells_its_story(finished: Project) -> None:
    found = read_table(finished.processed, "crossovers")
    ranked = found[found["scope"].eq("ranked")].set_index("rule")["week_start"].dt.strftime("%m-%d").to_dict()
    assert ranked["first_lead"] == "02-02"  # the tie in the week before is no lead
    assert ranked["reversal"] == "02-09"
    assert ranked["durable_lead"] == ranked["certain_lead"] == "02-16"


def test_executed_notebooks_show_no_noise(finished: Project) -> None:
    for file in sorted(finished.executed.iterdir()):
        cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
        assert [o for cell in cells for o in cell.outputs if o.get("name") == "stderr"] == []


def test_a_second_run_elsewhere_writes_the_same_bytes(finished: Project, tmp_path: Path) -> None:
    again = Project(tmp_path / "elsewhere", notebooks=ROOT / "notebooks", raw=TINY)
    assert again.crossover("run", *TINY_SETTINGS).returncode == 0
    first, second = finished.results(), again.results()
    assert [name for name in first if first[name] != second.get(name)] == []


def test_every_number_in_facts_names_an_existing_table(finished: Project) -> None:
    folder = finished.processed
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))["facts"]
    assert {fact["source"] for fact in facts.values()} <= {file.name for file in folder.iterdir()} | {
        "published_claims.csv"
    }


TOGETHER = {  # choices -> what a notebook says of them; the named weeks of all others are those of the real record
    "": "Growth window 2025-11-03/2026-06-22 is measured as 2026-01-05/2026-02-23",
    "start 2026-01-12": "Growth window 2025-01-06/2026-09-28 is measured as 2026-01-12/2026-02-23",
    "end 2026-02-22": "growth_end: 2026-06-22 starts no week here; the nearest is that of 2026-02-16",
    "week_start_day Sunday": "reported_week: 2026-02-09 starts no week here; the nearest is that of 2026-02-08",
    "reported_week 2026-02-10": "reported_week: 2026-02-10 starts no week here; the nearest is that of 2026-02-09",
    "scopes chart": " specifications find weeks of 2026-06-01/2026-06-28 in the record",
    "scopes platform, chart_size 1": "The record goes from 2026-01-01 to 2026-03-04: only its weeks count",
    "chart_size 1": "Scope chart has no tokens of China in the week of 2026-01-05: the logarithm",
    "scopes ranked, week_start_day Sunday": "is measured as 2026-01-04/2026-02-22",
    "start 2026-02-12, scopes chart, chart_size 60": "Week of 2026-02-09 (4 of 7 days), the 60 largest models",
    "end 2026-02-13, chart_size 1": "Week of 2026-02-09 (5 of 7 days), all ranked models",
    "start 2026-02-16, end 2026-02-25": "the record has fewer than two full weeks in it; it is left out",
}


@pytest.fixture(scope="module")
def choosing(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the finished project: a run of other choices repeats only what they change."""
    return Project(shutil.copytree(finished.root, tmp_path_factory.mktemp("choosing") / "project"))


def shown(folder: Path) -> str:
    """Everything that the executed notebooks print, warnings included."""
    cells = [cell for file in folder.iterdir() for cell in nbformat.read(file, 4).cells]
    return "".join(out.get("text", "") for cell in cells for out in cell.get("outputs", []))


@pytest.mark.parametrize("choices", TOGETHER)
def test_choices_fit_together(choosing: Project, choices: str) -> None:
    settings = [word for choice in filter(None, choices.split(", ")) for word in ("-p", *choice.split())]
    done = choosing.main("run", *settings)
    assert done.returncode == 0, done.stderr
    text = shown(choosing.executed)
    assert TOGETHER[choices] in text
    assert "Warning" not in text
    drawn = choosing.root / "figures"
    for name in CONTRACTS:
        read_table(choosing.processed, name)
    kinds = ("pdf", "svg", "png", "csv", "txt")
    files = {f"{name}.{kind}" for name in FIGURES for kind in kinds} | {"made_from.json"}
    assert {file.name for file in drawn.iterdir()} == files
    facts = read_facts(choosing.processed)
    told = [sentence(name, facts, as_of="2026-03-05") for name in facts]
    summary = json.loads((choosing.processed / FACTS).read_text(encoding="utf-8"))["summary"]
    told += [summary, *(file.read_text(encoding="utf-8") for file in drawn.glob("*.txt"))]
    assert [words for words in told if re.search(r"\b(inf|nan|nat)\b", words, re.IGNORECASE)] == []


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
def test_bad_input_is_one_message_and_leaves_everything(own: Project, case: str) -> None:
    arguments, message = BAD_RUNS[case]
    before = own.results()
    done = own.main("run", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert own.results() == before


def test_a_changed_raw_file_is_refused_and_nothing_is_lost(own: Project) -> None:
    before = own.results()
    file = own.raw / "rankings_daily.csv"
    file.write_bytes(file.read_bytes().replace(b"90000000000", b"90000000001", 1))
    done = own.crossover("run", *TINY_SETTINGS)
    assert done.returncode == 2
    assert "is not the file that SOURCES.toml describes" in done.stderr
    assert own.results() == before


def test_a_folder_that_cannot_be_written_is_named(own: Project) -> None:
    (own.root / "in-the-way").write_text("a file")
    done = own.crossover("run", "--to", "in-the-way/try")
    assert done.returncode == 2
    assert "in-the-way" in done.stderr
    assert "Traceback" not in done.stderr
