"""The command `crossover figures`: what it writes, checks and refuses."""

from pathlib import Path

import pytest

from crossover.cli import DONE, FAILED
from helpers.errors import InputError
from projects import command


@pytest.fixture
def root(own_run: Path) -> Path:
    """A finished run on the tiny record, with the tables that some of the figures need."""
    return own_run


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_writes_the_named_figures_in_the_formats_of_the_profile(root: Path, capsys) -> None:
    assert command("figures", "tokens_by_origin", "--profile", "web", "--lang", "zh") == DONE
    assert capsys.readouterr().out == "build/figures/web-zh\n"
    kinds = ("csv", "pdf", "png", "svg", "txt")
    assert written(root / "build" / "figures" / "web-zh") == {f"tokens_by_origin.{kind}" for kind in kinds}


def test_a_second_run_writes_the_same_bytes(root: Path) -> None:
    for folder in ("one", "two"):
        command("figures", "ratio_with_bounds", "--profile", "nature-1col", "--folder", folder)
    one, two = ({name: (root / f / name).read_bytes() for name in written(root / f)} for f in ("one", "two"))
    assert one == two
    assert "ratio_with_bounds.caption.txt" in one


def test_check_prints_a_table_of_rules(root: Path, capsys) -> None:
    assert command("figures", "tokens_by_origin", "--profile", "nature-1col", "--check") == DONE
    out = capsys.readouterr().out
    assert "rule" in out
    assert "smallest text" in out
    assert out.splitlines()[-2].endswith(" checks, 0 failed.")
    assert root.is_dir()


def test_check_fails_where_a_file_breaks_a_rule(root: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpers.figures import tokens_by_origin

    draw = tokens_by_origin.draw

    def tiny_label(*arguments: object, **options: object) -> object:
        figure = draw(*arguments, **options)
        figure.text(0.5, 0.01, "tiny", size=4)
        return figure

    monkeypatch.setattr(tokens_by_origin, "draw", tiny_label)
    assert command("figures", "tokens_by_origin", "--profile", "nature-1col", "--check") == FAILED
    failures = [line for line in capsys.readouterr().out.splitlines() if "FAIL" in line]
    assert [("smallest text" in line, "3.50 pt" in line, "at least 5 pt" in line) for line in failures] == [(True,) * 3]
    assert root.is_dir()


def test_packages_are_checked_as_well(root: Path, capsys) -> None:
    assert command("figures", "china_against_us", "--package", "--check", "--profile", "plos") == DONE
    assert " 0 failed." in capsys.readouterr().out
    folder = root / "build" / "figures" / "plos-en" / "china_against_us"
    assert {"snippet.tex", "datapackage.json", "china_against_us.tiff"} <= written(folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ratio_with_bound"], r"Unknown figure 'ratio_with_bound'\. Did you mean 'ratio_with_bounds'\?"),
        (["--profile", "webb"], r"Unknown profile 'webb'\. Did you mean 'web'\?"),
        (["--lang", "zn"], r"Unknown language 'zn'\. Did you mean 'zh'\?"),
        (["--font", "letters.ttf"], r"The font letters\.ttf cannot be read"),
        (["--width", "3"], r"A width of 3 mm does not suit the profile house"),
        (["largest_models"], r"tagged_weekly\.parquet does not exist yet: notebook 02"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(root: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        command("figures", *arguments)
    assert not (root / "build" / "figures").exists()


def test_a_missing_table_of_one_figure_leaves_no_half_set_behind(root: Path) -> None:
    with pytest.raises(InputError, match="does not exist yet"):
        command("figures", "ratio_with_bounds", "largest_models")
    assert not (root / "build" / "figures").exists()


def test_a_folder_that_cannot_be_written_is_refused(root: Path) -> None:
    (root / "blocked").write_text("")
    with pytest.raises(InputError, match="Cannot write blocked/ratio_with_bounds"):
        command("figures", "ratio_with_bounds", "--folder", "blocked")


def test_another_width_is_taken(root: Path, capsys) -> None:
    assert command("figures", "ratio_with_bounds", "--profile", "plos", "--width", "120", "--check") == DONE
    assert "120.0 mm" in capsys.readouterr().out
    assert root.is_dir()
