from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.columns import LARGEST_INT64, bad_counts, bad_dates, read_day

# Texts that nearly are what is asked for: other digits, signs, blanks, other separators.
NEARLY = st.text(st.sampled_from("0123456789-+. eE_W/٣\u00b2\n"), max_size=25)


def column(*values: str) -> pd.Series:
    return pd.Series(values, name="what", index=pd.RangeIndex(2, len(values) + 2, name="line"), dtype="str")


def is_day(text: str) -> bool:
    """The definition: what Python writes of a day, and nothing else."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@given(st.one_of(NEARLY, st.dates().map(str), st.dates().map(lambda day: f"{day.year}-{day.month}-{day.day}")))
def test_a_date_is_a_day_that_exists_written_with_all_its_digits(text) -> None:
    assert (bad_dates(column(text)) == []) == is_day(text)
    if is_day(text):
        assert str(read_day(text)) == text
    else:
        with pytest.raises(ValueError, match="is not a date"):
            read_day(text)


@given(st.one_of(NEARLY, st.integers(-2, 2**64).map(str), st.integers(0, 99).map(lambda n: f"0{n}")))
def test_a_count_is_what_python_writes_of_a_whole_number_that_fits_64_bits(text) -> None:
    fits = text.isascii() and text.isdecimal() and str(int(text)) == text and int(text) <= LARGEST_INT64
    assert (bad_counts(column(text), of="tokens", beside=column("2026-01-01").to_frame()) == []) == fits


def test_the_largest_count_is_the_largest_int64() -> None:
    counts = column("9223372036854775807", "9223372036854775808")  # 2^63 - 1 and one more
    (told,) = bad_counts(counts, of="tokens", beside=column("one", "two").to_frame())
    assert told.startswith("line 3 (two): what '9223372036854775808' is not")


@pytest.mark.parametrize("digit", "09")
def test_thousands_of_digits_are_told_by_their_line_and_not_repeated(digit) -> None:
    (told,) = bad_counts(column("1", digit * 5000), of="tokens", beside=column("one", "two").to_frame())
    assert told.startswith("line 3 (two): what '")
    assert "(5000 characters) is not a whole, non-negative number of tokens" in told
    assert len(told) < 250


def test_an_empty_date_is_fine_only_where_it_may_be() -> None:
    assert bad_dates(column("")) == ["line 2: what '' is not a date (YYYY-MM-DD)"]
    assert bad_dates(column("", "2026-1-5"), may_be_empty=True) == [
        "line 3: what '2026-1-5' is not a date (YYYY-MM-DD)"
    ]
