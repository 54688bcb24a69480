"""HTML from notebook outputs, taken apart and written anew: tables and their text pass, nothing else does."""

from html.parser import HTMLParser

from markupsafe import Markup, escape

KEPT = frozenset("table thead tbody tr th td".split())
TRANSPARENT = frozenset(["div", "p"])  # pandas wraps its tables in these
SPANS = ("colspan", "rowspan")


class _Rebuild(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.inside = ""
        self.style = False
        self.foreign = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "style":
            self.style = True
        elif tag in KEPT:
            spans = "".join(f' {name}="{value}"' for name, value in attrs if name in SPANS and str(value).isdecimal())
            if tag in ("thead", "tbody"):
                self.inside = tag
            scope = {"thead": ' scope="col"', "tbody": ' scope="row"'}.get(self.inside, "") if tag == "th" else ""
            self.parts.append(f"<{tag}{scope}{spans}>")
        elif tag not in TRANSPARENT:
            self.foreign = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.style = False
        elif tag in KEPT:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.style:
            self.parts.append(str(escape(data)))


def rebuild_table(html: str) -> Markup | None:
    """Rebuild the table of a notebook output from tags without attributes and escaped text.

    Parameters
    ----------
    html : str
        An output of type ``text/html``.

    Returns
    -------
    Markup or None
        The table, its header cells with their scope; None if the output holds any other element (a script, an
        image, a form): then its plain text is what can be shown.

    Examples
    --------
    >>> print(rebuild_table('<div><table border="1"><tbody><tr><th>0</th><td>&lt;b&gt;</td></tr></tbody></table>'))
    <table><tbody><tr><th scope="row">0</th><td>&lt;b&gt;</td></tr></tbody></table>
    >>> rebuild_table("<table><tr><td><script>alert(1)</script></td></tr></table>") is None
    True
    """
    parser = _Rebuild()
    parser.feed(html)
    parser.close()
    text = "".join(parser.parts).strip()
    if parser.foreign or not text.startswith("<table>"):
        return None
    # A header cell without words heads nothing: pandas leaves one above the row numbers.
    return Markup(text.replace('<th scope="col"></th>', "<td></td>"))
