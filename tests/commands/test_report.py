import json
import shutil
from pathlib import Path

import pytest

from crossover.runs import open_run
from finished_run import change_notebook
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
    message = refusal()
    assert "The last run did not finish: 02-second has no executed copy in build/notebooks" in message
    assert not (own_run / "build" / "report").exists()


def test_a_run_that_broke_off_in_a_cell_did_not_finish(own_run: Path) -> None:
    def forget(notebook: dict) -> None:
        notebook["cells"][-1]["execution_count"] = None

    change_notebook(own_run / "build" / "notebooks" / "02-second.ipynb", forget)
    assert "The last run did not finish. 02-second, cell 5 (Not a second title)" in refusal()


def test_a_notebook_that_was_changed_after_the_run_is_refused(own_run: Path) -> None:
    def change(notebook: dict) -> None:
        notebook["cells"][-1]["source"] = "picture + 1"

    change_notebook(own_run / "notebooks" / "02-second.ipynb", change)
    assert "02-second.ipynb was changed after the last run" in refusal()


def test_prose_may_change_after_the_run(own_run: Path) -> None:
    def change(notebook: dict) -> None:
        notebook["cells"][0]["source"] = "# 2. Better words"

    change_notebook(own_run / "notebooks" / "02-second.ipynb", change)
    assert command("report") == 0


def test_notebooks_of_a_run_into_another_folder_are_refused(own_run: Path) -> None:
    shutil.copytree(own_run / "data" / "processed", own_run / "build" / "try")
    message = refusal("--processed", "build/try")
    assert (
        "01-first is of a run that wrote to data/processed, not to build/try. Name that folder with --processed"
        in message
    )


def test_an_executed_copy_that_does_not_say_when_it_ran_is_refused(own_run: Path) -> None:
    path = own_run / "build" / "notebooks" / "01-first.ipynb"
    change_notebook(path, lambda notebook: notebook["metadata"]["papermill"].pop("end_time"))
    assert "The executed copy of 01-first.ipynb does not say when it ran" in refusal()


def test_a_folder_of_something_else_is_not_overwritten(own_run: Path) -> None:
    (own_run / "build" / "report").mkdir()
    (own_run / "build" / "report" / "thesis.txt").write_text("mine")
    assert "build/report exists and is not a report made by this command" in refusal()
    assert [path.name for path in (own_run / "build" / "report").iterdir()] == ["thesis.txt"]


def test_the_parameters_of_the_run_are_told_with_those_that_were_set(own_run: Path) -> None:
    path = own_run / "build" / "notebooks" / "01-first.ipynb"
    change_notebook(path, lambda notebook: notebook["metadata"]["papermill"]["parameters"].update(chart_size=4))
    run = open_run(own_run, tables=own_run / "data" / "processed", figures=own_run / "figures")
    assert run.parameters["01-first"]["chart_size"] == 4
    assert run.parameters["02-second"]["chart_size"] == 3
    assert "processed_folder" not in run.parameters["01-first"]
    assert json.loads(path.read_text())["metadata"]["papermill"]["parameters"]["chart_size"] == 4
