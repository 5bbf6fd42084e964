"""A model whose replies are kept, so that a run that was interrupted goes on where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractor.asking import request_key
from extractor.model import Completion, Model, Request

if TYPE_CHECKING:
    from extractor.store import Store


class KeptReplies:
    """Asks `model` once for each request: what was answered is in `store` before it is used.

    A reply is found again by everything that determines it (`asking.request_key`).
    """

    def __init__(self, model: Model, store: Store) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._store = store

    async def complete(self, request: Request) -> Completion:
        """The kept reply, or a new one."""
        key = request_key(request, self)
        if (kept := self._store.reply(key)) is not None:
            return kept
        completion = await self._model.complete(request)
        self._store.save_reply(key, completion)
        return completion
