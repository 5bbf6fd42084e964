"""What the service says of itself holds: bad bodies on every route, keys, statuses, methods."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.service import create_app
from extractor.service.guard import OPEN
from extractor.service.keys import Client, Keys, hash_of, new_key
from tests.recorded import ROOT, recorded_model

KEY = new_key()
KEYS = Keys({"tester": Client(sha256=(hash_of(KEY),))})
JSON = "application/json"
BAD = {
    "nan": b'[{"text": NaN}]',
    "half a character": b'[{"text": "\\ud800"}]',
    "a key twice": b'[{"text": "a", "text": "b"}]',
    "depth 10,000": b"[" * 10_000 + b"]" * 10_000,
    "no utf-8": b'[{"text": "\xff\xfe"}]',
    "50 MB": b'[{"text": "' + b"a" * 50_000_000 + b'"}]',
    "another type": b"<p>What is this?</p>",
}
ONLY_JSON = {"nan", "half a character", "a key twice", "depth 10,000"}
"""What is bad as JSON, and is a text like any other where the body is one."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(
        Catalog.open(),
        recorded_model("http://127.0.0.1:9/v1"),
        keys=KEYS,
        keep=tmp_path_factory.mktemp("kept"),
        reviews=tmp_path_factory.mktemp("reviews"),
        repair=0,
    )
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        yield client


def described(client: TestClient) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = client.get("/openapi.json").json()["paths"]
    return found


def takers(client: TestClient) -> list[tuple[str, str, str, frozenset[str]]]:
    """Method, path, media type, and the documented statuses, of all that takes a body."""
    return [
        (method.upper(), path, kind, frozenset(operation["responses"]))
        for path, operations in described(client).items()
        for method, operation in operations.items()
        for kind in operation.get("requestBody", {}).get("content", {})
    ]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_body_is_a_problem_on_every_route(client: TestClient, bad: str) -> None:
    found = takers(client)
    assert {path for _, path, _, _ in found} == {
        "/v1/extract",
        "/v1/articles",
        "/v1/jobs",
        "/v1/cases",
    }
    for method, path, kind, statuses in found:
        if bad in ONLY_JSON and kind != JSON:
            continue
        if bad == "no utf-8" and kind == "text/html":
            continue  # a page may be in any encoding, and the reader finds out which
        sent = "image/png" if bad == "another type" else kind
        answer = client.request(method, path, content=BAD[bad], headers={"Content-Type": sent})
        place = f"{method} {path} as {kind}: {answer.text[:200]}"
        assert 400 <= answer.status_code < 500, place
        assert str(answer.status_code) in statuses, place
        assert answer.headers["content-type"] == "application/problem+json", place
        assert answer.json()["status"] == answer.status_code, place
        wanted = {"50 MB": 413, "another type": 415}.get(bad, 400)
        assert answer.status_code == wanted, place


def test_everything_but_health_is_described_as_behind_a_key(client: TestClient) -> None:
    for path, operations in described(client).items():
        for operation in operations.values():
            statuses = set(operation["responses"])
            assert ({"401", "403"} <= statuses) == (path not in OPEN), path
            assert bool(operation.get("security")) == (path not in OPEN), path


def test_what_may_be_asked_of_a_path_is_all_that_is_described(client: TestClient) -> None:
    for path, operations in described(client).items():
        answer = client.options(path)
        allowed = set(answer.headers["allow"].replace("HEAD", "").replace(" ", "").split(","))
        assert answer.status_code == 405, path
        assert allowed - {""} == {method.upper() for method in operations}, path


def test_references_of_the_description_lead_somewhere(client: TestClient) -> None:
    whole = client.get("/openapi.json").json()
    schemas = whole["components"]["schemas"]
    assert "Article" in schemas
    assert "$defs" not in str(whole)
    names = {part.split("'")[0] for part in str(whole).split("#/components/schemas/")[1:]}
    assert names <= schemas.keys()


@pytest.mark.slow
def test_schemathesis_finds_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.fuzz", "--seconds", "20", "--seed", "1"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert " 0 generated" not in done.stdout
