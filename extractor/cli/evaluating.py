"""`extractor eval` and `extractor cassettes`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from extractor.api import choose_weights
from extractor.cases import Case, read_cases
from extractor.catalog import Recipe
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    FormatOption,
    ModelOption,
    OutputFormat,
    PromptOption,
    SchemaOption,
    catalog_of,
    opened_model,
    recipe_of,
    settings_of,
    stderr,
)
from extractor.openai_model import OpenAIModel
from extractor.settings import Settings

CASSETTES = Path("cassettes")

eval_app = typer.Typer(help="Prompts and models against gold records.", no_args_is_help=True)
cassettes_app = typer.Typer(help="Recorded model traffic.", no_args_is_help=True)


@eval_app.command("run")
def eval_run(
    cases: Annotated[Path, typer.Argument(help="A case file, or a folder of them.")],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cite: CiteOption = "all",
    replay: Annotated[bool, typer.Option("--replay", help="Answers from the cassettes.")] = False,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Score records against gold, field by field."""
    from extractor import evals
    from extractor.evals.report import run_json, show

    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite)
    found = read_cases(cases)
    console = stderr()
    opening = _replayed(settings) if replay else opened_model(settings, console)
    with opening as opened, console.status("extracting") as shown:

        async def work() -> evals.Run:
            async with opened:
                return await evals.run(
                    found,
                    recipe,
                    opened,
                    catalog=catalog_of(settings),
                    replay_root=cassettes if replay else None,
                    on_progress=lambda done, total: shown.update(f"{done} of {total} articles"),
                )

        result = asyncio.run(work())
    if output is OutputFormat.JSON:
        print(json.dumps(run_json(result), ensure_ascii=False))
    else:
        show(result, Console())
    failed = [item for item in result.results if item.status == "failed"]
    for item in failed:
        console.print(f"{item.article.id}: {item.problems[0].message}", markup=False)
    if failed:
        raise typer.Exit(1)


@contextmanager
def _replayed(settings: Settings) -> Iterator[OpenAIModel]:
    """A client for recorded traffic: it connects to nothing."""
    if settings.base_url is None:
        name, endpoint = choose_weights(settings.model).name, "embedded"
    else:
        name, endpoint = settings.model or "", "remote"
    yield OpenAIModel(
        name,
        base_url="http://model.local/v1",
        endpoint="embedded" if endpoint == "embedded" else "remote",
        decoding=settings.decoding,
    )


@cassettes_app.command("status")
def cassettes_status(
    cases: Annotated[Path, typer.Argument(help="Cases.")] = Path("evals/articles"),
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    cite: CiteOption = "all",
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
) -> None:
    """Whether the recordings are what the code would send now."""
    from extractor.cassettes import status

    settings = settings_of(None, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite)
    with _replayed(settings) as asked:
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
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes go.")] = CASSETTES,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only what is missing or stale.")
    ] = False,
) -> None:
    """Record the model's answers to cases, from the real server."""
    from extractor.cassettes import record

    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite)
    found = read_cases(cases)
    key = settings.api_key.get_secret_value() if settings.api_key else None
    console = stderr()
    if missing:
        found = _not_fresh(found, recipe, settings, cassettes)
        if not found:
            console.print("nothing is missing or stale")
            return
    with opened_model(settings, console) as opened, console.status("recording") as shown:

        async def work() -> list[Path]:
            async with opened:
                return await record(
                    found,
                    recipe,
                    opened,
                    cassettes,
                    secrets=[key] if key else [],
                    on_progress=lambda done, total: shown.update(f"{done} of {total} recorded"),
                )

        for path in asyncio.run(work()):
            print(path)


def _not_fresh(
    cases: tuple[Case, ...], recipe: Recipe, settings: Settings, cassettes: Path
) -> tuple[Case, ...]:
    from extractor.cassettes import status

    with _replayed(settings) as asked:
        found = status(cases, recipe, asked, cassettes)
    fresh = {item.article_id for item in found if item.state == "fresh"}
    return tuple(case for case in cases if case.id not in fresh)
