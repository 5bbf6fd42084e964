"""The core: an article and a recipe become requests, the replies become an extraction.

What is asked is in `reading`; `assemble`, which is pure, makes of the replies what they amount to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from extractor.catalog import Recipe
from extractor.errors import ExtractorError, InputError
from extractor.evidence import GroundedDraft, ground_draft
from extractor.furniture import WITHHELD, withheld, withheld_as
from extractor.merging import Part, merge, moved, window_schema
from extractor.model import Completion, Model
from extractor.reading import (
    Asked,
    Reading,
    Readings,
    answer,
    aside,
    asked_schema,
    asks_citations,
    is_copied,
    mended_draft,
    part_of,
    read_draft,
)
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
from extractor.repair import Mended
from extractor.resolve import RESOLVERS
from extractor.validation import contradictions, status_of, validate
from extractor.version import __version__
from extractor.wire import wire_form


def assemble(article: Article, recipe: Recipe, readings: Readings, asked: Asked) -> Extraction[Any]:
    """The extraction that the replies amount to: the same inputs, the same result."""
    provenance = _provenance(article, recipe, readings, asked)
    info = ArticleInfo.of(article)
    drafts = [_draft(reading, recipe, name) for name, reading in _named(readings)]
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
    severity: Severity = "error" if recipe.policy == "reject" else "warning"
    # The values are kept, for this is a judgement.
    judged = contradictions(checked, recipe.schema.json_schema, article)
    problems = (*problems, *(_of_severity(problem, severity) for problem in judged))
    status = status_of(checked.record, problems)
    if status == "rejected":
        return Extraction(info, status, None, {}, problems, provenance)
    return Extraction(info, status, checked.record, checked.evidence, problems, provenance)


Draft = dict[str, Any] | Problem


def _named(readings: Readings) -> Iterator[tuple[str, Reading]]:
    """Each window with what messages call it, which is nothing where there is only one."""
    for number, reading in enumerate(readings, start=1):
        place = f"characters {reading.window.start}-{reading.window.end}"
        name = f"window {number} of {len(readings)}, {place}: " if len(readings) > 1 else ""
        yield name, reading


def _draft(reading: Reading, recipe: Recipe, name: str) -> Draft:
    reply = reading.reply
    draft = read_draft(reply, recipe) if isinstance(reply, Completion) else _problem(reply)
    return _of_window(draft, name) if isinstance(draft, Problem) else draft


def _of_window(problem: Problem, name: str) -> Problem:
    return problem.model_copy(update={"message": name + problem.message})


def _of_severity(problem: Problem, severity: Severity) -> Problem:
    same = problem.severity == severity
    return problem if same else problem.model_copy(update={"severity": severity})


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
        mended = mended_draft(article, recipe, reading, draft)
        grounded = ground_draft(mended.draft, wanted, part, RESOLVERS, recipe.policy, mended.hints)
        told = (*mended.notes, *grounded.problems)
        problems += (_of_window(problem, name) for problem in told)
        if grounded.tree is not None:
            parts.append(Part(name, moved(grounded.tree, reading.window.start)))
    tree, unmerged = merge(parts, schema)
    return GroundedDraft(tree, (*problems, *unmerged))


def final_draft(article: Article, recipe: Recipe, reading: Reading) -> Mended | Problem:
    """A window's draft as its repairs left it, or the problem that there is none."""
    draft = _draft(reading, recipe, "")
    return draft if isinstance(draft, Problem) else mended_draft(article, recipe, reading, draft)


def _not_shown(article: Article) -> Iterator[Problem]:
    """What the model did not see, for nothing is kept back in silence."""
    for start, end in withheld(article.text):
        what = withheld_as(article.text, (start, end))
        yield Problem(
            code="not_shown",
            path="",
            message=f"{WITHHELD[what]}, kept from the model",
            severity="warning" if what == "instruction" else "info",
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
    made = await aside(len(article.text), assemble, article, recipe, readings, model)
    return made, readings


def _provenance(
    article: Article, recipe: Recipe, readings: Readings, asked: Asked
) -> Provenance | None:
    """What the replies took in all; None when there is no reply."""
    strict = wire_form(asked_schema(recipe)).strict
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
        decoding=asked.decoding if strict and is_copied(recipe) else "schema",
        citations=asks_citations(recipe),
        parameters=recipe.prompt.parameters.model_dump(mode="json"),
        attempts=sum(reply.attempts for reply in replies),
        windows=windows,
        repairs=len(replies) - windows,
        usage=sum((reply.usage for reply in replies), Usage()),
        seconds=round(sum(reply.seconds for reply in replies), 3),
        time=max(datetime.fromisoformat(reply.time) for reply in replies),
    )
