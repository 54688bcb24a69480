import base64
from pathlib import Path

import pandas as pd
import pytest

import loopback
from crossover.cli import DONE, FAILED
from helpers.data.forms import list_snapshots, unzip
from helpers.data.inputs import read_source
from helpers.data.rankings import read_rankings
from helpers.errors import InputError
from projects import command


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_what_was_fetched_is_the_bundled_record_to_the_token(root, serve, tiny_rows, capsys) -> None:
    server = serve(loopback.Rankings(tiny_rows))
    assert command("fetch", "--url", server.url) == DONE
    out, err = capsys.readouterr()
    (name,) = list_snapshots(root / "data" / "raw")
    assert name == "2026-03-05T002700Z_2026-01-01_2026-03-04"
    assert out.startswith(f"stored: data/raw/snapshots/{name}.json.gz\n")
    assert "requests needed: 2" in err
    fetched = read_source(root / "data" / "raw", name)
    latest = read_source(root / "data" / "raw", "latest")
    record = read_rankings(root / "data" / "raw").reset_index(drop=True)
    pd.testing.assert_frame_equal(fetched.table, record)
    pd.testing.assert_frame_equal(latest.table, record)
    assert latest.stated == {"rows": len(tiny_rows), "days": 63, "start_date": "2026-01-01", "end_date": "2026-03-04"}


def test_a_start_before_the_data_is_moved_and_reported(root, serve, tiny_rows, capsys) -> None:
    server = serve(loopback.Rankings(tiny_rows))
    assert command("fetch", "--url", server.url, "--start", "2024-12-01", "--end", "2026-01-02") == DONE
    assert "the data begin on 2025-01-01: it is asked from that day, not from 2024-12-01" in capsys.readouterr().err
    assert server.requests[0].query["start_date"] == "2025-01-01"
    assert list_snapshots(root / "data" / "raw") == ["2026-03-05T002700Z_2026-01-01_2026-01-02"]


def test_a_second_fetch_of_the_same_is_recognised_and_touches_nothing(root, serve, tiny_rows, capsys) -> None:
    server = serve(loopback.Rankings(tiny_rows))
    command("fetch", "--url", server.url)
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files(root)}
    assert command("fetch", "--url", server.url) == DONE
    assert "known already" in capsys.readouterr().out
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files(root)} == before


def test_another_content_of_the_same_moment_is_kept_beside_the_first(root, serve, tiny_rows) -> None:
    command("fetch", "--url", serve(loopback.Rankings(tiny_rows)).url)
    changed = [dict(row) for row in tiny_rows]
    changed[-1]["total_tokens"] = "29000000000"
    command("fetch", "--url", serve(loopback.Rankings(changed)).url)
    first, second = list_snapshots(root / "data" / "raw")
    assert second == f"{first}_2"
    assert read_source(root / "data" / "raw", first).table["total_tokens"].iloc[-1] == 30_000_000_000
    assert read_source(root / "data" / "raw", second).table["total_tokens"].iloc[-1] == 29_000_000_000


def test_a_failure_in_the_second_window_stores_nothing(root, serve, tiny_rows) -> None:
    rankings = loopback.Rankings(tiny_rows)
    server = serve(lambda request: rankings(request) if len(server.requests) == 1 else loopback.Reply(b'{"data": ['))
    before = files(root)
    with pytest.raises(InputError, match="is not whole JSON"):
        command("fetch", "--url", server.url)
    assert len(server.requests) == 2
    assert files(root) == before


def test_a_redirect_ends_with_a_message_and_exit_code_1(root, serve, capsys) -> None:
    server = serve(lambda _: loopback.Reply(status=301, headers={"Location": "https://example.org/"}))
    assert command("fetch", "--url", server.url) == FAILED
    assert "crossover: 127.0.0.1 redirects to example.org" in capsys.readouterr().err
    assert list_snapshots(root / "data" / "raw") == []


def test_the_key_is_in_no_file_and_no_output(root, serve, tiny_rows, tmp_path, capfd) -> None:
    assert command("fetch", "--url", serve(loopback.Rankings(tiny_rows)).url) == DONE
    written = [unzip(file.read_bytes(), where=file.name) for file in files(tmp_path)]
    places = {file.parent.name for file in files(tmp_path)}
    assert places == {"project", "raw", "snapshots"}  # all that a command writes was searched
    everything = b"".join(written) + "".join(capfd.readouterr()).encode()
    for offset in range(3):  # what base64 makes of a text depends on where it begins
        shifted = base64.b64encode(b"-" * offset + loopback.KEY.encode())
        assert shifted[4 * bool(offset) : -4] not in everything
    assert loopback.KEY.encode() not in everything
    assert b"acme/alpha" in everything
    assert root.is_dir()


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
def test_a_wrong_option_is_refused_before_anything_is_sent(root, arguments, message) -> None:
    before = files(root)
    with pytest.raises(InputError, match=message):
        command("fetch", *arguments)
    assert files(root) == before


@pytest.mark.parametrize("bad", ["sk-or-abc\n", "sk-or abc", "sk-or-abc\r\nX-Other: 1", "sk-or-ä", " sk-or-abc"])
@pytest.mark.usefixtures("root")
def test_a_key_that_no_key_looks_like_is_refused_without_showing_it(monkeypatch, bad) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", bad)
    with pytest.raises(InputError, match="holds a space, a line break or another letter") as error:
        command("fetch")
    assert "sk-or" not in str(error.value)


def test_the_key_may_stand_in_the_env_file_and_the_environment_goes_first(root, monkeypatch, serve, tiny_rows) -> None:
    server = serve(loopback.Rankings(tiny_rows))
    (root / ".env").write_text("OTHER=1\nOPENROUTER_API_KEY=sk-or-wrong\n")
    assert command("fetch", "--url", server.url) == DONE
    monkeypatch.setenv("OPENROUTER_API_KEY", "")  # as if it were not set
    with pytest.raises(InputError, match=r"does not accept the key \(status 401\)"):
        command("fetch", "--url", server.url)


@pytest.mark.usefixtures("root")
def test_without_a_key_the_message_says_what_can_be_done(monkeypatch) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY")
    with pytest.raises(InputError, match=r"(?s)There is no OpenRouter key: set OPENROUTER_API_KEY.*-p source FILE"):
        command("fetch")


def test_an_env_file_that_is_no_text_is_refused_without_quoting_it(root, monkeypatch) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY")
    (root / ".env").write_bytes(b"OPENROUTER_API_KEY=sk-or-\xff\xfe")
    with pytest.raises(InputError, match=r"\.env cannot be read as settings in UTF-8") as error:
        command("fetch")
    assert "sk-or" not in str(error.value)
