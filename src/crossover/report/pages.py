"""Pages: one template for all, Markdown and tables as HTML, and everything from data escaped."""

import functools
import re
from collections.abc import Callable
from pathlib import Path

import jinja2
import mistune
import pandas as pd
from markupsafe import Markup, escape

ASSETS = Path(__file__).parent / "assets"
GENERATOR = "Token Crossover report"
Link = Callable[[str], str | None]


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(ASSETS / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["whole_dates"] = whole_dates
    return environment


def whole_dates(text: str) -> Markup:
    """Escape a text and keep its dates from being broken at the end of a line.

    Examples
    --------
    >>> print(whole_dates("<2026-02-09"))
    &lt;<span class="date">2026-02-09</span>
    """
    return Markup(re.sub(r"\b\d{4}-\d{2}-\d{2}\b", r'<span class="date">\g<0></span>', str(escape(text))))


def render(template: str, /, **values: object) -> bytes:
    """Fill a template of `assets/templates/`; every value that is not `Markup` is escaped.

    Parameters
    ----------
    template : str
        File name without ``.html``.
    **values
        What the template names; one that it misses is an error (`jinja2.UndefinedError`).

    Returns
    -------
    bytes
        A page in UTF-8.
    """
    page = _environment().get_template(f"{template}.html").render(generator=GENERATOR, **values)
    return page.encode("utf-8")


def asset(name: str) -> bytes:
    """Read a file of `assets/`."""
    return (ASSETS / name).read_bytes()


class _Renderer(mistune.HTMLRenderer):
    """Raw HTML stays text, images become links, links go where the page can follow them."""

    def __init__(self, link: Link, *, has_top: bool) -> None:
        super().__init__(escape=True)
        self.follow, self.has_top = link, has_top

    def heading(self, text: str, level: int, **_: object) -> str:
        place = 2 if level == 1 and self.has_top else level
        self.has_top = self.has_top or level == 1
        return f"<h{place}>{text}</h{place}>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        target = url if re.match(r"https?://", url) else self.follow(url)
        return text if target is None else super().link(text, target, title)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return self.link(text, url, title)


def markdown(text: str, *, link: Link = lambda _url: None, has_top: bool = False) -> Markup:
    """Turn Markdown into HTML; HTML in it is shown as text, never run.

    Parameters
    ----------
    text : str
        Markdown with tables.
    link : callable
        Says where a relative link leads on the page, or None to keep its words only. Links to the web stay.
    has_top : bool
        Whether the page has its ``h1`` already; it has one only, so further ``#`` headings become ``h2``.

    Examples
    --------
    >>> print(markdown("A <b>tag</b>, [a](b.md)").strip())
    <p>A &lt;b&gt;tag&lt;/b&gt;, a</p>
    """
    turn = mistune.create_markdown(renderer=_Renderer(link, has_top=has_top), plugins=["table"])
    html = re.sub(r"<th(?=[ >])", '<th scope="col"', turn(text))
    html = html.replace("<pre>", '<pre tabindex="0">')  # it may scroll, so the keyboard must reach it
    return Markup(scrolling(html, label="Table"))


def scrolling(html: str, *, label: str) -> str:
    """Put each table into a box that scrolls by itself, with the keyboard too, so that the page never does."""
    box = f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}"><table'
    return re.sub(r"<table(?=[ >])", box, html).replace("</table>", "</table></div>")


def table(rows: pd.DataFrame, *, label: str, numbers: tuple[str, ...] = (), name: str = "") -> Markup:
    """Write a table of text as HTML: header cells with their scope, the first column heads its row.

    Parameters
    ----------
    rows : DataFrame
        What to show, as text; a value that is `Markup` is kept, anything else is escaped.
    label : str
        The table's caption.
    numbers : tuple of str
        Columns that are set flush right.
    name : str
        Class of the table in the style sheet.
    """
    kinds = ["number" if column in numbers else "" for column in rows.columns]
    return Markup(
        _environment()
        .get_template("table.html")
        .render(
            columns=list(rows.columns), rows=list(rows.itertuples(index=False)), kinds=kinds, label=label, name=name
        )
    )
