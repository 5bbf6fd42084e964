"""One backfill in several processes, for more than one core: who reads, who works, who shows.

The process of the command reads the input and shows the progress; the others do the row-level
work, and write into the one ledger (SQLite lets them in one after the other; on a server, each
leases for itself). An article's shard
is a part of its digest: the same article always goes to the same process, so that nothing is
asked twice at a time, and what is in a shard depends on the input alone.

A process that is killed ends the run; all processes end with the one of the command.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any, Literal, Protocol

from extractor.asking import recipe_identity
from extractor.errors import ExtractorError, InputError
from extractor.flow import KnowsTraffic, Limits, Traffic
from extractor.making import spare_the_collector
from extractor.model import Model
from extractor.records import Article, digest
from extractor.shards import Counts, Passed, Place, run_shard
from extractor.store import Entry, Ledger, Run, Store

if TYPE_CHECKING:
    from extractor.catalog import Recipe

REQUESTS_A_PROCESS = 32
"""So many requests at a time are enough work for one core, with answers of a second or more:
the work on an article takes some 25 to 50 ms of it."""
CHUNK = 32
_WAITING_CHUNKS = 8
"""How many chunks are read ahead for each process; bounds the memory."""
_PROGRESS_SECONDS = 0.2
_TRAFFIC_SECONDS = 1.0
_END_SECONDS = 30.0

Engine = Literal["processes", "ray"]
Placed = tuple[int, Place]
Say = Callable[[str], None]
OnTraffic = Callable[[Callable[[], Traffic | None]], None]


class Opens(Protocol):
    """Opens the model in a process; `say` is told what a person should know."""

    def __call__(self, limits: Limits, say: Say) -> AbstractAsyncContextManager[Model]:
        """A model that keeps to these limits."""
        ...


@dataclass(frozen=True)
class Crew:
    """So many processes, and what each needs to begin: all of it goes to another process, so
    the two functions are importable ones (or `functools.partial` of such). `engine` says who
    starts them: this machine, or Ray on those of a cluster."""

    number: int
    limits: Limits
    recipe: Callable[[], Recipe]
    model: Opens
    engine: Engine = "processes"


def as_many_as_help(concurrency: int) -> int:
    """One process for `REQUESTS_A_PROCESS` requests at a time, and no more than cores."""
    return max(1, min(_cores(), concurrency // REQUESTS_A_PROCESS))


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shard_of(place: Place, of: int) -> int:
    """The shard of an article among so many; that of an error does not matter."""
    item = place.item if isinstance(place, Passed) else place
    name = item.digest if isinstance(item, Article) else digest([item.message])
    return int(name[:12], 16) % of


@dataclass(frozen=True)
class Goal:
    """A run in a ledger, and the identity of its recipe and model where it was begun."""

    run: Run
    ledger: Ledger
    identity: dict[str, Any]


async def run_processes(
    items: Iterable[Place],
    goal: Goal,
    crew: Crew,
    *,
    on_progress: Callable[[Counts], None],
    on_traffic: OnTraffic,
    say: Say,
    stop: asyncio.Event,
) -> Counts:
    """`run_shard` over all shards, each in a process of its own. Raises the same.

    `on_traffic` is told who knows the traffic of all of them.
    A process that finds another identity (a prompt that was edited in this moment) refuses.
    Raises `ExtractorError` for a process that was killed.
    """
    with (
        _started(goal, crew) as hands,
        ThreadPoolExecutor(1 + len(hands)) as threads,
    ):
        reader = _Reader(items, hands)
        reading = asyncio.get_running_loop().run_in_executor(threads, reader.read)
        on_traffic(lambda: traffic_of(hand.traffic for hand in hands))
        stopping = asyncio.create_task(_pass_on(stop, hands, reader))
        try:
            ends = await _ends(hands, threads, on_progress, say, stop)
        except BaseException:
            for hand in hands:
                hand.process.kill()
            raise
        finally:
            stopping.cancel()
            reader.stop()
            await asyncio.gather(reading, return_exceptions=True)
    for end in (*ends, reading.exception()):
        if isinstance(end, BaseException):
            raise end
    counts = total_of([hand.counts for hand in hands])
    return replace(counts, interrupted=counts.interrupted or reader.length is None)


@dataclass
class _Hand:
    """One of the processes: the pipe that its articles go through, and the line for all else."""

    process: SpawnProcess
    articles: Connection
    line: Connection
    waiting: queue.Queue[list[Placed] | None] = field(
        default_factory=lambda: queue.Queue(_WAITING_CHUNKS)
    )
    counts: Counts = field(default_factory=Counts)
    traffic: Traffic | None = None

    def send(self) -> None:
        """Sends what is waiting until the end of the input, or of the process."""
        with suppress(OSError):
            while (chunk := self.waiting.get()) is not None:
                self.articles.send(chunk)
            self.articles.send(None)


@contextmanager
def _started(goal: Goal, crew: Crew) -> Iterator[list[_Hand]]:
    """The processes, which do not outlive the context."""
    context = multiprocessing.get_context("spawn")
    hands: list[_Hand] = []
    try:
        with _without_ctrl_c():
            for number in range(crew.number):
                articles, ours = context.Pipe(duplex=False)
                line, other = context.Pipe()
                task = Assignment(goal.ledger, goal.run.id, goal.identity, crew, number)
                process = context.Process(target=_work, args=(task, articles, other), daemon=True)
                process.start()
                hands.append(_Hand(process, ours, line))
                # Only now is an end of the process the end of its pipes.
                articles.close()
                other.close()
        yield hands
        for hand in hands:
            hand.process.join(_END_SECONDS)
    finally:
        for hand in hands:
            hand.process.kill()
            hand.process.join()
            hand.process.close()
            hand.articles.close()
            hand.line.close()


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started meanwhile never hear of Ctrl-C: the command tells them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


class _Reader:
    """Reads the input in a thread, and deals it out."""

    def __init__(self, items: Iterable[Place], hands: list[_Hand]) -> None:
        self.length: int | None = None
        """Places of the input, once it is read to the end."""
        self._items = items
        self._hands = hands
        self._stopped = threading.Event()

    def read(self) -> None:
        """Until the end, or the stop; raises what reading raises."""
        senders = [threading.Thread(target=hand.send, daemon=True) for hand in self._hands]
        for sender in senders:
            sender.start()
        chunks: list[list[Placed]] = [[] for _ in self._hands]
        length = 0
        try:
            for item in self._items:
                if self._stopped.is_set():
                    return
                shard = shard_of(item, len(self._hands))
                chunks[shard].append((length, item))
                length += 1
                if len(chunks[shard]) == CHUNK:
                    self._put(shard, chunks[shard])
                    chunks[shard] = []
            for shard, chunk in enumerate(chunks):
                self._put(shard, chunk)
            if not self._stopped.is_set():
                self.length = length
        finally:
            for shard in range(len(self._hands)):
                self._put(shard, None)

    def stop(self) -> None:
        self._stopped.set()

    def _put(self, shard: int, chunk: list[Placed] | None) -> None:
        """Waits for room, but not for that of a process that has ended."""
        hand = self._hands[shard]
        while True:
            with suppress(queue.Full):
                hand.waiting.put(chunk, timeout=0.2)
                return
            if hand.process.exitcode is not None or (chunk and self._stopped.is_set()):
                return


async def _pass_on(stop: asyncio.Event, hands: list[_Hand], reader: _Reader) -> None:
    await stop.wait()
    reader.stop()
    for hand in hands:
        with suppress(OSError):
            hand.line.send("stop")


async def _ends(
    hands: list[_Hand],
    threads: ThreadPoolExecutor,
    on_progress: Callable[[Counts], None],
    say: Say,
    stop: asyncio.Event,
) -> list[Counts | BaseException]:
    """What each process ended with. The first error stops the others in good order."""
    loop = asyncio.get_running_loop()

    def told(hand: _Hand, message: object) -> None:
        if isinstance(message, str):
            say(message)
        elif isinstance(message, Counts):
            hand.counts = message
            on_progress(total_of([each.counts for each in hands]))
        elif isinstance(message, Traffic):
            hand.traffic = message

    def listen(hand: _Hand) -> Counts | BaseException:
        try:
            while True:
                match hand.line.recv():
                    case ("end", end):
                        return end  # type: ignore[no-any-return]
                    case message:
                        loop.call_soon_threadsafe(told, hand, message)
        except (EOFError, OSError):
            hand.process.join(_END_SECONDS)
            return ExtractorError(
                f"process {hand.process.pid} of this backfill ended (exit {hand.process.exitcode})",
                hint="run the same command again: nothing that was answered is asked twice",
            )

    async def one(hand: _Hand) -> Counts | BaseException:
        end = await loop.run_in_executor(threads, listen, hand)
        if isinstance(end, Counts):
            told(hand, end)
        else:
            stop.set()
        return end

    return await asyncio.gather(*map(one, hands))


def total_of(parts: list[Counts]) -> Counts:
    """All of them together."""

    def total(name: str) -> Any:
        first, *rest = [getattr(part, name) for part in parts]
        for each in rest:
            first = first or each if isinstance(first, bool) else first + each
        return first

    return Counts(**{each.name: total(each.name) for each in fields(Counts)})


def traffic_of(parts: Iterable[Traffic | None]) -> Traffic | None:
    """All of it together; None where nothing was heard of any."""
    known = [part for part in parts if part is not None]
    return sum(known, Traffic()) if known else None


# In the other process


@dataclass(frozen=True)
class Assignment:
    """What a process begins with."""

    ledger: Ledger
    run: int
    identity: dict[str, Any]
    crew: Crew
    number: int


@dataclass(frozen=True)
class PlacedRun(Run):
    """A run of which a shard's articles stand at other places than in the shard."""

    places: dict[int, int]

    def enter(self, entries: Iterable[Entry]) -> None:
        """Notes them at their places in the whole input."""
        placed = [(e.position, replace(e, position=self.places[e.position])) for e in entries]
        super().enter(entry for _, entry in placed)
        for position, _ in placed:  # only now, for it may have to be done again
            del self.places[position]


def _work(task: Assignment, articles: Connection, line: Connection) -> None:
    """The whole life of a process."""
    try:
        end: Counts | BaseException = asyncio.run(_shard(task, articles, line))
    except Exception as error:
        end = error
    with suppress(OSError):  # else nobody listens any more
        line.send(("end", end))


async def _shard(task: Assignment, articles: Connection, line: Connection) -> Counts:
    loop, stop, shown = asyncio.get_running_loop(), asyncio.Event(), 0.0

    def obey() -> None:
        """Waits for word from the command's process; without that one, this one ends too."""
        try:
            line.recv()
        except (EOFError, OSError):
            os._exit(1)
        with suppress(RuntimeError):  # the work may be done, and its loop closed
            loop.call_soon_threadsafe(stop.set)

    def on_progress(counts: Counts) -> None:
        nonlocal shown
        if time.monotonic() - shown >= _PROGRESS_SECONDS:
            shown = time.monotonic()
            line.send(counts)

    threading.Thread(target=obey, daemon=True).start()
    crew = task.crew
    limits = crew.limits.share(task.number, crew.number)
    recipe = crew.recipe()
    with Store.join(task.ledger, line.send) as store:
        async with crew.model(limits, line.send) as model:
            check_identity(task, recipe, model)
            spare_the_collector()
            places: dict[int, int] = {}
            telling = asyncio.create_task(_tell_traffic(model, line))
            try:
                return await run_shard(
                    _received(articles, places),
                    recipe,
                    model,
                    PlacedRun(store, task.run, places),
                    concurrency=limits.concurrency,
                    on_progress=on_progress,
                    stop=stop,
                )
            finally:
                telling.cancel()


async def _tell_traffic(model: Model, line: Connection) -> None:
    """Tells it also while no article is done; and how it was in the end."""
    if not isinstance(model, KnowsTraffic):
        return
    with suppress(OSError):  # nobody listens any more
        try:
            while True:
                await asyncio.sleep(_TRAFFIC_SECONDS)
                line.send(model.traffic)
        finally:
            line.send(model.traffic)


def check_identity(task: Assignment, recipe: Recipe, model: Model) -> None:
    """Raises `InputError` when what is opened here is not what the run was begun with."""
    if recipe_identity(recipe, model) != task.identity:
        raise InputError(
            "the prompt or the schema was changed while the backfill began",
            hint="run the same command again",
        )


def _received(articles: Connection, places: dict[int, int]) -> Iterator[Place]:
    """The articles of the shard; `places` gets the place in the input of each."""
    number = 0
    while (chunk := articles.recv()) is not None:
        for place, item in chunk:
            places[number] = place
            number += 1
            yield item
