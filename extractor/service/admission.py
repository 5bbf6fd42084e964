"""How many requests are inside at once; who comes when all places are taken is told to wait."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from extractor.errors import ServiceBusy


@dataclass(frozen=True)
class Limits:
    """`at_work` is how many articles are extracted at the same time, `in_line` how many more
    may wait for that, `body_seconds` how long a request's body may take to arrive,
    `heartbeat_seconds` how long a stream of events may be silent.

    Half as many in line as at work: who waits longer than that waits for longer than the work
    takes, and had better ask elsewhere or later.
    """

    at_work: int = 16
    in_line: int = 8
    body_seconds: float = 30.0
    heartbeat_seconds: float = 15.0


LIMITS = Limits()


class Admission:
    """The places of a service. Used in one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._inside = 0
        self._at_work = 0
        self._work = asyncio.Semaphore(limits.at_work)
        self._usual = 0.0

    @property
    def inside(self) -> int:
        """How many are at work or in line."""
        return self._inside

    @property
    def at_work(self) -> int:
        """How many are at work."""
        return self._at_work

    @property
    def places(self) -> int:
        """How many may be at work or in line."""
        return self._limits.at_work + self._limits.in_line

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place inside, at work or in line. Raises `ServiceBusy` when there is none."""
        if self._inside >= self.places:
            raise ServiceBusy(
                f"all {self.places} places are taken",
                hint="ask again after the seconds of Retry-After",
                retry_after=self._until_free(),
            )
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One's turn to work, for those who have a place."""
        async with self._work:
            began = time.monotonic()
            self._at_work += 1
            try:
                yield
            finally:
                self._at_work -= 1
            took = time.monotonic() - began
            self._usual = took if not self._usual else 0.8 * self._usual + 0.2 * took

    def _until_free(self) -> int:
        """Seconds until those in line have had their turn, as far as is known; at least 1."""
        rounds = self._limits.in_line / self._limits.at_work
        return max(1, min(600, math.ceil(self._usual * max(rounds, 1))))
