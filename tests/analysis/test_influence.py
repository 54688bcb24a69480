from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.bounds import split_scope
from helpers.analysis.crossover import find_crossovers, leading_weeks
from helpers.analysis.influence import date_without, flip_without, models_in_scope, rank_fragility, tokens_without
from helpers.analysis.weeks import count_origins
from helpers.errors import InputError
from helpers.vocabulary import SCOPES

WEEKS = pd.date_range("2026-01-05", periods=5, freq="7D", unit="us")
ORIGIN = {"a": "China", "b": "China", "c": "US", "d": "US", "e": "Other"}  # one publisher, one origin
COLUMN = {"model": "model", "publisher": "author"}


def weekly(rows: list[tuple[int, str, int]], *, cloaked: tuple[tuple[int, int], ...] = (), days: int = 7):
    """Rows of (week, permaslug, tokens); the origin is the publisher's; each week gets its row `other`."""
    full = [(week, name, ORIGIN[name[0]], tokens) for week, name, tokens in rows]
    full += [(week, "z/stealth", "Unknown", tokens) for week, tokens in cloaked]
    full += [(week, "other", "other", 3) for week in range(len(WEEKS))]
    table = pd.DataFrame(full, columns=["week", "permaslug", "origin", "tokens"])
    return table.assign(
        week_start=WEEKS[table["week"]],
        model=table["permaslug"].str.partition(":")[0],
        author=table["permaslug"].str.partition("/")[0],
        days_ranked=days,
    ).drop(columns="week")


NAMES = [f"{author}/{model}" for author in ORIGIN for model in "mn"] + ["a/m:free", "c/n:free"]
ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(NAMES), st.integers(0, 9) | st.integers(0, 2**54)),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:2],
)
CLOAKED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), max_size=3, unique_by=lambda row: row[0])


def removed(table: pd.DataFrame, unit: str, name: str, *, chart_size: int) -> pd.DataFrame:
    return count_origins(table[table[COLUMN[unit]].ne(name)], chart_size=chart_size)


@settings(max_examples=25, deadline=None)
@given(ROWS, CLOAKED, st.sampled_from(["model", "publisher"]), st.sampled_from(SCOPES), st.integers(1, 4))
def test_leaving_out_is_removing_the_rows_and_counting_again(rows, cloaked, unit, scope, chart_size) -> None:
    table = weekly(rows, cloaked=tuple(cloaked))
    tokens = tokens_without(table, unit=unit, scope=scope, chart_size=chart_size)
    left_out = sorted(set(table[COLUMN[unit]]) - {"other"})
    assert list(tokens.index.unique(level="left_out")) == left_out
    for name in left_out:
        expected = split_scope(removed(table, unit, name, chart_size=chart_size), scope=scope)
        pd.testing.assert_frame_equal(tokens.loc[name], expected, check_freq=False)


@settings(max_examples=15, deadline=None)
@given(ROWS, CLOAKED, st.sampled_from(SCOPES), st.sampled_from(["model", "publisher"]), st.data())
def test_dates_and_flips_are_those_of_the_record_without_the_rows(rows, cloaked, scope, unit, data) -> None:
    table = weekly(rows, cloaked=tuple(cloaked))
    name = data.draw(st.sampled_from(sorted(set(table[COLUMN[unit]]) - {"other"})))
    dates = date_without(table, scopes=[scope], hold_weeks=[2], chart_size=2)
    flips = flip_without(table, scopes=[scope], chart_size=2)
    everyone = count_origins(table, chart_size=2)
    leads = leading_weeks(split_scope(everyone, scope=scope))
    without = removed(table, unit, name, chart_size=2)
    row = dates[dates["unit"].eq(unit) & dates["left_out"].eq(name)].set_index("rule")
    pd.testing.assert_series_equal(row["week_without"], rules(without, scope), check_names=False)
    pd.testing.assert_series_equal(row["week_start"], rules(everyone, scope))
    changed = leads.index[leads.ne(leading_weeks(split_scope(without, scope=scope)))]
    listed = flips[flips["unit"].eq(unit) & flips["left_out"].eq(name)]
    assert listed["week_start"].tolist() == list(changed)
    assert listed["leader"].tolist() == ["China" if leads[week] else "US" for week in changed]


def rules(origin_weekly: pd.DataFrame, scope: str) -> pd.Series:
    found = find_crossovers(origin_weekly, scopes=[scope], hold_weeks=[2])
    return found[found["rule"].ne("reversal")].set_index("rule")["week_start"]


@pytest.fixture
def passing() -> pd.DataFrame:
    """The US has 10 a week; China 8, 8, 12, 12, 12, of which a/n brings 4 from the third week on."""
    us = [(week, "c/m", 10) for week in range(5)]
    china = [(week, "a/m", 6) for week in range(5)] + [(week, "b/m", 2) for week in range(5)]
    return weekly([*us, *china, *[(week, "a/n", 4) for week in range(2, 5)]])


def test_a_date_is_lost_without_the_model_that_made_it(passing) -> None:
    table = date_without(passing, scopes=["ranked"], hold_weeks=[2]).set_index(["left_out", "rule"])
    row = table.loc[("a/n", "first_lead")]
    assert (row["week_start"], row["change"], row["tokens"]) == (WEEKS[2], "lost", 12)
    assert pd.isna(row["week_without"])
    assert pd.isna(row["weeks_later"])


def test_a_date_moves_or_appears_without_a_model(passing) -> None:
    late = weekly([(week, name, tokens) for week in range(5) for name, tokens in [("c/m", 10), ("a/m", 4 * week)]])
    more = pd.concat([late, weekly([(3, "c/n", 5)]).query("model == 'c/n'")], ignore_index=True)
    table = date_without(more, scopes=["ranked"], hold_weeks=[]).set_index(["left_out", "rule"])
    earlier = table.loc[("c/n", "first_lead")]
    assert (earlier["week_start"], earlier["week_without"]) == (WEEKS[4], WEEKS[3])
    assert (earlier["weeks_later"], earlier["change"]) == (-1.0, "earlier")
    assert table.loc[("a/m", "first_lead"), "change"] == "lost"
    without_us = date_without(passing, scopes=["ranked"], hold_weeks=[]).set_index(["left_out", "rule"])
    assert without_us.loc[("c/m", "certain_lead"), "change"] == "gained"
    assert without_us.loc[("b/m", "durable_lead"), "change"] == "lost"
    assert without_us.loc[("c", "certain_lead"), "unit"] == "publisher"


def test_in_the_chart_the_next_in_rank_moves_up() -> None:
    table = weekly([(0, "a/m", 9), (0, "c/m", 8), (0, "c/n", 5)])
    tokens = tokens_without(table, unit="model", scope="chart", chart_size=2)
    assert tokens.loc[("a/m", WEEKS[0]), ["China", "US", "Unidentified"]].tolist() == [0, 13, 3]
    assert tokens.loc[("c/n", WEEKS[0]), ["China", "US", "Unidentified"]].tolist() == [9, 8, 3]


def test_a_record_of_cut_weeks_dates_nothing(passing) -> None:
    cut = passing.assign(days_ranked=3)
    assert date_without(cut, scopes=["ranked"])["change"].eq("none").all()
    assert flip_without(cut, scopes=["ranked"]).empty
    assert rank_fragility(cut, scopes=["ranked"]).empty


def flips(models: pd.DataFrame, gone: tuple[str, ...]) -> bool:
    """Whether the leader of one week changes when the models are taken out and their places stay empty."""
    china, us = (int(models[side].sum()) for side in ("China", "US"))
    rest = models.drop(index=list(gone))
    return (china > us) != (int(rest["China"].sum()) > int(rest["US"].sum()))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 9)), min_size=1, max_size=10, unique_by=lambda r: r[0]),
    st.sampled_from(SCOPES),
)
def test_no_smaller_set_of_models_flips_a_week(entries, scope) -> None:
    table = weekly([(0, name, tokens) for name, tokens in entries])
    found = rank_fragility(table, scopes=[scope], chart_size=4)
    row = found[found["week_start"].eq(WEEKS[0])].iloc[0]
    models = models_in_scope(table, scope=scope, chart_size=4)
    models = models.loc[WEEKS[0]] if WEEKS[0] in models.index else models.droplevel("week_start")
    sizes = [
        size for size in range(1, len(models) + 1) for gone in combinations(models.index, size) if flips(models, gone)
    ]
    if pd.isna(row["models_to_flip"]):
        assert sizes == []
        assert row["models"] == ""
        assert pd.isna(row["share_of_leader"])
        return
    named = tuple(row["models"].split("; "))
    assert row["models_to_flip"] == min(sizes) == len(named)
    assert flips(models, named)
    assert row["share_of_leader"] == models.loc[list(named), row["leader"]].sum() / row["leader_tokens"]


def test_weeks_come_with_the_most_fragile_first() -> None:
    rows = [
        *[(0, "a/m", 6), (0, "b/m", 5), (0, "c/m", 1)],  # 11 against 1: both must go
        *[(1, "a/m", 9), (1, "c/m", 1)],  # one model, lead 8 of 9
        *[(2, "a/m", 9), (2, "c/m", 8)],  # one model, lead 1 of 9
        *[(3, "c/m", 5)],  # nothing behind it: cannot be flipped
        *[(4, "c/m", 4), (4, "c/m", 0), (4, "d/m", 3), (4, "a/m", 7)],  # a tie counts with the US
    ]
    table = rank_fragility(weekly(rows), scopes=["ranked"])
    assert table["week_start"].tolist() == [WEEKS[n] for n in (4, 2, 1, 0, 3)]
    assert table["models_to_flip"].tolist() == [1, 1, 1, 2, pd.NA]
    assert table["models"].tolist() == ["c/m", "a/m", "a/m", "a/m; b/m", ""]
    assert table["leader"].tolist() == ["US", "China", "China", "China", "US"]
    assert table["leader_tokens"].tolist() == [7, 9, 9, 11, 5]
    assert table["lead_tokens"].tolist() == [0, 1, 8, 10, 5]
    np.testing.assert_allclose(table["share_of_leader"], [4 / 7, 1, 1, 1, np.nan])


def test_variants_leave_with_their_model() -> None:
    table = weekly([(0, "a/m", 4), (0, "a/m:free", 4), (0, "b/m", 5), (0, "c/m", 6)])
    row = rank_fragility(table, scopes=["ranked"]).iloc[0]
    assert (row["models"], row["lead_tokens"]) == ("a/m", 7)


def test_leads_beyond_2_to_the_53_are_exact() -> None:
    large = 2**60
    table = weekly([(0, "a/m", large + 1), (0, "c/m", large), (0, "b/m", 0), (1, "a/m", large), (1, "b/m", 1)])
    rows = rank_fragility(table, scopes=["ranked"]).set_index("week_start")
    assert rows.loc[WEEKS[0], "lead_tokens"] == 1
    assert rows.loc[WEEKS[1], "leader_tokens"] == large + 1


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(InputError, match="Unknown unit 'author'. .*Known: model, publisher"):
        tokens_without(weekly([(0, "a/m", 1)]), unit="author", scope="ranked")


@pytest.mark.parametrize("function", [date_without, flip_without, rank_fragility])
def test_what_is_out_of_range_is_refused(function) -> None:
    table = weekly([(0, "a/m", 1)])
    with pytest.raises(InputError, match="Unknown scope 'rank'. Did you mean 'ranked'"):
        function(table, scopes=["rank"])
    with pytest.raises(InputError, match="chart_size is 0; a chart has at least 1 model"):
        function(table, scopes=["chart"], chart_size=0)
    with pytest.raises(InputError, match="min_days is 8; a week has 1 to 7 days"):
        function(table, scopes=["chart"], min_days=8)


def test_an_unknown_scope_has_no_models() -> None:
    with pytest.raises(InputError, match="Unknown scope 'rank'. Did you mean 'ranked'"):
        models_in_scope(weekly([(0, "a/m", 1)]), scope="rank")


def test_a_hold_of_no_weeks_is_refused() -> None:
    with pytest.raises(InputError, match="hold_weeks contains 0; a lead lasts at least 1 week"):
        date_without(weekly([(0, "a/m", 1)]), scopes=["ranked"], hold_weeks=[0])
