import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.bounds import split_scope
from helpers.analysis.openness import count_open_weights, cross_weights
from helpers.errors import InputError

ORIGINS = ["China", "US", "Other", "Unknown"]
WEIGHTS = ["open", "closed", "unknown"]
LARGE = 2**53 + 1


def weekly(rows: list[tuple[str, str, int]], *, other: int = 7) -> pd.DataFrame:
    """One full week of (origin, weights, tokens), each a permaslug of its own, and the row `other`."""
    named = [(f"a/m{place}", origin, weights, tokens, 7) for place, (origin, weights, tokens) in enumerate(rows)]
    columns = ["permaslug", "origin", "weights", "tokens", "days_ranked"]
    table = pd.DataFrame([*named, ("other", "other", "unknown", other, 7)], columns=columns)
    return table.assign(
        week_start=pd.Timestamp("2026-02-09").as_unit("us"),
        model=table["permaslug"],
        author=table["permaslug"].str.partition("/")[0],
        base_origin=table["origin"],
        modality_kind="text",
    )


ROWS = st.lists(st.tuples(st.sampled_from(ORIGINS), st.sampled_from(WEIGHTS), st.integers(0, 2**56)), max_size=30)


@settings(max_examples=50, deadline=None)
@given(ROWS, st.integers(0, 2**56))
def test_every_token_of_the_platform_is_in_one_cell(rows, other) -> None:
    table = cross_weights(weekly(rows, other=other))
    assert len(table) == 13
    expected = {("other", "unknown"): other}
    for origin, weights, tokens in rows:
        expected[origin, weights] = expected.get((origin, weights), 0) + tokens
    found = table.set_index(["origin", "weights"])["tokens"]
    assert found[found > 0].to_dict() == {cell: tokens for cell, tokens in expected.items() if tokens}


def test_cells_are_shares_of_the_platform_and_of_their_origin() -> None:
    table = cross_weights(weekly([("China", "open", 60), ("China", "closed", 20)], other=20))
    cells = table.set_index(["origin", "weights"])
    assert cells["share_of_platform"].sum() == pytest.approx(1)
    assert cells.loc[("China", "open"), "share_of_platform"] == 0.6
    assert cells.loc[("China", "open"), "share_of_origin"] == 0.75
    assert cells["share_of_origin"].isna().sum() == 9  # US, Other and Unknown have no tokens at all
    assert table["days_observed"].eq(7).all()


def test_sums_beyond_2_to_the_53_are_exact() -> None:
    table = cross_weights(weekly([("US", "open", LARGE), ("US", "open", LARGE)]))
    assert table.set_index(["origin", "weights"]).loc[("US", "open"), "tokens"] == 2 * LARGE


def test_closed_models_do_not_count_and_the_unclear_are_unidentified() -> None:
    rows = [
        ("China", "open", 1),
        ("US", "open", 2),
        ("Other", "open", 4),
        ("Unknown", "open", 8),
        ("China", "closed", 16),
        ("US", "closed", 32),
        ("Unknown", "closed", 64),  # cloaked: nobody can download it, whoever made it
        ("China", "unknown", 128),
        ("US", "unknown", 256),
        ("Other", "unknown", 512),  # cannot be China's or the US's
        ("Unknown", "unknown", 1024),
    ]
    split = split_scope(count_open_weights(weekly(rows, other=2048)), scope="ranked").iloc[0]
    assert split.to_dict() == {
        "China": 1,
        "US": 2,
        "Other": 4 + 512,
        "Unidentified": 8 + 128 + 256 + 1024 + 2048,
        "days_observed": 7,
    }


@settings(max_examples=50, deadline=None)
@given(ROWS, st.integers(0, 2**56))
def test_what_may_be_open_and_what_is_closed_add_up_to_the_platform(rows, other) -> None:
    table = weekly(rows, other=other)
    platform = count_open_weights(table).query("scope == 'platform'")["tokens"].sum()
    closed = sum(tokens for _, weights, tokens in rows if weights == "closed")
    assert platform + closed == sum(tokens for *_, tokens in rows) + other


def test_the_chart_holds_the_largest_models_that_are_not_closed() -> None:
    rows = [("US", "closed", 9), ("China", "open", 5), ("US", "open", 4)]
    chart = count_open_weights(weekly(rows), chart_size=1).query("scope == 'chart'").set_index("origin")["tokens"]
    assert chart.to_dict() == {"China": 5, "US": 0, "Other": 0, "Unknown": 0}


def test_the_chart_holds_nine_models_unless_asked_otherwise() -> None:
    chart = count_open_weights(weekly([("China", "open", 1)] * 10)).query("scope == 'chart'")
    assert chart["tokens"].sum() == 9


@pytest.mark.parametrize("count", [cross_weights, count_open_weights])
@pytest.mark.parametrize(
    ("origin", "weights"),
    [("China", "free"), ("Mars", "open"), ("Mars", "unknown"), ("other", "unknown")],  # the last is no ranked model's
)
def test_a_tag_that_is_none_is_refused(count, origin, weights) -> None:
    with pytest.raises(InputError, match=f"2026-02-09 has 'a/m0' with origin '{origin}' and weights '{weights}'"):
        count(weekly([(origin, weights, 1)]))


@pytest.mark.parametrize(("tag", "value"), [("origin", "Mars"), ("weights", "open")])
def test_the_row_other_has_one_pair_of_tags_only(tag, value) -> None:
    table = weekly([("China", "open", 1)])
    table.loc[table["permaslug"].eq("other"), tag] = value
    with pytest.raises(InputError, match="2026-02-09 has 'other' with"):
        cross_weights(table)


def test_a_week_without_other_is_refused() -> None:
    table = weekly([("China", "open", 1)])
    with pytest.raises(InputError, match="no row `other`"):
        cross_weights(table[table["permaslug"].ne("other")])


def test_the_input_stays_as_it_was() -> None:
    table = weekly([("China", "unknown", 1)])
    before = table.copy(deep=True)
    count_open_weights(table)
    cross_weights(table)
    pd.testing.assert_frame_equal(table, before)
