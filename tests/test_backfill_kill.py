"""A backfill that is killed or stopped goes on, and pays for nothing twice.

The command runs in a process of its own, against a slow server on loopback that replays
what the real model answered. What was paid is counted on the server.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from extractor.asking import request_key
from extractor.reading import build_request
from extractor.records import Article
from tests.recorded import (
    AS_RECORDED,
    CASSETTES,
    MODEL,
    ROOT,
    UNDER_GRAMMAR,
    recorded_cases,
    recorded_model,
    recorded_recipe,
)
from tests.replay_server import ReplayServer
from tests.waiting import wait_for

PATIENCE = 240
"""Seconds until a test gives up waiting."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    """The first eight that are recorded: enough to be killed among, and no long wait."""
    return [case.article for case in recorded_cases()[:8]]


@dataclass(frozen=True)
class Backfill:
    """The command on one input and one folder."""

    source: Path
    out: Path
    server: ReplayServer

    def start(self, concurrency: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "extractor", "backfill", str(self.source)]
        options = {
            "--out": str(self.out),
            "--concurrency": str(concurrency),
            "--base-url": self.server.base_url,
            "--model": MODEL,
        }
        return subprocess.Popen(
            [*command, *AS_RECORDED, *(word for option in options.items() for word in option)],
            cwd=ROOT,
            env={**os.environ, **UNDER_GRAMMAR},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finish(self) -> None:
        """A run to the end."""
        process = self.start(concurrency=2)
        out, said = process.communicate(timeout=PATIENCE)
        # 1 only says that a record was rejected, as recorded replies may be.
        assert process.returncode in (0, 1), said
        assert out == "", "standard output stays clean"

    def stored(self) -> set[str]:
        """The keys of the replies that are safe."""
        ledger = self.out / "ledger.sqlite"
        try:
            with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
                return {key for (key,) in db.execute("SELECT key FROM replies")}
        except sqlite3.OperationalError:
            return set()  # not there yet, or not laid out

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.out.glob("records-*"))}

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for part in self.files().values() for line in part.splitlines()]


@contextmanager
def prepared(folder: Path, articles: list[Article], hold: int | None) -> Iterator[Backfill]:
    """With `hold`, the server answers so many requests and lets the rest wait."""
    source = folder / "news.jsonl"
    source.write_text("".join(article.model_dump_json() + "\n" for article in articles))
    with ReplayServer(CASSETTES, delay=0.2 if hold else 0, hold=hold) as server:
        yield Backfill(source, folder / "out", server)


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Article]
) -> list[dict[str, Any]]:
    """The records of a run that nobody kills."""
    with prepared(tmp_path_factory.mktemp("undisturbed"), articles, hold=None) as found:
        found.finish()
        return [timeless(record) for record in found.records()]


@contextmanager
def running(backfill: Backfill, concurrency: int, answers: int) -> Iterator[subprocess.Popen[str]]:
    """The command in the middle of its work: so many answers are stored, and it goes on."""
    process = backfill.start(concurrency)
    try:
        wait_for(lambda: len(backfill.stored()) >= answers or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what depends on when it was asked for."""
    provenance = {**record["provenance"], "time": None, "seconds": None}
    return {**record, "provenance": provenance}


@pytest.mark.parametrize(("concurrency", "answers"), [(2, 1), (1, 5)])
def test_kill_9_loses_nothing_doubles_nothing_and_pays_nothing_twice(
    tmp_path: Path,
    articles: list[Article],
    undisturbed: list[dict[str, Any]],
    concurrency: int,
    answers: int,
) -> None:
    with prepared(tmp_path, articles, hold=answers) as backfill:
        _killed_and_finished(backfill, articles, concurrency, answers)
        assert [*map(timeless, backfill.records())] == undisturbed


def _killed_and_finished(
    backfill: Backfill, articles: list[Article], concurrency: int, answers: int
) -> None:
    recipe = recorded_recipe()
    keys = {a.id: request_key(build_request(a, recipe), recorded_model()) for a in articles}
    with running(backfill, concurrency, answers) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    stored = backfill.stored()
    assert answers <= len(stored)
    assert stored <= set(keys.values())
    assert backfill.files() == {}, "the output comes at the end"

    backfill.server.release()
    backfill.finish()
    assert [r["article"]["id"] for r in backfill.records()] == [a.id for a in articles]
    assert all(r["provenance"] for r in backfill.records()), "every record is made of an answer"
    # A request that the kill cut in two has no article: it never was a whole one.
    asked = Counter(r.article for r in backfill.server.requests if r.article is not None)
    assert set(asked) == set(keys), "every article was asked for"
    for article, times in asked.items():
        allowed = {1} if keys[article] in stored else {1, 2}
        assert times in allowed, f"{article} was asked {times} times"
    assert sum(asked.values()) <= len(articles) + concurrency

    before, requests = backfill.files(), len(backfill.server.requests)
    backfill.finish()
    assert len(backfill.server.requests) == requests, "a finished run asks nothing"
    assert backfill.files() == before


def test_ctrl_c_keeps_what_is_in_flight_and_exits_with_130(
    tmp_path: Path, articles: list[Article]
) -> None:
    with prepared(tmp_path, articles, hold=1) as backfill:
        with running(backfill, concurrency=2, answers=1) as process:
            process.send_signal(signal.SIGINT)
            backfill.server.release()
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 130, said
        assert "run the same command again" in " ".join(said.split())
        assert "Traceback" not in said
        done = len(backfill.records())
        assert done == len(backfill.stored()) == len(backfill.server.requests) < len(articles)

        backfill.finish()
        assert len(backfill.records()) == len(backfill.server.requests) == len(articles)


def test_a_second_backfill_on_the_folder_is_sent_away(
    tmp_path: Path, articles: list[Article]
) -> None:
    with (
        prepared(tmp_path, articles, hold=1) as backfill,
        running(backfill, concurrency=1, answers=1),
    ):
        second = backfill.start(concurrency=1)
        _, said = second.communicate(timeout=PATIENCE)
        assert second.returncode not in (0, 130), said
    assert "another extractor" in " ".join(said.split())
    assert "Traceback" not in said
