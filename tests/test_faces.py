"""One core, four faces: the command line, the service, the backfill and Python agree."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import extractor
from tests.recorded import (
    AS_RECORDED,
    CASES,
    CASSETTES,
    MODEL,
    ROOT,
    UNDER_GRAMMAR,
    command_at,
    recorded_model,
    some_recorded_cases,
)
from tests.replay_server import ReplayServer

pytestmark = pytest.mark.slow

ARTICLES = [case.article for case in some_recorded_cases()]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that answers what the embedded model answered when it was recorded."""
    with ReplayServer(CASSETTES) as server:
        yield server.base_url


@pytest.fixture(scope="module")
def from_python(endpoint: str) -> dict[str, Any]:
    results = {}
    model = recorded_model(endpoint)
    for article in ARTICLES:
        results[article.id] = comparable(
            extractor.extract(article, model=model, repair=0).to_dict()
        )
    return results


def comparable(result: dict[str, Any]) -> dict[str, Any]:
    """Without what no two calls share: when it was, and how long it took."""
    for volatile in ("time", "seconds"):
        result["provenance"].pop(volatile)
    return result


def by_id(lines: str) -> dict[str, Any]:
    results = [json.loads(line) for line in lines.splitlines()]
    assert len(results) == len(ARTICLES)
    return {result["article"]["id"]: comparable(result) for result in results}


def status_of(results: dict[str, Any]) -> int:
    """The exit status of a command with these results."""
    kept = {"complete", "partial"}
    return 0 if all(result["status"] in kept for result in results.values()) else 1


def test_python_gives_records_with_exact_spans(from_python: dict[str, Any]) -> None:
    assert set(from_python) == {article.id for article in ARTICLES}
    assert any(result["status"] in {"complete", "partial"} for result in from_python.values())
    for article in ARTICLES:
        result = from_python[article.id]
        spans = [span for item in result["evidence"].values() for span in item["spans"]]
        assert bool(spans) == bool(result["record"])
        for span in spans:
            assert article.text[span["start"] : span["end"]] == span["text"]


def test_the_command_line_gives_the_same(endpoint: str, from_python: dict[str, Any]) -> None:
    files = [str(CASES / f"{article.id}.json") for article in ARTICLES]
    done = command_at(endpoint, "extract", *files, "--format", "json")
    assert done.returncode == status_of(from_python), done.stderr
    assert by_id(done.stdout) == from_python


def test_the_backfill_gives_the_same(
    endpoint: str, from_python: dict[str, Any], tmp_path: Path
) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text(
        "".join(article.model_dump_json() + "\n" for article in ARTICLES), encoding="utf-8"
    )
    out = tmp_path / "out"
    done = command_at(endpoint, "backfill", str(source), "--out", str(out))
    assert done.returncode == status_of(from_python), done.stderr
    assert done.stdout == ""
    (part,) = out.glob("records-*.jsonl")
    assert by_id(part.read_text(encoding="utf-8")) == from_python


def test_the_service_gives_the_same(endpoint: str, from_python: dict[str, Any]) -> None:
    with service(endpoint) as address:
        for article in ARTICLES:
            body = article.model_dump_json().encode()
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(f"{address}/v1/extract", body, headers)
            with urllib.request.urlopen(request, timeout=180) as response:
                assert comparable(json.load(response)) == from_python[article.id]


@contextmanager
def service(endpoint: str) -> Iterator[str]:
    """`extractor serve` in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["serve", "--port", str(port), "--base-url", endpoint, "--model", MODEL]
    arguments += AS_RECORDED
    process = subprocess.Popen(
        [sys.executable, "-m", "extractor", *arguments],
        cwd=ROOT,
        env={**os.environ, **UNDER_GRAMMAR},
        stderr=subprocess.PIPE,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, process)
        yield address
    finally:
        process.terminate()
        _, said = process.communicate(timeout=180)
    assert b"Traceback" not in said, said.decode()


def wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not come up")
