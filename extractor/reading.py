"""What a model is asked about an article, and what it answered.

As a rule it is one request. A text over the model's context is read in windows, with a
request and a reply for each; fields that fail may be asked again by themselves.
`build_request` is pure. Whoever must not lose a paid reply has `read` ask through a function
that stores it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, ParamSpec, Protocol, TypeVar

from extractor.catalog import Recipe
from extractor.citations import take_apart, with_citations
from extractor.compact import compact, expand
from extractor.errors import ArticleTooLong, ExtractorError, ModelError
from extractor.evidence import Hints
from extractor.furniture import as_shown
from extractor.grammar import grammar
from extractor.model import Completion, Decoding, Model, Request
from extractor.numbering import number_sentences
from extractor.records import Article, Problem
from extractor.references import Referred, take_references, with_references
from extractor.repair import Mended, Repairer, repair_policy
from extractor.reply import read_reply
from extractor.shape import JsonSchema, remembered
from extractor.windows import MAX_WINDOWS, LongText, Window, hopeless, window_size
from extractor.wire import wire_form


class Asked(Protocol):
    """Who was asked; a `Model` is one, and so is what a store remembers of it."""

    @property
    def name(self) -> str:
        """The model that was asked."""
        ...

    @property
    def endpoint(self) -> Literal["embedded", "remote"]:
        """What kind of endpoint answered."""
        ...

    @property
    def decoding(self) -> Decoding:
        """What the endpoint could be held to."""
        ...


@dataclass(frozen=True)
class Reading:
    """What came of one window: the reply, or the error in its place.

    `repairs` is what came of asking again for fields that failed; an error is the last.
    """

    window: Window
    reply: Completion | ExtractorError
    repairs: tuple[Completion | ExtractorError, ...] = ()

    @property
    def completions(self) -> tuple[Completion, ...]:
        """All replies that were paid for, in order."""
        return tuple(r for r in (self.reply, *self.repairs) if isinstance(r, Completion))


Ask = Callable[[Request], Awaitable[Completion]]
"""Whoever answers a request, or raises `ModelError` or `ArticleTooLong`."""

Readings = tuple[Reading, ...]
"""An article's windows in order, of which there is usually one: the whole text."""


LONG = 20_000
"""Characters; what is made of shorter texts takes some ten milliseconds."""
P = ParamSpec("P")
T = TypeVar("T")


async def aside(length: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` gives for a text of so many characters, without keeping others waiting long.

    A long text is worked on in a thread, for its sentences and words take seconds. A short one
    is done sooner than a thread takes turns with the event loop: five milliseconds each time,
    which made a third of what the service added to the model's answer.
    """
    if length > LONG:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)


def build_request(
    article: Article,
    recipe: Recipe,
    window: Window | None = None,
    decoding: Decoding = "grammar",
) -> Request:
    """What a model is asked about an article, or about one window of it; without the grammar
    when it is decoded by `"schema"`."""
    part = part_of(article, window)
    asked = shown = asked_schema(recipe)
    if recipe.prompt.evidence != "quotation":
        asked = with_references(shown, len(number_sentences(part.text).places))
        shown = with_references(shown)
    names = recipe.prompt.names
    if names is not None:
        asked, shown = compact(asked, names), compact(shown, names)
    wire = wire_form(asked)
    return Request(
        messages=recipe.prompt.render(part, _form(wire_form(shown).schema)),
        schema_name=recipe.schema.name,
        wire_schema=wire.schema,
        strict=wire.strict,
        parameters=recipe.prompt.parameters,
        grammar=grammar(asked, as_shown(part.text), compact=names is not None)
        if decoding == "grammar" and is_copied(recipe)
        else None,
    )


def asked_schema(recipe: Recipe) -> JsonSchema:
    """The schema of what the model is asked, but for references to sentences and its compact
    form; the record's is the recipe's own."""
    schema = recipe.schema.json_schema
    return with_citations(schema) if recipe.cite == "all" else schema


def read_draft(reply: Completion, recipe: Recipe) -> dict[str, Any] | Problem:
    """The draft in a reply, in the schema's form, or the problem that it has none."""
    found = read_reply(reply)
    names = recipe.prompt.names
    if isinstance(found, Problem) or names is None:
        return found
    schema = asked_schema(recipe)
    if recipe.prompt.evidence != "quotation":
        schema = with_references(schema)
    draft: dict[str, Any] = expand(found, schema, names)
    return draft


def asks_citations(recipe: Recipe) -> bool:
    """Whether there are values without a marker whose words the model is asked for."""
    return asked_schema(recipe) is not recipe.schema.json_schema


def is_copied(recipe: Recipe) -> bool:
    """Whether the model copies words; else it writes freely, and names sentences."""
    return recipe.prompt.evidence != "sentence"


def part_of(article: Article, window: Window | None) -> Article:
    """The article as if the window were its text; title and date go with every window."""
    if window is None or len(window) == len(article.text):
        return article
    return article.model_copy(update={"text": window.of(article.text)})


@remembered
def _form(wire: JsonSchema) -> str:
    return json.dumps(wire, ensure_ascii=False, separators=(",", ":"))


async def answer(article: Article, recipe: Recipe, model: Model) -> Readings:
    """The model's replies. Raises `ModelError` or `ArticleTooLong`.

    An error behind the first reply stands in place of the replies that are missing, so that
    those that were paid for are not lost.
    """
    found: list[Reading] = []
    try:
        async for reading in read(article, recipe, model.complete, model.decoding):
            found.append(reading)
    except ExtractorError as error:
        if not found:
            raise
        found.append(Reading(Window(found[-1].window.end, len(article.text)), error))
    return tuple(found)


async def read(
    article: Article, recipe: Recipe, ask: Ask, decoding: Decoding
) -> AsyncIterator[Reading]:
    """Asks about the whole text and, where that is too long, about its windows one by one.

    The same refusals make the same requests. Raises what `ask` raises, and `ArticleTooLong`
    where the recipe or the number of windows forbids it to go on; a single window that can
    be neither read nor divided comes with that error.
    """
    text = LongText(article.text)
    waiting = [Window(0, len(article.text))]
    windows = 1
    while waiting:
        window = waiting.pop(0)
        request = await aside(len(article.text), build_request, article, recipe, window, decoding)
        outcome: Completion | ExtractorError
        try:
            outcome = await ask(request)
        except ArticleTooLong as refusal:
            if recipe.long == "refuse":
                raise
            size = window_size(refusal, request, len(window))
            most = MAX_WINDOWS + 1 - windows
            more = await aside(len(article.text), text.smaller, window, size, most)
            if more:
                waiting[:0] = more
                windows += len(more) - 1
                continue
            outcome = hopeless(refusal, len(window), size)
            if windows == 1:
                raise outcome from None
        yield Reading(window, outcome, await _repairs(article, recipe, window, outcome, ask))


async def _repairs(
    article: Article, recipe: Recipe, window: Window, reply: Completion | ExtractorError, ask: Ask
) -> tuple[Completion | ExtractorError, ...]:
    """What came of asking again for what failed in a reply, within the repair's budget.

    An error here takes nothing from the reply; it stands last, and ends the asking.
    """
    draft = read_draft(reply, recipe) if isinstance(reply, Completion) and recipe.repair else None
    if not isinstance(draft, dict):
        return ()
    repairer = _repairer(article, recipe, window)
    length = len(article.text)
    state = await aside(length, _apart, draft, repairer)
    found: list[Completion | ExtractorError] = []

    async def once() -> bool:
        """Asks again; whether it may be worth to do so once more."""
        nonlocal state
        plan = await aside(length, repairer.plan, state)
        if plan is None:
            return False
        try:
            answer = await ask(plan.request)
        except (ModelError, ArticleTooLong) as error:
            found.append(error)
            return False
        found.append(answer)
        state = await aside(length, repairer.mend, state, plan, answer)
        return True

    await repair_policy(recipe.repair, found)(once)
    return tuple(found)


def _repairer(article: Article, recipe: Recipe, window: Window) -> Repairer:
    part = part_of(article, window)
    return Repairer(part, recipe, whole=part is article)


def mended_draft(
    article: Article, recipe: Recipe, reading: Reading, draft: dict[str, Any]
) -> Mended:
    """The draft of one window with what its repairs mended, and what they did not."""
    repairer = _repairer(article, recipe, reading.window)
    state = _apart(draft, repairer)
    for reply in reading.repairs:
        plan = repairer.plan(state)
        if plan is not None:
            state = repairer.mend(state, plan, reply)
    return state


def _apart(draft: dict[str, Any], repairer: Repairer) -> Mended:
    """A draft of the record alone, and what it said of its words beside the values."""
    recipe, wanted = repairer.recipe, repairer.schema
    cites = asks_citations(recipe)
    schema = with_citations(wanted) if cites else wanted
    split = referred(draft, schema, repairer.article, recipe)
    plain, citations = split.draft, None
    if cites:
        plain, citations = take_apart(plain, recipe.schema.json_schema)
    return Mended(plain, Hints(citations, split.sentences), notes=split.problems)


def referred(draft: Any, schema: JsonSchema, part: Article, recipe: Recipe) -> Referred:
    """The draft without its references to sentences, where the prompt asks for them."""
    if recipe.prompt.evidence == "quotation":
        return Referred(draft)
    return take_references(draft, schema, number_sentences(part.text).places)
