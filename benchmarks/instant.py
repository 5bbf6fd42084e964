"""A model's endpoint that answers at once, or after a scripted time, in a process of its own.

A raw asyncio protocol, for what it takes is not to be taken for what its clients take. Its
answers are recorded ones: which one is said by the mark that `archive` writes into each article.
`GET /v1/asked` says how often each mark was asked for, and how many requests there were at a time;
`GET /v1/requests`, how many there were in all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.archive import MARK, original_of, replies

ROOT = Path(__file__).resolve().parent.parent


def response(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole HTTP response of JSON; `headers` are lines that end in CRLF."""
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n{headers}\r\n"
    )
    return head.encode() + body


@dataclass
class Asked:
    """What was asked so far: requests by mark, those open now, and the most at a time."""

    by_mark: Counter[str] = field(default_factory=Counter)
    now: int = 0
    most: int = 0
    first: float = 0.0
    last: float = 0.0

    def to_json(self) -> bytes:
        """`seconds` are from the first request to the last answer."""
        return json.dumps(
            {
                "requests": self.by_mark.total(),
                "most": self.most,
                "seconds": self.last - self.first,
                "marks": self.by_mark,
            }
        ).encode()


Script = Callable[[str, int], bytes | None]
"""The response to the nth request (from 1) with a mark; None cuts the connection."""
SILENCE = b""
"""The response that never comes."""


class Connection(asyncio.Protocol):
    """One client: its requests are answered in order, each after `latency` seconds."""

    def __init__(self, asked: Asked, script: Script, latency: float) -> None:
        self._asked = asked
        self._script = script
        self._latency = latency
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._open = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._asked.now -= self._open
        self._open = 0

    def close(self) -> None:
        """Cuts the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get"):
            short = head.startswith(b"get /v1/requests")
            total = str(self._asked.by_mark.total()).encode()
            self._write(response(total if short else self._asked.to_json()))
            return
        found = MARK.search(body)
        mark = found[0].decode() if found else ""
        asked = self._asked
        asked.by_mark[mark] += 1
        asked.first = asked.first or time.monotonic()
        asked.now += 1
        asked.most = max(asked.most, asked.now)
        self._open += 1
        answer = self._script(mark, asked.by_mark[mark])
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._answer, answer)
        else:
            self._answer(answer)

    def _answer(self, answer: bytes | None) -> None:
        if self._transport is None or answer == SILENCE:
            return
        self._open -= 1
        self._asked.now -= 1
        self._asked.last = time.monotonic()
        if answer is None:
            self._transport.abort()
        else:
            self._write(answer)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def recorded() -> Script:
    """The recorded reply to the article that a mark is of."""
    ready = [response(body) for body in replies()]

    def script(mark: str, _: int) -> bytes:
        return ready[original_of(mark)] if mark else ready[0]

    return script


async def serve(script: Script, latency: float) -> None:
    """Serves until standard input ends; the first line of standard output is the address."""
    asked = Asked()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(asked, script, latency), "127.0.0.1", 0, backlog=1024
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True)
class Endpoint:
    """A server in a process of its own."""

    url: str
    pid: int

    def asked(self) -> dict[str, Any]:
        """What `Asked` counted so far."""
        found: dict[str, Any] = self._told("asked")
        return found

    def requests(self) -> int:
        """How many it got so far."""
        return int(self._told("requests"))

    def _told(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/{what}") as answer:
            return json.load(answer)


@contextmanager
def endpoint(latency: float = 0.0) -> Iterator[Endpoint]:
    """Such a server, for as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.instant", "--latency", str(latency)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Endpoint(process.stdout.readline().strip(), process.pid)
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until an answer")
    arguments = parser.parse_args()
    asyncio.run(serve(recorded(), arguments.latency))


if __name__ == "__main__":
    main()
