"""A backfill on a real Ray of this machine: the command, two actors, one of which is killed.

One test, for a cluster takes half a minute to come and go.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from benchmarks.archive import copies
from benchmarks.commands import backfill as command_on
from benchmarks.commands import check_end, started
from benchmarks.instant import endpoint
from benchmarks.kills import exported
from extractor import backfill
from extractor.errors import InputError
from extractor.flow import Limits
from extractor.store import Server, View
from tests.archives import jsonl
from tests.fake_model import FakeModel, open_noting, sinking
from tests.postgres_cluster import Cluster, running_cluster
from tests.test_backfill import quiet
from tests.test_postgres import execute
from tests.waiting import wait_while_runs

pytestmark = [pytest.mark.postgres, pytest.mark.ray, pytest.mark.slow]
pytest.importorskip("ray", reason="Ray is not installed (the extra `ray`)")
ROOT = Path(__file__).resolve().parent.parent
ARTICLES = 108
CONCURRENCY = 8


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with running_cluster() as found:
        yield found


def workers(address: str) -> list[int]:
    """The processes that have the ledger open; the command's is the first."""
    try:
        found = execute(address, "SELECT process FROM extractor.owners")
    except psycopg.errors.UndefinedTable:
        return []
    return [process for (process,) in found]


def test_two_actors_one_of_which_is_killed_make_what_one_process_makes(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "archive.jsonl"
    source.write_text("".join(f"{a.model_dump_json()}\n" for a in copies(ARTICLES)))
    log = tmp_path / "log"
    with endpoint() as server:
        alone = command_on(source, tmp_path / "alone", CONCURRENCY, 1)
        check_end(started(alone, server.url, log), log)
    address = cluster.database()
    monkeypatch.setenv("EXTRACTOR_LEDGER", address)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with endpoint(latency=0.5) as server:
        command = [*command_on(source, tmp_path / "ray", CONCURRENCY, 2), "--engine", "ray"]
        process = started(command, server.url, log)
        try:
            wait_while_runs(process, log, lambda: len(workers(address)) == 3)
            wait_while_runs(process, log, lambda: View(Server.at(address)).paid().replies >= 20)
            actor = next(pid for pid in workers(address) if pid != process.pid)
            os.kill(actor, signal.SIGKILL)
            check_end(process, log)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        asked = server.asked()
        assert len(asked["marks"]) == ARTICLES, "none is lost"
        repeated = server.requests() - ARTICLES
        assert repeated <= CONCURRENCY, "no more than was in flight"
        assert asked["most"] <= CONCURRENCY, "the limit is that of all together"
    assert exported(tmp_path / "ray") == exported(tmp_path / "alone")
    assert exported(tmp_path / "ray").ids.total() == ARTICLES
    assert workers(address) == []


def test_it_needs_a_ledger_for_several_machines(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["ship 1"])
    opens = partial(open_noting, tmp_path, None, {}, 0.0)
    crew = backfill.Crew(2, Limits(2), sinking, opens, "ray")
    work = backfill.run(
        [str(source)], tmp_path / "out", sinking(), FakeModel(), crew=crew, console=quiet()
    )
    with pytest.raises(InputError, match="the engine ray needs a ledger"):
        asyncio.run(work)


def test_it_needs_an_endpoint_that_all_reach(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["ship 1"])
    command = [sys.executable, "-m", "extractor", "backfill", str(source), "--engine", "ray"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the engine ray, and the embedded model of this machine" in done.stderr
    assert not (tmp_path / "out").exists()
