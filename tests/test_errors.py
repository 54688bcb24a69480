import pytest

from helpers.errors import enumerate_problems, nearest, require_known


def test_nearest_lists_what_is_known_even_when_nothing_is_close() -> None:
    assert nearest("zzz", ["chart", "ranked"]) == "Known: chart, ranked."


def test_require_known_names_the_thing_the_value_and_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"^Unknown scope 'charts'\. Did you mean 'chart'\? Known: chart, ranked\.$"):
        require_known("charts", ["chart", "ranked"], what="scope")


def test_a_long_list_is_cut_and_says_by_how_much() -> None:
    lines = enumerate_problems([f"line {n}" for n in range(20)]).splitlines()
    assert len(lines) == 9
    assert lines[-1] == "... and 12 more"
