"""Executed notebooks as pages: prose, folded code, tables and figures; nothing in them is trusted."""

import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from crossover.report.pages import clean_table, markdown, scrolling
from helpers.data.files import shown
from helpers.errors import InputError

INJECTED = "injected-parameters"
IMAGES = ("image/png", "image/svg+xml", "image/jpeg")


@dataclass(frozen=True)
class Picture:
    """A figure that the report has as a file: where it is seen from a notebook's page, and its alt text."""

    href: str
    alt: str


def read_notebook(path: Path, *, root: Path | None = None) -> dict:
    """Read an executed notebook as JSON, each source as one string.

    Parameters
    ----------
    path : Path
        The notebook.
    root : Path, optional
        The project's folder: where it stands in the notebook it is left out, because it concerns nobody else.

    Raises
    ------
    InputError
        If the file is missing or is no notebook of format 4.
    """
    try:
        text = path.read_text(encoding="utf-8")
        notebook = json.loads(text if root is None else text.replace(f"{json.dumps(str(root))[1:-1]}/", ""))
        for cell in notebook["cells"]:
            cell["source"] = _text(cell["source"])
        return notebook
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{shown(path)} cannot be read as a notebook. Run `crossover run` again.") from None


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def notebook_title(notebook: Mapping) -> str:
    """Find the first heading of a notebook; empty if it has none."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (found := re.search(r"^#\s+(.+?)\s*$", cell["source"], re.MULTILINE)):
            return found[1]
    return ""


def lay_out_cells(notebook: Mapping, *, pictures: Mapping[str, Picture], names: Sequence[str]) -> list[dict]:
    """Turn the cells of an executed notebook into what the template shows.

    Parameters
    ----------
    notebook : mapping
        As `read_notebook` returns it.
    pictures : mapping of str to Picture
        Figures that are files of the report, by the SHA-256 of their bytes: they are not stored twice.
    names : sequence of str
        Notebooks that have a page, by file name without ending; links to them are followed.

    Returns
    -------
    list of dict
        Per cell `kind` (``markdown`` or ``code``), its `html`, or its `number`, `source`, `about` and `outputs`.
    """

    def link(url: str) -> str | None:
        found = re.fullmatch(r"(?:\./)?([\w.-]+)\.ipynb", url)
        return f"{found[1]}.html" if found and found[1] in names else None

    cells, number, has_top = [], 0, False
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            html = markdown(cell["source"], link=link, has_top=has_top)
            has_top = has_top or "<h1>" in html
            cells.append({"kind": "markdown", "html": html})
        elif cell["cell_type"] == "code":
            number += 1
            outputs = [_output(output, number, pictures) for output in cell.get("outputs", [])]
            tags = cell.get("metadata", {}).get("tags", [])
            about = "parameters as set for this run" if INJECTED in tags else "parameters" * ("parameters" in tags)
            shown_cell = {"kind": "code", "number": number, "source": cell["source"], "about": about}
            cells.append(shown_cell | {"outputs": [output for output in outputs if output]})
    return cells


def _output(output: Mapping, number: int, pictures: Mapping[str, Picture]) -> dict | None:
    if output["output_type"] == "stream":
        return {"kind": "text", "text": _text(output["text"])}
    if output["output_type"] == "error":
        return {"kind": "text", "text": f"{output['ename']}: {output['evalue']}"}
    data = output.get("data", {})
    plain = _text(data.get("text/plain", ""))
    for kind in IMAGES:
        if kind in data:
            return _image(kind, _text(data[kind]), number, pictures)
    if "text/html" in data and (found := clean_table(_text(data["text/html"]))):
        return {"kind": "html", "html": Markup(scrolling(found, label=f"Output of cell {number}"))}
    return {"kind": "text", "text": plain} if plain else None


def _image(kind: str, content: str, number: int, pictures: Mapping[str, Picture]) -> dict:
    if kind == "image/svg+xml":
        return {"kind": "image", "src": f"data:{kind},{quote(content)}", "alt": f"Figure made by cell {number}"}
    encoded = "".join(content.split())
    known = pictures.get(hashlib.sha256(b64decode(encoded)).hexdigest())
    if known:
        return {"kind": "image", "src": known.href, "alt": known.alt}
    return {"kind": "image", "src": f"data:{kind};base64,{encoded}", "alt": f"Figure made by cell {number}"}
