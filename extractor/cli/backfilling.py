"""`extractor backfill`: the work, and a look at it from another terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer
from typer.core import TyperGroup

from extractor.api import REPAIRS, pinned_recipe
from extractor.cli.estimating import estimate
from extractor.cli.limiting import limited, recipe_in_process, say
from extractor.cli.looking import failures, status
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    LedgerOption,
    LongOption,
    ModelOption,
    PriceInOption,
    PriceOutOption,
    PromptOption,
    RepairOption,
    SchemaOption,
    catalog_of,
    needs,
    opened_model,
    prices_of,
    server_of,
    settings_of,
    stderr,
    without_usage_reports,
)
from extractor.cli.reporting import LogOption, MetricsFileOption, MetricsPortOption, reports_of
from extractor.errors import InputError
from extractor.flow import Limits
from extractor.records import Status
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.backfill import Counts, Crew, Plan
    from extractor.backfill.processes import Engine
    from extractor.catalog import Recipe
    from extractor.openai_model import OpenAIModel

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


ColumnOption = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD=COLUMN", help="What a table calls a field: text=body. Repeatable."),
]
FormOption = Annotated[
    Literal["jsonl", "parquet", "both"],
    typer.Option("--format", help="What the records are written as; the tables as CSV or Parquet."),
]


EngineOption = Annotated[
    Literal["processes", "ray"],
    typer.Option(help="Who starts the processes: this machine, or Ray on those of a cluster."),
]


class Retried(StrEnum):
    """Outcomes that can be asked again."""

    FAILED = "failed"
    REJECTED = "rejected"


RetryOption = Annotated[
    list[Retried] | None,
    typer.Option(help="Ask these again, whatever was answered. Repeatable."),
]
OnlyOption = Annotated[
    list[str] | None, typer.Option(metavar="IDS|@FILE", help="Only these articles: a17,a18.")
]
LimitOption = Annotated[
    int | None, typer.Option(min=1, help="Only the first so many of those that are chosen.")
]
SampleOption = Annotated[
    int | None, typer.Option(min=1, help="Only so many, drawn by their digests and --seed.")
]
SeedOption = Annotated[int, typer.Option(help="Another seed draws another sample.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what it would take, and ask nothing.")
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        metavar="MONEY|TOKENS", help="Stop before all replies in DIR took more: 5.00, 2Mtokens."
    ),
]


RateOption = Annotated[int | None, typer.Option(min=1, help="No more. [default: any number]")]
ProcessesOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes that work, each on a core. [default: one for every 32 requests at the "
        "same time, and no more than there are cores; one with --budget]",
    ),
]


class Via(StrEnum):
    """How requests go to a model."""

    ONLINE = "online"
    BATCH_API = "batch-api"


ViaOption = Annotated[
    Via, typer.Option(help="Request by request, or in files through a provider's Batch API.")
]
RepairViaOption = Annotated[
    Via | None,
    typer.Option(help="How fields are asked again with --via batch-api. [default: batch-api]"),
]
PollOption = Annotated[
    float | None,
    typer.Option(
        min=1, help="Seconds between two looks at batches, with --via batch-api. [default: 60]"
    ),
]


InputArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="Files (.jsonl, .csv, .parquet, .warc, .html, .txt, .json; most also packed), "
        "folders, patterns, or URLs of fsspec.",
    ),
]


@backfill_app.command(_WORK)
def backfill(
    inputs: InputArgument,
    out: Annotated[Path, typer.Option(help="Folder of the records and the ledger.")],
    column: ColumnOption = None,
    form: FormOption = "jsonl",
    only: OnlyOption = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    limit: LimitOption = None,
    retry: RetryOption = None,
    dry_run: DryRunOption = False,
    budget: BudgetOption = None,
    price_in: PriceInOption = None,
    price_out: PriceOutOption = None,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Requests at the same time; fewer where that is too many.")
    ] = 16,
    requests_per_minute: RateOption = None,
    tokens_per_minute: RateOption = None,
    processes: ProcessesOption = None,
    engine: EngineOption = "processes",
    ledger: LedgerOption = None,
    via: ViaOption = Via.ONLINE,
    repair_via: RepairViaOption = None,
    poll: PollOption = None,
    log: LogOption = None,
    metrics_file: MetricsFileOption = None,
    metrics_port: MetricsPortOption = None,
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    long: LongOption = "windows",
    cite: CiteOption = "all",
    repair: RepairOption = REPAIRS,
) -> None:
    """Extract many articles; run again, it goes on where it was. The word run can be left out."""
    asked = _Asked(only, sample, seed, limit, retry, budget, price_in, price_out)
    with needs("batch"):
        plan = _plan(inputs, column or (), form, concurrency, asked)
        settings = settings_of(base_url, model, ledger)
        reports = reports_of(log, metrics_file, metrics_port)
        plan = replace(plan, server=server_of(settings), reports=reports)
    limits = Limits(concurrency, requests_per_minute, tokens_per_minute)
    way = _way(via, repair_via, poll, settings)
    _check_way(way, limits, processes, engine)
    recipe = pinned_recipe(
        schema, prompt, catalog=catalog_of(settings), long=long, cite=cite, repair=repair
    )
    with needs("batch"):  # what reads Parquet or web pages is imported with the first
        if dry_run:
            estimate(inputs, out, recipe, settings, plan, in_batches=way is not None)
            raise typer.Exit
        named = (settings.prompts, settings.schemas, schema, prompt, long, cite, repair)
        again = partial(recipe_in_process, *named)
        work = _Work(inputs, out, recipe, settings, plan)
        hands = _Hands(processes, engine, limits, again)
        counts = _run(work, hands) if way is None else _run_batches(work, limits, way)
    raise typer.Exit(130 if counts.interrupted else 1 if counts.failed or counts.rejected else 0)


class _Asked(NamedTuple):
    """What the options say that choose articles and bound what is spent."""

    only: Sequence[str] | None
    sample: int | None
    seed: int
    limit: int | None
    retry: Sequence[Retried] | None
    budget: str | None
    price_in: float | None
    price_out: float | None


def _plan(
    inputs: Sequence[str],
    columns: Sequence[str],
    form: Literal["jsonl", "parquet", "both"],
    concurrency: int,
    asked: _Asked,
) -> Plan:
    """What is to be done with inputs that are there: a typing error is told before a model is
    loaded."""
    from extractor import backfill as face
    from extractor.sources import check_input, read_columns

    prices = prices_of(asked.price_in, asked.price_out)
    again: list[Status] = [
        "failed" if each is Retried.FAILED else "rejected" for each in asked.retry or ()
    ]
    try:
        for name in inputs:
            check_input(name)
        choice = face.Choice(
            only=face.read_only(asked.only) if asked.only else None,
            sample=asked.sample,
            seed=asked.seed,
            limit=asked.limit,
            retry=frozenset(again),
        )
        return face.Plan(
            columns=read_columns(columns),
            concurrency=concurrency,
            form=form,
            choice=choice,
            budget=None if asked.budget is None else face.read_budget(asked.budget),
            prices=prices,
        )
    except InputError as error:
        raise typer.BadParameter(f"{error.message} ({error.hint})") from error


class _Hands(NamedTuple):
    """Who is to do the work: how many processes (None: as many as help), started by whom.
    `again` makes the recipe in another process."""

    number: int | None
    engine: Engine
    limits: Limits
    again: Callable[[], Recipe]

    def check(self, settings: Settings) -> None:
        """Whether there can be such. Raises `InputError` and `SettingsError`."""
        if self.engine != "ray":
            return
        if settings.base_url is None:
            raise InputError(
                "the engine ray, and the embedded model of this machine",
                hint="name an endpoint that all machines reach: --base-url",
            )
        with needs("ray"):
            without_usage_reports()

    def crew(self, model: OpenAIModel, plan: Plan) -> Crew | None:
        """None where this process alone does it."""
        from extractor import backfill as face

        concurrency, is_ray = self.limits.concurrency, self.engine == "ray"
        most = 1 if plan.budget is not None else face.as_many_as_help(concurrency)
        number = min(concurrency, self.number or most)
        if not is_ray and (number == 1 or model.endpoint != "remote"):
            return None
        opens = partial(limited, model)
        return face.Crew(number, self.limits, self.again, opens, self.engine)


class _Way(NamedTuple):
    """What the options say of batches: seconds between two looks, and how repairs go."""

    poll: float
    repairs: Literal["batch-api", "online"]


def _way(via: Via, repair_via: Via | None, poll: float | None, settings: Settings) -> _Way | None:
    """None is request by request. Raises `BadParameter`."""
    if via is Via.ONLINE:
        if repair_via is not None or poll is not None:
            raise typer.BadParameter("--repair-via and --poll go with --via batch-api")
        return None
    if settings.base_url is None:
        raise typer.BadParameter(
            "--via batch-api needs an endpoint with OpenAI's Batch API: --base-url, or "
            "OPENAI_API_KEY for OpenAI's own"
        )
    return _Way(
        60.0 if poll is None else poll, "online" if repair_via is Via.ONLINE else "batch-api"
    )


def _check_way(way: _Way | None, limits: Limits, processes: int | None, engine: Engine) -> None:
    """Raises `BadParameter` for options that mean nothing to batches."""
    if way is None:
        return
    if engine == "ray":
        raise typer.BadParameter("--via batch-api works in one process: leave out --engine")
    if processes is not None and processes > 1:
        raise typer.BadParameter("--via batch-api works in one process: leave out --processes")
    if way.repairs == "batch-api" and (limits.requests or limits.tokens):
        raise typer.BadParameter(
            "limits a minute are for requests that go online: leave them out, or add "
            "--repair-via online"
        )


class _Work(NamedTuple):
    """What is to be done, and with what."""

    inputs: Sequence[str]
    out: Path
    recipe: Recipe
    settings: Settings
    plan: Plan


def _run_batches(todo: _Work, limits: Limits, way: _Way) -> Counts:
    """The work through a provider's Batch API."""
    from extractor import backfill as face
    from extractor.openai_batches import OpenAIBatches

    console = stderr()
    with opened_model(todo.settings, console) as opened:

        async def work() -> Counts:
            async with limited(opened, limits, partial(say, console)) as asked:
                via = face.BatchApi(OpenAIBatches(asked), way.poll, way.repairs)
                plan = replace(todo.plan, via=via)
                return await face.run(
                    todo.inputs, todo.out, todo.recipe, asked, plan, console=console
                )

        return asyncio.run(work())


def _run(todo: _Work, hands: _Hands) -> Counts:
    from extractor import backfill as face

    inputs, out, recipe, settings, plan = todo
    console = stderr()
    limits = hands.limits
    hands.check(settings)
    with opened_model(settings, console) as opened:
        crew = hands.crew(opened, plan)
        if crew is not None:
            on = " on Ray" if crew.engine == "ray" else ""
            at_once = f"{limits.concurrency} requests at the same time"
            say(console, f"{crew.number} processes{on}, {at_once}")

        async def work() -> Counts:
            async with limited(opened, limits, partial(say, console)) as asked:
                return await face.run(inputs, out, recipe, asked, plan, crew=crew, console=console)

        return asyncio.run(work())


backfill_app.command()(status)
backfill_app.command()(failures)
