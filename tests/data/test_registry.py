import pandas as pd
import pytest

from helpers.data.registry import read_registry
from helpers.errors import InputError

AUTHORS, LINEAGE = "model_authors.csv", "model_lineage.csv"
STEALTH, WEIGHTS = "stealth_models.csv", "open_weights.csv"


def test_dates_are_dates_and_missing_where_empty(raw) -> None:
    registry = read_registry(raw.path)
    assert registry.stealth["known_from"].tolist() == [pd.NaT, pd.Timestamp("2026-02-11")]
    assert registry.weights["weights_from"].notna().sum() == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (AUTHORS, "euro,Euro", "ACME,Euro", r"line 4: 'ACME' has a row already \(line 2\)"),
        (AUTHORS, "acme,Acme", ",Acme", "line 2: no author"),
        (AUTHORS, "acme,Acme", "zeta,Acme", "line 3: 'dragon' comes after 'zeta'; keep the rows sorted"),
        (AUTHORS, "US,US,", "US,USA,", "line 2: origin 'USA' is not one of China, US, Other, Unknown"),
        (AUTHORS, ",company,", ",firm,", "line 2: kind 'firm' is not one of"),
        (AUTHORS, "one person without a known base", "", "line 5: origin of 'hobby' is Unknown without a note"),
        (LINEAGE, "Dragon,China", "Dragon,Chine", "line 2: base_origin 'Chine' is not one of"),
        (STEALTH, "Dragon Four,China,2026-02-11", "Dragon Four,China,", "is revealed as China but known_from is empty"),
        (STEALTH, "Unknown,,,low", "Unknown,2026-01-20,,low", "has a known_from but its origin is Unknown"),
        (STEALTH, "2026-02-11", "2026-02-31", "line 3: known_from '2026-02-31' is not a date"),
        (STEALTH, ",low,", ",none,", "line 2: confidence 'none' is not one of high, medium, low"),
        (WEIGHTS, "beta,open", "beta,free", "line 3: weights 'free' is not one of open, closed, unknown"),
        (WEIGHTS, "nobody knows", "", "line 9: weights of 'euro/harp' is unknown without a note"),
        (WEIGHTS, ",image,", ",video,", "modality_kind 'video' is not one of"),
        (WEIGHTS, "2026-02-04", "4 Feb", "line 3: weights_from '4 Feb' is not a date"),
        (WEIGHTS, "2026-02-04", "2026-2-4", "line 3: weights_from '2026-2-4' is not a date"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(raw, name: str, old: str, new: str, message: str) -> None:
    raw.replace(name, old, new)
    with pytest.raises(InputError, match=message) as error:
        read_registry(raw.path)
    assert name in str(error.value)
