"""The interactive figure: the tables behind it as one script, and what its page says without JavaScript."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from crossover.report.pages import table
from crossover.runs import Run
from helpers.analysis.claims.judging import settle
from helpers.analysis.claims.readings import lay_out
from helpers.analysis.origins import tag_origins
from helpers.analysis.ratios import compute_ratios
from helpers.analysis.weeks import count_origins, nearest_week, sum_weeks
from helpers.claims_table import print_published, print_value, print_window
from helpers.data.claims import read_claims
from helpers.data.files import shown
from helpers.data.registry import read_registry
from helpers.data.tables import read_table
from helpers.errors import InputError
from helpers.facts.fact import ratio_text
from helpers.vocabulary import SCOPES, STEALTH_POLICIES

SIZES = (5, 9, 15, 20, 30)  # models in the chart that a reader can choose from
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


def compute_choices(run: Run) -> Choices:
    """Compute the ratio and the agreement of every claim under each choice that the interactive figure offers.

    Raises
    ------
    InputError
        If the ratios of the run's own choice are not those of its table `ratios`.
    """
    raw = run.raw
    usage, registry, claims = read_table(run.tables, "usage_daily"), vars(read_registry(raw)), read_claims(raw).claims
    own_size, min_days = run.value("chart_size", 9), run.value("min_days", 7)
    own = {"policy": run.value("stealth_policy", "as_of"), "size": own_size}
    on_untagged, week_start_day = run.value("on_untagged", "stop"), run.value("week_start_day", "Monday")
    record = lay_out(usage, registry=registry, on_untagged=on_untagged)
    weekly = {
        policy: sum_weeks(
            tag_origins(usage, **registry, stealth_policy=policy, on_untagged=on_untagged),
            week_start_day=week_start_day,
        )
        for policy in STEALTH_POLICIES
    }
    ratios, settings = [], []
    for size in sorted({*SIZES, own_size}):
        # What the chart's size does not touch is computed once.
        scopes = SCOPES if size == own_size else ("chart",)
        for policy, rows in weekly.items():
            found = compute_ratios(count_origins(rows, chart_size=size), scopes=scopes, min_days=min_days)
            ratios.append(found.assign(policy=policy, size=size))
        judged = settle(claims, record, chart_size=size, min_days=min_days, scopes=scopes)
        settings.append(judged.assign(size=size))
    tables = [pd.concat(parts, ignore_index=True) for parts in (ratios, settings)]
    ratios, settings = (rows.assign(size=rows["size"].where(rows["scope"].eq("chart"), 0)) for rows in tables)
    stored = read_table(run.tables, "ratios")
    mine = ratios[ratios["policy"].eq(own["policy"]) & ratios["size"].isin([0, own_size])]
    mine = mine[mine["scope"].isin(stored["scope"])][stored.columns].reset_index(drop=True)
    if not mine.equals(stored.sort_values(["scope", "week_start"], key=_in_order).reset_index(drop=True)):
        raise InputError(
            f"{shown(run.tables / 'ratios.csv')} does not follow from usage_daily under the parameters of the last "
            "run: the tables are of different runs. Run `crossover run` again."
        )
    week = pd.Timestamp(nearest_week(str(run.value("reported_week", "2026-02-09")), ratios["week_start"])[0])
    return Choices(ratios, settings, {"scope": "chart", **own, "week": week})


def _in_order(column: pd.Series) -> pd.Series:
    return column.map(SCOPES.index) if column.name == "scope" else column


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
