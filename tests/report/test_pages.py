import os
import re
import signal
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from crossover.report.notebooks import lay_out_cells, read_notebook
from crossover.report.pages import clean_table, markdown, render, table, write_pages
from helpers.errors import InputError

KNOWN = "table|thead|tbody|tr|th|td"
OWN_PAGE = b'<meta name="generator" content="Token Crossover report">'


def test_html_in_markdown_is_shown_and_not_run() -> None:
    html = markdown("Text <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_a_markdown_image_becomes_a_link_that_the_page_can_follow_or_words() -> None:
    assert (
        markdown("![a figure](https://example.org/a.png)")
        == '<p><a href="https://example.org/a.png">a figure</a></p>\n'
    )
    assert markdown("![a figure](figures/a.png)") == "<p>a figure</p>\n"


@pytest.mark.parametrize("target", ["javascript:alert(1)", "file:///etc/passwd", "//example.org/x.js", "JAVASCRIPT:x"])
def test_a_link_that_leads_to_no_page_keeps_its_words_only(target: str) -> None:
    assert markdown(f"[words]({target})") == "<p>words</p>\n"


def test_a_page_gets_one_top_heading() -> None:
    assert re.findall(r"<h\d>", markdown("# One\n\n## Two\n\n# Three")) == ["<h1>", "<h2>", "<h2>"]
    assert re.findall(r"<h\d>", markdown("# One\n\n### Two", has_top=True)) == ["<h2>", "<h3>"]


def test_a_markdown_table_has_headers_with_scope_and_scrolls_by_keyboard() -> None:
    html = markdown("| a | b |\n|---|---|\n| 1 | 2 |")
    assert html.count('<th scope="col">') == 2
    assert "<thead>" in html
    assert '<div class="scroll" role="region" tabindex="0"' in html


def test_a_table_escapes_text_keeps_markup_and_heads_its_rows() -> None:
    rows = pd.DataFrame({"a": ["<i>"], "b": pd.Series([Markup("<b>x</b>")], dtype="object")}, dtype="object")
    html = table(rows, label="A & B")
    assert '<th scope="row">&lt;i&gt;</th><td><b>x</b></td>' in html
    assert "<caption>A &amp; B</caption>" in html


@given(st.text())
def test_a_table_of_any_text_has_no_element_of_its_own(text: str) -> None:
    html = table(pd.DataFrame({"a": [text]}), label="t")
    assert set(re.findall(r"<(\w+)", html)) == {"div", "table", "caption", "thead", "tbody", "tr", "th"}


@given(st.text(), st.sampled_from(["script", "img", "svg", "iframe", "a", "form", "math", "object", "style onload"]))
def test_a_notebook_table_with_any_other_element_is_refused_or_harmless(text: str, element: str) -> None:
    html = clean_table(f"<table><tr><td>{text}<{element} src=x onerror=alert(1)></td></tr></table>")
    assert html is None or re.sub(rf"</?({KNOWN})( scope=\"(row|col)\")?>", "", html).count("<") == 0


@given(st.lists(st.text(alphabet="ab<>&;\"'/", min_size=1, max_size=8), min_size=1, max_size=4))
def test_a_pandas_table_keeps_its_words_through_the_rebuilding(values: list[str]) -> None:
    html = clean_table(pd.DataFrame({"x": values}).to_html())
    assert [Markup(cell).unescape() for cell in re.findall(r"<td>(.+?)</td>", html)] == values


def test_spans_survive_and_other_attributes_do_not() -> None:
    html = clean_table('<table border="1" onclick="x"><thead><tr><th colspan="2" style="y">a</th></tr></thead></table>')
    assert html == '<table><thead><tr><th scope="col" colspan="2">a</th></tr></thead></table>'


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("1<script>alert(1)</script>", "1"),
        ("1<style>td {color: red}</style>", "1"),
        ('<a href="https://example.org">words</a>', "words"),
        ('<b onclick="x">1</b><img src=x onerror=alert(1)>', "1"),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>1", "1"),
        ("&lt;script&gt;", "&lt;script&gt;"),
    ],
)
def test_of_other_elements_in_a_table_only_words_for_readers_stay(cell: str, left: str) -> None:
    assert clean_table(f"<table><tbody><tr><td>{cell}</td></tr></tbody></table>") == (
        f"<table><tbody><tr><td>{left}</td></tr></tbody></table>"
    )


def test_what_is_no_table_is_left_to_its_plain_text() -> None:
    assert clean_table("<p>words</p>") is None
    assert clean_table("<script>alert(1)</script>") is None


def test_a_span_that_is_no_number_goes() -> None:
    assert clean_table('<table><tbody><tr><td colspan="2x">1</td></tr></tbody></table>') == (
        "<table><tbody><tr><td>1</td></tr></tbody></table>"
    )


def test_a_template_refuses_a_value_that_is_missing() -> None:
    with pytest.raises(Exception, match="'title' is undefined"):
        render("text", here="", up="")


def notebook_of(cell: dict) -> dict:
    return {"cells": [{"source": "", "metadata": {}, **cell}], "metadata": {}}


def test_a_picture_that_is_no_file_of_the_report_is_kept_in_the_page() -> None:
    output = {"output_type": "display_data", "data": {"image/png": "aGk=\n"}}
    cells = lay_out_cells(notebook_of({"cell_type": "code", "outputs": [output]}), pictures={}, names=[])
    assert cells[0]["outputs"] == [
        {"kind": "image", "src": "data:image/png;base64,aGk=", "alt": "Figure made by cell 1"}
    ]


def test_an_svg_picture_cannot_end_its_attribute() -> None:
    output = {"output_type": "display_data", "data": {"image/svg+xml": '<svg onload="x">'}}
    cells = lay_out_cells(notebook_of({"cell_type": "code", "outputs": [output]}), pictures={}, names=[])
    assert cells[0]["outputs"][0]["src"] == "data:image/svg+xml,%3Csvg%20onload%3D%22x%22%3E"


def test_a_file_that_is_no_notebook_is_refused(tmp_path) -> None:
    (tmp_path / "a.ipynb").write_text("{}")
    with pytest.raises(InputError, match=r"a.ipynb cannot be read as a notebook"):
        read_notebook(tmp_path / "a.ipynb")


def test_pages_replace_those_of_an_earlier_call_and_leave_nothing_behind(tmp_path) -> None:
    folder = tmp_path / "report"
    write_pages({"index.html": OWN_PAGE, "old.html": b"old"}, folder)
    assert write_pages({"index.html": OWN_PAGE + b"new"}, folder) == folder / "index.html"
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_with_something_else_is_left_alone(tmp_path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(
        InputError, match=r"exists and is not a report made by this command. Name another folder with --to"
    ):
        write_pages({"index.html": OWN_PAGE}, tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_file_to_copy_that_is_gone_leaves_the_earlier_report(tmp_path) -> None:
    folder = tmp_path / "report"
    write_pages({"index.html": OWN_PAGE}, folder)
    with pytest.raises(InputError, match=r"Cannot write .*report: No such file"):
        write_pages({"index.html": OWN_PAGE + b"new", "a.png": tmp_path / "gone.png"}, folder)
    assert (folder / "index.html").read_bytes() == OWN_PAGE
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


STOPPED = """
import os, signal, sys
from pathlib import Path
from crossover.report import pages as room
from helpers.errors import InputError

folder, number = Path("report"), int(sys.argv[1])
page = b'<meta name="generator" content="Token Crossover report">'
OLD = {"index.html": page + b"old", "a/old.csv": b"1"}
NEW = {"index.html": page + b"new", "b/new.csv": b"2"}


def stop_at(step):
    def trace(frame, event, _):
        if frame.f_code.co_filename != room.__file__:
            return None
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), number)
        return trace

    left = [step]
    sys.settrace(trace)
    return left


def write(step):
    left = stop_at(step)
    try:
        room.write_pages(NEW, folder)
    except KeyboardInterrupt:
        return 130
    return 0 if left[0] <= 0 else 99


def require_whole():
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found in (OLD, NEW), (step, found)


step = 0
while True:
    step += 1
    room.write_pages(OLD, folder)
    assert [path.name for path in Path().iterdir()] == ["report"], step
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os._exit(write(step))
    if os.waitpid(child, 0)[1] >> 8 == 99:
        break
    if number != signal.SIGKILL:
        require_whole()
    try:
        room.write_pages({"index.html": Path("gone")}, folder)  # a next call that fails finds one of the two, too
    except InputError:
        require_whole()
print(step)
"""


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_stopped_anywhere_the_earlier_or_the_new_report_is_whole(tmp_path, number) -> None:
    command = [sys.executable, "-c", STOPPED, str(int(signal.Signals[number]))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 20  # so many lines were tried


def test_hidden_folders_of_others_are_left_alone(tmp_path) -> None:
    for name in (".report-1", ".report.crossover-notes", f".report.crossover-{os.getppid()}-new"):
        (tmp_path / name).mkdir()
    write_pages({"index.html": OWN_PAGE}, tmp_path / "report")
    assert len(list(tmp_path.iterdir())) == 4
