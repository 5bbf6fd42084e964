"""What the commands share: options, settings, the model, and how errors are said."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.status import Status

from extractor.api import EVENT, choose_weights, open_model, recipe_for
from extractor.catalog import Catalog, Cite, Long, Recipe
from extractor.errors import ExtractorError, InputError, SettingsError
from extractor.openai_model import OpenAIModel
from extractor.pace import Pace
from extractor.prices import Prices
from extractor.records import Extraction
from extractor.settings import Settings, read_settings

if TYPE_CHECKING:
    from extractor.store import Server


class OutputFormat(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


class TableFormat(StrEnum):
    """How tables are printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


PromptOption = Annotated[
    str | None, typer.Option("--prompt", help=f"NAME@VERSION or NAME@LABEL. [default: {EVENT}]")
]
SchemaOption = Annotated[
    str | None, typer.Option("--schema", help="The same. [default: what the prompt is for]")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="The model to ask. [env: EXTRACTOR_MODEL]")
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="An OpenAI-compatible endpoint; none: the embedded model. [env: EXTRACTOR_BASE_URL]",
    ),
]
LongOption = Annotated[
    Long, typer.Option("--long", help="What to do with a text over the model's context.")
]
CiteOption = Annotated[
    Cite,
    typer.Option("--cite", help="Which values have their words asked: all, or the marked ones."),
]
RepairOption = Annotated[
    int,
    typer.Option("--repair", min=0, max=5, help="How many times failed fields are asked again."),
]
ConcurrencyOption = Annotated[int, typer.Option(min=1, help="Articles at the same time.")]
FormatOption = Annotated[OutputFormat, typer.Option("--format", help="text or json.")]
TableOption = Annotated[TableFormat, typer.Option("--format", help="text, json, csv or markdown.")]


def stderr() -> Console:
    return Console(stderr=True, highlight=False)


def say_error(error: ExtractorError) -> None:
    """The message, and on a second line what to do."""
    console = stderr()
    console.print("[bold red]error[/]", end=" ")
    console.print(error.message, markup=False, soft_wrap=True)
    if error.hint:
        console.print(f"      {error.hint}", markup=False, style="dim", soft_wrap=True)


def say_failed(failed: Sequence[Extraction[Any]]) -> None:
    """Name each article that failed; one is enough for exit status 1."""
    console = stderr()
    for item in failed:
        console.print(f"{item.article.id}: {item.problems[0].message}", markup=False)
    if failed:
        raise typer.Exit(1)


def settings_of(
    base_url: str | None = None, model: str | None = None, ledger: str | None = None
) -> Settings:
    return read_settings(os.environ, base_url=base_url, model=model, ledger=ledger)


LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="URL",
        help="A PostgreSQL database that several machines share: postgresql://user@host/db; "
        "none: a file in the folder. [env: EXTRACTOR_LEDGER]",
    ),
]


def server_of(settings: Settings) -> Server | None:
    """The ledger's server that the settings name."""
    if settings.ledger is None:
        return None
    with needs("postgres"):
        from extractor.store import Server

        return Server.at(settings.ledger.get_secret_value())


def catalog_of(settings: Settings) -> Catalog:
    return Catalog.open(settings.prompts, settings.schemas)


def recipe_of(
    settings: Settings,
    prompt: str | None,
    schema: str | None,
    *,
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = 0,
) -> Recipe:
    catalog = catalog_of(settings)
    return recipe_for(schema, prompt, long=long, cite=cite, repair=repair, catalog=catalog)


def without_usage_reports() -> None:
    """Ray, when it is imported from here on, tells nobody that it is used, unless asked to.

    Raises `ModuleNotFoundError` where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray  # noqa: F401


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Says which extra a face needs, when its libraries are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"this needs the package {error.name}, which is not installed",
            hint=f"pip install 'extractor[{extra}]'",
        ) from error


@contextmanager
def opened_model(settings: Settings, console: Console) -> Iterator[OpenAIModel]:
    def say(text: str) -> None:
        console.print(text, style="dim", markup=False, soft_wrap=True)

    if settings.base_url is None:
        name = choose_weights(settings.model).name
        say(f"no key and no endpoint: using the embedded model {name}")
    with (
        download_progress(console) as progress,
        open_model(settings, progress=progress, say=say) as model,
    ):
        yield model


@contextmanager
def download_progress(console: Console) -> Iterator[Any]:
    """A bar that appears with the first bytes; without a terminal, a line every tenth."""
    bar = Progress(
        TextColumn("fetching weights"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tenth = -1
    task = None

    def update(done: int, total: int) -> None:
        nonlocal tenth, task
        if console.is_terminal:
            if task is None:
                bar.start()
                task = bar.add_task("weights", total=total)
            bar.update(task, completed=done, total=total)
            if done >= total:
                bar.stop()
        elif total and (now := done * 10 // total) > tenth:
            tenth = now
            console.print(f"fetching weights: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB")

    try:
        yield update
    finally:
        bar.stop()


def write_file(path: Path, text: str) -> None:
    """Writes a file. Raises `InputError`."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written: {error.strerror}", hint="name a file in a folder there is"
        ) from error


def relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


PriceInOption = Annotated[
    float | None,
    typer.Option(min=0, envvar="EXTRACTOR_PRICE_IN", help="What a million input tokens cost."),
]
PriceOutOption = Annotated[
    float | None,
    typer.Option(min=0, envvar="EXTRACTOR_PRICE_OUT", help="What a million output tokens cost."),
]


def prices_of(price_in: float | None, price_out: float | None) -> Prices | None:
    """The prices that both options name. Raises `BadParameter` for one alone."""
    if price_in is None and price_out is None:
        return None
    if price_in is None or price_out is None:
        raise typer.BadParameter("--price-in and --price-out go together")
    return Prices(price_in, price_out)


def pace(concurrency: int, status: Status, what: str) -> Pace:
    """How many articles at a time; the display says how many of them are `what`."""
    return Pace(concurrency, lambda done, total: status.update(f"{done} of {total} {what}"))
