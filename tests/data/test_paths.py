import pytest

from helpers.data.paths import project_root, resolve, shown
from helpers.errors import InputError


def project(folder):
    (folder / "pyproject.toml").write_text("")
    (folder / "notebooks").mkdir()
    return folder


def test_the_root_is_found_from_any_folder_inside(tmp_path) -> None:
    root = project(tmp_path)
    assert project_root(root / "notebooks") == root.resolve()


def test_outside_of_a_project_the_error_says_so(tmp_path) -> None:
    with pytest.raises(InputError, match="is not inside the project"):
        project_root(tmp_path)


def test_relative_folders_start_at_the_root_and_are_shown_short(tmp_path, monkeypatch) -> None:
    root = project(tmp_path)
    monkeypatch.chdir(root / "notebooks")
    assert resolve("data/raw") == root.resolve() / "data" / "raw"
    assert shown(root / "data" / "raw") == "data/raw"
    assert shown(tmp_path.parent) == str(tmp_path.parent)
