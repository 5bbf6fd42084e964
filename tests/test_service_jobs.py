"""What the service keeps: the same article gets the same record, and no job is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.errors import StoreError
from extractor.service import DRAIN_SECONDS, create_app
from extractor.service.admission import Limits
from extractor.service.jobs import MAX_ARTICLES
from tests.recorded import (
    AS_RECORDED,
    CASSETTES,
    MODEL,
    ROOT,
    UNDER_GRAMMAR,
    recorded_case,
    recorded_cases,
    recorded_model,
)
from tests.replay_server import ReplayServer
from tests.waiting import wait_for

PATIENCE = 240
"""Seconds that something may take on a machine that is busy with other things."""
ARTICLE = recorded_case("bus-bombing-claim").article.model_dump(mode="json")
SEVERAL = [case.article.model_dump(mode="json") for case in recorded_cases()[:6]]
LINES = {"Content-Type": "application/jsonl"}


@contextmanager
def service(keep: Path, server: ReplayServer, at_work: int = 2) -> Iterator[TestClient]:
    app = create_app(
        Catalog.open(),
        recorded_model(server.base_url),
        keep=keep,
        limits=Limits(at_work=at_work),
        repair=0,
    )
    with TestClient(app) as client:
        yield client


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


def as_lines(articles: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(article)}\n" for article in articles)


def followed(client: TestClient, location: str) -> list[dict[str, Any]]:
    """What the events of a job told, to its end."""
    with client.stream("GET", f"{location}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in events.iter_lines() if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


# The same article, the same answer


def test_the_same_article_is_asked_once(tmp_path: Path, server: ReplayServer) -> None:
    with service(tmp_path, server) as client:
        first = client.post("/v1/extract", json=ARTICLE)
        again = client.post("/v1/extract", json={**ARTICLE, "id": "other"})
    assert (first.headers["extractor-answer"], again.headers["extractor-answer"]) == (
        "new",
        "stored",
    )
    assert first.headers["extractor-record"] == again.headers["extractor-record"]
    assert again.json()["article"].pop("id") == "other"
    assert {**again.json(), "article": 0} == {**first.json(), "article": 0}
    assert len(server.requests) == 1


def test_another_article_or_prompt_is_another_record(tmp_path: Path, server: ReplayServer) -> None:
    with service(tmp_path, server) as client:
        first = client.post("/v1/extract", json=ARTICLE)
        other = client.post("/v1/extract", json=SEVERAL[0])
    assert first.headers["extractor-record"] != other.headers["extractor-record"]
    assert len(server.requests) == 2


def test_it_is_asked_anew_when_the_client_says_so(tmp_path: Path, server: ReplayServer) -> None:
    with service(tmp_path, server) as client:
        client.post("/v1/extract", json=ARTICLE)
        anew = client.post("/v1/extract", json=ARTICLE, headers={"Cache-Control": "no-cache"})
    assert anew.headers["extractor-answer"] == "new"
    assert len(server.requests) == 2


def test_a_record_outlives_the_service(tmp_path: Path, server: ReplayServer) -> None:
    with service(tmp_path, server) as client:
        first = client.post("/v1/extract", json=ARTICLE)
        with pytest.raises(StoreError, match="another extractor"):
            create_app(Catalog.open(), recorded_model(server.base_url), keep=tmp_path)
    name = first.headers["extractor-record"]
    with service(tmp_path, server) as client:
        again = client.post("/v1/extract", json=ARTICLE)
        found = client.get(f"/v1/records/{name}")
        unknown = client.get("/v1/records/0000")
    assert again.headers["extractor-answer"] == "stored"
    assert again.json() == found.json() == first.json()
    assert (unknown.status_code, unknown.json()["status"]) == (404, 404)
    assert len(server.requests) == 1


def test_what_failed_is_not_kept(tmp_path: Path, server: ReplayServer) -> None:
    unknown = {"text": "Nobody has recorded an answer to this."}
    with service(tmp_path, server) as client:
        answers = [client.post("/v1/extract", json=unknown) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [502, 502]
    assert len(server.requests) == 2


# What is counted


def test_what_is_asked_and_made_is_counted(tmp_path: Path, server: ReplayServer) -> None:
    def counted(name: str, **labels: str) -> float:
        shown = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        wanted = f"{name}{{{shown}}} " if labels else f"{name} "
        found = [line for line in metrics.splitlines() if line.startswith(wanted)]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    with service(tmp_path, server) as client:
        first = client.post("/v1/extract", json=ARTICLE).json()
        client.post("/v1/extract", json=ARTICLE)
        client.post("/v1/extract", json={"text": "Nobody has recorded an answer to this."})
        client.get("/v1/records/0000")
        client.get("/nothing/at/all")
        metrics = client.get("/metrics").text
    route = "/v1/extract"
    asked = {status: ("POST", status) for status in ("200", "502")}
    found = [
        counted("extractor_requests_total", route=route, method=method, status=status)
        for method, status in asked.values()
    ]
    assert found == [2, 1]
    record = "/v1/records/{record_id}"
    assert counted("extractor_requests_total", route=record, method="GET", status="404") == 1
    assert counted("extractor_requests_total", route="none", method="GET", status="404") == 1
    assert counted("extractor_model_calls_total", outcome="answered") == 1
    assert counted("extractor_model_calls_total", outcome="model.request_refused") == 1
    usage = first["provenance"]["usage"]
    assert counted("extractor_model_tokens_total", kind="output") == usage["output_tokens"]
    assert counted("extractor_records_total", status=first["status"]) == 1
    quoted = [each for each in first["evidence"].values() if each["support"] == "quoted"]
    assert counted("extractor_values_total", support="quoted") == len(quoted) > 0
    assert counted("extractor_articles_inside") == 0
    assert ARTICLE["text"][:20] not in metrics


def test_records_of_jobs_are_counted(tmp_path: Path, server: ReplayServer) -> None:
    with service(tmp_path, server) as client:
        begun = client.post("/v1/jobs", content=as_lines(SEVERAL), headers=LINES)
        last = followed(client, begun.headers["Location"])[-1]
        metrics = client.get("/metrics").text
    found = re.findall(r'^extractor_records_total\{status="(\w+)"\} (\S+)$', metrics, re.M)
    made = {status: float(number) for status, number in found}
    assert sum(made.values()) == len(SEVERAL)
    assert made == {status: last[status] for status in made}
    assert "extractor_values_total{" in metrics


# Jobs


@pytest.mark.parametrize("form", ["lines", "list"])
def test_a_job_gives_every_article_its_outcome(
    tmp_path: Path, server: ReplayServer, form: str
) -> None:
    articles = [*SEVERAL[:3], {"text": " "}, SEVERAL[3]]
    with service(tmp_path, server) as client:
        if form == "lines":
            begun = client.post("/v1/jobs", content=as_lines(articles), headers=LINES)
        else:
            begun = client.post("/v1/jobs", json=articles)
        assert begun.status_code == 202
        location = begun.headers["location"]
        told = followed(client, location)
        job = client.get(location).json()
        results = client.get(f"{location}/results")
    assert begun.json()["state"] == "waiting"
    assert (begun.json()["articles"], begun.json()["done"]) == (5, 0)
    assert told[-1] == job
    assert [each["done"] for each in told] == sorted(each["done"] for each in told)
    assert (job["state"], job["done"], job["failed"]) == ("done", 5, 1)
    assert job["usage"]["input_tokens"] > 0
    found = [json.loads(line) for line in results.text.splitlines()]
    assert [each["article"]["id"] for each in found if each["status"] != "failed"] == [
        article["id"] for article in SEVERAL[:4]
    ]
    assert found[3]["problems"][0]["code"] == "input.empty"


def test_a_job_and_a_request_share_what_is_paid(tmp_path: Path, server: ReplayServer) -> None:
    with service(tmp_path, server) as client:
        client.post("/v1/extract", json=SEVERAL[0])
        location = client.post("/v1/jobs", json=SEVERAL[:2]).headers["location"]
        followed(client, location)
        stored = client.post("/v1/extract", json=SEVERAL[1])
    assert stored.headers["extractor-answer"] == "stored"
    assert len(server.requests) == 2


def test_a_cancelled_job_asks_no_more(tmp_path: Path) -> None:
    with ReplayServer(CASSETTES, delay=1.0) as server, service(tmp_path, server, 1) as client:
        location = client.post("/v1/jobs", json=SEVERAL).headers["location"]
        job = client.delete(location).json()
        assert job["state"] == "cancelled"
        after = client.post("/v1/jobs", json=SEVERAL[:1]).headers["location"]
        assert followed(client, after)[-1]["state"] == "done"
        assert client.get(location).json()["state"] == "cancelled"
        assert client.delete(location).json()["state"] == "cancelled"
        assert len(server.requests) < len(SEVERAL)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("", LINES, 422),
        ("\n \n", LINES, 422),
        ("[]", {"Content-Type": "application/json"}, 422),
        ("[1, NaN]", {"Content-Type": "application/json"}, 400),
        ('{"text": "a"}\n' * (MAX_ARTICLES + 1), LINES, 400),
        ('{"text": "a"}', {"Content-Type": "text/plain"}, 415),
        (b"\xff", LINES, 400),
    ],
)
def test_a_body_that_is_no_job(
    tmp_path: Path, server: ReplayServer, body: Any, headers: dict[str, str], status: int
) -> None:
    with service(tmp_path, server) as client:
        answer = client.post("/v1/jobs", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert not list((tmp_path / "jobs").iterdir())


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/jobs/0", "/v1/jobs/" + "0" * 32])
def test_an_unknown_job(tmp_path: Path, server: ReplayServer, method: str, path: str) -> None:
    with service(tmp_path, server) as client:
        assert client.request(method, path).status_code == 404


def test_without_a_folder_there_are_no_jobs(server: ReplayServer) -> None:
    with TestClient(create_app(Catalog.open(), recorded_model(server.base_url))) as client:
        assert client.post("/v1/jobs", json=SEVERAL).status_code == 404
        assert "/v1/jobs" not in client.get("/openapi.json").json()["paths"]


# Killed


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(keep: Path, server: ReplayServer) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The service as a process of its own, and its address once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "extractor", "serve", "--port", str(port), "--keep", str(keep)]
    options = ["--base-url", server.base_url, "--model", MODEL, "--at-once", "2", *AS_RECORDED]
    started = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, **UNDER_GRAMMAR},
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: is_up(address))
        yield started, address
    finally:
        started.kill()
        started.wait(PATIENCE)


def is_up(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_goes_on_after_the_end_of_its_service(tmp_path: Path, end: signal.Signals) -> None:
    with ReplayServer(CASSETTES, delay=1.0) as server:
        with process(tmp_path, server) as (started, address):
            answer = httpx2.post(f"{address}/v1/jobs", json=SEVERAL)
            location = answer.headers["location"]
            with httpx2.stream("GET", f"{address}{location}/events") as events:
                wait_for(lambda: len(server.answered) >= 2)
                started.send_signal(end)
                if end == signal.SIGTERM:
                    assert list(events.iter_lines()), "who follows is told, and let go"
            started.wait(DRAIN_SECONDS / 2)  # nobody who follows holds it up
        assert len(server.answered) < len(SEVERAL)
        with process(tmp_path, server) as (_, address):
            wait_for(lambda: httpx2.get(f"{address}{location}").json()["state"] == "done")
            results = httpx2.get(f"{address}{location}/results").text
    ids = [json.loads(line)["article"]["id"] for line in results.splitlines()]
    assert ids == [article["id"] for article in SEVERAL]
    assert len(server.requests) <= len(SEVERAL) + 2, "no more than what was in flight is repeated"
