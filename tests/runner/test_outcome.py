import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from crossover.runner.outcome import NotebookError, check_executed

NOTEBOOK = Path("notebooks/03-find.ipynb")
CAUSE = RuntimeError("papermill says so")


class DeadKernelError(RuntimeError):
    """Named like the one of nbclient."""


def ran(
    source: str, *, count: int | None = 1, error: tuple[str, str] | None = None, **metadata
) -> nbformat.NotebookNode:
    outputs = [new_output("stream", name="stdout", text="out")]
    if error is not None:
        outputs.append(new_output("error", ename=error[0], evalue=error[1], traceback=["long"]))
    return new_code_cell(source, execution_count=count, outputs=outputs, metadata=metadata)


def executed(project, *cells: nbformat.NotebookNode) -> Path:
    project.executed.mkdir(parents=True)
    copy = project.executed / NOTEBOOK.name
    nbformat.write(new_notebook(cells=list(cells)), copy)
    return copy


def failure(copy: Path, cause: BaseException | None = None) -> NotebookError:
    with pytest.raises(NotebookError) as failed:
        check_executed(project_notebook(copy), copy, cause=cause)
    return failed.value


def project_notebook(copy: Path) -> Path:
    return copy.parents[2] / NOTEBOOK


def test_a_notebook_whose_cells_all_ran_passes(project) -> None:
    empty = new_code_cell(" \n")  # Jupyter runs no empty cell
    check_executed(NOTEBOOK, executed(project, new_markdown_cell("# 3. Find"), ran("1"), empty, ran("2", count=2)))


def test_a_failed_cell_is_named_with_its_number_heading_and_error(project) -> None:
    copy = executed(
        project,
        new_markdown_cell("# 3. Find"),
        ran("1"),
        new_markdown_cell("## Load\n\nWhy."),
        ran("1 / 0", count=2, error=("ZeroDivisionError", "division by zero")),
        new_markdown_cell("## Later"),
        new_code_cell("never"),
    )
    failed = failure(copy, CAUSE)
    assert str(failed) == (
        "03-find, cell 4 (Load): ZeroDivisionError: division by zero\n"
        "Mend notebooks/03-find.ipynb, then run again. `crossover open 03-find --failed` opens "
        "build/notebooks/03-find.ipynb, which shows how far it came."
    )
    assert not failed.bad_input


def test_cells_that_papermill_adds_are_not_counted_and_give_no_heading(project) -> None:
    copy = executed(
        project,
        new_markdown_cell("## An error", metadata={"tags": ["papermill-error-cell-tag"]}),
        ran("x = 2", tags=["injected-parameters"]),
        ran("1 / 0", error=("ZeroDivisionError", "division by zero")),
    )
    assert str(failure(copy)).startswith("03-find, cell 1: ZeroDivisionError")


def test_a_refusal_of_the_notebook_is_bad_input_and_needs_no_advice(project) -> None:
    copy = executed(project, new_markdown_cell("# 3. Find"), ran("f()", error=("InputError", "No week.\nGive one.")))
    failed = failure(copy, CAUSE)
    assert str(failed) == "03-find, cell 2 (3. Find): No week.\nGive one."
    assert failed.bad_input


def test_a_cell_that_ends_the_notebook_is_a_failure(project) -> None:
    copy = executed(project, ran("sys.exit(0)", error=("SystemExit", "0")), new_code_cell("never"))
    assert re.search(r"cell 1: SystemExit: 0\n.*Remove what ends the notebook \(sys.exit, quit\)", str(failure(copy)))


def test_a_cell_that_was_not_run_is_a_failure(project) -> None:
    copy = executed(project, new_markdown_cell("# 3. Find"), ran("1"), ran("2", count=None))
    assert "03-find, cell 3 (3. Find): Unfinished: the cell was not run\n" in str(failure(copy))


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        (None, "cell 2: Unfinished: the cell did not end\n"),
        (
            DeadKernelError("Kernel died"),
            "cell 2: DeadKernelError: Kernel died\n.*Its process ended, for want of memory",
        ),
    ],
)
def test_a_cell_during_which_the_run_ended_is_named(project, cause, message) -> None:
    copy = executed(project, ran("1"), ran("2", count=2, papermill={"exception": True}), ran("3", count=None))
    assert re.search(message, str(failure(copy, cause)))


def test_a_failure_that_no_cell_shows_is_told_by_its_cause(project) -> None:
    copy = executed(project, ran("1", papermill={"exception": False}))
    assert str(failure(copy, CAUSE)).startswith("03-find: RuntimeError: papermill says so\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "(no message)"),
        ("\n", "(no message)"),
        ("\n".join("abcdef"), "a\nb\nc\nd\ne\nf"),
        ("\n".join("abcdefg"), "a\nb\nc\nd\ne\nf\n..."),
    ],
)
def test_a_long_message_is_cut_and_none_is_called_none(project, text, told) -> None:
    copy = executed(project, ran("f()", error=("ValueError", text)))
    assert f"ValueError: {told}\nMend " in str(failure(copy))
