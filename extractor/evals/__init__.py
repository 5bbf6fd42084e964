"""The evaluation face: cases through the pipeline, scored against their gold records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.cases import Case, check_gold
from extractor.cassettes import cassette_path, replaying
from extractor.catalog import Recipe
from extractor.errors import InputError
from extractor.evals.scores import Scores, Share, evidence_share, score
from extractor.model import Model
from extractor.pipeline import extract_one
from extractor.records import Extraction, record_json


@dataclass(frozen=True)
class Run:
    """One evaluation: what was asked of which model, what came back, and its worth.

    `prompt` and `schema` are ids (`event@1`). `evidence` is the share of the records'
    values that have words of the article behind them.
    """

    prompt: str
    schema: str
    model: str
    replayed: bool
    results: tuple[Extraction[Any], ...]
    scores: Scores
    evidence: Share


async def run(
    cases: Sequence[Case],
    recipe: Recipe,
    model: Model,
    *,
    replay_root: Path | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Run:
    """Extract every case, one after the other, and score the records.

    With `replay_root`, a folder of cassettes, the answers come from there, and every
    other connection is blocked. `on_progress` is told how many of how many are done.
    An article without a record (failed, rejected) counts as all missed. Raises
    `InputError` for a case that is not of the recipe's schema, and `CassetteError`.
    """
    for case in cases:
        _check(case, recipe)
    results = []
    for done, case in enumerate(cases, start=1):
        path = replay_root and cassette_path(replay_root, recipe, model.name, case.id)
        with replaying(path) if path else nullcontext():
            results.append(await extract_one(case.article, recipe, model))
        on_progress(done, len(cases))
    records = [None if r.record is None else record_json(r.record) for r in results]
    golds = [case.gold for case in cases]
    return Run(
        prompt=recipe.prompt.id,
        schema=recipe.schema.id,
        model=model.name,
        replayed=replay_root is not None,
        results=tuple(results),
        scores=score(zip(golds, records, strict=True), recipe.schema.json_schema),
        evidence=evidence_share((r, e.evidence) for r, e in zip(records, results, strict=True)),
    )


def _check(case: Case, recipe: Recipe) -> None:
    if case.schema_id != recipe.schema.id:
        raise InputError(
            f"case {case.id} is for schema {case.schema_id}, not {recipe.schema.id}",
            hint=f"pass --schema {case.schema_id}, or other cases",
        )
    check_gold(case, recipe.schema.model)
