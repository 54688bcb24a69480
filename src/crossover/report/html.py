"""HTML from notebook outputs, cleaned: tables and their text pass, nothing else does."""

import re

import nh3
from markupsafe import Markup

TAGS = set("table thead tbody tr th td".split())
HIDDEN = {"style", "script"}  # elements whose text is none for readers
SPANS = {"colspan", "rowspan"}
SCOPE_IN = {"thead": "col", "tbody": "row"}


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
