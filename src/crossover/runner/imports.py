"""Which modules of this package a notebook uses, directly or through others: found in the code, without importing."""

import ast
import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import helpers
from crossover.runner.steps import imported_names
from helpers.data.files import write_whole

PACKAGE = Path(helpers.__file__).parent


class Modules:
    """The modules of this package as they are at one moment, and what each of them imports.

    Parameters
    ----------
    cache : Path
        Where imports that were found are kept, by the content that they were found in: parsing takes longer
        than everything else that a command needs when nothing changed.
    package : Path, optional
        The folder of the package; this one by default.
    """

    def __init__(self, cache: Path, *, package: Path | None = None) -> None:
        self._package, self._cache = package or PACKAGE, cache
        self._digests: dict[str, str] = {}
        self._known: dict[str, dict[str, list[str]]] = {}
        with suppress(OSError, ValueError):
            self._known = dict(json.loads(cache.read_text(encoding="utf-8")))
        self._used: dict[str, dict[str, list[str]]] = {}

    def closure(self, names: Iterable[str]) -> dict[str, str]:
        """Find every module of the package behind some imported names, and the files that lie beside them.

        Parameters
        ----------
        names : iterable of str
            Dotted names, of modules or in modules; of other packages too, which are left out.

        Returns
        -------
        dict of str to str
            Digest (SHA-256) by the module's name, or by the path of a file that a module names.
        """
        found: dict[str, str] = {}
        waiting = list(names)
        while waiting:
            for module, path in self._modules_of(waiting.pop()):
                if module not in found:
                    found[module] = self._digest(path)
                    facts = self._facts(module, path, found[module])
                    waiting += facts["imports"]
                    for beside in facts["names"]:
                        found |= self._files(path.parent / beside)
        return found

    def others(self) -> set[str]:
        """Name the other packages that the modules found so far import."""
        names = {name for facts in self._used.values() for name in facts["imports"]}
        return {name.partition(".")[0] for name in names} - {self._package.name}

    def save(self) -> None:
        """Keep what was found for the next command."""
        if self._used != self._known:
            write_whole(self._cache, json.dumps(self._used).encode())

    def _modules_of(self, name: str) -> list[tuple[str, Path]]:
        """List a module and the packages that Python runs before it."""
        parts = name.split(".")
        if parts[0] != self._package.name:
            return []
        found, folder = [(parts[0], self._package / "__init__.py")], self._package
        for place, part in enumerate(parts[1:], start=2):
            file = folder / f"{part}.py"
            folder /= part
            path = file if file.is_file() else folder / "__init__.py"
            if not path.is_file():
                break  # a function, a class or a constant
            found.append((".".join(parts[:place]), path))
        return found

    def _facts(self, module: str, path: Path, digest: str) -> dict[str, list[str]]:
        key = f"{module} {digest}"
        if key not in self._used:
            self._used[key] = self._known.get(key) or self._parse(path)
        return self._used[key]

    def _parse(self, path: Path) -> dict[str, list[str]]:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):  # the notebook that imports it will say so
            return {"imports": [], "names": []}
        return {"imports": sorted(set(imported_names(tree))), "names": _beside(tree, path)}

    def _files(self, path: Path) -> dict[str, str]:
        if path.is_dir():
            files = [file for file in path.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}]
        else:
            files = [path] if path.is_file() else []
        return {file.relative_to(self._package.parent).as_posix(): self._digest(file) for file in sorted(files)}

    def _digest(self, path: Path) -> str:
        if str(path) not in self._digests:
            self._digests[str(path)] = digest(path)
        return self._digests[str(path)]


def _beside(tree: ast.AST, path: Path) -> list[str]:
    """Name what lies beside a module that asks where it lies: what it names, or else everything."""
    if not any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(tree)):
        return []
    beside = {entry.name for entry in path.parent.iterdir() if entry.suffix != ".py" and entry.name != "__pycache__"}
    named = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str}
    return sorted(named & beside or beside)


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, or an empty text if there is no such file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
