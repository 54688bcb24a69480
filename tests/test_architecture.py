"""The shape of the package: rooms whose imports run one way, small modules, nothing that happens on import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "helpers"
MODULES = sorted(PACKAGE.rglob("*.py"))
ALLOWED = {  # room -> rooms that it may import from
    "analysis": {"analysis"},
    "data": {"data"},
    "publish": {"publish", "data"},
    "run": {"run", "data"},
}
SHARED = {"errors", "checks"}  # modules beside the rooms
DOORS = {  # modules of commands may open the other rooms, inside the command
    module: {"publish", "analysis"}
    for module in [PACKAGE / "run" / "cli.py", *(PACKAGE / "run" / "commands").glob("*.py")]
}


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("helpers.")} - {"__version__"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_rooms_it_may(module: Path) -> None:
    here = room(module)
    tree = ast.parse(module.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(here, set()) | SHARED | DOORS.get(module, set())
    assert imports(tree) <= allowed


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_has_at_most_300_lines_and_a_docstring(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


def test_importing_everything_prints_and_writes_nothing(tmp_path: Path) -> None:
    names = [".".join(["helpers", *m.relative_to(PACKAGE).with_suffix("").parts]) for m in MODULES]
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
        "import sys\nfrom helpers.run.cli import build_parser\nbuild_parser().format_help()\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'papermill', 'nbformat'} & set(sys.modules)\nsys.exit(bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
