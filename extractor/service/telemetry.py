"""Traces and metrics for OpenTelemetry, and every name that they have.

The names of what a model is asked are those of the GenAI conventions, version 0.1.0 (still in
development): they are nowhere else, so that a later version is a change of this file. Until
then `gen_ai.client.inference.duration` was `gen_ai.client.operation.duration`, and the counters
of tokens were one histogram, `gen_ai.client.token.usage`.

A span holds ids, digests, numbers and codes; never a text, a key, or the message of an error,
which may quote either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urlsplit

from opentelemetry.metrics import MeterProvider, NoOpMeterProvider
from opentelemetry.trace import (
    NoOpTracerProvider,
    Span,
    SpanKind,
    StatusCode,
    TracerProvider,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extractor.catalog import Recipe
from extractor.errors import ExtractorError
from extractor.making import Made
from extractor.model import Completion, Heard, Model, Request, StreamingModel
from extractor.reading import Asked, Readings
from extractor.records import Article
from extractor.service.account import account, route_of
from extractor.service.workers import Begun, Making
from extractor.version import __version__

SERVICE_NAME, SERVICE_VERSION = "service.name", "service.version"
METHOD, ROUTE, STATUS = "http.request.method", "http.route", "http.response.status_code"
ERROR_TYPE = "error.type"
SERVER_ADDRESS, SERVER_PORT = "server.address", "server.port"

OPERATION, PROVIDER = "gen_ai.operation.name", "gen_ai.provider.name"
REQUEST_MODEL, RESPONSE_MODEL = "gen_ai.request.model", "gen_ai.response.model"
MAX_TOKENS, TEMPERATURE = "gen_ai.request.max_tokens", "gen_ai.request.temperature"
SEED, OUTPUT_TYPE = "gen_ai.request.seed", "gen_ai.output.type"
FINISH_REASONS, RESPONSE_ID = "gen_ai.response.finish_reasons", "gen_ai.response.id"
INPUT_TOKENS, OUTPUT_TOKENS = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
PROMPT_NAME, PROMPT_VERSION = "gen_ai.prompt.name", "gen_ai.prompt.version"

DURATION = "gen_ai.client.inference.duration"
USED_INPUT = "gen_ai.client.inference.usage.input_tokens"
USED_OUTPUT = "gen_ai.client.inference.usage.output_tokens"
USED_CACHED = "gen_ai.client.inference.usage.cache_read.input_tokens"
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)

# What no convention names.
REQUEST_ID, CLIENT = "extractor.request.id", "extractor.client"
ARTICLE, SCHEMA = "extractor.article.digest", "extractor.schema"
RECORD_STATUS, PROBLEMS = "extractor.record.status", "extractor.record.problems"
VALUES = "extractor.record.values"
ATTEMPTS = "extractor.model.attempts"
EXTRACTION, VALIDATION, ATTEMPT = "extraction", "validation", "attempt"

_CHAT = "chat"
_TRACE_CONTEXT = TraceContextTextMapPropagator()
Attributes = Mapping[str, AttributeValue]


class Telemetry:
    """Where spans and measurements of one service go; nowhere, unless it is given providers.

    `close` is called at the end, and waits until all is sent.
    """

    def __init__(
        self,
        tracers: TracerProvider | None = None,
        meters: MeterProvider | None = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.close = close
        self._tracer = (tracers or NoOpTracerProvider()).get_tracer("extractor", __version__)
        meter = (meters or NoOpMeterProvider()).get_meter("extractor", __version__)
        self._seconds = meter.create_histogram(
            DURATION,
            unit="s",
            description="How long a call of the model took, with all its attempts.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._used = {
            name: meter.create_counter(name, unit="{token}", description="Tokens used.")
            for name in (USED_INPUT, USED_OUTPUT, USED_CACHED)
        }

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Attributes,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Span]:
        """A span under the current one; under the caller's, where `headers` name one.

        Of an error only its code (or class) is told.
        """
        context = None if headers is None else _TRACE_CONTEXT.extract(dict(headers))
        with self._tracer.start_as_current_span(
            name,
            context,
            kind,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                _fail(span, error_type(error))
                raise

    @contextmanager
    def extraction(self, article: Article, recipe: Recipe) -> Iterator[None]:
        """The span of all that is done for an article."""
        attributes = {
            ARTICLE: article.digest,
            PROMPT_NAME: recipe.prompt.name,
            PROMPT_VERSION: str(recipe.prompt.version),
            SCHEMA: recipe.schema.id,
        }
        with self.span(EXTRACTION, attributes):
            yield

    def making(self, make: Making) -> Making:
        """`make` (grounding and validation) in a span of its own."""

        async def observed(
            article: Article,
            recipe: Recipe,
            readings: Readings,
            asked: Asked,
            begun: Begun | None,
        ) -> Made:
            with self.span(VALIDATION, {ARTICLE: article.digest}) as span:
                made = await make(article, recipe, readings, asked, begun)
                span.set_attributes(
                    {
                        RECORD_STATUS: made.status,
                        PROBLEMS: sum(made.problems.values()),
                        **{f"{VALUES}.{kind}": n for kind, n in sorted(made.supports.items())},
                    }
                )
            return made

        return observed

    def attempt(self) -> dict[str, str]:
        """An attempt to reach the model begins: notes it, and gives the headers (`traceparent`)
        that hand the trace on."""
        get_current_span().add_event(ATTEMPT)
        headers: dict[str, str] = {}
        _TRACE_CONTEXT.inject(headers)
        return headers

    def measured(self, attributes: Attributes, seconds: float, reply: Completion | None) -> None:
        """Counts a call of the model, and what it took."""
        self._seconds.record(seconds, attributes)
        if reply is not None:
            usage = reply.usage
            self._used[USED_INPUT].add(usage.input_tokens, attributes)
            self._used[USED_OUTPUT].add(usage.output_tokens, attributes)
            self._used[USED_CACHED].add(usage.cached_tokens, attributes)


def error_type(error: Exception) -> str:
    """The code of one of our errors, the class of another."""
    return error.code if isinstance(error, ExtractorError) else type(error).__name__


def _fail(span: Span, kind: str) -> None:
    span.set_attribute(ERROR_TYPE, kind)
    span.set_status(StatusCode.ERROR)


class Observed:
    """Asks `model`, in a span, and measures that."""

    def __init__(self, model: StreamingModel, address: str, telemetry: Telemetry) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._telemetry = telemetry
        self._about = _about(model, address)

    async def complete(self, request: Request, heard: Heard | None = None) -> Completion:
        """One reply. Raises what the model raises."""
        began = time.monotonic()
        asked = {**self._about, **_parameters(request)}
        with self._telemetry.span(f"{_CHAT} {self.name}", asked, kind=SpanKind.CLIENT) as span:
            try:
                reply = await self._model.complete(request, heard)
            except Exception as error:
                failed = {**self._about, ERROR_TYPE: error_type(error)}
                self._telemetry.measured(failed, time.monotonic() - began, None)
                raise
            answered = {RESPONSE_MODEL: reply.model} if reply.model else {}
            span.set_attributes({**answered, **_told(reply)})
        self._telemetry.measured({**self._about, **answered}, time.monotonic() - began, reply)
        return reply


def _about(model: Model, address: str) -> dict[str, AttributeValue]:
    place = urlsplit(address)
    return {
        OPERATION: _CHAT,
        # The convention's name for who speaks this protocol; our own engine has none there.
        PROVIDER: "openai" if model.endpoint == "remote" else "llama_cpp",
        REQUEST_MODEL: model.name,
        SERVER_ADDRESS: place.hostname or "",
        SERVER_PORT: place.port or (443 if place.scheme == "https" else 80),
    }


def _parameters(request: Request) -> dict[str, AttributeValue]:
    chosen = request.parameters
    return {
        MAX_TOKENS: chosen.max_tokens,
        TEMPERATURE: chosen.temperature,
        OUTPUT_TYPE: "json",
        **({} if chosen.seed is None else {SEED: chosen.seed}),
    }


def _told(reply: Completion) -> dict[str, AttributeValue]:
    answer_id = reply.raw.get("id")
    return {
        INPUT_TOKENS: reply.usage.input_tokens,
        OUTPUT_TOKENS: reply.usage.output_tokens,
        CACHED_TOKENS: reply.usage.cached_tokens,
        ATTEMPTS: reply.attempts,
        **({FINISH_REASONS: [reply.finish_reason]} if reply.finish_reason else {}),
        **({RESPONSE_ID: answer_id} if isinstance(answer_id, str) else {}),
    }


class Traced:
    """A span for each request, under the caller's when it sends one (W3C `traceparent`)."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = scope["method"]
        about = {METHOD: method, REQUEST_ID: account().id}
        with self._telemetry.span(method, about, kind=SpanKind.SERVER, headers=headers) as span:
            if span.is_recording():
                account().trace = format_trace_id(span.get_span_context().trace_id)

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute(STATUS, message["status"])
                    if message["status"] >= 500:
                        _fail(span, account().problem or str(message["status"]))
                await send(message)

            try:
                await self._app(scope, receive, sending)
            finally:
                span.set_attribute(ROUTE, route_of(scope))
                span.update_name(f"{method} {route_of(scope)}")
                if (client := account().client) is not None:
                    span.set_attribute(CLIENT, client)


class _Provider(Protocol):
    def shutdown(self) -> None: ...


def exporting(*, traces: bool, metrics: bool) -> Telemetry:
    """Sends spans and measurements by OTLP over HTTP, to where OpenTelemetry's own variables say.

    Raises `ModuleNotFoundError` without the extra `otel`.
    """
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    ours = Resource({SERVICE_NAME: "extractor", SERVICE_VERSION: __version__})
    # What the environment says (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) comes last, and holds.
    resource = Resource.create().merge(ours).merge(OTELResourceDetector().detect())
    providers: list[_Provider] = []
    tracers = meters = None
    if traces:
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        providers.append(tracers)
    if metrics:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        providers.append(meters)

    def close() -> None:
        for provider in providers:
            provider.shutdown()

    return Telemetry(tracers, meters, close)
