"""A backfill through a provider's Batch API: half the price, and answers within a day.

It goes in rounds. In a pass over the input, each article is read as it is online (`shards`), but
a request that the ledger has no reply to goes into a batch, and its article waits (`Postponed`).
The batches are sent and waited for; their replies go into the ledger; the next pass makes the
records of them. What these passes ask besides (fields again, or windows of a text that was too
long) is the next round's batch. A round that brings no answer at all ends the run.

Nothing is sent twice. Before a batch is made (its file is at the provider then), it stands in the
ledger with the keys of all its requests, and its marker goes with it to the provider; whoever does
not know whether it was made looks for the marker there first. A batch that nobody waits for goes
on at the provider.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from extractor.asking import STOPS_THE_RUN, Postponed, request_key
from extractor.backfill.outgoing import RequestFile
from extractor.backfill.spending import Budgeted, Spending, most_of
from extractor.errors import (
    AccessDenied,
    ArticleTooLong,
    BatchLost,
    BatchStopped,
    BudgetReached,
    ExtractorError,
    InputError,
    ModelError,
    QuotaExhausted,
    RequestRefused,
    StoreError,
)
from extractor.model import Completion, Decoding, Model, Request
from extractor.records import Usage
from extractor.repair import is_repair
from extractor.shards import Counts, Place, run_shard
from extractor.store import Batch, Batches, Run
from extractor.store.file import advice

if TYPE_CHECKING:
    from extractor.catalog import Recipe
    from extractor.openai_batches import BatchState, OpenAIBatches

POLL_SECONDS = 60.0
TRIES = 20
"""How often a step is tried; with the usual pauses, that takes some fifteen minutes."""
UNSURE_SECONDS = 600.0
"""For so long after its intent, a batch that is not found is looked for once more."""
LONGEST_TOLD = 3600.0
_AT_ONCE = 500
_FOLDER = "batches"
_NOT_MADE = (RequestRefused, AccessDenied, QuotaExhausted)
"""Errors after which it is certain that nothing was made."""

Repairs = Literal["batch-api", "online"]
Say = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class BatchApi:
    """`poll` is how many seconds lie between two questions how far the batches are; `repairs` how
    failed fields are asked again."""

    provider: OpenAIBatches
    poll: float = POLL_SECONDS
    repairs: Repairs = "batch-api"


@dataclass(frozen=True)
class Harvest:
    """What batches brought: replies with what they took, requests that have none for a reason,
    and requests that wait again. `why` is what the provider says of those; `stops` is why nothing
    more is to be sent by itself."""

    replies: int = 0
    refused: int = 0
    unanswered: int = 0
    usage: Usage = field(default_factory=Usage)
    why: str = ""
    stops: tuple[str, ...] = ()

    def __add__(self, other: Harvest) -> Harvest:
        return Harvest(
            self.replies + other.replies,
            self.refused + other.refused,
            self.unanswered + other.unanswered,
            self.usage + other.usage,
            self.why or other.why,
            self.stops + other.stops,
        )


class BatchPost:
    """The batches of a ledger at their provider: made, looked for, waited for and read.

    Errors that may pass are waited out, `TRIES` times in a row. Setting `stop` ends all waiting.
    """

    def __init__(
        self, batches: Batches, folder: Path, way: BatchApi, say: Say, stop: asyncio.Event
    ) -> None:
        self.batches = batches
        self.folder = folder / _FOLDER
        self.says = ""
        """How far the open batches are, in a few words."""
        self._way = way
        self._provider = way.provider
        self._say = say
        self._stop = stop

    async def take_up(self) -> None:
        """Finds out what became of batches that a run intended and did not see made.

        Raises `InputError` for batches that are elsewhere.
        """
        RequestFile.sweep(self.folder)
        for batch in self.batches.open():
            if batch.endpoint != self._provider.address:
                raise InputError(
                    f"{batch.requests:,} requests of this folder are in a batch at "
                    f"{batch.endpoint}",
                    hint="name that endpoint, or choose another folder for --out",
                )
            if batch.provider is not None:
                self._say(f"batch {batch.provider} is gone on with ({batch.requests:,} requests)")
                continue
            found = await self._find(batch)
            if found is None:
                self.batches.end(batch, "never made")
            else:
                self._made(batch, found, "was sent by a run that ended then")

    async def send(self, file: RequestFile) -> None:
        """Makes a batch of a file. Raises errors of `STOPS_THE_RUN` alone."""
        address = self._provider.address
        try:
            file.close()
            name = await self._patiently(self._provider.upload, file.path)
            batch = self.batches.intend(file.marker, address, file.keys, file.most)
            self._made(batch, await self._create(batch, name), "sent")
        except ModelError as error:
            if error.retryable and self._stop.is_set():
                return  # the next run finds out
            if isinstance(error, STOPS_THE_RUN):
                raise
            raise BatchStopped(
                f"a batch of {len(file.keys):,} requests was not made: {error.message}",
                hint="does this endpoint have OpenAI's Batch API, and for this model?",
            ) from None
        finally:
            file.drop()

    async def ended(self) -> Harvest:
        """Waits until no batch is open, or for the stop, and keeps what they brought."""
        harvest = Harvest()
        while True:
            states = []
            for batch in self.batches.open():
                if self._stop.is_set():
                    return harvest
                state = await self._state(batch)
                if state is None:
                    continue
                if isinstance(state, Harvest):
                    harvest += state
                elif state.has_ended:
                    harvest += await self._read(batch, state)
                else:
                    self.batches.note(batch, state.status)
                    states.append(state)
            self.says = _said(states)
            if not states:
                return harvest
            await self._pause(self._way.poll)

    async def _create(self, batch: Batch, file: str) -> BatchState:
        """The batch, made once. After an error that leaves it open whether it was, it is looked
        for before it is tried again."""
        error: ModelError | None = None
        for _ in range(TRIES):
            try:
                return await self._provider.create(file, batch.marker)
            except ModelError as failed:
                error = failed
            if isinstance(error, _NOT_MADE):
                self.batches.end(batch, "refused")
            if not error.retryable or self._stop.is_set():
                break
            if (found := await self._find(batch)) is not None:
                return found
        assert error is not None
        raise error

    async def _find(self, batch: Batch) -> BatchState | None:
        """The batch at the provider. A young one may not be listed yet: it is looked for twice."""
        found = await self._patiently(self._provider.find, batch.marker, batch.intended)
        age = (datetime.now(UTC) - batch.intended).total_seconds()
        if found is None and age < UNSURE_SECONDS:
            await self._pause(self._way.poll)
            found = await self._patiently(self._provider.find, batch.marker, batch.intended)
        return found

    def _made(self, batch: Batch, found: BatchState, how: str) -> None:
        self.batches.created(batch, found.id)
        self._say(f"batch {found.id} {how} ({batch.requests:,} requests)")

    async def _state(self, batch: Batch) -> BatchState | Harvest | None:
        """How far a batch is, or what is left of one that is lost; None after the stop."""
        assert batch.provider is not None
        try:
            return await self._patiently(self._provider.state, batch.provider)
        except BatchLost as lost:
            if self._stop.is_set():
                return None
            unanswered = self.batches.end(batch, "lost")
            harvest = Harvest(unanswered=unanswered, stops=(lost.message,))
            return self._told(batch, "lost", harvest)

    async def _read(self, batch: Batch, state: BatchState) -> Harvest:
        """Keeps what the files of a batch's results hold. Raises `ModelError` for one that cannot
        be had now: the batch stays open, and the next run reads it."""
        harvest = Harvest()
        for file in state.files:
            try:
                harvest += await self._fetched(batch, file)
            except BatchLost as lost:
                if self._stop.is_set():
                    raise
                harvest += Harvest(stops=(lost.message,))
        unanswered = self.batches.end(batch, state.status)
        harvest += Harvest(unanswered=unanswered, why=state.why, stops=_stops(state))
        return self._told(batch, state.status, harvest)

    async def _fetched(self, batch: Batch, file: str) -> Harvest:
        """What one file of a batch's results holds, kept."""
        path = self.folder / f"{batch.marker}.results"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            await self._patiently(self._provider.fetch, file, path)
            return await self._keep(batch, path)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}", hint=advice(str(error))) from error
        finally:
            path.unlink(missing_ok=True)

    async def _keep(self, batch: Batch, path: Path) -> Harvest:
        """Puts what a file of results says into the ledger, by the keys of the requests."""
        harvest, strangers = Harvest(), 0
        with path.open("rb") as lines:
            while chunk := list(islice(lines, _AT_ONCE)):
                found = _by_key(chunk)
                awaited = self.batches.awaited(batch, found)
                strangers += sum(not line.isspace() for line in chunk) - len(awaited)
                harvest += self._keep_some({key: found[key] for key in found if key in awaited})
                await asyncio.sleep(0)
        if strangers:
            self._say(f"{strangers:,} lines of results are of no request that waits for one")
        return harvest

    def _keep_some(self, found: dict[str, dict[str, Any]]) -> Harvest:
        replies: dict[str, Completion] = {}
        outcomes: dict[str, str] = {}
        lasting: list[str] = []
        stops: tuple[str, ...] = ()
        for key, line in found.items():
            match self._provider.read(line):
                case Completion() as reply:
                    replies[key] = reply
                case ModelError() as error if isinstance(error, STOPS_THE_RUN):
                    stops = (error.message,)  # it is not the request's fault, which waits again
                case ExtractorError() as reason:
                    outcomes[key] = json.dumps(line)
                    lasting += [key] if isinstance(reason, ArticleTooLong) else []
        self.batches.keep(replies, outcomes, lasting)
        usage = sum((reply.usage for reply in replies.values()), Usage())
        return Harvest(len(replies), len(outcomes), usage=usage, stops=stops)

    def _told(self, batch: Batch, status: str, harvest: Harvest) -> Harvest:
        self._say(
            f"batch {batch.provider} {status}: {harvest.replies:,} replies, "
            f"{harvest.refused:,} refused, {harvest.unanswered:,} unanswered"
            + (f" ({harvest.why})" if harvest.why else "")
        )
        return harvest

    async def _patiently(self, step: Callable[..., Awaitable[T]], *values: object) -> T:
        """Errors that may pass are waited out."""
        policy = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=lambda state: self._stop.is_set() or stop_after_attempt(TRIES)(state),
            wait=self._wait,
            sleep=self._pause,
            reraise=True,
        )
        return await policy(step, *values)

    def _wait(self, state: RetryCallState) -> float:
        """As long as the provider says, else longer each time up to the time between polls."""
        error = state.outcome.exception() if state.outcome else None
        told = getattr(error, "retry_after", None)
        if told is not None:
            return min(float(told), LONGEST_TOLD)
        poll = self._way.poll
        return wait_exponential_jitter(multiplier=poll / 60, max=poll, jitter=poll / 60)(state)

    async def _pause(self, seconds: float) -> None:
        """Waits, but not beyond the stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


class Postponing:
    """A model whose requests go into batches: it answers none of them now.

    `online` is the one that answers repairs at once, where that is wished.
    """

    def __init__(
        self, model: Model, post: BatchPost, way: BatchApi, spending: Spending | None
    ) -> None:
        self.reached: BudgetReached | None = None
        """Why some requests are in no batch: they did not fit the budget."""
        self.is_closed = False
        """Whether nothing more is to be put into batches."""
        self._model = model
        self._post = post
        self._provider = way.provider
        self._spending = spending
        self._online: Model | None = None
        if way.repairs == "online":
            self._online = model if spending is None else Budgeted(model, spending)
        self._file: RequestFile | None = None
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def endpoint(self) -> Literal["embedded", "remote"]:
        return self._model.endpoint

    @property
    def decoding(self) -> Decoding:
        return self._model.decoding

    async def complete(self, request: Request) -> Completion:
        """As `answer`."""
        return await self.answer(request_key(request, self), request)

    async def answer(self, key: str, request: Request) -> Completion:
        """Raises why a batch brought no reply; else `Postponed`, once the request is in one."""
        if self._online is not None and is_repair(request):
            return await self._online.complete(request)
        line = self._post.batches.line(key)
        if line is not None and line.outcome is not None:
            reason = self._provider.read(json.loads(line.outcome))
            assert isinstance(reason, ExtractorError)
            raise reason
        async with self._turn:
            await self._put(key, request)
        raise Postponed

    async def flush(self) -> None:
        """Sends what is in no batch yet."""
        async with self._turn:
            await self._send()

    def drop(self) -> None:
        """Forgets what is in no batch yet."""
        if self._file is not None:
            if self._spending is not None:
                self._spending.free(self._file.marker, Usage())
            self._file.drop()
            self._file = None

    async def _put(self, key: str, request: Request) -> None:
        """Puts a request into the next batch, unless it is in one."""
        sent = self._post.batches.line(key) is not None
        if self.is_closed or sent or (self._file is not None and key in self._file):
            return
        line = self._provider.line(key, request)
        if self._file is not None and not self._file.has_room(line):
            await self._send()
        most = most_of(request)
        self._file = self._file or RequestFile(self._post.folder, uuid.uuid4().hex)
        if self._spending is not None:
            try:
                self._spending.hold(self._file.marker, most)
            except BudgetReached as reached:
                self.reached = self.reached or reached
                return
        self._file.add(key, line, most)

    async def _send(self) -> None:
        if self._file is not None and self._file.keys:
            file, self._file = self._file, None
            await self._post.send(file)


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


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ExtractorError) and error.retryable


def _by_key(lines: Iterable[bytes]) -> dict[str, dict[str, Any]]:
    """The lines of results that can be read, by the keys of their requests; of two, the first."""
    found: dict[str, dict[str, Any]] = {}
    for raw in lines:
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        match line:
            case {"custom_id": str(key)}:
                found.setdefault(key, line)
    return found


def _stops(state: BatchState) -> tuple[str, ...]:
    """Why nothing more is sent by itself after a batch that ended so: it was a person's wish."""
    return (f"batch {state.id} was cancelled",) if state.status == "cancelled" else ()


def _said(states: list[BatchState]) -> str:
    """Batches by status, and how many of their requests are answered."""
    if not states:
        return ""
    names = [state.status for state in states]
    counted = ", ".join(f"{names.count(name):,} {name}" for name in dict.fromkeys(names))
    answered = sum(state.answered + state.failed for state in states)
    return f"batches: {counted}; {answered:,} of {sum(s.requests for s in states):,} answered"
