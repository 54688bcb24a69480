"""Fetch, run and diff as a user does: the installed command, a server of one's own, the real record."""

import base64
import json
from pathlib import Path

import pandas as pd
import pytest

import loopback
from helpers.data.tables import read_table
from projects import ROOT, Project

NOTEBOOKS = ["01", "02", "03", "04"]

pytestmark = pytest.mark.slow


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with the real record and the real notebooks."""
    monkeypatch.setenv("OPENROUTER_API_KEY", loopback.KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Project(tmp_path / "project", notebooks=ROOT / "notebooks", raw=ROOT / "data" / "raw")


def succeed(project: Project, *arguments: str) -> str:
    done = project.crossover(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(project: Project, source: str) -> Path:
    succeed(project, "run", "--only", *NOTEBOOKS, "-p", "source", source, "--to", f"out/{source}")
    return project.root / "out" / source / "data" / "processed"


def rows_of(folder: Path) -> dict[str, object]:
    """Every table: the bytes of a CSV, the rows of a Parquet file, whose metadata name the source."""
    csv = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
    return csv | {file.name: pd.read_parquet(file).to_csv() for file in folder.glob("*.parquet")}


def test_fetched_is_bundled_and_a_restated_day_is_found(real: Project, tmp_path: Path, serve) -> None:
    rows = loopback.read_rows((real.raw / "rankings_daily.csv").read_text())
    succeed(real, "fetch", "--url", serve(loopback.Rankings(rows, as_of="2026-10-12T00:27:00.000Z")).url)
    folders = run(real, "bundled"), run(real, "latest")
    made = [json.loads((folder / "ratios.made.json").read_text())["record"] for folder in folders]
    assert [record["as_of"] for record in made] == ["2026-10-11T00:27:00Z", "2026-10-12T00:27:00Z"]
    bundled, latest = map(rows_of, folders)
    assert len(bundled) == 10
    assert bundled == latest

    day, model = "2026-02-12", "minimax/minimax-m2.5-20260211"
    more = [
        row | {"total_tokens": str(int(row["total_tokens"]) + 3 * 10**11)}
        if (row["date"], row["model_permaslug"]) == (day, model)
        else row
        for row in rows
    ]
    more.sort(key=lambda row: (row["date"], row["model_permaslug"] == "other", -int(row["total_tokens"])))
    succeed(real, "fetch", "--url", serve(loopback.Rankings(more, as_of="2026-10-13T00:27:00.000Z")).url)
    said = succeed(real, "diff", "bundled", "latest")
    assert f"{day}: " in said
    assert f"{model}: " in said
    assert "+300,000,000,000" in said
    assert "cn-week-feb9" in said

    succeed(real, "run", "--only", "08", "--to", "out/restated")
    restated = read_table(real.root / "out" / "restated" / "data" / "processed", "restatements")
    assert restated[["date", "permaslug", "change"]].to_numpy().tolist() == [[pd.Timestamp(day), model, 3 * 10**11]]

    forms = [loopback.KEY.encode(), base64.b64encode(loopback.KEY.encode())]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file for file in files if any(form in file.read_bytes() for form in forms)] == []
