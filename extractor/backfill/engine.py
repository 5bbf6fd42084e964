"""One backfill on Ray: an actor a shard, on the machines of a cluster, and one ledger for all.

Ray places the actors and starts one anew that died. It keeps nothing: an actor gets articles in
chunks, and a chunk that it could not finish is handed to its successor, which finds in the ledger
what of it is done, answered or free. So nothing of Ray's own needs to survive, and no call of a
model is Ray's business. The limits are shared out among the actors; the process of the command
reads the input and shows the progress.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import ray

from extractor.backfill.processes import (
    CHUNK,
    Assignment,
    Crew,
    Goal,
    OnTraffic,
    Placed,
    PlacedRun,
    Say,
    check_identity,
    shard_of,
    total_of,
    traffic_of,
)
from extractor.errors import ExtractorError
from extractor.flow import KnowsTraffic, Limits, Traffic
from extractor.model import Model
from extractor.shards import Counts, Place, run_shard
from extractor.store import Store

if TYPE_CHECKING:
    from extractor.catalog import Recipe

RESTARTS = 5
"""How often an actor that died is started again, somewhere."""
_WAITING_CHUNKS = 4
_END_SECONDS = 30.0


@dataclass(frozen=True)
class Done:
    """What came of a chunk, and what is to be said since the last one."""

    counts: Counts = field(default_factory=Counts)
    said: tuple[str, ...] = ()
    error: Exception | None = None
    traffic: Traffic | None = None


async def run_ray(
    items: Iterable[Place],
    goal: Goal,
    crew: Crew,
    *,
    on_progress: Callable[[Counts], None],
    on_traffic: OnTraffic,
    say: Say,
    stop: asyncio.Event,
) -> Counts:
    """`run_shard` over all shards, each in an actor of its own. Raises the same.

    `on_traffic` is told who knows the traffic of all, as it was after the last chunk of each.
    The cluster is the one that Ray's own settings name (`RAY_ADDRESS`), else one of this machine
    alone, for the time of the run. Raises `ExtractorError` for an actor that died too often.
    """
    with _cluster(), _hired(goal, crew) as hands:
        on_traffic(lambda: traffic_of(hand.traffic for hand in hands))
        driver = _Driver(hands, on_progress, say, stop)
        passing = asyncio.create_task(_pass_on(stop, hands))
        try:
            await asyncio.gather(
                driver.deal(items),
                *(driver.lead(hand) for hand in hands for _ in range(hand.width)),
            )
        finally:
            passing.cancel()
        await asyncio.wait(
            [asyncio.ensure_future(hand.actor.close.remote()) for hand in hands],
            timeout=_END_SECONDS,
        )
    if driver.error is not None:
        raise driver.error
    interrupted = driver.counts.interrupted or not driver.is_read
    return replace(driver.counts, interrupted=interrupted)


@contextmanager
def _cluster() -> Iterator[None]:
    if ray.is_initialized():
        yield
        return
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()


@dataclass
class _Hand:
    """One of the actors, the chunks that wait for it, and how many it has at a time."""

    actor: Any
    width: int
    waiting: asyncio.Queue[list[Placed] | None] = field(
        default_factory=lambda: asyncio.Queue(_WAITING_CHUNKS)
    )
    traffic: Traffic | None = None


@contextmanager
def _hired(goal: Goal, crew: Crew) -> Iterator[list[_Hand]]:
    """The actors, which do not outlive the context."""
    # They wait for answers most of the time: a core each, which Ray would reserve, is not to
    # keep one of them from being placed at all.
    remote = ray.remote(
        num_cpus=0,
        max_restarts=RESTARTS,
        max_task_retries=RESTARTS,
        scheduling_strategy="SPREAD",
    )(Worker)
    hands = []
    try:
        for number in range(crew.number):
            concurrency = crew.limits.share(number, crew.number).concurrency
            task = Assignment(goal.ledger, goal.run.id, goal.identity, crew, number)
            # One more than are enough to be in flight, so that no end of one is waited for.
            hands.append(_Hand(remote.remote(task), -(-concurrency // CHUNK) + 1))
        yield hands
    finally:
        for hand in hands:
            ray.kill(hand.actor)


class _Driver:
    """Reads, deals out, and adds up."""

    def __init__(
        self,
        hands: list[_Hand],
        on_progress: Callable[[Counts], None],
        say: Say,
        stop: asyncio.Event,
    ) -> None:
        self.counts = Counts()
        self.error: Exception | None = None
        self.is_read = False
        self._hands = hands
        self._on_progress = on_progress
        self._say = say
        self._stop = stop

    async def deal(self, items: Iterable[Place]) -> None:
        """Until the end of the input, or the stop."""
        places = enumerate(items)
        chunks: list[list[Placed]] = [[] for _ in self._hands]
        try:
            while not self._stop.is_set():
                read = await asyncio.to_thread(lambda: list(islice(places, CHUNK)))
                for number, item in read:
                    shard = shard_of(item, len(self._hands))
                    chunks[shard].append((number, item))
                    if len(chunks[shard]) == CHUNK:
                        await self._hands[shard].waiting.put(chunks[shard])
                        chunks[shard] = []
                if not read:
                    for hand, chunk in zip(self._hands, chunks, strict=True):
                        await hand.waiting.put(chunk)
                    self.is_read = True
                    return
        except Exception as error:
            self._fail(error)
        finally:
            for hand in self._hands:
                for _ in range(hand.width):
                    await hand.waiting.put(None)

    async def lead(self, hand: _Hand) -> None:
        """Hands an actor one chunk after the other; after the stop, they are only cleared away."""
        while (chunk := await hand.waiting.get()) is not None:
            if not chunk or self._stop.is_set():
                interrupted = self.counts.interrupted or bool(chunk)
                self.counts = replace(self.counts, interrupted=interrupted)
                continue
            try:
                done: Done = await hand.actor.do.remote(chunk)
            except ray.exceptions.RayError as error:
                self._fail(_ended(error))
                continue
            hand.traffic = done.traffic
            for text in done.said:
                self._say(text)
            self.counts = total_of([self.counts, done.counts])
            self._on_progress(self.counts)
            if done.error is not None:
                self._fail(done.error)

    def _fail(self, error: Exception) -> None:
        """The first error stops the others in good order."""
        self.error = self.error or error
        self._stop.set()


def _ended(error: Exception) -> ExtractorError:
    # The first line: what follows are traces of Ray's.
    reason = str(error).strip().partition("\n")[0]
    return ExtractorError(
        f"a worker on Ray ended: {reason}",
        hint="run the same command again: nothing that was answered is asked twice",
    )


async def _pass_on(stop: asyncio.Event, hands: list[_Hand]) -> None:
    await stop.wait()
    for hand in hands:
        hand.actor.stop.remote()


# In the actor


class Worker:
    """The actor: row-level work on the chunks of one shard."""

    def __init__(self, task: Assignment) -> None:
        self._task = task
        self._stop = asyncio.Event()
        self._opening = asyncio.Lock()
        self._opened = AsyncExitStack()
        self._said: list[str] = []
        self._tools: tuple[Store, Recipe, Model] | None = None

    async def do(self, chunk: list[Placed]) -> Done:
        """Brings the articles of a chunk to their outcomes; an error is a value, for Ray would
        hide it in one of its own."""
        try:
            counts = await self._counted(chunk)
        except Exception as error:
            return Done(error=error, said=self._news(), traffic=self._traffic())
        return Done(counts, self._news(), traffic=self._traffic())

    async def stop(self) -> None:
        """No more articles are begun; `do` ends in good order."""
        self._stop.set()

    async def close(self) -> None:
        """Lets go of the model, and frees what is leased."""
        await self._opened.aclose()

    async def _counted(self, chunk: list[Placed]) -> Counts:
        async with self._opening:
            if self._tools is None:
                self._tools = await self._open()
        store, recipe, model = self._tools
        places = {n: place for n, (place, _) in enumerate(chunk)}
        return await run_shard(
            [item for _, item in chunk],
            recipe,
            model,
            PlacedRun(store, self._task.run, places),
            # Several chunks are at work at a time; it is the model's gate that keeps the limit.
            concurrency=self._limits.concurrency,
            on_progress=lambda counts: None,
            stop=self._stop,
        )

    async def _open(self) -> tuple[Store, Recipe, Model]:
        task = self._task
        recipe = task.crew.recipe()
        store = self._opened.enter_context(Store.join(task.ledger, self._said.append))
        opens = task.crew.model(self._limits, self._said.append)
        model = await self._opened.enter_async_context(opens)
        check_identity(task, recipe, model)
        return store, recipe, model

    @property
    def _limits(self) -> Limits:
        return self._task.crew.limits.share(self._task.number, self._task.crew.number)

    def _traffic(self) -> Traffic | None:
        model = self._tools[2] if self._tools else None
        return model.traffic if isinstance(model, KnowsTraffic) else None

    def _news(self) -> tuple[str, ...]:
        said, self._said[:] = tuple(self._said), []
        return said
