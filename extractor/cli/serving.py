"""`extractor serve` and `extractor backfill`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from extractor.api import REPAIRS, pinned_recipe
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    LongOption,
    ModelOption,
    PromptOption,
    RepairOption,
    SchemaOption,
    catalog_of,
    needs,
    opened_model,
    settings_of,
    stderr,
)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    long: LongOption = "windows",
    cite: CiteOption = "all",
    repair: RepairOption = REPAIRS,
) -> None:
    """Serve extraction over HTTP."""
    with needs("serve"):
        from extractor.service import run

    settings = settings_of(base_url, model)
    console = stderr()
    with opened_model(settings, console) as opened:
        catalog = catalog_of(settings)
        run(catalog, opened, host=host, port=port, long=long, cite=cite, repair=repair)


def backfill(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT.jsonl...", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="Folder of the records and the ledger.")],
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at the same time.")] = 16,
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    long: LongOption = "windows",
    cite: CiteOption = "all",
    repair: RepairOption = REPAIRS,
) -> None:
    """Extract many articles; run again, it goes on where it was."""
    with needs("batch"):
        from extractor import backfill as face

    settings = settings_of(base_url, model)
    recipe = pinned_recipe(
        schema, prompt, catalog=catalog_of(settings), long=long, cite=cite, repair=repair
    )
    console = stderr()
    with opened_model(settings, console) as opened:

        async def work() -> face.Counts:
            async with opened:
                return await face.run(
                    inputs, out, recipe, opened, concurrency=concurrency, console=console
                )

        counts = asyncio.run(work())
    raise typer.Exit(130 if counts.interrupted else 1 if counts.failed or counts.rejected else 0)
