"""Processes that make records, beside the one that speaks HTTP.

That one must not stand still for the ten milliseconds that a record takes: meanwhile answers
arrive, and whoever comes is to be told at once that there is no place. What a process could not
make is made here, in a slower way: nothing is lost with it.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import pickle
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from extractor.catalog import Recipe
from extractor.making import Made, Order, Recipes, make, take_orders
from extractor.reading import LONG, Asked, Readings, aside
from extractor.records import Article

Beginning = Callable[[Article, Recipe, Readings, Asked], "Begun | None"]
"""Begins a record that is likely to be wanted (`Workers.begin`)."""
Making = Callable[[Article, Recipe, Readings, Asked, "Begun | None"], Awaitable[Made]]
"""Makes a record of replies (`making.make`), wherever that is done; what was begun may be it."""
_END_SECONDS = 5.0
_AGAIN_SECONDS = 5.0
_AHEAD_SECONDS = 0.01
"""A text is told so long after its request began: a process that is told wakes up, as a rule on the
processor of the one that tells, which is to send the model's request first."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Begun:
    """A record that is being made, before it is known whether these readings are all there are."""

    readings: Readings
    worker: _Worker
    made: asyncio.Future[Made | None]


async def make_here(article: Article, recipe: Recipe, readings: Readings, asked: Asked) -> Made:
    """A record, made in this process."""
    return await aside(len(article.text), make, article, recipe, readings, asked)


class Workers:
    """So many processes (`number`), as long as it is entered; none: all is made here."""

    def __init__(self, number: int, recipes: Recipes) -> None:
        self._number = number
        self._recipes = recipes
        self._workers: list[_Worker] = []
        self._replacing: set[asyncio.Task[None]] = set()
        self._leaving = asyncio.Event()

    async def __aenter__(self) -> Workers:
        for _ in range(self._number):
            await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leaving.set()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        workers, self._workers = self._workers, []
        for worker in workers:
            await worker.end()

    @property
    def processes(self) -> list[int]:
        """Their ids."""
        return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    def expect(self, text: str) -> None:
        """The order of a text will follow: a process reads it ahead, unless it is long."""
        if self._workers and len(text) <= LONG:
            loop = asyncio.get_running_loop()
            loop.call_later(_AHEAD_SECONDS, self._likely(text).tell, text)

    def _likely(self, text: str) -> _Worker:
        return self._workers[hash(text) % len(self._workers)]

    def begin(
        self, article: Article, recipe: Recipe, readings: Readings, asked: Asked
    ) -> Begun | None:
        """Begins a record in the process that has the least to do, if possible the one that has
        read its text. It is for `make` to wait for it, should it be wanted.

        None where there is no process, for a long text, behind which others would wait, and for
        what cannot be told to a process.
        """
        if not self._workers or len(article.text) > LONG:
            return None
        if (order := Order.of(article, recipe, readings, asked)) is None:
            return None
        likely = self._likely(article.text)
        worker = min(self._workers, key=lambda each: (each.waiting, each is not likely))
        try:
            return Begun(readings, worker, worker.order(order))
        except ConnectionError:
            self._gone(worker)
        except (pickle.PicklingError, RecursionError):
            pass  # an endpoint may nest what it answers deeper than pickle goes
        return None

    async def make(
        self,
        article: Article,
        recipe: Recipe,
        readings: Readings,
        asked: Asked,
        begun: Begun | None,
    ) -> Made:
        """A record: the one that was begun, if it is of these readings, else one that is begun
        now; made here where none can be begun."""
        if begun is None or begun.readings != readings:
            begun = self.begin(article, recipe, readings, asked)
        if begun is not None:
            try:
                made = await begun.made
            except ConnectionError:
                self._gone(begun.worker)
            else:
                if made is not None:
                    return made
        return await make_here(article, recipe, readings, asked)

    def _gone(self, worker: _Worker) -> None:
        """Another takes the place of a process that has ended."""
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        _LOG.error("a process that makes records ended (status %s)", worker.process.exitcode)
        task = asyncio.create_task(self._replace(worker))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace(self, worker: _Worker) -> None:
        await worker.end()
        try:
            await asyncio.wait_for(self._leaving.wait(), _AGAIN_SECONDS)
        except TimeoutError:  # what ends one may end the next: not at once
            await self._start()

    async def _start(self) -> None:
        self._workers.append(await _Worker.start(self._recipes))


class _Worker:
    """One process, and who waits for what it makes, in order."""

    def __init__(
        self,
        process: BaseProcess,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.process = process
        self._writer = writer
        self._waiting: deque[asyncio.Future[Made | None]] = deque()
        self._reading = asyncio.create_task(self._read(reader))

    @classmethod
    async def start(cls, recipes: Recipes) -> _Worker:
        ours, other = socket.socketpair()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=take_orders, args=(other, recipes.unread()), daemon=True)
        with other:
            await asyncio.to_thread(process.start)
        return cls(process, *await asyncio.open_unix_connection(sock=ours))

    @property
    def waiting(self) -> int:
        """How many records it has yet to make."""
        return len(self._waiting)

    def tell(self, text: str) -> None:
        """A text, whose order may follow. One that has ended is seen by whoever orders."""
        if not self._reading.done():
            self._writer.write(pickle.dumps(text, pickle.HIGHEST_PROTOCOL))

    def order(self, order: Order) -> asyncio.Future[Made | None]:
        """What it will make of an order, if it can. Raises `ConnectionError` when it has ended; so
        does waiting, when it ends meanwhile. Raises what pickling raises."""
        if self._reading.done():
            raise ConnectionError
        told = pickle.dumps(order, pickle.HIGHEST_PROTOCOL)
        made: asyncio.Future[Made | None] = asyncio.get_running_loop().create_future()
        # Nobody need wait for it: its error is then no news.
        made.add_done_callback(lambda each: each.cancelled() or each.exception())
        self._waiting.append(made)
        self._writer.write(told)
        return made

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(4), "big")
                made = pickle.loads(await reader.readexactly(length))
                waiting = self._waiting.popleft()
                if not waiting.done():  # who waited may have been cancelled
                    waiting.set_result(made)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            for waiting in self._waiting:
                if not waiting.done():
                    waiting.set_exception(ConnectionError())
            self._waiting.clear()

    async def end(self) -> None:
        """Closes it; a process that does not end by itself is killed."""
        self._writer.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await asyncio.to_thread(self.process.join, _END_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            await asyncio.to_thread(self.process.join)
        with suppress(OSError):  # what it was still to be told goes nowhere
            await self._writer.wait_closed()
