"""An answer as server-sent events: what happens until it is there, and then the answer."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from extractor.errors import ExtractorError
from extractor.service.account import account
from extractor.service.idempotency import REPLAYED, Given
from extractor.service.problems import problem_document
from extractor.service.progress import Progress

MEDIA_TYPE = "text/event-stream"
PACE_SECONDS = 0.1
"""How long news are gathered before they are sent."""
_REFUSED = re.compile(r"(?:^|;)\s*q=0(?:\.0*)?\s*(?:;|$)")
_LOG = logging.getLogger(__name__)


def wants_events(request: Request) -> bool:
    """Whether the client asks to be told by events."""
    kinds = request.headers.get("accept", "").lower().split(",")
    told = (kind.partition(";") for kind in kinds)
    return any(kind.strip() == MEDIA_TYPE and not _REFUSED.search(more) for kind, _, more in told)


class EventStream(StreamingResponse):
    """Does `work`, tells its `progress` meanwhile, and then what came of it.

    When the client goes, the work is given up, unless what it makes is kept (`finish`): then
    it is done to its end, for it is paid for. `held` is closed after the work. After `heartbeat`
    seconds without news a comment is sent, for proxies close what is silent.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[Given]],
        progress: Progress,
        held: AsyncExitStack,
        *,
        finish: bool,
        heartbeat: float,
    ) -> None:
        super().__init__((), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
        self._work = work
        self._progress = progress
        self._held = held
        self._finish = finish
        self._heartbeat = heartbeat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The response, as ASGI has it."""
        async with self._held:
            work = asyncio.create_task(self._outcome())
            work.add_done_callback(lambda _: self._progress.changed.set())
            self.body_iterator = self._events(work)
            telling = asyncio.create_task(self.stream_response(send))
            gone = asyncio.create_task(_gone(receive))
            try:
                await asyncio.wait({telling, gone}, return_when=asyncio.FIRST_COMPLETED)
                if self._finish:
                    await asyncio.wait({work})
                if telling.done():
                    telling.result()
            finally:
                for task in (work, telling, gone):
                    task.cancel()
                await asyncio.gather(work, telling, gone, return_exceptions=True)

    async def _outcome(self) -> list[str]:
        """The last events: the answer, or the problem in its place."""
        try:
            given = await self._work()
        except Exception as error:
            if not isinstance(error, ExtractorError | HTTPException):
                _LOG.exception("an answer by events")
            document = problem_document(error)
            account().told = json.loads(document)["status"]
            return [_event("problem", document)]
        told = {
            "record": given.headers.get("Extractor-Record"),
            "answer": given.headers.get("Extractor-Answer"),
            "replayed": REPLAYED in given.headers,
        }
        return [_event("answer", json.dumps(told)), _event("extraction", given.body)]

    async def _events(self, work: asyncio.Task[list[str]]) -> AsyncIterator[str]:
        changed = self._progress.changed
        while not work.done():
            try:
                async with asyncio.timeout(self._heartbeat):
                    await changed.wait()
            except TimeoutError:
                yield ": still at it\n\n"
                continue
            changed.clear()
            for name, data in self._progress.take():
                yield _event(name, json.dumps(data))
            await asyncio.wait({work}, timeout=PACE_SECONDS)
        for name, data in self._progress.take():
            yield _event(name, json.dumps(data))
        for event in work.result():
            yield event


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


async def _gone(receive: Receive) -> None:
    """Waits until the client has gone."""
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
