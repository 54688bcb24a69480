"""A real HTTP server on loopback that serves rankings as the Data API does, or as it never should."""

import gzip
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "sk-or-v1-only-for-tests-0123456789abcdef"
AS_OF = "2026-03-05T00:27:00.000Z"


@dataclass
class Reply:
    """One answer: status, headers and body; what is odd about the way it is sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds_before: float = 0.0
    seconds_between: float = 0.0  # a byte at a time
    cut_after: int | None = None  # bytes sent before the connection is closed


@dataclass
class Request:
    """What a client asked for."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Server:
    """Serves a function from request to reply, and keeps what was asked."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                server.requests.append(Request(parts.path, query, dict(self.headers.items())))
                _send(self, server.answer(server.requests[-1]))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients hang up on purpose
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    time.sleep(reply.seconds_before)
    if reply.status == 0:  # not even a status line
        handler.close_connection = True
        handler.connection.close()
        return
    handler.send_response(reply.status)
    for name, value in ({"Content-Length": str(len(reply.body))} | reply.headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
    if reply.seconds_between:
        for place in range(len(body)):
            handler.wfile.write(body[place : place + 1])
            handler.wfile.flush()
            time.sleep(reply.seconds_between)
    else:
        handler.wfile.write(body)
    handler.close_connection = True


def read_rows(text: str) -> list[dict]:
    """Turn a CSV of rankings into rows of the API's answer."""
    lines = [line.split(",") for line in text.splitlines()[1:]]
    return [{"date": day, "model_permaslug": name, "total_tokens": tokens} for day, name, tokens in lines]


class Rankings:
    """Answers as the Data API does, from the rows of a record; ``change`` may spoil an answer before it is sent."""

    def __init__(self, rows: list[dict], *, as_of: str = AS_OF, change: Callable[[dict], object] | None = None) -> None:
        self.rows, self.as_of, self.change = rows, as_of, change
        self.first, self.last = min(row["date"] for row in rows), max(row["date"] for row in rows)

    def content(self, start: str, end: str) -> dict:
        start, end = max(start, self.first), min(end, self.last)
        data = [dict(row) for row in self.rows if start <= row["date"] <= end]
        meta = {"as_of": self.as_of, "version": "v1", "start_date": start, "end_date": end}
        return {"data": data, "meta": meta}

    def __call__(self, request: Request) -> Reply:
        start, end = request.query["start_date"], request.query["end_date"]
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, "Missing or invalid key")
        span = date.fromisoformat(end) - date.fromisoformat(start)
        if span >= timedelta(days=366) or span < timedelta() or end < self.first:
            return error(400, "The window is wrong")
        content = self.content(start, end)
        if self.change is not None:
            content = self.change(content) or content
        return Reply(json.dumps(content).encode(), headers={"Content-Type": "application/json"})


def error(status: int, message: str, **headers: str) -> Reply:
    body = json.dumps({"error": {"code": status, "message": message}}).encode()
    return Reply(body, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def zipped(reply: Reply) -> Reply:
    return Reply(gzip.compress(reply.body), headers=reply.headers | {"Content-Encoding": "gzip"})
