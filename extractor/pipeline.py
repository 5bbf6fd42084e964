"""The core: an article and a recipe become a request, a reply becomes an extraction.

`build_request` and `assemble` are pure. Whoever must not lose a paid answer calls
`answer`, stores what it returns, and only then `assemble`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Protocol

from extractor.catalog import Recipe
from extractor.errors import ExtractorError, InputError
from extractor.evidence import ground_draft
from extractor.furniture import furniture
from extractor.model import Completion, Model, Request
from extractor.records import (
    Article,
    ArticleInfo,
    Extraction,
    Problem,
    Provenance,
    Reference,
)
from extractor.reply import read_reply
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema, wire_form
from extractor.validation import evidence_map, status_of, validate
from extractor.version import __version__


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


def build_request(article: Article, recipe: Recipe) -> Request:
    """What a model is asked about an article."""
    wire = wire_form(recipe.schema.json_schema)
    return Request(
        messages=recipe.prompt.render(article, _form(wire.schema)),
        schema_name=recipe.schema.name,
        wire_schema=wire.schema,
        strict=wire.strict,
        parameters=recipe.prompt.parameters,
    )


def _form(wire: JsonSchema) -> str:
    return json.dumps(wire, ensure_ascii=False, separators=(",", ":"))


async def answer(article: Article, recipe: Recipe, model: Model) -> Completion:
    """The model's reply. Raises `ModelError` or `ArticleTooLong`."""
    return await model.complete(build_request(article, recipe))


def assemble(
    article: Article, recipe: Recipe, completion: Completion, asked: Asked
) -> Extraction[Any]:
    """The extraction that a reply amounts to: the same inputs, the same result."""
    provenance = _provenance(article, recipe, completion, asked)
    info = ArticleInfo.of(article)
    draft = read_reply(completion)
    if isinstance(draft, Problem):
        return Extraction(info, "failed", None, {}, (draft,), provenance)
    schema = recipe.schema
    grounded = ground_draft(draft, schema.json_schema, article, RESOLVERS, recipe.policy)
    refused = any(problem.severity == "error" for problem in grounded.problems)
    if grounded.tree is None or refused:
        return Extraction(info, "rejected", None, {}, grounded.problems, provenance)
    checked = validate(grounded.tree, schema.model, schema.json_schema)
    problems = (*_not_shown(article), *grounded.problems, *checked.problems)
    evidence = {}
    if checked.record is not None and checked.tree is not None:
        evidence = evidence_map(checked.record, checked.tree)
    status = status_of(checked.record, problems)
    return Extraction(info, status, checked.record, evidence, problems, provenance)


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
    message = f"{error.message} ({error.hint})" if error.hint else error.message
    problem = Problem(code=error.code, path="", message=message, severity="error")
    return Extraction(article, "failed", None, {}, (problem,), None)


async def extract_one(article: Article, recipe: Recipe, model: Model) -> Extraction[Any]:
    """One article through the whole core; an error becomes a failed extraction."""
    try:
        completion = await answer(article, recipe, model)
    except ExtractorError as error:
        return failure(ArticleInfo.of(article), error)
    return await asyncio.to_thread(assemble, article, recipe, completion, model)


def _provenance(
    article: Article, recipe: Recipe, completion: Completion, asked: Asked
) -> Provenance:
    strict = wire_form(recipe.schema.json_schema).strict
    return Provenance(
        extractor=__version__,
        prompt=Reference(id=recipe.prompt.id, digest=recipe.prompt.digest),
        record_schema=Reference(id=recipe.schema.id, digest=recipe.schema.digest),
        article_digest=article.digest,
        model_asked=asked.name,
        model_answered=completion.model,
        endpoint=asked.endpoint,
        wire="strict" if strict else "loose",
        parameters=recipe.prompt.parameters.model_dump(mode="json"),
        attempts=completion.attempts,
        usage=completion.usage,
        seconds=completion.seconds,
        time=datetime.fromisoformat(completion.time),
    )
