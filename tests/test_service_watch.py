"""What is told of the service while it runs: its log, its metrics, its page of health."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.logs import Logs, logging_to
from extractor.openai_model import Budget, OpenAIModel
from extractor.service import create_app
from extractor.service.account import account
from extractor.service.journal import REQUEST_ID, Accounted
from extractor.service.keys import Client, Keys, hash_of, new_key
from tests.loopback import Handler, LoopbackServer
from tests.recorded import CASSETTES, MODEL, ROOT, recorded_case, recorded_model
from tests.replay_server import ReplayServer

KEY, WRONG, MODEL_KEY = new_key(), new_key(), "sk-the-key-of-the-endpoint-itself"
KEYS = Keys({"analysts": Client(sha256=(hash_of(KEY),))})
BEARER = {"Authorization": f"Bearer {KEY}"}
ARTICLE = recorded_case("bus-bombing-claim").article
BODY = ARTICLE.model_dump(mode="json")


class Log(io.StringIO):
    """What was logged as JSON."""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["event"] == "request"]


@pytest.fixture
def log() -> Iterator[Log]:
    stream = Log()
    with logging_to(stream, Logs(level="debug")):
        yield stream


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with ReplayServer(CASSETTES) as server:
        app = create_app(
            Catalog.open(),
            recorded_model(server.base_url),
            keys=KEYS,
            keep=tmp_path_factory.mktemp("kept"),
            repair=0,
        )
        with TestClient(app, headers=BEARER) as client:
            yield client


def pieces(text: str) -> list[str]:
    """Words of a text that stand beside each other there, and nowhere by chance."""
    words = text.split()
    return [" ".join(words[n : n + 3]) for n in range(len(words) - 2)]


def assert_tells_nothing(said: str, text: str = ARTICLE.text) -> None:
    for secret in (KEY, WRONG, MODEL_KEY, hash_of(KEY)):
        assert secret not in said
    for piece in pieces(text):
        assert piece not in said


# The log


def test_a_request_is_one_line(client: TestClient, log: Log) -> None:
    made = client.post("/v1/extract", json=BODY)
    client.post("/v1/extract", json=BODY)
    client.get("/v1/records/0000")
    first, again, unknown = log.requests()
    usage = made.json()["provenance"]["usage"]
    assert {**first, "timestamp": 0, "ms": 0} == {
        "event": "request",
        "level": "info",
        "logger": "extractor.request",
        "timestamp": 0,
        "ms": 0,
        "request_id": made.headers[REQUEST_ID],
        "method": "POST",
        "route": "/v1/extract",
        "status": 200,
        "outcome": made.json()["status"],
        "client": "analysts",
        "article": ARTICLE.digest,
        "input_tokens": usage["input_tokens"],
        "output_tokens": usage["output_tokens"],
    }
    assert first["ms"] > 0
    assert (again["outcome"], again["input_tokens"]) == ("stored", 0)
    assert (unknown["route"], unknown["status"]) == ("/v1/records/{record_id}", 404)
    assert unknown["outcome"] == "http.404"


@pytest.mark.parametrize("given", ["7d9f-12", "0af7651916cd43dd8448eb211c80319c", "a:b.c_d"])
def test_an_id_that_comes_with_the_request_is_kept(
    client: TestClient, log: Log, given: str
) -> None:
    answer = client.get("/v1/records/0000", headers={REQUEST_ID: given})
    assert answer.headers[REQUEST_ID] == answer.json()["request_id"] == given
    assert log.requests()[0]["request_id"] == given


@pytest.mark.parametrize("given", [None, "", "two words", '"', "a" * 129, "-a", "a/../b", "é"])
def test_an_id_that_is_none_is_replaced(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {REQUEST_ID.encode(): given.encode()}
    answers = [client.get("/healthz", headers=headers) for _ in range(2)]
    ids = [answer.headers[REQUEST_ID] for answer in answers]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    assert len(set(ids)) == 2


def test_those_who_are_turned_away_have_an_id_too(client: TestClient, log: Log) -> None:
    answer = client.get("/v1/prompts", headers={"Authorization": f"Bearer {WRONG}"})
    assert answer.status_code == 401
    assert answer.json()["request_id"] == answer.headers[REQUEST_ID]
    [line] = log.requests()
    assert (line["outcome"], line["route"], "client" in line) == ("access.key", "none", False)


def test_neither_keys_nor_texts_are_logged(client: TestClient, log: Log) -> None:
    wrong = {"Authorization": f"Bearer {WRONG}"}
    client.post("/v1/extract", json=BODY, headers={"Cache-Control": "no-cache"})
    client.post("/v1/extract", json={**BODY, ARTICLE.text: 1})
    client.post("/v1/extract", json={**BODY, "published": ARTICLE.text})
    client.post("/v1/extract", content=ARTICLE.text, headers={"Content-Type": "application/json"})
    client.post("/v1/extract", json=BODY, headers=wrong)
    client.post("/v1/extract", json=BODY, params={"prompt": KEY})
    client.get(f"/v1/records/{KEY}")
    client.get(f"/{KEY}/{ARTICLE.text[:40]}")
    for library in ("openai", "instructor", "httpx2", "asyncio", "anything.else"):
        logging.getLogger(library).warning("Request options: %s %s", ARTICLE.text, KEY)
        logging.getLogger(library).debug(ARTICLE.text)
    assert len(log.requests()) == 8
    assert_tells_nothing(log.getvalue())
    assert {"openai", "instructor", "asyncio", "anything.else"} < {
        line["logger"] for line in log.lines()
    }


def test_of_an_error_that_no_one_foresaw_the_log_has_the_places(log: Log) -> None:
    async def fail(_: Request) -> Response:
        account().client = "analysts"
        raise KeyError(f"{ARTICLE.text} {KEY}")

    told: list[str] = []
    routes = [Route("/articles/{name}", fail)]
    app = Starlette(routes=routes, middleware=[Middleware(Accounted, told=told.append)])
    answer = TestClient(app).get("/articles/1")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:extractor:problem:internal"
    assert answer.json()["request_id"] == answer.headers[REQUEST_ID]
    failure, request = log.lines()
    assert failure["request_id"] == request["request_id"] == answer.headers[REQUEST_ID]
    assert (failure["error"], failure["level"]) == ("KeyError", "error")
    assert failure["at"][-1].startswith(f"{__name__}:")
    assert (request["outcome"], request["route"]) == ("internal", "/articles/{name}")
    assert told == ["internal"]
    assert_tells_nothing(log.getvalue() + answer.text)


def test_the_level_holds_and_a_terminal_gets_lines_for_people(client: TestClient) -> None:
    said = {}
    for level in ("info", "warning"):
        stream = io.StringIO()
        with logging_to(stream, Logs(level=level, form="console")):
            client.get("/healthz")
        said[level] = stream.getvalue()
    assert said["warning"] == ""
    assert "/healthz" in said["info"]
    assert not said["info"].startswith("{")
    assert "\x1b" not in said["info"]


# Metrics, and the dashboard of them

DASHBOARD = ROOT / "deploy" / "grafana" / "extractor.json"


def values(metrics: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in metrics.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_the_metrics_tell_the_queue_the_problems_and_the_attempts(client: TestClient) -> None:
    before = values(client.get("/metrics").text)
    client.post("/v1/extract", json={**BODY, "id": "again"}, headers={"Cache-Control": "no-cache"})
    client.post("/v1/extract", json={"text": ""})
    client.get("/v1/records/0000")
    found = values(client.get("/metrics").text)

    def grown(name: str) -> float:
        return found[name] - before.get(name, 0)

    assert grown('extractor_request_problems_total{code="input.empty"}') == 1
    assert grown('extractor_request_problems_total{code="http.404"}') == 1
    assert grown("extractor_model_attempts_total") == 1
    assert found["extractor_articles_at_work"] == found["extractor_articles_inside"] == 0
    assert found["extractor_places"] == 24
    assert found["extractor_jobs_unfinished"] == 0
    assert [name for name in found if name.startswith("extractor_info{") and MODEL in name]


def test_the_dashboard_names_the_metrics_that_there_are(client: TestClient) -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    named = set(re.findall(r"\b(?:extractor|process)_\w+", asked))
    there = set()
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", client.get("/metrics").text, re.M):
        there |= {f"{name}_bucket"} if kind == "histogram" else {name}
    ours = {
        name for name in there if name.startswith("extractor_") and not name.endswith("_created")
    }
    assert named <= there
    assert ours <= named, "a metric of ours that the dashboard does not show"


def test_the_panels_of_the_dashboard_neither_overlap_nor_share_an_id() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    places = [panel["gridPos"] for panel in panels]
    cells = [
        (x, y)
        for at in places
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


# Health, for people


class Endpoint(LoopbackServer):
    """Answers the list of models with a status."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.asked = 0
        super().__init__()

    def handler(self) -> type[Handler]:
        server = self

        class Listing(Handler, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                body = b'{"data": []}'
                self.send_response(server.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Listing


@contextmanager
def asking(address: str, **options: Any) -> Iterator[TestClient]:
    model = OpenAIModel("<b>m</b>", base_url=address, api_key=MODEL_KEY, budget=Budget(attempts=1))
    with TestClient(create_app(Catalog.open(), model, **options)) as client:
        yield client


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "reachable"),
        (404, "reachable"),
        (401, "refuses the key"),
        (503, "answers with errors"),
    ],
)
def test_the_page_says_whether_the_model_answers(status: int, said: str) -> None:
    with Endpoint(status) as endpoint, asking(endpoint.url) as client:
        pages = [client.get("/health") for _ in range(3)]
        assert endpoint.asked == 1, "looking often costs the endpoint nothing"
    page = pages[0]
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert re.search(rf'<span class="(good|bad)">{said}</span>', page.text)
    assert ("<title>well" in page.text) == (said == "reachable")
    assert "&lt;b&gt;m&lt;/b&gt;" in page.text
    assert_tells_nothing(page.text)


def test_the_page_tells_problems_by_code_and_the_queue() -> None:
    with asking("http://127.0.0.1:9/v1") as client:
        assert "No request was answered with a problem" in client.get("/health").text
        client.post("/v1/extract", json=BODY)
        client.post("/v1/extract", json={"text": ""})
        client.post("/v1/extract", json={"text": ""})
        page = client.get("/health").text
    assert ">not reachable</span>" in page
    rows = re.findall(r"<code>([a-z._0-9]+)</code></th><td>(\d+)</td>", page)
    assert rows == [("input.empty", "2"), ("model.unreachable", "1")]
    assert "0 at work, 0 in line, 24 places" in page
    assert_tells_nothing(page)


def test_the_page_needs_a_key_and_nothing_from_elsewhere(client: TestClient) -> None:
    assert client.get("/health", headers={"Authorization": ""}).status_code == 401
    page = client.get("/health")
    assert page.status_code == 200
    assert "Jobs" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    for name in re.findall(r'(?:href|src)="([^"#]+)"', page.text):
        if name != "data:,":
            assert client.get(f"/{name.removeprefix('./')}").status_code == 200, name
