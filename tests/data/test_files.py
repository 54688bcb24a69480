import pytest

from helpers.data.files import project_root, resolve, shown, write_whole
from helpers.errors import InputError


def test_writes_and_leaves_nothing_else(tmp_path) -> None:
    write_whole(tmp_path / "deep" / "a.csv", b"1")
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["a.csv"]
    assert (tmp_path / "deep" / "a.csv").read_bytes() == b"1"


def test_a_folder_that_cannot_be_written_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="Cannot write .*a.csv"):
        write_whole(tmp_path / "file" / "a.csv", b"1")


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(28, "No space left on device"), InputError), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_a_failure_in_the_middle_keeps_the_earlier_file(tmp_path, monkeypatch, error, told) -> None:
    target = tmp_path / "a.csv"
    write_whole(target, b"earlier")

    def full(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(told, match="No space left on device" if told is InputError else None):
        write_whole(target, b"later")
    assert target.read_bytes() == b"earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


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
