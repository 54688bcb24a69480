import pandas as pd

from helpers.reading import readable


def test_tokens_are_shown_in_trillions_and_the_table_stays_exact() -> None:
    table = pd.DataFrame({"tokens": [1_234_567_890_123], "models": [12]})
    shown = readable(table)
    assert shown.columns.tolist() == ["tokens [T]", "models"]
    assert shown.iloc[0].tolist() == [1.235, 12]
    assert table["tokens"].item() == 1_234_567_890_123


def test_dates_have_no_clock_and_missing_ones_are_a_dash() -> None:
    weeks = pd.to_datetime(["2026-02-09", None])
    assert readable(pd.DataFrame({"week_start": weeks}))["week_start"].tolist() == ["2026-02-09", "-"]


def test_negative_changes_and_shares_are_rounded() -> None:
    shown = readable(pd.DataFrame({"change": [-1_500_000_000_000], "share": [0.123456]}), decimals=2)
    assert shown.iloc[0].tolist() == [-1.5, 0.12]
