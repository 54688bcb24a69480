"""Fetch, run and diff as a user does: the installed command, a server of one's own, the real record."""

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.tables import read_table

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ["01", "02", "03", "04"]

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with the real record and the real notebooks."""
    here = tmp_path / "project"
    here.mkdir()
    (here / "pyproject.toml").write_text("")
    shutil.copytree(ROOT / "notebooks", here / "notebooks")
    shutil.copytree(ROOT / "data" / "raw", here / "data" / "raw", ignore=shutil.ignore_patterns("snapshots"))
    return here


@pytest.fixture
def crossover(folder: Path, tmp_path: Path, live) -> Callable[..., subprocess.CompletedProcess]:
    environment = os.environ | {"OPENROUTER_API_KEY": live.KEY}
    command = str(Path(sys.executable).with_name("crossover"))

    def call(*arguments: str) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done

    return call


def run(crossover: Callable, folder: Path, source: str) -> dict[str, bytes]:
    crossover("run", "--only", *NOTEBOOKS, "-p", "source", source, "-p", "processed_folder", f"out/{source}")
    return {file.name: file.read_bytes() for file in (folder / "out" / source).iterdir() if file.is_file()}


def test_fetched_is_bundled_and_a_restated_day_is_found(folder: Path, tmp_path: Path, live, serve, crossover) -> None:
    rows = live.read_rows((folder / "data" / "raw" / "rankings_daily.csv").read_text())
    crossover("fetch", "--url", serve(live.Rankings(rows, as_of="2026-10-12T00:27:00.000Z")).url)
    bundled, latest = run(crossover, folder, "bundled"), run(crossover, folder, "latest")
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
    crossover("fetch", "--url", serve(live.Rankings(more, as_of="2026-10-13T00:27:00.000Z")).url)
    said = crossover("diff", "bundled", "latest").stdout
    assert f"{day}: " in said
    assert f"{model}: " in said
    assert "+300,000,000,000" in said
    assert "cn-week-feb9" in said

    crossover("run", "--only", "08", "-p", "processed_folder", "out/restated")
    restated = read_table(folder / "out" / "restated", "restatements")
    assert restated[["date", "permaslug", "change"]].to_numpy().tolist() == [[pd.Timestamp(day), model, 3 * 10**11]]

    forms = [live.KEY.encode(), base64.b64encode(live.KEY.encode())]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file for file in files if any(form in file.read_bytes() for form in forms)] == []
