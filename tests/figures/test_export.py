import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers.errors import InputError
from helpers.figures.editions import choose_edition
from helpers.figures.export import save_figure
from helpers.figures.frame import Canvas, Caption
from helpers.figures.style import house_style

EDITION = choose_edition(width_mm=89)
DATA = pd.DataFrame({"week_start": pd.to_datetime(["2026-02-09"]), "ratio": [0.1 + 0.2]})


def picture() -> Figure:
    with house_style():
        caption = Caption(title="A title", subtitle="A measure", note="A note.", measure="Tokens")
        canvas = Canvas(EDITION, height_mm=60, caption=caption, source="Source: nobody.")
        canvas.axes(10, 5, canvas.top, canvas.bottom + 5).plot([1, 2], [3, 4])
        return canvas.figure


def save(folder: Path, **options: object) -> dict[str, Path]:
    return save_figure(picture(), DATA, folder=folder, name="one", alt_text="A line rises.", **options)


def test_writes_each_format_the_data_and_the_alt_text(tmp_path: Path) -> None:
    assert sorted(save(tmp_path)) == ["csv", "pdf", "png", "svg", "txt"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.csv", "one.pdf", "one.png", "one.svg", "one.txt"]


def test_png_has_the_printed_size_at_300_dots_an_inch(tmp_path: Path) -> None:
    with Image.open(save(tmp_path)["png"]) as image:
        assert image.size == (int(89 / 25.4 * 300), int(60 / 25.4 * 300))


def test_pdf_has_the_printed_size_and_embeds_truetype(tmp_path: Path) -> None:
    content = save(tmp_path)["pdf"].read_bytes()
    width, height = map(float, re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content).groups())
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((89, 60), abs=0.01)
    assert b"/Type3" not in content
    assert b"/FontFile2" in content


def test_svg_keeps_text_as_text_with_fallback_fonts(tmp_path: Path) -> None:
    content = save(tmp_path)["svg"].read_text()
    assert ">A title</text>" in content
    assert "Arimo" in content
    assert "Arial" in content


def test_data_are_written_exactly(tmp_path: Path) -> None:
    assert save(tmp_path)["csv"].read_text() == "week_start,ratio\n2026-02-09,0.30000000000000004\n"


def test_a_fresh_process_writes_the_same_bytes(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    save(here)
    script = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import test_export; "
        "test_export.save(pathlib.Path(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", script, str(Path(__file__).parent), str(there)], check=True)
    assert {p.name: p.read_bytes() for p in here.iterdir()} == {p.name: p.read_bytes() for p in there.iterdir()}


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Unknown figure format 'jpg'"):
        save(tmp_path, formats=["pdf", "jpg"])
    assert list(tmp_path.iterdir()) == []
