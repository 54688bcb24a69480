"""The house style of the notebooks, as checks; the real notebooks are read, none is run."""

import ast
import json
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from ipykernel.ipkernel import IPythonKernel

from crossover.workbench import settle_notebooks

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
FORBIDDEN_NAMES = {"chdir", "exit", "system", "filterwarnings", "simplefilter", "apply", "iterrows", "itertuples"}
FORBIDDEN_MODULES = {"sys", "os", "subprocess", "urllib", "requests", "socket", "warnings"}
FORBIDDEN_SYNTAX = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.Assert)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def cells(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


@pytest.fixture
def code(cells: list) -> list[str]:
    return [cell.source for cell in cells if cell.cell_type == "code"]


def test_there_are_notebooks_to_check() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS[:4]] == ["01", "02", "03", "04"]


def test_is_stored_without_outputs_and_runtime_metadata(path: Path, cells: list) -> None:
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
    assert set(nbformat.read(path, as_version=4).metadata) <= {"kernelspec", "language_info"}


def test_names_the_kernel_that_every_environment_has(path: Path) -> None:
    assert nbformat.read(path, as_version=4).metadata["kernelspec"]["name"] == "python3"


def test_opens_with_its_question_and_its_answer(path: Path, cells: list) -> None:
    title, *lines = cells[0].source.splitlines()
    assert re.fullmatch(rf"# {int(path.stem[:2])}\. .+\?|# {int(path.stem[:2])}\. The figures .+", title)
    words = [line for line in lines if line.strip()]
    assert len(words) <= 6
    assert all(f"*{word}*" in cells[0].source for word in ("Reads", "Writes", "Answer"))


def test_parameters_are_typed_literals_with_a_meaning(cells: list) -> None:
    parameters = cells[1]
    assert parameters.metadata.get("tags") == ["parameters"]
    for node in ast.parse(parameters.source).body:
        assert isinstance(node, ast.AnnAssign), ast.unparse(node)
        ast.literal_eval(node.value)
    assert all(re.search(r"  # \w.{8,}", line) for line in parameters.source.splitlines())


def test_imports_stand_together_before_everything_else(code: list[str]) -> None:
    assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(code[1]).body)
    later = [node for cell in code[2:] for node in ast.walk(ast.parse(cell))]
    assert not [node for node in later if isinstance(node, ast.Import | ast.ImportFrom)]


def test_cells_are_short(code: list[str]) -> None:
    assert max(len(cell.splitlines()) for cell in code) <= 25


def test_no_cell_computes_what_belongs_in_a_helper(code: list[str]) -> None:
    nodes = [node for cell in code for node in ast.walk(ast.parse(cell))]
    assert not [ast.unparse(node) for node in nodes if isinstance(node, FORBIDDEN_SYNTAX)]
    called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    called |= {node.id for node in nodes if isinstance(node, ast.Name)}
    assert not called & FORBIDDEN_NAMES


def test_no_cell_reaches_outside_the_project(code: list[str]) -> None:
    nodes = [node for cell in code for node in ast.walk(ast.parse(cell))]
    imported = {alias.name.split(".")[0] for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    imported |= {str(n.module).split(".")[0] for n in nodes if isinstance(n, ast.ImportFrom)}
    assert not imported & FORBIDDEN_MODULES
    text = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    assert not [value for value in text if re.match(r"(/|[A-Za-z]:\\|https?:)", value)]


def test_sections_end_with_checks_save_and_next(cells: list) -> None:
    headings = [line for c in cells if c.cell_type == "markdown" for line in c.source.splitlines() if line[:3] == "## "]
    assert headings[-3:] == ["## Checks", "## Save", "## Next"]
    assert re.search(r"\]\([^)]+\)", cells[-1].source)


def test_next_leads_to_no_other_notebook_than_the_next(path: Path, cells: list) -> None:
    linked = re.findall(r"\]\(([0-9][^)#]+\.ipynb)\)", cells[-1].source)
    following = [other.name for other in NOTEBOOKS[NOTEBOOKS.index(path) + 1 :]]
    assert linked in ([], following[:1]) or not following


def test_links_lead_somewhere(path: Path, cells: list) -> None:
    targets = [t for c in cells if c.cell_type == "markdown" for t in re.findall(r"\]\(([^)#]+)\)", c.source)]
    assert [t for t in targets if not t.startswith("http") and not (path.parent / t).exists()] == []


def test_every_code_cell_ends_with_something_to_see(code: list[str]) -> None:
    silent = [cell for cell in code[2:] if not isinstance(ast.parse(cell).body[-1], ast.Expr)]
    assert silent == []


def test_cell_identifiers_are_unique(cells: list) -> None:
    identifiers = [cell.id for cell in cells]
    assert len(set(identifiers)) == len(identifiers)


@pytest.fixture(scope="module")
def environment() -> dict:
    return runpy.run_path(str(ROOT / "tools" / "environment.py"))


def save_in_jupyterlab(path: Path, folder: Path) -> bytes:
    """Run and save a notebook as JupyterLab does: with the kernel's own words, outputs, traces of the session."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["language_info"] = IPythonKernel.language_info
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text="seen\n")]
            cell.metadata |= {"scrolled": True, "execution": {"iopub.status.busy": "2026-10-11T00:27:00Z"}}
    saved = folder / path.name
    nbformat.write(notebook, saved)
    return saved.read_bytes()


def test_git_stores_the_same_bytes_after_a_save_in_jupyterlab(path: Path, environment: dict, tmp_path: Path) -> None:
    saved = save_in_jupyterlab(path, tmp_path)
    assert saved != path.read_bytes()
    strip = [sys.executable, *shlex.split(environment["STRIP"])]
    assert subprocess.check_output(strip, input=saved) == strip_stored(path)


def strip_stored(path: Path) -> bytes:
    """What git stores of a notebook: the file itself, unless JupyterLab has it open just now."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"].pop("language_info", None)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


@pytest.mark.parametrize("filters", [True, False])
def test_a_look_in_jupyterlab_finds_what_it_would_write(tmp_path: Path, environment: dict, filters) -> None:
    stored = tmp_path / NOTEBOOKS[0].name
    stored.write_bytes(strip_stored(NOTEBOOKS[0]))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    if filters:
        clean = f"python {environment['STRIP']}"
        subprocess.run(["git", "config", "filter.nbstripout.clean", clean], cwd=tmp_path, check=True)
    settle_notebooks([stored], root=tmp_path)
    found = json.loads(stored.read_text())["metadata"].get("language_info")
    assert found == (IPythonKernel.language_info if filters else None)
    saved = nbformat.read(stored, as_version=4)
    nbformat.write(saved, tmp_path / "saved.ipynb")
    assert (tmp_path / "saved.ipynb").read_bytes() == stored.read_bytes()


def test_the_git_filter_is_the_one_that_the_environment_defines() -> None:
    attributes = (ROOT / ".gitattributes").read_text()
    script = (ROOT / "tools" / "environment.py").read_text()
    assert "*.ipynb filter=nbstripout" in attributes
    assert "--keep-id" in script
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"] == "token-crossover"
