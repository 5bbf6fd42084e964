"""`extractor serve` and `extractor keys`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from extractor.api import REPAIRS
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    LedgerOption,
    LongOption,
    ModelOption,
    PriceInOption,
    PriceOutOption,
    RepairOption,
    catalog_of,
    needs,
    opened_model,
    prices_of,
    server_of,
    settings_of,
    stderr,
)
from extractor.errors import SettingsError
from extractor.settings import exports_of_environment

if TYPE_CHECKING:
    from extractor.logs import Logs
    from extractor.service.admission import Limits
    from extractor.service.keys import Keys
    from extractor.service.telemetry import Telemetry


MOST_WORKERS = 4
"""Processes beside the one that speaks HTTP, as long as nobody says how many."""
LogLevel = Literal["debug", "info", "warning", "error"]

InLineOption = Annotated[
    int | None,
    typer.Option(min=0, help="How many more may wait. [default: half of --at-once, at least 1]"),
]


ReviewsOption = Annotated[
    Path | None, typer.Option(help="A folder for the gold cases that readers make.")
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=64,
        help="Processes that make records of replies. [default: one less than processors, at most "
        f"{MOST_WORKERS}]",
    ),
]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    keep: Annotated[
        Path | None,
        typer.Option(help="A folder for replies, records and jobs: the same is not asked twice."),
    ] = None,
    ledger: LedgerOption = None,
    keep_articles: Annotated[
        bool,
        typer.Option("--keep-articles", help="Keep the articles of records there, to share them."),
    ] = False,
    reviews: ReviewsOption = None,
    keys: Annotated[
        Path | None, typer.Option(help="A file of keys: none gets in without one of them.")
    ] = None,
    price_in: PriceInOption = None,
    price_out: PriceOutOption = None,
    at_once: Annotated[
        int | None,
        typer.Option(min=1, help="Articles at work. [default: the embedded model's, or 16]"),
    ] = None,
    in_line: InLineOption = None,
    workers: WorkersOption = None,
    log_level: Annotated[LogLevel, typer.Option(help="What is logged, and above.")] = "info",
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    long: LongOption = "windows",
    cite: CiteOption = "all",
    repair: RepairOption = REPAIRS,
) -> None:
    """Serve extraction over HTTP."""
    with needs("serve"):
        from extractor.service import create_app, run

    known = _known(host, keys, keep)
    prices = prices_of(price_in, price_out)
    if keep_articles and keep is None:
        raise SettingsError("there is no folder to keep articles in", hint="name one with --keep")
    settings = settings_of(base_url, model, ledger)
    telemetry = _telemetry()
    limits = _limits(at_once or (16 if settings.base_url else settings.parallel), in_line)
    with opened_model(settings, stderr()) as opened:
        app = create_app(
            catalog_of(settings),
            opened,
            keep=keep,
            ledger=server_of(settings),
            keep_articles=keep_articles,
            reviews=reviews,
            keys=known,
            prices=prices,
            limits=limits,
            telemetry=telemetry,
            long=long,
            cite=cite,
            repair=repair,
            workers=_beside() if workers is None else workers,
        )
        run(app, host=host, port=port, logs=_logs(log_level))


def _limits(at_work: int, in_line: int | None) -> Limits:
    from extractor.service.admission import Limits

    return Limits(at_work, max(1, at_work // 2) if in_line is None else in_line)


def _beside() -> int:
    """As many processes as there are processors that the service itself leaves free."""
    known = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    return min(processors - 1, MOST_WORKERS)


def _logs(level: LogLevel) -> Logs:
    """For people where there are some, else lines of JSON."""
    from extractor.logs import Logs

    console = stderr()
    form: Literal["json", "console"] = "console" if console.is_terminal else "json"
    return Logs(level=level, form=form, colors=not console.no_color)


def _telemetry() -> Telemetry:
    """What OpenTelemetry's own variables ask for."""
    from extractor.service.telemetry import Telemetry, exporting

    exports = exports_of_environment()
    if not (exports.traces or exports.metrics):
        return Telemetry()
    with needs("otel"):
        return exporting(traces=exports.traces, metrics=exports.metrics)


def _known(host: str, keys: Path | None, keep: Path | None) -> Keys | None:
    """The keys of the file, which is needed where other machines reach the service."""
    from extractor.service import check_reach
    from extractor.service.keys import read_keys

    known = None if keys is None else read_keys(keys)
    check_reach(host, known)
    if keep is None and known and any(client.is_limited for client in known.clients.values()):
        stderr().print("without --keep, what was spent of a day is forgotten at a restart")
    return known


keys_app = typer.Typer(help="Keys of the service.", no_args_is_help=True)


@keys_app.command("new")
def new_key(
    name: Annotated[str, typer.Argument(help="Whose it will be.")],
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="How much it may ask. [default: no limit]")
    ] = None,
    tokens_per_day: Annotated[
        int | None, typer.Option(min=1, help="Tokens of the model, in and out. [default: no limit]")
    ] = None,
    cost_per_day: Annotated[
        float | None, typer.Option(help="The same, by the prices of the service.")
    ] = None,
) -> None:
    """Make a key: it is shown once, and its hash goes into the file of keys."""
    from extractor.service.keys import check_name, hash_of, new_key

    check_name(name)
    if cost_per_day is not None and not 0 < cost_per_day < float("inf"):
        raise SettingsError(f"--cost-per-day is {cost_per_day}", hint="expected more than nothing")
    limits = {
        "requests_per_minute": requests_per_minute,
        "tokens_per_day": tokens_per_day,
        "cost_per_day": cost_per_day,
    }
    key = new_key()
    stderr().print("The key, for its holder alone; it is kept nowhere:")
    print(key)
    stderr().print("For the file of keys:")
    print(f'[{name}]\nsha256 = ["{hash_of(key)}"]')
    for limit, number in limits.items():
        if number is not None:
            print(f"{limit} = {number}")
