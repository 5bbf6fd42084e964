"""Work on many things: how many of them at a time, and who is told how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Pace:
    """How many things are worked on at a time; `on_progress` hears how many are done of all."""

    concurrency: int = 1
    on_progress: Callable[[int, int], None] = lambda done, total: None


ONE_BY_ONE = Pace()


async def paced(
    items: Sequence[T], work: Callable[[T], Awaitable[R]], pace: Pace = ONE_BY_ONE
) -> list[R]:
    """What `work` makes of the items, in their order.

    The first error of `work` is raised; what else was at work then is cancelled.
    """
    found: dict[int, R] = {}
    waiting = iter(enumerate(items))

    async def go_on() -> None:
        for place, item in waiting:
            found[place] = await work(item)
            pace.on_progress(len(found), len(items))

    workers = [asyncio.create_task(go_on()) for _ in range(min(pace.concurrency, len(items)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [found[place] for place in range(len(items))]
