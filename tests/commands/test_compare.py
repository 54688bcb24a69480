from pathlib import Path

import pytest

from helpers.errors import InputError
from projects import command

pytestmark = pytest.mark.usefixtures("own_run")


def test_a_bundle_and_the_project_it_was_made_from_are_the_same(own_run: Path, capsys) -> None:
    command("bundle")
    capsys.readouterr()
    assert command("compare", "build/token-crossover.zip", ".") == 0
    *summary, page = capsys.readouterr().out.splitlines()
    assert summary[:5] == [
        "0 of 10 verdicts differ.",
        "0 of 7 tables differ.",
        "0 of 2 figures differ.",
        "0 of 4 parameters differ.",
        "0 of 10 raw files differ.",
    ]
    assert page == "build/compare/index.html"
    assert "build/token-crossover.zip" in (own_run / page).read_text()


def test_a_bundle_that_was_changed_is_not_compared(own_run: Path, tmp_path: Path) -> None:
    command("bundle")
    content = bytearray((own_run / "build" / "token-crossover.zip").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"x.zip is not what it was:\nchanged: "):
        command("compare", str(tmp_path / "x.zip"), ".")


def test_a_run_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no run nowhere"):
        command("compare", ".", "nowhere")
    with pytest.raises(InputError, match=r"No run is recorded in"):
        command("compare", ".", str(tmp_path))


@pytest.mark.parametrize("tolerance", ["-1", "1", "nan", "inf"])
def test_a_tolerance_that_means_nothing_is_refused(tolerance: str) -> None:
    with pytest.raises(InputError, match=r"it is a share from 0 to below 1"):
        command("compare", ".", ".", f"--tolerance={tolerance}")


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"is not a report made by this command"):
        command("compare", ".", ".", "--to", str(folder))
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
