import pytest

from helpers.data.columns import LARGEST_INT64
from helpers.data.rankings import read_rankings
from helpers.errors import InputError

FIRST_DAY = "2026-01-01,acme/alpha,90000000000\n"


def crowd(n: int) -> str:
    rows = [f"2026-01-01,a/m{place:02d},{100 - place}\n" for place in range(n)]
    return "date,model_permaslug,total_tokens\n" + "".join(rows) + "2026-01-01,other,1\n"


def test_reads_every_row_as_int64_with_its_line_number(raw) -> None:
    table = read_rankings(raw.path)
    assert len(table) == raw.read("rankings_daily.csv").count("\n") - 1
    assert table["total_tokens"].dtype == "int64"
    assert table.index[0] == 2


def test_a_count_beyond_2_to_the_53_stays_exact(raw) -> None:
    raw.replace("rankings_daily.csv", FIRST_DAY, f"2026-01-01,acme/alpha,{LARGEST_INT64}\n")
    assert read_rankings(raw.path)["total_tokens"].max() == LARGEST_INT64


def test_fifty_ranked_models_are_allowed(raw) -> None:
    raw.rewrite("rankings_daily.csv", crowd(50))
    assert len(read_rankings(raw.path)) == 51


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-13-01,acme/alpha,1", r"line 2: date '2026-13-01' is not a date \(YYYY-MM-DD\)"),
        ("2026-1-1,acme/alpha,1", "line 2: date '2026-1-1' is not a date"),
        ("yesterday,acme/alpha,1", "line 2: date 'yesterday' is not a date"),
        (",acme/alpha,1", "line 2: date '' is not a date"),
        ("2026-01-01,acme/alpha,-1", "'-1' is not a whole, non-negative number of tokens"),
        ("2026-01-01,acme/alpha,1.5", "'1.5' is not a whole"),
        ("2026-01-01,acme/alpha,", r"line 2 \(2026-01-01, acme/alpha\): total_tokens '' is not a whole"),
        ("2026-01-01,acme/alpha,many", "'many' is not a whole"),
        ("2026-01-01,acme/alpha,1e9", "'1e9' is not a whole"),
        ("2026-01-01,acme/alpha,٣", "is not a whole"),
        (f"2026-01-01,acme/alpha,{LARGEST_INT64 + 1}", "fits 64 bits"),
        ("2026-01-01,acme/alpha,007", "'007' is not a whole, non-negative number of tokens, without leading zeros"),
        ("2026-01-01,acme/alpha," + "0" * 5000 + "1", r"'0{60}'\.\.\. \(5001 characters\) is not a whole"),
        ("2026-01-01,acme/alpha," + "9" * 5000, "is not a whole"),
        ("2026-01-01,acme,1", "line 2: model_permaslug 'acme' is not a model name"),
        ("2026-01-01,acme/alpha:a:b,1", "is not a model name"),
        ("2026-01-01,,1", "line 2: model_permaslug '' is not a model name"),
    ],
)
def test_a_bad_value_is_refused_with_its_line(raw, row: str, message: str) -> None:
    raw.replace("rankings_daily.csv", FIRST_DAY, row + "\n")
    with pytest.raises(InputError, match=message) as error:
        read_rankings(raw.path)
    assert "rankings_daily.csv" in str(error.value)


def test_two_rows_for_one_model_and_day_are_refused(raw) -> None:
    raw.replace("rankings_daily.csv", FIRST_DAY, FIRST_DAY * 2)
    with pytest.raises(InputError, match="line 3: a second row for acme/alpha on 2026-01-01"):
        read_rankings(raw.path)


def test_a_day_in_two_places_is_refused(raw) -> None:
    content = raw.read("rankings_daily.csv")
    raw.rewrite("rankings_daily.csv", content + "2026-01-01,late/model,5\n")
    with pytest.raises(InputError, match=r"the day 2026-01-01 begins a second time \(first on line 2\)"):
        read_rankings(raw.path)


def test_more_than_51_rows_a_day_are_refused(raw) -> None:
    raw.rewrite("rankings_daily.csv", crowd(51))
    with pytest.raises(InputError, match="2026-01-01: 52 rows, more than 51"):
        read_rankings(raw.path)


def test_a_day_without_other_is_refused(raw) -> None:
    raw.replace("rankings_daily.csv", "2026-01-01,other,30000000000\n", "")
    with pytest.raises(InputError, match="2026-01-01: the row `other` is missing"):
        read_rankings(raw.path)


def test_other_twice_is_refused(raw) -> None:
    raw.replace("rankings_daily.csv", "2026-01-01,other,30000000000\n", "2026-01-01,other,1\n2026-01-01,other,2\n")
    with pytest.raises(InputError, match="2026-01-01: the row `other` is doubled"):
        read_rankings(raw.path)


def test_several_problems_are_listed_together(raw) -> None:
    raw.replace("rankings_daily.csv", FIRST_DAY, "never,acme/alpha,-1\n")
    with pytest.raises(InputError, match=r"(?s)is not a date.*is not a whole"):
        read_rankings(raw.path)
