"""Every request asked once: its reply comes from the ledger, or from the model and then into it.

The keys of the ledger are made here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from weakref import WeakValueDictionary

from extractor.errors import (
    AccessDenied,
    BatchStopped,
    BudgetReached,
    EmbeddedModelError,
    EndpointDown,
    ExtractorError,
    NotAModelEndpoint,
    QuotaExhausted,
    SpendingLimit,
    StoreError,
)
from extractor.jsontext import list_of, object_of, quoted
from extractor.model import Completion, Model, Parameters, Request
from extractor.reading import Ask, Asked, Readings
from extractor.records import Article, Usage, canonical, digest, digest_of_text
from extractor.shape import JsonSchema, remembered
from extractor.store import Store, present
from extractor.version import __version__

if TYPE_CHECKING:
    from extractor.catalog import Recipe

STOPS_THE_RUN = (
    StoreError,
    AccessDenied,
    QuotaExhausted,
    EndpointDown,
    NotAModelEndpoint,
    BatchStopped,
    EmbeddedModelError,
    SpendingLimit,
    BudgetReached,
)
"""Errors that every other article would meet too."""


def recipe_identity(recipe: Recipe, model: Asked) -> dict[str, Any]:
    """All that determines a record but for its article, as JSON."""
    return {
        "prompt": [recipe.prompt.id, recipe.prompt.digest],
        "schema": [recipe.schema.id, recipe.schema.digest],
        "parameters": recipe.prompt.parameters.model_dump(mode="json"),
        "policy": recipe.policy,
        "long": recipe.long,
        "cite": recipe.cite,
        "repair": recipe.repair,
        "model": [model.endpoint, model.name, model.decoding],
        "extractor": __version__,
    }


def record_key(article: Article, identity: dict[str, Any]) -> str:
    """Names a record: everything that determines it (`recipe_identity` and the article)."""
    return digest({"article": article.digest, **identity})


def request_key(request: Request, model: Asked, repeat: int = 0) -> str:
    """Names a reply: everything that is sent, and to whom, and nothing else.

    A request that is sent several times on purpose, or after replies that were of no use, has
    its number with it from the second on.

    Neither extractor's version nor what a schema says beyond its wire form is in it, so
    that paid answers outlive both. The schema goes in as it stands, not in canonical
    form: a model writes its fields in that order.
    """
    form = [request.schema_name, _written(request.wire_schema), request.strict]
    if model.decoding == "grammar" and request.grammar is not None:
        form.append(request.grammar)
    turns = (list_of([quoted(m.role), quoted(m.content)]) for m in request.messages)
    # What `records.canonical` makes of it, at a part of the cost.
    sent = {
        "messages": list_of(turns),
        "model": canonical([model.endpoint, model.name]),
        "parameters": _sent(request.parameters),
        **({"repeat": canonical(repeat)} if repeat else {}),
        "schema": list_of(quoted(p) if isinstance(p, str) else canonical(p) for p in form),
    }
    return digest_of_text(object_of(sent))


# A pure function of what nobody changes.
@lru_cache(maxsize=64)
def _sent(parameters: Parameters) -> str:
    return canonical(parameters.model_dump(mode="json"))


@remembered
def _written(schema: JsonSchema) -> str:
    return json.dumps(schema)


class Postponed(Exception):
    """The answer to a request comes later, and its article waits for it. No error."""


@runtime_checkable
class KnowsRequests(Protocol):
    """A model that tells requests apart by their keys."""

    async def answer(self, key: str, request: Request) -> Completion:
        """As `Model.complete`. Raises `Postponed` too."""
        ...


class Replies:
    """A model's replies, of which the ledger keeps each. `on_paid` is told what a new one took."""

    def __init__(
        self, store: Store, model: Model, *, on_paid: Callable[[Usage], None] = lambda _: None
    ) -> None:
        self._store = store
        self._model = model
        self._on_paid = on_paid
        self._known_by_key = model.answer if isinstance(model, KnowsRequests) else None
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def reply(
        self, request: Request, ask: Ask | None = None, *, afresh: int = 0
    ) -> Completion:
        """The reply from the ledger, or from the model and then in the ledger.

        `ask` asks the model in some way of its own. With `afresh`, not one of the first so many
        replies (see `Store.ask_again`), which stay in the ledger. Raises what the model raises
        (`Postponed` too), and `StoreError`.
        """
        key = request_key(request, self._model, afresh)
        # Articles with one and the same request wait for the first of them to be answered.
        async with self._asking.setdefault(key, asyncio.Lock()):
            if (stored := await present(self._store, partial(self._store.reply, key))) is not None:
                return stored
            if ask is None and self._known_by_key is not None:
                completion = await self._known_by_key(key, request)
            else:
                completion = await (ask or self._model.complete)(request)
            # Nothing can come between the answer and the disk: there is no await in it, or, while
            # a ledger's server is away, none that can be cancelled.
            await present(self._store, partial(self._store.save_reply, key, completion))
        self._on_paid(completion.usage)
        return completion

    async def anew(self, request: Request, ask: Ask) -> Completion:
        """A new reply, which takes the place of the one in the ledger. Raises the same."""
        key = request_key(request, self._model)
        async with self._asking.setdefault(key, asyncio.Lock()):
            completion = await ask(request)
            await present(self._store, partial(self._store.replace_reply, key, completion))
        self._on_paid(completion.usage)
        return completion


def raise_what_may_pass(readings: Readings) -> None:
    """A repair that got no answer today is for the next run, which has the other replies."""
    for error in (found for reading in readings for found in reading.repairs):
        if isinstance(error, STOPS_THE_RUN) or (
            isinstance(error, ExtractorError) and error.retryable
        ):
            raise error
