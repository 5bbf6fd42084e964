"""The batches of a ledger at their provider: made once, looked for, waited for and read.

Nothing is sent twice. Before a batch is made (its file is at the provider then), it stands in the
ledger with the keys of all its requests, and its marker goes with it to the provider; whoever does
not know whether it was made looks for the marker there first. A batch that nobody waits for goes
on at the provider.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from extractor.asking import STOPS_THE_RUN
from extractor.backfill.harvest import Harvest, kept
from extractor.backfill.outgoing import RequestFile
from extractor.errors import (
    AccessDenied,
    BatchLost,
    BatchStopped,
    ExtractorError,
    InputError,
    ModelError,
    QuotaExhausted,
    RequestRefused,
    StoreError,
)
from extractor.store import Batch, Batches
from extractor.store.file import advice

if TYPE_CHECKING:
    from extractor.openai_batches import BatchState, OpenAIBatches

POLL_SECONDS = 60.0
TRIES = 20
"""How often a step is tried; with the usual pauses, that takes some fifteen minutes."""
UNSURE_SECONDS = 600.0
"""For so long after its intent, a batch that is not found is looked for once more."""
LONGEST_TOLD = 3600.0
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
            harvest = await kept(batch, path, self.batches, self._provider)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}", hint=advice(str(error))) from error
        finally:
            path.unlink(missing_ok=True)
        if harvest.strangers:
            lines = f"{harvest.strangers:,} lines of results"
            self._say(f"{lines} are of no request that waits for one")
        return harvest

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


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ExtractorError) and error.retryable


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
