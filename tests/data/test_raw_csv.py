import pytest

from helpers.data.raw_csv import read_text_table, refuse
from helpers.errors import InputError

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
