import json
from pathlib import Path

import pytest

from crossover.runner.notebooks import find_notebooks, heading_above, read_cells, select_notebooks
from helpers.errors import InputError

THERE = [Path("notebooks/01-clean.ipynb"), Path("notebooks/02-tag.ipynb"), Path("notebooks/10-draw.ipynb")]


def names(**options) -> list[str]:
    return [notebook.stem for notebook in select_notebooks(THERE, **options)]


def test_notebooks_are_found_in_the_order_of_their_numbers(project) -> None:
    for name in ("10-draw", "02-tag", "01-clean", "draft", "1-short", "03_underscore"):
        project.notebook(name, "1")
    assert [notebook.stem for notebook in find_notebooks(project.root)] == ["01-clean", "02-tag", "10-draw"]


def test_a_project_without_notebooks_is_refused(project) -> None:
    with pytest.raises(InputError, match="^notebooks holds no notebook named like 01-clean-data.ipynb.*git checkout"):
        find_notebooks(project.root)


def test_all_notebooks_are_chosen_by_default() -> None:
    assert names() == ["01-clean", "02-tag", "10-draw"]


@pytest.mark.parametrize("name", ["2", "02", "02-tag", "02-tag.ipynb"])
def test_a_notebook_goes_by_number_name_or_file_name(name) -> None:
    assert names(only=[name]) == ["02-tag"]
    assert names(start=name) == ["02-tag", "10-draw"]


def test_only_keeps_the_order_of_the_project_and_names_each_once() -> None:
    assert names(only=["10", "1", "01-clean"]) == ["01-clean", "10-draw"]


def test_only_and_from_together_keep_what_both_allow() -> None:
    assert names(only=["1", "10"], start="2") == ["10-draw"]


def test_only_and_from_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(InputError, match="--only 1 and --from 2 leave no notebook to run"):
        names(only=["1"], start="2")


@pytest.mark.parametrize("name", ["7", "02-tags", "", "-1", "²"])
@pytest.mark.parametrize("option", ["only", "start"])
def test_an_unknown_notebook_is_refused_and_the_known_are_listed(option, name) -> None:
    with pytest.raises(InputError, match="There is no notebook '.*Known: 01-clean, 02-tag, 10-draw"):
        names(**{option: [name] if option == "only" else name})


def test_a_misspelt_notebook_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="There is no notebook '02-tags'. Did you mean '02-tag'"):
        names(start="02-tags")


def test_cells_are_read_with_their_source_as_one_text_and_their_tags(project) -> None:
    notebook = project.notebook("01-a", "# 1. A", "x = 1\ny = 2", parameters="z: int = 3")
    content = json.loads(notebook.read_text())
    assert content["cells"][2]["source"] == ["x = 1\n", "y = 2"]  # as JupyterLab stores it
    content["cells"][0]["source"] = "# 1. A"  # as the format also allows
    del content["cells"][0]["metadata"]
    notebook.write_text(json.dumps(content))
    cells = [(cell["cell_type"], cell["source"], cell["tags"]) for cell in read_cells(notebook)]
    assert cells == [
        ("markdown", "# 1. A", []),
        ("code", "z: int = 3", ["parameters"]),
        ("code", "x = 1\ny = 2", []),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"cells": 1}',
        b'{"cells": ["text"]}',
        b'{"cells": [{"cell_type": "code"}]}',
        b'{"cells": [{"cell_type": "code", "source": "", "metadata": null}]}',
        b'{"worksheets": [], "nbformat": 3}',
    ],
)
def test_what_is_no_notebook_is_refused(project, content) -> None:
    notebook = project.notebook("01-a")
    notebook.write_bytes(content)
    with pytest.raises(InputError, match="^notebooks/01-a.ipynb cannot be read as a notebook.*git checkout"):
        read_cells(notebook)


def test_a_missing_notebook_is_refused(project) -> None:
    with pytest.raises(InputError, match="^notebooks/09-gone.ipynb cannot be read as a notebook"):
        read_cells(project.root / "notebooks" / "09-gone.ipynb")


def test_a_cell_stands_under_the_last_heading_above_it(project) -> None:
    notebook = project.notebook("01-a", "1", "# 1. A\n\nWhy.\n\n## Load  \ntext", "2\n# code", "2", "# 2. B", "3")
    cells = read_cells(notebook)
    assert [heading_above(cells, place) for place in (0, 3, 5)] == ["", "Load", "2. B"]
