"""The largest models over time: when each came, how large it grew, and when it went."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import MARGIN_MM, POINT_MM, Canvas, Caption, is_narrow, readable_colour, time_axis
from helpers.figures.style import HAIRLINE, MUTED, ORIGIN_LOOKS, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.vocabulary import BELOW_RANK_50

NAME = "largest_models"
TABLES = ["tagged_weekly"]
COLUMNS = {
    "place": contracts.count("row in the figure, from 0, by the week of the peak", unit="rows"),
    **contracts.CONTRACTS["tagged_weekly"].pick("model"),
    **contracts.CONTRACTS["concentration"].pick("origin"),
    **contracts.CONTRACTS["tagged_weekly"].pick("week_start"),
    "tokens": contracts.tokens("tokens of the model in the week, variants together"),
    "share": contracts.share("their share of the platform's tokens of the week"),
}
ROW_MM = 4.6
FULLEST = 0.92  # half height of the largest share, in rows: a giant may reach into its neighbours' room


def prepare(tagged_weekly: pd.DataFrame, *, models: int = 24) -> pd.DataFrame:
    """Choose the models with the largest weekly share of the platform at any time, week by week.

    Variants are added to their model. A model revealed in mid-life has the origin that most of its tokens
    were counted under.

    Parameters
    ----------
    tagged_weekly : DataFrame
        The table `tagged_weekly`.
    models : int
        How many models to choose.

    Returns
    -------
    DataFrame
        `place` (row in the figure, from 0, by the week of the peak), `model, origin, week_start, tokens`
        (int64) and `share` (of the platform's tokens of the week); full weeks with tokens only.
    """
    other = tagged_weekly[tagged_weekly["permaslug"].eq(BELOW_RANK_50)]
    full = other.loc[other["days_ranked"].eq(7), "week_start"]
    rows = tagged_weekly[tagged_weekly["week_start"].isin(full)]
    total = rows.groupby("week_start")["tokens"].sum()
    named = rows[rows["permaslug"].ne(BELOW_RANK_50)]
    counted = named.groupby(["model", "origin"])["tokens"].sum().reset_index()
    counted = counted.sort_values(["tokens", "origin"], ascending=[False, True])
    origin = counted.drop_duplicates("model").set_index("model")["origin"]
    weekly = named.groupby(["model", "week_start"])["tokens"].sum().reset_index()
    weekly = weekly[weekly["tokens"] > 0]
    weekly = weekly.assign(share=weekly["tokens"] / weekly["week_start"].map(total))
    peaks = weekly.sort_values(["share", "model"], ascending=[False, True]).drop_duplicates("model").head(models)
    order = peaks.sort_values(["week_start", "model"])["model"].tolist()
    chosen = weekly[weekly["model"].isin(order)]
    chosen = chosen.assign(place=chosen["model"].map(order.index), origin=chosen["model"].map(origin))
    columns = ["place", "model", "origin", "week_start", "tokens", "share"]
    return chosen[columns].sort_values(["place", "week_start"]).reset_index(drop=True)


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw a ribbon per model, as thick as its share of the week's tokens."""
    with house_style(edition):
        words = edition.words
        places = int(data["place"].max()) + 1
        size = 6.5 if is_narrow(edition.width_mm) else 7.2
        canvas = Canvas(edition, height_mm=48 + ROW_MM * places, caption=caption(data, words), source=source)
        names = _short_names(data["model"])
        room = max(canvas.text_width(name, size=size) for name in names.values())
        left, right = MARGIN_MM + room + 2, MARGIN_MM + 8
        axis = canvas.axes(left, right, canvas.top + 5, canvas.bottom + 9)
        thickest = data["share"].max()
        for model, rows in data.groupby("model", sort=False):
            _ribbon(axis, rows, name=names[model], thickest=thickest, size=size)
            if edition.profile.grid_lines:
                axis.axhline(rows["place"].iloc[0], color=HAIRLINE, linewidth=0.4, zorder=0.5)
        axis.set_ylim(places - 0.3, -1.2)
        axis.spines["left"].set_visible(False)
        axis.set_yticks([])
        time_axis(axis, data["week_start"], width_mm=canvas.width - left - right, words=words)
        _key(canvas, axis, data, words)
        return canvas.figure


def _ribbon(axis: Axes, rows: pd.DataFrame, *, name: str, thickest: float, size: float) -> None:
    place = rows["place"].iloc[0]
    look = ORIGIN_LOOKS.get(rows["origin"].iloc[0], ORIGIN_LOOKS["unidentified"])
    colour = readable_colour(look.colour)
    weeks = pd.date_range(rows["week_start"].min(), rows["week_start"].max(), freq="7D")
    share = rows.set_index("week_start")["share"].reindex(weeks, fill_value=0.0)
    # Half a week on each side: a model that was there for a single week is seen as well.
    edge = pd.Timedelta(days=3.5)
    days = weeks.insert(0, weeks[0] - edge).insert(len(weeks) + 1, weeks[-1] + edge)
    half = FULLEST / thickest * share.to_numpy()[[0, *range(len(weeks)), -1]]
    axis.fill_between(
        days, place - half, place + half, facecolor=look.colour, edgecolor="white", linewidth=0.3, zorder=2
    )
    axis.text(
        -0.01,
        place,
        name,
        transform=axis.get_yaxis_transform(),
        ha="right",
        va="center",
        size=size,
        color=colour,
    )
    axis.text(
        1.01,
        place,
        f"{share.max():.0%}",
        transform=axis.get_yaxis_transform(),
        va="center",
        size=size,
        color=colour,
    )


def _key(canvas: Canvas, axis: Axes, data: pd.DataFrame, words: Words) -> None:
    """Name the origins above the ribbons, each behind a square of its colour; the last ends with the axes."""
    shown = [origin for origin in ORIGIN_LOOKS if origin in set(data["origin"].replace("Unknown", "unidentified"))]
    labels = {origin: words(f"common.{origin}") for origin in shown}
    wide = {origin: canvas.text_width(label, size=7.5, weight="bold") + 6.5 for origin, label in labels.items()}
    across = axis.get_position().width * canvas.width
    offset = min(0.0, across - sum(wide.values()))
    for origin, label in labels.items():
        look = ORIGIN_LOOKS[origin]
        square = offset_copy(axis.transAxes, axis.figure, x=offset / POINT_MM + 3, y=3.8, units="points")
        axis.plot([0], [1], "s", markersize=5, color=look.colour, transform=square, clip_on=False)
        beside = offset_copy(axis.transAxes, axis.figure, x=offset / POINT_MM + 9, y=1, units="points")
        axis.text(0, 1, label, transform=beside, color=readable_colour(look.colour), weight="bold", size=7.5)
        offset += wide[origin]
    above = offset_copy(axis.transAxes, axis.figure, y=1, units="points")
    axis.text(1.01, 1, words("largest_models.peak"), transform=above, color=MUTED, size=7)


def _short_names(models: pd.Series) -> dict[str, str]:
    """Leave out the date that many names end with, unless two models would then look the same."""
    full = pd.Series(models.unique())
    short = full.str.replace(r"-\d{8}$|-\d{4}-\d{2}-\d{2}$", "", regex=True)
    return dict(zip(full, full.where(short.duplicated(keep=False), short), strict=True))


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say whose the giants are, the measure, and what is unidentified."""
    last = data[data["week_start"].eq(data["week_start"].max())].nlargest(3, "share")
    finding = "chinese" if len(last) and last["origin"].eq("China").all() else "few"
    return Caption(
        words(f"largest_models.title_{finding}"),
        words("largest_models.subtitle"),
        words("largest_models.note"),
        words("largest_models.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    peaks = data.loc[data.groupby("model")["share"].idxmax()].sort_values("share", ascending=False).head(3)
    names = _short_names(data["model"])
    told = [
        words(
            "largest_models.alt_peak",
            model=names[row.model],
            origin=words(f"largest_models.{row.origin}"),
            share=row.share,
            week=words.date(row.week_start),
        )
        for row in peaks.itertuples(index=False)
    ]
    count = data.drop_duplicates("model").groupby("origin").size()
    counted = [
        words("largest_models.alt_origin", number=number, origin=words(f"largest_models.{origin}"))
        for origin, number in count.items()
    ]
    return words(
        "largest_models.alt",
        count=data["model"].nunique(),
        origins=words.listed(counted),
        peaks=words("common.semicolon").join(told),
    )
