"""What the project says in prose agrees with what it computed: README, notebooks, facts and figures."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
FACTS = json.loads((ROOT / "data" / "processed" / "facts.json").read_text(encoding="utf-8"))["facts"]
EXPECTED = json.loads((ROOT / "tests" / "expected_facts.json").read_text(encoding="utf-8"))
NUMBER = re.compile(r"(?<![\w.-])\d{4}-\d{2}-\d{2}(?![\w-])|(?<![\w./-])\d[\d,]*(?:\.\d+)?(?: %)?(?![\w/-])")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))


def quoted(text: str) -> set[str]:
    """Dates, and numbers that stand alone; headings, links, code and the numbers of a list are none."""
    prose = re.sub(r"`[^`]*`|\[[^\]]*\]\([^)]*\)|^#.*$|^\s*\d+\.\s", " ", text, flags=re.MULTILINE)
    return {number.rstrip(",") for number in NUMBER.findall(prose)}


def readme_findings() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search(r"<!-- findings -->(.*?)<!-- /findings -->", text, re.DOTALL)[1]


def test_every_number_of_the_readmes_findings_is_a_fact() -> None:
    numbers = quoted(readme_findings())
    assert len(numbers) > 20
    assert numbers - {fact["text"] for fact in FACTS.values()} == set()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_number_of_a_notebooks_prose_is_a_fact(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert quoted(prose) - {fact["text"] for fact in FACTS.values()} == set()


def agrees(value: object, expected: object) -> bool:
    if isinstance(value, float):
        return value == pytest.approx(expected, rel=1e-12)
    return type(value) is type(expected) and value == expected


def test_the_committed_facts_are_the_expected_ones() -> None:
    values = {name: fact["value"] for name, fact in FACTS.items()}
    assert values.keys() == EXPECTED.keys()
    assert [name for name in values if not agrees(values[name], EXPECTED[name])] == []


def test_the_acceptance_numbers_are_among_them() -> None:
    week = "2026_02_09"
    rounded = {name: round(EXPECTED[f"{name}_{week}"], 3) for name in ("ratio_chart", "ratio_ranked")}
    assert rounded == {"ratio_chart": 1.404, "ratio_ranked": 0.846}
    assert EXPECTED["first_lead_chart"] == "2026-02-09"
    assert [EXPECTED[f"reversal_{n}_chart"] for n in (1, 2)] == ["2026-02-23", "2026-04-13"]
    assert EXPECTED["durable_lead_chart"] == "2026-04-27"
    assert EXPECTED["certain_lead_ranked"] == "2026-03-23"


@pytest.mark.slow
def test_the_default_run_writes_the_committed_facts_and_figures(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    command = [str(Path(sys.executable).with_name("crossover")), "run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = {
        "data/processed/facts.json",
        *(f"figures/{file.name}" for file in (tmp_path / "figures").iterdir() if file.is_file()),
    }
    committed = {
        "data/processed/facts.json",
        *(f"figures/{file.name}" for file in (ROOT / "figures").iterdir() if file.is_file()),
    }
    assert made == committed
    assert [name for name in sorted(made) if (tmp_path / name).read_bytes() != (ROOT / name).read_bytes()] == []
