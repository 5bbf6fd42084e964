"""Spans and measurements: what they are called, how they hang together, what they do not tell."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.testclient import TestClient
from typer.testing import CliRunner

from extractor import cli
from extractor.catalog import Catalog
from extractor.errors import SettingsError
from extractor.openai_model import Budget, OpenAIModel
from extractor.service import create_app
from extractor.service.keys import Client, Keys, hash_of, new_key
from extractor.service.telemetry import Telemetry, exporting
from extractor.settings import read_exports
from tests.loopback import Handler, LoopbackServer
from tests.recorded import CASSETTES, MODEL, recorded_case, recorded_model
from tests.replay_server import ReplayServer

KEY, MODEL_KEY = new_key(), "sk-the-key-of-the-endpoint-itself"
KEYS = Keys({"analysts": Client(sha256=(hash_of(KEY),))})
ARTICLE = recorded_case("bus-bombing-claim").article
BODY = ARTICLE.model_dump(mode="json")
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = {"traceparent": f"00-{TRACE}-{PARENT}-01", "Authorization": f"Bearer {KEY}"}


class Watched:
    """A service whose spans and measurements stay in memory."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        tracers = TracerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        meters = MeterProvider([self._reader], shutdown_on_exit=False)
        self.telemetry = Telemetry(tracers, meters)
        self._close = (tracers.shutdown, meters.shutdown)

    @contextmanager
    def client(self, model: OpenAIModel, keep: Path | None = None) -> Iterator[TestClient]:
        options: dict[str, Any] = {"keys": KEYS, "keep": keep, "repair": 0}
        app = create_app(Catalog.open(), model, telemetry=self.telemetry, **options)
        with TestClient(app) as client:
            yield client

    def spans(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())

    def measured(self) -> dict[str, list[Any]]:
        found = self._reader.get_metrics_data()
        if found is None:
            return {}
        scopes = [scope for resource in found.resource_metrics for scope in resource.scope_metrics]
        return {each.name: list(each.data.data_points) for s in scopes for each in s.metrics}

    def close(self) -> None:
        for close in self._close:
            close()

    def all_told(self) -> str:
        told = "".join(span.to_json() for span in self.spans())
        return told + str(self.measured())


@pytest.fixture
def watched() -> Iterator[Watched]:
    found = Watched()
    yield found
    found.close()


def named(spans: list[ReadableSpan], name: str) -> ReadableSpan:
    [found] = [span for span in spans if span.name == name]
    return found


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


def assert_tells_nothing(said: str) -> None:
    for secret in (KEY, MODEL_KEY, hash_of(KEY)):
        assert secret not in said
    words = ARTICLE.text.split()
    for n in range(len(words) - 2):
        assert " ".join(words[n : n + 3]) not in said


@pytest.mark.parametrize("kept", [False, True], ids=["direct", "kept"])
def test_a_request_is_a_trace(watched: Watched, tmp_path: Path, kept: bool) -> None:
    with ReplayServer(CASSETTES) as server:
        model = recorded_model(server.base_url)
        with watched.client(model, tmp_path if kept else None) as client:
            answer = client.post("/v1/extract", json=BODY, headers=CALLER)
    found = answer.json()
    spans = watched.spans()
    names = ["chat " + MODEL, "validation", "extraction", "POST /v1/extract"]
    assert [span.name for span in spans] == names
    chat, validation, extraction, request = spans
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT
    for child, parent in ((extraction, request), (chat, extraction), (validation, extraction)):
        assert child.parent is not None
        assert child.parent.span_id == parent.context.span_id
    assert {f"{span.context.trace_id:032x}" for span in spans} == {TRACE}
    assert (request.kind, chat.kind) == (SpanKind.SERVER, SpanKind.CLIENT)
    assert {**attributes(request)} == {
        "http.request.method": "POST",
        "http.route": "/v1/extract",
        "http.response.status_code": 200,
        "extractor.request.id": answer.headers["X-Request-ID"],
        "extractor.client": "analysts",
    }
    usage = found["provenance"]["usage"]
    told = attributes(chat)
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "openai"
    assert told["gen_ai.request.model"] == MODEL
    assert told["gen_ai.response.model"] == found["provenance"]["model_answered"]
    assert told["gen_ai.usage.input_tokens"] == usage["input_tokens"]
    assert told["gen_ai.usage.output_tokens"] == usage["output_tokens"]
    assert told["gen_ai.response.finish_reasons"] == ("stop",)
    assert told["extractor.model.attempts"] == len(chat.events) == 1
    assert attributes(extraction)["extractor.article.digest"] == ARTICLE.digest
    assert attributes(extraction)["gen_ai.prompt.name"] == "event"
    assert attributes(validation)["extractor.record.status"] == found["status"]
    supports = [each["support"] for each in found["evidence"].values()]
    assert attributes(validation)["extractor.record.values.quoted"] == supports.count("quoted")
    assert_tells_nothing(watched.all_told())


def test_what_the_model_took_is_measured(watched: Watched) -> None:
    with ReplayServer(CASSETTES) as server, watched.client(recorded_model(server.base_url)) as c:
        found = c.post("/v1/extract", json=BODY, headers=CALLER).json()
        measured = watched.measured()
    usage = found["provenance"]["usage"]
    [took] = measured["gen_ai.client.inference.duration"]
    assert (took.count, took.attributes["gen_ai.request.model"]) == (1, MODEL)
    for kind in ("input", "output"):
        [used] = measured[f"gen_ai.client.inference.usage.{kind}_tokens"]
        assert used.value == usage[f"{kind}_tokens"]


class Overloaded(LoopbackServer):
    """Refuses everything, in words of the request, and remembers the headers."""

    def __init__(self) -> None:
        self.headers: list[Mapping[str, str]] = []
        super().__init__()

    def handler(self) -> type[Handler]:
        server = self

        class Refusing(Handler, BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.headers.append(dict(self.headers))
                self.send_response(503)
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Refusing


def test_a_call_that_fails_tells_its_attempts_and_its_code_alone(watched: Watched) -> None:
    with Overloaded() as endpoint:
        budget = Budget(attempts=2)
        model = OpenAIModel("m", base_url=endpoint.url, api_key=MODEL_KEY, budget=budget)
        with watched.client(model) as client:
            answer = client.post("/v1/extract", json=BODY, headers=CALLER)
            measured = watched.measured()
    assert answer.status_code == 503
    spans = watched.spans()
    chat = named(spans, "chat m")
    assert [event.name for event in chat.events] == ["attempt", "attempt"]
    for span in (chat, named(spans, "extraction")):
        assert span.status.status_code == StatusCode.ERROR
        assert span.status.description is None
        assert attributes(span)["error.type"] == "model.overloaded"
    handed_on = {headers["traceparent"] for headers in endpoint.headers}
    assert handed_on == {f"00-{TRACE}-{chat.context.span_id:016x}-01"}
    [took] = measured["gen_ai.client.inference.duration"]
    assert took.attributes["error.type"] == "model.overloaded"
    assert "gen_ai.client.inference.usage.input_tokens" not in measured
    assert_tells_nothing(watched.all_told())


def test_who_is_turned_away_is_a_trace_without_a_name(watched: Watched) -> None:
    with watched.client(OpenAIModel("m", base_url="http://127.0.0.1:9/v1")) as client:
        client.post("/v1/extract", json=BODY)
        client.get(f"/{KEY}", headers=CALLER)
    refused, unknown = watched.spans()
    assert (refused.name, refused.parent) == ("POST none", None)
    assert attributes(refused)["http.response.status_code"] == 401
    assert "extractor.client" not in attributes(refused)
    assert unknown.name == "GET none"
    assert_tells_nothing(watched.all_told())


class Collector(LoopbackServer):
    """Takes what is sent by OTLP."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        super().__init__()

    def handler(self) -> type[Handler]:
        server = self

        class Taking(Handler, BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                server.paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        return Taking


def test_all_is_sent_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        telemetry = exporting(traces=True, metrics=True)
        with telemetry.span("a", {}):
            telemetry.measured({}, 0.1, None)
        telemetry.close()
    assert sorted(collector.paths) == ["/v1/v1/metrics", "/v1/v1/traces"]


# OpenTelemetry's variables


@pytest.mark.parametrize(
    ("environ", "traces", "metrics"),
    [
        ({}, False, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1/t"}, True, False),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, False, True),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1", "OTEL_METRICS_EXPORTER": "none"},
            True,
            False,
        ),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}, False, False),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, False, False),
    ],
)
def test_what_is_exported(environ: Mapping[str, str], traces: bool, metrics: bool) -> None:
    found = read_exports(environ)
    assert (found.traces, found.metrics) == (traces, metrics)


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
)
def test_an_exporter_that_there_is_not(name: str, value: str) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", name: value}
    with pytest.raises(SettingsError, match=f"{name} is '{value}'"):
        read_exports(environ)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    done = CliRunner().invoke(cli.app, ["serve", "--base-url", "http://127.0.0.1:9/v1"])
    assert isinstance(done.exception, SettingsError)
    assert "extractor[otel]" in done.exception.hint
