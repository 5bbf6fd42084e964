"""A real HTTP server on loopback that answers from the recorded cassettes.

For tests in which the model is asked by another process, where replaying inside this
one cannot help: a backfill that is killed, the command line, a running service.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from extractor.recordings import Answer, Exchange, changes, json_body, load
from extractor.records import digest


@dataclass(frozen=True)
class Asked:
    """One request that arrived, in order of arrival.

    `article` is the cassette that has its answer (the file's name without suffix), None
    when there is none; `time` is of arrival, in seconds of `time.monotonic`; `digest` is
    that of the JSON body.
    """

    article: str | None
    time: float
    digest: str


EVENTS = "text/event-stream"
PIECE = 12
"""Characters of a recorded reply in one piece of a stream."""


def _streamed(answer: Answer) -> Answer:
    """A recorded chat completion as a server would stream it: the content is the recording's."""
    whole: Any = json_body(answer.body)
    choice, usage = whole["choices"][0], whole["usage"]
    around = {"id": whole["id"], "object": "chat.completion.chunk", "model": whole["model"]}
    content = choice["message"]["content"]
    deltas = [{"role": "assistant", "content": None}] + [
        {"content": content[at : at + PIECE]} for at in range(0, len(content), PIECE)
    ]
    chunks = [{"delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"delta": {}, "finish_reason": choice["finish_reason"]})
    said = [{**around, "choices": [{"index": 0, **chunk}]} for chunk in chunks]
    said.append({**around, "choices": [], "usage": usage})
    events = [f"data: {json.dumps(each)}" for each in said]
    body = "".join(f"{event}\n\n" for event in [*events, "data: [DONE]"]).encode()
    return Answer(200, "OK", {"content-type": [EVENTS]}, body)


def _pieces(answer: Answer) -> list[bytes]:
    """What of an answer is sent at once."""
    if answer.headers.get("content-type") != [EVENTS]:
        return [answer.body]
    return [event + b"\n\n" for event in answer.body.split(b"\n\n")[:-1]]


@cache
def _loaded(path: Path, _modified: int) -> tuple[Exchange, ...]:
    """The exchanges of a recording, which takes a while to read and does not change."""
    return load(path)


class ReplayServer:
    """Serves every recording under a folder, matched by path and JSON body, as often as asked.

    Use as a context manager. `delay` is the seconds that an answer takes, `requests`
    what was asked so far, and `answered` those whose answer went out whole; both are
    safe to read at any time. A request without a recording gets a 404 that says what
    differs from the closest recording. One for a stream gets what is recorded of the same
    request without, cut into pieces with `pace` seconds after each. With `hold`, all but
    the first so many requests wait for `release`, however long a test takes until then.
    """

    def __init__(
        self, cassettes: Path, delay: float = 0.0, pace: float = 0.0, hold: int | None = None
    ) -> None:
        self.delay = delay
        self._hold = hold
        self._released = threading.Event()
        self.pace = pace
        self.requests: list[Asked] = []
        self.answered: list[Asked] = []
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._in_flight = 0
        self._recorded: dict[tuple[str, str], tuple[str, Answer]] = {}
        self._exchanges: list[Exchange] = []
        for path in sorted(cassettes.rglob("*.yaml")):
            for exchange in _loaded(path, path.stat().st_mtime_ns):
                key = (exchange.sent.path, digest(json_body(exchange.sent.body)))
                self._recorded[key] = (path.stem, exchange.answer)
                self._exchanges.append(exchange)
        if not self._recorded:
            raise ValueError(f"{cassettes}: there are no recordings to serve")
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """What to give a client as the endpoint's address."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._in_flight, timeout=5)

    def hurry(self) -> None:
        """Waits no more, neither before an answer nor after a piece of one."""
        self._closing.set()

    def release(self) -> None:
        """Answers the requests that `hold` keeps waiting, and all that come."""
        self._released.set()

    def _answer(self, path: str, body: bytes) -> tuple[Asked, Answer]:
        value: Any = json_body(body)
        is_streamed = isinstance(value, dict) and value.pop("stream", False)
        if is_streamed:
            del value["stream_options"]
        found = digest(value)
        article, answer = self._recorded.get((path, found), (None, None))
        with self._changed:
            self._in_flight += 1
            asked = Asked(article, time.monotonic(), found)
            self.requests.append(asked)
            is_held = self._hold is not None and len(self.requests) > self._hold
        if is_held:
            self._released.wait()
        self._closing.wait(self.delay)
        if answer is None:
            return asked, self._unknown(path, value)
        return asked, _streamed(answer) if is_streamed else answer

    def _done(self, asked: Asked, *, whole: bool) -> None:
        with self._changed:
            self._in_flight -= 1
            if whole:
                self.answered.append(asked)
            self._changed.notify_all()

    def _unknown(self, path: str, body: Any) -> Answer:
        differences = min((changes(body, json_body(e.sent.body)) for e in self._exchanges), key=len)
        message = f"nothing is recorded for POST {path} with this body"
        if differences:
            message += f"; the closest recording differs in: {'; '.join(differences)}"
        error = {"error": {"message": message, "type": "not_recorded", "code": 404}}
        headers = {"content-type": ["application/json"]}
        return Answer(404, "Not Found", headers, json.dumps(error).encode())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections are kept, as by the real servers
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                asked, answer = server._answer(self.path.partition("?")[0], body)
                whole = False
                try:
                    self._send(answer)
                    whole = True
                except ConnectionError:
                    self.close_connection = True  # the client was killed, as tests do
                finally:
                    server._done(asked, whole=whole)

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status, answer.reason)
                for name, values in answer.headers.items():
                    for value in values:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                for piece in _pieces(answer):
                    self.wfile.write(piece)
                    server._closing.wait(server.pace if piece.startswith(b"data: ") else 0)

            def log_message(self, format: str, *args: Any) -> None:
                """Standard error belongs to the test."""

        return Handler
