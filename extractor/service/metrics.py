"""What the service counts, in the form of Prometheus: `GET /metrics`."""

from __future__ import annotations

import time
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extractor.errors import ExtractorError
from extractor.making import Made
from extractor.measures import INFO, TOKEN_KINDS, TOKENS
from extractor.model import Completion, Heard, Request, StreamingModel
from extractor.service.account import account, route_of
from extractor.service.admission import Admission
from extractor.version import __version__

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Metrics:
    """The counters of one service, which asks the model of that name."""

    def __init__(self, model: str) -> None:
        """Long because it says of each counter what it means."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "extractor_requests",
            "Requests, by route, method and status (gone: the client went away before an answer).",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "extractor_request_seconds",
            "How long requests took, by route.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.refused = Counter(
            "extractor_request_problems",
            "Requests that were answered with a problem, by its code; gone: the client went away.",
            ["code"],
            registry=self.registry,
        )
        self.calls = Counter(
            "extractor_model_calls",
            "Calls of the model, by outcome: answered, or the code of the error.",
            ["outcome"],
            registry=self.registry,
        )
        self.attempts = Counter(
            "extractor_model_attempts",
            "HTTP requests that the answered calls took: more than the calls, when some failed.",
            registry=self.registry,
        )
        self.model_seconds = Histogram(
            "extractor_model_seconds",
            "How long the model took to answer.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.tokens = Counter(
            *TOKENS,
            ["kind"],
            registry=self.registry,
        )
        self.records = Counter(
            "extractor_records",
            "Records made, for requests and for jobs, by status.",
            ["status"],
            registry=self.registry,
        )
        self.values = Counter(
            "extractor_values",
            "Values in these records, by support.",
            ["support"],
            registry=self.registry,
        )
        self.problems = Counter(
            "extractor_problems",
            "Problems of these records, by code.",
            ["code"],
            registry=self.registry,
        )
        Gauge(
            *INFO,
            ["version", "model"],
            registry=self.registry,
        ).labels(__version__, model).set(1)

    def _gauge(self, name: str, meaning: str, value: Callable[[], int]) -> None:
        Gauge(name, meaning, registry=self.registry).set_function(value)

    def measure_queue(self, admission: Admission) -> None:
        """Tells how full the service is, too."""
        self._gauge("extractor_articles_at_work", "Articles at work.", lambda: admission.at_work)
        self._gauge(
            "extractor_articles_inside", "Articles at work or in line.", lambda: admission.inside
        )
        self._gauge(
            "extractor_places", "How many may be at work or in line.", lambda: admission.places
        )

    def count_jobs(self, unfinished: Callable[[], int]) -> None:
        """Tells how many jobs are not at their end, too."""
        self._gauge("extractor_jobs_unfinished", "Jobs that wait or are at work.", unfinished)

    def made(self, made: Made) -> None:
        """Counts an extraction that was made now, and is not from the ledger."""
        self.records.labels(made.status).inc()
        for support, number in made.supports.items():
            self.values.labels(support).inc(number)
        for code, number in made.problems.items():
            self.problems.labels(code).inc(number)
        account().record = made.status


class Metered:
    """Asks `model`, and counts what that takes."""

    def __init__(self, model: StreamingModel, metrics: Metrics) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._metrics = metrics

    async def complete(self, request: Request, heard: Heard | None = None) -> Completion:
        """One reply. Raises what the model raises."""
        began = time.monotonic()
        try:
            reply = await self._model.complete(request, heard)
        except ExtractorError as error:
            self._metrics.calls.labels(error.code).inc()
            raise
        self._metrics.calls.labels("answered").inc()
        self._metrics.attempts.inc(reply.attempts)
        self._metrics.model_seconds.observe(time.monotonic() - began)
        usage = reply.usage
        for kind in TOKEN_KINDS:
            self._metrics.tokens.labels(kind).inc(getattr(usage, f"{kind}_tokens"))
        account().usage += usage
        return reply


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """`GET /metrics`, and the counting of all requests."""

    @app.get("/metrics", summary="Counters for Prometheus", response_class=Response)
    async def told() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app.add_middleware(_Counted, metrics=metrics)


class _Counted:
    """Counts each request under the route that it took: paths would be without end."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None
        began = time.monotonic()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        gone = True  # who sends nothing to the end has gone, unless something went wrong
        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            gone = isinstance(error, ClientDisconnect)
            raise
        finally:
            route = route_of(scope)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            # A problem that was told in a stream has a status of its own.
            told = account().told or status or ("gone" if gone else 500)
            self._metrics.requests.labels(route, method, str(told)).inc()
            self._metrics.seconds.labels(route).observe(time.monotonic() - began)


_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"})
