import argparse
import hashlib
import runpy
from pathlib import Path

import pytest

from crossover.commands import bundle
from helpers.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
FINISHED = runpy.run_path(str(ROOT / "tests" / "finished_run.py"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = FINISHED["make_project"](tmp_path / "project")
    monkeypatch.chdir(root)
    return root


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    bundle.add(parser.add_subparsers())
    options = parser.parse_args(["bundle", *words])
    return options.command(options)


def refusal(*words: str) -> str:
    with pytest.raises(InputError) as caught:
        command(*words)
    return str(caught.value)


def test_a_bundle_is_written_and_told_with_its_hash(project: Path, capsys) -> None:
    assert command() == 0
    content = (project / "build" / "token-crossover.zip").read_bytes()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"build/token-crossover.zip: {len(content)} bytes, ")
    assert second == f"sha256 {hashlib.sha256(content).hexdigest()}"
    assert command() == 0
    assert (project / "build" / "token-crossover.zip").read_bytes() == content


def test_a_run_that_did_not_finish_makes_no_bundle(project: Path) -> None:
    (project / "build" / "notebooks" / "01-first.ipynb").unlink()
    assert "The last run did not finish: 01-first has no executed copy" in refusal()
    assert not (project / "build" / "token-crossover.zip").exists()


def test_raw_data_that_changed_make_no_bundle(project: Path) -> None:
    rankings = project / "data" / "raw" / "rankings_daily.csv"
    rankings.write_text(rankings.read_text() + "\n")
    assert "rankings_daily.csv is not the file that SOURCES.toml describes" in refusal()


def test_a_file_that_is_no_bundle_is_not_overwritten(project: Path) -> None:
    (project / "thesis.zip").write_text("mine")
    assert "thesis.zip exists and is no bundle. Name another file with --to; nothing was written" in refusal(
        "--to", "thesis.zip"
    )
    assert (project / "thesis.zip").read_text() == "mine"


def test_results_put_together_from_several_runs_make_no_bundle(project: Path) -> None:
    path = project / "build" / "notebooks" / "01-first.ipynb"
    FINISHED["change_notebook"](
        path, lambda notebook: notebook["metadata"]["papermill"]["parameters"].update(chart_size=4)
    )
    assert "were run with different values of chart_size" in refusal()
