import json
from pathlib import Path

import pandas as pd
import pytest

import loopback
from crossover.cli import DONE
from helpers.data.forms import list_snapshots
from helpers.errors import InputError
from projects import command

BILLION = 10**9


def restate(rows: list[dict], day: str, **tokens: int) -> list[dict]:
    """Change the tokens of models of one day; the order by tokens stays the API's."""
    changed = [
        row | {"total_tokens": str(tokens[row["model_permaslug"].replace("/", "_")])}
        if row["date"] == day and row["model_permaslug"].replace("/", "_") in tokens
        else row
        for row in rows
    ]
    return sorted(
        changed,
        key=lambda r: (r["date"], r["model_permaslug"] == "other", -int(r["total_tokens"]), r["model_permaslug"]),
    )


def test_a_restated_day_is_named_with_models_amounts_results_and_claims(root, serve, tiny_rows, capsys) -> None:
    raw_folder = root / "data" / "raw"
    restated = restate(tiny_rows, "2026-02-11", dragon_one=440 * BILLION, other=25 * BILLION)
    server = serve(loopback.Rankings(restated, as_of="2026-03-05T09:00:00Z"))
    assert command("fetch", "--url", server.url) == DONE
    (name,) = list_snapshots(raw_folder)
    capsys.readouterr()
    assert command("diff", "bundled", name) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "days in both: 63; restated: 1, in rows: 2"
    assert "2026-02-11: 225,000,000,000 -> 620,000,000,000 tokens in total (+395,000,000,000)" in lines
    assert "  dragon/one: 40,000,000,000 -> 440,000,000,000 (+400,000,000,000, restated)" in lines
    assert "  other: 30,000,000,000 -> 25,000,000,000 (-5,000,000,000, restated)" in lines
    text = "\n".join(lines)
    assert "2026-02-09 ranked: ratio" in text
    assert "ranked reversal 1: week_start 2026-02-09 -> none" in text  # the tiny record's reversal is gone


def test_the_claims_whose_value_moved_are_named(root, tmp_path, tiny_rows, capsys) -> None:
    restated = restate(tiny_rows, "2026-02-11", acme_alpha=90 * BILLION)
    pd.DataFrame(restated).to_csv(tmp_path / "later.csv", index=False)
    assert command("diff", "bundled", str(tmp_path / "later.csv")) == DONE
    lines = capsys.readouterr().out.splitlines()
    # China has 530 billion in that week, the US 665; the restatement gives the US 30 billion more
    assert f"  ratio-feb9 ranked as_of: value {530 / 665} -> {530 / 695}" in lines
    assert f"  2026-02-09 ranked: ratio {530 / 665} -> {530 / 695}" in lines
    assert root.is_dir()


def test_records_that_agree_have_nothing_that_moves(root, capsys) -> None:
    assert command("diff", "bundled", str(root / "data" / "raw" / "rankings_daily.csv")) == DONE
    assert capsys.readouterr().out == "days in both: 63; restated: 0, in rows: 0\n"


def test_days_of_one_record_only_are_counted_and_not_compared(root, tmp_path, tiny_rows, capsys) -> None:
    later = [row for row in tiny_rows if row["date"] >= "2026-02-01"]
    pd.DataFrame(later).to_csv(tmp_path / "later.csv", index=False)
    assert command("diff", "bundled", str(tmp_path / "later.csv")) == DONE
    assert "days in bundled only, not compared: 31" in capsys.readouterr().out
    assert root.is_dir()


@pytest.mark.usefixtures("root")
def test_a_weekly_chart_is_compared_by_weeks(tmp_path, tiny_rows, capsys) -> None:
    days = {f"{day:%Y-%m-%d}" for day in pd.date_range("2026-02-09", periods=7)}
    rows = [row for row in tiny_rows if row["date"] in days]
    alpha = sum(int(row["total_tokens"]) for row in rows if row["model_permaslug"] == "acme/alpha")
    rest = sum(int(row["total_tokens"]) for row in rows) - alpha
    chart = [{"x": "2026-02-09", "ys": {"acme/alpha": alpha + 7, "Others": rest}}]
    (tmp_path / "chart.json").write_text(json.dumps(chart))
    assert command("diff", "bundled", str(tmp_path / "chart.json")) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "weeks in both: 1; restated: 1, in rows: 1"
    assert lines[-1] == f"  acme/alpha: {alpha:,} -> {alpha + 7:,} (+7, restated)"


@pytest.mark.usefixtures("root")
def test_records_without_a_shared_day_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("date,model_permaslug,total_tokens\n2025-05-05,other,1\n")
    with pytest.raises(InputError, match="share no day: there is nothing to compare"):
        command("diff", "bundled", str(tmp_path / "other.csv"))
