"""Where the service's records come from: the model alone, or a ledger and then the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

from extractor.asking import Replies, raise_what_may_pass, recipe_identity, record_key
from extractor.catalog import Recipe
from extractor.errors import ExtractorError
from extractor.making import Made
from extractor.model import Completion, Model, Request
from extractor.reading import Reading, answer, read
from extractor.records import Article
from extractor.service.workers import Beginning, Making
from extractor.store import Store, present
from extractor.windows import Window


@dataclass(frozen=True)
class Answer:
    """An extraction as JSON. `record` is its key in the ledger, where there is one, and `stored`
    whether it was there already."""

    json: str
    record: str | None = None
    stored: bool = False


class Turn(Protocol):
    """One's turn to work (`Admission.turn`)."""

    def __call__(self) -> AbstractAsyncContextManager[None]: ...


class Direct:
    """Asks the model each time. `expect` hears of each text before it is asked about, `told` of
    each extraction."""

    keeps = False

    def __init__(
        self, make: Making, expect: Callable[[str], None], told: Callable[[Made], None]
    ) -> None:
        self._make = make
        self._expect = expect
        self._told = told

    async def answer(
        self, article: Article, recipe: Recipe, model: Model, turn: Turn, *, anew: bool
    ) -> Answer:
        """The extraction of an article. Raises what the model raises."""
        async with turn():
            self._expect(article.text)
            readings = await answer(article, recipe, model)
            made = await self._make(article, recipe, readings, model, None)
        self._told(made)
        return Answer(made.line)


class Kept:
    """The same article, prompt, schema and model get the same record, from the ledger.

    Equal requests that come together are answered by one. A record whose repair failed for a
    reason that may pass is not kept: the next request has it done again, from the replies that
    are kept. `expect` hears of each text before it is asked about, `told` of each extraction that
    was not there. Where nothing is asked again, a record is begun (`begin`) when its reply has
    come, and made while that is stored.

    The models that are asked are all `model`, each in a way of its own.
    """

    keeps = True

    def __init__(
        self,
        model: Model,
        store: Store,
        begin: Beginning,
        make: Making,
        expect: Callable[[str], None],
        told: Callable[[Made], None],
    ) -> None:
        self._model = model
        self._begin = begin
        self._make = make
        self._expect = expect
        self._told = told
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
            if not anew and (known := await self._usable(key, article.id)) is not None:
                return Answer(known, key, stored=True)
            async with turn():
                self._expect(article.text)
                asking = self._replies.anew if anew else self._replies.reply
                whole, begun = Window(0, len(article.text)), None

                async def complete(request: Request) -> Completion:
                    nonlocal begun
                    reply = await model.complete(request)
                    if recipe.repair == 0:
                        alone = (Reading(whole, reply),)
                        begun = self._begin(article, recipe, alone, self._model)
                    return reply

                ask = partial(asking, ask=complete)
                found = read(article, recipe, ask, self._model.decoding)
                readings = tuple([reading async for reading in found])
                made = await self._make(article, recipe, readings, self._model, begun)
            self._told(made)
            try:
                raise_what_may_pass(readings)
            except ExtractorError:
                return Answer(made.line)
            row = (key, made.article_id, made.status, made.line)
            await present(self._store, partial(self._store.save_line, *row))
            return Answer(made.line, key)

    async def _usable(self, key: str, article_id: str) -> str | None:
        """The record that there is; what failed is tried again."""
        return await present(self._store, partial(self._store.usable, key, article_id))
