from datetime import UTC, datetime

import pytest

from crossover.live.requests import BASE_URL, asked_wait, check_url, is_loopback
from helpers.errors import InputError

NOW = datetime(2026, 5, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": "Tue, 12 May 2026 00:00:20 GMT"}, 20),
        ({"Retry-After": "7", "X-RateLimit-Reset": str(SECONDS + 99)}, 7),
        ({"Retry-After": "soon", "X-RateLimit-Reset": str(SECONDS + 99)}, 99),
        ({"X-RateLimit-Reset": str((SECONDS + 30) * 1000)}, 30),
        ({"X-RateLimit-Reset": "12"}, 12),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "Tue, 12 May 2020 00:00:20 GMT"}, None),
        ({"X-RateLimit-Reset": str(SECONDS - 5)}, None),
        ({"X-RateLimit-Reset": "9" * 400}, None),
        ({"X-RateLimit-Reset": "nan"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read_or_passed_over(headers, seconds) -> None:
    assert asked_wait(headers, now=NOW) == seconds


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_is_known_by_its_names(host) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["openrouter.ai", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", ""])
def test_other_machines_are_not_taken_for_it(host) -> None:
    assert not is_loopback(host)


def test_the_last_slash_makes_no_difference() -> None:
    assert check_url(BASE_URL + "/") == check_url(BASE_URL) == BASE_URL


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://openrouter.ai/api/v1", "is not https"),
        ("https://key@openrouter.ai/", "holds a name, a password"),
        ("https://openrouter.ai/api?key=1", "holds a name, a password, a query"),
        ("https://openrouter.ai/#x", "or a fragment"),
        ("https:///api", "is no address"),
        ("https://openrouter.ai:port/", "is no address"),
        ("https://open router.ai/", "is no address"),
        ("", "is no address"),
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused(url, message) -> None:
    with pytest.raises(InputError, match=message):
        check_url(url)
