"""The service and its model's endpoint, each in a process of its own, and articles to send."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fixed import Reply, write_replies
from extractor.api import recipe_for
from extractor.cases import read_cases
from extractor.embedded import DEFAULT_WEIGHTS
from extractor.furniture import as_shown
from extractor.recordings import load
from extractor.records import Article

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 60.0
_WORDS = 60
"""Characters from the beginning of an article, as models see it, that no other begins with."""


@dataclass(frozen=True)
class Recorded:
    """An article of ours, and the JSON that a model was recorded to answer to it."""

    article: Article
    reply: str

    def as_reply(self) -> Reply:
        """The reply to what is asked about this article, told by its first words."""
        return Reply(as_shown(self.article.text)[:_WORDS], self.reply)


def recorded(most: int | None = None) -> tuple[Recorded, ...]:
    """The articles in `evals/articles` whose replies are recorded with the default recipe."""
    folder = ROOT / "cassettes" / recipe_for(None, None).prompt.id
    paths = {path.stem: path for path in folder.rglob("*.yaml")}
    cases = [case for case in read_cases(ROOT / "evals" / "articles") if case.id in paths]
    return tuple(
        Recorded(case.article, load(paths[case.id])[0].answer.body.decode())
        for case in cases[:most]
    )


def bodies(found: Sequence[Recorded], first: int = 0) -> Iterator[bytes]:
    """Articles without end, no two alike: each bears a number of its own in a last sentence."""
    for number, each in zip(itertools.count(first), itertools.cycle(found)):
        text = f"{each.article.text}\n\nThis newspaper keeps the report as number {number}."
        told = each.article.model_dump(mode="json", exclude={"id"})
        yield json.dumps({**told, "id": f"{each.article.id}-{number}", "text": text}).encode()


@contextmanager
def fixed_model(replies: Sequence[Reply], folder: Path, delay: float) -> Iterator[int]:
    """The port of an endpoint that gives these replies, each after `delay` seconds."""
    kept = folder / "replies.json"
    write_replies(kept, replies)
    command = [sys.executable, "-m", "benchmarks.fixed", str(kept), str(delay)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@dataclass(frozen=True)
class Service:
    """A service that runs."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> list[float]:
        """What its processes have used of the processors so far; the first speaks HTTP."""
        found = (_fields(process) for process in self._processes())
        return [(int(each[11]) + int(each[12])) / os.sysconf("SC_CLK_TCK") for each in found]

    def resident(self) -> int:
        """The memory that its processes hold, in bytes; what they share counts for each."""
        pages = (Path(f"/proc/{n}/statm").read_text().split()[1] for n in self._processes())
        return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE")

    def _processes(self) -> list[int]:
        """The process itself, and those that it started."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        started = [(thread / "children").read_text().split() for thread in threads]
        return [self.process.pid, *sorted(int(n) for each in started for n in each)]


def _fields(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


@contextmanager
def serving(
    model_port: int, keep: Path, *options: str, log: Path | None = None
) -> Iterator[Service]:
    """`extractor serve` that asks a model on loopback, as soon as it takes requests; ended with
    SIGTERM, and killed where that does not help. What it says goes to `log`."""
    port = free_port()
    command = [sys.executable, "-m", "extractor", "serve", "--port", str(port), "--keep", str(keep)]
    endpoint = ["--base-url", f"http://127.0.0.1:{model_port}/v1", "--model", DEFAULT_WEIGHTS.name]
    with open(log or os.devnull, "wb") as said:
        process = subprocess.Popen(
            [*command, *endpoint, *options],
            cwd=ROOT,
            env={**os.environ, "EXTRACTOR_DECODING": "grammar"},
            stdout=said,
            stderr=said,
        )
        try:
            _wait(process, port)
            yield Service(process, port)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"the service did not come up (exit status {process.poll()})")
