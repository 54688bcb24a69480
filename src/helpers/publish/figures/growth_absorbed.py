"""Who absorbed the growth: each origin's share of it, from every earlier week to one end week, with bounds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.publish.figures.frame import (
    MARGIN_MM,
    Canvas,
    column_or_page,
    end_labels,
    readable_colour,
    time_axis,
)
from helpers.publish.style import DOUBLE_MM, HAIRLINE, ORIGINS, house_style

NAME = "growth_absorbed"
DRAWN = ["China", "US", "Other"]
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


def draw(data: pd.DataFrame, *, source: str, width_mm: float = DOUBLE_MM) -> Figure:
    """Draw the share of each origin by the week that the comparison starts from, in a band of worst cases."""
    with house_style():
        last = data[data["origin"].isin(DRAWN)].groupby("origin").tail(1).set_index("origin")
        end = data["to_week"].iloc[0]
        texts = {origin: f"{ORIGINS[origin].label} {last.loc[origin, 'share']:.0%}" for origin in DRAWN}
        canvas = Canvas(
            width_mm=width_mm,
            height_mm=column_or_page(width_mm, column=92, page=88),
            title=_title(data),
            subtitle=f"Share of the growth of weekly tokens up to the week of {end.day} {end:%b %Y}, per cent, by the "
            "week that the comparison starts from",
            source="Scope: all ranked models. Band: worst cases for the unidentified tokens of both weeks. "
            f"Unidentified tokens make up the rest to 100. {source}",
        )
        left, foot = MARGIN_MM + 9, 9
        right = MARGIN_MM + 2 + max(canvas.text_width(text, size=7.5) for text in texts.values())
        axis = canvas.axes(left, right, canvas.top + 1, canvas.bottom + foot)
        for origin in reversed(DRAWN):
            _draw_origin(axis, data[data["origin"].eq(origin)], origin)
        shares = data.loc[data["origin"].isin(DRAWN), ["share_low", "share_high"]]
        low, high = (float(100 * np.clip(value, *SHOWN_SHARE)) for value in (shares.min().min(), shares.max().max()))
        axis.set_ylim(min(0.0, low) - 2, high + 4)
        axis.set_yticks([tick for tick in range(-25, 126, 25) if axis.get_ylim()[0] <= tick <= axis.get_ylim()[1]])
        axis.axhline(50, color=HAIRLINE, linewidth=0.8, zorder=0.5)
        axis.axhline(0, color=HAIRLINE, linewidth=0.8, zorder=0.5)
        time_axis(axis, data["from_week"], width_mm=canvas.width - left - right)
        labels = [
            (100 * last.loc[origin, "share"], texts[origin], readable_colour(ORIGINS[origin].colour))
            for origin in DRAWN
        ]
        end_labels(axis, labels, height_mm=canvas.height - canvas.top - 1 - canvas.bottom - foot)
        return canvas.figure


def _draw_origin(axis: Axes, rows: pd.DataFrame, origin: str) -> None:
    look, limits = ORIGINS[origin], [100 * bound for bound in SHOWN_SHARE]
    low, high = ((100 * rows[column]).clip(*limits) for column in ("share_low", "share_high"))
    if origin != "Other":  # its band is that of the unidentified alone, and would hide the other two
        axis.fill_between(rows["from_week"], low, high, facecolor=look.colour, alpha=0.2, linewidth=0)
    axis.plot(rows["from_week"], (100 * rows["share"]).clip(*limits), color=look.colour, linestyle=look.line)


def _title(data: pd.DataFrame) -> str:
    low = data[data["origin"].eq("China")]["share_low"]
    most = float(low.gt(0.5).mean())
    if most == 1:
        return "Chinese models absorbed most of the growth, whatever week it is measured from"
    if most > 0.5:
        return "From most weeks on, Chinese models absorbed most of the growth"
    return "Who absorbed most of the growth depends on the week it is measured from"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    china = data[data["origin"].eq("China")]
    first, last = china.iloc[0], china.iloc[-1]
    least, most = china["share"].min(), china["share"].max()
    return (
        "Lines of the share of the platform's growth that went to Chinese, US and other models, by the week that the "
        f"comparison starts from, up to the week of {first['to_week']:%Y-%m-%d}, each in a band of worst cases for "
        f"unidentified tokens. China's share lies between {least:.0%} and {most:.0%}; from the first week "
        f"({first['from_week']:%Y-%m-%d}) it is {first['share']:.0%} ({first['share_low']:.0%} to "
        f"{first['share_high']:.0%}), from the last ({last['from_week']:%Y-%m-%d}) {last['share']:.0%}."
    )
