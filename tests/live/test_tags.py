import json

import pytest

import loopback
from crossover.cli import DONE, FAILED
from helpers.errors import InputError
from projects import command


@pytest.fixture
def unknown_model(root, tmp_path, tiny_rows) -> str:
    """A source with a model whose author nobody has entered yet."""
    rows = [*tiny_rows[:1], {"date": "2026-01-01", "model_permaslug": "new/thing", "total_tokens": "80000000000"}]
    lines = [",".join(row.values()) for row in [*rows, *tiny_rows[1:]]]
    (tmp_path / "more.csv").write_text("\n".join(["date,model_permaslug,total_tokens", *lines]))
    assert root.is_dir()
    return str(tmp_path / "more.csv")


@pytest.mark.usefixtures("root")
def test_a_complete_registry_lacks_nothing_and_names_what_is_stale(capsys) -> None:
    assert command("tags") == DONE
    out = capsys.readouterr().out
    assert out.startswith("Untagged: 0.")
    assert "data/raw/stealth_models.csv, line 2, openrouter/never-alpha: still Unknown, " in out
    assert command("tags", "--after", "100000") == DONE
    assert "To look at again: 0." in capsys.readouterr().out


def test_an_untagged_model_is_listed_with_a_row_to_fill_in(unknown_model, capsys) -> None:
    assert command("tags", "--source", unknown_model) == DONE
    out = capsys.readouterr().out
    assert "Untagged: 2." in out
    assert "model_authors.csv: author,organization,country,origin,kind,evidence_url,note\n  new,,,,,,    # 8" in out
    assert "\n  new/thing,,,,,,    # 80000000000 tokens, 0." in out


def test_names_are_proposed_without_the_key(unknown_model, serve, capsys) -> None:
    models = [{"canonical_slug": "new/thing", "name": "New Lab: Thing", "hugging_face_id": "NewLab/Thing"}]
    server = serve(lambda _: loopback.Reply(json.dumps({"data": models}).encode()))
    assert command("tags", "--source", unknown_model, "--propose", "--url", server.url) == DONE
    out = capsys.readouterr().out
    assert "  new,New Lab,,,,,    #" in out
    assert "  new/thing,,NewLab/Thing,,,,    #" in out
    (request,) = server.requests
    assert request.path == "/api/v1/models"
    assert "Authorization" not in request.headers


@pytest.mark.usefixtures("root")
def test_a_source_that_redirects_is_a_failure(serve, capsys) -> None:
    server = serve(lambda _: loopback.Reply(status=302, headers={"Location": "https://example.org/"}))
    assert command("tags", "--propose", "--url", server.url) == FAILED
    assert "redirects to example.org" in capsys.readouterr().err


def test_a_wrong_registry_is_refused_with_file_and_line(root) -> None:
    (root / "data" / "raw" / "open_weights.csv").write_text("model_permaslug\n")
    with pytest.raises(InputError, match=r"open_weights\.csv is not the file that SOURCES\.toml describes"):
        command("tags")
