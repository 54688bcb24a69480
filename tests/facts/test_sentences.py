"""Every fact as a sentence: its number, its scope, its bounds and its caveat are all in it."""

import json
import re
from pathlib import Path

import pytest

from crossover.article.quoting import as_latex, as_table, fill, present, require_fact, with_week
from helpers.errors import InputError
from helpers.facts import fact
from helpers.sentences import TELLERS, bounds, day, sentence

ROOT = Path(__file__).resolve().parents[2]
FACTS = json.loads((ROOT / "data" / "processed" / "facts.json").read_text(encoding="utf-8"))["facts"]
SCOPE_WORDS = {"chart": "nine largest", "ranked": "ranks", "platform": "whole platform"}


def told(name: str, facts: dict | None = None) -> str:
    return sentence(name, facts or FACTS, as_of="2026-10-11")


def made(**texts: str) -> dict[str, dict]:
    return {
        name: fact(
            text, text=text, unit="ratio", scope=next((s for s in SCOPE_WORDS if s in name), "chart"), source="x"
        )
        for name, text in texts.items()
    }


def test_every_fact_of_the_record_has_a_sentence_of_its_own() -> None:
    assert len(FACTS) > 600
    assert [name for name in FACTS if not any(tell(name, FACTS[name], FACTS) for tell in TELLERS)] == []


def test_every_sentence_holds_its_number_and_the_snapshot() -> None:
    def holds(name: str, text: str) -> bool:
        written = day(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
        said = told(name)
        return written in said or text in said or FACTS[name]["unit"] == "lead state"

    assert [name for name, entry in FACTS.items() if not holds(name, entry["text"])] == []
    assert all(told(name).endswith("Source: OpenRouter rankings, as of 11 October 2026.") for name in FACTS)
    assert all("One platform, public traffic only" in told(name) for name in FACTS)


def test_every_sentence_of_a_scope_names_it() -> None:
    named = [name for name, entry in FACTS.items() if re.search(r"_(chart|ranked|platform)(_|$)", name)
             and entry["scope"] in SCOPE_WORDS and not re.match(r"growth_(from|to)_", name)]  # fmt: skip
    assert len(named) > 300
    assert [name for name in named if SCOPE_WORDS[FACTS[name]["scope"]] not in told(name)] == []


def test_no_sentence_has_a_hole() -> None:
    assert [name for name in FACTS if re.search(r"[{}]|  |None|nan|\.\.", told(name))] == []


def test_the_reported_week_over_all_ranked_models() -> None:
    assert told("ratio_ranked_2026_02_09") == (
        "In the week of 9 February 2026, among all models that OpenRouter ranks, Chinese models processed 0.85 times "
        "the tokens of US models; with the unidentified tokens on either side it lies between 0.75 and 0.98. "
        "One platform, public traffic only, tokens as each provider counts them. "
        "Source: OpenRouter rankings, as of 11 October 2026."
    )


def test_a_ratio_that_is_not_identified_says_so() -> None:
    said = told("ratio_chart_2026_02_09")
    assert "lies between 0.46 and 3.44; who led is therefore not identified." in said


def test_a_first_lead_that_is_not_certain_says_so() -> None:
    assert "in the week of 9 February 2026; because of unidentified tokens it is not identified who led" in told(
        "first_lead_chart"
    )


def test_a_ratio_without_upper_bound_says_so() -> None:
    facts = made(ratio_chart_2026_02_09="5.00", ratio_low_chart_2026_02_09="0.20")
    assert bounds("ratio_chart_2026_02_09", facts) == ("0.20", "infinity")
    assert "it is at least 0.20, and has no upper bound" in told("ratio_chart_2026_02_09", facts)


def test_bounds_that_are_equal_are_not_repeated() -> None:
    facts = made(ratio_chart_2026_02_09="5.00", ratio_low_chart_2026_02_09="5.00", ratio_high_chart_2026_02_09="5.00")
    assert "between" not in told("ratio_chart_2026_02_09", facts)


def test_a_lead_that_never_came_says_never() -> None:
    facts = {"durable_lead_chart": fact(None, text="never", unit="week_start", scope="chart", source="crossovers.csv")}
    assert "durable lead of Chinese models, never" in told("durable_lead_chart", facts)


def test_money_is_bounded_by_prices_not_by_unidentified_tokens() -> None:
    assert "with prompt prices for one side and completion prices for the other it lies between 0.05 and 0.95" in told(
        "money_ratio_mix"
    )


def test_a_fact_of_a_kind_that_is_new_is_still_told_with_unit_and_scope() -> None:
    facts = {"new_thing": fact(3, text="3", unit="wonders", scope="ranked", source="x.csv")}
    assert told("new_thing", facts).startswith("New thing is 3 (wonders), among all models that OpenRouter ranks. ")


def test_tokens_are_shown_as_trillions() -> None:
    block = present("china_tokens_chart_2026_02_09", FACTS, as_of="2026-10-11")
    assert "value    4119001453500" in block
    assert "unit     trillion tokens, as written" in block
    assert "another 5.963 trillion are unidentified" in block


def test_a_name_without_a_week_reads_no_table() -> None:
    assert with_week(FACTS, "share_chna", lambda: pytest.fail("read the table")) == FACTS
    assert with_week(FACTS, "ratio_chart_2026_02_09", lambda: pytest.fail("read the table")) == FACTS


def test_an_unknown_fact_is_refused() -> None:
    with pytest.raises(InputError, match=r"No fact is called 'qqq'\. List them all with `crossover facts`"):
        require_fact("qqq", FACTS)


def test_the_macros_escape_what_latex_would_read() -> None:
    lines = as_latex(FACTS, as_of="2026-10-11").splitlines()
    assert r"\expandafter\def\csname crossover@share_china\endcsname{51.5 \%}" in lines
    assert len([line for line in lines if line.startswith(r"\expandafter")]) == len(FACTS) + 1
    assert [line for line in lines[1:] if re.search(r"(?<!\\)%", line)] == []


def test_the_table_has_a_row_a_fact() -> None:
    table = as_table(FACTS, as_of="2026-10-11").set_index("name")
    assert sorted(table.index) == sorted(FACTS)
    assert table.loc["durable_lead_ranked", "text"] == "2026-04-27"


def test_text_without_names_stays_as_it_is() -> None:
    text = "No {name} and no { {name} } here.\n"
    assert fill(text, FACTS, as_of="2026-10-11") == text


def cut(first: str = "2025-01-01", last: str = "2026-10-09", days: str = "5 of 7") -> dict[str, dict]:
    """Facts of a week of which the record holds some days only."""
    given = {"scope": "platform", "source": "x"}
    return made(
        ratio_ranked_2026_10_05="2.00", china_tokens_ranked_2026_10_05="9.000", first_lead_ranked="2026-10-05"
    ) | {
        "days_observed_platform_2026_10_05": fact(int(days[0]), text=days, unit="days", **given),
        "record_first_day": fact(first, text=first, unit="day", **given),
        "record_last_day": fact(last, text=last, unit="day", **given),
    }


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
            cut("2026-10-06", "2026-10-08", "3 of 7"),
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
    facts = made(
        ratio_chart_2026_02_09="infinity", ratio_low_chart_2026_02_09="0.20", china_tokens_chart_2026_02_09="4.100",
        ratio_last_chart="infinity", ratio_last_week_chart="2026-02-09", money_ratio_mix="infinity",
    )  # fmt: skip
    assert told("ratio_chart_2026_02_09", facts).startswith(
        "In the week of 9 February 2026, among the nine largest models of a week by name, as the weekly chart shows "
        "them, Chinese models processed 4.100 trillion tokens and US models none, so the ratio has no upper end, and "
        "is at least 0.20 even if every unidentified token is American. "
    )
    assert "has no upper end: in the week of 9 February 2026 among the nine" in told("ratio_last_chart", facts)
    assert "has no upper end: there are none of the US" in told("money_ratio_mix", facts)
    assert not [name for name in facts if re.search(r"\binf\b|infinity", told(name, facts))]


def test_a_chart_of_another_size_is_not_told_as_that_of_the_rankings_page() -> None:
    size = {"chart_size": fact(3, text="3", unit="permaslugs", scope="chart", source="x")}
    said = told("ratio_chart_2026_02_09", made(ratio_chart_2026_02_09="1.00") | size)
    assert "among the 3 largest models of a week by name, Chinese" in said
    assert "nine" not in said
