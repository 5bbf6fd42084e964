"""What somebody sends who means no good, or speaks no HTTP: byte by byte, over a socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from extractor.catalog import Catalog
from extractor.service import MAX_BODY, create_app
from tests.recorded import CASSETTES, recorded_case, recorded_model
from tests.replay_server import ReplayServer
from tests.running import running

ARTICLE = json.dumps(recorded_case("bus-bombing-claim").article.model_dump(mode="json")).encode()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ReplayServer(CASSETTES) as server:
        app = create_app(Catalog.open(), recorded_model(server.base_url), repair=0)
        with running(app) as address:
            yield int(address.rpartition(":")[2])


def sent(port: int, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(raw)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += line.recv(65_536)
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *named = head.decode("latin-1").split("\r\n")
        headers = {key.lower(): value for key, _, value in (each.partition(": ") for each in named)}
        while len(body) < int(headers.get("content-length", 0)):
            body += line.recv(65_536)
    return int(first.split(" ")[1]), headers, body


def posted(path: str, *headers: str, body: bytes = b"") -> bytes:
    head = "".join(
        f"{line}\r\n" for line in ("host: x", "content-type: application/json", *headers)
    )
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def problem(answer: tuple[int, dict[str, str], bytes]) -> dict[str, Any]:
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    found: dict[str, Any] = json.loads(body)
    assert found["status"] == status
    return found


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"get / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/records/\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        posted("/v1/extract", "content-length: -1"),
        posted("/v1/extract", "content-length: 5", "content-length: 6", body=b"12345"),
        posted("/v1/extract", "content-length: 5", "transfer-encoding: chunked", body=b"12345"),
        posted("/v1/extract", "idempotency-key: a\x01", "content-length: 0"),
    ],
)
def test_what_is_no_http_gets_a_problem_document(port: int, raw: bytes) -> None:
    answer = sent(port, raw)
    assert problem(answer)["status"] == 400
    assert answer[1]["connection"] == "close"


def test_a_body_that_is_announced_as_too_large_is_not_waited_for(port: int) -> None:
    told = problem(sent(port, posted("/v1/extract", f"content-length: {MAX_BODY + 1}")))
    assert told["status"] == 413


def test_nobody_is_sent_to_the_host_that_a_request_names(port: int) -> None:
    status, headers, _ = sent(port, b"GET /v1/prompts/ HTTP/1.1\r\nhost: elsewhere.example\r\n\r\n")
    assert status == 404
    assert "location" not in headers


def test_there_are_no_websockets(port: int) -> None:
    raw = (
        b"GET /v1/extract HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert problem(sent(port, raw))["status"] == 405


def test_events_that_are_refused_are_not_sent(port: int) -> None:
    length = f"content-length: {len(ARTICLE)}"
    accept = "accept: text/event-stream;q=0, application/json"
    status, headers, body = sent(port, posted("/v1/extract", length, accept, body=ARTICLE))
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body)["record"]
