"""The shape of the packages: arrows from the application to the helpers, rooms, nothing that happens on import."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
HELPERS = sorted((SOURCE / "helpers").rglob("*.py"))
MODULES = [*HELPERS, *sorted((SOURCE / "crossover").rglob("*.py"))]
SHARED = {"errors", "checks", "choices", "numbers", "vocabulary"}  # modules beside the rooms
ALLOWED = {  # room of helpers -> rooms that it may import from
    "analysis": {"analysis"},
    "data": {"data"},
    "figures": {"figures", "data", "claims_table"},
    "facts": {"facts", "figures", "data", "claims_table"},
}


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("module", HELPERS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_helpers_import_only_from_the_rooms_they_may_and_never_the_application(module: Path) -> None:
    room = module.relative_to(SOURCE / "helpers").parts[0].removesuffix(".py")
    found = imports(ast.parse(module.read_text(encoding="utf-8")))
    assert not {name for name in found if name.split(".")[0] == "crossover"}
    if room in ALLOWED:
        rooms = {name.split(".")[1] for name in found if name.startswith("helpers.")} - {"__version__"}
        assert rooms <= ALLOWED[room] | SHARED


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_has_a_docstring(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_the_map_names_every_module_of_the_rooms() -> None:
    words = ast.get_docstring(ast.parse((SOURCE / "helpers" / "__init__.py").read_text(encoding="utf-8")))
    named = {name.rpartition(".")[2] for name in re.findall(r"`([\w.]+)`", words)}
    rooms = [module for room in ALLOWED for module in (SOURCE / "helpers" / room).glob("[a-z]*.py")]
    shared = [
        module for module in rooms if not re.search(r"^NAME = ", module.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert sorted(module.stem for module in shared if module.stem not in named) == []


def test_no_notebook_imports_the_application() -> None:
    for notebook in sorted((SOURCE.parent / "notebooks").glob("*.ipynb")):
        assert not re.search(r"(from|import) crossover", notebook.read_text(encoding="utf-8")), notebook.name


def test_importing_everything_prints_and_writes_nothing(tmp_path: Path) -> None:
    names = [".".join(m.relative_to(SOURCE).with_suffix("").parts) for m in MODULES]
    names = [name.removesuffix(".__init__") for name in names]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(f"import {name}" for name in names)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_help_is_quick_because_it_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom crossover.cli import build_parser\nbuild_parser().format_help()\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'papermill', 'nbformat'} & set(sys.modules)\nsys.exit(bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
