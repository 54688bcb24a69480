"""What every figure shares: a canvas with title, subtitle and source line, axes in millimetres, time ticks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers.figures.editions import Edition
from helpers.figures.style import INK, MUTED, house_style, inches
from helpers.figures.words import Words
from helpers.numbers import round_digits

MARGIN_MM = 2.5
LINE = 1.22  # line spacing
POINT_MM = 25.4 / 72
UNTITLED_MM = 9  # what a figure without title and source line is lower
# What stays together on a line: a word with the space after it, a Chinese character with the punctuation after it.
BREAKABLE = re.compile(
    r"[\u2018\u201c\uff08]*(?:[\u4e00-\u9fff]|[^\s\u4e00-\u9fff\u2018\u201c\uff08]+)"
    r"[\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f\u201d\u2019]*\s*"
)
STEPS = (240, 120, 60, 24, 12, 6, 4, 3, 2, 1)  # months between two labels of a time axis
NARROW_MM = 130  # below it, panels are stacked and labels thinned out


@dataclass(frozen=True)
class Caption:
    """What stands around a figure: its finding, what is measured, how to read it, and the measure in brief."""

    title: str
    subtitle: str
    note: str
    measure: str


def with_choices(text: str, words: Words) -> str:
    """Add what the run chose otherwise than the defaults to a text about its numbers."""
    return words("common.sentence_space").join(part for part in (text, words.run["choices"]) if part)


class Canvas:
    """A figure in its layout size, with room measured in millimetres.

    Where the place of the edition wants no title in the figure, only the measure is written above it; title,
    subtitle and source go to the caption.

    Attributes
    ----------
    figure : Figure
        The figure.
    edition : Edition
        For which place and in which language.
    width, height : float
        Its size (mm); never higher than the place allows.
    top, bottom : float
        Where the room for axes ends, from the upper and the lower edge (mm).
    """

    def __init__(self, edition: Edition, *, height_mm: float, caption: Caption, source: str) -> None:
        titled = edition.profile.titled
        self.edition = edition
        self.width = edition.width_mm
        self.height = min(height_mm - (0 if titled else UNTITLED_MM), edition.profile.layout_height_mm)
        self.figure = Figure(figsize=(inches(self.width), inches(self.height)))
        FigureCanvasAgg(self.figure)
        self.top = self.bottom = MARGIN_MM
        if titled:
            down = self._write(
                caption.title, MARGIN_MM, size=9.0 if is_narrow(self.width) else 10.5, weight="bold", colour=INK
            )
            self.top = self._write(caption.subtitle, down + 0.6, size=7.5, weight="normal", colour=MUTED) + 2.0
            self._write_source(
                edition.words("common.joined", note=with_choices(caption.note, edition.words), source=source)
            )
        else:
            self.top = self._write(caption.measure, MARGIN_MM, size=7.5, weight="normal", colour=INK) + 1.5

    def _write_source(self, source: str) -> None:
        lines = self.wrap(source, size=6.5)
        self.figure.text(
            MARGIN_MM / self.width,
            MARGIN_MM / self.height,
            "\n".join(lines),
            size=6.5,
            color=MUTED,
            va="bottom",
            linespacing=LINE,
        )
        self.bottom = MARGIN_MM + len(lines) * 6.5 * POINT_MM * LINE + 2.0

    def _write(self, text: str, down: float, *, size: float, weight: str, colour: str) -> float:
        lines = self.wrap(text, size=size, weight=weight)
        self.figure.text(
            MARGIN_MM / self.width,
            1 - down / self.height,
            "\n".join(lines),
            size=size,
            weight=weight,
            color=colour,
            va="top",
            linespacing=LINE,
        )
        return down + len(lines) * size * POINT_MM * LINE

    def wrap(self, text: str, *, size: float, weight: str = "normal", width_mm: float | None = None) -> list[str]:
        """Break a text into lines of at most a width (mm): the canvas between its margins, unless another is given."""
        limit = self.width - 2 * MARGIN_MM if width_mm is None else width_mm
        lines = [""]
        for word in BREAKABLE.findall(text):
            longer = lines[-1] + word
            if lines[-1] and self.text_width(longer.strip(), size=size, weight=weight) > limit:
                lines.append(word)
            else:
                lines[-1] = longer
        return [line.strip() for line in lines]

    def text_width(self, text: str, *, size: float, weight: str = "normal") -> float:
        """Measure how wide a text is drawn (mm)."""
        probe = self.figure.text(0, 0, text, size=size, weight=weight)
        wide = probe.get_window_extent(self.figure.canvas.get_renderer()).width
        probe.remove()
        return wide / self.figure.dpi * 25.4

    def tick_room(self, largest: float) -> float:
        """Measure the room (mm) left of axes whose ticks are plain numbers up to `largest`; 8 at least."""
        return max(8.0, self.text_width(f"{largest:.0f}", size=7) + 2.5)

    def axes(self, left: float, right: float, up: float, down: float, **options: object) -> Axes:
        """Add axes; the four margins are distances (mm) from the edges of the canvas."""
        box = (
            left / self.width,
            down / self.height,
            (self.width - left - right) / self.width,
            (self.height - up - down) / self.height,
        )
        return self.figure.add_axes(box, **options)


def time_axis(axis: Axes, weeks: pd.Series | pd.DatetimeIndex, *, width_mm: float, words: Words) -> None:
    """Label the months that fit: never more than about one label in 11 mm, the year below each January."""
    first, last = pd.Timestamp(min(weeks)), pd.Timestamp(max(weeks))
    step, ticks = fit_months(first, last, most=max(2, int(width_mm / 11)))
    axis.set_xticks(mdates.date2num(ticks))
    shown = [
        f"{words.month(tick)}\n{tick:%Y}" if place == 0 or tick.month <= step else words.month(tick)
        for place, tick in enumerate(ticks)
    ]
    axis.set_xticklabels(shown)
    axis.set_xlim(mdates.date2num(first - pd.Timedelta(days=3)), mdates.date2num(last + pd.Timedelta(days=3)))


def fit_months(first: pd.Timestamp, last: pd.Timestamp, *, most: int) -> tuple[int, list[pd.Timestamp]]:
    """Choose which first days of months to label, from every month to every twentieth January.

    Returns
    -------
    (int, list of Timestamp)
        How many months apart they are, and the days: as many as fit (about `most`), but two at least where
        there are two, since a single month says nothing about the scale.
    """
    months = max(1, round((last - first).days / 30.4))
    starts = [day for day in pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS") if day >= first]
    by_step = {step: [day for day in starts if (12 * day.year + day.month - 1) % step == 0] for step in STEPS}
    fits = [step for step, ticks in by_step.items() if len(ticks) >= 2 and months / step <= most]
    step = fits[-1] if fits else next((step for step, ticks in by_step.items() if len(ticks) >= 2), 1)
    return step, by_step[step]


def plain_log_axis(axis: Axes, *, low: float, high: float) -> None:
    """Label a logarithmic axis with 1 and 3 times powers of ten, written as plain numbers."""
    axis.set_yscale("log")
    axis.set_ylim(low, high)
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = (1, 3) if high / low < 10_000 else (1,)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    axis.set_yticks([tick for tick in ticks if low <= tick <= high])
    axis.set_yticks([], minor=True)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: round_digits(value, digits=6)))


def spread(places: Sequence[float], *, apart: float, low: float, high: float) -> list[float]:
    """Move labels apart along one line until none is closer than `apart`, each as near its place as can be.

    Parameters
    ----------
    places : sequence of float
        Wanted positions, in any order.
    apart : float
        Smallest distance between two labels, in the same unit.
    low, high : float
        The labels stay between these, as long as they fit.

    Returns
    -------
    list of float
        Positions in the order of `places`.

    Examples
    --------
    >>> spread([1.0, 1.2, 5.0], apart=1.0, low=0.0, high=10.0)
    [0.6, 1.6, 5.0]
    """
    order = np.argsort(places, kind="stable")
    steps = apart * np.arange(len(places))
    # Least-squares distances under "at least `apart`": isotonic regression of the places less their steps.
    pools: list[list[float]] = []
    for wanted in np.asarray(places, dtype=float)[order] - steps:
        pools.append([wanted, 1.0])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, members = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + members]
    level = np.repeat([total / members for total, members in pools], [int(members) for _, members in pools])
    inside = np.clip(level, low, max(low, high - steps[-1])) if len(places) else level
    placed = np.empty(len(places))
    placed[order] = inside + steps
    return [round(float(place), 9) for place in placed]


def end_labels(axis: Axes, labels: Sequence[tuple[float, str, str]], *, height_mm: float, size: float = 7.5) -> None:
    """Write a label beside the right end of each series, moved apart where they would touch.

    Parameters
    ----------
    axis : Axes
        With its final scale and limits.
    labels : sequence of (value, text, colour)
        Value at the right edge (data), what to write, and in which colour.
    height_mm : float
        Height of the axes, to know what touches.
    size : float
        Text size (points).
    """
    to_axes = axis.transAxes.inverted()
    wanted = [
        float(to_axes.transform(axis.transData.transform((axis.get_xlim()[1], value)))[1]) for value, _, _ in labels
    ]
    lines = max((text.count("\n") + 1 for _, text, _ in labels), default=1)
    apart = size * POINT_MM * LINE * lines / height_mm
    for place, (_, text, colour) in zip(
        spread(wanted, apart=apart, low=apart / 2, high=1 - apart / 2), labels, strict=True
    ):
        axis.text(
            1.012,
            place,
            text,
            transform=axis.transAxes,
            color=colour,
            size=size,
            va="center",
            linespacing=1.1,
        )


def readable_colour(colour: str) -> str:
    """Darken a light fill colour until text in it can be read on white."""
    from matplotlib.colors import to_hex, to_rgb

    rgb = np.array(to_rgb(colour))
    while rgb @ np.array([0.2126, 0.7152, 0.0722]) > 0.38:
        rgb = rgb * 0.92
    return to_hex(rgb)


def band(axis: Axes, weeks: pd.Series, low: pd.Series, high: pd.Series, colour: str, edition: Edition) -> None:
    """Draw a band of worst cases that another may cross; where the place shows no overlap, its edges are drawn too."""
    axis.fill_between(weeks, low, high, facecolor=colour, alpha=0.18, linewidth=0)
    if not (edition.profile.transparency and edition.profile.colours):
        for edge in (low, high):
            axis.plot(weeks, edge, color=colour, linewidth=0.5, linestyle=(0, (2, 1)))


def parity_line(axis: Axes, *, above: str, below: str) -> None:
    """Draw the line at 1 and say what lies on each side of it."""
    axis.axhline(1, color=INK, linewidth=0.8, zorder=1.5)
    for text, place, side in ((above, 2, "bottom"), (below, -2, "top")):
        axis.annotate(
            text,
            (0, 1),
            xycoords=("axes fraction", "data"),
            xytext=(3, place),
            textcoords="offset points",
            va=side,
            color=MUTED,
            size=7,
        )


def mark_off_axis(axis: Axes, places: pd.Series, colour: str, *, at_head: bool) -> None:
    """Mark what a logarithmic axis has no place for: ratios of 0 by crosses at its foot, infinite ones by triangles.

    The note below the figure says what they are.
    """
    if places.empty:
        return
    axis.plot(
        places,
        [0.975 if at_head else 0.025] * len(places),
        linestyle="none",
        marker="^" if at_head else "x",
        markersize=3,
        markeredgewidth=0.8,
        color=colour,
        transform=axis.get_xaxis_transform(),
        zorder=3,
    )


def draw_empty(name: str, *, source: str, edition: Edition) -> tuple[Figure, Caption, str]:
    """Draw the figure of a table without rows: its frame, its title, and the sentence why there is nothing in it.

    Returns
    -------
    figure : Figure
        An empty frame with the sentence.
    caption : Caption
        Title, measure, and the sentence.
    alt_text : str
        The same in words.
    """
    words = edition.words
    reason, measure = words.or_else(f"{name}.empty", words("common.empty")), words(f"{name}.measure")
    caption = Caption(words("common.empty_title"), measure, reason, measure)
    with house_style(edition):
        canvas = Canvas(edition, height_mm=60, caption=caption, source=source)
        axis = canvas.axes(MARGIN_MM, MARGIN_MM, canvas.top + 1, canvas.bottom + 1)
        axis.set_xticks([])
        axis.set_yticks([])
        lines = canvas.wrap(reason, size=7.5, width_mm=canvas.width - 8 * MARGIN_MM)
        axis.text(0.5, 0.5, "\n".join(lines), transform=axis.transAxes, ha="center", va="center", size=7.5, color=MUTED)
        return canvas.figure, caption, words("common.alt_empty", measure=measure, reason=reason)


def is_narrow(width_mm: float) -> bool:
    """Say whether a figure is for one column: panels are stacked, labels thinned out."""
    return width_mm < NARROW_MM


def column_or_page(width_mm: float, *, column: float, page: float) -> float:
    """Choose a height (mm) for one column or the whole page width."""
    return column if is_narrow(width_mm) else page
