"""The search for the definition behind a pair of numbers, with its guards."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.claims.forensics import PLAIN, Definition, describe, forensics_lines, search, tell_find
from helpers.analysis.claims.readings import Record, lay_out
from helpers.analysis.cleaning import clean_rankings
from helpers.data.claims import read_claims
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.errors import InputError

REAL = Path(__file__).resolve().parents[2] / "data" / "raw"


@pytest.fixture(scope="module")
def record() -> Record:
    return lay_out(clean_rankings(read_rankings(REAL)), registry=vars(read_registry(REAL)))


@pytest.fixture
def claims() -> pd.DataFrame:
    return read_claims(REAL).claims


def test_the_us_figure_of_february_is_the_nine_without_one_model(claims, record) -> None:
    find = search(claims, record, "us-week-feb16")
    assert (find.cost, find.credible, len(find.definitions)) == (1, True, 2)
    assert describe(find.definitions[0], record) == "the nine largest models without Arcee AI's Trinity Large Preview"
    assert find.given[0] == pytest.approx([5.1549, 2.7045], abs=1e-4)
    assert find.definitions[1] == Definition(size=8)  # the same in that week alone
    assert find.elsewhere[0][0] > find.elsewhere[1][0]
    assert 0 < find.false_positives < 0.05


def test_a_cloaked_model_is_merged_with_the_one_named_that_week(claims, record) -> None:
    find = search(claims, record, "cn-week-mar16")
    assert find.definitions[0] == Definition(cloaked="merged")
    assert find.given[0] == pytest.approx([7.345, 3.527], abs=1e-3)


def test_a_find_is_told_with_all_its_guards(claims, record) -> None:
    text = "\n".join(forensics_lines(claims, record, "nbd-feb16"))
    for words in (
        "5.16 (tokens of China) and 2.7 (tokens of US)",
        "without Arcee AI's Trinity Large Preview (5.1549 and 2.7045)",
        "Rivals at the same cost: 1 of",
        "False-positive rate: ",
        "Other weeks: it fits",
        "The next rival fits 0",
        "Tolerance: half a unit of the last printed digit and 0.5 %",
    ):
        assert words in text
    assert "_" not in text


def test_a_pair_that_fits_as_it_is_needs_no_search(claims, record) -> None:
    find = search(claims, record, "cn-week-mar9")
    assert (find.cost, find.definitions[0], find.credible) == (0, PLAIN, False)
    assert "nothing to search for" in tell_find(find, claims, record)[-1]


def test_invented_numbers_find_nothing_that_names_a_choice(claims, record) -> None:
    claims.loc[claims["claim_id"].eq("us-week-feb16"), "value"] = "1.2345"
    find = search(claims, record, "us-week-feb16")
    assert not find.credible
    assert tell_find(find, claims, record)[-1].startswith(("None of", "This does not name the choice"))


def test_the_same_search_finds_the_same(claims, record) -> None:
    first, second = (search(claims, record, "us-week-feb16") for _ in range(2))
    assert (first.definitions, first.false_positives) == (second.definitions, second.false_positives)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("total-now", "has one figure. A single number matches some definition in most cases"),
        ("us-week-feb17", "No claim or sentence is called 'us-week-feb17'. Did you mean 'us-week-feb16'"),
        ("cn-now", "are not all of a stated week"),
    ],
)
def test_what_cannot_be_searched_is_refused(claims, record, key, message) -> None:
    with pytest.raises(InputError, match=message):
        search(claims, record, key)


def test_a_week_that_the_record_does_not_hold_is_refused(claims, record) -> None:
    rows = claims["sentence"].eq("nbd-feb16")
    claims.loc[rows, ["period_start", "period_end"]] = [pd.Timestamp("2027-02-15"), pd.Timestamp("2027-02-21")]
    with pytest.raises(InputError, match="does not hold the week of the sentence 'nbd-feb16' in full"):
        search(claims, record, "nbd-feb16")
