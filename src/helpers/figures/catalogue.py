"""The figures by name: which tables each is prepared from, and which parameters it takes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from helpers.data.files import write_whole
from helpers.data.sources import Source
from helpers.figures import (
    china_against_us,
    claims_verdicts,
    growth_absorbed,
    largest_models,
    ratio_with_bounds,
    specification_curve,
    tokens_and_money,
    tokens_by_origin,
    truncation_curve,
    weights_by_origin,
)
from helpers.figures.edition import HOUSE, Edition
from helpers.figures.export import render, save_figure
from helpers.figures.frame import Caption, draw_empty, with_choices
from helpers.figures.policy import follow_policy

FIGURES: dict[str, tuple[ModuleType, list[str]]] = {
    module.NAME: (module, tables)
    for module, tables in [
        (ratio_with_bounds, ["ratios"]),
        (china_against_us, ["origin_weekly"]),
        (tokens_by_origin, ["origin_weekly"]),
        (weights_by_origin, ["tagged_weekly"]),
        (largest_models, ["tagged_weekly"]),
        (truncation_curve, ["truncation", "truncation_leads"]),
        (specification_curve, ["specifications"]),
        (growth_absorbed, ["growth_strip"]),
        (tokens_and_money, ["ratios", "money_weekly"]),
        (claims_verdicts, ["claims"]),
    ]
}


MM_A_PIXEL = 25.4 / 96  # of a page on a screen
DENSE = {"claims_verdicts", "specification_curve"}  # rows of text that no layout can make fewer


@dataclass(frozen=True)
class Drawn:
    """A figure with what it was drawn from, the words around it, and the edition that it was drawn for."""

    name: str
    figure: Figure
    data: pd.DataFrame
    caption: Caption
    alt_text: str
    edition: Edition
    saved: Path | None = None

    @property
    def columns(self) -> dict[str, pa.Column]:
        """What each column of the data is, as the figure's module declares it (its names may be patterns)."""
        return {name: self._declared(name) for name in self.data.columns}

    def _declared(self, name: str) -> pa.Column:
        for pattern, column in FIGURES[self.name][0].COLUMNS.items():
            if re.fullmatch(pattern, name):
                return column
        raise KeyError(f"{self.name} declares no column {name!r}")

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Show the figure in a notebook as it is saved, at the size of its place."""
        follow_policy(self.figure, self.edition.profile)
        content = self.saved.read_bytes() if self.saved else render(self.figure, "png", self.edition)
        return content, {"width": round(self.edition.profile.width_mm / MM_A_PIXEL)}


def draw_figure(
    name: str,
    read: Callable[[str], pd.DataFrame],
    *,
    source: str,
    headline: Mapping[str, str],
    reported_week: str = "2026-02-09",
    chart_size: int = 9,
    edition: Edition = HOUSE,
) -> Drawn:
    """Draw one figure by its name.

    Parameters
    ----------
    name : str
        A key of `FIGURES`.
    read : function of a table's name
        Returns a table of data/processed/.
    source : str
        The source line.
    headline : mapping of str to str
        The option of each dimension behind the published headline (for the specification curve).
    reported_week : str
        First day of the week that is marked (YYYY-MM-DD).
    chart_size : int
        Permaslugs kept per week in the scope chart.
    edition : Edition
        For which place and in which language.

    Returns
    -------
    Drawn
        Where the tables have no row to draw: an empty frame that says why, and the columns of the data.
    """
    module, tables = FIGURES[name]
    extra: dict[str, dict] = {
        "ratio_with_bounds": {"draw": {"reported_week": reported_week}},
        "truncation_curve": {"prepare": {"reported_week": reported_week}, "draw": {"chart_size": chart_size}},
        "specification_curve": {"prepare": {"headline": headline}},
        "claims_verdicts": {"prepare": {"words": edition.words}},
    }.get(name, {})
    data = module.prepare(*(read(table) for table in tables), **extra.get("prepare", {}))
    if name in DENSE:
        edition = replace(edition, profile=edition.profile.dense())
    if data.empty:
        figure, caption, alt_text = draw_empty(name, source=source, edition=edition)
        return Drawn(name, figure, data, caption, alt_text, edition)
    figure = module.draw(data, source=source, edition=edition, **extra.get("draw", {}))
    words = edition.words
    caption = module.caption(data, words)
    caption = replace(caption, note=with_choices(caption.note, words))
    return Drawn(name, figure, data, caption, with_choices(module.describe(data, words), words), edition)


def full_caption(drawn: Drawn, source: str) -> str:
    """Write the caption: finding, measure, how to read it, source."""
    words, caption = drawn.edition.words, drawn.caption
    stop, space = ("。", "") if words.language == "zh" else (".", " ")
    return space.join([f"{caption.title}{stop}", f"{caption.subtitle}{stop}", caption.note, source])


@dataclass(frozen=True)
class Gallery:
    """The figures of one run, for one place and in one language.

    Attributes
    ----------
    read : function of a table's name
        Returns a table of the run.
    source : Source
        The record that the run was made from.
    edition : Edition
        For which place, in which language, under which choices.
    headline : mapping of str to str
        The option of each dimension behind the published headline.
    folder : Path
        Where `save` writes.
    formats : sequence of str
        Which files to write; empty for those of the edition's profile.
    reported_week : str
        First day of the week that is marked (YYYY-MM-DD).
    chart_size : int
        Permaslugs kept per week in the scope chart.
    """

    read: Callable[[str], pd.DataFrame]
    source: Source
    edition: Edition
    headline: Mapping[str, str]
    folder: Path
    formats: Sequence[str] = ()
    reported_week: str = "2026-02-09"
    chart_size: int = 9

    def draw(self, name: str) -> Drawn:
        """Draw one figure."""
        return draw_figure(
            name,
            self.read,
            source=self.edition.source_line(self.source),
            headline=self.headline,
            reported_week=self.reported_week,
            chart_size=self.chart_size,
            edition=self.edition,
        )

    def save(self, name: str) -> Drawn:
        """Draw one figure and write its files.

        Raises
        ------
        InputError
            If a format is unknown, a label has a character without a glyph, or a file cannot be written.
        """
        drawn = self.draw(name)
        written = self.write(drawn, self.folder)
        return replace(drawn, saved=written.get("png"))

    def write(self, drawn: Drawn, folder: Path) -> dict[str, Path]:
        """Write a figure's files; where the place wants no words in it, a caption that holds the source line too."""
        written = save_figure(
            drawn.figure,
            drawn.data,
            folder=folder,
            name=drawn.name,
            alt_text=drawn.alt_text,
            formats=self.formats or None,
            edition=drawn.edition,
        )
        if not drawn.edition.profile.titled:
            caption = full_caption(drawn, drawn.edition.source_line(self.source))
            path = folder / f"{drawn.name}.caption.txt"
            written["caption.txt"] = write_whole(path, f"{caption}\n".encode())
        return written
