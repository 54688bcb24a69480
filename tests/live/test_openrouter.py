import base64
import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loopback
from crossover.live.openrouter import fetch_rankings, plan_windows, store_snapshot
from crossover.live.requests import SourceError
from helpers.data.columns import LARGEST_INT64
from helpers.data.forms import read_snapshot
from helpers.data.rankings import read_rankings
from helpers.errors import InputError

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 4)  # of the tiny record
WEEK = [(date(2026, 1, 5), date(2026, 1, 11))]


@pytest.fixture
def fetch(key, hurry):
    """Fetch one week from a server, and keep the lines that were reported."""

    def ask(server, windows=WEEK, patience=hurry, **options) -> tuple[list, list[str]]:
        lines: list[str] = []
        pages = fetch_rankings(windows, key=key, report=lines.append, url=server.url, patience=patience, **options)
        return pages, lines

    return ask


def in_turn(*answers):
    """Answer with each function once, then with the last one for ever."""
    left = list(answers)
    return lambda request: (left.pop(0) if len(left) > 1 else left[0])(request)


@pytest.mark.parametrize("days", [1, 365, 366, 367, 732, 733])
def test_windows_cover_every_day_once_and_none_is_longer_than_a_leap_year(days) -> None:
    start = date(2025, 1, 1)
    windows = plan_windows(start, date.fromordinal(start.toordinal() + days - 1))
    covered = [day for first, last in windows for day in range(first.toordinal(), last.toordinal() + 1)]
    assert covered == list(range(start.toordinal(), start.toordinal() + days))
    assert max((last - first).days + 1 for first, last in windows) <= 366
    assert len(windows) == -(-days // 366)


def test_pages_hold_the_record_to_the_token(serve, fetch, tiny_rows, raw) -> None:
    server = serve(loopback.Rankings(tiny_rows))
    pages, lines = fetch(server, [(FIRST, date(2026, 1, 31)), (date(2026, 2, 1), LAST)])
    record = read_rankings(raw.path)
    fetched = [row for page in pages for row in page.answer.table.itertuples(index=False, name=None)]
    assert fetched == list(record.itertuples(index=False, name=None))
    assert [request.query for request in server.requests] == [
        {"start_date": "2026-01-01", "end_date": "2026-01-31"},
        {"start_date": "2026-02-01", "end_date": "2026-03-04"},
    ]
    assert lines[0] == "2026-01-01 to 2026-01-31: 31 days, 385 rows"


def test_integers_count_like_strings_and_none_is_rounded(serve, fetch, tiny_rows) -> None:
    def as_integers(content: dict) -> None:
        for row in content["data"]:
            row["total_tokens"] = int(row["total_tokens"])
        content["data"][0]["total_tokens"] = LARGEST_INT64

    pages, _ = fetch(serve(loopback.Rankings(tiny_rows, change=as_integers)))
    assert pages[0].answer.table["total_tokens"].max() == LARGEST_INT64


def test_a_start_that_the_source_moved_is_reported(serve, fetch, tiny_rows) -> None:
    pages, lines = fetch(serve(loopback.Rankings(tiny_rows)), [(date(2025, 12, 1), date(2026, 1, 4))])
    assert pages[0].answer.start == FIRST
    assert "the source begins on 2026-01-01, not on 2025-12-01" in lines[0]


def test_an_early_end_is_refused_unless_the_last_day_was_a_guess(serve, fetch, tiny_rows) -> None:
    server = serve(loopback.Rankings(tiny_rows))
    windows = [(date(2026, 2, 1), date(2026, 3, 9))]
    with pytest.raises(InputError, match=r"ends on 2026-03-04\. Ask for less: `--end 2026-03-04`"):
        fetch(server, windows)
    pages, lines = fetch(server, windows, may_end_early=True)
    assert pages[0].answer.end == LAST
    assert lines[0] == "the source ends on 2026-03-04, not on 2026-03-09: later days are not in it yet"


def test_a_zipped_answer_is_unpacked(serve, fetch, tiny_rows) -> None:
    rankings = loopback.Rankings(tiny_rows)
    pages, _ = fetch(serve(lambda request: loopback.zipped(rankings(request))))
    assert pages[0].answer.table["date"].nunique() == 7


def test_a_new_field_is_kept_and_mentioned(serve, fetch, tiny_rows) -> None:
    def grow(content: dict) -> None:
        content["data"][3]["requests"] = 12
        content["meta"]["currency"] = "tokens"

    pages, lines = fetch(serve(loopback.Rankings(tiny_rows, change=grow)))
    assert "new fields, kept and not used: meta.currency, data[].requests" in lines
    assert pages[0].answer.content["data"][3]["requests"] == 12


def day_of(content: dict, day: str) -> list[dict]:
    return [row for row in content["data"] if row["date"] == day]


def without(content: dict, **fields: str) -> dict:
    kept = [row for row in content["data"] if any(row[name] != value for name, value in fields.items())]
    return content | {"data": kept}


def crowd(content: dict) -> dict:
    day, ranked = "2026-01-05", [row for row in day_of(content, "2026-01-05") if row["model_permaslug"] != "other"]
    more = [{"date": day, "model_permaslug": f"a/m{n:02d}", "total_tokens": "10"} for n in range(51 - len(ranked))]
    rest = {"date": day, "model_permaslug": "other", "total_tokens": "1"}
    later = [row for row in content["data"] if row["date"] != day]
    return content | {"data": [*ranked, *more, rest, *later]}


def turned(content: dict) -> dict:
    first, second, *rest = content["data"]
    return content | {"data": [second, first, *rest]}


def tied(content: dict) -> dict:
    first, second, *rest = content["data"]
    return content | {"data": [row | {"total_tokens": "900000000000"} for row in (second, first)] + rest}


def other_first(content: dict) -> dict:
    day = day_of(content, "2026-01-05")
    return content | {"data": [day[-1], *day[:-1], *content["data"][len(day) :]]}


def with_row(content: dict, **fields: object) -> dict:
    return content | {"data": [content["data"][0] | fields, *content["data"][1:]]}


def with_meta(content: dict, **fields: object) -> dict:
    return content | {"meta": content["meta"] | fields}


SPOILED = {
    "no row other on a day": (
        lambda c: without(c, date="2026-01-05", model_permaslug="other"),
        "2026-01-05: the row `other` is missing",
    ),
    "52 rows on a day": (crowd, "2026-01-05: 52 rows, more than 51"),
    "tokens that do not descend": (turned, r"row 2 \(2026-01-05, acme/alpha\) has more tokens than the row above"),
    "a tie that is not by name": (tied, r"row 2 \(2026-01-05, acme/alpha\) has as many tokens .* before it by name"),
    "other first": (other_first, r"row 2 .* comes after the row `other`, which is the last of its day"),
    "a repeat": (
        lambda c: c | {"data": [c["data"][0], *c["data"]]},
        "row 2: a second row for acme/alpha on 2026-01-05",
    ),
    "an empty day": (lambda c: without(c, date="2026-01-07"), "leaves days out: 2026-01-07: no rows"),
    "no rows": (lambda c: c | {"data": []}, "has no rows at all"),
    "no data": (lambda c: {"meta": c["meta"]}, "has no list `data`"),
    "a list": (lambda c: [c], "has no list `data`"),
    "no meta": (lambda c: {"data": c["data"]}, "has no `meta`"),
    "another version": (lambda c: with_meta(c, version="v2"), "has version 'v2'; this project reads 'v1'"),
    "no as_of": (lambda c: with_meta(c, as_of=None), "a date in `meta` cannot be read"),
    "a start that is no date": (lambda c: with_meta(c, start_date="soon"), "a date in `meta` cannot be read"),
    "a period turned round": (lambda c: with_meta(c, end_date="2025-01-01"), "it starts on 2026-01-05 and ends on"),
    "days that were not asked for": (lambda c: with_meta(c, end_date="2026-01-12"), "which was not asked for"),
    "a row outside meta": (lambda c: with_meta(c, start_date="2026-01-06"), r"row 1: 2026-01-05 lies outside"),
    "a fraction": (lambda c: with_row(c, total_tokens=1.5), "row 1: total_tokens 1.5 is not a whole number"),
    "true": (lambda c: with_row(c, total_tokens=True), "row 1: total_tokens True is not a whole number"),
    "a negative count": (lambda c: with_row(c, total_tokens=-4), "'-4' is not a whole, non-negative number"),
    "more than 64 bits": (lambda c: with_row(c, total_tokens=2**63), "fits 64 bits"),
    "thousands of digits": (lambda c: with_row(c, total_tokens="9" * 5000), "fits 64 bits"),
    "no count": (
        lambda c: c | {"data": [{"date": "2026-01-05", "model_permaslug": "a/b"}]},
        "row 1: has no field total_tokens",
    ),
    "half a letter": (lambda c: with_row(c, model_permaslug="a/\ud800"), "is not a text"),
    "a row that is none": (lambda c: c | {"data": [7]}, "row 1: is no object with fields"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_an_answer_that_breaks_a_promise_is_refused(serve, fetch, tiny_rows, case) -> None:
    change, message = SPOILED[case]
    server = serve(loopback.Rankings(tiny_rows, change=change))
    with pytest.raises(InputError, match=message) as error:
        fetch(server)
    assert "The answer of 127.0.0.1 for 2026-01-05 to 2026-01-11" in str(error.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"data": [{"date": "2026-', "is not whole JSON"),
        (b"", "is not whole JSON"),
        (b"<!doctype html><p>Just a moment", r"is a web page \(HTML or XML\), not JSON"),
        (b"\xff\xfe{", "is not UTF-8 text: byte 0"),
        (b"[" * 100_000, "is not whole JSON"),
    ],
)
def test_what_is_no_json_is_refused_and_not_asked_for_again(serve, fetch, body, message) -> None:
    server = serve(lambda _: loopback.Reply(body))
    with pytest.raises(InputError, match=message):
        fetch(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, r"refuses the request \(status 400\): No such window\. Check --start, --end"),
        (401, r"does not accept the key \(status 401\): No such window"),
        (404, r"refuses the request \(status 404\)"),
    ],
)
def test_a_refusal_is_final(serve, fetch, status, message) -> None:
    server = serve(lambda _: loopback.error(status, "No such window"))
    with pytest.raises(InputError, match=message):
        fetch(server)
    assert len(server.requests) == 1


TROUBLES = {
    "429 with Retry-After": lambda _: loopback.error(429, "slow down", Retry_After="0.2"),
    "429 with a reset": lambda _: loopback.error(
        429, "slow down", X_RateLimit_Reset=str(int(time.time() * 1000) + 300)
    ),
    "429 without headers": lambda _: loopback.error(429, "slow down"),
    "500": lambda _: loopback.error(500, "oops"),
    "503 with a page": lambda _: loopback.Reply(b"<html>busy", status=503),
    "a hang": lambda _: loopback.Reply(b"{}", seconds_before=600),
    "a slow drip": lambda _: loopback.Reply(b" " * 200, seconds_between=0.03),
    "a connection that is reset": lambda _: loopback.Reply(status=0),
    "half an answer": lambda _: loopback.Reply(b'{"data": []}', cut_after=5),
    "a broken archive": lambda _: loopback.Reply(b"no gzip", headers={"Content-Encoding": "gzip"}),
}
SLOW = {"a hang", "a slow drip"}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_passing_trouble_is_tried_again(serve, fetch, hurry, tiny_rows, trouble) -> None:
    server = serve(in_turn(TROUBLES[trouble], loopback.Rankings(tiny_rows)))
    # Long enough for the good answer on a busy machine, and too short for the hang and the drip.
    patience = replace(hurry, read=2, whole=2) if trouble in SLOW else hurry
    pages, lines = fetch(server, patience=patience)
    assert pages[0].answer.table["date"].nunique() == 7
    assert len(server.requests) == 2
    assert len(lines) == 2  # what went wrong, and the answer


@pytest.mark.parametrize("trouble", ["500", "429 without headers", "a connection that is reset", "a slow drip"])
def test_a_lasting_trouble_ends_with_a_message(serve, fetch, hurry, trouble) -> None:
    server = serve(TROUBLES[trouble])
    with pytest.raises(SourceError, match="Nothing was stored; try again later"):
        fetch(server, patience=replace(hurry, whole=0.5) if trouble in SLOW else hurry)
    assert len(server.requests) == 3


def test_the_wait_that_the_server_asks_for_is_kept(serve, fetch, tiny_rows) -> None:
    server = serve(in_turn(lambda _: loopback.error(429, "slow", Retry_After="0.4"), loopback.Rankings(tiny_rows)))
    began = time.monotonic()
    _, lines = fetch(server)
    assert time.monotonic() - began >= 0.4
    assert "status 429: slow; it asks to come back in 1 s: waiting" in lines


def test_a_wait_of_an_hour_is_not_sat_out(serve, fetch) -> None:
    server = serve(lambda _: loopback.error(429, "daily limit", Retry_After="3600"))
    with pytest.raises(SourceError, match="daily limit; it asks to come back in 3600 s"):
        fetch(server)
    assert len(server.requests) == 1


def test_the_key_does_not_follow_a_redirect(serve, fetch, tiny_rows) -> None:
    thief = serve(loopback.Rankings(tiny_rows))
    target = thief.url.replace("127.0.0.1", "localhost") + "/datasets/rankings-daily"
    server = serve(lambda _: loopback.Reply(status=302, headers={"Location": target}))
    with pytest.raises(SourceError, match="redirects to localhost. Redirects are not followed"):
        fetch(server)
    assert thief.requests == []


def test_an_answer_that_repeats_the_key_is_neither_shown_nor_used(serve, fetch, key) -> None:
    server = serve(lambda _: loopback.error(401, f"bad key {key.value}"))
    with pytest.raises(InputError, match="repeats the key. It was neither shown nor stored") as error:
        fetch(server)
    assert key.value not in str(error.value)


def test_the_key_is_sent_as_a_header_and_shown_nowhere(serve, fetch, tiny_rows, key, caplog, capfd) -> None:
    caplog.set_level("DEBUG")
    server = serve(in_turn(lambda _: loopback.error(500, "oops"), loopback.Rankings(tiny_rows)))
    _, lines = fetch(server)
    assert server.requests[0].headers["Authorization"] == f"Bearer {key.value}"
    shown = "\n".join([*lines, caplog.text, *capfd.readouterr(), *[request.path for request in server.requests]])
    assert key.value not in shown
    assert base64.b64encode(key.value.encode()).decode() not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["date", "model_permaslug", "total_tokens"])
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 400), FIELDS, JSON),
        st.tuples(st.just("drop"), st.integers(0, 400), FIELDS),
        st.tuples(st.just("double"), st.integers(0, 400)),
        st.tuples(st.just("remove"), st.integers(0, 400)),
        st.tuples(st.just("replace"), st.integers(0, 400), JSON),
        st.tuples(st.just("meta"), st.sampled_from(["as_of", "version", "start_date", "end_date", "new"]), JSON),
        st.tuples(st.just("top"), st.sampled_from(["data", "meta", "new"]), JSON),
        st.tuples(st.just("cut"), st.integers(0, 3000)),
    ),
    max_size=4,
)


def spoil(content: dict, changes: list[tuple]) -> bytes:
    """Change an answer in the ways that `changes` lists; a cut is made in its bytes."""
    cut = None
    for kind, *details in changes:
        rows = content.get("data")
        if kind == "top":
            content[details[0]] = details[1]
        elif kind == "meta" and isinstance(content.get("meta"), dict):
            content["meta"][details[0]] = details[1]
        elif kind == "cut":
            cut = details[0]
        elif isinstance(rows, list) and rows and kind != "meta":
            place = details[0] % len(rows)
            if kind == "remove":
                del rows[place]
            elif kind == "double":
                rows.insert(place, rows[place])
            elif kind == "replace":
                rows[place] = details[1]
            elif isinstance(rows[place], dict):
                rows[place] = {name: value for name, value in rows[place].items() if name != details[1]}
                if kind == "set":
                    rows[place][details[1]] = details[2]
    return json.dumps(content).encode()[:cut]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_answer_is_stored_whole_or_refused_with_a_message(serve, key, hurry, tmp_path, tiny_rows, changes) -> None:
    body = spoil(loopback.Rankings(tiny_rows).content("2026-01-05", "2026-01-11"), changes)
    server = serve(lambda _: loopback.Reply(body))
    before = set(tmp_path.rglob("*"))
    try:
        pages = fetch_rankings(WEEK, key=key, report=lambda _: None, url=server.url, patience=hurry)
    except InputError as error:
        assert "The answer of 127.0.0.1" in str(error)
        assert set(tmp_path.rglob("*")) == before
    else:
        name, _ = store_snapshot(tmp_path, pages, url=server.url, now=datetime.now(UTC))
        table = read_snapshot(tmp_path, name).table
        assert table["date"].nunique() == 7
        assert table["model_permaslug"].eq("other").sum() == 7
        assert table["total_tokens"].dtype == "int64"
        assert int(table["total_tokens"].min()) >= 0
        assert [file.name for file in tmp_path.rglob(".*")] == []  # nothing half-written
    finally:
        server.close()
