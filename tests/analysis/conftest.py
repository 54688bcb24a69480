"""The oracle as a module, and a hand-made week table."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """tests/oracle.py, loaded by its path: the tests are no package."""
    spec = importlib.util.spec_from_file_location("oracle", TESTS / "oracle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
