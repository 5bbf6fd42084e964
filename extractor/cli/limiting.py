"""What a backfill does in each of its processes: the recipe, and a model that keeps to limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from extractor.api import pinned_recipe
from extractor.catalog import Catalog, Cite, Long, Recipe
from extractor.flow import Gate, Limits
from extractor.openai_model import OpenAIModel


def recipe_in_process(
    prompts: Sequence[Path],
    schemas: Sequence[Path],
    schema: str | None,
    prompt: str | None,
    long: Long,
    cite: Cite,
    repair: int,
) -> Recipe:
    """The recipe of the command, made again in another process."""
    catalog = Catalog.open(prompts, schemas)
    return pinned_recipe(schema, prompt, catalog=catalog, long=long, cite=cite, repair=repair)


def limited(model: OpenAIModel, limits: Limits, say: Callable[[str], None]) -> OpenAIModel:
    """The model behind a gate. The embedded one has no need of it: others wait."""
    return model.behind(Gate(limits, say=say)) if model.endpoint == "remote" else model


def say(console: Console, text: str) -> None:
    console.print(text, style="dim", markup=False, soft_wrap=True)
