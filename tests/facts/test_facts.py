"""What is collected as facts, how each is written, and the file that holds them."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from helpers.data.tables import write_table
from helpers.errors import InputError
from helpers.facts.collect import growth_facts, lead_facts, ratio_facts, record_facts, summarise, week_facts
from helpers.facts.fact import FACTS, Fact, by_name, percent, ratio_text, read_facts, write, write_facts
from helpers.facts.robustness import specification_facts
from helpers.facts.sentences import sentence
from helpers.facts.weeks import read_weeks
from helpers.numbers import lost_from, round_digits


def full_weeks(ratios: pd.DataFrame) -> pd.Series:
    return ratios.groupby("week_start").size().mul(0).add(7).rename("days_observed")


def of_weeks(ratios: pd.DataFrame, *weeks: str) -> dict[str, Fact]:
    return by_name(week_facts(ratios, full_weeks(ratios), weeks=weeks), ratio_facts(ratios))


def test_the_reported_week_of_the_real_record(real) -> None:
    found = of_weeks(real["ratios"], "2026-02-09")
    texts = {name: fact.text for name, fact in found.items()}
    assert texts["china_tokens_chart_2026_02_09"] == "4.119"
    assert texts["us_tokens_chart_2026_02_09"] == "2.933"
    assert texts["ratio_chart_2026_02_09"] == "1.40"
    assert texts["state_ranked_2026_02_09"] == "US"
    tokens, ratio = found["china_tokens_chart_2026_02_09"], found["ratio_chart_2026_02_09"]
    assert (tokens.value, tokens.unit, tokens.text_unit) == (4_119_001_453_500, "tokens", "trillion tokens")
    assert (ratio.kind, ratio.scope, ratio.week, ratio.bounds) == ("ratio", "chart", "2026-02-09", ("0.46", "3.44"))


def test_weeks_that_the_record_does_not_hold_are_left_out(real) -> None:
    assert list(week_facts(real["ratios"], full_weeks(real["ratios"]), weeks=["2031-01-06"])) == []


def test_infinite_ratios_are_written_as_what_they_are(small, tmp_path) -> None:
    found = of_weeks(small["ratios"].assign(ratio=np.inf, ratio_high=np.inf), "2026-01-05")
    assert found["ratio_ranked_2026_01_05"].value == found["ratio_largest_chart"].value == "infinity"
    assert found["ratio_ranked_2026_01_05"].bounds == ("0.01", "infinity")
    assert "ratio_high_ranked_2026_01_05" not in found
    write_facts(found, tmp_path, summary=summarise(found, week="2026-01-05"))
    text = (tmp_path / FACTS).read_text(encoding="utf-8")
    assert not re.search(r"\b(inf|nan)\b", text, re.IGNORECASE)
    assert "ratio infinity (bounds 0.01 to infinity)" in text


def test_a_ratio_of_nothing_to_nothing_is_no_fact(small) -> None:
    found = of_weeks(small["ratios"].assign(ratio=np.nan, ratio_low=0.0, ratio_high=np.inf), "2026-01-05")
    assert [name for name in found if name.startswith("ratio_ranked")] == []
    assert "ratio undefined (bounds 0.00 to infinity)" in summarise(found, week="2026-01-05")


def test_the_days_of_a_week_that_the_record_cuts_short_are_a_fact(small) -> None:
    days = full_weeks(small["ratios"])
    days.loc["2026-01-05"] = 5
    found = by_name(week_facts(small["ratios"], days, weeks=["2026-01-05", "2026-01-12"]))
    assert [name for name in found if name.startswith("days")] == ["days_observed_platform_2026_01_05"]
    assert found["days_observed_platform_2026_01_05"].text == "5 of 7"
    assert "Week of 2026-01-05 (5 of 7 days), " in summarise(found, week="2026-01-05")
    assert "days_observed_platform_2026_01_05" in by_name(growth_facts(small["growth"], days))


def test_any_week_of_the_tables_has_the_facts_that_are_collected(small, tmp_path) -> None:
    ratios = small["ratios"]
    ratios.loc[0, ["ratio", "ratio_low", "ratio_high"]] = [np.inf, 0.5, np.inf]
    ratios.loc[1, "ratio"] = np.nan
    write_table(ratios, tmp_path, "ratios")
    counted = small["origin_weekly"]
    counted.loc[counted["week_start"].eq("2026-01-05"), "days_observed"] = 5
    write_table(counted, tmp_path, "origin_weekly")
    days = counted.groupby("week_start")["days_observed"].first()
    weeks = days.index.strftime("%Y-%m-%d").tolist()
    assert read_weeks(tmp_path) == by_name(week_facts(ratios, days, weeks=weeks))


@pytest.mark.parametrize("content", [b"week_start,scope\n2026-01-05,chart\n", b"\xff\xfe", b"a\n1\n"])
def test_a_table_of_weeks_that_is_damaged_is_named(small, tmp_path, content) -> None:
    with pytest.raises(InputError, match=r"origin_weekly\.csv does not exist yet"):
        read_weeks(tmp_path)
    write_table(small["origin_weekly"], tmp_path, "origin_weekly")
    (tmp_path / "ratios.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"ratios\.csv cannot be read: .*Write it again"):
        read_weeks(tmp_path)


def test_every_rule_and_every_reversal_is_a_fact(real) -> None:
    found = by_name(lead_facts(real["crossovers"]))
    assert found["first_lead_chart"].value == "2026-02-09"
    assert found["reversal_2_chart"].value == "2026-04-13"
    assert found["reversals_chart"].value == 2
    assert found["sustained_lead_2_chart"].about == {"rule": "sustained_lead", "weeks": 2}


def test_a_rule_without_a_week_is_never(small) -> None:
    never = by_name(lead_facts(small["crossovers"].assign(week_start=pd.NaT)))["certain_lead_ranked"]
    assert (never.value, never.text, never.unit, never.scope) == (None, "never", "week_start", "ranked")


def test_three_to_one_is_counted_in_full_weeks_only(real) -> None:
    assert by_name(ratio_facts(real["ratios"]))["weeks_at_least_three_to_one_ranked"].value == 0
    assert list(ratio_facts(real["ratios"].assign(state="incomplete"))) == []


def test_growth_is_a_percentage_with_bounds(real) -> None:
    end = "china_ranked_2025_11_03_2026_06_22"
    found = by_name(growth_facts(real["growth"], full_weeks(real["ratios"])))
    texts = [found[f"growth_{name}_{end}"].text for name in ("share", "share_low", "share_high")]
    assert texts == ["58.7 %", "57.6 %", "73.8 %"]
    assert found[f"growth_share_{end}"].bounds == ("57.6 %", "73.8 %")


def test_the_size_of_the_record(real) -> None:
    found = by_name(record_facts(real["usage_daily"], real["tag_coverage"]))
    assert found["record_days"].text == "647"
    assert found["record_permaslugs"].text == "427"
    shares = [found[f"share_{name}"].value for name in ("china", "us", "other", "unidentified")]
    assert sum(shares) == pytest.approx(1)


def test_the_summary_speaks_of_the_scopes_that_were_run(real) -> None:
    found = by_name(
        record_facts(real["usage_daily"], real["tag_coverage"]),
        week_facts(real["ratios"], full_weeks(real["ratios"]), weeks=["2026-02-09"]),
        lead_facts(real["crossovers"]),
    )
    text = summarise(found, week="2026-02-09")
    assert "China 4.119, US 2.933 trillion tokens, ratio 1.40 (bounds 0.46 to 3.44): not identified." in text
    assert summarise({}, week="2026-02-09") == "No scope of this run holds the week of 2026-02-09."


def test_a_week_that_the_run_lacks_is_said_before_the_leads(real) -> None:
    found = by_name(record_facts(real["usage_daily"], real["tag_coverage"]), lead_facts(real["crossovers"]))
    lines = summarise(found, week="2031-01-06").splitlines()
    assert lines[0] == "No scope of this run holds the week of 2031-01-06."
    assert len(lines) == 3  # the chart's leads and those of all ranked models, whose tokens the platform shares


def test_facts_survive_the_journey_to_disk(tmp_path, real) -> None:
    days = full_weeks(real["ratios"])
    found = of_weeks(real["ratios"], "2026-02-09") | by_name(
        growth_facts(real["growth"], days), lead_facts(real["crossovers"])
    )
    path = write_facts(found, tmp_path, summary="In short.")
    assert read_facts(tmp_path) == found
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["summary"] == "In short."
    assert list(content["facts"]) == sorted(found)
    assert {"value", "text", "unit", "scope", "source"} <= set(content["facts"]["ratio_chart_2026_02_09"])


@pytest.mark.parametrize("content", [[1], {"facts": {"a": 1}}, {"facts": {"a": {"value": 1}}}])
def test_facts_that_are_not_there_or_damaged_are_named(tmp_path, content) -> None:
    with pytest.raises(InputError, match="facts.json does not exist yet. Run `crossover run` first"):
        read_facts(tmp_path)
    (tmp_path / FACTS).write_text(json.dumps(content))
    with pytest.raises(InputError, match="facts.json is damaged"):
        read_facts(tmp_path)


@pytest.mark.parametrize("tiny", [-0.0, -1e-9, -0.0004])
def test_no_number_is_written_as_minus_zero(tiny) -> None:
    assert [percent(tiny), ratio_text(tiny), write(tiny, "share")] == ["0.0 %", "0.00", "0.0 %"]
    assert round_digits(-0.0, digits=4) == write(-0.0, "pure number") == "0"


@pytest.mark.parametrize(
    ("low", "high", "bounds"),
    [
        (0.5, 2, ("0.50", "2.00")),
        (0.5, np.inf, ("0.50", "infinity")),
        (np.float64(0.5), None, ("0.50", "infinity")),
        (np.inf, np.inf, None),
        (np.nan, 2, None),
        (None, None, None),
    ],
)
def test_bounds_are_written_as_the_value_is(low, high, bounds) -> None:
    fact = Fact(name="r", kind="ratio", value=1.0, unit="ratio", scope="chart", table="x", low=low, high=high)
    assert fact.bounds == bounds


@pytest.mark.parametrize(
    ("ratios", "lost"),
    [([3, 2, 0.9, 0.8], 3), ([3, 0.9, 2, 0.8], 4), ([3, 0.9, 2], None), ([0.9, 0.8], None), ([], None)],
)
def test_a_lead_is_lost_from_the_number_on_after_which_it_never_comes_back(ratios, lost) -> None:
    ratio = pd.Series(ratios, dtype="float64", index=range(7, 7 + len(ratios)))
    assert lost_from(pd.Series(range(1, len(ratios) + 1), index=ratio.index, dtype="int64"), ratio) == lost


def test_shares_of_specifications_count_those_that_find_the_week_and_say_so(real) -> None:
    table, counted = real["specifications"], pd.DataFrame({"specifications": [1]})
    moved = pd.DataFrame({"outcome": [], "share_of_variance": []})

    def collect(specifications: pd.DataFrame) -> dict[str, Fact]:
        return by_name(specification_facts(specifications, counted, moved, reported_week="2026-02-09"))

    monday = table["week"].eq("monday")
    part = collect(table.assign(ratio_reported=table["ratio_reported"].where(monday)))
    only, name = collect(table[monday]), "specifications_share_china_ahead"
    assert part[name].value == only[name].value
    assert only[name].scope == "all specifications"
    assert "definitions under which the record holds the week, China is ahead" in sentence(
        name, part, as_of="2026-10-11"
    )
    none = collect(table.assign(ratio_reported=np.nan))
    assert not [name for name in none if "ahead" in name or "ratio_lowest" in name or "reported_date" in name]
