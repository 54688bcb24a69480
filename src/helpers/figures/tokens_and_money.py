"""Tokens against money: the ratio of China to the US counted in tokens, and at list prices."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import (
    MARGIN_MM,
    Canvas,
    Caption,
    band,
    column_or_page,
    end_labels,
    mark_off_axis,
    parity_line,
    plain_log_axis,
    time_axis,
)
from helpers.figures.style import MUTED, ORIGIN_LOOKS, SCOPE_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words

NAME = "tokens_and_money"
TABLES = ["ratios", "money_weekly"]
_IN_TOKENS, _IN_MONEY = contracts.CONTRACTS["ratios"].columns, contracts.CONTRACTS["money_weekly"].columns
COLUMNS = {
    "week_start": _IN_TOKENS["week_start"],
    "tokens_ratio": _IN_TOKENS["ratio"],
    "tokens_low": _IN_TOKENS["ratio_low"],
    "tokens_high": _IN_TOKENS["ratio_high"],
    "money_ratio": _IN_MONEY["ratio_mix"],
    "money_low": _IN_MONEY["ratio_low"],
    "money_high": _IN_MONEY["ratio_high"],
    "unpriced_share": contracts.share(_IN_MONEY["unpriced_share"].description, nullable=True),
}
TOKENS, MONEY = SCOPE_LOOKS["ranked"], SCOPE_LOOKS["chart"]  # one dark and solid, the other coloured and dashed
COVERAGE_MM = 12
MOST_UNPRICED = 0.25  # a value of money that leaves out more of the tokens than this is not drawn


def prepare(ratios: pd.DataFrame, money_weekly: pd.DataFrame) -> pd.DataFrame:
    """Put the ratio in tokens beside that in money, for full weeks and all ranked models.

    Parameters
    ----------
    ratios : DataFrame
        The table `ratios`.
    money_weekly : DataFrame
        The table `money_weekly`.

    Returns
    -------
    DataFrame
        `week_start`, `tokens_ratio, tokens_low, tokens_high` (bounds: the unidentified tokens), `money_ratio,
        money_low, money_high` (bounds: prompt against completion prices; missing in weeks in which more than a
        quarter of the tokens have no price), `unpriced_share` (of ranked tokens).
    """
    tokens = ratios[ratios["scope"].eq("ranked") & ratios["state"].ne("incomplete")]
    tokens = tokens[["week_start", "ratio", "ratio_low", "ratio_high"]]
    tokens = tokens.rename(columns={"ratio": "tokens_ratio", "ratio_low": "tokens_low", "ratio_high": "tokens_high"})
    money = money_weekly[money_weekly["scope"].eq("ranked")]
    money = money[["week_start", "ratio_mix", "ratio_low", "ratio_high", "unpriced_share"]]
    money = money.rename(columns={"ratio_mix": "money_ratio", "ratio_low": "money_low", "ratio_high": "money_high"})
    known = money["unpriced_share"].le(MOST_UNPRICED)
    columns = ["money_ratio", "money_low", "money_high"]
    money = money.assign(**money[columns].where(known))
    return tokens.merge(money, on="week_start", how="left", validate="1:1").reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw both ratios with their bounds on one logarithmic scale, and below them the tokens without a price."""
    with house_style(edition):
        words = edition.words
        ends = {name: _last(data, name) for name in ("tokens", "money")}
        texts = {
            name: f"{words(f'tokens_and_money.{name}')} {words.number(ratio, '.2f')}"
            for name, ratio in ends.items()
            if ratio > 0
        }
        canvas = Canvas(
            edition,
            height_mm=column_or_page(edition.width_mm, column=115, page=105),
            caption=caption(data, words),
            source=source,
        )
        left, foot = MARGIN_MM + 9, 9
        right = MARGIN_MM + 2 + max((canvas.text_width(text, size=7.5) for text in texts.values()), default=0.0)
        split = canvas.bottom + foot + COVERAGE_MM
        upper = canvas.axes(left, right, canvas.top + 1, split + 9)
        lower = canvas.axes(left, right, canvas.height - split, canvas.bottom + foot)
        drawn = data.filter(regex="_(ratio|low|high)$").to_numpy()
        drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
        low, high = (drawn.min(), drawn.max()) if len(drawn) else (1.0, 1.0)
        plain_log_axis(upper, low=min(0.5, low * 0.8), high=max(2.0, high * 1.2))
        for name, look in (("money", MONEY), ("tokens", TOKENS)):
            bounds = (data[f"{name}_{end}"].clip(*upper.get_ylim()) for end in ("low", "high"))
            band(upper, data["week_start"], *bounds, look.colour, edition)
            ratio = data[f"{name}_ratio"]
            shown = ratio.where(ratio.gt(0) & np.isfinite(ratio))
            upper.plot(data["week_start"], shown, color=look.colour, linestyle=look.line)
            mark_off_axis(upper, data.loc[np.isinf(ratio), "week_start"], look.colour, at_head=True)
        parity_line(upper, above=words("common.china_ahead"), below=words("common.us_ahead"))
        unpriced = 100 * data["unpriced_share"]
        lower.fill_between(data["week_start"], 0, unpriced, facecolor=ORIGIN_LOOKS["unidentified"].colour, linewidth=0)
        lower.plot(data["week_start"], unpriced, color=MUTED, linewidth=0.7)
        lower.set_ylim(0, 100)
        lower.set_yticks([0, 50, 100])
        lower.set_title(words("tokens_and_money.unpriced"), size=7, weight="normal")
        for axis in (upper, lower):
            time_axis(axis, data["week_start"], width_mm=canvas.width - left - right, words=words)
        upper.set_xticklabels([])
        looks = {"tokens": TOKENS, "money": MONEY}
        labels = [(min(ends[name], upper.get_ylim()[1]), text, looks[name].colour) for name, text in texts.items()]
        end_labels(upper, labels, height_mm=canvas.height - canvas.top - 1 - split - 9)
        return canvas.figure


def _last(data: pd.DataFrame, name: str) -> float:
    known = data[f"{name}_ratio"].dropna()
    return 0.0 if known.empty else float(known.iloc[-1])


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say who leads in tokens and in money, the measure, and how to read the bands."""
    leader = words(f"tokens_and_money.leader_{'China' if _last(data, 'tokens') > 1 else 'US'}")
    known = data.dropna(subset="money_ratio")
    finding = "unknown"
    if len(known):
        last = known.iloc[-1]
        finding = "China" if last["money_low"] > 1 else "US" if last["money_high"] < 1 else "open"
    return Caption(
        words(f"tokens_and_money.title_{finding}", leader=leader),
        words("tokens_and_money.subtitle"),
        words("tokens_and_money.note") + words.triangles(pd.concat([data["tokens_ratio"], data["money_ratio"]])),
        words("tokens_and_money.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    parts = []
    for name in ("tokens", "money"):
        known = data.dropna(subset=f"{name}_ratio")
        if len(known):
            row = known.iloc[-1]
            parts.append(
                words(
                    "tokens_and_money.alt_part",
                    name=words(f"tokens_and_money.{name}"),
                    ratio=row[f"{name}_ratio"],
                    low=row[f"{name}_low"],
                    high=row[f"{name}_high"],
                    week=words.date(row["week_start"]),
                )
            )
    return words(
        "tokens_and_money.alt",
        parts=words("common.and").join(parts),
        ahead=int(data["money_ratio"].gt(1).sum()),
        valued=int(data["money_ratio"].notna().sum()),
        unpriced=data["unpriced_share"].iloc[-1],
    )
