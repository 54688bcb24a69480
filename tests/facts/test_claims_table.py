import pandas as pd
import pytest

from helpers.claims_table import claims_page, verdict_lines
from helpers.facts.claims import claim_facts
from helpers.facts.fact import by_name

NONE = ("", "", "")


@pytest.fixture
def claims() -> pd.DataFrame:
    """Four claims: one with bounds, one of a date, one of the platform alone, one that is not testable."""
    rows = [
        ("cn-week", "herald", "China processed 4.12 T", "4.12", "trillion tokens", "holds only under scope chart"),
        ("first", "wire", "China led first", "2026-02-09", "week", "holds only under scopes ranked and platform"),
        ("total", "wire", "The platform is large", "25", "at least trillion tokens", "holds"),
        ("later", "wire", "It will be larger", "3", "at least", "not testable with this record"),
    ]
    table = pd.DataFrame(rows, columns="claim_id source_id statement published_value unit verdict".split())
    levels = {
        "chart": [("4.119001", "4.119001", "10.08152"), ("2026-02-16", "2026-02-02", "never"), NONE, NONE],
        "ranked": [("5.5", "5.5", "6.4"), ("2026-02-09", "2026-02-02", "2026-03-02"), NONE, NONE],
        "platform": [("5.5", "5.5", "inf"), ("never", "never", "never"), ("35.933", "35.933", "35.933"), NONE],
    }
    for scope, found in levels.items():
        table[[f"{name}_{scope}" for name in ("value", "low", "high")]] = found
    return table.assign(scope_stated="not stated", why="Because of the numbers.")


SOURCES = pd.DataFrame(
    [("wire", "The Wire", "2026-03"), ("herald", "The Herald", "2026")], columns=["source_id", "publisher", "published"]
)


def test_the_page_has_all_that_a_reader_needs(claims) -> None:
    page = claims_page(claims, SOURCES)
    assert list(page.columns) == ["Claim", "Source", "Published", "Chart", "Ranked", "Platform", "Verdict", "Why"]
    assert page.iloc[0].to_dict() == {
        "Claim": "China processed 4.12 T",
        "Source": "The Herald, 2026",
        "Published": "4.12 trillion tokens",
        "Chart": "4.119 (4.119 to 10.08)",
        "Ranked": "5.5 (5.5 to 6.4)",
        "Platform": "5.5 (5.5 to infinity)",
        "Verdict": "holds only under scope chart",
        "Why": "Because of the numbers.",
    }


def test_dates_are_not_rounded_and_equal_bounds_not_repeated(claims) -> None:
    page = claims_page(claims, SOURCES)
    assert page["Chart"].tolist()[1:] == ["2026-02-16 (2026-02-02 to never)", "-", "-"]
    assert page["Platform"].tolist()[1:] == ["never", "35.93", "-"]
    assert page["Published"].tolist()[1:] == ["week 2026-02-09", "at least 25 trillion tokens", "at least 3"]


def test_the_page_leaves_the_numbers_as_they_are(claims) -> None:
    before = claims.copy()
    claims_page(claims, SOURCES)
    pd.testing.assert_frame_equal(claims, before)


def test_the_run_ends_with_a_line_a_claim_and_a_count(claims) -> None:
    assert verdict_lines(claims) == [
        "cn-week  4.12 trillion tokens         holds only under scope chart",
        "first    week 2026-02-09              holds only under scopes ranked and platform",
        "total    at least 25 trillion tokens  holds",
        "later    at least 3                   not testable with this record",
        "4 claims: 2 holds only under some settings, 1 holds, 1 not testable with this record.",
    ]


def test_facts_hold_what_was_printed_what_we_found_and_the_verdict(claims) -> None:
    facts = by_name(claim_facts(claims))
    assert (facts["published_cn_week"].text, facts["published_cn_week"].value) == ("4.12", 4.12)
    assert facts["published_first"].value == "2026-02-09"
    found = facts["claim_cn_week_chart"]
    assert (found.value, found.text, found.unit, found.scope) == (4.119001, "4.119", "trillion tokens", "chart")
    assert (found.about, found.bounds) == ({"claim": "cn-week"}, ("4.119", "10.08"))
    assert facts["claim_cn_week_ranked_high"].value == 6.4
    assert (facts["claim_first_ranked"].value, facts["claim_first_chart"].high) == ("2026-02-09", "never")
    assert (facts["claim_first_platform"].value, facts["claim_first_platform"].text) == (None, "never")
    assert facts["verdict_total"].value == "holds"
    assert [facts[f"claims{kind}"].value for kind in ("", "_hold", "_hold_only_under_some", "_not_testable")] == [
        4,
        1,
        2,
        1,
    ]


def test_what_has_no_finite_value_is_no_fact(claims) -> None:
    facts = by_name(claim_facts(claims))
    assert "claim_cn_week_platform_high" not in facts
    assert facts["claim_cn_week_platform"].bounds == ("5.5", "infinity")
    assert not [name for name in facts if name.startswith("claim_later")]
