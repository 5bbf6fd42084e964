"""`extractor cassettes`: recorded model traffic, made and looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from extractor.api import choose_weights
from extractor.cases import Case, read_cases
from extractor.catalog import Recipe
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    ConcurrencyOption,
    ModelOption,
    PromptOption,
    RepairOption,
    SchemaOption,
    opened_model,
    pace,
    recipe_of,
    settings_of,
    stderr,
)
from extractor.openai_model import OpenAIModel
from extractor.settings import Settings

CASSETTES = Path("cassettes")

cassettes_app = typer.Typer(help="Recorded model traffic.", no_args_is_help=True)


@contextmanager
def replayed(settings: Settings) -> Iterator[OpenAIModel]:
    """A client for recorded traffic: it connects to nothing."""
    if settings.base_url is None:
        name, endpoint = choose_weights(settings.model).name, "embedded"
    else:
        name, endpoint = settings.model or "", "remote"
    yield OpenAIModel(
        name,
        base_url="http://model.local/v1",
        endpoint="embedded" if endpoint == "embedded" else "remote",
        decoding=None if settings.decoding == "auto" else settings.decoding,
    )


@cassettes_app.command("status")
def cassettes_status(
    cases: Annotated[Path, typer.Argument(help="Cases.")] = Path("evals/articles"),
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
) -> None:
    """Whether the recordings are what the code would send now."""
    from extractor.cassettes import status

    settings = settings_of(None, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite, repair=repair)
    with replayed(settings) as asked:
        found = status(read_cases(cases), recipe, asked, cassettes)
    for item in found:
        changes = f": {'; '.join(item.changes)}" if item.changes else ""
        print(f"{item.state:8}{item.article_id}{changes}")
    raise typer.Exit(0 if all(item.state == "fresh" for item in found) else 1)


@cassettes_app.command("record")
def cassettes_record(
    cases: Annotated[Path, typer.Argument(help="Cases.")] = Path("evals/articles"),
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes go.")] = CASSETTES,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only what is missing or stale.")
    ] = False,
    concurrency: ConcurrencyOption = 1,
) -> None:
    """Record the model's answers to cases, from the real server."""
    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite, repair=repair)
    found = read_cases(cases)
    if missing:
        found = not_fresh(found, recipe, settings, cassettes)
        if not found:
            stderr().print("nothing is missing or stale")
            return
    for path in record_cases(found, recipe, settings, cassettes, concurrency):
        print(path)


def record_cases(
    cases: Sequence[Case],
    recipe: Recipe,
    settings: Settings,
    cassettes: Path,
    concurrency: int,
) -> list[Path]:
    """Record cases from the real server, and say where; none opens no model."""
    from extractor.cassettes import record

    if not cases:
        return []
    key = settings.api_key.get_secret_value() if settings.api_key else None
    console = stderr()
    with opened_model(settings, console) as opened, console.status("recording") as shown:

        async def work() -> list[Path]:
            async with opened:
                return await record(
                    cases,
                    recipe,
                    opened,
                    cassettes,
                    secrets=[key] if key else [],
                    pace=pace(concurrency, shown, "recorded"),
                )

        return asyncio.run(work())


def not_fresh(
    cases: tuple[Case, ...], recipe: Recipe, settings: Settings, cassettes: Path
) -> tuple[Case, ...]:
    from extractor.cassettes import status

    with replayed(settings) as asked:
        found = status(cases, recipe, asked, cassettes)
    fresh = {item.article_id for item in found if item.state == "fresh"}
    return tuple(case for case in cases if case.id not in fresh)
