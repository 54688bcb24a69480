import json

import pandas as pd

from crossover.report.interactive import EXACT, Choices, reported_table, write_script

WEEK = pd.Timestamp("2026-02-16")


def choices(tokens: int = 30) -> Choices:
    """Two weeks under the chart of 9 and of all ranked models, the later week first; in one the US has no token."""
    rows = [
        ("chart", 9, "as_of", WEEK + pd.Timedelta(days=7), tokens, 0, 5, float("inf"), 6.0, float("inf"), "China"),
        ("chart", 9, "as_of", WEEK, 20, 10, 10, 2.0, 1.0, 3.0, "not identified"),
        ("ranked", 0, "as_of", WEEK, 5, 10, 0, 0.5, 0.5, 0.5, "US"),
        (
            "ranked",
            0,
            "as_of",
            WEEK + pd.Timedelta(days=7),
            0,
            0,
            0,
            float("nan"),
            float("nan"),
            float("nan"),
            "incomplete",
        ),
    ]
    names = "scope size policy week_start china_tokens us_tokens unidentified_tokens ratio ratio_low ratio_high state"
    settings = pd.DataFrame(
        [("a", "chart", "as_of", 2.0, WEEK, WEEK, "supported", "", 9)],
        columns="claim_id scope policy value window_start window_end agreement missing size".split(),
    )
    ratios = pd.DataFrame(rows, columns=names.split())
    return Choices(ratios, settings, {"scope": "chart", "size": 9, "policy": "as_of", "week": WEEK})


def claims() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "claim_id": ["a"],
            "statement": ["</script>\u2028 & more"],
            "printed": ["2"],
            "unit": ["ratio"],
            "hedge": ["over"],
            "value_unit": ["ratio"],
        }
    )


def written(made: Choices) -> dict:
    first = {**made.first, "week": "2026-02-16"}
    script = write_script(Choices(made.ratios, made.settings, first), claims()).decode("ascii")
    return json.loads(script.removeprefix("const EXPLORE = ").removesuffix(";\n"))


def test_the_script_holds_every_number_in_the_order_of_the_weeks() -> None:
    data = written(choices())
    assert data["weeks"] == ["2026-02-16", "2026-02-23"]
    chart = data["series"]["chart 9 as_of"]
    assert chart["china_tokens"] == [20, 30]
    assert chart["ratio"] == [2.0, float("inf")]
    assert chart["state"] == ["not identified", "China"]
    assert data["settings"] == {"chart 9 as_of": {"a": ["2", "2026-02-16 to 2026-02-16", "supported", ""]}}


def test_a_statement_goes_through_the_script_unchanged() -> None:
    assert written(choices())["claims"][0] == {
        "id": "a",
        "statement": "</script>\u2028 & more",
        "published": "over 2",
    }


def test_tokens_that_a_browser_would_round_are_text() -> None:
    assert written(choices(EXACT))["series"]["chart 9 as_of"]["china_tokens"][1] == EXACT
    assert written(choices(EXACT + 1))["series"]["chart 9 as_of"]["china_tokens"][1] == "9007199254740993"


def test_without_a_script_the_reported_week_is_a_table_of_every_choice() -> None:
    html = reported_table(choices())
    assert html.count('<th scope="row">') == 2
    assert "the 9 largest of the week" in html
    assert '<td class="number">1.00 to 3.00</td>' in html
