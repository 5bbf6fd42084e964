"""The evaluation face: cases through the pipeline, scored against their gold records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from extractor.cases import Case, check_gold, migrate
from extractor.cassettes import cassette_path, replaying
from extractor.catalog import Catalog, Recipe
from extractor.errors import InputError
from extractor.evals.benchmarks import Benchmark, Figure
from extractor.evals.counts import ProblemCount, ValueCounts, count_problems, count_values
from extractor.evals.replies import ReplyCounts, count_replies
from extractor.evals.scores import Rules, Scores, score_each, total
from extractor.model import Model
from extractor.pipeline import extract_with_replies
from extractor.records import Article, Extraction, record_json


@dataclass(frozen=True)
class Pace:
    """How many articles are asked about at a time, and who is told how far it is."""

    concurrency: int = 1
    on_progress: Callable[[int, int], None] = lambda done, total: None


_ONE_BY_ONE = Pace()


@dataclass(frozen=True)
class Run:
    """One evaluation: what was asked of which model, what came back, and its worth.

    `prompt` and `schema` are ids (`event@1`). `article_scores` has one item to a result, in
    the same order, and so has `article_beside`: scores that are not summed up with the others.
    `replies` counts what the model wrote, before anything was left out. `figure` is the F1 that
    the run is known by: all values together, or the mean of the classes that gold has. `rules`
    are those of the data set's scoring file.
    """

    prompt: str
    schema: str
    model: str
    replayed: bool
    results: tuple[Extraction[Any], ...]
    scores: Scores
    article_scores: tuple[Scores, ...]
    replies: ReplyCounts
    article_beside: tuple[Scores, ...] = ()
    figure: Figure = "micro"
    rules: Rules = field(default_factory=dict)

    @property
    def beside(self) -> Scores:
        """The scores beside, over all articles."""
        return total(self.article_beside)

    @property
    def values(self) -> ValueCounts:
        """What the values of the records rest on."""
        return count_values(self.results)

    @property
    def problems(self) -> tuple[ProblemCount, ...]:
        """The problems of all articles by code, the most frequent first."""
        return count_problems(self.results)


async def run(
    cases: Sequence[Case],
    recipe: Recipe,
    model: Model,
    *,
    catalog: Catalog | None = None,
    replay_root: Path | None = None,
    rules: Rules | None = None,
    pace: Pace = _ONE_BY_ONE,
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
    results, replies = await _extracted(articles, recipe, model, paths, pace)
    records = [None if r.record is None else record_json(r.record) for r in results]
    pairs = zip((case.gold for case in cases), records, strict=True)
    article_scores = score_each(pairs, recipe.schema.json_schema, rules or {})
    return Run(
        prompt=recipe.prompt.id,
        schema=recipe.schema.id,
        model=model.name,
        replayed=replay_root is not None,
        results=results,
        scores=total(article_scores),
        article_scores=article_scores,
        replies=replies,
        rules=rules or {},
    )


async def run_benchmark(
    benchmark: Benchmark,
    recipe: Recipe,
    model: Model,
    *,
    pace: Pace = _ONE_BY_ONE,
) -> Run:
    """Extract every article of a data set of others, and score the records as it does."""
    results, replies = await _extracted(benchmark.articles, recipe, model, {}, pace)
    marks = [
        benchmark.mark(gold, result) for gold, result in zip(benchmark.golds, results, strict=True)
    ]
    article_scores = tuple(mark.scores for mark in marks)
    return Run(
        prompt=recipe.prompt.id,
        schema=recipe.schema.id,
        model=model.name,
        replayed=False,
        results=results,
        scores=total(article_scores),
        article_scores=article_scores,
        replies=replies,
        article_beside=tuple(mark.beside for mark in marks),
        figure=benchmark.figure,
    )


async def _extracted(
    articles: Sequence[Article],
    recipe: Recipe,
    model: Model,
    cassettes: Mapping[str, Path | None],
    pace: Pace,
) -> tuple[tuple[Extraction[Any], ...], ReplyCounts]:
    """The extractions in the order of the articles, and what the model wrote for them."""
    found: dict[int, tuple[Extraction[Any], ReplyCounts]] = {}
    waiting = iter(enumerate(articles))

    async def work() -> None:
        for place, article in waiting:
            path = cassettes.get(article.id)
            with replaying(path) if path else nullcontext():
                result, readings = await extract_with_replies(article, recipe, model)
            found[place] = result, count_replies(article, recipe, readings)
            pace.on_progress(len(found), len(articles))

    workers = [asyncio.create_task(work()) for _ in range(min(pace.concurrency, len(articles)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    ordered = [found[place] for place in range(len(articles))]
    return tuple(result for result, _ in ordered), sum(
        (counts for _, counts in ordered), start=ReplyCounts()
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
