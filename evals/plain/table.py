"""The table of docs/plain-models.md: what the values of five plain models rest on.

    python evals/plain/table.py

It replays what the embedded model answered (`make record-plain`), so it needs no model. A value is
right when gold has it at its place; numbers are compared as numbers (12.50 is 12.5).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractor.api import ANY_SCHEMA, recipe_for
from extractor.cases import Case, check_gold, read_cases
from extractor.cassettes import cassette_path, replaying
from extractor.catalog import Catalog, Cite, Recipe
from extractor.embedded import DEFAULT_WEIGHTS
from extractor.evals.counts import count_values
from extractor.evals.scores import score_each
from extractor.openai_model import OpenAIModel
from extractor.pipeline import extract_one
from extractor.records import Extraction, record_json

HERE = Path(__file__).resolve().parent
CASSETTES = HERE / "cassettes"
CITES: tuple[Cite, ...] = ("marked", "all")
COLUMNS = ("model", "cite", "values", "quoted", "derived", "none", "right", "gold", "tokens")

Row = tuple[int, ...]


def plain_cases() -> tuple[Case, ...]:
    """The five articles, each with gold for a model of its own."""
    return read_cases(HERE / "articles")


def plain_recipe(case: Case, cite: Cite) -> Recipe:
    """How the article of a case is read with its plain model."""
    catalog = Catalog.open(schemas=[HERE / "schemas"])
    return recipe_for(case.schema_id, ANY_SCHEMA, cite=cite, catalog=catalog)


def recorded_model() -> OpenAIModel:
    """The model whose answers are recorded; it connects to nothing."""
    return OpenAIModel(DEFAULT_WEIGHTS.name, base_url="http://model.local/v1", endpoint="embedded")


def replayed(case: Case, recipe: Recipe) -> Extraction[Any]:
    """The extraction that the recorded answer amounts to."""

    async def work() -> Extraction[Any]:
        async with recorded_model() as model:
            with replaying(cassette_path(CASSETTES, recipe, model, case.id)):
                return await extract_one(case.article, recipe, model)

    return asyncio.run(work())


def row(case: Case, cite: Cite) -> Row:
    """The figures of one line."""
    recipe = plain_recipe(case, cite)
    check_gold(case, recipe.schema.model)
    result = replayed(case, recipe)
    record = None if result.record is None else record_json(result.record)
    (scores,) = score_each([(_numbers(case.gold), _numbers(record))], recipe.schema.json_schema)
    values = count_values([result])
    support = (values.support[kind] for kind in ("quoted", "derived", "none"))
    tokens = result.provenance.usage.output_tokens if result.provenance else 0
    return (values.total, *support, scores.micro.right, scores.micro.gold, tokens)


def _numbers(value: Any) -> Any:
    """The value with its decimals, which stand as text in JSON, as numbers."""
    if isinstance(value, dict):
        return {key: _numbers(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_numbers(child) for child in value]
    is_number = isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)
    return float(value) if is_number else value


def lines() -> Iterator[str]:
    """The table, in Markdown."""
    cases = plain_cases()
    yield _line(COLUMNS)
    yield _line(["---"] * 2 + ["--:"] * (len(COLUMNS) - 2))
    for cite in CITES:
        rows = [row(case, cite) for case in cases]
        for case, figures in zip(cases, rows, strict=True):
            yield _line([case.id, cite, *figures])
        yield _line(["all five", cite, *map(sum, zip(*rows, strict=True))])


def _line(cells: Any) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    print("\n".join(lines()))
