import json
import os
import signal
from pathlib import Path

import nbformat
import pytest

from helpers.run.kernels import hold_interrupts, ipc_config, kernel_environment


def test_secrets_stay_outside_of_a_kernel_and_the_rest_goes_in() -> None:
    inherited = {
        "HOME": "/home/ada",
        "OPENROUTER_API_KEY": "sk-or-v1-1",
        "GITHUB_TOKEN": "1",
        "db_password": "1",
        "KEYBOARD": "de",
        "IPYTHONDIR": "/home/ada/.ipython",  # settings of one person
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    kept = kernel_environment(inherited, private="/tmp/x")
    assert kept == {"HOME": "/home/ada", "KEYBOARD": "de", "IPYTHONDIR": "/tmp/x"}


def test_a_kernel_is_reached_through_files_of_its_private_folder() -> None:
    manager = ipc_config(Path("/tmp/x"))["KernelManager"]
    assert manager == {"transport": "ipc", "ip": "/tmp/x/ipc", "connection_file": "/tmp/x/kernel.json"}


def test_an_interrupt_waits_until_the_block_has_ended() -> None:
    handler = signal.getsignal(signal.SIGINT)
    ended = []
    with pytest.raises(KeyboardInterrupt), hold_interrupts():
        signal.raise_signal(signal.SIGINT)
        ended.append(True)
    assert ended
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_error_of_a_block_without_interrupt_stays_what_it_is() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="no kernel"), hold_interrupts():
        raise ValueError("no kernel")
    assert signal.getsignal(signal.SIGINT) is handler


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
