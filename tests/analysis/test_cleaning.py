import pandas as pd
import pytest

from helpers.analysis.cleaning import assess_quality, clean_rankings, select_period
from helpers.data.rankings import read_rankings
from helpers.errors import InputError

STATED = {"rows": 808, "days": 63, "start_date": "2026-01-01", "end_date": "2026-03-04"}


@pytest.fixture
def rankings(raw) -> pd.DataFrame:
    return read_rankings(raw.path)


def test_no_row_and_no_token_is_lost(rankings) -> None:
    usage = clean_rankings(rankings)
    assert len(usage) == len(rankings)
    assert usage["tokens"].sum() == rankings["total_tokens"].sum()
    assert usage["tokens"].dtype == "int64"


def test_names_are_split_and_other_comes_last(rankings) -> None:
    day = clean_rankings(rankings).groupby("date").get_group(pd.Timestamp("2026-01-01"))
    free = day[day["permaslug"].eq("acme/alpha:free")].iloc[0]
    assert (free["model"], free["variant"], free["author"]) == ("acme/alpha", "free", "acme")
    assert day["permaslug"].iloc[-1] == "other"


def test_a_period_includes_both_ends(rankings) -> None:
    usage = select_period(clean_rankings(rankings), start="2026-01-05", end="2026-01-06")
    assert usage["date"].dt.day.unique().tolist() == [5, 6]
    assert usage.index[0] == 0


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-02-01", "2026-01-01", r"start \(2026-02-01\) comes after end \(2026-01-01\). Exchange them"),
        ("2025-12-31", "last", "is not inside the record, which holds 2026-01-01 to 2026-03-04"),
        ("first", "2026-03-05", "is not inside the record"),
        ("soon", "last", "Parameter start contains 'soon', which is not a date. Write it as .*, or first for"),
        (
            "first",
            "2026/03/01",
            "Parameter end contains '2026/03/01', which is not a date. Write it as .*, or last for",
        ),
    ],
)
def test_a_bad_period_is_refused(rankings, start: str, end: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        select_period(clean_rankings(rankings), start=start, end=end)


def test_quality_passes_on_the_record_as_stated(rankings) -> None:
    quality = assess_quality(rankings, clean_rankings(rankings), stated=STATED)
    assert quality["passed"].all()


def test_quality_finds_a_missing_day(rankings) -> None:
    holed = rankings[rankings["date"].ne("2026-01-20")]
    quality = assess_quality(holed, clean_rankings(holed), stated=STATED).set_index("check")
    failed = quality.index[~quality["passed"]].tolist()
    assert failed == ["rows as stated", "days as stated", "days missing in between"]
    assert quality.loc["days missing in between", "found"] == "2026-01-20"


def test_quality_finds_tokens_out_of_order_and_tokens_lost(rankings) -> None:
    turned = pd.concat([rankings[5:12], rankings[:5], rankings[12:]])
    quality = assess_quality(turned, clean_rankings(rankings)[1:], stated=STATED).set_index("check")["passed"]
    assert not quality["tokens descend within a day"]
    assert not quality["tokens kept in the period"]
