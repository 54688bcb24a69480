import base64
from pathlib import Path

import pandas as pd
import pytest

from crossover.cli import DONE, FAILED
from crossover.commands import fetch
from helpers.data.inputs import read_source
from helpers.data.rankings import read_rankings
from helpers.data.snapshots import list_snapshots, unzip
from helpers.errors import InputError


@pytest.fixture
def crossover(command):
    return command(fetch, "fetch")


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_what_was_fetched_is_the_bundled_record_to_the_token(
    project, live, serve, tiny_rows, capsys, crossover
) -> None:
    server = serve(live.Rankings(tiny_rows))
    assert crossover("--url", server.url) == DONE
    out, err = capsys.readouterr()
    (name,) = list_snapshots(project / "data" / "raw")
    assert name == "2026-03-05T002700Z_2026-01-01_2026-03-04"
    assert out.startswith(f"stored: data/raw/snapshots/{name}.json.gz\n")
    assert "requests needed: 2" in err
    fetched = read_source(project / "data" / "raw", name)
    latest = read_source(project / "data" / "raw", "latest")
    record = read_rankings(project / "data" / "raw").reset_index(drop=True)
    pd.testing.assert_frame_equal(fetched.table, record)
    pd.testing.assert_frame_equal(latest.table, record)
    assert latest.stated == {"rows": len(tiny_rows), "days": 63, "start_date": "2026-01-01", "end_date": "2026-03-04"}


def test_a_start_before_the_data_is_moved_and_reported(project, live, serve, tiny_rows, capsys, crossover) -> None:
    server = serve(live.Rankings(tiny_rows))
    assert crossover("--url", server.url, "--start", "2024-12-01", "--end", "2026-01-02") == DONE
    assert "the data begin on 2025-01-01: it is asked from that day, not from 2024-12-01" in capsys.readouterr().err
    assert server.requests[0].query["start_date"] == "2025-01-01"
    assert list_snapshots(project / "data" / "raw") == ["2026-03-05T002700Z_2026-01-01_2026-01-02"]


def test_a_second_fetch_of_the_same_is_recognised_and_touches_nothing(
    project, live, serve, tiny_rows, capsys, crossover
) -> None:
    server = serve(live.Rankings(tiny_rows))
    crossover("--url", server.url)
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files(project)}
    assert crossover("--url", server.url) == DONE
    assert "known already" in capsys.readouterr().out
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files(project)} == before


def test_another_content_of_the_same_moment_is_kept_beside_the_first(
    project, live, serve, tiny_rows, crossover
) -> None:
    crossover("--url", serve(live.Rankings(tiny_rows)).url)
    changed = [dict(row) for row in tiny_rows]
    changed[-1]["total_tokens"] = "29000000000"
    crossover("--url", serve(live.Rankings(changed)).url)
    first, second = list_snapshots(project / "data" / "raw")
    assert second == f"{first}_2"
    assert read_source(project / "data" / "raw", first).table["total_tokens"].iloc[-1] == 30_000_000_000
    assert read_source(project / "data" / "raw", second).table["total_tokens"].iloc[-1] == 29_000_000_000


def test_a_failure_in_the_second_window_stores_nothing(project, live, serve, tiny_rows, crossover) -> None:
    rankings = live.Rankings(tiny_rows)
    server = serve(lambda request: rankings(request) if len(server.requests) == 1 else live.Reply(b'{"data": ['))
    before = files(project)
    with pytest.raises(InputError, match="is not whole JSON"):
        crossover("--url", server.url)
    assert len(server.requests) == 2
    assert files(project) == before


def test_a_redirect_ends_with_a_message_and_exit_code_1(project, live, serve, capsys, crossover) -> None:
    server = serve(lambda _: live.Reply(status=301, headers={"Location": "https://example.org/"}))
    assert crossover("--url", server.url) == FAILED
    assert "crossover: 127.0.0.1 redirects to example.org" in capsys.readouterr().err
    assert list_snapshots(project / "data" / "raw") == []


def test_the_key_is_in_no_file_and_no_output(project, live, serve, tiny_rows, tmp_path, capfd, crossover) -> None:
    assert crossover("--url", serve(live.Rankings(tiny_rows)).url) == DONE
    written = [unzip(file.read_bytes(), where=file.name) for file in files(tmp_path)]
    places = {file.parent.name for file in files(tmp_path)}
    assert places == {"project", "raw", "snapshots"}  # all that a command writes was searched
    everything = b"".join(written) + "".join(capfd.readouterr()).encode()
    for offset in range(3):  # what base64 makes of a text depends on where it begins
        shifted = base64.b64encode(b"-" * offset + live.KEY.encode())
        assert shifted[4 * bool(offset) : -4] not in everything
    assert live.KEY.encode() not in everything
    assert b"acme/alpha" in everything
    assert project.is_dir()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start", "soon"], "--start 'soon' is not a date"),
        (["--end", "2999-01-01"], "--end 2999-01-01 is not over yet"),
        (["--end", "2024-12-31"], "--end 2024-12-31 lies before 2025-01-01"),
        (["--start", "2026-02-02", "--end", "2026-02-01"], "--start 2026-02-02 comes after the end, 2026-02-01"),
        (["--url", "http://example.org/api"], "is not https, so the key could be read on the way"),
        (["--url", "https://name:pass@example.org/"], "holds a name, a password, a query or a fragment"),
        (["--url", "ftp://127.0.0.1/"], "is not https"),
        (["--url", "openrouter.ai"], "is no address"),
        (["--url", "http://[::1/"], "is no address"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_sent(project, arguments, message, crossover) -> None:
    before = files(project)
    with pytest.raises(InputError, match=message):
        crossover(*arguments)
    assert files(project) == before


@pytest.mark.parametrize("bad", ["sk-or-abc\n", "sk-or abc", "sk-or-abc\r\nX-Other: 1", "sk-or-ä", " sk-or-abc"])
@pytest.mark.usefixtures("project")
def test_a_key_that_no_key_looks_like_is_refused_without_showing_it(monkeypatch, bad, crossover) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", bad)
    with pytest.raises(InputError, match="holds a space, a line break or another letter") as error:
        crossover()
    assert "sk-or" not in str(error.value)


def test_the_key_may_stand_in_the_env_file_and_the_environment_goes_first(
    project, monkeypatch, live, serve, tiny_rows, crossover
) -> None:
    server = serve(live.Rankings(tiny_rows))
    (project / ".env").write_text("OTHER=1\nOPENROUTER_API_KEY=sk-or-wrong\n")
    assert crossover("--url", server.url) == DONE
    monkeypatch.setenv("OPENROUTER_API_KEY", "")  # as if it were not set
    with pytest.raises(InputError, match=r"does not accept the key \(status 401\)"):
        crossover("--url", server.url)


@pytest.mark.usefixtures("project")
def test_without_a_key_the_message_says_what_can_be_done(monkeypatch, crossover) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY")
    with pytest.raises(InputError, match=r"(?s)There is no OpenRouter key: set OPENROUTER_API_KEY.*-p source FILE"):
        crossover()


def test_an_env_file_that_is_no_text_is_refused_without_quoting_it(project, monkeypatch, crossover) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY")
    (project / ".env").write_bytes(b"OPENROUTER_API_KEY=sk-or-\xff\xfe")
    with pytest.raises(InputError, match=r"\.env cannot be read as settings in UTF-8") as error:
        crossover()
    assert "sk-or" not in str(error.value)
