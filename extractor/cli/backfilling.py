"""`extractor backfill`: the work, and a look at it from another terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from extractor.api import REPAIRS, pinned_recipe
from extractor.articles import Columns
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    FormatOption,
    LongOption,
    ModelOption,
    OutputFormat,
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
from extractor.text import flatten

if TYPE_CHECKING:
    from extractor.store import RunState, View

STATUSES = ("complete", "partial", "rejected", "failed")
_WORK = "run"


class _WithDefault(TyperGroup):
    """`extractor backfill INPUT` is `extractor backfill run INPUT`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in {"-h", "--help"})
        return super().parse_args(ctx, args if named or not args else [_WORK, *args])


backfill_app = typer.Typer(
    cls=_WithDefault,
    no_args_is_help=True,
    help="Extract many articles: extractor backfill INPUT... --out DIR.",
)
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="What --out named.")]


@backfill_app.command(_WORK)
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
    """Extract many articles; run again, it goes on where it was. The word run can be left out."""
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


@backfill_app.command()
def status(out: FolderArgument, output: FormatOption = OutputFormat.TEXT) -> None:
    """How far the runs of a folder are, also while one is at work."""
    view = _view(out)
    if output is OutputFormat.JSON:
        print(json.dumps(_status_json(view)))
        return
    console = Console(highlight=False)
    worker = view.worker()
    console.print("nobody is at work" if worker is None else f"process {worker} is at work")
    console.print(_status_table(view.runs()))
    paid = view.paid()
    tokens = f"{paid.usage.input_tokens:,} tokens in, {paid.usage.output_tokens:,} out"
    console.print(f"{paid.replies:,} replies, {tokens}", soft_wrap=True)
    if paid.replies:
        console.print(f"from {paid.first} to {paid.last}", soft_wrap=True)


@backfill_app.command()
def failures(
    out: FolderArgument,
    run: Annotated[
        int | None, typer.Option(help="A number of `status`. [default: the last run]")
    ] = None,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """The articles that failed or were rejected, one a line, with the reason."""
    view = _view(out)
    runs = {each.id: each for each in view.runs()}
    if not runs or (run is not None and run not in runs):
        raise InputError(
            f"{out}: there is no run {run}" if runs else f"{out}: nothing was run yet",
            hint="extractor backfill status DIR lists them",
        )
    for found in view.unusable(max(runs) if run is None else run):
        if output is OutputFormat.JSON:
            print(json.dumps(asdict(found)))
        else:
            print(flatten(f"{found.article_id} {found.status} {found.code}: {found.message}"))


def _checked(inputs: Sequence[str], columns: Sequence[str]) -> Columns:
    """The columns, of inputs that are there: a typing error is told before a model is loaded."""
    from extractor.sources import check_input, read_columns

    try:
        for name in inputs:
            check_input(name)
        return read_columns(columns)
    except InputError as error:
        raise typer.BadParameter(f"{error.message} ({error.hint})") from error


def _view(out: Path) -> View:
    with needs("batch"):
        from extractor.backfill import LEDGER
        from extractor.store import View
    return View(out / LEDGER)


def _status_json(view: View) -> dict[str, Any]:
    paid = view.paid()
    return {
        "worker": view.worker(),
        "runs": [{**asdict(run), "done": run.done} for run in view.runs()],
        "replies": paid.replies,
        "usage": paid.usage.model_dump(),
        "first": paid.first,
        "last": paid.last,
    }


def _status_table(runs: Sequence[RunState]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("run", justify="right")
    table.add_column("input", overflow="ellipsis", no_wrap=True, max_width=24)
    table.add_column("prompt")
    for name in ("reached", *STATUSES):
        table.add_column(name, justify="right")
    for run in runs:
        first, *others = [Path(name).name or name for name in run.inputs]
        named = f"{first} +{len(others)}" if others else first
        numbers = (run.reached, *(run.statuses.get(name, 0) for name in STATUSES))
        table.add_row(str(run.id), named, run.prompt, *(f"{number:,}" for number in numbers))
    return table
