"""The core: an article and a recipe become requests, the replies become an extraction.

As a rule it is one request. A text over the model's context is read in windows, with a
request and a reply for each; fields that fail may be asked again by themselves.
`build_request` and `assemble` are pure. Whoever must not lose a paid reply has `read` ask
through a function that stores it, and only then calls `assemble`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from extractor.catalog import Recipe
from extractor.citations import take_apart, with_citations
from extractor.errors import ArticleTooLong, ExtractorError, InputError, ModelError
from extractor.evidence import GroundedDraft, Hints, ground_draft
from extractor.furniture import furniture, without_furniture
from extractor.grammar import grammar
from extractor.merging import Part, merge, moved, window_schema
from extractor.model import Completion, Decoding, Model, Request
from extractor.numbering import number_sentences
from extractor.records import (
    Article,
    ArticleInfo,
    Extraction,
    Problem,
    Provenance,
    Reference,
    Severity,
    Usage,
)
from extractor.references import Referred, take_references, with_references
from extractor.repair import Mended, Repairer, repair_policy
from extractor.reply import read_reply
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema, wire_form
from extractor.validation import contradictions, evidence_map, status_of, validate
from extractor.version import __version__
from extractor.windows import MAX_WINDOWS, LongText, Window, hopeless, window_size


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

_QUICK = 20_000
"""Characters of a text for which it takes longer to ask a thread than to make the request."""

Readings = tuple[Reading, ...]
"""An article's windows in order, of which there is usually one: the whole text."""


def build_request(
    article: Article,
    recipe: Recipe,
    window: Window | None = None,
    *,
    decoding: Decoding = "grammar",
) -> Request:
    """What a model is asked about an article, or about one window of it.

    The grammar is left out for an endpoint that does not decode under one.
    """
    part = part_of(article, window)
    asked = shown = _asked_schema(recipe)
    if recipe.prompt.evidence != "quotation":
        asked = with_references(shown, len(number_sentences(part.text).places))
        shown = with_references(shown)
    wire = wire_form(asked)
    return Request(
        messages=recipe.prompt.render(part, _form(wire_form(shown).schema)),
        schema_name=recipe.schema.name,
        wire_schema=wire.schema,
        strict=wire.strict,
        parameters=recipe.prompt.parameters,
        grammar=grammar(asked, without_furniture(part.text))
        if decoding == "grammar" and _is_copied(recipe)
        else None,
    )


def _asked_schema(recipe: Recipe) -> JsonSchema:
    """The schema of what the model is asked, but for references to sentences; the record's is
    the recipe's own."""
    schema = recipe.schema.json_schema
    return with_citations(schema) if recipe.cite == "all" else schema


def asks_citations(recipe: Recipe) -> bool:
    """Whether there are values without a marker whose words the model is asked for."""
    return _asked_schema(recipe) is not recipe.schema.json_schema


def _is_copied(recipe: Recipe) -> bool:
    """Whether the model copies words; else it writes freely, and names sentences."""
    return recipe.prompt.evidence != "sentence"


def part_of(article: Article, window: Window | None) -> Article:
    """The article as if the window were its text; title and date go with every window."""
    if window is None or len(window) == len(article.text):
        return article
    return article.model_copy(update={"text": window.of(article.text)})


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
    article: Article, recipe: Recipe, ask: Ask, decoding: Decoding = "grammar"
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
        if decoding == "schema" and len(window) <= _QUICK:
            request = build_request(article, recipe, window, decoding=decoding)
        else:
            # In a thread, because the sentences and words of a very long text take seconds.
            request = await asyncio.to_thread(
                build_request, article, recipe, window, decoding=decoding
            )
        outcome: Completion | ExtractorError
        try:
            outcome = await ask(request)
        except ArticleTooLong as refusal:
            if recipe.long == "refuse":
                raise
            size = window_size(refusal, request, len(window))
            more = await asyncio.to_thread(text.smaller, window, size, MAX_WINDOWS + 1 - windows)
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
    draft = read_reply(reply) if isinstance(reply, Completion) and recipe.repair else None
    if not isinstance(draft, dict):
        return ()
    repairer = _repairer(article, recipe, window)
    state = await asyncio.to_thread(_apart, draft, repairer)
    found: list[Completion | ExtractorError] = []

    async def once() -> bool:
        """Asks again; whether it may be worth to do so once more."""
        nonlocal state
        plan = await asyncio.to_thread(repairer.plan, state)
        if plan is None:
            return False
        try:
            answer = await ask(plan.request)
        except (ModelError, ArticleTooLong) as error:
            found.append(error)
            return False
        found.append(answer)
        state = await asyncio.to_thread(repairer.mend, state, plan, answer)
        return True

    await repair_policy(recipe.repair, found)(once)
    return tuple(found)


def assemble(article: Article, recipe: Recipe, readings: Readings, asked: Asked) -> Extraction[Any]:
    """The extraction that the replies amount to: the same inputs, the same result."""
    provenance = _provenance(article, recipe, readings, asked)
    info = ArticleInfo.of(article)
    drafts = [_draft(reading, name) for name, reading in _named(readings)]
    lost = tuple(draft for draft in drafts if isinstance(draft, Problem))
    if len(lost) == len(drafts):
        return Extraction(info, "failed", None, {}, lost, provenance)
    grounded = _grounded(article, recipe, readings, drafts)
    refused = any(problem.severity == "error" for problem in grounded.problems)
    if grounded.tree is None or refused:
        return Extraction(info, "rejected", None, {}, grounded.problems, provenance)
    checked = validate(grounded.tree, recipe.schema.model, recipe.schema.json_schema)
    problems = (*_not_shown(article), *grounded.problems, *checked.problems)
    if checked.record is None or checked.tree is None:
        return Extraction(info, "rejected", None, {}, problems, provenance)
    evidence = evidence_map(checked.record, checked.tree)
    severity: Severity = "error" if recipe.policy == "reject" else "warning"
    for problem in contradictions(checked, recipe.schema.json_schema, article):
        # The value is kept, for this is a judgement.
        problems = (*problems, problem.model_copy(update={"severity": severity}))
    status = status_of(checked.record, problems)
    if status == "rejected":
        return Extraction(info, status, None, {}, problems, provenance)
    return Extraction(info, status, checked.record, evidence, problems, provenance)


Draft = dict[str, Any] | Problem


def _named(readings: Readings) -> Iterator[tuple[str, Reading]]:
    """Each window with what messages call it, which is nothing where there is only one."""
    for number, reading in enumerate(readings, start=1):
        place = f"characters {reading.window.start}-{reading.window.end}"
        name = f"window {number} of {len(readings)}, {place}: " if len(readings) > 1 else ""
        yield name, reading


def _draft(reading: Reading, name: str) -> Draft:
    reply = reading.reply
    draft = read_reply(reply) if isinstance(reply, Completion) else _problem(reply)
    return _of_window(draft, name) if isinstance(draft, Problem) else draft


def _of_window(problem: Problem, name: str) -> Problem:
    return problem.model_copy(update={"message": name + problem.message})


def _grounded(
    article: Article, recipe: Recipe, readings: Readings, drafts: Sequence[Draft]
) -> GroundedDraft:
    """The drafts of all windows, each tied to the words of its own window, as one."""
    schema = recipe.schema.json_schema
    wanted = window_schema(schema) if len(readings) > 1 else schema
    parts: list[Part] = []
    problems: list[Problem] = []
    for (name, reading), draft in zip(_named(readings), drafts, strict=True):
        if isinstance(draft, Problem):
            # What the other windows say is still a record.
            problems.append(draft.model_copy(update={"severity": "warning"}))
            continue
        part = part_of(article, reading.window)
        mended = _mended(article, recipe, reading, draft)
        grounded = ground_draft(mended.draft, wanted, part, RESOLVERS, recipe.policy, mended.hints)
        told = (*mended.notes, *grounded.problems)
        problems += (_of_window(problem, name) for problem in told)
        if grounded.tree is not None:
            parts.append(Part(name, moved(grounded.tree, reading.window.start)))
    tree, unmerged = merge(parts, schema)
    return GroundedDraft(tree, (*problems, *unmerged))


def _repairer(article: Article, recipe: Recipe, window: Window) -> Repairer:
    part = part_of(article, window)
    return Repairer(part, recipe, whole=part is article)


def _mended(article: Article, recipe: Recipe, reading: Reading, draft: dict[str, Any]) -> Mended:
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


def final_draft(article: Article, recipe: Recipe, reading: Reading) -> Mended | Problem:
    """A window's draft as its repairs left it, or the problem that there is none."""
    draft = _draft(reading, "")
    return draft if isinstance(draft, Problem) else _mended(article, recipe, reading, draft)


def referred(draft: Any, schema: JsonSchema, part: Article, recipe: Recipe) -> Referred:
    """The draft without its references to sentences, where the prompt asks for them."""
    if recipe.prompt.evidence == "quotation":
        return Referred(draft)
    return take_references(draft, schema, number_sentences(part.text).places)


def _not_shown(article: Article) -> Iterator[Problem]:
    """The lines that the model did not see, for nothing is kept back in silence."""
    for start, end in furniture(article.text):
        yield Problem(
            code="not_shown",
            path="",
            message="page furniture (a caption or a link), kept from the model",
            severity="info",
            quote=article.text[start:end].strip(),
        )


def info_of(item: Article | InputError) -> ArticleInfo:
    """What a record says of its article; of one that could not be read, its place alone."""
    if isinstance(item, Article):
        return ArticleInfo.of(item)
    place = item.message.partition(": ")[0]
    return ArticleInfo(id=place, title=None, published=None, outlet=None, language=None, digest="")


def failure(article: ArticleInfo, error: ExtractorError) -> Extraction[Any]:
    """The extraction of an article that got no answer: the error as its one problem."""
    return Extraction(article, "failed", None, {}, (_problem(error),), None)


def _problem(error: ExtractorError) -> Problem:
    message = f"{error.message} ({error.hint})" if error.hint else error.message
    return Problem(code=error.code, path="", message=message, severity="error")


async def extract_one(article: Article, recipe: Recipe, model: Model) -> Extraction[Any]:
    """One article through the whole core; an error becomes a failed extraction."""
    return (await extract_with_replies(article, recipe, model))[0]


async def extract_with_replies(
    article: Article, recipe: Recipe, model: Model
) -> tuple[Extraction[Any], Readings]:
    """`extract_one`, and the replies that it was made from."""
    try:
        readings = await answer(article, recipe, model)
    except ExtractorError as error:
        return failure(ArticleInfo.of(article), error), ()
    return await asyncio.to_thread(assemble, article, recipe, readings, model), readings


def _provenance(
    article: Article, recipe: Recipe, readings: Readings, asked: Asked
) -> Provenance | None:
    """What the replies took in all; None when there is no reply."""
    strict = wire_form(_asked_schema(recipe)).strict
    windows = sum(isinstance(reading.reply, Completion) for reading in readings)
    replies = [reply for reading in readings for reply in reading.completions]
    if not replies:
        return None
    return Provenance(
        extractor=__version__,
        prompt=Reference(id=recipe.prompt.id, digest=recipe.prompt.digest),
        record_schema=Reference(id=recipe.schema.id, digest=recipe.schema.digest),
        article_digest=article.digest,
        model_asked=asked.name,
        model_answered=replies[0].model,
        endpoint=asked.endpoint,
        wire="strict" if strict else "loose",
        decoding=asked.decoding if strict and _is_copied(recipe) else "schema",
        citations=asks_citations(recipe),
        parameters=recipe.prompt.parameters.model_dump(mode="json"),
        attempts=sum(reply.attempts for reply in replies),
        windows=windows,
        repairs=len(replies) - windows,
        usage=sum((reply.usage for reply in replies), Usage()),
        seconds=round(sum(reply.seconds for reply in replies), 3),
        time=max(datetime.fromisoformat(reply.time) for reply in replies),
    )
