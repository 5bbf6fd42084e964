"""Requests over HTTP, many at a time, and how long each took.

Written on asyncio's streams alone: a client library takes longer for a request than the service
does for some of its answers, on a machine that both share.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice


@dataclass(frozen=True)
class Answered:
    """`seconds` from the sending to the last byte; `late` is how long after its time it was sent,
    in seconds. `status` is 0 where there was no answer."""

    status: int
    seconds: float
    late: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Target:
    """What is asked: `POST` to a path of a server on loopback, with these headers."""

    port: int
    path: str
    headers: tuple[tuple[str, str], ...] = ()

    def raw(self, body: bytes) -> bytes:
        """The request as it is sent."""
        named = [("host", "127.0.0.1"), ("content-type", "application/json"), *self.headers]
        told = "".join(f"{name}: {value}\r\n" for name, value in named)
        head = f"POST {self.path} HTTP/1.1\r\n{told}content-length: {len(body)}\r\n\r\n"
        return head.encode() + body


class Client:
    """Connections to one server, kept for the next requests."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, body: bytes, *, due: float | None = None) -> Answered:
        """One request; `due` is when it ought to be sent, in seconds of `time.perf_counter`."""
        began = time.perf_counter()
        late = max(0.0, began - due) if due is not None else 0.0
        try:
            status, headers, answer = await self._exchange(self._target.raw(body))
        except (OSError, asyncio.IncompleteReadError):
            return Answered(0, time.perf_counter() - began, late)
        return Answered(status, time.perf_counter() - began, late, headers, answer)

    async def _exchange(self, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = self._kept() or await asyncio.open_connection(
            "127.0.0.1", self._target.port
        )
        whole = False
        try:
            writer.write(raw)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            named = (line.partition(":") for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in named}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            whole = headers.get("connection", "").lower() != "close"
            return int(head[0].split(" ")[1]), headers, body
        finally:
            if whole:
                self._idle.append((reader, writer))
            else:
                writer.close()

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection of before that the server has not closed since: it does after some idle
        seconds, and a request that is sent all the same gets no answer."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def close(self) -> None:
        """Closes what is open."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def at_rate(
    client: Client, bodies: Iterator[bytes], rate: float, seconds: float, seed: int = 1
) -> list[Answered]:
    """Open loop: requests come as a Poisson process of `rate` a second, answered or not."""
    draw = random.Random(seed)
    # Made beforehand, for this process shares the machine with the one that is measured.
    ready = iter(list(islice(bodies, math.ceil(1.5 * rate * seconds) + 100)))
    tasks: list[asyncio.Task[Answered]] = []
    due = time.perf_counter()
    end = due + seconds
    while (due := due + draw.expovariate(rate)) < end:
        await asyncio.sleep(due - time.perf_counter())
        tasks.append(asyncio.create_task(client.ask(next(ready), due=due)))
    return await asyncio.gather(*tasks)


async def in_turn(
    client: Client,
    bodies: Iterator[bytes],
    at_once: int,
    goes_on: Callable[[], bool],
    told: Callable[[Answered], None],
) -> None:
    """Closed loop: `at_once` callers, each of which asks again when it has its answer. `told` gets
    each answer."""

    async def caller() -> None:
        while goes_on():
            told(await client.ask(next(bodies)))

    await asyncio.gather(*(caller() for _ in range(at_once)))
