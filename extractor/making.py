"""Records made of replies, here or in another process, and what is told of them.

Looking up words, resolving and checking take ten milliseconds and more of a processor for each
article, in which a process does nothing else. What goes to another process is an `Order`; what
comes back is a `Made`. A recipe goes by its name: schemas are code, and prompts are compiled.
"""

from __future__ import annotations

import gc
import pickle
import signal
import socket
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from extractor.api import REPAIRS, pinned_recipe
from extractor.catalog import Catalog, Cite, Long, Recipe
from extractor.errors import ExtractorError
from extractor.grounding import source_index
from extractor.model import Decoding
from extractor.pipeline import assemble
from extractor.reading import Asked, Readings
from extractor.records import Article, Extraction, Status
from extractor.resolve import prepare

_MOST_KNOWN = 64
_YOUNG = 20_000


def spare_the_collector() -> None:
    """Keeps the collector from going over the same objects again and again.

    The libraries' hundreds of thousands are here to stay. The thousands that a record takes hold
    none of themselves, and go without it: it looks at the young ones when there are 20,000 of
    them, not 700 (some megabytes, should they stay until then).
    """
    gc.freeze()
    gc.set_threshold(_YOUNG)


@dataclass(frozen=True)
class Made:
    """An extraction as it is kept and counted.

    `line` is its JSON; `supports` and `problems` are how many values have each support, and how
    many problems each code.
    """

    article_id: str
    status: Status
    line: str
    supports: Mapping[str, int]
    problems: Mapping[str, int]

    @classmethod
    def of(cls, extraction: Extraction[Any]) -> Made:
        return cls(
            extraction.article.id,
            extraction.status,
            extraction.to_json(),
            Counter(evidence.support for evidence in extraction.evidence.values()),
            Counter(problem.code for problem in extraction.problems),
        )


def make(article: Article, recipe: Recipe, readings: Readings, asked: Asked) -> Made:
    """What the replies amount to (`pipeline.assemble`)."""
    return Made.of(assemble(article, recipe, readings, asked))


@dataclass(frozen=True)
class Recipes:
    """The recipes of a catalog that differ in nothing but prompt and schema. Each is read once."""

    catalog: Catalog
    long: Long = "windows"
    cite: Cite = "all"
    repair: int = REPAIRS
    _known: dict[tuple[str | None, str | None], Recipe] = field(
        default_factory=dict, repr=False, compare=False
    )

    def unread(self) -> Recipes:
        """The same for another process, which reads its own: what was read cannot go there."""
        return Recipes(self.catalog, self.long, self.cite, self.repair)

    def find(self, prompt: str | None, schema: str | None) -> Recipe | None:
        """A recipe that was read before."""
        return self._known.get((prompt, schema))

    def read(self, prompt: str | None, schema: str | None) -> Recipe:
        """The recipe of a prompt's and a schema's version. Raises `CatalogError`."""
        if (known := self.find(prompt, schema)) is not None:
            return known
        found = pinned_recipe(
            schema,
            prompt,
            catalog=self.catalog,
            long=self.long,
            cite=self.cite,
            repair=self.repair,
        )
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        return self._known.setdefault((prompt, schema), found)


@dataclass(frozen=True)
class Teller:
    """Who was asked, as an order holds it (`Asked`)."""

    name: str
    endpoint: Literal["embedded", "remote"]
    decoding: Decoding


@dataclass(frozen=True)
class Order:
    """What a record is made of. `prompt` and `schema` are ids, each with its digest."""

    article: Article
    prompt: tuple[str, str]
    schema: tuple[str, str]
    readings: Readings
    asked: Teller

    @classmethod
    def of(cls, article: Article, recipe: Recipe, readings: Readings, asked: Asked) -> Order | None:
        """None for what cannot go to another process: errors in the place of replies."""
        outcomes = [each for reading in readings for each in (reading.reply, *reading.repairs)]
        if any(isinstance(each, ExtractorError) for each in outcomes):
            return None
        return cls(
            article,
            (recipe.prompt.id, recipe.prompt.digest),
            (recipe.schema.id, recipe.schema.digest),
            readings,
            Teller(asked.name, asked.endpoint, asked.decoding),
        )


def take_orders(connection: socket.socket, recipes: Recipes) -> None:
    """Makes records in the order in which they are ordered, until the other end is closed.

    Each answer is four bytes with its length, and a pickled `Made`; None for what could not be
    made here: whoever ordered it does it and sees why. A text by itself has no answer: its order
    follows, and what can be found in it without a reply is found meanwhile.
    """
    # Who ordered says when it is over; a signal to the whole group is not for this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _warm(recipes)
    with connection, connection.makefile("rwb") as stream:
        while True:
            try:
                order = pickle.load(stream)  # from the process that started this one
            except (EOFError, OSError):
                return
            if isinstance(order, str):
                with suppress(Exception):  # its order meets it too, and whoever ordered sees why
                    source_index(order).read_ahead()
                continue
            answer = pickle.dumps(_done(order, recipes), pickle.HIGHEST_PROTOCOL)
            try:
                stream.write(len(answer).to_bytes(4, "big") + answer)
                stream.flush()
            except OSError:
                return


def _warm(recipes: Recipes) -> None:
    """Reads the tables of the usual recipe before somebody waits for them: that takes seconds."""
    # A catalog without a usual recipe is no fault here: who orders has found another one.
    with suppress(ExtractorError):
        prepare(recipes.read(None, None).schema.json_schema)
    spare_the_collector()


def _done(order: Order, recipes: Recipes) -> Made | None:
    try:
        recipe = recipes.read(order.prompt[0], order.schema[0])
        if (recipe.prompt.digest, recipe.schema.digest) != (order.prompt[1], order.schema[1]):
            return None  # a draft was changed since
        return make(order.article, recipe, order.readings, order.asked)
    except Exception:
        return None
