"""The evaluation face: cases through the pipeline, scored against their gold records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extractor.cases import Case, check_gold, migrate
from extractor.cassettes import cassette_path, replaying
from extractor.catalog import Catalog, Recipe
from extractor.errors import InputError
from extractor.evals.benchmarks import Benchmark
from extractor.evals.pairing import Pairs, Rules, pairs_each
from extractor.evals.replies import ReplyCounts, count_replies
from extractor.evals.runs import Detail, Run
from extractor.evals.scores import count_pairs, total
from extractor.model import Completion, Model
from extractor.pace import ONE_BY_ONE, Pace, paced
from extractor.pipeline import extract_with_replies
from extractor.records import Article, Extraction, record_json
from extractor.shape import JsonSchema

__all__ = ["Detail", "Run", "run", "run_benchmark"]


async def run(
    cases: Sequence[Case],
    recipe: Recipe,
    model: Model,
    *,
    catalog: Catalog | None = None,
    replay_root: Path | None = None,
    rules: Rules | None = None,
    pace: Pace = ONE_BY_ONE,
) -> Run:
    """Extract every case, and score the records.

    With `catalog`, which knows the versions between, cases of an older version of the
    recipe's schema are migrated first. With `replay_root`, a folder of cassettes, the answers
    come from there, one article at a time whatever the pace, and every other connection is
    blocked. `rules` say of fields how they are scored.
    An article without a record (failed, rejected) counts as all missed. Raises
    `InputError` for a case that is not of the recipe's schema, `CatalogError` for one that
    cannot be migrated, and `CassetteError`.
    """
    cases = [_fitting(case, recipe, catalog) for case in cases]
    paths = {
        case.id: cassette_path(replay_root, recipe, model, case.id) if replay_root else None
        for case in cases
    }
    articles = [case.article for case in cases]
    if replay_root:  # two recordings would get in each other's way
        pace = replace(pace, concurrency=1)
    read = await _extracted(articles, recipe, model, paths, pace)
    golds = [case.gold for case in cases]
    records = [_record(each.result) for each in read]
    schema = recipe.schema.json_schema
    pairs = pairs_each(zip(golds, records, strict=True), schema, rules or {})
    article_scores = tuple(count_pairs(each, rules or {}) for each in pairs)
    return Run(
        prompt=recipe.prompt.id,
        schema=recipe.schema.id,
        model=model.name,
        replayed=replay_root is not None,
        results=tuple(each.result for each in read),
        scores=total(article_scores),
        article_scores=article_scores,
        replies=_all_replies(read),
        rules=rules or {},
        details=_details(articles, golds, pairs, read, schema),
        json_schema=schema,
    )


async def run_benchmark(
    benchmark: Benchmark,
    recipe: Recipe,
    model: Model,
    *,
    pace: Pace = ONE_BY_ONE,
) -> Run:
    """Extract every article of a data set of others, and score the records as it does."""
    read = await _extracted(benchmark.articles, recipe, model, {}, pace)
    marks = [
        benchmark.mark(gold, each.result) for gold, each in zip(benchmark.golds, read, strict=True)
    ]
    unpaired = [()] * len(read)
    schema = recipe.schema.json_schema
    article_scores = tuple(mark.scores for mark in marks)
    return Run(
        prompt=recipe.prompt.id,
        schema=recipe.schema.id,
        model=model.name,
        replayed=False,
        results=tuple(each.result for each in read),
        scores=total(article_scores),
        article_scores=article_scores,
        replies=_all_replies(read),
        article_beside=tuple(mark.beside for mark in marks),
        figure=benchmark.figure,
        details=_details(benchmark.articles, benchmark.golds, unpaired, read, schema),
        json_schema=schema,
    )


@dataclass(frozen=True)
class _Read:
    """An article as it was read, and what the model wrote for it."""

    result: Extraction[Any]
    counts: ReplyCounts
    written: tuple[str, ...]
    seconds: float | None


async def _extracted(
    articles: Sequence[Article],
    recipe: Recipe,
    model: Model,
    cassettes: Mapping[str, Path | None],
    pace: Pace,
) -> list[_Read]:
    """The articles in their order, as they were read."""

    async def read(article: Article) -> _Read:
        path = cassettes.get(article.id)
        with replaying(path) if path else nullcontext():
            result, readings = await extract_with_replies(article, recipe, model)
        counts = count_replies(article, recipe, readings)
        replies = [reply for reading in readings for reply in reading.completions]
        return _Read(
            result,
            counts,
            tuple(reply.content or reply.refusal or "" for reply in replies),
            _seconds(counts, replies, replayed=path is not None),
        )

    return await paced(articles, read, pace)


def _seconds(counts: ReplyCounts, replies: Sequence[Completion], *, replayed: bool) -> float | None:
    if replies and counts.timed == counts.replies:
        return counts.seconds
    return sum(reply.seconds for reply in replies) if replies and not replayed else None


def _record(result: Extraction[Any]) -> Any:
    return None if result.record is None else record_json(result.record)


def _all_replies(read: Sequence[_Read]) -> ReplyCounts:
    return sum((each.counts for each in read), start=ReplyCounts())


def _details(
    articles: Sequence[Article],
    golds: Sequence[Any],
    pairs: Sequence[Pairs],
    read: Sequence[_Read],
    schema: JsonSchema,
) -> tuple[Detail, ...]:
    return tuple(
        Detail(
            article=article,
            gold=gold,
            pairs=own,
            evidence=one.result.evidence,
            written=one.written,
            counts=one.counts,
            seconds=one.seconds,
            json_schema=schema,
        )
        for article, gold, own, one in zip(articles, golds, pairs, read, strict=True)
    )


def _fitting(case: Case, recipe: Recipe, catalog: Catalog | None) -> Case:
    """The case with gold of the recipe's schema."""
    schema = recipe.schema
    same_name = case.schema_id.partition("@")[0] == schema.name and schema.version is not None
    if catalog is not None and case.schema_id != schema.id and same_name:
        return migrate(case, schema.id, catalog)
    if case.schema_id != schema.id:
        raise InputError(
            f"case {case.id} is for schema {case.schema_id}, not {schema.id}",
            hint=f"pass --schema {case.schema_id}, or other cases",
        )
    check_gold(case, schema.model)
    return case
