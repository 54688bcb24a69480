"""Open and closed weights by origin: shares of all tokens a week."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.publish.figures.frame import MARGIN_MM, Canvas, is_narrow, readable_colour, time_axis
from helpers.publish.style import DOUBLE_MM, MUTED, ORIGINS, house_style

NAME = "weights_by_origin"
PANELS = {
    "China": "Chinese models",
    "US": "US models",
    "Other": "Other countries",
    "unidentified": "Unidentified",
}
KINDS = ["open", "closed", "unknown"]
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
    other = tagged_weekly[tagged_weekly["permaslug"].eq("other")]
    full = other.loc[other["days_ranked"].eq(7), "week_start"]
    rows = tagged_weekly[tagged_weekly["week_start"].isin(full)]
    rows = rows.assign(origin=rows["origin"].where(rows["origin"].isin(["China", "US", "Other"]), "unidentified"))
    grid = pd.MultiIndex.from_product([sorted(full), list(PANELS)], names=["week_start", "origin"])
    wide = rows.pivot_table(index=["week_start", "origin"], columns="weights", values="tokens", aggfunc="sum")
    wide = wide.reindex(index=grid, columns=KINDS).fillna(0).astype("int64").rename_axis(columns=None)
    total = wide.sum(axis="columns").groupby("week_start").transform("sum")
    shares = wide.div(total, axis="index").add_prefix("share_")
    return pd.concat([wide, shares], axis="columns").reset_index()


def draw(data: pd.DataFrame, *, source: str, width_mm: float = DOUBLE_MM) -> Figure:
    """Draw a panel per origin: open weights in full colour below, closed ones in a light tint above."""
    with house_style():
        narrow = is_narrow(width_mm)
        canvas = Canvas(
            width_mm=width_mm,
            height_mm=138 if narrow else 84,
            title=_title(data),
            subtitle="Share of all tokens of the week, per cent. Full colour: open weights; light: closed weights; "
            "hatched: models below rank 50, weights not known",
            source=f"Weights count as open from the day the public could download them. {source}",
        )
        across, rows = (2, 2) if narrow else (4, 1)
        left, foot, head = MARGIN_MM + 6, 9, 5
        wide = (canvas.width - left - MARGIN_MM - GAP_MM * (across - 1)) / across
        high = (canvas.height - canvas.top - canvas.bottom) / rows
        top = 100 * data[["share_open", "share_closed", "share_unknown"]].sum(axis="columns").max() * 1.3
        for place, (origin, title) in enumerate(PANELS.items()):
            row, column = divmod(place, across)
            start = left + column * (wide + GAP_MM)
            axis = canvas.axes(
                start,
                canvas.width - start - wide,
                canvas.top + row * high + head,
                canvas.bottom + (rows - 1 - row) * high + foot,
            )
            _draw_origin(axis, data[data["origin"].eq(origin)], origin)
            axis.set_ylim(0, top)
            axis.set_yticks(range(0, min(101, int(top) + 1), 20))
            time_axis(axis, data["week_start"], width_mm=wide * 1.25)
            axis.set_title(title, color=readable_colour(ORIGINS[origin].colour))
            if column:
                axis.set_yticklabels([])
        return canvas.figure


def _draw_origin(axis: Axes, rows: pd.DataFrame, origin: str) -> None:
    import seaborn as sns

    colour = MUTED if origin == "unidentified" else ORIGINS[origin].colour
    tint = sns.light_palette(colour, n_colors=10)[3]
    base = rows["share_open"] * 0
    looks = {
        "open": {"facecolor": colour},
        "closed": {"facecolor": tint},
        "unknown": {"facecolor": "white", "hatch": "////", "edgecolor": ORIGINS["unidentified"].colour},
    }
    for kind in KINDS:
        upper = base + 100 * rows[f"share_{kind}"]
        axis.fill_between(rows["week_start"], base, upper, linewidth=0.0, **looks[kind])
        base = upper
    axis.plot(rows["week_start"], base, color=readable_colour(colour), linewidth=0.7)
    last = rows.iloc[-1]
    words = [f"{kind} {last[f'share_{kind}']:.0%}" for kind in ("open", "closed") if last[f"share_{kind}"] >= 0.005]
    if words:
        axis.text(
            0.97,
            0.97,
            "last week:\n" + "\n".join(words),
            transform=axis.transAxes,
            ha="right",
            va="top",
            size=7,
            linespacing=1.2,
        )


def _title(data: pd.DataFrame) -> str:
    last = data[data["week_start"].eq(data["week_start"].max())].set_index("origin")
    china, us = last.loc["China"], last.loc["US"]
    chinese, american = ("open" if row["open"] > row["closed"] else "closed" for row in (china, us))
    if chinese == american:
        return f"Tokens of Chinese and of US models alike go mostly to {chinese} weights"
    return f"Chinese tokens go mostly to {chinese} weights, US tokens to {american} ones"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    last = data[data["week_start"].eq(data["week_start"].max())].set_index("origin")
    parts = [
        f"{title}: open {last.loc[origin, 'share_open']:.0%}, closed {last.loc[origin, 'share_closed']:.0%}"
        for origin, title in PANELS.items()
    ]
    return (
        "Four panels of stacked areas: the share of all tokens of a week by origin of the publisher, divided into "
        f"open and closed weights. In the week of {data['week_start'].max():%Y-%m-%d}: {'; '.join(parts)}; the rest is "
        "below rank 50."
    )
