import pandas as pd

from helpers.analysis.reasons import explain

COLUMNS = "scope policy judged weeks weeks_supporting value low high certain accepted agreement missing".split()


def reason(rows: list[tuple]) -> str:
    """Rows of (scope, policy, judged, weeks, weeks_supporting, value, low, high, certain, agreement, missing)."""
    table = pd.DataFrame([(*row[:9], "4 to 5", *row[9:]) for row in rows], columns=COLUMNS)
    return explain(table.astype({"weeks_supporting": "Int64"}), measured="Trillion tokens a week")


def test_scopes_with_the_same_numbers_are_told_together() -> None:
    text = reason(
        [
            ("chart", "as_of", True, 1, 1, "4.5", "4.5", "4.75", True, "supported", ""),
            ("ranked", "as_of", True, 1, 0, "5.51234", "5.51234", "6.4", False, "contradicted", ""),
            ("platform", "as_of", True, 1, 0, "5.51234", "5.51234", "6.4", False, "contradicted", ""),
        ]
    )
    assert text == (
        "Trillion tokens a week, accepted 4 to 5: scope chart gives 4.5, which agrees, as do the bounds 4.5 to 4.75; "
        "scopes ranked and platform give 5.512, and the bounds 5.512 to 6.4 exclude the claim."
    )


def test_bounds_that_allow_otherwise_are_said() -> None:
    supported = reason([("chart", "as_of", True, 1, 1, "4.5", "4.5", "9", False, "supported", "")])
    still_open = reason([("chart", "as_of", True, 1, 0, "3", "3", "9", False, "open", "")])
    assert supported.endswith("gives 4.5, which agrees, though the bounds 4.5 to 9 allow otherwise.")
    assert still_open.endswith("gives 3, but the bounds 3 to 9 allow the claim.")


def test_a_total_is_told_without_bounds() -> None:
    agrees = reason([("platform", "as_of", True, 1, 1, "4.5", "4.5", "4.5", True, "supported", "")])
    disagrees = reason([("platform", "as_of", True, 1, 0, "6", "6", "6", False, "contradicted", "")])
    assert agrees.endswith("gives 4.5, which agrees (nothing is unidentified).")
    assert disagrees.endswith("gives 6, which disagrees (nothing is unidentified).")


def test_a_policy_is_named_only_where_it_changes_the_agreement() -> None:
    rows = [
        ("ranked", "as_of", True, 1, 1, "4.5", "4.5", "4.5", True, "supported", ""),
        ("ranked", "unknown", True, 1, 1, "4.4", "4.4", "4.5", True, "supported", ""),
    ]
    assert "stealth policy" not in reason(rows)
    rows[1] = ("ranked", "unknown", True, 1, 0, "3.9", "3.9", "4.5", False, "open", "")
    assert reason(rows).endswith("; stealth policy unknown gives 3.9 in scope ranked (open).")


def test_single_weeks_are_counted_where_they_differ_from_the_period() -> None:
    rows = [("ranked", "as_of", True, 4, 4, "4.5", "4.5", "4.5", True, "supported", "")]
    assert "single weeks" not in reason(rows)
    rows = [("ranked", "as_of", True, 4, 3, "4.5", "4.5", "4.5", True, "supported", "")]
    assert reason(rows).endswith("; single weeks that agree: 3 of 4 in ranked.")
    rows = [("ranked", "as_of", True, 4, pd.NA, "4.5", "4.5", "4.5", True, "supported", "")]
    assert "single weeks" not in reason(rows)


def test_a_stated_scope_is_the_only_one_told() -> None:
    text = reason(
        [
            ("chart", "as_of", True, 1, 1, "4.5", "4.5", "4.5", True, "supported", ""),
            ("ranked", "as_of", False, 1, 0, "9", "9", "9", False, "contradicted", ""),
        ]
    )
    assert "judged in scope chart as the claim states it: scope chart gives" in text
    assert "ranked" not in text


def test_what_is_missing_is_said_once() -> None:
    rows = [
        (scope, "as_of", True, 1, pd.NA, "", "", "", False, "not testable", "no such week")
        for scope in ("chart", "ranked")
    ]
    assert reason(rows) == "Missing: no such week."
