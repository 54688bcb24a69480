import multiprocessing
import sqlite3

import pytest

from crossover.live.limits import A_DAY, A_MINUTE, FILE, RequestBudget, cache_folder
from helpers.errors import InputError


class Clock:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(tmp_path, clock) -> RequestBudget:
    return RequestBudget(tmp_path, host="here", now=clock.now, sleep=clock.sleep)


def quiet(_: str) -> None:
    pass


def test_fewer_than_thirty_requests_fit_in_any_minute(budget, clock) -> None:
    moments = []
    for _ in range(100):
        budget.take(report=quiet)
        moments.append(clock.seconds)
    assert max(sum(0 <= later - first < 60 for later in moments) for first in moments) == A_MINUTE == 29


def test_the_wait_is_announced(budget, clock) -> None:
    lines: list[str] = []
    for _ in range(A_MINUTE + 1):
        budget.take(report=lines.append)
    assert lines == ["waiting 60 s: at most 29 requests a minute"]
    assert clock.waits == [60.0]


def test_the_day_is_counted_and_its_end_is_named(budget, clock) -> None:
    for _ in range(A_DAY):
        budget.take(report=quiet)
        clock.seconds += 60
    assert budget.left_today() == 0
    with pytest.raises(InputError, match=r"500 requests were sent to here within 24 hours.*1970-01-13 13:46 UTC"):
        budget.take(report=quiet)
    clock.seconds += 86_400
    assert budget.left_today() == A_DAY


def test_other_hosts_are_counted_apart(tmp_path, budget, clock) -> None:
    budget.take(report=quiet)
    other = RequestBudget(tmp_path, host="there", now=clock.now, sleep=clock.sleep)
    assert (budget.left_today(), other.left_today()) == (A_DAY - 1, A_DAY)


def test_a_clock_set_back_does_not_block(budget, clock) -> None:
    for _ in range(A_MINUTE):
        budget.take(report=quiet)
    clock.seconds -= 40_000
    budget.take(report=quiet)
    assert clock.waits == []


def _take_some(folder) -> None:
    for _ in range(5):
        RequestBudget(folder, host="here").take(report=quiet)


def test_processes_share_one_count(tmp_path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_take_some, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert RequestBudget(tmp_path, host="here").left_today() == A_DAY - 15


def test_the_file_holds_hosts_and_moments_only(tmp_path, budget) -> None:
    budget.take(report=quiet)
    with sqlite3.connect(tmp_path / FILE) as database:
        assert database.execute("SELECT * FROM requests").fetchall() == [("here", 1_000_000.0)]
    database.close()


def test_a_broken_file_is_named(tmp_path, budget) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database" * 100)
    with pytest.raises(InputError, match=rf"(?s)count of requests in .*{FILE} cannot be kept: file is not a database"):
        budget.take(report=quiet)


def test_a_folder_that_is_a_file_is_named(tmp_path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(InputError, match="cannot be kept"):
        RequestBudget(tmp_path / "cache", host="here").left_today()


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "token-crossover"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "token-crossover"
