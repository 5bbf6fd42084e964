"""The benchmarks of backfills see what they are to see."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.archive import copies
from benchmarks.kills import Exported, Killed, Trial, complaints, exported
from benchmarks.memory import Course, slope

ARGUMENTS = argparse.Namespace(
    articles=3, kills=1, concurrency=2, processes=None, latency=0.0, seed=1
)


def line(article: str, seconds: float, value: str = "x") -> str:
    provenance = {"seconds": seconds, "time": f"2026-01-0{int(seconds)}"}
    return json.dumps({"article": {"id": article}, "record": value, "provenance": provenance})


def output(folder: Path, *lines: str, table: str = "a\n") -> Path:
    folder.mkdir()
    (folder / "records-00001.jsonl").write_text("".join(f"{each}\n" for each in lines))
    (folder / "events-00001.csv").write_text(table)
    return folder


def test_outputs_are_compared_but_for_the_times(tmp_path: Path) -> None:
    one = exported(output(tmp_path / "1", line("a", 1), line("b", 2)))
    assert one.ids == {"a": 1, "b": 1}
    assert exported(output(tmp_path / "2", line("a", 3), line("b", 4))) == one
    others = [
        output(tmp_path / "3", line("a", 1), line("b", 2, "y")),
        output(tmp_path / "4", line("b", 2), line("a", 1)),
        output(tmp_path / "5", line("a", 1), line("b", 2), table="b\n"),
    ]
    assert all(exported(other).digests != one.digests for other in others)


KILL = Killed(at_work=True, safe=1, repeated=2)


def fine(trial: Trial) -> Exported:
    ids = (article.id for article in copies(trial.articles))
    whole = Exported(ids=type(exported(Path("nowhere")).ids)(ids), digests={"records": "1"})
    assert complaints(trial, [KILL], 5, whole, whole) == []
    return whole


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda kill, found: ([kill], 5, _without_one(found)), "1 articles are lost"),
        (lambda kill, found: ([kill], 5, _with_one_twice(found)), "1 articles stand there twice"),
        (lambda kill, found: ([replace(kill, repeated=3)], 6, found), "3 calls are repeated"),
        (lambda kill, found: ([kill], 6, found), "6 requests, for 3 articles and 2 lost"),
        (lambda kill, found: ([replace(kill, at_work=False)], 5, found), "no kill met it"),
        (lambda kill, found: ([kill], 5, replace(found, digests={"records": "2"})), "records: not"),
    ],
)
def test_each_fault_is_told(
    tmp_path: Path,
    spoil: Callable[[Killed, Exported], tuple[list[Killed], int, Exported]],
    told: str,
) -> None:
    trial = Trial(ARGUMENTS, tmp_path)
    whole = fine(trial)
    kills, requests, found = spoil(KILL, whole)
    [complaint] = complaints(trial, kills, requests, whole, found)
    assert complaint.startswith(told)


def _without_one(found: Exported) -> Exported:
    ids = found.ids.copy()
    del ids[min(ids)]
    return replace(found, ids=ids)


def _with_one_twice(found: Exported) -> Exported:
    return replace(found, ids=found.ids + type(found.ids)([min(found.ids)]))


def test_growth_is_that_of_the_second_half_alone() -> None:
    at_first = [(float(n), 10.0 * n) for n in range(50)]
    flat = [(float(n), 200.0) for n in range(50, 100)]
    rising = [(float(n), 200.0 + (n - 50) / 5) for n in range(50, 100)]
    written = [(100.0, 900.0)]
    assert Course([*at_first, *flat, *written]).growth(100) == pytest.approx(0)
    assert Course([*at_first, *rising, *written]).growth(100) == pytest.approx(10)
    assert slope([]) == 0
