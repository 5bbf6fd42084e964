"""How fast a backfill is, and what it takes: `make bench-backfill`.

Everything runs against a local server in a process of its own. Rates are taken from the server's
clock (first request to last answer), processor time from the system: of a program less that of
the same program with few articles, for starting is no part of the work.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.archive import ROOT, copies, originals
from benchmarks.commands import Command, backfill
from benchmarks.contestants import installed
from benchmarks.instant import endpoint

FEW = 27
ROUNDS = 5
"""How often the row-level work is measured: a machine that others use too is now faster and now
slower by half, and one figure says as much of that as of the work."""
LANGEXTRACT_AT_MOST = 320
"""Articles: it asks about each in several parts, and 5,000 took more than ten minutes."""


@dataclass(frozen=True)
class Row:
    """A line of the table: a figure, its unit, and its bar, which it is to reach."""

    name: str
    value: float | None
    unit: str
    bar: float | None = None


@dataclass(frozen=True)
class Measured:
    """Seconds from the first request to the last answer, and seconds of the processor."""

    wall: float
    cpu: float
    requests: int


def measured(
    command: Command, latency: float, url_at: int, *, good: tuple[int, ...] = (0,)
) -> Measured:
    """Runs a program against a server of its own; its address goes into the command.

    Ends with what the program said when its status is none of the `good` ones."""
    with endpoint(latency) as server:
        process = subprocess.Popen(
            [*command[:url_at], server.url, *command[url_at:]],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        said = process.stderr.read()
        process.stderr.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in good:
            raise SystemExit(said.decode(errors="replace"))
        asked = server.asked()
    return Measured(asked["seconds"], used.ru_utime + used.ru_stime, asked["requests"])


def other(name: str, articles: int, concurrency: int, latency: float = 0.0) -> Measured:
    """One of `contestants`."""
    program = [sys.executable, "-m", "benchmarks.contestants", name]
    return measured([*program, str(articles), str(concurrency)], latency, len(program))


def ours(folder: Path, articles: int, concurrency: int, processes: int, latency: float) -> Measured:
    """The command, on a file of so many articles."""
    source = folder / f"{articles}.jsonl"
    if not source.exists():
        with source.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{a.model_dump_json()}\n" for a in copies(articles))
    out = tempfile.mkdtemp(dir=folder)
    command = [*backfill(source, Path(out), concurrency, processes), "--base-url"]
    return measured(command, latency, len(command), good=(0, 1))  # 1: some were rejected


def a_core(more: Measured, few: Measured) -> float:
    """Requests a second of the processor."""
    return (more.requests - few.requests) / max(more.cpu - few.cpu, 1e-9)


def throughput(folder: Path, articles: int, cores: int) -> Iterator[Row]:
    """At concurrency 64 and a second of latency, in percent of what that allows."""
    concurrency, latency = 64, 1.0
    ideal = -(-articles // concurrency) * latency
    name = f"{articles:,} articles, {concurrency} at a time, {latency:g} s each"
    yield Row(name, None, "")
    for processes in sorted({1, cores}):
        found = ours(folder, articles, concurrency, processes, latency)
        bar = 95.0 if processes == cores else None
        yield Row(
            f"  extractor, {processes} process(es)", 100 * ideal / found.wall, "% of ideal", bar
        )
    fewer = min(articles, LANGEXTRACT_AT_MOST)
    for rival, number in (("openai", articles), ("ray", articles), ("langextract", fewer)):
        name = f"  {rival}" if number == articles else f"  {rival}, {number} of them"
        if not installed(rival):
            yield Row(name, None, "not installed")
            continue
        share = 100 * -(-number // concurrency) * latency
        share /= other(rival, number, concurrency, latency).wall
        yield Row(name, share, "% of ideal")


def instant(folder: Path, articles: int, cores: int) -> Iterator[Row]:
    """Against a server that answers at once."""
    yield Row(f"a server that answers at once, {articles:,} articles", None, "")
    yield Row("  the server alone, at least", server_alone(), "calls/s")
    for name, bar in (("client", 250.0), ("openai", None), ("instructor", None)):
        rate = a_core(other(name, articles, 32), other(name, FEW, 32))
        yield Row(f"  {name} alone", rate, "calls/s a core", bar)
    pairs = [
        (ours(folder, articles, 32, 1, 0.0), ours(folder, FEW, 32, 1, 0.0)) for _ in range(ROUNDS)
    ]
    rates = sorted(a_core(*pair) for pair in pairs)
    name = "  extractor, all row-level work"
    yield Row(name, statistics.median(rates), "articles/s a core", 120.0)
    yield Row(f"    the least of {ROUNDS}, whose median that is", rates[0], "articles/s a core")
    yield Row("    the most", rates[-1], "articles/s a core")
    walls = [alone.requests / alone.wall for alone, _ in pairs]
    yield Row("  extractor, 1 process", statistics.median(walls), "articles/s")
    if cores > 1:
        more = ours(folder, articles, 32 * cores, cores, 0.0)
        yield Row(f"  extractor, {cores} processes", more.requests / more.wall, "articles/s")


def server_alone(seconds: float = 1.0) -> float:
    """Requests a second of one connection that sends eight before it reads."""
    body = b'{"messages": "' + originals()[0].text.encode() + b' Ref-1-0"}'
    asked = b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    with endpoint() as server:
        port = int(server.url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as client:
            answers, begun = 0, time.perf_counter()
            while (passed := time.perf_counter() - begun) < seconds:
                client.sendall(asked * 8)
                left = 8
                while left:
                    left -= client.recv(1 << 20).count(b"HTTP/1.1 200")
                answers += 8
    return answers / passed


def line(row: Row) -> str:
    """A row in 80 columns, drawn as far as it is from its bar."""
    if row.value is None:
        return f"{row.name:54}{row.unit:>26}".rstrip()
    told = f"{row.name:34}{row.value:>9,.1f} {row.unit:<17}"
    if row.bar is None:
        return told.rstrip()
    good = row.value >= row.bar
    drawn = "#" * min(5, round(5 * row.value / row.bar))
    return f"{told} {drawn:<5} {'ok' if good else 'no'} {row.bar:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5_000)
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (throughput, instant):
            for row in part(folder, arguments.articles, cores):
                print(line(row), flush=True)


if __name__ == "__main__":
    main()
