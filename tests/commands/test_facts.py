"""The command `crossover facts`: one number with its caveats, all of them, or a text filled in."""

import csv
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from crossover.cli import DONE
from finished_run import CELL, TELL, record_run, write_notebook
from helpers.data.tables import write_table
from helpers.errors import InputError
from helpers.facts.collect import week_facts
from helpers.facts.fact import Fact, by_name, write_facts
from projects import command
from tables import complete

WEEK, OTHER, CUT = "2026-02-09", "2026-02-16", "2026-02-23"
DAYS = {WEEK: 7, OTHER: 7, CUT: 3}
ORDER = ["week_start", "scope", "origin", "tokens", "days_observed"]


def ratios() -> pd.DataFrame:
    rows = [
        (WEEK, "ranked", 5 * 10**12, 4 * 10**12, 10**12, 1.25, 1.0, 1.5, "not identified"),
        (OTHER, "ranked", 8 * 10**12, 4 * 10**12, 10**12, 2.0, 1.6, 2.25, "China"),
        (CUT, "ranked", 8 * 10**12, 4 * 10**12, 10**12, 2.0, 1.6, 2.25, "incomplete"),
    ]
    names = "week_start scope china_tokens us_tokens unidentified_tokens ratio ratio_low ratio_high state".split()
    table = pd.DataFrame(rows, columns=names)
    return complete("ratios", table.assign(week_start=pd.to_datetime(table["week_start"]).astype("datetime64[us]")))


@pytest.fixture
def root(root: Path) -> Path:
    """A run whose facts are those of one week; its table of ratios has other weeks too."""
    processed = root / "data" / "processed"
    share = Fact(
        name="share_china", kind="share", value=0.5, unit="share", scope="platform", table="tag_coverage.csv",
        about={"origin": "china"},
    )  # fmt: skip
    days = pd.Series({pd.Timestamp(week): number for week, number in DAYS.items()})
    counted = pd.DataFrame({"week_start": days.index.astype("datetime64[us]"), "days_observed": days.to_numpy()})
    write_facts(by_name(week_facts(ratios(), days, weeks=[WEEK]), [share]), processed, summary="")
    write_table(ratios(), processed, "ratios")
    write_table(counted.assign(scope="platform", origin="US", tokens=1)[ORDER], processed, "origin_weekly")
    write_notebook(root, "01-first", ["# 1. The first", CELL.replace("= 3 ", "= 9 "), TELL.format("01")])
    record_run(root)
    return root


@pytest.mark.usefixtures("root")
def test_prints_a_fact_with_unit_scope_bounds_and_a_sentence(capsys) -> None:
    assert command("facts", "ratio_ranked_2026_02_09") == DONE
    lines = capsys.readouterr().out.splitlines()
    assert "unit     ratio" in lines
    assert "scope    ranked" in lines
    assert "bounds   1.00 to 1.50" in lines
    assert lines[-1].startswith("In the week of 9 February 2026, among all models that OpenRouter ranks, ")
    assert "who led is therefore not identified" in lines[-1]


@pytest.mark.usefixtures("root")
def test_a_week_that_nobody_quoted_yet_has_its_facts_too(capsys) -> None:
    assert command("facts", "ratio_ranked_2026_02_16", "state_ranked_2026_02_16") == DONE
    out = capsys.readouterr().out
    assert "processed 2.00 times the tokens of US models" in out
    assert "Chinese models led wherever the unidentified tokens belong" in out


@pytest.mark.usefixtures("root")
def test_lists_every_fact_without_a_name(capsys) -> None:
    assert command("facts") == DONE
    assert "share_china = 50.0 %" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", ["ratio_rankd_2026_02_09", "ratio_ranked_2026_02_02", "ratio_ranked_2026_13_99"])
@pytest.mark.usefixtures("root")
def test_an_unknown_name_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(InputError, match=rf"No fact is called '{name}'\. Near it: ratio_ranked_2026_02_09, "):
        command("facts", name)


def test_writes_macros_and_a_table(root: Path, capsys) -> None:
    assert command("facts", "--write", "out") == DONE
    assert capsys.readouterr().out.split() == ["out/facts.tex", "out/facts.csv"]
    assert r"\csname crossover@share_china\endcsname{50.0 \%}" in (root / "out" / "facts.tex").read_text()
    with (root / "out" / "facts.csv").open() as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["share_china"]["text"] == "50.0 %"
    assert rows["china_tokens_ranked_2026_02_09"]["unit"] == "trillion tokens"  # as the text counts them
    assert rows["share_china"]["sentence"].startswith("Chinese models account for 50.0 % of all tokens")


def test_fills_facts_and_sentences_into_a_text(root: Path, capsys) -> None:
    text = "Ratio {{ratio_ranked_2026_02_16}}, share {{ share_china }}, as of {{as_of}}.\n{{share_china.sentence}}\n"
    (root / "article.md").write_text(text)
    assert command("facts", "--fill", "article.md") == DONE
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Ratio 2.00, share 50.0 %, as of 20")
    assert second.startswith("Chinese models account for 50.0 %")


def test_a_part_of_a_week_is_never_quoted_as_the_week(root: Path, capsys) -> None:
    name = "china_tokens_ranked_2026_02_23"
    assert command("facts", name) == DONE
    assert "In the 3 of 7 days of the week of 23 February 2026 (the record holds no others)" in capsys.readouterr().out
    (root / "article.md").write_text(f"{{{{{name}}}}}\n")
    with pytest.raises(InputError, match=rf"line 1: '{name}' counts 3 of 7 days of its week; write .*{name}\.sentence"):
        command("facts", "--fill", "article.md")
    (root / "article.md").write_text(f"{{{{{name}.sentence}}}}\n")
    assert command("facts", "--fill", "article.md") == DONE


def test_a_text_with_unknown_names_is_refused_with_their_lines(root: Path) -> None:
    (root / "article.md").write_text("Fine: {{share_china}}\n\nWrong: {{share_chna}}\n")
    with pytest.raises(InputError, match=r"line 3: 'share_chna'\. Did you mean 'share_china'\?"):
        command("facts", "--fill", "article.md")


def test_a_text_that_cannot_be_read_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.md cannot be read.*Name a text file"):
        command("facts", "--fill", "absent.md")
    (root / "picture.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"picture\.md cannot be read"):
        command("facts", "--fill", "picture.md")


def test_without_facts_the_next_step_is_named(root: Path) -> None:
    (root / "data" / "processed" / "facts.json").unlink()
    with pytest.raises(InputError, match=r"facts\.json is missing"):
        command("facts", "share_china")
    with pytest.raises(InputError, match="does not exist yet. Run `crossover run` first"):
        command("facts", "share_china", "--stale")


@pytest.mark.parametrize("arguments", [("ratio_ranked_2026_02_16",), (), ("--search", "china"), ("--write", "out")])
def test_loads_nothing_heavy(root: Path, arguments: tuple[str, ...]) -> None:
    script = (
        f"import sys\nfrom crossover.cli import main\nassert main(['facts', *{arguments!r}]) == 0\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'pandera', 'papermill', 'nbformat', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.latex
def test_the_macros_compile(root: Path) -> None:
    command("facts", "--write", ".")
    article = r"\documentclass{article}\input{facts.tex}\begin{document}\fact{share_china}\end{document}"
    (root / "article.tex").write_text(article)
    compiler = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "article.tex"]
    assert subprocess.run(compiler, cwd=root, capture_output=True, check=False).returncode == 0
