"""Open and closed weights by origin: shares of all tokens a week."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import MARGIN_MM, Canvas, Caption, is_narrow, readable_colour, time_axis
from helpers.figures.style import MUTED, ORIGIN_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.numbers import sum_wide
from helpers.vocabulary import BELOW_RANK_50, GROWTH_ORIGINS, IDENTIFIED, WEIGHTS

NAME = "weights_by_origin"
TABLES = ["tagged_weekly"]
COLUMNS = {
    **contracts.CONTRACTS["tagged_weekly"].pick("week_start"),
    "origin": contracts.one_of(
        GROWTH_ORIGINS, "where the publisher is based; `unidentified` for unknown and below rank 50"
    ),
    **{kind: contracts.tokens(f"tokens of the week, weights {kind}") for kind in WEIGHTS},
    **{
        f"share_{kind}": contracts.share(f"share of the platform's tokens of the week, weights {kind}")
        for kind in WEIGHTS
    },
}
GAP_MM = 5


def prepare(tagged_weekly: pd.DataFrame) -> pd.DataFrame:
    """Add up each full week's tokens by origin and weights; the row below rank 50 is unidentified.

    Parameters
    ----------
    tagged_weekly : DataFrame
        The table `tagged_weekly`; weights hold as of the day.

    Returns
    -------
    DataFrame
        `week_start, origin` (China, US, Other, unidentified), `open, closed, unknown` (tokens, int64) and
        `share_open, share_closed, share_unknown` (of the platform's tokens of the week).
    """
    other = tagged_weekly[tagged_weekly["permaslug"].eq(BELOW_RANK_50)]
    full = other.loc[other["days_ranked"].eq(7), "week_start"]
    rows = tagged_weekly[tagged_weekly["week_start"].isin(full)]
    rows = rows.assign(origin=rows["origin"].where(rows["origin"].isin(IDENTIFIED), "unidentified"))
    grid = pd.MultiIndex.from_product([sorted(full), GROWTH_ORIGINS], names=["week_start", "origin"])
    wide = sum_wide(rows, index=["week_start", "origin"], columns="weights", names=WEIGHTS)
    wide = wide.reindex(grid, fill_value=0)
    total = wide.sum(axis="columns").groupby("week_start").transform("sum")
    shares = wide.div(total, axis="index").add_prefix("share_")
    return pd.concat([wide, shares], axis="columns").reset_index()


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw a panel per origin: open weights in full colour below, closed ones in a light tint above."""
    with house_style(edition):
        words = edition.words
        narrow = is_narrow(edition.width_mm)
        canvas = Canvas(edition, height_mm=138 if narrow else 84, caption=caption(data, words), source=source)
        across, rows = (2, 2) if narrow else (4, 1)
        left, foot, head = MARGIN_MM + 6, 9, 5
        wide = (canvas.width - left - MARGIN_MM - GAP_MM * (across - 1)) / across
        high = (canvas.height - canvas.top - canvas.bottom) / rows
        top = 100 * data[["share_open", "share_closed", "share_unknown"]].sum(axis="columns").max() * 1.3
        for place, origin in enumerate(GROWTH_ORIGINS):
            row, column = divmod(place, across)
            start = left + column * (wide + GAP_MM)
            axis = canvas.axes(
                start,
                canvas.width - start - wide,
                canvas.top + row * high + head,
                canvas.bottom + (rows - 1 - row) * high + foot,
            )
            _draw_origin(axis, data[data["origin"].eq(origin)], origin, words)
            axis.set_ylim(0, top)
            axis.set_yticks(range(0, min(101, int(top) + 1), 20))
            time_axis(axis, data["week_start"], width_mm=wide * 1.25, words=words)
            axis.set_title(words(f"weights_by_origin.{origin}"), color=readable_colour(ORIGIN_LOOKS[origin].colour))
            if column:
                axis.set_yticklabels([])
        return canvas.figure


def _draw_origin(axis: Axes, rows: pd.DataFrame, origin: str, words: Words) -> None:
    colour = MUTED if origin == "unidentified" else ORIGIN_LOOKS[origin].colour
    tint = sns.light_palette(colour, n_colors=10)[3]
    base = rows["share_open"] * 0
    looks = {
        "open": {"facecolor": colour},
        "closed": {"facecolor": tint},
        "unknown": {"facecolor": "white", "hatch": "////", "edgecolor": ORIGIN_LOOKS["unidentified"].colour},
    }
    for kind in WEIGHTS:
        upper = base + 100 * rows[f"share_{kind}"]
        axis.fill_between(rows["week_start"], base, upper, linewidth=0.0, **looks[kind])
        base = upper
    axis.plot(rows["week_start"], base, color=readable_colour(colour), linewidth=0.7)
    last = rows.iloc[-1]
    shown = [
        f"{words(f'weights_by_origin.{kind}')} {last[f'share_{kind}']:.0%}"
        for kind in ("open", "closed")
        if last[f"share_{kind}"] >= 0.005
    ]
    if shown:
        axis.text(
            0.97,
            0.97,
            "\n".join([words("weights_by_origin.last_week"), *shown]),
            transform=axis.transAxes,
            ha="right",
            va="top",
            size=7,
            linespacing=1.2,
        )


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say which weights either side's tokens go to, the measure, and from when weights count as open."""
    last = data[data["week_start"].eq(data["week_start"].max())].set_index("origin")
    chinese, american = (
        words("weights_by_origin.open" if row["open"] > row["closed"] else "weights_by_origin.closed")
        for row in (last.loc["China"], last.loc["US"])
    )
    finding = "same" if chinese == american else "differ"
    title = words(f"weights_by_origin.title_{finding}", weights=chinese, chinese=chinese, american=american)
    return Caption(
        title, words("weights_by_origin.subtitle"), words("weights_by_origin.note"), words("weights_by_origin.measure")
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    last = data[data["week_start"].eq(data["week_start"].max())].set_index("origin")
    parts = [
        words(
            "weights_by_origin.alt_panel",
            title=words(f"weights_by_origin.{origin}"),
            open=last.loc[origin, "share_open"],
            closed=last.loc[origin, "share_closed"],
        )
        for origin in GROWTH_ORIGINS
    ]
    week = words.date(data["week_start"].max())
    return words("weights_by_origin.alt", week=week, parts=words("common.semicolon").join(parts))
