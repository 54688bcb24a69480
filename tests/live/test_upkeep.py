import json
from datetime import date

import pytest

from crossover.live.upkeep import Proposal, draft_rows, find_stale, read_proposals
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.origins import find_untagged
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.errors import InputError


@pytest.fixture
def untagged(raw):
    """What the registry lacks after an author, a model and a cloaked model have lost their rows."""
    raw.replace("model_authors.csv", "euro,Euro,FR,Other,lab,https://example.org/euro,\n", "")
    raw.replace("open_weights.csv", "euro/lyre,open,euro/lyre,,text,invented,\n", "")
    cloaked = "openrouter/never-alpha,2026-01-12,2026-02-01,unresolved,Unknown,,,low,nobody named it\n"
    raw.replace("stealth_models.csv", cloaked, "")
    usage, registry = clean_rankings(read_rankings(raw.path)), read_registry(raw.path)
    found = find_untagged(usage, authors=registry.authors, stealth=registry.stealth, weights=registry.weights)
    return found, usage


def test_rows_to_fill_in_have_the_columns_of_their_table(untagged) -> None:
    drafts = draft_rows(*untagged)
    assert drafts[["table", "name", "row"]].to_numpy().tolist() == [
        ["model_authors.csv", "euro", "euro,,,,,,"],
        ["open_weights.csv", "euro/lyre", "euro/lyre,,,,,,"],
        ["stealth_models.csv", "openrouter/never-alpha", "openrouter/never-alpha,2026-01-19,2026-02-08,,,,,,"],
    ]
    assert drafts["tokens"].is_monotonic_decreasing


def test_proposals_fill_in_what_they_say(untagged) -> None:
    drafts = draft_rows(*untagged, proposals={"euro/lyre": Proposal("Euro, the Lab", "EuroLab/Lyre")})
    assert drafts["row"].tolist()[:2] == ['euro,"Euro, the Lab",,,,,', "euro/lyre,,EuroLab/Lyre,,,,"]


def test_a_complete_registry_has_nothing_to_fill_in(raw) -> None:
    usage, registry = clean_rankings(read_rankings(raw.path)), read_registry(raw.path)
    found = find_untagged(usage, authors=registry.authors, stealth=registry.stealth, weights=registry.weights)
    assert draft_rows(found, usage).empty


def test_a_stealth_model_is_stale_after_the_stated_days(raw) -> None:
    registry = read_registry(raw.path)
    stale = find_stale(registry, today=date(2026, 3, 14), after_days=60)
    assert stale.to_numpy().tolist() == [
        ["stealth_models.csv", 2, "openrouter/never-alpha", "still Unknown, 61 days after it was first seen"]
    ]
    assert find_stale(registry, today=date(2026, 3, 13), after_days=60).empty


def test_promised_weights_that_are_not_recorded_are_listed(raw) -> None:
    raw.replace(
        "open_weights.csv", "dragon/three,closed,,,text,invented,", "dragon/three,closed,,,text,x,Weights promised"
    )
    raw.replace(
        "open_weights.csv", "dragon/two,open,dragon/two,,text,invented,", "dragon/two,open,d/t,,text,x,promised"
    )
    stale = find_stale(read_registry(raw.path), today=date(2026, 1, 12))
    assert stale.to_numpy().tolist() == [
        ["open_weights.csv", 7, "dragon/three", "weights are closed, note: Weights promised"]
    ]


def test_negative_days_are_refused(raw) -> None:
    with pytest.raises(InputError, match="--after -1 is negative"):
        find_stale(read_registry(raw.path), today=date(2026, 1, 12), after_days=-1)


def test_the_list_of_models_is_read_as_proposals() -> None:
    models = [
        {"id": "euro/lyre:free", "canonical_slug": "euro/lyre-2026", "name": "Euro: Lyre", "hugging_face_id": "E/Lyre"},
        {"id": "acme/alpha", "name": "Alpha", "hugging_face_id": None},
        {"name": "no slug"},
        "no object",
    ]
    assert read_proposals(json.dumps({"data": models}).encode(), where="x") == {
        "euro/lyre-2026": Proposal("Euro", "E/Lyre"),
        "acme/alpha": Proposal("", ""),
    }


@pytest.mark.parametrize(("content", "message"), [(b"[]", "x has no list `data`"), (b"{", "x is not whole JSON")])
def test_another_list_is_refused(content, message) -> None:
    with pytest.raises(InputError, match=message):
        read_proposals(content, where="x")
