"""Tokens a week by origin, stacked, with everything unidentified on top."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.publish.figures.frame import (
    MARGIN_MM,
    Canvas,
    column_or_page,
    end_labels,
    readable_colour,
    time_axis,
)
from helpers.publish.style import DOUBLE_MM, ORIGINS, house_style

TRILLION = 10**12
NAME = "tokens_by_origin"


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
    wide = rows.pivot_table(index="week_start", columns="origin", values="tokens", aggfunc="sum")
    wide = wide.rename_axis(columns=None)
    named = wide[["China", "US", "Other"]]
    return named.assign(unidentified=wide["Unknown"] + wide["other"]).reset_index()


def draw(data: pd.DataFrame, *, source: str, width_mm: float = DOUBLE_MM) -> Figure:
    """Draw the stacked tokens and, below, their shares, with direct labels at the right end."""
    with house_style():
        canvas = Canvas(
            width_mm=width_mm,
            height_mm=column_or_page(width_mm, column=112, page=112),
            title=_title(data),
            subtitle="Tokens a week (Monday to Sunday, UTC) by where the publisher of the model is based",
            source="Scope: whole platform. Unidentified: models below rank 50, cloaked models before their "
            f"reveal, publishers without a known base. {source}",
        )
        tokens = data[list(ORIGINS)]
        shares = tokens.div(tokens.sum(axis="columns"), axis="index")
        texts = [f"{look.label} {shares[origin].iloc[-1]:.0%}" for origin, look in ORIGINS.items()]
        left, right = MARGIN_MM + 8, MARGIN_MM + 2 + max(canvas.text_width(text, size=7.5) for text in texts)
        room = canvas.height - canvas.top - canvas.bottom
        split = canvas.bottom + 9 + (room - 9) * 0.42
        upper = canvas.axes(left, right, canvas.top + 5, split + 9)
        lower = canvas.axes(left, right, canvas.height - split + 2, canvas.bottom + 9)
        upper.set_title("Trillion tokens")
        lower.set_title("Share of all tokens, per cent")
        for axis, values in ((upper, tokens / TRILLION), (lower, shares * 100)):
            _stack(axis, data["week_start"], values)
            time_axis(axis, data["week_start"], width_mm=canvas.width - left - right)
        upper.set_xticklabels([])
        edges = shares.iloc[-1].cumsum() * 100
        middle = edges - shares.iloc[-1] * 50
        labels = [
            (middle[origin], text, readable_colour(ORIGINS[origin].colour))
            for origin, text in zip(ORIGINS, texts, strict=True)
        ]
        end_labels(lower, labels, height_mm=split - 2 - canvas.bottom - 9)
        return canvas.figure


def _stack(axis: Axes, weeks: pd.Series, values: pd.DataFrame) -> None:
    upper = values.cumsum(axis="columns")
    for origin, look in ORIGINS.items():
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
    axis.set_yticks([tick for tick in MaxNLocator(5).tick_values(0, top) if 0 <= tick <= top])


def _title(data: pd.DataFrame) -> str:
    last = data.iloc[-1]
    first, second = ("Chinese", "US") if last["China"] > last["US"] else ("US", "Chinese")
    return f"{first} models now process more tokens than {second} models"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    first, last = data.iloc[0], data.iloc[-1]
    total_first, total_last = (int(row[list(ORIGINS)].sum()) for row in (first, last))
    parts = [f"{look.label} {last[origin] / total_last:.0%}" for origin, look in ORIGINS.items()]
    return (
        f"Stacked areas of tokens a week on OpenRouter, from the week of {first['week_start']:%Y-%m-%d} "
        f"({total_first / TRILLION:.2f} trillion) to that of {last['week_start']:%Y-%m-%d} "
        f"({total_last / TRILLION:.1f} trillion). In the last week: {', '.join(parts)}."
    )
