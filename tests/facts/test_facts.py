import json
import re

import numpy as np
import pandas as pd
import pytest

from helpers import facts
from helpers.errors import InputError
from helpers.robustness_facts import specification_facts
from helpers.sentences import sentence


def full_weeks(ratios: pd.DataFrame) -> pd.Series:
    return ratios.groupby("week_start").size().mul(0).add(7).rename("days_observed")


def test_the_reported_week_of_the_real_record(real) -> None:
    found = facts.week_facts(real["ratios"], full_weeks(real["ratios"]), weeks=["2026-02-09"])
    texts = {name: found[name]["text"] for name in found}
    assert texts["china_tokens_chart_2026_02_09"] == "4.119"
    assert texts["us_tokens_chart_2026_02_09"] == "2.933"
    assert texts["ratio_chart_2026_02_09"] == "1.40"
    assert texts["state_ranked_2026_02_09"] == "US"
    assert found["china_tokens_chart_2026_02_09"]["value"] == 4_119_001_453_500


def test_weeks_that_the_record_does_not_hold_are_left_out(real) -> None:
    assert facts.week_facts(real["ratios"], full_weeks(real["ratios"]), weeks=["2031-01-06"]) == {}


def test_infinite_ratios_are_written_as_what_they_are(small, tmp_path) -> None:
    ratios = small["ratios"].assign(ratio=np.inf, ratio_high=np.inf)
    found = facts.week_facts(ratios, full_weeks(ratios), weeks=["2026-01-05"]) | facts.ratio_facts(ratios)
    assert found["ratio_ranked_2026_01_05"]["value"] == found["ratio_largest_chart"]["value"] == "infinity"
    assert "ratio_high_ranked_2026_01_05" not in found  # a bound that does not exist is told by its absence
    facts.write_facts(found, tmp_path, summary=facts.summarise(found, week="2026-01-05"))
    text = (tmp_path / "facts.json").read_text(encoding="utf-8")
    assert not re.search(r"\b(inf|nan)\b", text, re.IGNORECASE)
    assert "ratio infinity (bounds 0.01 to infinity)" in text


def test_a_ratio_of_nothing_to_nothing_is_no_fact(small) -> None:
    ratios = small["ratios"].assign(ratio=np.nan, ratio_low=0.0, ratio_high=np.inf)
    found = facts.week_facts(ratios, full_weeks(ratios), weeks=["2026-01-05"]) | facts.ratio_facts(ratios)
    assert not [name for name in found if name.startswith("ratio_ranked")]
    assert "ratio undefined (bounds 0.00 to infinity)" in facts.summarise(found, week="2026-01-05")


def test_the_days_of_a_week_that_the_record_cuts_short_are_a_fact(small) -> None:
    days = full_weeks(small["ratios"])
    days.loc["2026-01-05"] = 5
    found = facts.week_facts(small["ratios"], days, weeks=["2026-01-05", "2026-01-12"])
    assert [name for name in found if name.startswith("days")] == ["days_observed_platform_2026_01_05"]
    assert found["days_observed_platform_2026_01_05"]["text"] == "5 of 7"
    assert "Week of 2026-01-05 (5 of 7 days), " in facts.summarise(found, week="2026-01-05")
    assert "days_observed_platform_2026_01_05" in facts.growth_facts(small["growth"], days)


def test_only_a_chart_that_is_not_the_rankings_pages_own_is_a_fact() -> None:
    assert facts.chart_facts(9) == {}
    assert facts.chart_facts(3)["chart_size"]["value"] == 3


def test_every_rule_and_every_reversal_is_a_fact(real) -> None:
    found = facts.crossover_facts(real["crossovers"])
    assert found["first_lead_chart"]["value"] == "2026-02-09"
    assert found["reversal_2_chart"]["value"] == "2026-04-13"
    assert found["reversals_chart"]["value"] == 2


def test_a_rule_without_a_week_is_never(small) -> None:
    crossovers = small["crossovers"].assign(week_start=pd.NaT)
    found = facts.crossover_facts(crossovers)
    assert found["certain_lead_ranked"] == {
        "value": None, "text": "never", "unit": "week_start", "scope": "ranked", "source": "crossovers.csv",
    }  # fmt: skip


def test_three_to_one_is_counted_in_full_weeks_only(real) -> None:
    found = facts.ratio_facts(real["ratios"])
    assert found["weeks_at_least_three_to_one_ranked"]["value"] == 0
    ratios = real["ratios"].assign(state="incomplete")
    assert facts.ratio_facts(ratios) == {}


def test_growth_is_a_percentage_with_bounds(real) -> None:
    end = "china_ranked_2025_11_03_2026_06_22"
    found = facts.growth_facts(real["growth"], full_weeks(real["ratios"]))
    texts = [found[f"growth_{name}_{end}"]["text"] for name in ("share", "share_low", "share_high")]
    assert texts == ["58.7 %", "57.6 %", "73.8 %"]


def test_the_size_of_the_record(real) -> None:
    found = facts.record_facts(real["usage_daily"], real["tag_coverage"])
    assert found["record_days"]["text"] == "647"
    assert found["record_permaslugs"]["text"] == "427"
    shares = [found[f"share_{name}"]["value"] for name in ("china", "us", "other", "unidentified")]
    assert sum(shares) == pytest.approx(1)


def test_a_published_number_keeps_its_print() -> None:
    claims = pd.DataFrame(
        [["us-2025-share", "0.70", "share", "top models"], ["first", "2026-02-09", "week", "not stated"]],
        columns=["claim_id", "value", "unit", "scope_stated"],
    )
    found = facts.published_facts(claims)
    assert (found["published_us_2025_share"]["text"], found["published_us_2025_share"]["value"]) == ("0.70", 0.7)
    assert found["published_first"]["value"] == "2026-02-09"


def test_the_summary_speaks_of_the_scopes_that_were_run(real) -> None:
    found = facts.record_facts(real["usage_daily"], real["tag_coverage"])
    found |= facts.week_facts(real["ratios"], full_weeks(real["ratios"]), weeks=["2026-02-09"]) | facts.crossover_facts(
        real["crossovers"]
    )
    text = facts.summarise(found, week="2026-02-09")
    assert "China 4.119, US 2.933 trillion tokens, ratio 1.40 (bounds 0.46 to 3.44): not identified." in text
    assert facts.summarise({}, week="2026-02-09") == "No scope of this run holds the week of 2026-02-09."


def test_facts_survive_the_journey_to_disk(tmp_path, real) -> None:
    found = facts.week_facts(real["ratios"], full_weeks(real["ratios"]), weeks=["2026-02-09"])
    facts.write_facts(found, tmp_path, summary="In short.")
    assert facts.read_facts(tmp_path) == dict(sorted(found.items()))
    assert facts.read_summary(tmp_path) == "In short."


def test_facts_that_are_not_there_or_damaged_are_named(tmp_path) -> None:
    assert facts.read_summary(tmp_path) == ""
    with pytest.raises(InputError, match="facts.json does not exist yet. Run `crossover run` first"):
        facts.read_facts(tmp_path)
    (tmp_path / "facts.json").write_text(json.dumps([1]))
    with pytest.raises(InputError, match="facts.json is damaged"):
        facts.read_facts(tmp_path)


def test_shares_of_specifications_count_those_that_find_the_week_and_say_so(real) -> None:
    table, counted = real["specifications"], pd.DataFrame({"specifications": [1]})
    moved = pd.DataFrame({"outcome": [], "share_of_variance": []})
    ask = {"counted": counted, "moved": moved, "reported_week": "2026-02-09"}
    monday = table["week"].eq("monday")
    part = specification_facts(table.assign(ratio_reported=table["ratio_reported"].where(monday)), **ask)
    only = specification_facts(table[monday], **ask)
    name = "specifications_share_china_ahead"
    assert part[name]["value"] == only[name]["value"]
    assert only[name]["scope"] == "all specifications"
    assert "definitions under which the record holds the week, China is ahead" in sentence(
        name, part, as_of="2026-10-11"
    )
    none = specification_facts(table.assign(ratio_reported=np.nan), **ask)
    assert not [name for name in none if "ahead" in name or "ratio_lowest" in name or "reported_date" in name]


def test_a_week_that_the_run_lacks_is_said_before_the_leads(real) -> None:
    found = facts.record_facts(real["usage_daily"], real["tag_coverage"]) | facts.crossover_facts(real["crossovers"])
    lines = facts.summarise(found, week="2031-01-06").splitlines()
    assert lines[0] == "No scope of this run holds the week of 2031-01-06."
    assert len(lines) == 3  # the chart's leads and those of all ranked models, whose tokens the platform shares
