import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.drops import crossovers_without, find_drops, promotion_days, ratios_without
from helpers.errors import InputError

MONDAY = pd.Timestamp("2026-01-05")
STEADY = [10] * 21


def daily(other: int = 100, origins: dict[str, str] | None = None, **series: list[int | None]) -> pd.DataFrame:
    """Tokens day by day from Monday 5 January 2026 on; `acme_alpha` is acme/alpha, None is a day below rank 50."""
    origin_of = {"acme": "US", "dragon": "China", "floor": "Other", **(origins or {})}
    days = max(len(tokens) for tokens in series.values())
    rows = [
        (day, name.replace("_", "/", 1), tokens)
        for name, values in series.items()
        for day, tokens in enumerate(values)
        if tokens is not None
    ]
    table = pd.DataFrame(
        [*rows, *[(day, "other", other) for day in range(days)]], columns=["day", "permaslug", "tokens"]
    )
    author = table["permaslug"].str.partition("/")[0]
    origin = author.map(lambda name: origin_of.get(name, "other"))
    return table.assign(
        date=(MONDAY + pd.to_timedelta(table["day"], unit="D")).astype("datetime64[us]"),
        model=table["permaslug"],
        author=author,
        origin=origin,
        base_origin=origin,
        weights="unknown",
        modality_kind="text",
    ).drop(columns="day")


PROMOTED = [10] * 7 + [100] * 7 + [10] * 14  # high from Monday the 12th to Sunday the 18th


def test_a_promotion_is_the_high_days_before_the_drop() -> None:
    drops = find_drops(daily(dragon_one=PROMOTED, acme_alpha=[50] * 28))
    assert len(drops) == 1
    drop = drops.iloc[0]
    assert (drop["permaslug"], drop["origin"]) == ("dragon/one", "China")
    assert drop["first_day"] == pd.Timestamp("2026-01-12")
    assert drop["last_day"] == pd.Timestamp("2026-01-18")
    assert (drop["promotion_days"], drop["promotion_tokens"]) == (7, 700)
    assert (drop["tokens_before"], drop["tokens_after"], drop["level_after"]) == (100, 10, 10.0)
    assert drop["share_lost"] == pytest.approx(0.9)
    assert drop["share_of_platform"] == pytest.approx(100 / 250)
    assert drop["ranked_after"]
    assert drop["left_out"]


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        (STEADY, "nothing falls"),
        ([10, 10, 10, 10, 10, 4, 4] * 3, "weekends come back"),
        ([10] * 10 + [50] + [10] * 10, "a peak of a day leaves the level where it was"),
        ([int(1000 * 0.8**day) for day in range(21)], "a fifth a day is a decline, not a drop"),
    ],
)
def test_what_is_no_sudden_drop(tokens: list[int], why: str) -> None:
    drops = find_drops(daily(acme_alpha=tokens, floor_a=[1] * 21), min_share=0.2)
    assert drops.empty, why


def test_a_drop_of_exactly_the_stated_share_counts() -> None:
    fall = [100] * 14 + [50] * 14
    assert len(find_drops(daily(acme_alpha=fall), lost_share=0.5)) == 1
    assert find_drops(daily(acme_alpha=fall), lost_share=0.51).empty


def test_a_model_too_small_is_not_looked_at() -> None:
    table = daily(dragon_one=PROMOTED, other=900)
    assert len(find_drops(table, min_share=0.1)) == 1  # 100 of 1,000
    assert find_drops(table, min_share=0.101).empty


def test_a_model_below_rank_50_may_have_as_many_tokens_as_the_smallest_ranked() -> None:
    gone = [100] * 14 + [None] * 14
    found = find_drops(daily(acme_alpha=gone, floor_a=[30] * 28)).iloc[0]
    assert found["tokens_after"] == 30
    assert not found["ranked_after"]
    assert found["share_lost"] == pytest.approx(0.7)
    assert find_drops(daily(acme_alpha=gone, floor_a=[60] * 28)).empty  # it may still have 60


@pytest.mark.parametrize("level_after", [0, 10])
def test_days_below_rank_50_before_the_drop_end_the_promotion(level_after: int) -> None:
    tokens = [100] * 3 + [None] + [100] * 6 + [level_after] * 14
    found = find_drops(daily(acme_alpha=tokens, floor_a=[level_after] * 24)).iloc[0]
    assert found["first_day"] == MONDAY + pd.Timedelta(days=4)
    assert found["promotion_days"] == 6


def test_a_low_day_on_the_way_down_is_not_the_last_of_the_promotion() -> None:
    drops = find_drops(daily(acme_alpha=[100] * 6 + [40, 30, 20] + [30] * 7))
    assert drops["last_day"].tolist() == [MONDAY + pd.Timedelta(days=5)]


def test_a_decline_over_two_days_ends_with_its_last_high_day() -> None:
    drops = find_drops(daily(acme_alpha=[100] * 14 + [60] + [10] * 14))
    assert drops["last_day"].tolist() == [MONDAY + pd.Timedelta(days=14)]
    assert drops["promotion_days"].tolist() == [15]


def test_a_long_run_is_listed_but_stays_in() -> None:
    table = daily(acme_alpha=[100] * 14 + [10] * 14)
    assert find_drops(table, longest_days=14)["left_out"].tolist() == [True]
    long = find_drops(table, longest_days=13)
    assert long["left_out"].tolist() == [False]
    assert not promotion_days(table, long).any()


def test_variants_drop_on_their_own() -> None:
    table = daily(**{"acme_alpha:free": PROMOTED, "acme_alpha": [100] * 28})
    assert find_drops(table)["permaslug"].tolist() == ["acme/alpha:free"]


def test_a_fall_on_the_last_day_is_dated_a_day_early() -> None:
    dated = find_drops(daily(acme_alpha=[100] * 14 + [10] * 2))["last_day"]
    assert dated.tolist() == [MONDAY + pd.Timedelta(days=13)]
    early = find_drops(daily(acme_alpha=[100] * 14 + [10]))["last_day"]
    assert early.tolist() == [MONDAY + pd.Timedelta(days=12)]


def test_a_day_missing_from_the_record_is_not_a_day_without_tokens() -> None:
    table = daily(acme_alpha=STEADY)
    assert find_drops(table[table["date"].ne("2026-01-15")]).empty


def test_a_day_missing_from_the_record_does_not_lower_the_level_before() -> None:
    table = daily(acme_alpha=[100] * 14 + [45] * 14)
    drops = find_drops(table[table["date"].ne("2026-01-15")])
    assert drops["level_after"].tolist() == [45.0]
    assert drops["promotion_days"].tolist() == [3]  # the run begins after the missing day


def test_a_platform_without_tokens_has_no_drops() -> None:
    assert find_drops(daily(other=0, acme_alpha=[0] * 21)).empty


def test_promotion_tokens_are_exact_beyond_2_to_the_53() -> None:
    large = 2**52 + 1
    found = find_drops(daily(acme_alpha=[large] * 7 + [1] * 7)).iloc[0]
    assert found["promotion_tokens"] == 7 * large


def test_exactly_the_promotion_days_are_marked() -> None:
    table = daily(dragon_one=PROMOTED, acme_alpha=[50] * 28)
    marked = table[promotion_days(table, find_drops(table))]
    assert set(marked["permaslug"]) == {"dragon/one"}
    assert marked["date"].tolist() == list(pd.date_range("2026-01-12", "2026-01-18"))


LEVELS = st.lists(st.sampled_from([None, 0, 1, 10**6, 2**50]), min_size=4, max_size=4)


@settings(max_examples=40, deadline=None)
@given(LEVELS, LEVELS)
def test_what_is_left_out_and_what_is_kept_add_up(china, us) -> None:
    table = daily(
        dragon_one=[level for level in china for _ in range(6)],
        acme_alpha=[level for level in us for _ in range(6)],
        floor_a=[1] * 24,
    )
    drops = find_drops(table)
    ratios = ratios_without(table, drops, scopes=["platform"])
    week = MONDAY + pd.to_timedelta((table["date"] - MONDAY).dt.days // 7 * 7, unit="D")
    for side, origin in (("china", "China"), ("us", "US")):
        total = table[table["origin"].eq(origin)].groupby(week)["tokens"].sum()
        both = ratios.set_index("week_start")[[f"{side}_tokens", f"{side}_left_out"]].sum(axis=1)
        assert both.to_dict() == total.reindex(both.index, fill_value=0).to_dict()


def test_ratios_leave_the_promotion_out_of_every_total() -> None:
    table = daily(dragon_one=PROMOTED, acme_alpha=[50] * 28)
    ratios = ratios_without(table, find_drops(table), scopes=["ranked"]).set_index("week_start")
    week = ratios.loc["2026-01-12"]
    assert (week["china_tokens"], week["us_tokens"], week["unidentified_tokens"]) == (0, 350, 700)
    assert (week["china_left_out"], week["us_left_out"], week["all_left_out"]) == (700, 0, 700)
    assert ratios["all_left_out"].tolist() == [0, 700, 0, 0]
    assert week["ratio_high"] == pytest.approx(700 / 350)


def test_tokens_of_unknown_origin_are_left_out_too() -> None:
    table = daily(stealth_x=PROMOTED, acme_alpha=[50] * 28, origins={"stealth": "Unknown"})
    week = ratios_without(table, find_drops(table), scopes=["ranked"]).set_index("week_start").loc["2026-01-12"]
    assert (week["china_left_out"], week["us_left_out"], week["all_left_out"]) == (0, 0, 700)


def test_weeks_follow_the_start_day() -> None:
    table = daily(dragon_one=PROMOTED, acme_alpha=[50] * 28)
    ratios = ratios_without(table, find_drops(table), scopes=["ranked"], week_start_day="Thursday")
    assert ratios.set_index("week_start")["china_left_out"][["2026-01-08", "2026-01-15"]].tolist() == [300, 400]


def test_the_chart_is_drawn_again_from_what_is_left() -> None:
    table = daily(dragon_one=PROMOTED, acme_alpha=[50] * 28)
    week = ratios_without(table, find_drops(table), scopes=["chart"], chart_size=1).set_index("week_start")
    assert week.loc["2026-01-12", "us_tokens"] == 350


def test_a_lead_that_stood_on_a_promotion_is_gone_without_it() -> None:
    table = daily(dragon_one=PROMOTED, acme_alpha=[50] * 28)
    drops = find_drops(table)
    dates = crossovers_without(table, drops, scopes=["ranked"], hold_weeks=(2,)).set_index("rule")["week_start"]
    kept = crossovers_without(table, drops.iloc[:0], scopes=["ranked"], hold_weeks=(2,)).set_index("rule")["week_start"]
    assert kept["first_lead"] == pd.Timestamp("2026-01-12")
    assert dates[["first_lead", "sustained_lead_2", "durable_lead", "certain_lead"]].isna().all()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"lost_share": 0}, "lost_share is 0; it lies above 0 and below 1"),
        ({"lost_share": 1}, "lost_share is 1; it lies above 0 and below 1"),
        ({"min_share": 0}, "min_share is 0; it lies above 0 and is at most 1"),
        ({"min_share": 1.5}, "min_share is 1.5"),
        ({"longest_days": 0}, "longest_days is 0; a promotion lasts at least 1 day"),
    ],
)
def test_a_parameter_out_of_range_is_refused(option: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_drops(daily(acme_alpha=STEADY), **option)


def test_what_is_left_out_is_counted_to_the_token_beyond_2_53() -> None:
    days = pd.date_range("2026-01-05", periods=14, freq="D").astype("datetime64[us]")
    tagged = pd.concat(
        pd.DataFrame(
            {"date": days, "permaslug": name, "model": name, "author": origin, "origin": origin, "tokens": tokens}
        ).assign(base_origin=origin, weights="open", modality_kind="text")
        for name, origin, tokens in [("a/x", "China", 2**56 + 1), ("b/y", "US", 2**40), ("other", "other", 5)]
    )
    about = {
        "permaslug": ["a/x"],
        "first_day": days[:1],
        "last_day": days[:1],
        "promotion_days": [1],
        "left_out": [True],
    }
    gone = pd.DataFrame(about)
    table = ratios_without(tagged, gone, scopes=["ranked"])
    assert table[["china_left_out", "us_left_out"]].to_numpy().tolist() == [[2**56 + 1, 0], [0, 0]]
