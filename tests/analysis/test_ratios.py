import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.ratios import compute_ratios, concentrate, growth_absorbed
from helpers.errors import InputError

WEEKS = pd.date_range("2026-01-05", periods=2, freq="7D")
WINDOW = "2026-01-05/2026-01-12"
COUNTS = st.lists(st.integers(0, 2**50), min_size=5, max_size=5)


def weekly(*weeks: list[int]) -> pd.DataFrame:
    """China, US, Other, Unknown and `other` of each week."""
    rows = [
        (week, scope, origin, tokens, 7)
        for week, counts in zip(WEEKS, weeks, strict=True)
        for scope in ("ranked", "platform")
        for origin, tokens in zip(["China", "US", "Other", "Unknown", "other"], counts, strict=True)
        if scope == "platform" or origin != "other"
    ]
    return pd.DataFrame(rows, columns=["week_start", "scope", "origin", "tokens", "days_observed"])


@given(COUNTS, COUNTS, st.data())
def test_growth_bounds_contain_every_allocation(before, after, data) -> None:
    change = sum(after) - sum(before)
    if change == 0:
        return
    table = growth_absorbed(weekly(before, after), windows=[WINDOW], scopes=["ranked"]).set_index("origin")
    hidden = [counts[3] + counts[4] for counts in (before, after)]
    mine = [data.draw(st.integers(0, free)) for free in hidden]
    truth = (after[0] + mine[1] - before[0] - mine[0]) / change
    china = table.loc["China"]
    slack = 1e-9 * max(1, abs(truth))
    assert china["share_low"] - slack <= truth <= china["share_high"] + slack


@given(COUNTS, COUNTS)
def test_changes_add_up_to_the_platforms(before, after) -> None:
    table = growth_absorbed(weekly(before, after), windows=[WINDOW], scopes=["ranked"])
    assert table["change"].sum() == sum(after) - sum(before) == table["platform_change"].iloc[0]


def test_a_platform_that_did_not_change_has_no_shares() -> None:
    table = growth_absorbed(weekly([1, 2, 0, 0, 0], [2, 1, 0, 0, 0]), windows=[WINDOW], scopes=["ranked"])
    assert table["share"].isna().all()
    assert table["change"].tolist() == [1, -1, 0, 0]


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ("2026-01-05", "is not a pair of weeks"),
        ("2026-01-05/soon", "is not a pair of weeks"),
        ("2026-01-05/2026-01-13", "no week of the record starts on 2026-01-13. The first starts on 2026-01-05"),
        ("2026-01-12/2026-01-05", "ends before it starts. Exchange the two weeks"),
        ("2026-01-05/2026-01-05", "ends before it starts"),
    ],
)
def test_a_bad_window_is_refused(window, message) -> None:
    with pytest.raises(InputError, match=message):
        growth_absorbed(weekly([1] * 5, [2] * 5), windows=[window], scopes=["ranked"])


def test_the_rows_of_several_scopes_are_numbered_through() -> None:
    table = growth_absorbed(weekly([1] * 5, [2] * 5), windows=[WINDOW], scopes=["ranked", "platform"])
    assert table.index.tolist() == list(range(8))


def test_no_window_is_a_table_without_rows_of_the_same_kind() -> None:
    table = weekly([1] * 5, [2] * 5)
    one_week = table[table["week_start"].eq(WEEKS[0])]  # has no window at all
    found = growth_absorbed(one_week, windows=[], scopes=["ranked"])
    assert found.empty
    pd.testing.assert_series_equal(found.dtypes, growth_absorbed(table, windows=[WINDOW], scopes=["ranked"]).dtypes)


def test_ratios_follow_the_order_of_the_scopes() -> None:
    table = compute_ratios(weekly([6, 3, 0, 1, 2], [2, 4, 0, 0, 0]), scopes=["platform", "ranked"])
    assert table["scope"].tolist() == ["platform"] * 2 + ["ranked"] * 2
    first = table.iloc[0]
    assert (first["ratio"], first["ratio_low"], first["ratio_high"], first["state"]) == (
        2.0,
        1.0,
        3.0,
        "not identified",
    )


def models(tokens: dict[str, int]) -> pd.DataFrame:
    rows = [(WEEKS[0], name, name.split(":")[0], "US", number) for name, number in tokens.items()]
    rows.append((WEEKS[0], "other", "other", "other", 50))
    return pd.DataFrame(rows, columns=["week_start", "permaslug", "model", "origin", "tokens"])


@given(st.integers(1, 12), st.integers(1, 2**40))
def test_equal_models_have_one_nth_as_index(n, tokens) -> None:
    row = concentrate(models({f"a/{k}": tokens for k in range(n)})).iloc[0]
    assert row["herfindahl"] == pytest.approx(1 / n)
    assert row["models"] == n


def test_variants_are_added_to_their_model_and_empty_models_do_not_count() -> None:
    row = concentrate(models({"a/one": 3, "a/one:free": 3, "a/two": 4, "a/none": 0})).iloc[0]
    assert (row["models"], row["largest_model"], row["largest_share"]) == (2, "a/one", 0.6)
