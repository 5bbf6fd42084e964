"""A backfill in several processes: the same records, nothing twice, one end for all."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from extractor import backfill
from extractor.backfill import processes
from extractor.backfill.processes import as_many_as_help, shard_of
from extractor.errors import AccessDenied, ExtractorError, InputError
from extractor.flow import Limits
from extractor.records import Article
from extractor.shards import Counts
from tests.archives import jsonl
from tests.fake_model import FakeModel, open_noting, sinking
from tests.test_backfill import files, quiet, records, said

pytestmark = pytest.mark.slow
TEXTS = [f"ship {n % 150}" for n in range(200)]
"""Fifty stand there twice."""


class Setting:
    """An input, an output and what the processes noted."""

    def __init__(self, folder: Path) -> None:
        self.source = jsonl(folder / "news.jsonl", TEXTS)
        with self.source.open("a") as stream:
            stream.write("no JSON\n")
        self.out = folder / "out"
        self.notes = folder / "notes"
        self.notes.mkdir()

    def run(
        self,
        number: int,
        *,
        deadly: str | None = None,
        errors: dict[str, ExtractorError] | None = None,
        delay: float = 0.0,
        console: Console | None = None,
    ) -> Counts:
        opens = partial(open_noting, self.notes, deadly, errors or {}, delay)
        crew = backfill.Crew(number, Limits(7, 70, 700), sinking, opens)
        work = backfill.run(
            [str(self.source)],
            self.out,
            sinking(),
            FakeModel(),
            backfill.Plan(concurrency=7),
            crew=crew,
            console=console or quiet(),
        )
        return asyncio.run(work)

    def asked(self) -> list[str]:
        return [line for note in self.notes.iterdir() for line in note.read_text().splitlines()]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def test_the_records_are_those_of_one_process(setting: Setting, tmp_path: Path) -> None:
    console = quiet()
    counts = setting.run(3, console=console)
    assert (counts.done, counts.complete, counts.failed) == (201, 200, 1)
    assert not counts.interrupted
    assert counts.usage.output_tokens == 5 * 150
    assert sorted(setting.asked()) == sorted(set(TEXTS)), "each text once, duplicates included"
    assert len(list(setting.notes.iterdir())) == 3
    for limits in ("limits 3 23.3", "limits 2 23.3"):
        assert limits in said(console)
    alone = tmp_path / "alone"
    asyncio.run(backfill.run([str(setting.source)], alone, sinking(), FakeModel(), console=quiet()))
    assert files(alone) == files(setting.out)
    assert setting.run(2).known == 201, "another number of processes goes on with it"
    assert len(setting.asked()) == 150


def test_a_process_that_is_killed_ends_the_run_and_loses_nothing(setting: Setting) -> None:
    with pytest.raises(ExtractorError, match=r"process \d+ of this backfill ended \(exit -9\)"):
        setting.run(2, deadly="ship 77", delay=0.005)
    before = setting.asked()
    assert 0 < len(before) < 150
    assert setting.run(2).done == 201
    again = len(setting.asked()) - 150
    assert 1 <= again <= 4, "what was in flight in the process that was killed"


def test_a_wrong_key_stops_all_processes(setting: Setting) -> None:
    with pytest.raises(AccessDenied, match="wrong key"):
        setting.run(2, errors={"ship 11": AccessDenied("wrong key")}, delay=0.02)
    assert len(setting.asked()) < 150
    failed = [record for record in records(setting.out) if record["status"] != "complete"]
    codes = [problem["code"] for record in failed for problem in record["problems"]]
    # The article that cannot be read may have had its turn before the stop.
    assert all(code.startswith("input") for code in codes)


def test_ctrl_c_stops_all_in_good_order(setting: Setting) -> None:
    console = quiet()

    def interrupt() -> None:
        while len(setting.asked()) < 20:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    counts = setting.run(2, delay=0.05, console=console)
    assert counts.interrupted
    assert 20 <= counts.done < 201
    assert "to go on, run the same command again" in said(console)
    assert setting.run(2).done == 201
    assert len(setting.asked()) == 150, "what was in flight was waited for"


def test_a_recipe_that_changed_meanwhile_is_refused(setting: Setting) -> None:
    opens = partial(open_noting, setting.notes, None, {}, 0)
    crew = backfill.Crew(2, Limits(2), partial(sinking, digest="1" * 64), opens)
    work = backfill.run(
        [str(setting.source)], setting.out, sinking(), FakeModel(), crew=crew, console=quiet()
    )
    with pytest.raises(InputError, match="was changed"):
        asyncio.run(work)
    assert not setting.asked()


def test_a_budget_is_for_one_process(setting: Setting) -> None:
    crew = backfill.Crew(2, Limits(2), sinking, partial(open_noting, setting.notes, None, {}, 0))
    plan = backfill.Plan(budget=backfill.read_budget("2Mtokens"))
    work = backfill.run(
        [str(setting.source)], setting.out, sinking(), FakeModel(), plan, crew=crew, console=quiet()
    )
    with pytest.raises(InputError, match="a budget, and 2 processes"):
        asyncio.run(work)
    assert not setting.out.exists()


@pytest.mark.parametrize(("concurrency", "cores", "number"), [(16, 8, 1), (64, 8, 2), (640, 2, 2)])
def test_as_many_processes_as_help(
    monkeypatch: pytest.MonkeyPatch, concurrency: int, cores: int, number: int
) -> None:
    monkeypatch.setattr(processes, "_cores", lambda: cores)
    assert as_many_as_help(concurrency) == number


def test_a_shard_is_a_matter_of_the_text_alone() -> None:
    shards = [shard_of(Article(id=f"a{n}", text=f"ship {n}"), 4) for n in range(400)]
    assert shards == [shard_of(Article(id=f"b{n}", text=f"ship {n}"), 4) for n in range(400)]
    assert {shards.count(n) // 60 for n in range(4)} == {1}
