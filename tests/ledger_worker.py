"""A backfill in a process of its own, on a ledger that others share: `python -m` with a plan.

The address of the ledger comes by standard input, as one that holds a password should.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from extractor import backfill
from extractor.store import Server
from tests.fake_model import Noting, sinking

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Task:
    """`deadly` is a text that kills the process, `slow` how many seconds an answer takes."""

    source: str
    out: str
    notes: str
    deadly: str | None = None
    slow: float = 0.02
    concurrency: int = 4
    machine: str | None = None
    lease: float = 60.0

    def started(self, address: str) -> subprocess.Popen[str]:
        """The process, which is to be waited for with `communicate`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger_worker", json.dumps(asdict(self))],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdin is not None
        process.stdin.write(address + "\n")
        process.stdin.flush()
        return process

    def run(self, server: Server) -> None:
        notes = Path(self.notes)
        notes.mkdir(exist_ok=True)
        model = Noting(notes, self.deadly, delay=self.slow)
        counts = asyncio.run(
            backfill.run(
                [self.source],
                Path(self.out),
                sinking(),
                model,
                backfill.Plan(concurrency=self.concurrency, server=server),
                console=Console(stderr=True, width=200),
            )
        )
        print(json.dumps({"done": counts.done, "known": counts.known}))


def main() -> None:
    task = Task(**json.loads(sys.argv[1]))
    server = Server.at(sys.stdin.readline().strip())
    task.run(replace(server, machine=task.machine, lease=task.lease))


if __name__ == "__main__":
    main()
