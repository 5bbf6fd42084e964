"""`extractor serve` and `extractor backfill`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from extractor.api import REPAIRS, pinned_recipe
from extractor.articles import Columns
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
from extractor.errors import InputError


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
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Files (.jsonl, .csv, .parquet, .warc, .html, .txt, .json; most also packed), "
            "folders, patterns, or URLs of fsspec.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the records and the ledger.")],
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN", help="What a table calls a field: text=body. Repeatable."
        ),
    ] = None,
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

        columns = _checked(inputs, column or ())
    settings = settings_of(base_url, model)
    recipe = pinned_recipe(
        schema, prompt, catalog=catalog_of(settings), long=long, cite=cite, repair=repair
    )
    console = stderr()
    with opened_model(settings, console) as opened:

        async def work() -> face.Counts:
            async with opened:
                return await face.run(
                    inputs,
                    out,
                    recipe,
                    opened,
                    columns=columns,
                    concurrency=concurrency,
                    console=console,
                )

        with needs("batch"):  # what reads Parquet or web pages is imported with the first
            counts = asyncio.run(work())
    raise typer.Exit(130 if counts.interrupted else 1 if counts.failed or counts.rejected else 0)


def _checked(inputs: Sequence[str], columns: Sequence[str]) -> Columns:
    """The columns, of inputs that are there: a typing error is told before a model is loaded."""
    from extractor.sources import check_input, read_columns

    try:
        for name in inputs:
            check_input(name)
        return read_columns(columns)
    except InputError as error:
        raise typer.BadParameter(f"{error.message} ({error.hint})") from error
