"""Who absorbed the growth: each origin's share of it, from every earlier week to one end week, with bounds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
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
    readable_colour,
    time_axis,
)
from helpers.figures.style import HAIRLINE, ORIGIN_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.vocabulary import IDENTIFIED

NAME = "growth_absorbed"
TABLES = ["growth_strip"]
COLUMNS = contracts.CONTRACTS["growth_strip"].pick("from_week", "to_week", "origin", "share", "share_low", "share_high")
SHOWN_SHARE = (-0.25, 1.25)  # a comparison between nearly equal weeks runs away; it is cut at these shares
GROWN = 0.2  # and left out where the platform changed by less than this share of the end week


def prepare(growth_strip: pd.DataFrame) -> pd.DataFrame:
    """Keep the comparisons of all ranked models in which the platform grew enough to be shared out.

    Parameters
    ----------
    growth_strip : DataFrame
        The table `growth_strip`.

    Returns
    -------
    DataFrame
        `from_week, to_week, origin` (China, US, Other, unidentified), `share, share_low, share_high` (of the
        platform's growth). Weeks from which the platform grew by less than a fifth of the end week are left out.
    """
    rows = growth_strip[growth_strip["scope"].eq("ranked")]
    size = rows.groupby("from_week")["tokens_to"].transform("sum")
    grown = rows["platform_change"].ge(GROWN * size)
    columns = ["from_week", "to_week", "origin", "share", "share_low", "share_high"]
    return rows.loc[grown, columns].reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw the share of each origin by the week that the comparison starts from, in a band of worst cases."""
    with house_style(edition):
        words = edition.words
        last = data[data["origin"].isin(IDENTIFIED)].groupby("origin").tail(1).set_index("origin")
        texts = {
            origin: f"{words(f'common.{origin}')} {words.number(last.loc[origin, 'share'], '.0%')}"
            for origin in IDENTIFIED
        }
        canvas = Canvas(
            edition,
            height_mm=column_or_page(edition.width_mm, column=92, page=88),
            caption=caption(data, words),
            source=source,
        )
        left, foot = MARGIN_MM + 9, 9
        right = MARGIN_MM + 2 + max(canvas.text_width(text, size=7.5) for text in texts.values())
        axis = canvas.axes(left, right, canvas.top + 1, canvas.bottom + foot)
        for origin in reversed(IDENTIFIED):
            _draw_origin(axis, data[data["origin"].eq(origin)], origin, edition)
        shares = data.loc[data["origin"].isin(IDENTIFIED), ["share_low", "share_high"]]
        low, high = (float(100 * np.clip(value, *SHOWN_SHARE)) for value in (shares.min().min(), shares.max().max()))
        axis.set_ylim(min(0.0, low) - 2, high + 4)
        axis.set_yticks([tick for tick in range(-25, 126, 25) if axis.get_ylim()[0] <= tick <= axis.get_ylim()[1]])
        axis.axhline(50, color=HAIRLINE, linewidth=0.8, zorder=0.5)
        axis.axhline(0, color=HAIRLINE, linewidth=0.8, zorder=0.5)
        time_axis(axis, data["from_week"], width_mm=canvas.width - left - right, words=words)
        labels = [
            (100 * last.loc[origin, "share"], texts[origin], readable_colour(ORIGIN_LOOKS[origin].colour))
            for origin in IDENTIFIED
        ]
        end_labels(axis, labels, height_mm=canvas.height - canvas.top - 1 - canvas.bottom - foot)
        return canvas.figure


def _draw_origin(axis: Axes, rows: pd.DataFrame, origin: str, edition: Edition) -> None:
    look, limits = ORIGIN_LOOKS[origin], [100 * bound for bound in SHOWN_SHARE]
    low, high = ((100 * rows[column]).clip(*limits) for column in ("share_low", "share_high"))
    if origin != "Other":  # its band is that of the unidentified alone, and would hide the other two
        band(axis, rows["from_week"], low, high, look.colour, edition)
    axis.plot(rows["from_week"], (100 * rows["share"]).clip(*limits), color=look.colour, linestyle=look.line)


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say from how many weeks China absorbed most, the measure, and the bands."""
    most = float(data.loc[data["origin"].eq("China"), "share_low"].gt(0.5).mean())
    finding = "all" if most == 1 else "most" if most > 0.5 else "depends"
    return Caption(
        words(f"growth_absorbed.title_{finding}"),
        words("growth_absorbed.subtitle", day=words.day(data["to_week"].iloc[0])),
        words("growth_absorbed.note"),
        words("growth_absorbed.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    china = data[data["origin"].eq("China")]
    first, last = china.iloc[0], china.iloc[-1]
    return words(
        "growth_absorbed.alt",
        to=words.date(first["to_week"]),
        least=china["share"].min(),
        most=china["share"].max(),
        first_week=words.date(first["from_week"]),
        first=first["share"],
        low=first["share_low"],
        high=first["share_high"],
        last_week=words.date(last["from_week"]),
        last=last["share"],
    )
