"""A backfill that is killed with SIGKILL again and again, against one that is not.

    python -m benchmarks.kills --articles 10000 --kills 20

The moments are drawn from a seed. What was paid and not kept is counted at each kill: requests
that the server got, less replies in the ledger. Compared are the records, byte for byte but for
when an answer came and how long that took, and the tables, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.archive import copies
from benchmarks.commands import Watch, backfill, check_end, started
from benchmarks.instant import Endpoint, endpoint

LATENCY = 0.2
"""Seconds; with the default concurrency about as many answers as one process can use, so that at
each kill some are under way."""
SETTLED = 0.3
"""Seconds until the server has read what a process sent that is dead."""
_TIMES = re.compile(rb'"seconds": ?[^,}]+|"time": ?"[^"]+"')
_COUNT = "SELECT count(*) FROM replies"
_FURTHEST = "SELECT coalesce(max(rowid), 0) FROM replies"  # the same, and at once


@dataclass(frozen=True)
class Exported:
    """What an output holds: the ids of its records, and a digest of each kind of part."""

    ids: Counter[str]
    digests: dict[str, str]


@dataclass(frozen=True)
class Killed:
    """A kill: whether it met the backfill at work, the replies that were safe then, and the calls
    that were paid and are to be repeated."""

    at_work: bool
    safe: int
    repeated: int


def stored(out: Path, question: str = _COUNT) -> int:
    """How many replies are safe."""
    try:
        ledger = f"file:{out / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(ledger, uri=True)) as db:
            return int(db.execute(question).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # not there yet


def exported(out: Path) -> Exported:
    """The output, the records without the times."""
    ids: Counter[str] = Counter()
    digests: dict[str, str] = {}
    for kind in ("records", "events", "spans", "problems"):
        found = hashlib.sha256()
        for part in sorted(out.glob(f"{kind}-*")):
            found.update(part.name.encode())
            with part.open("rb") as lines:
                for line in lines:
                    found.update(_TIMES.sub(b"", line) if kind == "records" else line)
                    if kind == "records":
                        ids[json.loads(line)["article"]["id"]] += 1
        digests[kind] = found.hexdigest()
    return Exported(ids, digests)


class Trial:
    """One archive, and the backfills of it."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self.articles: int = arguments.articles
        self.concurrency: int = arguments.concurrency
        self._kills: int = arguments.kills
        self._processes: int | None = arguments.processes
        self._latency: float = arguments.latency
        self._chance = Random(arguments.seed)
        self._folder = folder
        self._source = folder / "archive.jsonl"
        with self._source.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{a.model_dump_json()}\n" for a in copies(self.articles))

    def undisturbed(self) -> Exported:
        """What comes of a backfill that nobody kills."""
        out = self._folder / "whole"
        with endpoint(self._latency) as server:
            self._finish(out, server, "undisturbed")
        return exported(out)

    def killed(self) -> tuple[list[Killed], int, Exported]:
        """The kills, the requests in all, and what comes of it in the end."""
        out = self._folder / "killed"
        points = sorted(self._chance.randrange(1, self.articles) for _ in range(self._kills))
        kills: list[Killed] = []
        with endpoint(self._latency) as server:
            for point in points:
                kills.append(self._kill(out, server, point, sum(k.repeated for k in kills)))
                told = kills[-1]
                print(
                    f"  kill {len(kills)} of {len(points)}: {told.safe:,} replies safe, "
                    f"{told.repeated} to be repeated"
                    + ("" if told.at_work else "; it was done already"),
                    flush=True,
                )
            self._finish(out, server, "after the last kill")
            requests = server.requests()
        return kills, requests, exported(out)

    def _start(self, out: Path, server: Endpoint) -> subprocess.Popen[bytes]:
        command = backfill(self._source, out, self.concurrency, self._processes)
        return started(command, server.url, self._log)

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _finish(self, out: Path, server: Endpoint, what: str) -> None:
        process, watch = self._start(out, server), Watch(what, self.articles)
        while process.poll() is None:
            watch.see(stored(out, _FURTHEST))
            time.sleep(0.2)
        check_end(process, self._log)

    def _kill(self, out: Path, server: Endpoint, point: int, before: int) -> Killed:
        """Kills the command when so many replies are safe, and a moment later."""
        process, watch = self._start(out, server), Watch("until the kill", point)
        while (safe := stored(out, _FURTHEST)) < point and process.poll() is None:
            watch.see(safe)
            time.sleep(0.005)
        time.sleep(self._chance.random() * 0.5)
        at_work = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(SETTLED)
        safe = stored(out)
        return Killed(at_work, safe, server.requests() - safe - before)


def complaints(
    trial: Trial, kills: Sequence[Killed], requests: int, whole: Exported, found: Exported
) -> list[str]:
    """What is not as it should be."""
    told: list[str] = []
    wanted = {article.id for article in copies(trial.articles)}
    if lost := wanted - found.ids.keys():
        told.append(f"{len(lost):,} articles are lost, for example {min(lost)}")
    if twice := [each for each, number in found.ids.items() if number > 1]:
        told.append(f"{len(twice):,} articles stand there twice, for example {min(twice)}")
    most = max((kill.repeated for kill in kills), default=0)
    if most > trial.concurrency:
        told.append(f"{most} calls are repeated after a kill, of {trial.concurrency} at a time")
    repeated = sum(kill.repeated for kill in kills)
    if requests != trial.articles + repeated:
        told.append(f"{requests:,} requests, for {trial.articles:,} articles and {repeated} lost")
    if not any(kill.at_work for kill in kills):
        told.append("no kill met it at work")
    for kind, digest in whole.digests.items():
        if found.digests[kind] != digest:
            told.append(f"{kind}: not the same as of the backfill that nobody killed")
    return told


def run(arguments: argparse.Namespace, folder: Path) -> bool:
    """Both backfills; whether the killed one lost, doubled and repeated no more than allowed."""
    print(f"{arguments.articles:,} articles, {arguments.kills} kills", flush=True)
    trial = Trial(arguments, folder)
    whole = trial.undisturbed()
    print(f"  undisturbed: {whole.ids.total():,} records", flush=True)
    kills, requests, found = trial.killed()
    at_work = sum(kill.at_work for kill in kills)
    repeated = [kill.repeated for kill in kills]
    print(
        f"{at_work} kills at work, {len(kills) - at_work} too late; {requests:,} requests; "
        f"repeated: {sum(repeated)} in all, at most {max(repeated, default=0)} after a kill "
        f"(of {trial.concurrency} at a time)"
    )
    told = complaints(trial, kills, requests, whole, found)
    for each in told:
        print(f"  {each}")
    print("FAILED" if told else "PASSED: none lost, none twice, the output equal but for the times")
    return not told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--latency", type=float, default=LATENCY)
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(not run(parser.parse_args(), Path(folder)))


if __name__ == "__main__":
    main()
