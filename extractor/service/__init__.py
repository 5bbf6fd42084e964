"""The HTTP face: one article in, the same JSON as the command line out; a page to look at it.

Errors are RFC 9457 problem documents (`application/problem+json`).
"""

from __future__ import annotations

import gc
import ipaddress
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    suppress,
)
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor import errors
from extractor.api import REPAIRS
from extractor.catalog import Catalog, Cite, Long, Recipe
from extractor.logs import Logs, logging_to
from extractor.making import Made, Recipes, spare_the_collector
from extractor.model import Model, StreamingModel
from extractor.openai_model import OpenAIModel
from extractor.prices import Prices
from extractor.records import Extraction
from extractor.service.admission import LIMITS, Admission, Limits
from extractor.service.answers import Direct, Kept
from extractor.service.articles import Articles
from extractor.service.batches import add_jobs
from extractor.service.catalogue import add_catalogue
from extractor.service.description import describe
from extractor.service.drain import Drain, Server
from extractor.service.extracting import (
    MAX_BODY,
    Desk,
    add_extract,
    add_pages_read,
    add_records,
)
from extractor.service.guard import Guard
from extractor.service.health import Problems, add_health, add_health_page
from extractor.service.idempotency import Idempotency
from extractor.service.jobs import Jobs
from extractor.service.journal import Accounted
from extractor.service.keys import Keys
from extractor.service.memory import Memory
from extractor.service.metrics import Metered, Metrics, add_metrics
from extractor.service.pages import add_headers, add_pages
from extractor.service.problems import problem_of
from extractor.service.protocol import Strict
from extractor.service.reviewing import add_reviewing
from extractor.service.spending import Account, Spending
from extractor.service.telemetry import Observed, Telemetry, Traced
from extractor.service.workers import Workers
from extractor.store import Server as LedgerServer
from extractor.store import Store, locked
from extractor.version import __version__

__all__ = ["DRAIN_SECONDS", "MAX_BODY", "check_reach", "create_app", "run"]

DRAIN_SECONDS = 120
"""How long requests that are under way have when the service is told to stop."""
_LOG = logging.getLogger(__name__)


def create_app(
    catalog: Catalog,
    model: OpenAIModel,
    *,
    keep: Path | None = None,
    ledger: LedgerServer | None = None,
    keep_articles: bool = False,
    reviews: Path | None = None,
    keys: Keys | None = None,
    prices: Prices | None = None,
    limits: Limits = LIMITS,
    telemetry: Telemetry | None = None,
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
    workers: int = 0,
) -> FastAPI:
    """The service over one catalog and one model, which it closes at the end.

    `keep` is a folder for replies, records and jobs; without it nothing is kept, and there are no
    jobs. With a `ledger` replies and records are there, and in the folder is the rest: several
    services can share the ledger, and each has a folder of its own, or none and no jobs.
    `keep_articles` keeps there the articles of records too, so that a record can be read
    beside its article. `reviews` is a folder for the gold cases that readers make in the viewer;
    without it they make none. With `keys` nothing but health is told without one of them; without,
    to everybody who can reach it. `prices` are what `cost_per_day` of a key is reckoned by.
    `limits` says how many requests it takes on at once, `telemetry` where spans and measurements
    go (nowhere, without it), and is closed at the end; `long`, `cite` and `repair` are those of a
    `Recipe`. `workers` is how many processes make records beside this one.

    Raises `StoreError` when the folder cannot be used, or another program works there, and
    `SettingsError` for a `cost_per_day` without prices.

    Long because it names all that a service is made of.
    """

    recipes = Recipes(catalog, long, cite, repair)
    telemetry = telemetry or Telemetry()
    watch = Watch(Admission(limits), Metrics(model.name), telemetry, Problems())
    memory = Memory(keep and keep / "service.sqlite")
    spending = Spending(memory, {} if keys is None else keys.clients, prices)
    asked = _watched(model, watch)
    account = partial(Account, asked, spending)
    crew = Workers(workers, recipes)
    store, held = _opened(keep, ledger)
    jobs = None
    if keep is not None and store is not None:
        jobs = Jobs(
            keep / "jobs", store, account, recipes.read, watch.made, concurrency=limits.at_work
        )
    app = _app(_lifespan(model, memory, store, jobs, telemetry, crew, held), watch, keys)
    app.state.drain = Drain(*([jobs.let_go] if jobs else []))
    add_health(app, model, app.state.drain, reviews=reviews is not None)
    _add_told(app, model, watch, jobs)
    desk = Desk(
        _source(asked, store, watch, crew),
        account,
        partial(_recipe, recipes),
        Idempotency(memory),
        Articles(memory) if keep_articles else None,
        watch.admission,
        telemetry,
        limits,
    )
    _add_routes(app, catalog, desk, store, jobs, reviews)
    return app


async def _recipe(recipes: Recipes, prompt: str | None, schema: str | None) -> Recipe:
    """A recipe; reading its files is for a thread, but only once."""
    known = recipes.find(prompt, schema)
    if known is not None:
        return known
    return await run_in_threadpool(recipes.read, prompt, schema)


def _add_told(app: FastAPI, model: OpenAIModel, watch: Watch, jobs: Jobs | None) -> None:
    """What a person is told of the service, and what is counted of its jobs."""
    unfinished = jobs.count_unfinished if jobs else None
    add_health_page(app, model, app.state.drain, watch.admission, watch.problems, unfinished)
    if unfinished:
        watch.metrics.count_jobs(unfinished)


def _add_routes(
    app: FastAPI,
    catalog: Catalog,
    desk: Desk,
    store: Store | None,
    jobs: Jobs | None,
    reviews: Path | None,
) -> None:
    add_extract(app, desk)
    add_pages_read(app, desk.limits)
    if store:
        add_records(app, store, desk.articles)
    if jobs:
        add_jobs(app, jobs, desk.recipe, desk.idempotency, desk.limits)
    if reviews is not None:
        add_reviewing(app, reviews, catalog, desk.limits)
    add_catalogue(app, catalog)
    add_pages(app)


@dataclass(frozen=True)
class Watch:
    """All that is told of a service while it runs."""

    admission: Admission
    metrics: Metrics
    telemetry: Telemetry
    problems: Problems

    def made(self, extraction: Extraction[Any]) -> None:
        """A record was made for a job."""
        self.metrics.made(Made.of(extraction))

    def problem(self, code: str) -> None:
        """A request was answered with that problem."""
        self.metrics.refused.labels(code).inc()
        self.problems.add(code)


def _watched(model: OpenAIModel, watch: Watch) -> StreamingModel:
    model.before_each_attempt(watch.telemetry.attempt)
    return Metered(Observed(model, model.base_url, watch.telemetry), watch.metrics)


def _opened(keep: Path | None, ledger: LedgerServer | None) -> tuple[Store | None, ExitStack]:
    """The ledger, if there is one, and what is to be closed at the end. The folder belongs to one
    service at a time: the lock is that of the file of its ledger, wherever the ledger is."""
    held = ExitStack()
    store = None
    if ledger is not None:
        if keep is not None:
            held.callback(os.close, locked(keep / "ledger.sqlite"))
        try:
            store = held.enter_context(Store.open(ledger, _LOG.warning))
        except BaseException:
            held.close()
            raise
    elif keep is not None:
        store = held.enter_context(Store.open(keep / "ledger.sqlite"))
    return store, held


def _source(model: Model, store: Store | None, watch: Watch, crew: Workers) -> Direct | Kept:
    how = watch.telemetry.making(crew.make), crew.expect, watch.metrics.made
    return Kept(model, store, crew.begin, *how) if store else Direct(*how)


def _app(
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    watch: Watch,
    keys: Keys | None,
) -> FastAPI:
    """What every request passes, from the inside to the outside, and no route but `/metrics`."""
    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(
        title="extractor",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # They would send keys to whatever host the request names.
        redirect_slashes=False,
    )
    if keys is not None:
        app.add_middleware(Guard, keys=keys)
    watch.metrics.measure_queue(watch.admission)
    add_metrics(app, watch.metrics)
    app.add_middleware(Traced, telemetry=watch.telemetry)
    app.add_middleware(Accounted, told=watch.problem)
    add_headers(app)
    for kind in (errors.ExtractorError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, problem_of)
    describe(app, keyed=keys is not None)
    return app


def _lifespan(
    model: OpenAIModel,
    memory: Memory,
    store: Store | None,
    jobs: Jobs | None,
    telemetry: Telemetry,
    crew: Workers,
    held: ExitStack,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What is open as long as the service runs; closed in the opposite order."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            opened.push_async_callback(run_in_threadpool, telemetry.close)
            opened.enter_context(held)
            opened.enter_context(memory)
            await opened.enter_async_context(model)
            await opened.enter_async_context(crew)
            if jobs is not None:
                await opened.enter_async_context(jobs)
            yield

    return lifespan


def check_reach(host: str, keys: Keys | None) -> None:
    """Raises `SettingsError` for an address that other machines reach, when there are no keys."""
    if keys is None and not _is_loopback(host):
        raise errors.SettingsError(
            f"{host} can be reached from other machines, and there are no keys",
            hint="name a file of keys (--keys; `extractor keys new` makes one), or listen on "
            "127.0.0.1",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run(app: FastAPI, *, host: str, port: int, logs: Logs | None = None) -> None:
    """Serve until interrupted; the log goes to standard error.

    `app` is one of `create_app`. What is under way when it is told to stop has `DRAIN_SECONDS`
    to end; what follows a job ends at once.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        http=Strict,
        ws="none",
        access_log=False,  # the line of a request is ours (see journal)
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    # What is there now stays: the collector, which would go over all of it again and again while
    # requests wait, need not look at it.
    gc.collect()
    spare_the_collector()
    server = Server(config, app.state.drain)
    # The interrupt is raised again once all is over.
    with logging_to(sys.stderr, logs or Logs()), suppress(KeyboardInterrupt):
        server.run()
    if not server.started:  # it has said why
        sys.exit(1)
