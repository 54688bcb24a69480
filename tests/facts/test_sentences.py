"""Every fact as a sentence: its number, its scope, its bounds and its caveat are all in it."""

import csv
import re
from math import inf, nan
from pathlib import Path

import pytest

from crossover.article.quoting import as_csv, as_latex, fill, present, require_fact, search, with_weeks
from helpers.errors import InputError
from helpers.facts.fact import Fact, by_name, read_facts
from helpers.facts.sentences import DATED, TELLERS, TEMPLATES, cut_days, day, sentence
from helpers.facts.weeks import cut_week, facts_of_row

ROOT = Path(__file__).resolve().parents[2]
FACTS = read_facts(ROOT / "data" / "processed")
SCOPE_WORDS = {"chart": "nine largest", "ranked": "ranks", "platform": "whole platform"}
WEEK = {
    **{"week_start": "2026-02-09", "scope": "chart", "state": "China", "ratio": 5.0, "ratio_low": 0.2},
    **{"ratio_high": 7.0, "china_tokens": 41 * 10**11, "us_tokens": 0, "unidentified_tokens": 10**12},
}


def told(name: str, facts: dict | None = None) -> str:
    return sentence(name, facts or FACTS, as_of="2026-10-11")


def made(**changes: object) -> dict[str, Fact]:
    """The facts of one week of the weekly chart."""
    return by_name(facts_of_row(WEEK | changes))


def plain(name: str, value: object, *, unit: str, kind: str = "", **given: object) -> dict[str, Fact]:
    fact = Fact(name=name, kind=kind or name, value=value, unit=unit, **{"scope": "platform", "table": "x"} | given)
    return {name: fact}


def test_every_fact_of_the_record_has_a_sentence_of_its_own() -> None:
    assert len(FACTS) > 600
    assert {fact.kind for fact in FACTS.values()} <= set(TELLERS)


def test_every_template_is_of_a_fact_of_the_record() -> None:
    assert set(TEMPLATES["told"]) <= {fact.kind for fact in FACTS.values()}


def test_every_sentence_holds_its_number_and_the_snapshot() -> None:
    def holds(name: str, fact: Fact) -> bool:
        written = day(fact.value) if fact.unit in DATED and fact.value else fact.text
        return written in told(name) or fact.text in told(name) or fact.unit == "lead state"

    assert [name for name, fact in FACTS.items() if not holds(name, fact)] == []
    assert all(told(name).endswith("Source: OpenRouter rankings, as of 11 October 2026.") for name in FACTS)
    assert all("One platform, public traffic only" in told(name) for name in FACTS)


def test_every_sentence_of_a_scope_names_it() -> None:
    given = ("growth_from", "growth_to", "published", "verdict", "told")
    named = [name for name, fact in FACTS.items() if fact.scope in ("chart", "ranked") and fact.kind not in given]
    unnamed = [name for name in named if SCOPE_WORDS[FACTS[name].scope] not in told(name)]
    assert len(named) > 300
    assert {FACTS[name].kind for name in unnamed} <= set(TEMPLATES["told"])  # whose template names what it counts


def test_no_sentence_has_a_hole() -> None:
    assert [name for name in FACTS if re.search(r"[{}]|  |None|nan|\.\.", told(name))] == []


def test_no_number_is_minus_zero() -> None:
    assert [name for name in FACTS if re.search(r"(?<![\w-])-0(\.0+)?(?![\d.]*\d)", told(name))] == []


def test_the_reported_week_over_all_ranked_models() -> None:
    assert told("ratio_ranked_2026_02_09") == (
        "In the week of 9 February 2026, among all models that OpenRouter ranks, Chinese models processed 0.85 times "
        "the tokens of US models; with the unidentified tokens on either side it lies between 0.75 and 0.98. "
        "One platform, public traffic only, tokens as each provider counts them. "
        "Source: OpenRouter rankings, as of 11 October 2026."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ratio_largest_ranked", "The largest ratio of the record, "),
        ("ratio_last_ranked", "The ratio of the last full week of the record, "),
        ("ratio_low_ranked_2026_02_09", "at least 0.75 times the tokens of US models: the worst case, in which every "
         "unidentified token is American"),
        ("ratio_high_ranked_2026_02_09", "at most 0.98 times the tokens of US models: the worst case, in which every "
         "unidentified token is Chinese"),
        ("state_ranked_2026_02_09", "US models led wherever the unidentified tokens belong"),
        ("state_chart_2026_02_09", "who led is not identified"),
        ("growth_from_2025_11_03_2026_06_22", "begins with the week of 3 November 2025"),
        ("growth_to_2025_11_03_2026_06_22", "ends with the week of 22 June 2026"),
        ("mover_1_of_lead_start", "moves the start of China's lead most: "),
        ("mover_2_of_lead_start", "moves the start of China's lead second most: "),
        ("open_ratio", "In the reported week the ratio of tokens of Chinese to US open-weight models"),
        ("open_ratio_high_last", "In the last full week the ratio of tokens of Chinese to US open-weight models"),
        ("money_ratio_low", "In the reported week the ratio of Chinese to US tokens at list prices, among all models "
         "that OpenRouter ranks, is at least 0.05."),
    ],
)  # fmt: skip
def test_each_fact_is_told_as_the_one_it_is(name: str, words: str) -> None:
    assert words in told(name)


def test_a_week_that_is_incomplete_names_no_leader() -> None:
    assert "no leader is named" in told("state_chart_2026_02_09", made(state="incomplete"))


def test_a_ratio_that_is_not_identified_says_so() -> None:
    said = told("ratio_chart_2026_02_09")
    assert "lies between 0.46 and 3.44; who led is therefore not identified." in said


def test_a_first_lead_that_is_not_certain_says_so() -> None:
    assert "in the week of 9 February 2026; because of unidentified tokens it is not identified who led" in told(
        "first_lead_chart"
    )


def test_a_ratio_without_upper_bound_says_so() -> None:
    said = told("ratio_chart_2026_02_09", made(ratio_high=inf))
    assert "it is at least 0.20, and has no upper bound because of unidentified tokens" in said


def test_bounds_that_are_written_alike_are_not_repeated() -> None:
    assert "between" not in told("ratio_chart_2026_02_09", made(ratio_low=4.999, ratio_high=5.001))


def test_a_lead_that_never_came_says_never() -> None:
    never = plain("durable_lead_chart", None, unit="week_start", kind="lead", about={"rule": "durable_lead"})
    assert "durable lead of Chinese models, never" in told("durable_lead_chart", never)


def test_money_is_bounded_by_prices_not_by_unidentified_tokens() -> None:
    assert "with prompt prices for one side and completion prices for the other it lies between 0.05 and 0.95" in told(
        "money_ratio_mix"
    )


def test_a_fact_of_a_kind_that_is_new_is_still_told_with_unit_and_scope() -> None:
    facts = plain("new_thing", 3, unit="wonders", scope="ranked") | plain("more_tokens", 3 * 10**12, unit="tokens")
    assert told("new_thing", facts).startswith("New thing is 3 (wonders), among all models that OpenRouter ranks. ")
    assert told("more_tokens", facts).startswith("More tokens is 3.000 (trillion tokens), over the whole platform. ")


def test_a_claim_may_be_called_after_a_scope() -> None:
    given = {"value": 4.0, "unit": "trillion tokens", "scope": "ranked", "table": "x", "about": {"claim": "top-chart"}}
    facts = by_name(
        [
            Fact(name="published_top_chart", kind="published", **given),
            Fact(name="claim_top_chart_ranked", kind="claim", **given),
            Fact(name="told_top_chart", kind="told", **given | {"value": "It was 4 trillion.", "unit": "sentence"}),
        ]
    )
    assert told("published_top_chart", facts).startswith("Printed as 4 trillion tokens: It was 4 trillion. One ")
    assert "ranks the record gives 4 trillion tokens: It was 4 trillion. One " in told("claim_top_chart_ranked", facts)


def test_tokens_are_shown_as_trillions() -> None:
    block = present("china_tokens_chart_2026_02_09", FACTS, as_of="2026-10-11")
    assert "value    4119001453500" in block
    assert "unit     trillion tokens, as written" in block
    assert "another 5.963 trillion are unidentified" in block
    rows = {row["name"]: row for row in csv.DictReader(as_csv(FACTS, as_of="2026-10-11").splitlines())}
    assert {rows[name]["unit"] for name, fact in FACTS.items() if fact.unit == "tokens"} == {"trillion tokens"}


def test_bounds_of_the_largest_ratio_are_shown_where_its_sentence_has_them() -> None:
    for name, fact in FACTS.items():
        if fact.kind == "extreme" and fact.unit == "ratio":
            low, high = fact.bounds
            assert f"lies between {low} and {high}" in told(name)
            assert f"bounds   {low} to {high}" in present(name, FACTS, as_of="2026-10-11")


def test_a_fact_that_is_there_reads_no_table(tmp_path) -> None:
    assert with_weeks(FACTS, ["ratio_chart_2026_02_09"], tmp_path / "absent") == FACTS


def test_an_unknown_fact_is_refused() -> None:
    with pytest.raises(InputError, match=r"No fact is called 'qqq'\. `crossover facts --search qqq`"):
        require_fact("qqq", FACTS)


def test_the_macros_escape_what_latex_would_read() -> None:
    lines = as_latex(FACTS, as_of="2026-10-11").splitlines()
    assert r"\expandafter\def\csname crossover@share_china\endcsname{51.5 \%}" in lines
    cut = [name for name, fact in FACTS.items() if cut_days(fact, FACTS)]
    assert len([line for line in lines if line.startswith(r"\expandafter")]) == len(FACTS) - len(cut) + 1
    assert [line for line in lines[1:] if re.search(r"(?<!\\)%", line)] == []


def test_the_table_has_a_row_a_fact() -> None:
    rows = {row["name"]: row for row in csv.DictReader(as_csv(FACTS, as_of="2026-10-11").splitlines())}
    assert list(rows) == sorted(FACTS)
    assert rows["durable_lead_ranked"]["text"] == "2026-04-27"
    assert rows["durable_lead_ranked"]["sentence"] == told("durable_lead_ranked")


def test_a_search_finds_names_numbers_and_sentences() -> None:
    found = search(FACTS, ["9 feb", "0.85"], as_of="2026-10-11")
    assert any(line.startswith("ratio_ranked_2026_02_09 = 0.85") for line in found)


def test_text_without_names_stays_as_it_is() -> None:
    text = "No {name} and no { {name} } here.\n"
    assert fill(text, FACTS, as_of="2026-10-11") == text


def cut(first: str = "2025-01-01", last: str = "2026-10-09", days: int = 5) -> dict[str, Fact]:
    """Facts of a week of which the record holds some days only."""
    lead = {"kind": "lead", "scope": "ranked", "about": {"rule": "first_lead"}}
    return (
        by_name(facts_of_row(WEEK | {"week_start": "2026-10-05", "scope": "ranked"}), cut_week("2026-10-05", days))
        | plain("first_lead_ranked", "2026-10-05", unit="week_start", **lead)
        | plain("record_first_day", first, unit="day")
        | plain("record_last_day", last, unit="day")
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (cut(), "In the first 5 of 7 days of the week of 5 October 2026 (the record ends on 9 October 2026), "),
        (
            cut("2026-10-07", "2026-12-01"),
            "In the last 5 of 7 days of the week of 5 October 2026 (the record begins on 7 October 2026), ",
        ),
        (cut(last="2026-12-01"), "In the 5 of 7 days of the week of 5 October 2026 (the record holds no others), "),
        (
            cut("2026-10-06", "2026-10-08", 3),
            "In the 3 of 7 days of the week of 5 October 2026 (the record holds no others), ",
        ),
    ],
)
def test_a_week_cut_short_is_never_told_as_the_week(facts: dict, said: str) -> None:
    for name in ("ratio_ranked_2026_10_05", "china_tokens_ranked_2026_10_05"):
        assert told(name, facts).startswith(said)
    assert "in the week of 5 October 2026 (of which the record holds 5 of 7 days)" in told("first_lead_ranked", cut())


def test_a_number_of_a_cut_week_is_refused_without_its_sentence() -> None:
    with pytest.raises(
        InputError, match=r"(?s)a part of a week as the week.*line 2: 'ratio_ranked_2026_10_05' counts 5 of 7"
    ):
        fill("Fine.\n{{ratio_ranked_2026_10_05}}", cut(), as_of="2026-10-11")
    filled = fill("{{ratio_ranked_2026_10_05.sentence}}", cut(), as_of="2026-10-11")
    assert filled.startswith("In the first 5 of 7 days of the week of 5 October 2026")
    assert "ratio_ranked_2026_10_05" not in as_latex(cut(), as_of="2026-10-11")
    assert "days     5 of 7" in present("ratio_ranked_2026_10_05", cut(), as_of="2026-10-11")


def test_an_infinite_ratio_is_told_as_what_it_is() -> None:
    facts = made(ratio=inf, ratio_high=inf)
    extreme = {"kind": "extreme", "scope": "chart", "about": {"which": "last"}}
    facts |= plain("ratio_last_chart", inf, unit="ratio", **extreme)
    facts |= plain("ratio_last_week_chart", "2026-02-09", unit="week_start", **extreme)
    facts |= plain("money_ratio_mix", inf, unit="ratio", kind="money_ratio", scope="ranked")
    assert told("ratio_chart_2026_02_09", facts).startswith(
        "In the week of 9 February 2026, among the nine largest models of a week by name, as the weekly chart shows "
        "them, Chinese models processed 4.100 trillion tokens and US models none, so the ratio has no upper end, and "
        "is at least 0.20 even if every unidentified token is American. "
    )
    assert "has no upper end: in the week of 9 February 2026 among the nine" in told("ratio_last_chart", facts)
    assert "has no upper end: there are none of the US" in told("money_ratio_mix", facts)
    assert not [name for name in facts if re.search(r"\binf\b|infinity", told(name, facts))]


def test_a_ratio_of_nothing_to_nothing_has_bounds_but_no_fact() -> None:
    facts = made(ratio=nan, ratio_low=0.0, ratio_high=inf)
    assert "ratio_chart_2026_02_09" not in facts
    assert "at least 0.00 times the tokens" in told("ratio_low_chart_2026_02_09", facts)


def test_a_chart_of_another_size_is_not_told_as_that_of_the_rankings_page() -> None:
    said = sentence("ratio_chart_2026_02_09", made(), as_of="2026-10-11", choices={"chart_size": 3})
    assert "among the three largest models of a week by name, Chinese" in said
    assert "nine" not in said
