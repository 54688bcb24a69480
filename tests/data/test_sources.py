import pytest

from helpers.data.sources import load_manifest, read_verified, verify_folder
from helpers.errors import InputError


def test_a_folder_as_described_is_verified(raw) -> None:
    manifest = verify_folder(raw.path)
    assert manifest["rankings_daily.csv"].facts["days"] == 63
    assert read_verified(raw.path, "model_lineage.csv") == (raw.path / "model_lineage.csv").read_bytes()


def test_one_changed_byte_is_found(raw) -> None:
    content = raw.read("rankings_daily.csv")
    raw.damage("rankings_daily.csv", content.replace("90000000000", "90000000001", 1))
    with pytest.raises(InputError, match=r"rankings_daily\.csv is not the file that SOURCES\.toml describes") as error:
        verify_folder(raw.path)
    assert "git checkout" in str(error.value)


def test_a_file_of_another_length_is_found(raw) -> None:
    raw.damage("model_authors.csv", raw.read("model_authors.csv") + "\n")
    with pytest.raises(InputError, match="model_authors.csv is not the file"):
        verify_folder(raw.path)


def test_a_missing_file_is_named(raw) -> None:
    (raw.path / "open_weights.csv").unlink()
    with pytest.raises(InputError, match=r"open_weights\.csv is missing \(Invented"):
        verify_folder(raw.path)


def test_an_unlisted_file_is_named(raw) -> None:
    raw.damage("extra.csv", "a\n1\n")
    with pytest.raises(InputError, match=r"extra\.csv is not in SOURCES\.toml"):
        verify_folder(raw.path)


def test_files_of_the_desktop_are_no_data(raw) -> None:
    raw.damage(".DS_Store", "x")
    assert verify_folder(raw.path)


def test_reading_an_unlisted_name_suggests_the_nearest(raw) -> None:
    with pytest.raises(InputError, match=r"Did you mean 'model_authors\.csv'"):
        read_verified(raw.path, "model_author.csv")


def test_a_missing_manifest_is_named(raw) -> None:
    (raw.path / "SOURCES.toml").unlink()
    with pytest.raises(InputError, match=r"SOURCES\.toml is missing"):
        load_manifest(raw.path)


def test_a_manifest_that_is_not_toml_names_the_line(raw) -> None:
    raw.damage("SOURCES.toml", "[[[")
    with pytest.raises(InputError, match=r"not valid TOML: .*line 1"):
        load_manifest(raw.path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('title = "alone"\n', 'write a table \\["title"\\] per file'),
        ('["a.csv"]\ntitle = "A"\n', r"missing or of a wrong type: url \(str\)"),
    ],
)
def test_an_incomplete_entry_names_what_is_missing(raw, content: str, message: str) -> None:
    raw.damage("SOURCES.toml", content)
    with pytest.raises(InputError, match=message):
        load_manifest(raw.path)
