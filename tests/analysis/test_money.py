import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.money import cover_quarters, price_tokens, value_weeks
from helpers.errors import InputError

MILLION = 10**6
MONDAY = pd.Timestamp("2026-01-05")
AS_OF = "2026-01-31"
PROMPT, COMPLETION = "prompt_usd_per_million", "completion_usd_per_million"


def price_list(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["model_permaslug", "effective_from", PROMPT, COMPLETION])
    return table.assign(effective_from=pd.to_datetime(table["effective_from"]).astype("datetime64[us]"))


def daily(*rows: tuple[int, str, str, str, int]) -> pd.DataFrame:
    """Rows of (day from Monday 5 January 2026 on, permaslug, origin, weights, tokens)."""
    table = pd.DataFrame(rows, columns=["day", "permaslug", "origin", "weights", "tokens"])
    name = table["permaslug"].str.partition(":")
    return table.assign(
        date=(MONDAY + pd.to_timedelta(table["day"], unit="D")).astype("datetime64[us]"), model=name[0], variant=name[2]
    ).drop(columns="day")


def on(day: str, permaslug: str, *, weights: str = "closed") -> pd.DataFrame:
    return daily(((pd.Timestamp(day) - MONDAY).days, permaslug, "US", weights, 1))


PRICES = price_list(
    ("acme/alpha", "2025-06-01", 3.0, 15.0),
    ("acme/alpha", "2025-12-01", 2.0, 10.0),
    ("acme/alpha", "2026-01-10", 9.0, 90.0),
    ("acme/alpha", "2026-01-10", 1.0, 5.0),  # the price that the day ended with
    ("acme/alpha:thinking", "2025-06-01", 4.0, 16.0),
)


@pytest.mark.parametrize(
    ("day", "permaslug", "prompt", "basis"),
    [
        ("2025-05-31", "acme/alpha", 3.0, "before_first"),
        ("2025-06-01", "acme/alpha", 3.0, "listed"),
        ("2025-11-30", "acme/alpha", 3.0, "listed"),
        ("2025-12-01", "acme/alpha", 2.0, "listed"),
        ("2026-01-09", "acme/alpha", 2.0, "listed"),
        ("2026-01-10", "acme/alpha", 1.0, "listed"),
        ("2026-01-31", "acme/alpha", 1.0, "listed"),
        ("2026-02-01", "acme/alpha", 1.0, "carried_forward"),
        ("2026-01-10", "acme/alpha:thinking", 4.0, "listed"),
        ("2025-12-01", "acme/alpha:beta", 2.0, "listed"),
        ("2026-02-01", "acme/alpha:free", 0.0, "free"),
        ("2026-02-01", "acme/unlisted:free", 0.0, "free"),
        ("2026-01-10", "acme/unlisted", math.nan, "unpriced"),
        ("2026-01-10", "other", math.nan, "unpriced"),
    ],
)
def test_the_price_is_that_of_the_day(day: str, permaslug: str, prompt: float, basis: str) -> None:
    priced = price_tokens(on(day, permaslug), PRICES, prices_as_of=AS_OF).iloc[0]
    assert priced[PROMPT] == pytest.approx(prompt, nan_ok=True)
    assert priced["price_basis"] == basis


def test_before_the_first_row_the_first_row_counts_even_if_its_day_has_a_second() -> None:
    twice = price_list(("acme/alpha", "2025-06-01", 3.0, 15.0), ("acme/alpha", "2025-06-01", 2.0, 10.0))
    rows = pd.concat([on("2025-05-31", "acme/alpha"), on("2025-06-01", "acme/alpha")], ignore_index=True)
    assert price_tokens(rows, twice, prices_as_of=AS_OF)[PROMPT].tolist() == [3.0, 2.0]


def test_a_zero_on_the_list_is_a_price() -> None:
    zero = price_list(("acme/alpha", "2025-06-01", 3.0, 15.0), ("acme/alpha", "2025-07-01", 0.0, 0.0))
    priced = price_tokens(on("2025-08-01", "acme/alpha"), zero, prices_as_of=AS_OF).iloc[0]
    assert (priced[PROMPT], priced[COMPLETION], priced["price_basis"]) == (0.0, 0.0, "listed")


def test_open_weight_models_take_the_median_of_their_week() -> None:
    jumps = price_list(
        ("dragon/one", "2026-01-05", 1.0, 2.0),
        ("dragon/one", "2026-01-06", 50.0, 3.0),  # another host, for a day
        ("dragon/one", "2026-01-07", 2.0, 4.0),
    )
    rows = [(day, "dragon/one", "China", "open", 1) for day in (0, 1, 2)]
    following = (7, "dragon/one", "China", "open", 1)
    priced = price_tokens(daily(*rows, following), jumps, prices_as_of=AS_OF)
    assert priced[PROMPT].tolist() == [2.0, 2.0, 2.0, 2.0]
    assert priced[COMPLETION].tolist() == [3.0, 3.0, 3.0, 4.0]
    closed = price_tokens(daily(*rows).assign(weights="closed"), jumps, prices_as_of=AS_OF)
    assert closed[PROMPT].tolist() == [1.0, 50.0, 2.0]


def test_the_median_does_not_look_at_the_days_before_the_weights_were_open() -> None:
    jumps = price_list(("dragon/one", "2026-01-05", 1.0, 1.0), ("dragon/one", "2026-01-06", 7.0, 7.0))
    rows = [(0, "dragon/one", "China", "closed", 1), (1, "dragon/one", "China", "open", 1)]
    assert price_tokens(daily(*rows), jumps, prices_as_of=AS_OF)[PROMPT].tolist() == [1.0, 7.0]


DAYS = st.lists(st.tuples(st.integers(-400, 60), st.sampled_from(["a/a", "a/b", "a/b:beta", "c/c"])), max_size=40)
CHANGES = st.lists(
    st.tuples(st.integers(-400, 20), st.sampled_from(["a/a", "a/b:beta", "c/c"])), min_size=1, max_size=25
)


@settings(max_examples=50, deadline=None)
@given(DAYS.filter(bool), CHANGES)
def test_the_look_up_agrees_with_reading_the_list_line_by_line(days, changes) -> None:
    in_order = sorted(changes, key=lambda change: (change[1], change[0]))
    listed = [
        (name, f"{MONDAY + pd.Timedelta(days=day):%Y-%m-%d}", float(place), 2.0 * place)
        for place, (day, name) in enumerate(in_order, start=1)
    ]
    rows = daily(*[(day, name, "US", "closed", 1) for day, name in days])
    found = price_tokens(rows, price_list(*listed), prices_as_of=AS_OF)
    known = {name for _, name in in_order}
    expected = []
    for day, name in days:
        key = name if name in known else name.partition(":")[0]
        own = [(start, place) for place, (start, other) in enumerate(in_order, start=1) if other == key]
        earlier = [place for start, place in own if start <= day]
        expected.append(float(earlier[-1]) if earlier else float(own[0][1]) if own else math.nan)
    assert found[PROMPT].tolist() == pytest.approx(expected, nan_ok=True)
    assert found[COMPLETION].tolist() == pytest.approx([2 * price for price in expected], nan_ok=True)


def test_the_rows_keep_their_order_and_the_input_stays_as_it_was() -> None:
    rows = daily((3, "acme/alpha", "US", "open", 5), (0, "other", "other", "unknown", 7)).set_axis([9, 4])
    before = rows.copy(deep=True)
    priced = price_tokens(rows, PRICES, prices_as_of=AS_OF)
    assert priced[list(rows.columns)].equals(before)
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize("as_of", ["September", "2026-02-30", "02.09.2026"])
def test_a_day_that_is_none_is_refused(as_of: str) -> None:
    with pytest.raises(InputError, match=f"prices_as_of contains '{as_of}', which is not a date"):
        price_tokens(on("2026-01-10", "acme/alpha"), PRICES, prices_as_of=as_of)


def test_a_price_after_the_last_observation_is_refused() -> None:
    with pytest.raises(InputError, match="'acme/alpha' has a price from 2026-01-10 on, after 2026-01-09"):
        price_tokens(on("2026-01-05", "acme/alpha"), PRICES, prices_as_of="2026-01-09")


@pytest.mark.parametrize("price", [-0.1, math.nan])
def test_a_price_that_is_missing_or_negative_is_refused(price: float) -> None:
    wrong = price_list(("acme/alpha", "2025-06-01", 1.0, price))
    with pytest.raises(InputError, match="price of 'acme/alpha' from 2025-06-01 on is missing or negative"):
        price_tokens(on("2026-01-05", "acme/alpha"), wrong, prices_as_of=AS_OF)


WEEK_PRICES = price_list(
    ("acme/alpha", "2025-01-01", 3.0, 15.0),
    ("dragon/one", "2025-01-01", 1.0, 2.0),
    ("hobby/mix", "2025-01-01", 1.0, 4.0),
)


def week(*rows: tuple[str, str, int], prompt_share: float = 0.75, scope: str = "platform", **options) -> pd.Series:
    """Value one week of (permaslug, origin, tokens on its Monday); `other` has 10 million tokens every day."""
    named = [(0, permaslug, origin, "closed", tokens) for permaslug, origin, tokens in rows]
    below = [(day, "other", "other", "unknown", 10 * MILLION) for day in range(7)]
    priced = price_tokens(daily(*named, *below), WEEK_PRICES, prices_as_of=AS_OF)
    return value_weeks(priced, prompt_share=prompt_share, scopes=[scope], **options).iloc[0]


def test_value_is_tokens_times_price_under_each_use() -> None:
    found = week(("acme/alpha", "US", 2 * MILLION), ("dragon/one", "China", 3 * MILLION))
    assert [found[f"china_usd_{use}"] for use in ("prompt", "mix", "completion")] == pytest.approx([3, 3.75, 6])
    assert [found[f"us_usd_{use}"] for use in ("prompt", "mix", "completion")] == pytest.approx([6, 12, 30])
    assert [found[f"ratio_{use}"] for use in ("prompt", "mix", "completion")] == pytest.approx([0.5, 0.3125, 0.2])
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((3 / 30, 6 / 6))
    assert found["state"] == "not identified"  # a tie at the upper bound is not excluded


def test_bounds_take_the_dearer_use_even_where_it_is_the_prompt() -> None:
    odd = price_list(("acme/alpha", "2025-01-01", 4.0, 2.0), ("dragon/one", "2025-01-01", 1.0, 1.0))
    rows = daily((0, "acme/alpha", "US", "closed", MILLION), (0, "dragon/one", "China", "closed", MILLION))
    found = value_weeks(price_tokens(rows, odd, prices_as_of=AS_OF), prompt_share=0.5, scopes=["ranked"]).iloc[0]
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((1 / 4, 1 / 2))


def test_priced_tokens_of_unknown_origin_widen_the_bounds() -> None:
    known = [("acme/alpha", "US", 2 * MILLION), ("dragon/one", "China", 3 * MILLION)]
    found = week(*known, ("hobby/mix", "Unknown", 5 * MILLION))
    assert found["unidentified_usd"] == pytest.approx(20)
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((3 / (30 + 20), (6 + 20) / 6))
    assert found["ratio_mix"] == pytest.approx(0.3125)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["China", "US", "Unknown"]), st.integers(1, 10**12)), min_size=1, max_size=6),
    st.data(),
)
def test_the_bounds_hold_whatever_the_tokens_were(rows, data) -> None:
    names = {"China": "dragon/one", "US": "acme/alpha", "Unknown": "hobby/mix"}
    cost = {"China": (1, 2), "US": (3, 15), "Unknown": (1, 4)}
    both = [("China", 1), ("US", 1), *rows]
    totals: dict[str, int] = {}
    for origin, tokens in both:
        totals[origin] = totals.get(origin, 0) + tokens
    value = {"China": 0.0, "US": 0.0}
    for origin, tokens in totals.items():
        prompt, completion = cost[origin]
        share = data.draw(st.floats(0, 1))
        usd = tokens * (share * prompt + (1 - share) * completion)
        value[data.draw(st.sampled_from(["China", "US"])) if origin == "Unknown" else origin] += usd
    found = week(*[(names[origin], origin, tokens) for origin, tokens in totals.items()])
    ratio = value["China"] / value["US"]
    assert found["ratio_low"] <= ratio * (1 + 1e-9)
    assert ratio <= found["ratio_high"] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([("dragon/one", "China", 16), ("acme/alpha", "US", 1)], "China"),
        ([("dragon/one", "China", 15), ("acme/alpha", "US", 1)], "not identified"),
        ([("dragon/one", "China", 1), ("acme/alpha", "US", 1)], "US"),
        ([("dragon/one", "China", 16), ("acme/alpha", "US", 1), ("hobby/mix", "Unknown", 1)], "not identified"),
    ],
)
def test_the_state_is_certain_only_beyond_the_bounds(rows, state: str) -> None:
    assert week(*rows)["state"] == state


def test_a_week_that_is_cut_is_no_evidence() -> None:
    rows = daily((0, "acme/alpha", "US", "closed", MILLION), (0, "other", "other", "unknown", 1))
    found = value_weeks(price_tokens(rows, WEEK_PRICES, prices_as_of=AS_OF), prompt_share=0.9).iloc[0]
    assert (found["days_observed"], found["state"]) == (1, "incomplete")
    again = value_weeks(price_tokens(rows, WEEK_PRICES, prices_as_of=AS_OF), prompt_share=0.9, min_days=1).iloc[0]
    assert again["state"] == "US"


def test_the_price_that_would_overturn_the_lead_is_that_of_the_tokens_of_the_one_behind() -> None:
    rows = [
        ("acme/alpha", "US", 2 * MILLION),  # 12 USD at the mix
        ("dragon/one", "China", 3 * MILLION),  # 3.75 USD
        ("acme/new", "US", 50 * MILLION),  # unpriced, but of the one ahead: can only widen the lead
        ("dragon/new", "China", 4 * MILLION),
        ("stealth/x", "Unknown", MILLION),
        ("euro/new", "Other", 50 * MILLION),
    ]
    ranked, platform = week(*rows, scope="ranked"), week(*rows)
    assert ranked["overturn_tokens"] == 5 * MILLION
    assert ranked["overturn_usd_per_million"] == pytest.approx((12 - 3.75) / 5)
    assert platform["overturn_tokens"] == 75 * MILLION
    assert platform["overturn_usd_per_million"] == pytest.approx((12 - 3.75) / 75)
    assert platform["priced_usd_per_million"] == pytest.approx((12 + 3.75) / 5)


def test_the_one_behind_may_be_the_us() -> None:
    found = week(("acme/new", "US", MILLION), ("dragon/one", "China", 4 * MILLION), scope="ranked")
    assert found["overturn_tokens"] == MILLION
    assert found["overturn_usd_per_million"] == pytest.approx(5)
    assert found["ratio_mix"] == math.inf


def test_without_unpriced_tokens_nothing_can_overturn() -> None:
    found = week(("acme/alpha", "US", MILLION), scope="ranked")
    assert found["overturn_tokens"] == 0
    assert math.isnan(found["overturn_usd_per_million"])


def test_tokens_are_counted_by_the_basis_of_their_price() -> None:
    rows = [("acme/alpha", "US", 10 * MILLION), ("acme/alpha:free", "US", 30 * MILLION), ("a/new", "US", 60 * MILLION)]
    ranked, platform = week(*rows, scope="ranked"), week(*rows)
    assert [ranked[f"{kind}share"] for kind in ("free_", "carried_", "unpriced_")] == pytest.approx([0.3, 0, 0.6])
    assert platform["tokens"] == 170 * MILLION
    assert platform["unpriced_tokens"] == 130 * MILLION
    assert ranked["us_usd_prompt"] == platform["us_usd_prompt"] == pytest.approx(30)


def test_carried_prices_are_counted() -> None:
    rows = daily((30, "acme/alpha", "US", "closed", 3), (30, "other", "other", "unknown", 1))
    found = value_weeks(price_tokens(rows, WEEK_PRICES, prices_as_of=AS_OF), prompt_share=0.9, scopes=["platform"])
    assert found["carried_tokens"].tolist() == [3]
    assert found["carried_share"].tolist() == [0.75]


def test_token_counts_stay_exact() -> None:
    large = 2**53 + 1
    found = week(("acme/new", "US", large), ("dragon/one", "China", large), scope="ranked")
    assert found["tokens"] == 2 * large
    assert found["unpriced_tokens"] == found["overturn_tokens"] == large


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_mix_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="prompt_share is .*; a share lies between 0 and 1"):
        week(("acme/alpha", "US", 1), prompt_share=share)


def test_the_chart_has_no_value() -> None:
    with pytest.raises(InputError, match="Unknown scope 'chart'. Known: ranked, platform"):
        week(("acme/alpha", "US", 1), scope="chart")


def test_min_days_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="min_days is 8"):
        week(("acme/alpha", "US", 1), min_days=8)


def test_coverage_adds_up_by_quarter() -> None:
    rows = daily(
        (-10, "acme/alpha", "US", "closed", 1),  # 26 December 2025
        (0, "acme/alpha", "US", "closed", 2),
        (0, "acme/alpha:free", "US", "closed", 4),
        (40, "acme/alpha", "US", "closed", 8),
        (-400, "acme/alpha", "US", "closed", 16),  # December 2024, before the first price
        (0, "other", "other", "unknown", 32),
    )
    covered = cover_quarters(price_tokens(rows, WEEK_PRICES, prices_as_of=AS_OF))
    tokens = covered.pivot_table(index="quarter", columns="price_basis", values="tokens", aggfunc="sum")
    assert tokens.loc["2026Q1"].to_dict() == {
        "free": 4,
        "listed": 2,
        "before_first": 0,
        "carried_forward": 8,
        "unpriced": 32,
    }
    assert tokens.loc["2025Q4", "listed"] == 1
    assert tokens.loc["2024Q4", "before_first"] == 16
    assert covered.groupby("quarter")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert covered["share"].iloc[-1] == pytest.approx(32 / 46)
