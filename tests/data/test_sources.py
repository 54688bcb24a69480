import pytest

from helpers.data.sources import load_manifest, read_text_table, read_verified, refuse, verify_folder
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


NAME = "model_lineage.csv"
COLUMNS = ["model_permaslug", "base_model", "base_author", "base_origin", "note"]


def test_an_empty_field_is_the_empty_string(raw) -> None:
    raw.replace(NAME, "merge", "")
    table = read_text_table(raw.path, NAME, columns=COLUMNS)
    assert table["note"].iloc[-1] == ""
    assert list(table.index) == [2, 3]


def test_words_that_mean_missing_elsewhere_stay_words(raw) -> None:
    raw.replace(NAME, "merge", "NA")
    assert read_text_table(raw.path, NAME, columns=COLUMNS)["note"].iloc[-1] == "NA"


def test_a_renamed_column_suggests_the_nearest(raw) -> None:
    raw.replace(NAME, "base_origin", "base_orign")
    with pytest.raises(InputError, match=r"column 'base_origin' is missing. Did you mean 'base_orign'\? Found: "):
        read_text_table(raw.path, NAME, columns=COLUMNS)


def test_a_missing_column_is_named(raw) -> None:
    raw.rewrite(NAME, "model_permaslug,base_model\na/b,c\n")
    with pytest.raises(InputError, match=r"model_lineage\.csv: column 'base_author' is missing"):
        read_text_table(raw.path, NAME, columns=COLUMNS)


def test_columns_in_another_order_are_refused(raw) -> None:
    raw.rewrite(NAME, ",".join(reversed(COLUMNS)) + "\n,,,,a/b\n")
    with pytest.raises(InputError, match="expected the columns model_permaslug, base_model"):
        read_text_table(raw.path, NAME, columns=COLUMNS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a whole CSV table"),
        (",".join(COLUMNS) + "\n", "has a header and no rows"),
        (",".join(COLUMNS) + '\n"open', "is not a whole CSV table"),
        (",".join(COLUMNS) + "\n1,2,3,4,5,6\n", "is not a whole CSV table"),
    ],
)
def test_what_is_no_table_is_refused(raw, content: str, message: str) -> None:
    raw.rewrite(NAME, content)
    with pytest.raises(InputError, match=message):
        read_text_table(raw.path, NAME, columns=COLUMNS)


def test_other_encodings_are_refused_with_their_place(raw) -> None:
    raw.rewrite(NAME, raw.read(NAME).encode().replace(b"merge", b"m\xe9rge"))
    with pytest.raises(InputError, match="is not UTF-8 text: byte"):
        read_text_table(raw.path, NAME, columns=COLUMNS)


def test_refuse_is_silent_without_problems(raw) -> None:
    refuse(raw.path / NAME, [], then="")
