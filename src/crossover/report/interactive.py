"""The interactive figure: the tables behind it as one script, and what its page says without JavaScript."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from crossover.report.pages import table
from helpers.claims_table import print_published, print_value, print_window
from helpers.facts import ratio_text

EXACT = 2**53  # largest whole number up to which JavaScript holds all of them
TOKENS = ["china_tokens", "us_tokens", "unidentified_tokens"]
SERIES = [*TOKENS, "ratio", "ratio_low", "ratio_high", "state"]
KEYS = ["scope", "size", "policy"]
SCOPE_WORDS = {
    "chart": "the largest models of the week",
    "ranked": "all ranked models",
    "platform": "the whole platform",
}
POLICY_WORDS = {
    "as_of": "for their maker, from the day it was named",
    "retrospective": "for their maker, from their first day",
    "unknown": "as unidentified, always",
}


ORDER = {"scope": list(SCOPE_WORDS).index, "policy": list(POLICY_WORDS).index, "size": int}


@dataclass(frozen=True)
class Choices:
    """What the interactive figure can show.

    Attributes
    ----------
    ratios : DataFrame
        `scope, size` (models in the chart; 0 in the other scopes), `policy, week_start` and the columns of the
        table `ratios`: one row a choice and week.
    settings : DataFrame
        The columns of the table `claim_settings`, and `size`.
    first : mapping
        The choice that the page opens with: `scope, size, policy, week`.
    """

    ratios: pd.DataFrame
    settings: pd.DataFrame
    first: Mapping[str, object]


def write_script(choices: Choices, claims: pd.DataFrame) -> bytes:
    """Write the data as a script, because a page opened from disk may not fetch files.

    Parameters
    ----------
    choices : Choices
        Tokens (int64) and ratios of every choice.
    claims : DataFrame
        The table `claims`.

    Returns
    -------
    bytes
        ``const EXPLORE = {...}`` in ASCII: `weeks`, `series` (by choice, columns of the weeks in order), `claims`,
        and `settings` (by choice: value with its unit, window, agreement and what is missing of each claim). A count
        that a browser would round is text.
    """
    weeks = sorted(choices.ratios["week_start"].unique())
    units = dict(zip(claims["claim_id"], claims["value_unit"], strict=True))
    data = {
        "weeks": [f"{week:%Y-%m-%d}" for week in weeks],
        "first": dict(choices.first),
        "series": {
            _name(key): _series(rows.set_index("week_start").loc[weeks, SERIES])
            for key, rows in choices.ratios.groupby(KEYS, sort=False)
        },
        "claims": [
            {
                "id": row.claim_id,
                "statement": row.statement,
                "published": print_published(row.printed, row.unit, row.hedge),
            }
            for row in claims.itertuples(index=False)
        ],
        "settings": {
            _name(key): {
                row.claim_id: [
                    "" if row.missing else print_value(row.value, units[row.claim_id]),
                    print_window(row.window_start, row.window_end),
                    row.agreement,
                    row.missing,
                ]
                for row in rows.itertuples()
            }
            for key, rows in choices.settings.groupby(KEYS, sort=False)
        },
    }
    return f"const EXPLORE = {json.dumps(data, separators=(',', ':'))};\n".encode("ascii")


def _series(rows: pd.DataFrame) -> dict[str, list]:
    series = rows.to_dict("list")
    exact = {name: [count if count <= EXACT else str(count) for count in series[name]] for name in TOKENS}
    return series | exact


def _name(key: tuple) -> str:
    return " ".join(map(str, key))


def reported_table(choices: Choices) -> Markup:
    """Write the reported week under every choice as a table: what the figure says without JavaScript."""
    rows = choices.ratios[choices.ratios["week_start"].eq(choices.first["week"])]
    rows = rows.sort_values(KEYS, key=lambda column: column.map(ORDER[column.name]), kind="stable")
    shown = pd.DataFrame(
        {
            "Models counted": [_counted(*row) for row in zip(rows["scope"], rows["size"], strict=True)],
            "Cloaked models count": rows["policy"].map(POLICY_WORDS).to_list(),
            "Ratio": [ratio_text(value) for value in rows["ratio"]],
            "Bounds": [
                f"{ratio_text(low)} to {ratio_text(high)}"
                for low, high in zip(rows["ratio_low"], rows["ratio_high"], strict=True)
            ],
            "State": rows["state"].to_list(),
        }
    )
    return table(shown, label="Ratio of Chinese to US tokens, with bounds", numbers=("Ratio", "Bounds"))


def _counted(scope: str, size: int) -> str:
    return f"the {size} largest of the week" if scope == "chart" else SCOPE_WORDS[scope]
