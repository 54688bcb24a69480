import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from crossover.runner.kernels import Kernels, NoKernelError, kernel_environment


def test_secrets_stay_outside_of_a_kernel_and_the_rest_goes_in() -> None:
    inherited = {
        "HOME": "/home/ada",
        "OPENROUTER_API_KEY": "sk-or-v1-1",
        "GITHUB_TOKEN": "1",
        "db_password": "1",
        "KEYBOARD": "de",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    assert kernel_environment(inherited) == {"HOME": "/home/ada", "KEYBOARD": "de"}


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[Callable[..., Kernels]]:
    """Make kernels that have nothing to import, and end them."""
    made: list[Kernels] = []

    def make(**options: object) -> Kernels:
        made.append(Kernels(tmp_path, **{"modules": [], "count": 2, "ahead": 1, **options}))
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.mark.slow
def test_a_kernel_is_reached_through_files_that_only_this_user_may_open(kernels) -> None:
    kernel = kernels().take()
    reached = json.loads(kernel.connection.read_text())
    assert reached["transport"] == "ipc"
    assert reached["ip"].startswith(str(kernel.connection.parent))
    assert kernel.connection.parents[1].stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_kernels_are_processes_of_their_own_and_end_together(kernels) -> None:
    several = kernels(ahead=2)
    taken = [several.take(), several.take()]
    assert len({kernel.process for kernel in taken} | {os.getpid()}) == 3
    several.end()
    for kernel in taken:
        with pytest.raises(ProcessLookupError):
            os.kill(kernel.process, 0)
    assert not taken[0].connection.parents[1].exists()


@pytest.mark.slow
def test_after_the_end_no_kernel_is_handed_over(kernels) -> None:
    ended = kernels()
    ended.end()
    with pytest.raises(NoKernelError, match="The run was stopped"):
        ended.take()


@pytest.mark.slow
def test_a_process_that_cannot_make_kernels_says_why(kernels, monkeypatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(NoKernelError, match="No kernel could be started"):
        kernels().take()


@pytest.mark.slow
def test_a_module_that_cannot_be_imported_beforehand_disturbs_nothing(kernels) -> None:
    assert kernels(modules=["no_module_of_this_name"]).take().process


@pytest.mark.slow
def test_a_kernel_runs_in_the_folder_of_its_notebook_without_secrets(finished) -> None:
    seen = json.loads((finished.project.processed / "made.json").read_text())
    assert seen["folder"] == str(finished.project.root / "notebooks")
    assert not {"OPENROUTER_API_KEY", "PYTHONDONTWRITEBYTECODE"} & set(seen["variables"])
    assert "PLAIN" in seen["variables"]


@pytest.mark.slow
def test_a_kernel_leaves_no_process_and_no_private_folder(finished) -> None:
    seen = json.loads((finished.project.processed / "made.json").read_text())
    assert "crossover-" in seen["private"]
    assert not Path(seen["private"]).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(seen["process"], 0)


@pytest.mark.slow
def test_executed_copies_hold_every_output_the_parameters_and_no_noise(finished) -> None:
    copies = [
        nbformat.read(finished.project.executed / f"{name}.ipynb", as_version=4) for name in ("01-make", "02-use")
    ]
    cells = [cell for copy in copies for cell in copy.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"] == []
    injected = [cell.source for cell in cells if "injected-parameters" in cell.metadata.tags]
    assert [("size = 4" in source) for source in injected] == [True, False]


@pytest.mark.slow
def test_the_notebooks_themselves_stay_as_they_are(finished) -> None:
    assert {path: path.read_bytes() for path in finished.notebooks} == finished.notebooks
