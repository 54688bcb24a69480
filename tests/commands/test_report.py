import json
from pathlib import Path

import pytest

from crossover.runs import Place, open_run
from finished_run import change_notebook, record_run
from helpers.errors import InputError
from projects import command


def refusal(*words: str) -> str:
    with pytest.raises(InputError) as caught:
        command("report", *words)
    return str(caught.value)


def test_a_report_is_written_and_its_first_page_named(own_run: Path, capsys) -> None:
    assert command("report") == 0
    assert capsys.readouterr().out == "build/report/index.html\n"
    assert (own_run / "build" / "report" / "notebooks" / "02-second.html").is_file()
    assert command("report") == 0  # over an earlier report


def test_a_second_report_of_the_same_run_has_the_same_bytes(own_run: Path) -> None:
    seen = []
    for name in ("one", "two"):
        command("report", "--to", f"build/{name}")
        folder = own_run / "build" / name
        seen.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()})
    assert seen[0] == seen[1]


def test_a_run_without_an_executed_notebook_did_not_finish(own_run: Path) -> None:
    (own_run / "build" / "notebooks" / "02-second.ipynb").unlink()
    assert "02-second: build/notebooks/02-second.ipynb is missing" in refusal()
    assert not (own_run / "build" / "report").exists()


def test_a_run_that_broke_off_did_not_finish(own_run: Path) -> None:
    path = own_run / "build" / "run" / "run.json"
    told = json.loads(path.read_text())
    told["steps"]["02-second"] |= {"status": "interrupted", "made_from": {}}
    path.write_text(json.dumps(told))
    assert "02-second: it has not run to its end yet (interrupted)" in refusal()


def test_a_notebook_that_was_changed_after_the_run_is_refused(own_run: Path) -> None:
    def change(notebook: dict) -> None:
        notebook["cells"][-1]["source"] = "picture + 1"

    change_notebook(own_run / "notebooks" / "02-second.ipynb", change)
    assert "02-second: the notebook changed" in refusal()


CHANGES = {  # what happens after a run -> what is said
    "data/processed/ratios.csv": "data/processed/ratios.csv is not what it wrote",
    "figures/ratio_with_bounds.png": "figures/ratio_with_bounds.png is not what it wrote",
    "build/notebooks/01-first.ipynb": "build/notebooks/01-first.ipynb is not what it wrote",
    "requirements.txt": "requirements.txt changed",
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("words", [("report",), ("bundle",), ("facts",), ("compare", ".", ".")])
def test_nothing_speaks_for_a_run_that_is_another_and_who_insists_is_told(own_run: Path, name, words, capsys) -> None:
    path = own_run / name
    path.write_bytes(path.read_bytes() + b"\n")
    if words == ("facts",) and name.startswith(("figures", "build")):
        return  # facts need the tables only
    with pytest.raises(InputError, match=r"cannot be spoken for.*Run `crossover run`.*--stale") as refused:
        command(*words)
    assert CHANGES[name] in str(refused.value)
    assert not (own_run / "build" / "report").exists()
    if words[0] in ("report", "facts"):
        command(*words, "--stale")
        shown = capsys.readouterr()
        assert "not the results of one finished run" in shown.err
        if words[0] == "report":
            pages = (own_run / "build" / "report").rglob("*.html")
            assert all("Caution: These are not the results" in page.read_text() for page in pages)


def test_a_folder_of_something_else_is_not_overwritten(own_run: Path) -> None:
    (own_run / "build" / "report").mkdir()
    (own_run / "build" / "report" / "thesis.txt").write_text("mine")
    assert "build/report exists and is not a report made by this command" in refusal()
    assert [path.name for path in (own_run / "build" / "report").iterdir()] == ["thesis.txt"]


def test_the_parameters_of_the_run_are_told_with_those_that_were_set(own_run: Path) -> None:
    record_run(own_run, chart_size=4)
    run = open_run(Place.of(own_run))
    assert run.settings == {"chart_size": 4}
    assert {name: values["chart_size"] for name, values in run.parameters.items()} == {"01-first": 4, "02-second": 4}
    assert "processed_folder" not in run.parameters["01-first"]
