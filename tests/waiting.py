"""Waiting for what another thread or process does."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300
"""Seconds; a machine with much to do may need them. Only a test that fails waits so long."""


def wait_for(holds: Callable[[], object], said: Callable[[], str] = str) -> None:
    """Until it holds. Fails, with what was said, if it does not in time."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"nothing came of it in {PATIENCE} s\n{said()}"
        time.sleep(0.005)


def wait_while_runs(
    process: subprocess.Popen[bytes], log: Path, holds: Callable[[], object]
) -> None:
    """Until it holds. Fails, with the log of a process, if that has ended before."""

    def said() -> str:
        return log.read_text(errors="replace")

    def runs_and_holds() -> object:
        assert process.poll() is None, f"it ended with {process.returncode}\n{said()}"
        return holds()

    wait_for(runs_and_holds, said)
