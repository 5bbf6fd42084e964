"""A backfill through a provider's Batch API: half the price, and answers within a day.

It goes in rounds. In a pass over the input, each article is read as it is online (`shards`), but
a request that the ledger has no reply to goes into a batch, and its article waits (`Postponed`).
The batches are sent and waited for; their replies go into the ledger; the next pass makes the
records of them. What these passes ask besides (fields again, or windows of a text that was too
long) is the next round's batch. A round that brings no answer at all ends the run.

`batch_post` sends nothing twice; what its batches brought is its `harvest`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.backfill.batch_post import BatchApi, BatchPost, Say
from extractor.backfill.harvest import Harvest
from extractor.backfill.postponing import Postponing
from extractor.backfill.spending import Spending
from extractor.errors import BatchStopped, ModelError
from extractor.model import Model
from extractor.records import Usage
from extractor.shards import Counts, Place, run_shard
from extractor.store import Batch, Batches, Run

if TYPE_CHECKING:
    from extractor.catalog import Recipe


@dataclass(frozen=True)
class BatchRun:
    """A run whose requests go into batches. `model` answers repairs online, where so wished."""

    way: BatchApi
    recipe: Recipe
    model: Model
    run: Run
    folder: Path
    spending: Spending | None
    concurrency: int
    say: Say

    async def done(
        self,
        places: Callable[[], Iterable[Place]],
        on_progress: Callable[[Counts, str], None],
        stop: asyncio.Event,
    ) -> Counts:
        """Brings the articles to outcomes in the ledger; `places` begins the input anew.

        `on_progress` is told the counts, and how far the batches are. Setting `stop` leaves the
        batches at the provider to themselves. Raises the first of `STOPS_THE_RUN`, among them
        `BudgetReached` and, when requests are left that nobody answered, `BatchStopped`.
        """
        batches = Batches(self.run.store)
        post = BatchPost(batches, self.folder, self.way, self.say, stop)
        rounds = _Rounds(self, post, on_progress, stop)
        try:
            batches.forget_outcomes()
            await post.take_up()
            return await rounds.done(places)
        except ModelError as error:
            if error.retryable and stop.is_set():
                return replace(rounds.counts, interrupted=True)
            if error.retryable:  # it was waited out in vain
                raise BatchStopped(error.message, hint=error.hint) from None
            raise
        finally:
            with suppress(OSError):
                post.folder.rmdir()


class _Rounds:
    """The rounds of a run, and how far it is."""

    def __init__(
        self,
        work: BatchRun,
        post: BatchPost,
        on_progress: Callable[[Counts, str], None],
        stop: asyncio.Event,
    ) -> None:
        self.counts = Counts()
        self._work = work
        self._post = post
        self._model = Postponing(work.model, post, work.way, work.spending)
        self._on_progress = on_progress
        self._stop = stop
        self._known: int | None = None
        self._usage = Usage()
        self._is_left = False
        """Whether articles are without an outcome after the last pass."""

    async def done(self, places: Callable[[], Iterable[Place]]) -> Counts:
        """One round after the other, as long as there is something to send and to learn."""
        for batch in self._post.batches.open():
            if self._work.spending is not None:
                self._work.spending.held(batch.marker, batch.most)
        stops: tuple[str, ...] = ()
        while True:
            await self._pass(places())
            opened = self._post.batches.open()
            if self._stop.is_set() or not opened:
                break
            harvest = await self._wait(opened)
            stops += harvest.stops
            if not harvest.replies + harvest.refused:
                why = f": {harvest.why}" if harvest.why else ""
                stops += (f"{harvest.unanswered:,} requests were not answered{why}",)
            if self._stop.is_set():
                break
            self._model.is_closed = bool(stops)
        return self._end(stops)

    async def _pass(self, places: Iterable[Place]) -> None:
        """Makes records of what is known, and sends off what is not."""
        work, before = self._work, self._usage
        self._model.reached = None

        def told(counts: Counts) -> None:
            known = counts.known if self._known is None else self._known
            self.counts = replace(counts, known=known, usage=before + counts.usage)
            self._usage = self.counts.usage
            self._on_progress(self.counts, self._post.says)

        try:
            counts = await run_shard(
                places,
                work.recipe,
                self._model,
                work.run,
                concurrency=work.concurrency,
                on_progress=told,
                stop=self._stop,
            )
            told(counts)
            self._known, self._is_left = self.counts.known, counts.interrupted
            if not self._stop.is_set():
                await self._model.flush()
        finally:
            self._model.drop()

    async def _wait(self, opened: tuple[Batch, ...]) -> Harvest:
        requests = sum(batch.requests for batch in opened)
        self._work.say(
            f"waiting for {requests:,} requests in {len(opened):,} batches, which are asked for "
            f"every {self._work.way.poll:g} s; Ctrl-C leaves them to themselves"
        )
        showing = asyncio.create_task(self._show())
        try:
            harvest = await self._post.ended()
        finally:
            showing.cancel()
        self._usage += harvest.usage
        if self._work.spending is not None:
            self._work.spending.spent += harvest.usage
            left = {batch.marker for batch in self._post.batches.open()}
            for batch in opened:
                if batch.marker not in left:
                    self._work.spending.free(batch.marker, Usage())
        return harvest

    async def _show(self) -> None:
        """Shows what is heard of the batches."""
        shown = ""
        while True:
            if self._post.says != shown:
                shown = self._post.says
                self._on_progress(self.counts, shown)
            await asyncio.sleep(min(1.0, self._work.way.poll))

    def _end(self, stops: tuple[str, ...]) -> Counts:
        left = self._post.batches.open()
        if self._stop.is_set():
            if left:
                requests = sum(batch.requests for batch in left)
                self._work.say(
                    f"{len(left):,} batches with {requests:,} requests go on at the provider; the "
                    "same command fetches what they bring"
                )
            return replace(self.counts, interrupted=True)
        if stops and self._is_left:
            raise BatchStopped(
                "; ".join(dict.fromkeys(stops)),
                hint="what was answered is kept; run the same command again to send the rest",
            )
        if self._model.reached is not None:
            raise self._model.reached
        return replace(self.counts, interrupted=False)
