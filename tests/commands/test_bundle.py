import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from helpers.errors import InputError
from projects import command


def refusal(*words: str) -> str:
    with pytest.raises(InputError) as caught:
        command("bundle", *words)
    return str(caught.value)


def test_a_bundle_is_written_and_told_with_its_hash(own_run: Path, capsys) -> None:
    assert command("bundle") == 0
    content = (own_run / "build" / "token-crossover.zip").read_bytes()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"build/token-crossover.zip: {len(content)} bytes, ")
    assert second == f"sha256 {hashlib.sha256(content).hexdigest()}"
    assert command("bundle") == 0
    assert (own_run / "build" / "token-crossover.zip").read_bytes() == content


def test_a_run_that_did_not_finish_makes_no_bundle(own_run: Path) -> None:
    (own_run / "build" / "notebooks" / "01-first.ipynb").unlink()
    assert "01-first: build/notebooks/01-first.ipynb is missing" in refusal()
    assert not (own_run / "build" / "token-crossover.zip").exists()


def test_raw_data_that_changed_make_no_bundle(own_run: Path) -> None:
    rankings = own_run / "data" / "raw" / "rankings_daily.csv"
    rankings.write_text(rankings.read_text() + "\n")
    assert "rankings_daily.csv is not the file that SOURCES.toml describes" in refusal()


def test_a_file_that_is_no_bundle_is_not_overwritten(own_run: Path) -> None:
    (own_run / "thesis.zip").write_text("mine")
    assert "thesis.zip exists and is no bundle. Name another file with --to; nothing was written" in refusal(
        "--to", "thesis.zip"
    )
    assert (own_run / "thesis.zip").read_text() == "mine"


def test_a_zip_of_somebody_elses_is_not_overwritten_although_it_holds_checksums(own_run: Path) -> None:
    with zipfile.ZipFile(own_run / "theirs.zip", "w") as archive:
        archive.writestr("SHA256SUMS", "theirs")
    content = (own_run / "theirs.zip").read_bytes()
    assert "theirs.zip exists and is no bundle" in refusal("--to", "theirs.zip")
    assert (own_run / "theirs.zip").read_bytes() == content


def test_results_put_together_from_several_runs_make_no_bundle(own_run: Path) -> None:
    path = own_run / "build" / "run" / "run.json"
    told = json.loads(path.read_text())
    told["steps"]["01-first"]["assigned"] = {"chart_size": 4}
    told["steps"]["01-first"]["parameters"]["chart_size"] = 4
    path.write_text(json.dumps(told))
    assert "is mixed: 01-first was run with chart_size 4, 02-second with 3" in refusal()
