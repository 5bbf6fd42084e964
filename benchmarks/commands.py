"""The command `extractor backfill`, as the benchmarks run it, and how far it is."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.archive import ROOT

Command = list[str]
LINE_SECONDS = 10.0
"""How often a benchmark that takes long says how far it is."""


def backfill(source: Path, out: Path, concurrency: int, processes: int | None) -> Command:
    """The command on one input; None are as many processes as it takes by itself. The address of
    the endpoint comes behind it, after `--base-url`."""
    number = [] if processes is None else ["--processes", str(processes)]
    return [
        sys.executable, "-m", "extractor", "backfill", str(source), "--out", str(out),
        "--concurrency", str(concurrency), *number, "--model", "recorded", "--repair", "0",
    ]  # fmt: skip


def started(command: Command, url: str, log: Path) -> subprocess.Popen[bytes]:
    """The command against the endpoint there; what it says goes to a file."""
    with log.open("ab") as stream:
        return subprocess.Popen(
            [*command, "--base-url", url], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=stream
        )


def check_end(process: subprocess.Popen[bytes], log: Path) -> None:
    """Ends the benchmark with what the command said, if it failed; 1 only says that records were
    rejected, as recorded replies may be."""
    if process.wait() not in (0, 1):
        raise SystemExit(f"exit status {process.returncode}\n{log.read_text(errors='replace')}")


class Watch:
    """Says now and then how far something is that takes long."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._began = self._said = time.monotonic()

    def see(self, done: int, more: str = "") -> None:
        """A line, if the last one was some seconds ago."""
        now = time.monotonic()
        if now - self._said >= LINE_SECONDS:
            self._said = now
            rate = done / (now - self._began)
            print(
                f"  {self._what}: {done:,} of {self._total:,}, {rate:.0f}/s {more}".rstrip(),
                flush=True,
            )
