"""A model that answers later: its requests go into batches."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Literal

from extractor.asking import Postponed, request_key
from extractor.backfill.batch_post import BatchApi, BatchPost
from extractor.backfill.outgoing import RequestFile
from extractor.backfill.spending import Budgeted, Spending, most_of
from extractor.errors import BudgetReached, ExtractorError
from extractor.model import Completion, Decoding, Model, Request
from extractor.records import Usage
from extractor.repair import is_repair


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
