"""What a person asks of a folder of records from another terminal: how far, and what failed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from extractor.cli.parts import (
    FormatOption,
    LedgerOption,
    OutputFormat,
    needs,
    server_of,
    settings_of,
)
from extractor.errors import InputError
from extractor.text import flatten

if TYPE_CHECKING:
    from extractor.store import RunState, View

STATUSES = ("complete", "partial", "rejected", "failed")

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="What --out named.")]


def status(
    out: FolderArgument,
    ledger: LedgerOption = None,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """How far the runs of a folder are, also while one is at work."""
    view = _view(out, ledger)
    if output is OutputFormat.JSON:
        print(json.dumps(_status_json(view)))
        return
    console = Console(highlight=False)
    workers = view.workers()
    console.print(
        *[f"{worker} is at work" for worker in workers] or ["nobody is at work"], sep="\n"
    )
    console.print(_status_table(view.runs()))
    for batch in view.batches():
        console.print(
            f"batch {batch.provider or 'not known yet'} at {batch.endpoint}: {batch.status}, "
            f"{batch.requests:,} requests",
            soft_wrap=True,
        )
    paid = view.paid()
    tokens = f"{paid.usage.input_tokens:,} tokens in, {paid.usage.output_tokens:,} out"
    console.print(f"{paid.replies:,} replies, {tokens}{_cost(view)}", soft_wrap=True)
    if paid.replies:
        console.print(f"from {paid.first} to {paid.last}", soft_wrap=True)


def failures(
    out: FolderArgument,
    run: Annotated[
        int | None, typer.Option(help="A number of `status`. [default: the last run]")
    ] = None,
    ledger: LedgerOption = None,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """The articles that failed or were rejected, one a line, with the reason."""
    view = _view(out, ledger)
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


def _view(out: Path, ledger: str | None) -> View:
    with needs("batch"):
        from extractor.backfill import LEDGER
        from extractor.store import View
    return View(server_of(settings_of(ledger=ledger)) or out / LEDGER)


def _cost(view: View) -> str:
    """What all replies cost by the prices of the last run that was given some."""
    from extractor.prices import Prices

    prices = next((run.prices for run in reversed(view.runs()) if run.prices), None)
    return f", cost {Prices(**prices).cost(view.paid().usage):,.4f}" if prices else ""


def _status_json(view: View) -> dict[str, Any]:
    paid = view.paid()
    return {
        "worker": view.worker(),
        "workers": view.workers(),
        "runs": [{**asdict(run), "done": run.done, "waiting": run.waiting} for run in view.runs()],
        "batches": [
            {
                "id": batch.provider,
                "endpoint": batch.endpoint,
                "status": batch.status,
                "requests": batch.requests,
                "intended": batch.intended.isoformat(),
            }
            for batch in view.batches()
        ],
        "replies": paid.replies,
        "attempts": paid.attempts,
        "usage": paid.usage.model_dump(),
        "first": paid.first,
        "last": paid.last,
    }


def _status_table(runs: Sequence[RunState]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("run", justify="right")
    table.add_column("input", overflow="ellipsis", no_wrap=True, max_width=16)
    table.add_column("prompt")
    for name in ("reached", "waiting", *STATUSES):
        table.add_column(name, justify="right")
    for run in runs:
        first, *others = [Path(name).name or name for name in run.inputs]
        named = f"{first} +{len(others)}" if others else first
        numbers = (run.reached, run.waiting, *(run.statuses.get(name, 0) for name in STATUSES))
        table.add_row(str(run.id), named, run.prompt, *(f"{number:,}" for number in numbers))
    return table
