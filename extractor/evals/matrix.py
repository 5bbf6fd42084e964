"""Several runs over one data set: prompts, schemas and models, each asked some times over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from extractor.evals import Run
from extractor.evals.replies import ReplyCounts
from extractor.evals.report import figure
from extractor.evals.scores import Scores, score_each, total
from extractor.prices import Prices
from extractor.records import Extraction, record_json
from extractor.shape import JsonSchema


@dataclass(frozen=True)
class Agreement:
    """How far repeats give the same: `scores` holds one repeat's record against another's, as
    gold is held against a record, over all pairs of repeats; `records` is the share of articles
    of which all repeats have the very same record."""

    scores: Scores
    records: float

    @property
    def values(self) -> float | None:
        """The share of values that two repeats have in common (F1, which knows no sides)."""
        return self.scores.micro.f1


@dataclass(frozen=True)
class Cell:
    """One prompt with one schema and one model: `runs` has an item to each repeat."""

    runs: tuple[Run, ...]
    schema: JsonSchema

    @property
    def together(self) -> Run:
        """The repeats as one run, in which an article has the counts of all its repeats: so
        intervals stay those over articles."""
        each = _added(run.article_scores for run in self.runs)
        beside = _added(run.article_beside for run in self.runs)
        return replace(
            self.runs[0],
            results=tuple(result for run in self.runs for result in run.results),
            scores=total(each),
            article_scores=each,
            article_beside=beside,
            replies=sum((run.replies for run in self.runs), start=ReplyCounts()),
        )

    @property
    def agreement(self) -> Agreement | None:
        """How far the repeats give the same; None where there is one."""
        if len(self.runs) < 2:
            return None
        records = [tuple(map(_record, run.results)) for run in self.runs]
        scores = [
            total(score_each(zip(one, other, strict=True), self.schema))
            for one, other in combinations(records, 2)
        ]
        same = [all(one == record[0] for one in record) for record in zip(*records, strict=True)]
        return Agreement(total(scores), sum(same) / len(same))


def _added(repeats: Iterable[tuple[Scores, ...]]) -> tuple[Scores, ...]:
    """Article by article, the counts of all repeats."""
    return tuple(map(total, zip(*repeats, strict=True)))


def _record(result: Extraction[Any]) -> Any:
    return None if result.record is None else record_json(result.record)


def file_name(run: Run, repeat: int) -> str:
    """What the file of a run is called; `repeat` counts from 0, and the first goes unnumbered."""
    number = f".repeat-{repeat + 1}" if repeat else ""
    return re.sub(r"[^\w@.+-]+", "-", f"{run.prompt}.{run.schema}.{run.model}{number}") + ".json"


def cell_json(cell: Cell, prices: Prices | None) -> dict[str, Any]:
    """What a table of runs says of a cell, as JSON values; None for what is not known."""
    run = cell.together
    f1, interval = figure(run)
    agreement = cell.agreement
    articles = len(cell.runs[0].results) * len(cell.runs)
    timed = run.replies.replies and run.replies.timed == run.replies.replies
    return {
        "prompt": run.prompt,
        "schema": run.schema,
        "model": run.model,
        "repeats": len(cell.runs),
        "articles": len(cell.runs[0].results),
        "failed": sum(result.status == "failed" for result in run.results),
        "f1": f1,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "same_values": agreement and agreement.values,
        "same_records": agreement and agreement.records,
        "output_tokens": run.replies.output_tokens / articles if articles else None,
        "seconds": run.replies.seconds / articles if timed else None,
        "cost": prices and prices.cost(run.replies),
    }


def agreement_json(cell: Cell) -> dict[str, float | None]:
    """Field by field, the share of values that two repeats have in common."""
    found = cell.agreement
    return {} if found is None else {field.path: field.f1 for field in found.scores.fields}


def failed(cells: Sequence[Cell]) -> list[Extraction[Any]]:
    """The extractions of all runs that got no answer."""
    return [
        result
        for cell in cells
        for run in cell.runs
        for result in run.results
        if result.status == "failed"
    ]
