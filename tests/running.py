"""The service in a thread of this process, on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from extractor.service.protocol import Strict
from tests.waiting import wait_for

PATIENCE = 60
"""Seconds that the service may take to end."""


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address of the service, as long as it runs."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", http=Strict, ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def events_in(text: str) -> list[tuple[str, str]]:
    """The server-sent events of a response: name and data. Comments are none."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if line[:1].isalpha())
        if lines:
            found.append((lines["event"], lines["data"]))
    return found
