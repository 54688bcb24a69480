"""One GET request as a polite client sends it: tried again when it makes sense and as told, never redirected."""

import contextlib
import ipaddress
import json
import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
import stamina

from crossover.secrets import Key, holds_secret
from helpers.errors import InputError

BASE_URL = "https://openrouter.ai/api/v1"
LARGEST_ANSWER = 2**27  # bytes; a year of rankings is about 2 million
LONGEST_QUOTE = 200  # letters of a server's own message
FIRST_SECONDS, FIRST_MILLISECONDS = 1e9, 1e12  # from here on a number is a moment since 1970


class SourceError(Exception):
    """Say that the source could not be reached or did not answer in time: nobody's input is wrong."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for what.

    Attributes
    ----------
    connect, read, whole : float
        Seconds for a connection, for the next bytes, and for one whole answer.
    tries : int
        Requests sent before giving up on one window.
    first_wait, longest_wait, jitter : float
        Seconds before the second try (doubled for each later one), the most that a wait may grow to, and the
        most that chance adds to it.
    told_wait : float
        The longest wait that a server may ask for; beyond it the command ends and says when to come back.
    """

    connect: float = 10.0
    read: float = 30.0
    whole: float = 120.0
    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 30.0
    jitter: float = 1.0
    told_wait: float = 120.0


class _TryAgainError(Exception):
    """A request failed in a way that another one may not; `wait` is what the server asked for, in seconds."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


def check_url(url: str) -> str:
    """Return the base URL without its last slash; refuse one that would show the key to others.

    Raises
    ------
    InputError
        If it is not https (loopback excepted), or holds a name, a password, a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or not url.isprintable() or " " in url:
        raise InputError(f"--url {url!r} is no address. Write it like {BASE_URL}.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InputError("--url holds a name, a password, a query or a fragment. Give scheme, host and path only.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise InputError(
            f"--url {url!r} is not https, so the key could be read on the way. Only this machine itself (127.0.0.1) "
            f"may be asked without it. The default is {BASE_URL}."
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def get(
    address: str,
    *,
    report: Callable[[str], None],
    parameters: dict[str, str] | None = None,
    key: Key | None = None,
    patience: Patience | None = None,
) -> bytes:
    """Send one GET request, again if it makes sense, and return the answer's body.

    Raises
    ------
    InputError
        On 400, 401 and other refusals, which are never tried again.
    SourceError
        If no try succeeded.
    """
    patience = patience or Patience()
    parts = urlsplit(address)
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key.value}"} if key else {})
    timeout = httpx2.Timeout(patience.read, connect=patience.connect)
    logging.getLogger("stamina").addHandler(logging.NullHandler())  # each wait is reported here, once
    tries = stamina.retry_context(
        on=lambda error: _next_wait(error, patience, report),
        attempts=patience.tries,
        timeout=None,
        wait_initial=patience.first_wait,
        wait_max=patience.longest_wait,
        wait_jitter=patience.jitter,
    )
    # A proxy named in the environment is used for https only, where it cannot read the key.
    with httpx2.Client(headers=headers, timeout=timeout, trust_env=parts.scheme == "https") as client:
        try:
            for attempt in tries:
                with attempt:
                    return _get_once(client, address, parameters or {}, patience)
        except _TryAgainError as error:
            raise SourceError(f"{parts.hostname}: {error}. Nothing was stored; try again later.") from None
    raise SourceError(f"{parts.hostname}: no request was sent.")


def _next_wait(error: Exception, patience: Patience, report: Callable[[str], None]) -> bool | float:
    if not isinstance(error, _TryAgainError) or (error.wait or 0) > patience.told_wait:
        return False
    report(f"{error}: {'trying again' if error.wait is None else 'waiting'}")
    return True if error.wait is None else error.wait


def _get_once(client: httpx2.Client, address: str, parameters: dict[str, str], patience: Patience) -> bytes:
    deadline = time.monotonic() + patience.whole
    body = bytearray()
    try:
        with client.stream("GET", address, params=parameters, follow_redirects=False) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if time.monotonic() > deadline:
                    raise _TryAgainError(f"the answer was not whole after {patience.whole:.0f} s")
                if len(body) > LARGEST_ANSWER:
                    raise SourceError(f"The answer of {response.url.host} is larger than {LARGEST_ANSWER} bytes.")
    except httpx2.TimeoutException:
        raise _TryAgainError("no answer in time") from None
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise _TryAgainError(f"the connection failed ({type(error).__name__})") from None
    secret = client.headers.get("Authorization", "").removeprefix("Bearer ")
    if secret and holds_secret(bytes(body), [secret]):
        raise InputError(f"The answer of {response.url.host} repeats the key. It was neither shown nor stored.")
    _check_status(response, bytes(body))
    return bytes(body)


def _check_status(response: httpx2.Response, body: bytes) -> None:
    status = response.status_code
    if status == httpx2.codes.OK:
        return
    told = _told(body)
    if status == httpx2.codes.TOO_MANY_REQUESTS or status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        wait = asked_wait(response.headers, now=datetime.now(UTC))
        later = "" if wait is None else f"; it asks to come back in {math.ceil(wait)} s"
        raise _TryAgainError(f"status {status}{told}{later}", wait)
    if response.is_redirect:
        target = urlsplit(response.headers.get("Location", "")).hostname or "another place"
        raise SourceError(
            f"{response.url.host} redirects to {target}. Redirects are not followed, so that the key goes nowhere "
            "else; if the API has moved, name its new address with --url."
        )
    if status == httpx2.codes.UNAUTHORIZED:
        raise InputError(f"{response.url.host} does not accept the key (status 401){told}. Make a new one there.")
    raise InputError(f"{response.url.host} refuses the request (status {status}){told}. Check --start, --end, --url.")


def _told(body: bytes) -> str:
    """Quote what the server says of an error, as far as it can be shown in one line."""
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    words = "".join(letter for letter in str(message) if letter.isprintable())[:LONGEST_QUOTE]
    return f": {words}" if words else ""


def asked_wait(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read how long a server asks to wait: `Retry-After` first, else `X-RateLimit-Reset`.

    Parameters
    ----------
    headers : mapping of str to str
        Of the answer. `Retry-After` is a number of seconds or a date; `X-RateLimit-Reset` a moment in seconds or
        milliseconds since 1970, or a number of seconds.
    now : datetime
        With a zone.

    Returns
    -------
    float or None
        Seconds; None if neither header says anything that lies ahead.

    Examples
    --------
    >>> asked_wait({"Retry-After": "7"}, now=datetime(2026, 5, 12, tzinfo=UTC))
    7.0
    >>> asked_wait({"X-RateLimit-Reset": "1778544030000"}, now=datetime(2026, 5, 12, tzinfo=UTC))
    30.0
    """
    after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
    seconds = _number(after)
    if seconds is None and after:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            seconds = (parsedate_to_datetime(after).astimezone(UTC) - now).total_seconds()
    if seconds is None and (seconds := _number(reset)) is not None:
        moment = seconds / 1000 if seconds > FIRST_MILLISECONDS else seconds
        seconds = moment - now.timestamp() if moment > FIRST_SECONDS else moment
    return seconds if seconds is not None and seconds > 0 else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,6})?", text.strip()) else None
