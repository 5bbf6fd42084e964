"""`extractor model`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from extractor.api import choose_weights
from extractor.cli.parts import download_progress, settings_of, stderr
from extractor.embedded import WEIGHTS, find, pull, weights_path

model_app = typer.Typer(help="The embedded model's weights.", no_args_is_help=True)


@model_app.command("list")
def model_list() -> None:
    """The embedded models and which of them are here."""
    home = settings_of().home
    default = choose_weights(None).name
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("model", "size", "licence", "here"):
        table.add_column(column)
    for weights in WEIGHTS.values():
        name = f"{weights.name} (default)" if weights.name == default else weights.name
        here = "yes" if find(weights, home) else "no"
        table.add_row(name, f"{weights.size / 1e6:,.0f} MB", weights.licence, here)
    Console().print(table)


ModelName = Annotated[str | None, typer.Argument(metavar="[MODEL]", help="See `model list`.")]


@model_app.command("pull")
def model_pull(name: ModelName = None) -> None:
    """Fetch the weights once, checked against the pinned hash."""
    console = stderr()
    with download_progress(console) as progress:
        path = pull(
            choose_weights(name),
            settings_of().home,
            progress=progress,
            say=lambda text: console.print(text, style="dim", markup=False, soft_wrap=True),
        )
    print(path)


@model_app.command("path")
def model_path(name: ModelName = None) -> None:
    """Where the weights are, or would be."""
    weights = choose_weights(name)
    home = settings_of().home
    print(find(weights, home) or weights_path(weights, home))
