"""Where the service's records come from: the model alone, or a ledger and then the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from weakref import WeakValueDictionary

from extractor.asking import Replies, raise_what_may_pass, recipe_identity, record_key
from extractor.catalog import Recipe
from extractor.errors import ExtractorError
from extractor.model import Model
from extractor.reading import Asked, Readings, answer, aside, read
from extractor.records import Article, Extraction
from extractor.store import Store


@dataclass(frozen=True)
class Answer:
    """An extraction as JSON. `record` is its key in the ledger, where there is one, and `stored`
    whether it was there already."""

    json: str
    record: str | None = None
    stored: bool = False


Made = Callable[[Extraction[Any]], None]
Assemble = Callable[[Article, Recipe, Readings, Asked], Extraction[Any]]
"""`pipeline.assemble`, or it and something around."""


class Turn(Protocol):
    """One's turn to work (`Admission.turn`)."""

    def __call__(self) -> AbstractAsyncContextManager[None]: ...


class Direct:
    """Asks the model each time. `made` is told of each extraction."""

    keeps = False

    def __init__(self, assemble: Assemble, made: Made) -> None:
        self._assemble = assemble
        self._made = made

    async def answer(
        self, article: Article, recipe: Recipe, model: Model, turn: Turn, *, anew: bool
    ) -> Answer:
        """The extraction of an article. Raises what the model raises."""
        async with turn():
            readings = await answer(article, recipe, model)
            length = len(article.text)
            made = await aside(length, self._assemble, article, recipe, readings, model)
        self._made(made)
        return Answer(made.to_json())


class Kept:
    """The same article, prompt, schema and model get the same record, from the ledger.

    Equal requests that come together are answered by one. A record whose repair failed for a
    reason that may pass is not kept: the next request has it done again, from the replies that
    are kept. `made` is told of each extraction that was not there.

    The models that are asked are all `model`, each in a way of its own.
    """

    keeps = True

    def __init__(self, model: Model, store: Store, assemble: Assemble, made: Made) -> None:
        self._model = model
        self._assemble = assemble
        self._made = made
        self._store = store
        self._replies = Replies(store, model)
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def answer(
        self, article: Article, recipe: Recipe, model: Model, turn: Turn, *, anew: bool
    ) -> Answer:
        """The extraction of an article; `anew` asks the model whatever the ledger has.

        Raises what the model raises, and `StoreError`.
        """
        key = record_key(article, recipe_identity(recipe, self._model))
        async with self._making.setdefault(key, asyncio.Lock()):
            if not anew and (known := self._known(key, article.id)) is not None:
                return Answer(known, key, stored=True)
            async with turn():
                asking = self._replies.anew if anew else self._replies.reply
                ask = partial(asking, ask=model.complete)
                found = read(article, recipe, ask, self._model.decoding)
                readings = tuple([reading async for reading in found])
                length = len(article.text)
                made = await aside(length, self._assemble, article, recipe, readings, self._model)
            self._made(made)
            try:
                raise_what_may_pass(readings)
            except ExtractorError:
                return Answer(made.to_json())
            return Answer(self._store.save_record(key, made), key)

    def _known(self, key: str, article_id: str) -> str | None:
        """The record that there is; what failed is tried again."""
        if self._store.statuses([key]).get(key) in {None, "failed"}:
            return None
        return self._store.record(key, article_id)
