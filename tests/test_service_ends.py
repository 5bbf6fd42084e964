"""The service is told to stop, or killed, while it is full of work: what was accepted, is done."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from benchmarks.serving import free_port
from tests.recorded import AS_RECORDED, CASSETTES, MODEL, ROOT, UNDER_GRAMMAR, recorded_cases
from tests.replay_server import ReplayServer
from tests.waiting import wait_for

pytestmark = pytest.mark.slow
PATIENCE = 240
"""Seconds that something may take on a machine that is busy with other things."""
ARTICLES = [case.article.model_dump(mode="json") for case in recorded_cases()[:8]]


def ready(address: str) -> int:
    try:
        return httpx2.get(f"{address}/readyz").status_code
    except httpx2.TransportError:
        return 0


@contextmanager
def service(keep: Path, model: ReplayServer) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = [sys.executable, "-m", "extractor", "serve", "--port", str(port), "--keep", str(keep)]
    options = ["--base-url", model.base_url, "--model", MODEL, "--at-once", "3", *AS_RECORDED]
    with (keep / "service.log").open("ab") as log:
        started = subprocess.Popen(
            [*command, *options], cwd=ROOT, env={**os.environ, **UNDER_GRAMMAR}, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: ready(address) == 200)
        yield started, address
    finally:
        started.kill()
        started.wait(PATIENCE)


@dataclass
class Callers:
    """Threads that ask again and again, until they are told to stop or the service is gone."""

    address: str
    answers: list[tuple[int, str]] = field(default_factory=list)
    refused: int = 0
    broken: list[str] = field(default_factory=list)

    @contextmanager
    def asking(self, number: int) -> Iterator[None]:
        stop = threading.Event()
        threads = [
            threading.Thread(target=self._ask, args=(first, stop)) for first in range(number)
        ]
        for thread in threads:
            thread.start()
        yield
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)

    def _ask(self, first: int, stop: threading.Event) -> None:
        number = first
        while not stop.is_set():
            try:  # a new connection each: one that is kept may be closed while it is idle
                answer = httpx2.post(
                    f"{self.address}/v1/extract",
                    json=ARTICLES[number % len(ARTICLES)],
                    headers={"Cache-Control": "no-cache", "Connection": "close"},
                    timeout=PATIENCE,
                )
            except httpx2.ConnectError:
                self.refused += 1
                return
            except httpx2.TransportError as error:
                self.broken.append(repr(error))
                return
            self.answers.append((answer.status_code, answer.text))
            number += 1


def test_told_to_stop_under_load_it_answers_all_that_it_accepted(tmp_path: Path) -> None:
    with (
        ReplayServer(CASSETTES, delay=0.3) as model,
        service(tmp_path, model) as (started, address),
    ):
        callers = Callers(address)
        with callers.asking(8):
            wait_for(lambda: len([a for a in callers.answers if a[0] == 200]) >= 6)
            started.send_signal(signal.SIGTERM)
            assert started.wait(PATIENCE) in {0, -signal.SIGTERM}
    # A connection that nobody had accepted yet is refused, or reset where it stood in the queue.
    assert callers.refused + len(callers.broken) > 0, "the others found nobody there"
    others = [answer for answer in callers.answers if answer[0] not in {200, 429, 503}]
    assert not others, f"{others[0]} {(tmp_path / 'service.log').read_text()[-5_000:]}"
    records = [json.loads(text) for status, text in callers.answers if status == 200]
    assert all(record["record"] is not None for record in records)
    assert len(records) == len(model.answered) == len(model.requests), "each got its answer"


def test_killed_under_load_it_loses_no_job_and_no_paid_reply(tmp_path: Path) -> None:
    with ReplayServer(CASSETTES, delay=0.3) as model:
        with service(tmp_path, model) as (started, address):
            location = httpx2.post(f"{address}/v1/jobs", json=ARTICLES).headers["location"]
            wait_for(lambda: kept(tmp_path) >= 2)
            started.send_signal(signal.SIGKILL)
            started.wait(PATIENCE)
        safe = kept(tmp_path)
        before = Counter(asked.article for asked in model.requests)
        with service(tmp_path, model) as (_, address):
            wait_for(lambda: job(address, location)["state"] == "done")
            found = httpx2.get(f"{address}{location}/results").text.splitlines()
        after = Counter(asked.article for asked in model.requests)
    assert [json.loads(line)["article"]["id"] for line in found] == [a["id"] for a in ARTICLES]
    assert all(json.loads(line)["provenance"] for line in found)
    again = {name: after[name] - before[name] for name in before if after[name] > before[name]}
    assert sum(again.values()) <= 3, "at most what was in flight is asked twice"
    assert safe >= 2
    assert sum(after.values()) <= len(ARTICLES) + 3
    assert len(again) <= len(ARTICLES) - safe, "what is in the ledger is not asked again"


def job(address: str, location: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx2.get(f"{address}{location}").json()
    return found


def kept(folder: Path) -> int:
    """How many replies are in the ledger; 0 as long as it is not laid out."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'ledger.sqlite'}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM replies").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
