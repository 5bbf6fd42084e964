"""A model's endpoint of fixed latency, in a process of its own: what the service is timed against.

It answers with recorded replies. Which one is told by words that stand in the request; it is
written on the bare event loop so that it takes next to nothing of the machine it shares.
"""

from __future__ import annotations

import asyncio
import json
import selectors
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Reply:
    """`body` answers a request in which `words` stand; with no words, any."""

    words: str
    body: str


def write_replies(path: Path, replies: Sequence[Reply]) -> None:
    """The file that the server reads."""
    path.write_text(json.dumps([[reply.words, reply.body] for reply in replies]), encoding="utf-8")


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Sequence[tuple[bytes, bytes]], delay: float) -> None:
        self._answers = answers
        self._delay = delay
        self._arrived = bytearray()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        while (head := self._arrived.find(_END_OF_HEAD)) >= 0:
            end = head + len(_END_OF_HEAD) + _length(bytes(self._arrived[:head]))
            if len(self._arrived) < end:
                return
            asked = bytes(self._arrived[head:end])
            del self._arrived[:end]
            self._loop.call_later(self._delay, self._send, self._answer(asked))

    def _answer(self, asked: bytes) -> bytes:
        body = next((body for words, body in self._answers if words in asked), None)
        status = "404 Not Found" if body is None else "200 OK"
        body = body or b'{"error": {"message": "nothing is recorded for this"}}'
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def _serve(replies: Path, delay: float) -> None:
    found = json.loads(replies.read_text(encoding="utf-8"))
    answers = [
        (json.dumps(words, ensure_ascii=False)[1:-1].encode(), b.encode()) for words, b in found
    ]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answers, delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _exact_loop() -> asyncio.AbstractEventLoop:
    """A loop whose timers are exact: epoll waits for whole milliseconds, and rounds up."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_exact_loop) as runner:
        runner.run(_serve(Path(sys.argv[1]), float(sys.argv[2])))
