"""The pages of a report: made from templates, Markdown and tables, everything from data escaped, and written whole."""

import functools
import glob
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
import mistune
import nh3
import pandas as pd
from markupsafe import Markup, escape

from crossover.runner.interrupts import is_alive, terminated_as_interrupted, uninterrupted
from helpers.data.files import shown
from helpers.errors import InputError

ASSETS = Path(__file__).parent / "assets"
GENERATOR = "Token Crossover report"
Link = Callable[[str], str | None]
TAGS = set("table thead tbody tr th td".split())
HIDDEN = {"style", "script"}  # elements whose text is none for readers
SPANS = {"colspan", "rowspan"}
SCOPE_IN = {"thead": "col", "tbody": "row"}

INDEX = "index.html"
WORKING, EARLIER = "new", "earlier"


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


def _span(_tag: str, _name: str, value: str) -> str | None:
    return value if value.isdecimal() else None


CLEANER = nh3.Cleaner(
    tags=TAGS, clean_content_tags=HIDDEN, attributes={"th": SPANS, "td": SPANS}, attribute_filter=_span, link_rel=None
)


def clean_table(html: str) -> Markup | None:
    """Clean the table of a notebook output: no element and no attribute stays that a table does not need.

    Parameters
    ----------
    html : str
        An output of type ``text/html``.

    Returns
    -------
    Markup or None
        The table, its header cells with their scope; of any other element in it (a link, an image, a form) the words
        stay, of a script nothing. None if the output is no table: then its plain text is what can be shown.

    Examples
    --------
    >>> print(clean_table('<div><table border="1"><tbody><tr><th>0</th><td>&lt;b&gt;</td></tr></tbody></table>'))
    <table><tbody><tr><th scope="row">0</th><td>&lt;b&gt;</td></tr></tbody></table>
    >>> print(clean_table("<table><tr><td>1<script>alert(1)</script></td></tr></table>"))
    <table><tbody><tr><td>1</td></tr></tbody></table>
    """
    text = CLEANER.clean(html).strip()
    if not text.startswith("<table>"):
        return None
    text = re.sub(r"<(thead|tbody)>.*?</\1>", _with_scope, text, flags=re.DOTALL)
    # A header cell without words heads nothing: pandas leaves one above the row numbers.
    return Markup(text.replace('<th scope="col"></th>', "<td></td>"))


def _with_scope(part: re.Match) -> str:
    return re.sub(r"<th(?=[ >])", f'<th scope="{SCOPE_IN[part[1]]}"', part[0])


def read_section(text: str, heading: str) -> str:
    r"""Cut the section under a ``##`` heading out of a Markdown text.

    Raises
    ------
    InputError
        If there is no such heading.

    Examples
    --------
    >>> read_section("# A\n\n## B\none\n\n## C\ntwo\n", "B")
    'one'
    """
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise InputError(
            f"README.md has no section {heading!r}, which the report quotes. Restore it with `git checkout`."
        )
    return found[1].strip()


def read_text(path: Path) -> str:
    """Read a text file of the project.

    Raises
    ------
    InputError
        If it is missing or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Restore it with `git checkout`.") from None


def check_target(folder: Path) -> None:
    """Refuse a folder that holds anything but pages of an earlier call, so that nothing of a user's is overwritten.

    Raises
    ------
    InputError
        If it is a file, or a folder with other content.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    index = folder / INDEX
    if not (index.is_file() and f'content="{GENERATOR}"' in index.read_text(encoding="utf-8", errors="replace")[:2000]):
        raise InputError(
            f"{shown(folder)} exists and is not a report made by this command. Name another folder with --to, or move "
            "it away; nothing was written."
        )


def write_pages(files: Mapping[str, bytes | Path], folder: Path) -> Path:
    """Write pages and what they link to, and put them in the place of an earlier report.

    Whenever it is interrupted, one of the two is there, whole; after a kill between two steps, from the next call on.

    Parameters
    ----------
    files : mapping of str to bytes or Path
        Name in the folder, and the content or a file to copy; ``index.html`` among them.
    folder : Path
        Where the pages go; see `check_target`.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    InputError
        If the folder holds something else or cannot be written; what stood there before still does.
    """
    try:
        _recover(folder)
        check_target(folder)
        with terminated_as_interrupted():
            _write(files, folder, _hidden(folder, WORKING), _hidden(folder, EARLIER))
    except OSError as error:
        raise InputError(
            f"Cannot write {shown(folder)}: {error.strerror or error}. Free some space, make its folder writable, or "
            "name another with --to. An earlier report was left as it was."
        ) from None
    return folder / INDEX


def _write(files: Mapping[str, bytes | Path], folder: Path, working: Path, earlier: Path) -> None:
    try:
        for name, content in files.items():
            target = working / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, target)
            else:
                target.write_bytes(content)
        # Renaming comes last, when every byte is written: it cannot fail halfway for want of space. A kill between the
        # two lines leaves the earlier report under its hidden name, from where `_recover` puts it back.
        if folder.exists():
            folder.rename(earlier)
        working.rename(folder)
    finally:
        with uninterrupted():
            _settle(folder, working, earlier)


def _settle(folder: Path, working: Path, earlier: Path) -> None:
    """Put the earlier report back unless the new one is in its place, and remove what is not needed any more."""
    if earlier.exists() and not folder.exists():
        earlier.rename(folder)
    for path in (working, earlier):
        shutil.rmtree(path, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Settle what processes left that were killed."""
    for path in folder.parent.glob(f"{glob.escape(f'.{folder.name}.crossover-')}*"):
        process = path.name.rpartition("crossover-")[2].partition("-")[0]
        if process.isdecimal() and not is_alive(int(process)):
            _settle(folder, _hidden(folder, WORKING, process), _hidden(folder, EARLIER, process))


def _hidden(folder: Path, what: str, process: int | str | None = None) -> Path:
    return folder.with_name(f".{folder.name}.crossover-{process or os.getpid()}-{what}")
