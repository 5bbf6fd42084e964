"""An answer as it comes: what happens, the fields as the model writes them, then the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.openai_model import Budget, OpenAIModel
from extractor.service import create_app
from extractor.service.admission import LIMITS, Limits
from extractor.service.progress import values_so_far
from extractor.tree import pointer
from tests.recorded import CASSETTES, recorded_case, recorded_model
from tests.replay_server import ReplayServer
from tests.running import events_in, running
from tests.waiting import wait_for

ARTICLE = recorded_case("bus-bombing-claim").article.model_dump(mode="json")
WATCHING = {"Accept": "text/event-stream"}


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


def service(server: ReplayServer, keep: Path | None = None, limits: Limits = LIMITS) -> FastAPI:
    model = recorded_model(server.base_url)
    return create_app(Catalog.open(), model, keep=keep, limits=limits, repair=0)


def watched(client: TestClient, **headers: str) -> list[tuple[str, Any]]:
    answer = client.post("/v1/extract", json=ARTICLE, headers={**WATCHING, **headers})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [(name, json.loads(data)) for name, data in events_in(answer.text)]


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two extractions differ in nothing but in when, and how fast, they were made."""
    left, right = (
        {**each, "provenance": each["provenance"] | {"seconds": 0, "time": ""}}
        for each in (one, other)
    )
    return left == right


def test_the_last_event_is_what_is_answered_without_events(server: ReplayServer) -> None:
    with TestClient(service(server)) as client:
        plain = client.post("/v1/extract", json=ARTICLE).json()
        events = watched(client)
    names = [name for name, _ in events]
    assert names[:2] == ["queued", "asking"]
    assert set(names[2:-2]) == {"writing"}
    assert names[-2:] == ["answer", "extraction"]
    assert same(events[-1][1], plain)


def test_the_fields_come_as_the_model_writes_them(server: ReplayServer) -> None:
    server.pace = 0.02
    with TestClient(service(server)) as client:
        events = watched(client)
    told = [data for name, data in events if name == "writing"]
    assert len(told) > 2
    assert [each["tokens"] for each in told] == sorted(each["tokens"] for each in told)
    fields: dict[str, Any] = {}
    for each in told:
        assert not fields.keys() & each["fields"].keys(), "each is told once"
        fields |= each["fields"]
    record = events[-1][1]["record"]
    assert fields["/main_event/type"] == record["main_event"]["type"]
    assert fields["/main_event/trigger"] == record["main_event"]["trigger"]


def test_a_streamed_answer_is_the_same_answer(tmp_path: Path, server: ReplayServer) -> None:
    with TestClient(service(server, tmp_path)) as client:
        new = watched(client)
        plain = client.post("/v1/extract", json=ARTICLE)
        stored = watched(client)
    assert [name for name, _ in stored] == ["queued", "answer", "extraction"]
    record = plain.headers["extractor-record"]
    assert new[-2][1] == {"record": record, "answer": "new", "replayed": False}
    assert stored[-2][1] == {"record": record, "answer": "stored", "replayed": False}
    assert new[-1][1] == stored[-1][1] == plain.json()
    assert len(server.requests) == 1


def test_what_goes_wrong_is_an_event_once_there_are_events() -> None:
    model = OpenAIModel("m", base_url="http://127.0.0.1:9/v1", budget=Budget(attempts=1))
    with TestClient(create_app(Catalog.open(), model)) as client:
        events = watched(client)
        bad = client.post("/v1/extract", content=b"{", headers=WATCHING)
        unknown = client.post("/v1/extract?prompt=no@1", json=ARTICLE, headers=WATCHING)
        metrics = client.get("/metrics").text
    counted = 'extractor_requests_total{method="POST",route="/v1/extract",status="%s"} 1.0'
    assert counted % 502 in metrics
    assert counted % 200 not in metrics
    assert [name for name, _ in events] == ["queued", "asking", "problem"]
    assert events[-1][1]["status"] == 502
    assert events[-1][1]["type"] == "urn:extractor:problem:model.unreachable"
    assert (bad.status_code, unknown.status_code) == (400, 404)
    assert bad.headers["content-type"] == "application/problem+json"


def test_silence_is_broken(server: ReplayServer) -> None:
    server.delay = 0.5
    with TestClient(service(server, limits=Limits(heartbeat_seconds=0.05))) as client:
        answer = client.post("/v1/extract", json=ARTICLE, headers=WATCHING)
    comments = [line for line in answer.text.splitlines() if line.startswith(":")]
    assert comments
    assert events_in(answer.text)[-1][0] == "extraction"


def leave(address: str, **more: str) -> None:
    """A client that goes as soon as the model is asked."""
    headers = {**WATCHING, **more}
    with httpx2.stream("POST", f"{address}/v1/extract", json=ARTICLE, headers=headers) as answer:
        for line in answer.iter_lines():
            if line == "event: asking":
                return
    raise AssertionError("the model was never asked")


def inside(address: str) -> float:
    [line] = [
        line
        for line in httpx2.get(f"{address}/metrics").text.splitlines()
        if line.startswith("extractor_articles_inside ")
    ]
    return float(line.split()[1])


def test_a_paid_reply_outlives_the_client_where_replies_are_kept(
    tmp_path: Path, server: ReplayServer
) -> None:
    server.delay = 0.5
    with running(service(server, tmp_path)) as address:
        leave(address)
        wait_for(lambda: inside(address) == 0)
        again = httpx2.post(f"{address}/v1/extract", json=ARTICLE)
    assert again.headers["extractor-answer"] == "stored"
    assert len(server.requests) == 1


def test_who_said_that_it_would_ask_again_finds_its_answer(server: ReplayServer) -> None:
    server.delay = 0.5
    keyed = {"Idempotency-Key": "a"}
    with running(service(server)) as address:
        leave(address, **keyed)
        wait_for(lambda: inside(address) == 0)
        again = httpx2.post(f"{address}/v1/extract", json=ARTICLE, headers=keyed)
    assert again.headers["idempotent-replayed"] == "true"
    assert len(server.requests) == 1


def test_nothing_is_made_for_a_client_that_is_gone_where_nothing_is_kept(
    server: ReplayServer,
) -> None:
    server.delay = 600
    with running(service(server)) as address:
        leave(address)
        wait_for(lambda: inside(address) == 0)
    assert not server.answered


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict | list):
        return {path: value}
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for step, each in steps for k, v in leaves(each, pointer(path, step)).items()}


@given(st.dictionaries(st.text(max_size=4), JSON_VALUES, min_size=1), st.data())
def test_no_value_is_told_before_it_is_complete(draft: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(draft, ensure_ascii=data.draw(st.booleans()))
    cut = data.draw(st.integers(0, len(text)))
    whole = leaves(draft)
    assert values_so_far(text[:cut]).items() <= whole.items()
    assert values_so_far(text) == whole
    assert values_so_far("```json\n" + text + "\n```").items() <= whole.items()
