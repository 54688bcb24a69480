from pathlib import Path

import pytest
from crossover.runner.imports import Modules, digest


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of four modules: a uses b, b uses c inside a function; d stands alone, and e has a file beside it."""
    folder = tmp_path / "tool"
    (folder / "room" / "data").mkdir(parents=True)
    sources = {
        "__init__": "",
        "a": "import numpy\nfrom tool.room.b import something",
        "d": "X = 1",
        "room/__init__": "",
        "room/b": "def something():\n    from tool.room import c",
        "room/c": "import tool.a",  # a circle
        "room/e": "from pathlib import Path\nWORDS = Path(__file__).parent / 'data'",
        "room/f": "WORDS = 'data'",
    }
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    (folder / "room" / "data" / "words.toml").write_text("hello = 1")
    (folder / "room" / "other.txt").write_text("nobody's")
    return folder


def closure(package: Path, *names: str) -> set[str]:
    return set(Modules(package.parent / "cache.json", package=package).closure(names))


def test_modules_are_found_through_others_and_with_their_packages(package) -> None:
    assert closure(package, "tool.a.anything") == {"tool", "tool.a", "tool.room", "tool.room.b", "tool.room.c"}


def test_a_module_that_uses_nothing_is_alone_with_its_package(package) -> None:
    assert closure(package, "tool.d", "pandas.io") == {"tool", "tool.d"}


def test_files_beside_a_module_belong_to_it_if_it_asks_where_it_lies(package) -> None:
    assert closure(package, "tool.room.e") == {"tool", "tool.room", "tool.room.e", "tool/room/data/words.toml"}
    assert closure(package, "tool.room.f") == {"tool", "tool.room", "tool.room.f"}


def test_a_digest_follows_the_content_and_not_the_time(package) -> None:
    def find() -> dict[str, str]:
        return Modules(package.parent / "cache.json", package=package).closure(["tool.a"])

    before = find()
    (package / "room" / "c.py").touch()
    assert find() == before
    (package / "room" / "c.py").write_text("import tool.d")
    after = find()
    assert {name for name in after if before.get(name) != after[name]} == {"tool.room.c", "tool.d"}


def test_what_is_remembered_is_what_would_be_found(package) -> None:
    modules = Modules(package.parent / "cache.json", package=package)
    found = modules.closure(["tool.a", "tool.room.e"])
    modules.save()
    again = Modules(package.parent / "cache.json", package=package)
    again._parse = None  # nothing is parsed twice
    assert again.closure(["tool.a", "tool.room.e"]) == found


@pytest.mark.parametrize("content", ["", "[]", '{"tool.a": 1'])
def test_a_damaged_memory_is_no_memory(package, content) -> None:
    (package.parent / "cache.json").write_text(content)
    assert "tool.room.c" in closure(package, "tool.a")


def test_a_module_that_is_no_python_uses_nothing(package) -> None:
    (package / "d.py").write_text("def (")
    assert closure(package, "tool.d") == {"tool", "tool.d"}


def test_a_file_that_is_not_there_has_an_empty_digest(tmp_path) -> None:
    assert digest(tmp_path / "nothing") == ""
