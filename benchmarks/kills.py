"""A backfill that is killed with SIGKILL again and again, against one that is not.

    python -m benchmarks.kills --articles 10000 --kills 20

The moments are drawn from a seed. Counted on the server: what was asked for more than once.
Compared are the outputs, byte for byte but for when an answer came and how long that took.
"""

from __future__ import annotations

import argparse
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

from benchmarks.archive import ROOT, copies
from benchmarks.instant import Endpoint, endpoint

_TIMES = re.compile(rb'"seconds": [^,}]+|"time": "[^"]+"')


def start(source: Path, out: Path, server: Endpoint, options: list[str]) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    command = [sys.executable, "-m", "extractor", "backfill", str(source), "--out", str(out)]
    asked = ["--base-url", server.url, "--model", "recorded", "--repair", "0"]
    return subprocess.Popen(
        [*command, *asked, *options],
        cwd=ROOT,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def stored(out: Path) -> int:
    """How many replies are safe."""
    try:
        ledger = f"file:{out / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(ledger, uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM replies").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # not there yet


def exported(out: Path) -> bytes:
    """The whole output, without the times."""
    parts = sorted(out.glob("records-*.jsonl"))
    return _TIMES.sub(b"", b"".join(part.read_bytes() for part in parts))


def finish(process: subprocess.Popen[str]) -> None:
    """Waits for the end of a run that nobody kills."""
    _, said = process.communicate()
    if process.returncode not in (0, 1):
        raise SystemExit(said)


def killed(process: subprocess.Popen[str], out: Path, point: int, pause: float) -> bool:
    """Kills the command when so many replies are safe, and a pause later; False if it was done."""
    while stored(out) < point and process.poll() is None:
        time.sleep(0.002)
    time.sleep(pause)
    done = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return not done


def repeats(server: Endpoint) -> int:
    """Requests beyond the first of each article."""
    marks = server.asked()["marks"]
    return int(sum(marks.values())) - len(marks)


def run(arguments: argparse.Namespace, folder: Path) -> bool:
    """Both backfills; whether the killed one lost, doubled and repeated no more than allowed."""
    source = folder / "archive.jsonl"
    with source.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{a.model_dump_json()}\n" for a in copies(arguments.articles))
    options = ["--concurrency", str(arguments.concurrency)]
    if arguments.processes:
        options += ["--processes", str(arguments.processes)]
    with endpoint() as server:
        finish(start(source, folder / "whole", server, options))
    chance = Random(arguments.seed)
    points = sorted(chance.randrange(1, arguments.articles) for _ in range(arguments.kills))
    most = before = done = 0
    out = folder / "killed"
    with endpoint() as server:
        for point in points:
            process = start(source, out, server, options)
            done += killed(process, out, point, chance.random() * 0.05)
            now = repeats(server)
            most, before = max(most, now - before), now
            print(f"killed with {stored(out):,} replies safe; {now:,} repeated so far", flush=True)
        finish(start(source, out, server, options))
        asked = server.asked()
        most = max(most, repeats(server) - before)
    lines = exported(out).splitlines()
    same = exported(out) == exported(folder / "whole")
    lost = arguments.articles - len(asked["marks"])
    print(f"{done} kills; {lost} lost; {len(lines) - len(set(lines))} twice in the output")
    print(f"at most {most} repeated after a kill, of {arguments.concurrency} at a time")
    print(f"output: {len(lines):,} records, {'equal' if same else 'NOT EQUAL'}")
    return same and not lost and most <= arguments.concurrency


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--processes", type=int, default=None)
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(not run(parser.parse_args(), Path(folder)))


if __name__ == "__main__":
    main()
