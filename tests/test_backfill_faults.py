"""Disks, locks, inputs and clocks fail under a backfill: nothing is lost or paid twice."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extractor import backfill
from extractor.errors import StoreError
from extractor.model import Completion, Request
from extractor.store import View
from tests.fake_model import FakeModel, sinking


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_text(
        "".join(json.dumps({"id": f"a{n}", "text": f"ship {n}"}) + "\n" for n in range(20))
    )
    return path


def run(source: Path, out: Path, model: FakeModel) -> None:
    console = Console(file=io.StringIO(), width=200)
    plan = backfill.Plan(concurrency=2)
    asyncio.run(backfill.run([str(source)], out, sinking(), model, plan, console=console))


def ids(out: Path) -> list[str]:
    lines = (out / "records-00001.jsonl").read_text().splitlines()
    return [json.loads(line)["article"]["id"] for line in lines]


ALL = [f"a{n}" for n in range(20)]


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file of this process can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_stops_the_run_and_keeps_what_was_answered(
    source: Path, out: Path
) -> None:
    model = FakeModel()
    with room(150_000), pytest.raises(StoreError) as told:
        run(source, out, model)
    assert str(out / backfill.LEDGER) in told.value.message
    assert "run the same command again" in told.value.hint
    stored = View(out / backfill.LEDGER).paid().replies
    assert 0 < stored < 20
    assert len(model.asked) <= stored + 2
    after = FakeModel()
    run(source, out, after)
    assert len(after.asked) == 20 - stored
    assert ids(out) == ALL


def test_an_output_that_finds_no_room_leaves_the_old_one_whole(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(source, out, FakeModel())
    before = {path.name: path.read_bytes() for path in out.glob("*-0*")}
    source.write_text(source.read_text() + '{"id": "more", "text": "ship 20"}\n')

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("extractor.backfill.parts.os.fsync", full)
        with pytest.raises(StoreError, match="No space left") as told:
            run(source, out, FakeModel())
    assert "the records are in the ledger" in told.value.hint
    assert {path.name: path.read_bytes() for path in out.glob("*-0*")} == before
    model = FakeModel()
    run(source, out, model)
    assert model.asked == []
    assert ids(out) == [*ALL, "more"]


def test_another_program_that_has_the_ledger_for_a_moment_is_waited_for(
    source: Path, out: Path
) -> None:
    run(source, out, FakeModel())
    source.write_text(source.read_text() + '{"id": "more", "text": "ship 20"}\n')
    program = (
        "import sqlite3, sys, time\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE'); print('held', flush=True)\n"
        "time.sleep(0.3); db.execute('COMMIT')"
    )
    ledger = str(out / backfill.LEDGER)
    with subprocess.Popen(
        [sys.executable, "-c", program, ledger], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        model = FakeModel()
        run(source, out, model)
    assert model.asked == ["ship 20"]
    assert ids(out) == [*ALL, "more"]


def test_a_ledger_that_stays_locked_stops_the_run(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(source, out, FakeModel())
    source.write_text(source.read_text() + '{"id": "more", "text": "ship 20"}\n')
    monkeypatch.setattr("extractor.store.file.BUSY_SECONDS", 0)
    other = sqlite3.connect(out / backfill.LEDGER, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked") as told:
            run(source, out, FakeModel())
    finally:
        other.close()
    assert "another program holds the file" in told.value.hint
    run(source, out, FakeModel())
    assert ids(out) == [*ALL, "more"]


def test_an_input_that_is_cut_off_under_the_reader(source: Path, out: Path) -> None:
    text = source.read_bytes() * 20  # more than is read ahead
    source.write_bytes(text)

    class Cutting(FakeModel):
        async def complete(self, request: Request) -> Completion:
            os.truncate(source, len(text) - 10)
            return await super().complete(request)

    run(source, out, Cutting())
    found = [json.loads(line) for line in (out / "records-00001.jsonl").read_text().splitlines()]
    assert len(found) == 400
    assert [each["status"] for each in found] == ["complete"] * 399 + ["failed"]
    assert f"{source}:400" in found[-1]["problems"][0]["message"]
    source.write_bytes(text)
    model = FakeModel()
    run(source, out, model)
    assert model.asked == [], "the same articles, once it is whole again"
    assert len(ids(out)) == 400


def test_a_clock_that_goes_backwards_changes_no_order(source: Path, out: Path) -> None:
    class Backwards(FakeModel):
        async def complete(self, request: Request) -> Completion:
            found = await super().complete(request)
            minute = 59 - len(self.asked)
            return found.model_copy(update={"time": f"2026-11-22T07:{minute:02d}:00+00:00"})

    model = Backwards()
    run(source, out, model)
    assert ids(out) == ALL
    paid = View(out / backfill.LEDGER).paid()
    assert (paid.first or "") < (paid.last or "")
    before = (out / "manifest.json").read_bytes()
    os.utime(source, ns=(source.stat().st_atime_ns, source.stat().st_mtime_ns))
    again: Any = Backwards()
    run(source, out, again)
    assert again.asked == []
    assert (out / "manifest.json").read_bytes() == before
