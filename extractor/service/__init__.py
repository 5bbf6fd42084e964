"""The HTTP face: one article in, the same JSON as the command line out; a page to look at it.

Errors are RFC 9457 problem documents (`application/problem+json`).
"""

from __future__ import annotations

import copy
import ipaddress
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from extractor import errors
from extractor.api import REPAIRS, pinned_recipe
from extractor.catalog import Catalog, Cite, Long, Recipe
from extractor.openai_model import OpenAIModel
from extractor.service.admission import LIMITS, Admission, Limits
from extractor.service.answers import Direct, Kept
from extractor.service.articles import Articles
from extractor.service.batches import add_jobs
from extractor.service.catalogue import add_catalogue
from extractor.service.drain import Drain, Server
from extractor.service.extracting import (
    MAX_BODY,
    Desk,
    add_extract,
    add_pages_read,
    add_records,
)
from extractor.service.guard import Guard
from extractor.service.idempotency import Idempotency
from extractor.service.jobs import Jobs
from extractor.service.keys import Keys
from extractor.service.memory import Memory
from extractor.service.metrics import Metered, Metrics, add_metrics
from extractor.service.pages import add_headers, add_pages
from extractor.service.problems import described, problem_of
from extractor.service.reviewing import add_reviewing
from extractor.service.spending import Account, Prices, Spending
from extractor.store import Store
from extractor.version import __version__

__all__ = ["DRAIN_SECONDS", "MAX_BODY", "check_reach", "create_app", "run"]

DRAIN_SECONDS = 120
"""How long requests that are under way have when the service is told to stop."""


def create_app(
    catalog: Catalog,
    model: OpenAIModel,
    *,
    keep: Path | None = None,
    keep_articles: bool = False,
    reviews: Path | None = None,
    keys: Keys | None = None,
    prices: Prices | None = None,
    limits: Limits = LIMITS,
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> FastAPI:
    """The service over one catalog and one model, which it closes at the end.

    `keep` is a folder for replies, records and jobs; without it nothing is kept, and there are no
    jobs. `keep_articles` keeps there the articles of records too, so that a record can be read
    beside its article. `reviews` is a folder for the gold cases that readers make in the viewer;
    without it they make none. With `keys` nothing but health is told without one of them; without,
    to everybody who can reach it. `prices` are what `cost_per_day` of a key is reckoned by.
    `limits` says how many requests it takes on at once; `long`, `cite` and `repair` are those of a
    `Recipe`.

    Raises `StoreError` when the folder cannot be used, or another program works there, and
    `SettingsError` for a `cost_per_day` without prices.
    """

    @lru_cache(maxsize=64)
    def recipe(prompt: str | None, schema: str | None) -> Recipe:
        return pinned_recipe(schema, prompt, catalog=catalog, long=long, cite=cite, repair=repair)

    memory = Memory(keep and keep / "service.sqlite")
    spending = Spending(memory, {} if keys is None else keys.clients, prices)
    admission = Admission(limits)
    metrics = Metrics(lambda: admission.inside)
    asked = Metered(model, metrics)
    account = partial(Account, asked, spending)
    store = jobs = None
    if keep is not None:
        store = Store.open(keep / "ledger.sqlite")
        jobs = Jobs(keep / "jobs", store, account, recipe, concurrency=limits.at_work)
    source = Kept(asked, store, metrics.made) if store else Direct(metrics.made)
    articles = Articles(memory) if keep_articles else None
    desk = Desk(source, account, recipe, Idempotency(memory), articles, admission, limits)
    # FastAPI's own pages of documentation load scripts from elsewhere.
    lifespan = _lifespan(model, memory, store, jobs)
    app = FastAPI(
        title="extractor", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.drain = Drain(*([jobs.let_go] if jobs else []))
    _add_health(app, model, app.state.drain, reviews=reviews is not None)
    _add_routes(app, catalog, desk, store, jobs, reviews)
    _add_doors(app, keys, metrics)
    return app


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
    if store and jobs:
        add_records(app, store, desk.articles)
        add_jobs(app, jobs, desk.recipe, desk.idempotency, desk.limits)
    if reviews is not None:
        add_reviewing(app, reviews, catalog, desk.limits)
    add_catalogue(app, catalog)
    add_pages(app)


def _add_doors(app: FastAPI, keys: Keys | None, metrics: Metrics) -> None:
    """What every request passes through, the innermost first, and what is said of errors."""
    if keys is not None:
        app.add_middleware(Guard, keys=keys)
    add_metrics(app, metrics)
    add_headers(app)
    for kind in (errors.ExtractorError, HTTPException, Exception):
        app.add_exception_handler(kind, problem_of)


def _lifespan(
    model: OpenAIModel, memory: Memory, store: Store | None, jobs: Jobs | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What is open as long as the service runs; closed in the opposite order."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            if store is not None:
                opened.enter_context(store)
            opened.enter_context(memory)
            await opened.enter_async_context(model)
            if jobs is not None:
                await opened.enter_async_context(jobs)
            yield

    return lifespan


def _add_health(app: FastAPI, model: OpenAIModel, drain: Drain, *, reviews: bool) -> None:
    @app.get("/healthz", summary="Whether the process is up, and what it does")
    async def healthz() -> dict[str, str | bool]:
        return {
            "status": "ok",
            "version": __version__,
            "model": model.name,
            "reviews": reviews,
        }

    @app.get(
        "/readyz", summary="Whether it takes requests", responses=described({503: "told to stop"})
    )
    async def readyz() -> dict[str, str]:
        if drain.begun:
            raise HTTPException(503, "the service was told to stop")
        return {"status": "ready"}


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


def run(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until interrupted; the log goes to standard error.

    `app` is one of `create_app`. What is under way when it is told to stop has `DRAIN_SECONDS`
    to end; what follows a job ends at once.
    """
    log = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    log["handlers"]["access"]["stream"] = "ext://sys.stderr"
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=log,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = Server(config, app.state.drain)
    with suppress(KeyboardInterrupt):  # raised again once all is over
        server.run()
    if not server.started:  # it has said why
        sys.exit(1)
