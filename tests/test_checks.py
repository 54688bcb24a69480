import pytest

from helpers.checks import CheckError, require_all


def test_names_every_statement_that_is_false() -> None:
    with pytest.raises(CheckError, match="Not true: two; three"):
        require_all({"one": True, "two": False, "three": False})


def test_lists_what_was_checked() -> None:
    assert require_all({"one": True, "two": True})["statement"].tolist() == ["one", "two"]
