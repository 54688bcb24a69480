from dataclasses import replace

import pandas as pd
import pytest

from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.origins import coverage, find_untagged, tag_origins
from helpers.data.rankings import read_rankings
from helpers.data.registry import Registry, read_registry
from helpers.errors import InputError


@pytest.fixture
def usage(raw) -> pd.DataFrame:
    return clean_rankings(read_rankings(raw.path))


@pytest.fixture
def registry(raw) -> Registry:
    return read_registry(raw.path)


def tag(usage: pd.DataFrame, registry: Registry, **options: str) -> pd.DataFrame:
    return tag_origins(usage, **vars(registry), **options)


def of(tagged: pd.DataFrame, model: str) -> pd.DataFrame:
    return tagged[tagged["model"].eq(model)].set_index("date")


def test_rows_and_tokens_stay_as_they_are(usage, registry) -> None:
    tagged = tag(usage, registry)
    pd.testing.assert_frame_equal(tagged[usage.columns], usage)


@pytest.mark.parametrize(
    ("policy", "tuesday", "wednesday"),
    [("as_of", "Unknown", "China"), ("retrospective", "China", "China"), ("unknown", "Unknown", "Unknown")],
)
def test_a_cloaked_model_counts_from_its_reveal_as_the_policy_says(usage, registry, policy, tuesday, wednesday) -> None:
    origin = of(tag(usage, registry, stealth_policy=policy), "openrouter/veiled-alpha")["origin"]
    assert (origin["2026-02-10"], origin["2026-02-11"]) == (tuesday, wednesday)


@pytest.mark.parametrize("policy", ["as_of", "retrospective", "unknown"])
def test_a_model_that_was_never_revealed_stays_unknown(usage, registry, policy) -> None:
    tagged = tag(usage, registry, stealth_policy=policy)
    assert of(tagged, "openrouter/never-alpha")["origin"].eq("Unknown").all()


def test_the_origin_is_the_publishers_and_the_base_has_its_own_column(usage, registry) -> None:
    first = of(tag(usage, registry), "acme/gamma").iloc[0]
    assert (first["origin"], first["base_origin"]) == ("US", "China")


def test_variants_share_the_tags_of_their_model(usage, registry) -> None:
    tagged = tag(usage, registry)
    assert tagged.loc[tagged["permaslug"].eq("acme/alpha:free"), "origin"].eq("US").all()


def test_weights_that_came_later_are_closed_before(usage, registry) -> None:
    weights = of(tag(usage, registry), "acme/beta")["weights"]
    assert (weights["2026-02-03"], weights["2026-02-04"]) == ("closed", "open")


def test_the_row_other_is_no_origin_of_the_registry(usage, registry) -> None:
    tagged = tag(usage, registry)
    assert (tagged["origin"].eq("other") == tagged["permaslug"].eq("other")).all()


def without(registry: Registry, table: str, name: str) -> Registry:
    rows = getattr(registry, table)
    return replace(registry, **{table: rows[rows.iloc[:, 0].ne(name)]})


@pytest.mark.parametrize(
    ("table", "name", "file"),
    [
        ("authors", "hobby", "model_authors.csv"),
        ("weights", "euro/harp", "open_weights.csv"),
        ("stealth", "openrouter/veiled-alpha", "stealth_models.csv"),
    ],
)
def test_an_untagged_name_stops_the_run_with_its_tokens(usage, registry, table, name, file) -> None:
    lacking = without(registry, table, name)
    share = r"\d+ tokens, \d+\.\d+% of all"
    with pytest.raises(InputError, match=rf"data/raw/{file} has no row for '{name}' \({share}\)") as error:
        tag(usage, lacking)
    assert "-p on_untagged unknown" in str(error.value)


def test_an_untagged_author_counts_as_unknown_on_request(usage, registry) -> None:
    tagged = tag(usage, without(registry, "authors", "euro"), on_untagged="unknown")
    assert of(tagged, "euro/lyre")["origin"].eq("Unknown").all()
    assert tagged["tokens"].sum() == usage["tokens"].sum()


def test_what_is_untagged_is_listed_largest_first(usage, registry) -> None:
    found = find_untagged(
        usage,
        authors=registry.authors[:1],
        stealth=registry.stealth,
        weights=registry.weights[registry.weights.index < 0],
    )
    assert found["tokens"].is_monotonic_decreasing
    assert set(found["table"]) == {"model_authors.csv", "open_weights.csv"}


def test_a_complete_registry_leaves_nothing_untagged(usage, registry) -> None:
    assert find_untagged(usage, authors=registry.authors, stealth=registry.stealth, weights=registry.weights).empty


@pytest.mark.parametrize("option", ["stealth_policy", "on_untagged"])
def test_an_unknown_choice_is_refused(usage, registry, option) -> None:
    with pytest.raises(InputError, match=f"Unknown {option} 'as-of'"):
        tag(usage, registry, **{option: "as-of"})


def test_coverage_counts_all_tokens_once_per_tag(usage, registry) -> None:
    covered = coverage(tag(usage, registry))
    assert covered.groupby("tag")["tokens"].sum().eq(usage["tokens"].sum()).all()
    origin = covered[covered["tag"].eq("origin")].set_index("value")
    assert origin.loc["other", "models"] == 0
    assert origin.loc["China", "models"] == 5  # four of Dragon's and the revealed one


DAY = pd.Timestamp("2026-01-05")


def one_day(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """Permaslug, author and tokens of each row of one day."""
    table = pd.DataFrame(rows, columns=["permaslug", "author", "tokens"])
    return table.assign(date=DAY, model=table["permaslug"], variant="")


def test_the_share_of_what_is_untagged_is_one_of_all_tokens(registry) -> None:
    usage = one_day(("odd/two", "odd", 20), ("new/one", "new", 20), ("acme/alpha", "acme", 50), ("other", "other", 10))
    found = find_untagged(usage, authors=registry.authors, stealth=registry.stealth, weights=registry.weights)
    assert found.to_numpy().tolist() == [
        ["model_authors.csv", "new", 20, 0.2],
        ["model_authors.csv", "odd", 20, 0.2],
        ["open_weights.csv", "new/one", 20, 0.2],
        ["open_weights.csv", "odd/two", 20, 0.2],
    ]


def test_coverage_gives_shares_of_the_ranked_models_and_of_all_tokens_largest_first() -> None:
    usage = one_day(
        ("a/one", "a", 20), ("b/two", "b", 30), ("c/three", "c", 10), ("d/four", "d", 20), ("other", "other", 20)
    )
    origins = ["US", "China", "China", "Other", "other"]
    covered = coverage(usage.assign(origin=origins, base_origin="US", weights="open", modality_kind="text"))
    assert covered[covered["tag"].eq("origin")].drop(columns="tag").to_numpy().tolist() == [
        ["China", 2, 0.5, 40, 0.4],
        ["Other", 1, 0.25, 20, 0.2],  # of equal ones by name
        ["US", 1, 0.25, 20, 0.2],
        ["other", 0, 0.0, 20, 0.2],
    ]
    assert covered["tag"].drop_duplicates().tolist() == ["base_origin", "modality_kind", "origin", "weights"]
