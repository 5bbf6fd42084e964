"""The row-level work of a batch: every article of a shard answered once, and recorded.

What happens to one article, in this order: its reply is looked up in the ledger, or
asked for and stored (of a text read in windows, each window's reply; where fields failed,
the reply to asking again for these); the record is made
from it and stored; then it counts.
A kill between any two steps costs nothing but what was in flight.

A call of the model has its place until its reply is safe. While a record is made of that, the next
article is asked about; so many may be at either as are asked about at a time.

Where several processes that know nothing of one another share a ledger, an article is leased
before it is asked about. One that somebody else has is left to them, and looked after until it
is done, or free.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from extractor.asking import (
    STOPS_THE_RUN,
    Postponed,
    Replies,
    raise_what_may_pass,
    recipe_identity,
    record_key,
)
from extractor.errors import ExtractorError, InputError, LeaseLost, StoreError
from extractor.model import Completion, Model, Request
from extractor.pipeline import assemble, failure, info_of
from extractor.reading import LONG, Readings, read
from extractor.records import Article, Extraction, Status, Usage, digest
from extractor.resolve import prepare
from extractor.store import Entry, Run, present

if TYPE_CHECKING:
    from extractor.catalog import Recipe

LOOK_AHEAD = 32
"""How many articles are read before there is room for them; bounds the memory."""
MOST_ELSEWHERE = 500
"""So many articles that other processes are at may be waited for while others are read."""
LOOK_SECONDS = 0.5
"""How often it is looked whether they are done."""
IN_FLIGHT = 2
"""Articles that are begun for each call at a time: one is at the model, and another waits for a
call, or for its record to be made of its replies. Bounds the memory."""
AT_HAND = 2
"""None is begun while the records of so many wait to be made. Where the model is faster than that,
several requests are then made one after the other, and after them several records: either finds
its code and tables in the processor's caches, which saves a tenth of all."""
_ROUNDS = 4
"""Of the event loop, between two records: an answer takes some from the socket to the ledger,
and then the next request to the socket."""
GRACE_SECONDS = 10.0
"""How long a stop waits for the answers in flight; they are paid for. What has its answers
is made a record of, however long that takes."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An item that nobody asks about now; its place in the input is kept all the same."""

    item: Article | InputError


Place = Article | InputError | Passed


@dataclass(frozen=True)
class Counts:
    """How far a shard is. The four statuses add up to the places of the input that are done.

    `known` of these had their record in the ledger already; `usage` was paid by this run.
    `interrupted` means that articles are left because the run was asked to stop.
    """

    complete: int = 0
    partial: int = 0
    rejected: int = 0
    failed: int = 0
    known: int = 0
    usage: Usage = field(default_factory=Usage)
    interrupted: bool = False

    @property
    def done(self) -> int:
        """Places of the input that have an outcome."""
        return self.complete + self.partial + self.rejected + self.failed

    def plus(self, status: Status, *, known: bool = False) -> Counts:
        """One more place done."""
        more: dict[str, int] = {status: getattr(self, status) + 1, "known": self.known + known}
        return replace(self, **more)  # type: ignore[arg-type]  # names of integer fields


async def run_shard(
    articles: Iterable[Place],
    recipe: Recipe,
    model: Model,
    run: Run,
    *,
    concurrency: int,
    on_progress: Callable[[Counts], None],
    stop: asyncio.Event | None = None,
) -> Counts:
    """Brings every article to an outcome in the ledger, with at most `concurrency` calls of the
    model at a time.

    What goes wrong with one article is its outcome (status failed), and the next run asks
    again. One whose model says `Postponed` is left, and the others go on. Setting `stop` starts
    no more articles and gives those in flight `GRACE_SECONDS`. Raises the first of
    `STOPS_THE_RUN`, after the same grace, except that nothing waits for a ledger that cannot be
    written.
    """
    stop = stop or asyncio.Event()
    # One thread for records: several would only take the interpreter from one another, and from
    # the loop. One for reading: each that reads has memory of its own, of which it gives none back.
    with ThreadPoolExecutor(1) as thread, ThreadPoolExecutor(1) as reader:
        shard = _Shard(recipe, model, run, on_progress, thread, reader)
        await _done(shard, articles, stop, concurrency)
    left = shard.length is None or shard.counts.done < shard.length
    return replace(shard.counts, interrupted=left)


async def _done(
    shard: _Shard,
    articles: Iterable[Place],
    stop: asyncio.Event,
    concurrency: int,
) -> None:
    async with (
        _Flight(concurrency, stop) as flight,
        aclosing(shard.jobs(articles, stop)) as jobs,
    ):
        async for job in jobs:
            if not await flight.room():
                break
            await shard.prepared()
            flight.start(shard.do(job, flight))
        await flight.landed()
        # By then they are others' alone, so errors of ours are not waited for to be seen.
        while shard.elsewhere and not stop.is_set():
            for job in await shard.returned():
                if await flight.room():
                    flight.start(shard.do(job, flight))
            await flight.landed()
            if shard.elsewhere:
                await flight.pause(LOOK_SECONDS)


@dataclass(frozen=True)
class _Job:
    """An article to be done, its record's key, how many replies of it are set aside, how often it
    was made before, and the number of the lease under which its record is to be written."""

    article: Article
    key: str
    afresh: int
    tries: int
    fence: int


@dataclass(frozen=True)
class _Elsewhere:
    """An article that another process is at, and how often it was made before."""

    item: Article | InputError
    tries: int


class _Shard:
    """The steps of the work, and how far it is."""

    def __init__(
        self,
        recipe: Recipe,
        model: Model,
        run: Run,
        on_progress: Callable[[Counts], None],
        thread: ThreadPoolExecutor,
        reader: ThreadPoolExecutor,
    ) -> None:
        self.counts = Counts()
        self.length: int | None = None
        """Places of the input that are to be done, once it is read to the end."""
        self.elsewhere: list[tuple[str, _Elsewhere]] = []
        """What others are at, with the keys of the records."""
        self._recipe = recipe
        self._model = model
        self._run = run
        self._thread = thread
        self._reader = reader
        self._store = run.store
        self._on_progress = on_progress
        self._safe = 0
        """Replies so far that are in the ledger."""
        self._is_prepared = False
        self._identity = recipe_identity(recipe, model)
        self._replies = Replies(run.store, model, on_paid=self._paid)

    async def jobs(
        self, articles: Iterable[Place], stop: asyncio.Event
    ) -> AsyncGenerator[_Job, None]:
        """What is left to do, in the order of the input."""
        places = enumerate(articles)
        length = 0
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            # In a thread, because a slow disk must not keep answers from being stored.
            reading = loop.run_in_executor(self._reader, lambda: list(islice(places, LOOK_AHEAD)))
            chunk = await reading
            if not chunk:
                self.length = length
                return
            length += sum(not isinstance(item, Passed) for _, item in chunk)
            for job in await self._entered(chunk):
                yield job
            while self.elsewhere and not stop.is_set():
                for job in await self.returned():
                    yield job
                if len(self.elsewhere) <= MOST_ELSEWHERE:
                    break
                await asyncio.sleep(LOOK_SECONDS)

    async def _entered(self, chunk: list[tuple[int, Place]]) -> list[_Job]:
        """Notes these places in the ledger; those that have their outcome count at once."""
        wanted = {place for place, item in chunk if not isinstance(item, Passed)}
        items = [(n, item.item if isinstance(item, Passed) else item) for n, item in chunk]
        keyed = [(place, item, self._key(item)) for place, item in items]
        entries = [Entry(place, info_of(item).id, key) for place, item, key in keyed]
        await present(self._store, partial(self._run.enter, entries))
        return await self._begun([(key, item) for place, item, key in keyed if place in wanted])

    async def returned(self) -> list[_Job]:
        """Looks after what others are at: what is done counts, what became free is to be done."""
        before, self.elsewhere = self.elsewhere, []
        tries = {key: each.tries for key, each in before}
        await present(self._store, self._store.take_back)
        return await self._begun([(key, each.item) for key, each in before], tries)

    async def _begun(
        self,
        items: list[tuple[str, Article | InputError]],
        before: Mapping[str, int] | None = None,
    ) -> list[_Job]:
        """Counts what has its outcome, and leases what has none; what somebody else has leased
        is `elsewhere`. `before` says how often records were made when that was so."""
        unusable = {key for key, item in items if isinstance(item, InputError)}
        look = partial(self._store.standing, [key for key, _ in items], unusable)
        standings = await present(self._store, look)
        jobs: list[_Job] = []
        for key, item in items:
            found = standings[key]
            if found.fence and any(key == job.key for job in jobs):
                found = replace(found, fence=None)  # it stands here twice, and is leased once
            if before is not None and found.fence is not None and found.tries > before[key]:
                # It failed there just now, and is not for this run to try again.
                await present(self._store, partial(self._store.release, [key]))
                self._count("failed", known=True)
            elif found.status is not None:
                self._count(found.status, known=True)
            elif found.fence is None:
                self.elsewhere.append((key, _Elsewhere(item, found.tries)))
            elif isinstance(item, InputError):
                await self._save(key, failure(info_of(item), item), found.fence)
            else:
                jobs.append(_Job(item, key, found.afresh, found.tries, found.fence))
        return jobs

    async def _save(self, key: str, extraction: Extraction[Any], fence: int) -> None:
        save = partial(self._store.save_record, key, extraction, fence)
        await present(self._store, save)
        self._count(extraction.status)
        self._run.on_made(extraction)

    def _key(self, item: Article | InputError) -> str:
        if isinstance(item, InputError):
            return digest({"unusable": [item.code, item.message, item.hint]})
        return record_key(item, self._identity)

    def _count(self, status: Status, *, known: bool = False) -> None:
        self.counts = self.counts.plus(status, known=known)
        self._on_progress(self.counts)

    async def prepared(self) -> None:
        """Before the first article is asked about, what its record will need is read: answers
        that wait for that keep the others from the model."""
        if not self._is_prepared:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._reader, prepare, self._recipe.schema.json_schema)
            self._is_prepared = True

    async def do(self, job: _Job, flight: _Flight) -> None:
        """Brings one article to its outcome, unless that has to wait."""
        is_begun = False

        async def ask(request: Request) -> Completion:
            nonlocal is_begun
            async with flight.call(is_first=not is_begun):
                if not is_begun and not await self._is_ours(job):
                    self._leave(job)
                    raise Postponed
                is_begun = True
                reply = await self._replies.reply(request, afresh=job.afresh)
                self._safe += 1
                return reply

        try:
            found = read(job.article, self._recipe, ask, self._model.decoding)
            readings = tuple([reading async for reading in found])
            raise_what_may_pass(readings)
        except STOPS_THE_RUN:
            raise
        except Postponed:
            return
        except ExtractorError as error:
            extraction = failure(info_of(job.article), error)
        else:
            extraction = await self._made(job.article, readings, flight)
        try:
            await self._save(job.key, extraction, job.fence)
        except LeaseLost:
            self._leave(job)

    async def _is_ours(self, job: _Job) -> bool:
        """A process that stood still may have been taken for dead: what it had leased and not
        asked about is then another's to ask about."""
        return await present(self._store, partial(self._store.holds, job.key, job.fence))

    def _leave(self, job: _Job) -> None:
        self.elsewhere.append((job.key, _Elsewhere(job.article, job.tries)))

    async def _made(self, article: Article, readings: Readings, flight: _Flight) -> Extraction[Any]:
        """What the replies amount to, also when this is cancelled: they are paid for.

        A long text is worked on in a thread, so that answers that arrive meanwhile are stored
        at once. A short one takes less time than a thread and the loop take to part the
        interpreter between them: it is worked on here, one at a time, and what has arrived
        is stored first.
        """
        work = partial(assemble, article, self._recipe, readings, self._model)
        if len(article.text) > LONG:
            loop = asyncio.get_running_loop()
            return await _to_the_end(loop.run_in_executor(self._thread, work))
        with suppress(asyncio.CancelledError):
            async with flight.turn():
                before = -1
                while before < self._safe:  # what arrived brings the next, or is followed by more
                    before = self._safe
                    for _ in range(_ROUNDS):
                        await asyncio.sleep(0)
        return work()

    def _paid(self, usage: Usage) -> None:
        self.counts = replace(self.counts, usage=self.counts.usage + usage)


async def _to_the_end(work: Awaitable[Extraction[Any]]) -> Extraction[Any]:
    """Waits for work in a thread also when cancelled: a thread cannot be stopped, and what
    it makes of paid answers is to be kept."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        return await task


class _Flight:
    """The tasks in flight: of no more than `limit` is a reply awaited at a time, and there are
    no more than `IN_FLIGHT` times as many. None is started after the stop, nor while `AT_HAND`
    have their replies and wait."""

    def __init__(self, limit: int, stop: asyncio.Event) -> None:
        self._most = IN_FLIGHT * limit
        self._calls = asyncio.Semaphore(limit)
        self._turn = asyncio.Lock()
        self._at_hand = 0
        self._stop = stop
        self._is_ending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: list[asyncio.Task[None]] = []
        """Those of them that have ended, until somebody looks."""
        self._news = asyncio.Event()

    async def __aenter__(self) -> _Flight:
        self._stopping = asyncio.create_task(self._stop.wait())
        self._stopping.add_done_callback(lambda _: self._news.set())
        return self

    @asynccontextmanager
    async def call(self, *, is_first: bool) -> AsyncIterator[None]:
        """The place of a call, in the order of their coming; until its reply is safe.

        Raises `Postponed` for the first call of an article when no more are to be asked about.
        """
        async with self._calls:
            if is_first and (self._is_ending or self._stop.is_set()):
                raise Postponed
            try:
                yield
            except STOPS_THE_RUN:
                self._is_ending = True  # before this place is another's
                raise

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The turn of an article's record, of which one is made at a time."""
        self._at_hand += 1
        try:
            async with self._turn:
                yield
        finally:
            self._at_hand -= 1

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Sends off a coroutine; ask for `room` first."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note)

    def _note(self, task: asyncio.Task[None]) -> None:
        self._ended.append(task)
        self._news.set()

    async def room(self) -> bool:
        """Waits until one more may start; False when none may any more."""
        while self._is_full() and not self._stop.is_set():
            await self._one_ends()
        return not self._stop.is_set()

    def _is_full(self) -> bool:
        return len(self._tasks) >= self._most or self._at_hand >= AT_HAND

    async def pause(self, seconds: float) -> None:
        """Waits so long, or for the stop."""
        await asyncio.wait({self._stopping}, timeout=seconds)

    async def landed(self) -> None:
        """Waits until all have ended, or for the stop."""
        while self._tasks and not self._stop.is_set():
            await self._one_ends()

    async def _one_ends(self) -> None:
        """Waits for a task to end, or for the stop; raises the error that a task ended with."""
        await self._news.wait()
        self._news.clear()
        ended, self._ended = self._ended, []
        self._tasks.difference_update(ended)
        for error in [task.exception() for task in ended]:
            if error is not None:
                raise error

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Gives those in flight their grace and cancels the rest; no task outlives this."""
        self._is_ending = True
        try:
            at_once = isinstance(error, StoreError) or not isinstance(error, Exception | None)
            if self._tasks and not at_once:
                await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        finally:
            for task in (*self._tasks, self._stopping):
                task.cancel()
            ends = await asyncio.gather(*self._tasks, self._stopping, return_exceptions=True)
        failures = [end for end in ends if isinstance(end, Exception)]
        if error is None and failures:
            raise failures[0]
