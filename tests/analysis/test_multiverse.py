"""The multiverse against one specification at a time in plain pandas, and against what is known by hand."""

import tomllib
from math import prod
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import multiverse_oracle
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.multiverse import explain_missing, run_multiverse
from helpers.analysis.multiverse.record import split_entities, sum_windows
from helpers.analysis.multiverse.summary import count_pruned, explain_variance, place_headline, share_dates
from helpers.analysis.multiverse.tokens import count_universes, find_largest, share_out
from helpers.analysis.origins import tag_origins
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.contracts import CONTRACTS
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.data.specifications import read_specifications
from helpers.errors import InputError
from helpers.vocabulary import OPTIONS, WEEKDAYS
from projects import ROOT, TINY

TINY_PERIOD = "2026-01-26/2026-02-22"


def read_record(raw: Path) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    registry = vars(read_registry(raw))
    return tag_origins(clean_rankings(read_rankings(raw)), **registry), registry


def make_grid(**options: list[str]) -> pd.DataFrame:
    """The tiny grid, with the dimensions that are named replaced by these options."""
    tables = tomllib.loads((ROOT / "tests" / "tiny" / "specifications.toml").read_text(encoding="utf-8"))
    rows = []
    for name in OPTIONS:
        about = {key: tables[name].get(key, "") for key in ("author", "permaslug")}
        listed = options.get(name) or [option for option in tables[name] if option not in about]
        rows += [{"dimension": name, "option": option, **about} for option in listed]
    return pd.DataFrame(rows, dtype="str")


def headline_only(**options: list[str]) -> pd.DataFrame:
    """A grid of the headline's options alone, except for the dimensions that are named."""
    first = make_grid().groupby("dimension", sort=False)["option"].first()
    return make_grid(**{name: [option] for name, option in first.items()} | options)


def assert_agrees(specifications: pd.DataFrame, grid: pd.DataFrame, record) -> None:
    dimensions = grid["dimension"].unique()
    for row in specifications.to_dict("records"):
        expected = multiverse_oracle.evaluate(record, {name: row[name] for name in dimensions})
        # repr tells every float and every date apart, and missing is missing.
        assert {key: repr(row[key]) for key in expected} == {key: repr(value) for key, value in expected.items()}


def make_oracle_record(daily: pd.DataFrame, registry: dict, grid: pd.DataFrame, **parameters: str):
    about = grid[grid["author"].ne("") | grid["permaslug"].ne("")].drop_duplicates("dimension")
    subjects = {row.dimension: (row.author, row.permaslug) for row in about.itertuples()}
    return multiverse_oracle.Record(daily, **registry, subjects=subjects, **parameters)


@pytest.fixture(scope="module")
def tiny() -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    return read_record(TINY)


@pytest.fixture(scope="module")
def tiny_result(tiny) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    daily, registry = tiny
    grid = make_grid()
    return (*run_multiverse(daily, grid, **registry, recent_period=TINY_PERIOD), grid)


@pytest.mark.slow
def test_200_random_specifications_of_the_real_record_equal_plain_pandas_in_every_output() -> None:
    daily, registry = read_record(ROOT / "data" / "raw")
    grid = read_specifications(ROOT / "data" / "raw")
    specifications, pruned = run_multiverse(daily, grid, **registry)
    assert len(specifications) + len(pruned) == prod(grid.groupby("dimension").size())
    CONTRACTS["specifications"].schema().validate(specifications)
    sample = specifications.sample(200, random_state=9)
    assert set(sample["rule"]) | set(sample["week"]) | set(sample["universe"]) <= set(grid["option"])
    assert sample[["universe", "week", "rule"]].nunique().tolist() == [6, 8, 6]
    assert_agrees(sample, grid, make_oracle_record(daily, registry, grid))


def test_the_tiny_record_equals_plain_pandas(tiny, tiny_result) -> None:
    daily, registry = tiny
    specifications, _, grid = tiny_result
    record = make_oracle_record(daily, registry, grid, recent_period=TINY_PERIOD)
    assert_agrees(specifications.sample(40, random_state=1), grid, record)


NAMES = ["acme/a", "acme/a:free", "dragon/b", "dragon/b:free", "dragon/e", "euro/c", "veil/x"]


def make_daily(seed: int, missing: set[int]) -> pd.DataFrame:
    """Five weeks of a few models with many ties and zeros; some days are not in the record."""
    random = np.random.default_rng(seed)
    days = [day for day in range(35) if day not in missing]
    rows = [
        (day, name, int(random.choice([random.integers(0, 4), random.integers(0, 2**40)])))
        for name in [*NAMES, "other"]
        for day in days
    ]
    table = pd.DataFrame(rows, columns=["day", "permaslug", "tokens"])
    names = table["permaslug"].str.partition(":")
    return pd.DataFrame(
        {
            "date": (pd.Timestamp("2026-01-01") + pd.to_timedelta(table["day"], unit="D")).astype("datetime64[us]"),
            "permaslug": table["permaslug"],
            "model": names[0],
            "variant": names[2],
            "author": table["permaslug"].str.partition("/")[0],
            "tokens": table["tokens"].astype("int64"),
        }
    )


SMALL_REGISTRY = {
    "authors": pd.DataFrame(
        {
            "author": ["acme", "dragon", "euro", "hobby", "veil"],
            "origin": ["US", "China", "Other", "Unknown", "Unknown"],
            "kind": ["company", "company", "company", "company", "platform"],
        }
    ),
    "lineage": pd.DataFrame({"model_permaslug": ["acme/a"], "base_origin": ["China"]}),
    "stealth": pd.DataFrame(
        {"permaslug": ["veil/x"], "revealed_origin": ["China"], "known_from": pd.to_datetime(["2026-01-14"])}
    ),
    "weights": pd.DataFrame(
        {
            "model_permaslug": ["acme/a", "dragon/b", "dragon/e", "euro/c", "veil/x"],
            "weights": "closed",
            "weights_from": pd.to_datetime([None] * 5),
            "modality_kind": ["text", "text", "embedding", "text", "text"],
        }
    ),
}


def small_grid() -> pd.DataFrame:
    universes = ["chart_1", "chart_2", "chart_50", "ranked", "platform_pro_rata", "platform_like_41_50"]
    grid = make_grid(
        universe=universes,
        stealth=["as_of", "unknown", "retrospective"],
        week=["monday", "thursday", "rolling"],
        rule=["first_lead", "sustained_lead_1", "sustained_lead_3", "durable_lead", "certain_lead"],
        space_bunny=["China", "US"],
    )
    return grid.replace({"permaslug": {"openrouter/never-alpha": "veil/x"}})


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sets(st.integers(15, 33), max_size=2))
def test_any_record_equals_plain_pandas_with_ties_and_missing_days(seed, missing) -> None:
    daily, grid = make_daily(seed, missing), small_grid()
    parameters = {"reported_week": "2026-01-07", "recent_period": "2026-01-01/2026-01-08"}
    specifications, _ = run_multiverse(daily, grid, **SMALL_REGISTRY, **parameters)
    record = make_oracle_record(daily, SMALL_REGISTRY, grid, **parameters)
    assert_agrees(specifications.sample(4, random_state=seed), grid, record)


@pytest.mark.parametrize(("china", "found"), [(10, pd.NaT), (11, pd.Timestamp("2026-01-05"))])
def test_a_lead_is_certain_only_above_all_that_is_unidentified(china, found) -> None:
    tokens = {"acme/a": 7, "dragon/b": china, "other": 3}
    daily = make_daily(0, set()).assign(tokens=lambda table: table["permaslug"].map(tokens).fillna(0).astype("int64"))
    grid = headline_only(universe=["ranked"], rule=["certain_lead"], space_bunny=["China"])
    grid = grid.replace({"permaslug": {"openrouter/never-alpha": "veil/x"}})
    parameters = {"reported_week": "2026-01-05", "recent_period": "2026-01-05/2026-01-18"}
    specifications, _ = run_multiverse(daily, grid, **SMALL_REGISTRY, **parameters)
    assert repr(specifications["lead_start"].item()) == repr(found)
    assert specifications[["ratio_reported", "ratio_reported_low"]].iloc[0].tolist() == [china / 7, china / 10]


def test_contesting_a_prefix_of_cloaked_models_changes_nothing_since_their_origin_is_that_of_the_reveal() -> None:
    grid = headline_only(stealth=["retrospective"], nex_agi=["Unknown", "US"], space_bunny=["Other"])
    grid = grid.replace({"permaslug": {"openrouter/never-alpha": "euro/c"}, "author": {"hobby": "veil"}})
    parameters = {"reported_week": "2026-01-05", "recent_period": "2026-01-05/2026-01-18"}
    specifications, pruned = run_multiverse(make_daily(0, set()), grid, **SMALL_REGISTRY, **parameters)
    assert specifications["nex_agi"].tolist() == ["Unknown"]
    assert pruned["same_as"].tolist() == [0]


@pytest.mark.parametrize("start_day", ["monday", "sunday"])
def test_the_headline_s_options_give_the_dates_of_notebook_03(tiny, start_day) -> None:
    daily, registry = tiny
    weekly = count_origins(sum_weeks(daily, week_start_day=start_day.capitalize()), chart_size=9)
    crossovers = find_crossovers(weekly, scopes=("chart", "ranked")).set_index(["scope", "rule"])["week_start"]
    rules = ["first_lead", "sustained_lead_2", "sustained_lead_3", "sustained_lead_4", "durable_lead", "certain_lead"]
    grid = headline_only(universe=["chart_9", "ranked"], week=[start_day], rule=rules)
    specifications, _ = run_multiverse(daily, grid, **registry, recent_period=TINY_PERIOD)
    for scope, universe in {"chart": "chart_9", "ranked": "ranked"}.items():
        rows = specifications[specifications["universe"].eq(universe)]
        found = {rule: repr(day) for rule, day in zip(rows["rule"], rows["lead_start"], strict=True)}
        assert found == {rule: repr(crossovers[scope, rule]) for rule in rules}
        back = crossovers.reindex([(scope, "reversal")]).notna().sum()
        assert rows["reversals"].eq(back).all()


def test_what_is_pruned_would_have_had_the_result_of_the_one_it_equals(tiny, tiny_result) -> None:
    daily, registry = tiny
    specifications, pruned, grid = tiny_result
    sizes = grid.groupby("dimension", sort=False).size()
    options = {name: table["option"].tolist() for name, table in grid.groupby("dimension", sort=False)}
    by_number = specifications.set_index("specification")
    assert pruned["same_as"].isin(by_number.index).all()
    sample = pruned.groupby("reason").sample(8, random_state=4)
    for row in sample.itertuples():
        places = np.unravel_index(row.specification, tuple(sizes))
        alone = {name: [options[name][place]] for name, place in zip(sizes.index, places, strict=True)}
        kept, none = run_multiverse(daily, make_grid(**alone), **registry, recent_period=TINY_PERIOD)
        assert none.empty
        outcomes = list(kept.columns[len(sizes) + 1 :])
        expected = by_number.loc[row.same_as, outcomes]
        assert [repr(value) for value in kept[outcomes].iloc[0]] == [repr(value) for value in expected]


def test_every_reason_for_pruning_is_counted_and_the_counts_add_up_to_the_grid(tiny_result) -> None:
    specifications, pruned, grid = tiny_result
    table = count_pruned(specifications, pruned)
    CONTRACTS["specifications_pruned"].schema().validate(table)
    assert table["specifications"].sum() == prod(grid.groupby("dimension").size())
    counts = table.set_index("reason")["specifications"]
    # Two of three universes count all that is ranked, and one of two options of `variants` collapses.
    collapsed = [count for reason, count in counts.items() if reason.startswith("variants: ")]
    assert collapsed == [9216 // 3 // 2 * 2]
    # In the charts: the cloaked model of `space_bunny` has no origin under `unknown`, half of what is left.
    assert [reason.partition(":")[0] for reason in counts.index] == ["nex_agi", "space_bunny", "variants", "kept"]
    kept = specifications[specifications["stealth"].eq("unknown")]
    assert set(kept["space_bunny"]) == {"Unknown"}


def test_a_contested_model_that_the_record_lacks_is_pruned(tiny) -> None:
    daily, registry = tiny
    earlier = daily[daily["author"].ne("euro")]
    grid = headline_only(poolside=["Other", "US"])
    specifications, pruned = run_multiverse(earlier, grid, **registry, recent_period=TINY_PERIOD)
    assert specifications["poolside"].tolist() == ["Other"]
    assert pruned[["specification", "same_as"]].to_numpy().tolist() == [[1, 0]]
    assert pruned["reason"].item() == "poolside: no counted token changes its origin under these tags and filters"


def test_the_tokens_of_a_window_are_complete_in_every_universe(tiny) -> None:
    daily, registry = tiny
    entities = split_entities(daily, **registry)
    options = {
        "universe": ["chart_3", "ranked", "platform_pro_rata", "platform_like_41_50"],
        "variants": ["separate", "collapsed"],
        "non_text": ["in"],
        "free": ["in"],
    }
    origins = np.where(entities.rows["author"].eq("acme"), "US", "China")[None]
    counted = count_universes(entities, origins, options)
    total = daily.groupby("date")["tokens"].sum().rolling(7).sum().dropna().to_numpy()
    assert (counted.sum(axis=0) == total).all()
    # Only the charts and the ranked leave the tail open; pro rata shares it out but for what rounding leaves.
    assert counted[2, 2].max() <= 7
    assert counted[2, 1].min() >= 7 * 30 * 10**9


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=9), st.integers(1, 10))
def test_the_largest_are_those_of_a_sorted_list_with_ties_in_order(rows, size) -> None:
    tokens = np.array(rows, dtype=np.int64)
    (marked,) = find_largest(tokens, sizes=[size])
    for column in range(3):
        ranking = sorted(range(len(rows)), key=lambda name: (-tokens[name, column], name))
        assert np.flatnonzero(marked[:, column]).tolist() == sorted(ranking[:size])


def test_several_sizes_are_marked_at_once() -> None:
    marks = find_largest(np.array([[5], [7], [7], [1]]), sizes=[3, 1, 9])
    assert [np.flatnonzero(mark[:, 0]).tolist() for mark in marks] == [[0, 1, 2], [1], [0, 1, 2, 3]]


@given(*[st.one_of(st.integers(0, 2**53 - 1), st.integers(0, 2**63 - 1))] * 3)
def test_tokens_are_shared_out_exactly_beyond_64_bits(tokens, one, another) -> None:
    part, whole = sorted([one, another])
    shared = share_out(np.array([tokens]), np.array([part]), np.array([whole]))
    assert shared.item() == (tokens * part // whole if whole else 0)


@given(st.lists(st.integers(0, 2**60), min_size=7, max_size=30))  # together they may pass 64 bits, seven never do
def test_windows_are_sums_of_seven_days(counts) -> None:
    expected = [sum(counts[day : day + 7]) for day in range(len(counts) - 6)]
    assert sum_windows(np.array(counts)).tolist() == expected


@pytest.mark.parametrize("least", [2**53, 2**63 // 10, 2**62])
def test_a_record_of_any_total_is_counted_to_the_token(least) -> None:
    daily, grid = make_daily(5, set()), small_grid()
    daily["tokens"] *= least // sum(daily["tokens"].tolist()) + 1
    daily["tokens"] += np.arange(len(daily)) % 7  # odd counts, whose last bit a float would lose
    assert least < sum(daily["tokens"].tolist()) < 2**63
    parameters = {"reported_week": "2026-01-07", "recent_period": "2026-01-05/2026-01-08"}
    specifications, _ = run_multiverse(daily, grid, **SMALL_REGISTRY, **parameters)
    record = make_oracle_record(daily, SMALL_REGISTRY, grid, **parameters)
    for row in specifications.sample(60, random_state=5).to_dict("records"):
        expected = multiverse_oracle.evaluate(record, {name: row[name] for name in grid["dimension"].unique()})
        # A quotient of integers beyond 2^53 is rounded twice by numpy and once by Python.
        ratios = {key for key in expected if key.startswith("ratio_")}
        assert {key: row[key] for key in ratios} == pytest.approx(
            {key: expected[key] for key in ratios}, rel=1e-15, nan_ok=True
        )
        whole = expected.keys() - ratios
        assert {key: repr(row[key]) for key in whole} == {key: repr(expected[key]) for key in whole}


@pytest.mark.parametrize("least", [2**53, 2**63 // 10])
def test_the_windows_of_a_record_of_any_total_are_the_sums_that_python_counts(least) -> None:
    daily = make_daily(5, set())
    daily["tokens"] = daily["tokens"] * (least // sum(daily["tokens"].tolist()) + 1) + 1
    entities = split_entities(daily, **SMALL_REGISTRY)
    options = {"universe": ["ranked"], "variants": ["separate"], "non_text": ["in"], "free": ["in"]}
    sides = {"acme": "US", "dragon": "China", "euro": "Other", "veil": "Unknown", "other": "Unknown"}
    origins = entities.rows["author"].map(sides).to_numpy(dtype="U7")[None]
    counted = count_universes(entities, origins, options).reshape(3, -1)
    for place, window in enumerate(entities.days[:-6]):
        week = daily[daily["date"].between(window, window + pd.Timedelta(days=6))]
        sums = dict.fromkeys(sides.values(), 0)
        for author, tokens in zip(week["author"], week["tokens"].tolist(), strict=True):
            sums[sides[author]] += tokens
        assert counted[:, place].tolist() == [sums["China"], sums["US"], sums["Unknown"]]


def test_a_period_whose_weeks_hold_more_than_64_bits_together_is_refused() -> None:
    daily = make_daily(5, set())
    daily["tokens"] *= 2**62 // sum(daily["tokens"].tolist()) + 1
    parameters = {"reported_week": "2026-01-07", "recent_period": "2026-01-01/2026-01-28"}
    message = "recent_period is 2026-01-01/2026-01-28: .* hold [0-9]{20} tokens together, more than a 64-bit integer"
    with pytest.raises(InputError, match=message):
        run_multiverse(daily, small_grid(), **SMALL_REGISTRY, **parameters)


def test_a_record_without_a_whole_week_is_refused(tiny) -> None:
    daily, registry = tiny
    with pytest.raises(InputError, match="has no seven days in a row"):
        run_multiverse(daily[daily["date"].ne("2026-01-05") & daily["date"].lt("2026-01-12")], make_grid(), **registry)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"reported_week": "9 Feb"}, "reported_week contains '9 Feb', which is not a date"),
        ({"recent_period": "2026-02-22/2026-01-26"}, "which ends before it starts. Exchange the two days"),
        ({"recent_period": "2026-02-22"}, "recent_period is '2026-02-22'; write 2026-06-01/2026-06-28"),
        ({"recent_period": "2026-02-22/soon"}, "recent_period contains 'soon', which is not a date"),
    ],
)
def test_days_that_name_no_week_are_refused(tiny, parameters, message) -> None:
    daily, registry = tiny
    with pytest.raises(InputError, match=message):
        run_multiverse(daily, make_grid(), **registry, **({"recent_period": TINY_PERIOD} | parameters))


@pytest.mark.parametrize(
    ("days", "week", "recent"),
    [
        # A week seven days away does not stand in for the reported one; a rolling week has to be the reported one.
        (("2026-01-01", "2026-02-14"), "monday", "2026-01-05/2026-01-20"),
        (("2026-02-10", "2026-03-04"), "rolling", "2026-02-10/2026-02-20"),
    ],
)
def test_a_week_that_the_record_lacks_has_no_ratio_and_is_said(tiny, days, week, recent) -> None:
    daily, registry = tiny
    part = daily[daily["date"].between(*days)]
    asked = {"reported_week": "2026-02-09", "recent_period": recent}
    found, _ = run_multiverse(part, headline_only(week=[week]), **registry, **asked)
    assert found["china_reported"].eq(0).all()
    assert found["ratio_reported"].isna().all()
    assert found["ratio_recent"].notna().all()
    told = explain_missing(found, part["date"], **asked).splitlines()
    assert told == [
        f"0 of {len(found)} specifications find the week of 2026-02-09 in the record.",
        f"{len(found)} of {len(found)} specifications find weeks of {recent} in the record.",
    ]


def test_a_recent_period_beyond_the_record_has_no_ratio_and_is_said(tiny) -> None:
    daily, registry = tiny
    found, _ = run_multiverse(daily, headline_only(), **registry)
    assert found["ratio_recent"].isna().all()
    assert found["ratio_reported"].notna().all()
    asked = {"reported_week": "2026-02-09", "recent_period": "2026-06-01/2026-06-28"}
    assert explain_missing(found, daily["date"], **asked).endswith(
        "The record goes from 2026-01-01 to 2026-03-04: only its weeks count."
    )


@pytest.mark.parametrize(
    ("column", "old", "message"),
    [
        ("author", "euro", "'poolside' of the specifications contests author 'nobody', .*data/raw/model_authors.csv"),
        (
            "permaslug",
            "openrouter/never-alpha",
            "'space_bunny' .* contests permaslug 'nobody', .*data/raw/open_weights",
        ),
    ],
)
def test_a_contested_name_without_a_row_in_the_registry_is_refused(tiny, column, old, message) -> None:
    daily, registry = tiny
    with pytest.raises(InputError, match=message):
        run_multiverse(daily, make_grid().replace({column: {old: "nobody"}}), **registry, recent_period=TINY_PERIOD)


def test_the_week_that_shares_most_days_with_the_reported_one_is_measured(tiny) -> None:
    daily, registry = tiny
    grid = headline_only(universe=["ranked"], week=[day.lower() for day in WEEKDAYS])
    specifications, _ = run_multiverse(daily, grid, **registry, recent_period=TINY_PERIOD)
    nearest = dict(zip(specifications["week"], specifications["china_reported"], strict=True))
    china = daily[daily["origin"].eq("China")].groupby("date")["tokens"].sum()
    # Tuesday 10 to Thursday 12 February, and from Friday on the 6th to the 8th: never more than three days away.
    first = {"monday": 9, "tuesday": 10, "wednesday": 11, "thursday": 12, "friday": 6, "saturday": 7, "sunday": 8}
    for week, day in first.items():
        span = pd.date_range(f"2026-02-{day:02d}", periods=7)
        assert nearest[week] == china[span].sum()


def test_the_shares_of_the_dates_add_up_in_every_rule(tiny_result) -> None:
    specifications = tiny_result[0]
    table = share_dates(specifications)
    CONTRACTS["specification_dates"].schema().validate(table)
    assert table["rule"].unique().tolist() == ["all", *specifications["rule"].unique()]
    assert table.groupby("rule")["share"].sum().round(12).eq(1).all()
    assert table.groupby("rule")["specifications"].sum()["all"] == len(specifications)


def test_a_rule_that_is_never_fulfilled_has_a_date_that_is_missing() -> None:
    days = pd.to_datetime(["2026-02-09", None, "2026-02-09", None])
    table = share_dates(pd.DataFrame({"rule": ["first_lead", "certain_lead"] * 2, "lead_start": days}))
    assert table[["rule", "specifications", "share"]].to_numpy().tolist() == [
        ["all", 2, 0.5],
        ["all", 2, 0.5],
        ["first_lead", 2, 1.0],
        ["certain_lead", 2, 1.0],
    ]
    assert table["lead_start"].isna().tolist() == [False, True, False, True]


def made_up(days: list[int | None], ratios: list[float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A grid of two dimensions with two options each; the last combination is pruned where only three are given."""
    start = pd.Timestamp("2026-02-01")
    specifications = pd.DataFrame(
        {
            "specification": range(len(days)),
            "rule": ["first_lead"] * len(days),
            "lead_start": [pd.NaT if day is None else start + pd.Timedelta(days=day) for day in days],
            "ratio_reported": ratios,
        }
    ).astype({"lead_start": "datetime64[us]", "rule": "str"})
    rest = list(range(len(days), 4))
    pruned = pd.DataFrame({"specification": rest, "same_as": [2] * len(rest), "reason": "made up"})
    grid = pd.DataFrame({"dimension": ["rule", "rule", "week", "week"], "option": ["first_lead", "b", "c", "d"]})
    return specifications, pruned, grid


def influence(days: list[int | None], ratios: list[float]) -> dict[tuple[str, str], list[float]]:
    table = explain_variance(*made_up(days, ratios), record_end=pd.Timestamp("2026-02-10"))
    rows = table.set_index(["outcome", "dimension"])[["combinations", "share_of_variance", "share_with_others"]]
    return {key: row.round(6).tolist() for key, row in rows.iterrows()}


def test_main_effects_of_an_additive_result_add_up_and_are_not_joint() -> None:
    # day = 3 rule + 1 week: variances 9/4 and 1/4
    found = influence([0, 1, 3, 4], [1.0, 1.0, np.e, np.e])
    assert found["lead_start", "rule"] == [4, 0.9, 0.9]
    assert found["lead_start", "week"] == [4, 0.1, 0.1]
    assert found["ratio_reported", "rule"] == [4, 1.0, 1.0]
    assert found["ratio_reported", "week"] == [4, 0.0, 0.0]


def test_a_result_that_only_the_combination_moves_is_joint() -> None:
    found = influence([0, 1, 1, 0], [1.0, 1.0, 1.0, 1.0])
    assert found["lead_start", "rule"] == [4, 0.0, 1.0]
    assert np.isnan(found["ratio_reported", "rule"][1:]).all()


def test_a_pruned_combination_counts_with_the_result_of_its_equal() -> None:
    found = influence([0, 1, 3], [1.0, 1.0, 1.0])  # 0, 1, 3, 3: means 0.5 and 3, 1.5 and 2
    assert found["lead_start", "rule"] == [4, round(1.25**2 / 1.6875, 6), round((1.5**2 + 1) / 2 / 1.6875, 6)]


def test_no_lead_counts_as_the_day_after_the_record_and_an_infinite_ratio_is_left_out() -> None:
    # The record ends on 10 February: the day after is day 10.
    assert influence([0, 0, None, None], [1.0, 1.0, np.inf, np.e]) == {
        **influence([0, 0, 10, 10], [1.0, 1.0, np.inf, np.e]),
        ("ratio_reported", "rule"): [3, 1.0, round(0.5 / (2 / 3), 6)],
        ("ratio_reported", "week"): [3, 0.25, round(0.0, 6)],
    }


def test_the_headline_s_place_counts_below_equal_above_and_missing() -> None:
    specifications, _, grid = made_up([5, 5, 4, None], [1.5, 2.5, np.nan, 1.0])
    specifications = specifications.assign(rule=["first_lead", "b", "first_lead", "b"])
    table = place_headline(specifications, grid)
    CONTRACTS["headline_place"].schema().validate(table)
    assert table.to_numpy().tolist() == [
        ["lead_start", "all", "2026-02-06", 4, 0.25, 0.5, 0.0, 0.25],
        ["lead_start", "first_lead", "2026-02-06", 2, 0.5, 0.5, 0.0, 0.0],
        ["ratio_reported", "all", "1.5000", 4, 0.25, 0.25, 0.25, 0.25],
        ["ratio_reported", "first_lead", "1.5000", 2, 0.0, 0.5, 0.0, 0.5],
    ]


def test_a_headline_without_a_lead_is_equal_to_those_without_one() -> None:
    specifications, _, grid = made_up([None, 3, None, 1], [1.0, 1.0, 1.0, 1.0])
    first = place_headline(specifications, grid).iloc[0]
    assert first["headline"] == "none"
    assert first[["share_below", "share_equal", "share_above", "share_missing"]].tolist() == [0.0, 0.5, 0.0, 0.0]


def test_a_definition_without_a_whole_week_has_no_lead_and_no_ratio(tiny) -> None:
    daily, registry = tiny
    ten_days = daily[daily["date"].between("2026-02-16", "2026-02-25")]  # whole from Monday to Thursday only
    grid = headline_only(week=["monday", "saturday"])
    found, _ = run_multiverse(ten_days, grid, **registry, reported_week="2026-02-16")
    saturday = found[found["week"].eq("saturday")]
    assert len(saturday)
    assert saturday["lead_start"].isna().all()
    assert saturday["ratio_reported"].isna().all()
    assert found.loc[found["week"].eq("monday"), "ratio_reported"].notna().all()
