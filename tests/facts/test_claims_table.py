import pandas as pd
import pytest

from helpers.claims_table import KINDS, claims_page, kind_of, verdict_lines
from helpers.facts.claims import claim_facts
from helpers.facts.fact import by_name
from helpers.facts.sentences import sentence
from helpers.vocabulary import VERDICTS


@pytest.fixture
def claims(small) -> pd.DataFrame:
    """A claim of every kind of verdict (see `tables._few_claims`)."""
    return small["claims"]


def test_every_verdict_has_a_kind_and_every_kind_a_verdict() -> None:
    assert {kind_of(verdict) for verdict in VERDICTS} == set(KINDS)


def test_the_page_has_all_that_a_reader_needs_with_one_unit_a_row(claims) -> None:
    page = claims_page(claims)
    assert page.iloc[0].to_dict() == {
        "Claim": "A sentence",
        "Source": "The Herald, 2026-02-20",
        "Published": "2.5 trillion tokens",
        "Unit": "trillion tokens",
        "Chart": "2.5 (+250.0 %)",
        "Ranked": "2.5 (+250.0 %)",
        "Platform": "2.5 (+250.0 %)",
        "Window": "2026-02-09 to 2026-02-15",
        "Verdict": "holds",
        "Why": "Because.",
    }
    assert page["Published"].tolist()[1:4] == ["first in the week of 2026-02-09", "about 127 %", "over 3"]
    assert page["Chart"].tolist()[1:] == [
        "+5 weeks (+5 weeks)",
        "-50 % (-50.0 %)",
        "no limit",
        "25 % (+25.0 %)",
        "-",
    ]


def test_the_page_leaves_the_numbers_as_they_are(claims) -> None:
    before = claims.copy()
    claims_page(claims)
    pd.testing.assert_frame_equal(claims, before)


def test_the_run_ends_with_a_line_a_claim_and_a_count_of_the_kinds(claims) -> None:
    lines = verdict_lines(claims)
    assert lines[0] == "claim-0  2.5 trillion tokens              holds"
    assert lines[1] == "claim-1  first in the week of 2026-02-09  holds only in the chart, roughly"
    assert lines[-1] == (
        "6 claims: 1 holds, 1 holds only, 1 rests on an unstated choice, 1 not decided, 1 contradicted, 1 not testable."
    )


def test_facts_hold_what_was_printed_what_we_found_how_far_and_the_verdict(claims) -> None:
    facts = by_name(claim_facts(claims))
    assert facts["published_claim_0"].text == "2.5"
    assert facts["claim_claim_0_chart"].value == 2.5
    assert facts["distance_claim_1_ranked"].text == "+5 weeks"
    assert facts["claim_claim_0_all_high"].unit == "trillion tokens"
    assert facts["verdict_claim_4"].value == "contradicted"
    assert (facts["claims"].value, facts["claims_hold"].value, facts["claims_roughly"].value) == (6, 1, 1)


def test_what_has_no_finite_value_is_no_fact(claims) -> None:
    facts = by_name(claim_facts(claims))
    assert not {"claim_claim_3_all_high", "distance_claim_3_chart"} & set(facts)
    assert facts["claim_claim_3_chart"].text == "no limit"
    assert not [name for name in facts if name.startswith("claim_claim_5")]


def test_every_fact_of_a_claim_is_told_with_its_sentence_to_print(claims) -> None:
    facts = by_name(claim_facts(claims))
    names = [name for name in facts if name.endswith(("claim_0", "claim_0_chart", "claim_0_all_low"))]
    assert all("t is so. One platform" in sentence(name, facts, as_of="2026-03-05") for name in names)
    assert len(names) == 6
