"""What other programs made of a data set of others, as runs that can be compared with ours.

A baseline is a file of JSON lines, one to an article of MUC-4:

    {"id": "...", "pred": {"Victim": [["mention", ...], ...], ...}, "type": "bombing" or null,
     "seconds": 1.5, "tokens": 104 or null, "error": null or "..."}

`pred` has for each role its entities, each of them a list of mentions. Or of PolNeAR:

    {"id": "...", "attributions": [{"source": "..." or null, "cue": "...", "content": "..."}, ...],
     "seconds": 1.5, "tokens": 104 or null, "error": null or "..."}

What stands in them is looked up in the article as quotations of ours are. Or of cases of our own:

    {"id": "...", "record": {...} or null, "seconds": 1.5, "tokens": 104 or null, "error": null}

`record` is of the schema of the cases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError, field_validator, model_validator

from extractor.cases import Case, read_values
from extractor.catalog import Schema
from extractor.errors import InputError
from extractor.evals import Run
from extractor.evals.benchmarks import (
    PARTS,
    ROLES,
    Benchmark,
    Marked,
    mark_attributions,
    mark_entities,
    mark_type,
)
from extractor.evals.overlap import Characters
from extractor.evals.pairing import Rules, pairs_each
from extractor.evals.replies import ReplyCounts
from extractor.evals.scores import Scores, count_pairs, total
from extractor.grounding import SourceIndex, ground_quotes, source_index
from extractor.records import Article, ArticleInfo, Extraction, Frozen, Problem, Status

_NOT_ANSWERED = re.compile(
    r"connect|time[d ]*out|rate.?limit|InternalServer|overloaded|unavailable", re.IGNORECASE
)
"""Errors that say nothing about what a model answers."""


class Attributed(Frozen):
    """Who says what, in the words of the program."""

    source: str | None
    cue: str | None
    content: str | None

    model_config = ConfigDict(frozen=True, extra="ignore")


class Answer(Frozen):
    """What a baseline made of one article; `tokens` are those that the model wrote."""

    id: str
    pred: dict[str, list[list[str]]]
    attributions: tuple[Attributed, ...] = ()
    record: dict[str, Any] | None = None
    type: str | None = None
    tokens: int | None = None
    error: str | None = None

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _of_one_kind(cls, data: Any) -> Any:
        """Who lists attributions, or has a record, has no entities."""
        has_others = isinstance(data, Mapping) and ("attributions" in data or "record" in data)
        return {"pred": {}, **data} if has_others else data

    @field_validator("pred")
    @classmethod
    def _roles(cls, pred: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
        if unknown := sorted(pred.keys() - ROLES.keys()):
            raise ValueError(f"unknown role {unknown[0]!r}; there are {', '.join(ROLES)}")
        return pred

    @property
    def status(self) -> Status:
        """Rejected where the program could not use what it got, failed where it got nothing."""
        if self.error is None:
            return "complete"
        return "failed" if _NOT_ANSWERED.search(self.error) else "rejected"


def read_baseline(path: Path) -> tuple[Answer, ...]:
    """The answers of a file. Raises `InputError` for a line that is none, and for an article
    that is answered twice."""
    found: dict[str, Answer] = {}
    for where, value in read_values(path):
        try:
            answer = Answer.model_validate(value)
        except ValidationError as error:
            reasons = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
            )
            raise InputError(
                f"{where}: not an answer of a baseline: {reasons}",
                hint="one line an article, in the form of extractor/evals/baselines.py",
            ) from error
        if answer.id in found:
            raise InputError(f"{where}: {answer.id} was answered before", hint="keep one of them")
        found[answer.id] = answer
    return tuple(found.values())


def import_baseline(path: Path, benchmark: Benchmark, *, name: str, model: str) -> Run:
    """The run that a baseline's answers to MUC-4 or PolNeAR amount to.

    `name` stands in place of a prompt's id.
    An error of the program is an empty answer; where it says that no model answered, the article
    has failed. The incident type is scored where the program gave one to any article. Raises
    `InputError` for another data set, and where the articles are not those of `benchmark`.
    """
    if benchmark.name not in {"muc4", "polnear"}:
        raise InputError(
            f"a baseline of {benchmark.name} cannot be read",
            hint="pass a file of MUC-4 or PolNeAR",
        )
    ordered = _in_order(path, benchmark.articles)
    types = any(answer.type is not None for answer in ordered)
    marks = [
        _mark_said(gold, answer, article)
        if benchmark.name == "polnear"
        else _mark(gold, answer, types=types)
        for gold, answer, article in zip(benchmark.golds, ordered, benchmark.articles, strict=True)
    ]
    run = _run(name, model, benchmark.name, benchmark.articles, ordered)
    article_scores = tuple(mark.scores for mark in marks)
    return replace(
        run,
        scores=total(article_scores),
        article_scores=article_scores,
        article_beside=tuple(mark.beside for mark in marks),
        figure=benchmark.figure,
    )


def import_records(
    path: Path, cases: Sequence[Case], schema: Schema, rules: Rules, *, name: str, model: str
) -> Run:
    """The run that another program's records of cases amount to, scored by the rules beside them.

    Errors as of `import_baseline`.
    """
    articles = [case.article for case in cases]
    ordered = _in_order(path, articles)
    both = [(case.gold, answer.record) for case, answer in zip(cases, ordered, strict=True)]
    pairs = pairs_each(both, schema.json_schema, rules)
    article_scores = tuple(count_pairs(each, rules) for each in pairs)
    run = _run(name, model, schema.id, articles, ordered)
    return replace(run, scores=total(article_scores), article_scores=article_scores, rules=rules)


def _run(
    name: str, model: str, schema: str, articles: Sequence[Article], answers: Sequence[Answer]
) -> Run:
    """A run without scores."""
    results = tuple(map(_result, articles, answers))
    return Run(
        prompt=name,
        schema=schema,
        model=model,
        replayed=False,
        results=results,
        scores=total(()),
        article_scores=(),
        replies=ReplyCounts(
            replies=sum(result.status != "failed" for result in results),
            output_tokens=sum(answer.tokens or 0 for answer in answers),
        ),
    )


def _in_order(path: Path, articles: Sequence[Article]) -> list[Answer]:
    """The answers of a file, in the order of the articles. Raises `InputError` where these are
    not those that were answered."""
    answers = {answer.id: answer for answer in read_baseline(path)}
    _same_articles(path, answers, articles)
    return [answers[article.id] for article in articles]


def _same_articles(path: Path, answers: Mapping[str, Answer], articles: Sequence[Article]) -> None:
    wanted = {article.id for article in articles}
    for odd, what in (
        (sorted(wanted - answers.keys()), "there is no answer to"),
        (sorted(answers.keys() - wanted), "the data set does not have"),
    ):
        if odd:
            more = " and more" if len(odd) > 5 else ""
            raise InputError(
                f"{path}: {what} {', '.join(odd[:5])}{more}",
                hint="pass the file of articles that the baseline was run on",
            )


def _mark(gold: Any, answer: Answer, *, types: bool) -> Marked:
    marked = mark_entities(gold, answer.pred)
    if not types:
        return marked
    return Marked(marked.scores, Scores((mark_type(gold, answer.type), *marked.beside.fields)))


def _mark_said(gold: Any, answer: Answer, article: Article) -> Marked:
    index = source_index(article.text)
    return mark_attributions(gold, [_places(index, each) for each in answer.attributions])


def _places(index: SourceIndex, said: Attributed) -> dict[str, list[Characters]]:
    """Where the parts of an attribution can stand; one place without characters for none."""
    words = {part: words for part in PARTS if (words := getattr(said, part))}
    found = dict(zip(words, ground_quotes(index, list(words.values())), strict=True))
    places: dict[str, list[Characters]] = {}
    for part in PARTS:
        spans = found[part].spans if part in found else ()
        each = [frozenset(range(start, end)) for start, end in spans]
        alone = part in found and found[part].alignment == "ambiguous"
        places[part] = each if alone else [frozenset().union(*each)]
    return places


def _result(article: Article, answer: Answer) -> Extraction[Any]:
    problems: tuple[Problem, ...] = ()
    if answer.error is not None:
        problems = (Problem(code="baseline", path="", message=answer.error, severity="error"),)
    return Extraction(ArticleInfo.of(article), answer.status, None, {}, problems, None)
