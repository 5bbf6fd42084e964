"""A request that is sent again with its Idempotency-Key gets the answer that it got."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.errors import IdempotencyKeyReused
from extractor.service import create_app
from extractor.service.idempotency import KEPT_SECONDS, LONGEST_KEY, Given, Idempotency
from extractor.service.keys import Client, Keys, hash_of, new_key
from extractor.service.memory import Memory
from tests.recorded import CASSETTES, recorded_case, recorded_model
from tests.replay_server import ReplayServer
from tests.running import events_in, running
from tests.waiting import wait_for

ARTICLE = recorded_case("bus-bombing-claim").article.model_dump(mode="json")
OTHER = recorded_case("visit-conflicting-reports").article.model_dump(mode="json")
UNKNOWN = {"text": "Nobody has recorded an answer to this."}
KEYED = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


def service(server: ReplayServer, keep: Path | None = None, keys: Keys | None = None) -> Any:
    model = recorded_model(server.base_url)
    return create_app(Catalog.open(), model, keep=keep, keys=keys, repair=0)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "not-kept"])
def test_the_same_request_gets_the_same_answer(
    tmp_path: Path, server: ReplayServer, kept: bool
) -> None:
    with TestClient(service(server, tmp_path if kept else None)) as client:
        first = client.post("/v1/extract", json=ARTICLE, headers=KEYED)
        again = client.post("/v1/extract", json=ARTICLE, headers=KEYED)
        anew = client.post(
            "/v1/extract", json=ARTICLE, headers={**KEYED, "Cache-Control": "no-cache"}
        )
        events = client.post(
            "/v1/extract", json=ARTICLE, headers={**KEYED, "Accept": "text/event-stream"}
        )
    assert "idempotent-replayed" not in first.headers
    for each in (again, anew):
        assert each.headers["idempotent-replayed"] == "true"
        assert each.content == first.content
        assert each.headers.get("extractor-answer") == first.headers.get("extractor-answer")
    assert [name for name, _ in events_in(events.text)] == ["queued", "answer", "extraction"]
    assert events_in(events.text)[-1][1] == first.text
    assert '"replayed": true' in events.text
    assert len(server.requests) == 1


def test_an_answer_outlives_the_service_where_answers_are_kept(
    tmp_path: Path, server: ReplayServer
) -> None:
    anew = {**KEYED, "Cache-Control": "no-cache"}
    with TestClient(service(server, tmp_path)) as client:
        first = client.post("/v1/extract", json=ARTICLE, headers=anew)
    with TestClient(service(server, tmp_path)) as client:
        again = client.post("/v1/extract", json=ARTICLE, headers=anew)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert len(server.requests) == 1


def test_a_key_is_for_one_request(server: ReplayServer) -> None:
    with TestClient(service(server)) as client:
        client.post("/v1/extract", json=ARTICLE, headers=KEYED)
        others = [
            client.post("/v1/extract", json=OTHER, headers=KEYED),
            client.post("/v1/extract?prompt=event@2", json=ARTICLE, headers=KEYED),
        ]
        unquoted = {"Idempotency-Key": KEYED["Idempotency-Key"].strip('"')}
        bare = client.post("/v1/extract", json=ARTICLE, headers=unquoted)
    assert [each.status_code for each in others] == [422, 422]
    assert {each.json()["type"] for each in others} == {"urn:extractor:problem:idempotency.reused"}
    assert bare.headers["idempotent-replayed"] == "true", "with or without quotation marks"
    assert len(server.requests) == 1


def test_what_is_in_flight_is_a_conflict(server: ReplayServer) -> None:
    server.delay = 600
    found: list[int] = []
    with running(service(server)) as address:

        def first() -> None:
            answer = httpx2.post(f"{address}/v1/extract", json=ARTICLE, headers=KEYED, timeout=60)
            found.append(answer.status_code)

        asking = threading.Thread(target=first)
        asking.start()
        wait_for(lambda: server.requests)
        again = httpx2.post(f"{address}/v1/extract", json=ARTICLE, headers=KEYED)
        other = httpx2.post(f"{address}/v1/extract", json=OTHER, headers=KEYED)
        server.hurry()
        asking.join(60)
    assert (again.status_code, other.status_code) == (409, 422)
    assert again.json()["type"] == "urn:extractor:problem:idempotency.in_use"
    assert found == [200]


def test_an_error_is_no_answer(server: ReplayServer) -> None:
    with TestClient(service(server)) as client:
        answers = [client.post("/v1/extract", json=UNKNOWN, headers=KEYED) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [502, 502]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "key",
    ["", '""', '"', '"a', 'a"b', '"a"; b=1', '"a", "b"', "a b", "x" * (LONGEST_KEY + 1), "é"],
    ids=["empty", "empty-string", "mark", "open", "inside", "parameter", "two", "blank", "long",
         "letter"],
)  # fmt: skip
def test_what_is_no_key(server: ReplayServer, key: str) -> None:
    with TestClient(service(server)) as client:
        answer = client.post(
            "/v1/extract", json=ARTICLE, headers={b"Idempotency-Key": key.encode("latin-1")}
        )
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:extractor:problem:idempotency.invalid"
    assert not server.requests


def test_a_client_has_keys_of_its_own(server: ReplayServer) -> None:
    one, other = new_key(), new_key()
    keys = Keys({name: Client(sha256=(hash_of(key),)) for name, key in [("a", one), ("b", other)]})
    with TestClient(service(server, keys=keys)) as client:
        answers = [
            client.post(
                "/v1/extract", json=body, headers={**KEYED, "Authorization": f"Bearer {key}"}
            )
            for key, body in [(one, ARTICLE), (other, OTHER), (one, ARTICLE)]
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[2].headers["idempotent-replayed"] == "true"
    assert len(server.requests) == 2


def test_a_job_is_begun_once(tmp_path: Path, server: ReplayServer) -> None:
    with TestClient(service(server, tmp_path)) as client:
        first = client.post("/v1/jobs", json=[ARTICLE], headers=KEYED)
        again = client.post("/v1/jobs", json=[ARTICLE], headers=KEYED)
        other = client.post("/v1/jobs", json=[OTHER], headers=KEYED)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert len(list((tmp_path / "jobs").glob("*.jsonl"))) == 1


def asked(key: str) -> Request:
    headers = [(b"idempotency-key", key.encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/extract", "query_string": b""}
    return Request({**scope, "server": ("h", 80), "headers": headers})


def test_answers_are_kept_for_a_time_and_up_to_a_number() -> None:
    now = 0.0
    answer = Given(200, {}, "{}")
    with Memory() as memory:
        keys = Idempotency(memory, clock=lambda: now, most=3)

        def given(key: str, body: bytes = b"") -> bool:
            with keys.claim(asked(key), body) as claim:
                if claim.given is None:
                    claim.keep(answer)
                return claim.given is not None

        assert [given("a"), given("a")] == [False, True]
        with pytest.raises(IdempotencyKeyReused):
            given("a", b"other")
        now = KEPT_SECONDS
        assert [given("a", b"other"), given("a", b"other")] == [False, True]
        for number, key in enumerate("bcd", start=1):
            now = KEPT_SECONDS + number
            assert not given(key)
        assert [given("d"), given("c"), given("b"), given("a")] == [True, True, True, False]
