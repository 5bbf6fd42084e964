"""A server on loopback, for as long as a context lasts: what the endpoints of tests are made of."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


class Handler(BaseHTTPRequestHandler):
    """Says nothing on standard error, which belongs to the test."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


class LoopbackServer:
    """Serves with what `handler` gives, from the end of `__init__` on known by its `url`."""

    def __init__(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self._thread = Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def handler(self) -> type[Handler]:
        """What answers a request."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
