from pathlib import Path

import pandas as pd
import pytest

from helpers.data.claims import CLAIMS, SOURCES, read_claims
from helpers.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "tiny" / "claims"


@pytest.fixture
def claimed(raw):
    """The tiny raw folder with a claim of every verdict."""
    for name in (CLAIMS, SOURCES):
        raw.rewrite(name, (TINY / name).read_text(encoding="utf-8"))
    return raw


def test_every_claim_of_the_real_articles_is_read_with_its_line_and_source() -> None:
    published = read_claims(ROOT / "data" / "raw")
    assert (len(published.claims), len(published.sources)) == (40, 11)
    assert published.claims.loc[2, "claim_id"] == "cn-week-feb9"
    assert set(published.claims["source_id"]) == set(published.sources["source_id"])


def test_periods_are_days_and_a_note_may_be_empty(claimed) -> None:
    claims = read_claims(claimed.path).claims
    assert claims.loc[2, "period_end"] == pd.Timestamp("2026-02-22")
    assert claims["period_start"].dtype == "datetime64[us]"
    assert claims.loc[2, "note"] == ""


def test_a_published_value_keeps_its_print(claimed) -> None:
    claimed.replace(CLAIMS, ",0.49,", ",0.490,")
    assert read_claims(claimed.path).claims.loc[2, "value"] == "0.490"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("us-week-feb16,", "us-listed-feb16,", r"line 3: claim_id 'us-listed-feb16' has a row already \(line 2\)"),
        ("us-week-feb16,", "US_week,", "line 3: claim_id 'US_week' is not made of lower-case letters, digits and"),
        ("us-week-feb16,", ",", "line 3: claim_id is empty"),
        (",0.735,", ", ,", "line 3: value is empty"),
        (
            "us-week-feb16,herald",
            "us-week-feb16,gazette",
            "line 3: source_id 'gazette' has no row in claim_sources.csv",
        ),
        (
            "2026-02-22,stated,listed",
            "2026-02-31,stated,listed",
            r"line 2: period_end '2026-02-31' is not a date \(YYYY-MM-DD\)",
        ),
        ("2026-02-22,stated,listed", "2026-2-22,stated,listed", "line 2: period_end '2026-2-22' is not a date"),
        ("2026-02-22,stated,listed", "2026-02-15,stated,listed", "line 2: the period ends before it starts"),
        ("quantity,", "measure,", "column 'quantity' is missing"),
    ],
)
def test_a_claim_that_cannot_be_read_is_refused_with_its_line(claimed, old, new, message) -> None:
    claimed.replace(CLAIMS, old, new)
    with pytest.raises(InputError, match=message):
        read_claims(claimed.path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("wire,", "herald,", r"line 3: source_id 'herald' has a row already \(line 2\)"),
        (",The Wire,", ",,", "line 3: publisher is empty"),
    ],
)
def test_a_source_that_leads_nowhere_is_refused_with_its_line(claimed, old, new, message) -> None:
    claimed.replace(SOURCES, old, new)
    with pytest.raises(InputError, match=message):
        read_claims(claimed.path)


def test_claims_changed_without_the_manifest_are_refused(claimed) -> None:
    claimed.damage(CLAIMS, claimed.read(CLAIMS).replace("0.735", "0.736"))
    with pytest.raises(InputError, match="published_claims.csv"):
        read_claims(claimed.path)
