"""Tokens a week by origin, stacked, with everything unidentified on top."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import (
    MARGIN_MM,
    Canvas,
    Caption,
    end_labels,
    readable_colour,
    time_axis,
)
from helpers.figures.style import ORIGIN_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.numbers import sum_wide
from helpers.vocabulary import BELOW_RANK_50, IDENTIFIED, TAGGED_ORIGINS, TRILLION

NAME = "tokens_by_origin"
TABLES = ["origin_weekly"]
COLUMNS = {
    **contracts.CONTRACTS["origin_weekly"].pick("week_start"),
    **{origin: contracts.tokens(f"tokens of the week, origin {origin}") for origin in IDENTIFIED},
    "unidentified": contracts.tokens("tokens of the week of models below rank 50 and of unknown origin"),
}


def prepare(origin_weekly: pd.DataFrame) -> pd.DataFrame:
    """Add up each full week's tokens on the whole platform; the unidentified are one column.

    Parameters
    ----------
    origin_weekly : DataFrame
        The table `origin_weekly`.

    Returns
    -------
    DataFrame
        `week_start`, `China`, `US`, `Other`, `unidentified` (tokens, int64); weeks of seven days only.
    """
    rows = origin_weekly[origin_weekly["scope"].eq("platform") & origin_weekly["days_observed"].eq(7)]
    wide = sum_wide(rows, index=["week_start"], columns="origin", names=TAGGED_ORIGINS)
    named = wide[list(IDENTIFIED)]
    return named.assign(unidentified=wide["Unknown"] + wide[BELOW_RANK_50]).reset_index()


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw the stacked tokens and, below, their shares, with direct labels at the right end."""
    with house_style(edition):
        words = edition.words
        canvas = Canvas(edition, height_mm=112, caption=caption(data, words), source=source)
        tokens = data[list(ORIGIN_LOOKS)]
        shares = tokens.div(tokens.sum(axis="columns"), axis="index")
        texts = [f"{words(f'common.{origin}')} {shares[origin].iloc[-1]:.0%}" for origin in ORIGIN_LOOKS]
        left = MARGIN_MM + canvas.tick_room(tokens.sum(axis="columns").max() / TRILLION)
        right = MARGIN_MM + 2 + max(canvas.text_width(text, size=7.5) for text in texts)
        room = canvas.height - canvas.top - canvas.bottom
        split = canvas.bottom + 9 + (room - 9) * 0.42
        upper = canvas.axes(left, right, canvas.top + 5, split + 9)
        lower = canvas.axes(left, right, canvas.height - split + 2, canvas.bottom + 9)
        upper.set_title(words("tokens_by_origin.tokens"))
        lower.set_title(words("tokens_by_origin.shares"))
        for axis, values in ((upper, tokens / TRILLION), (lower, shares * 100)):
            _stack(axis, data["week_start"], values)
            time_axis(axis, data["week_start"], width_mm=canvas.width - left - right, words=words)
        upper.set_xticklabels([])
        edges = shares.iloc[-1].cumsum() * 100
        middle = edges - shares.iloc[-1] * 50
        labels = [
            (middle[origin], text, readable_colour(ORIGIN_LOOKS[origin].colour))
            for origin, text in zip(ORIGIN_LOOKS, texts, strict=True)
        ]
        end_labels(lower, labels, height_mm=split - 2 - canvas.bottom - 9)
        return canvas.figure


def _stack(axis: Axes, weeks: pd.Series, values: pd.DataFrame) -> None:
    upper = values.cumsum(axis="columns")
    for origin, look in ORIGIN_LOOKS.items():
        axis.fill_between(
            weeks,
            upper[origin] - values[origin],
            upper[origin],
            facecolor=look.colour,
            edgecolor="white",
            linewidth=0.4,
            hatch="////" if origin == "unidentified" else None,
        )
    top = float(upper.iloc[:, -1].max()) * 1.02 or 1.0
    axis.set_ylim(0, top)
    axis.ticklabel_format(axis="y", scilimits=(-5, 15))  # large counts are written out, as on the other axes
    axis.set_yticks([tick for tick in MaxNLocator(5).tick_values(0, top) if 0 <= tick <= top])


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say who processes more, the measure, and what is unidentified."""
    last = data.iloc[-1]
    leader = "China" if last["China"] > last["US"] else "US"
    return Caption(
        words(f"tokens_by_origin.title_{leader}"),
        words("tokens_by_origin.subtitle"),
        words("tokens_by_origin.note"),
        words("tokens_by_origin.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    first, last = data.iloc[0], data.iloc[-1]
    total_first, total_last = (int(row[list(ORIGIN_LOOKS)].sum()) for row in (first, last))
    return words(
        "tokens_by_origin.alt",
        first=words.date(first["week_start"]),
        first_tokens=total_first / TRILLION,
        last=words.date(last["week_start"]),
        last_tokens=total_last / TRILLION,
        parts=words.listed(f"{words(f'common.{origin}')} {last[origin] / total_last:.0%}" for origin in ORIGIN_LOOKS),
    )
