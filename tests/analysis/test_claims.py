from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.claims import STATED_SCOPES, check_claims, evaluate_claims, gather_evidence, judge_claims
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.measures import ALL_MODELS, MEASURES, OPEN_WEIGHTS
from helpers.analysis.verdicts import UNITS
from helpers.data.claims import read_claims
from helpers.data.contracts import CONTRACTS
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "tiny"


def evidence_of(raw: Path, **options: object) -> dict:
    return gather_evidence(clean_rankings(read_rankings(raw)), registry=vars(read_registry(raw)), **options)


@pytest.fixture(scope="module")
def tiny() -> dict:
    return evidence_of(TINY / "raw", chart_size=3)


@pytest.fixture
def claims(raw) -> pd.DataFrame:
    for name in ("published_claims.csv", "claim_sources.csv"):
        raw.rewrite(name, (TINY / "claims" / name).read_text(encoding="utf-8"))
    return read_claims(raw.path).claims


@pytest.fixture(scope="module")
def real() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Claims and settings of the real articles."""
    raw = ROOT / "data" / "raw"
    found = read_claims(raw).claims
    settings = evaluate_claims(found, evidence_of(raw))
    return judge_claims(found, settings).set_index("claim_id"), settings


def test_every_kind_of_verdict_follows_from_the_tiny_record(claims, tiny) -> None:
    found = judge_claims(claims, evaluate_claims(claims, tiny)).set_index("claim_id")["verdict"]
    assert found.to_dict() == {
        "us-listed-feb16": "holds",  # alpha's 70 billion a day are the chart's only US tokens
        "us-week-feb16": "holds only under scopes ranked and platform",  # 105 billion a day with all of Acme
        # Veiled Alpha's 15 billion a day are China's from its reveal on; without them 130 a day are left.
        "cn-week-feb16": "holds only under scopes ranked and platform with stealth policy as_of or retrospective",
        "first-lead": "holds",  # the week before is a tie
        "first-lead-early": "contradicted",
        "ratio-feb9": "not identified",  # 65 of China, 15 in part, against 95 of the US and 37 unidentified
        "total-feb": "holds",
        "open-feb16": "holds",  # 127 billion a day without Three and Veiled Alpha against 105
        "us-cut-week": "not testable with this record",
        "us-next-year": "not testable with this record",
    }


def test_a_setting_shows_all_that_its_agreement_is_made_from(claims, tiny) -> None:
    settings = evaluate_claims(claims, tiny).set_index(["claim_id", "scope", "policy"])
    us = settings.loc[("us-week-feb16", "ranked", "as_of")]
    # A day of that week: 105 billion of Acme, 37 unidentified (7 of an unknown publisher, 30 below rank 50).
    assert (us["value"], us["low"], us["high"], us["accepted"]) == ("0.735", "0.735", "0.994", "0.72765 to 0.74235")
    assert (us["agreement"], us["certain"], us["weeks"], us["weeks_supporting"]) == ("supported", False, 1, 1)
    total = settings.loc[("total-feb", "platform", "as_of")]
    # Billions a day: 286, 225, 300 and 295 in the four weeks; the second is below 1.8 trillion a week.
    assert (float(total["value"]), total["certain"]) == (pytest.approx((286 + 225 + 300 + 295) * 7 / 4 / 1000), True)
    assert (total["weeks"], total["weeks_supporting"]) == (4, 3)


def test_only_the_scopes_that_a_claim_states_are_judged_and_all_are_shown(claims, tiny) -> None:
    settings = evaluate_claims(claims, tiny)
    listed = settings[settings["claim_id"].eq("us-listed-feb16")]
    assert listed.groupby("scope")["judged"].first().to_dict() == {"chart": True, "ranked": False, "platform": False}
    row = judge_claims(claims, settings).iloc[0]
    assert (row["value_chart"], row["value_ranked"], row["published_value"]) == ("0.49", "0.735", "0.49")


def test_what_has_no_value_is_empty_and_says_what_is_missing(claims, tiny) -> None:
    settings = evaluate_claims(claims, tiny)
    cut = settings[settings["claim_id"].eq("us-cut-week")]
    assert cut["agreement"].eq("not testable").all()
    assert cut["missing"].str.contains("the first 2026-03-02, are not in the record in full").all()
    found = judge_claims(claims, settings).set_index("claim_id")
    assert found.loc["us-next-year", "value_ranked"] == ""
    assert "it holds 2026-01-05 to 2026-02-23" in found.loc["us-next-year", "why"]
    assert found.loc["total-feb", "value_chart"] == ""


def test_weeks_from_sunday_do_not_answer_for_weeks_from_monday(claims) -> None:
    settings = evaluate_claims(claims, evidence_of(TINY / "raw", chart_size=3, week_start_day="Sunday"))
    one_week = settings[settings["claim_id"].eq("us-week-feb16")]
    assert one_week["missing"].eq("no whole week lies in the period 2026-02-16 to 2026-02-22").all()


def test_a_change_within_one_week_is_not_testable(claims, tiny) -> None:
    claims.loc[3, ["quantity", "unit"]] = ["growth of US", "relative change"]
    missing = evaluate_claims(claims, tiny).query("claim_id == 'us-week-feb16'")["missing"]
    assert missing.eq("a change needs 2 weeks and the period holds 1").all()


def test_a_published_week_that_is_none_of_the_record_is_not_testable(claims, tiny) -> None:
    claims.loc[5, "value"] = "2026-02-03"
    missing = evaluate_claims(claims, tiny).query("claim_id == 'first-lead'")["missing"]
    assert missing.eq("no full week of the period begins on 2026-02-03").all()


def test_a_ratio_without_tokens_is_not_testable(claims, tiny) -> None:
    silent = {
        counted: {policy: table.assign(tokens=0) for policy, table in tables.items()}
        for counted, tables in tiny.items()
    }
    ratio = evaluate_claims(claims, silent).query("claim_id == 'ratio-feb9'")
    assert ratio["missing"].eq("nothing to divide by: the tokens are 0 in these weeks").all()


def test_open_weights_leave_the_closed_models_of_china_out_and_keep_those_of_the_us(tiny) -> None:
    week = pd.Timestamp("2026-02-16")
    counts = {}
    for counted in (ALL_MODELS, OPEN_WEIGHTS):
        table = tiny[counted]["as_of"]
        rows = table[table["week_start"].eq(week) & table["scope"].eq("ranked")].set_index("origin")["tokens"]
        counts[counted] = (rows // (7 * 10**9)).to_dict()
    assert counts[ALL_MODELS] == {"China": 145, "US": 105, "Other": 13, "Unknown": 7}
    assert counts[OPEN_WEIGHTS] == {"China": 127, "US": 105, "Other": 31, "Unknown": 7}


def test_open_weights_count_models_of_unknown_weights_as_unidentified(raw) -> None:
    raw.replace("open_weights.csv", "dragon/three,closed,,,text,invented,", "dragon/three,unknown,,,text,invented,why")
    table = evidence_of(raw.path, chart_size=3)[OPEN_WEIGHTS]["as_of"]
    rows = table[table["week_start"].eq(pd.Timestamp("2026-02-16")) & table["scope"].eq("ranked")]
    assert rows.set_index("origin")["tokens"]["Unknown"] == (7 + 3) * 7 * 10**9


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("quantity", "token of US", "unknown quantity 'token of US'. Did you mean 'tokens of US'"),
        ("unit", "trillions", "unknown unit 'trillions'. Did you mean 'trillion tokens'"),
        ("scope_stated", "top ten", "unknown scope_stated 'top ten'. Did you mean 'top nine'"),
        ("unit", "share", "unit 'share' does not fit 'tokens of US'; use one of: trillion tokens, at least trillion"),
        ("value", "4.1 T", "value '4.1 T' is not a number such as 4.12, as unit 'trillion tokens' asks"),
    ],
)
def test_a_claim_that_cannot_be_measured_is_refused_with_its_line(claims, tiny, column, value, message) -> None:
    claims.loc[3, column] = value
    with pytest.raises(InputError, match=rf"published_claims.csv: line 3 \(us-week-feb16\): {message}"):
        evaluate_claims(claims, tiny)


def test_a_total_of_a_part_of_the_platform_is_refused(claims) -> None:
    claims.loc[8, "scope_stated"] = "top nine"
    with pytest.raises(InputError, match=r"line 8 .* is known in scope platform only, not in scope_stated 'top nine'"):
        check_claims(claims)


def test_all_bad_claims_are_named_at_once(claims) -> None:
    claims.loc[[3, 6], "unit"] = "stones"
    with pytest.raises(InputError, match=r"(?s)line 3.*line 6.*a new kind of claim needs a measure"):
        check_claims(claims)


def test_claims_in_another_order_get_the_same_verdicts(claims, tiny) -> None:
    backwards = claims.iloc[::-1]
    there = judge_claims(claims, evaluate_claims(claims, tiny))
    back = judge_claims(backwards, evaluate_claims(backwards, tiny))
    pd.testing.assert_frame_equal(there, back.iloc[::-1].reset_index(drop=True))


def test_the_acceptance_of_the_reported_week(real) -> None:
    claims, settings = real
    assert claims.loc["cn-week-feb9", "verdict"] == "holds only under scope chart"
    assert claims.loc["us-week-feb9", "verdict"] == "holds only under scope chart"
    overtake = settings[settings["claim_id"].eq("first-overtake")].groupby("scope")["agreement"].unique()
    assert {scope: list(found) for scope, found in overtake.items()} == {
        "chart": ["supported"],
        "ranked": ["contradicted"],
        "platform": ["contradicted"],
    }


def test_the_real_values_are_those_of_the_published_tables(real) -> None:
    claims, _ = real
    week = claims.loc["cn-week-feb9"]
    assert (week["value_chart"], week["value_ranked"]) == ("4.1190014535", "5.50648134473")
    assert claims.loc["first-overtake", "value_ranked"] == "2026-03-16"
    assert float(claims.loc["growth-absorbed", "value_ranked"]) == pytest.approx(0.587, abs=5e-4)


def test_every_real_claim_has_a_verdict_and_the_tables_keep_their_contracts(real) -> None:
    claims, settings = real
    assert len(claims) == 18
    CONTRACTS["claims"].schema().validate(claims.reset_index(), lazy=True)
    CONTRACTS["claim_settings"].schema().validate(settings, lazy=True)


def test_each_measure_fits_a_unit_and_each_stated_scope_is_one() -> None:
    kinds = {kind for unit in UNITS.values() for kind in unit.kinds}
    assert {measure.kind for measure in MEASURES.values()} == kinds
    assert {scope for scopes in STATED_SCOPES.values() for scope in scopes} == {"chart", "ranked", "platform"}
