"""Memory of a backfill that reads an archive in Parquet: how much, and does it grow?

    python -m benchmarks.memory --articles 100000

The server answers at once, so that the backfill is as fast as it can be. The resident memory of
its one process is read twice a second. Over the second half of the articles, when caches are full,
a line is fitted (least squares); what the output takes at the end counts for the peak alone.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.archive import copies
from benchmarks.commands import Watch, backfill, check_end, started
from benchmarks.instant import Endpoint, endpoint

MOST = 300.0
"""MB that a backfill may have in memory at any time."""
TOLERATED = 5.0
"""MB by which it may grow over the second half; allocators are never quite at rest."""
EVERY = 0.5
_ROWS = 1_000


@dataclass
class Course:
    """Samples of how many articles were answered and how many MB were resident; `peak` is the
    most that the system saw."""

    samples: list[tuple[float, float]] = field(default_factory=list)
    peak: float = 0.0

    def growth(self, articles: int) -> float:
        """MB that the fitted line rises over the second half, while there was work."""
        second = [each for each in self.samples if articles / 2 <= each[0] < articles]
        return slope(second) * articles / 2


def course(process: subprocess.Popen[bytes], server: Endpoint, articles: int) -> Course:
    """Watches a backfill until it ends."""
    found, watch = Course(), Watch("answered", articles)
    while process.poll() is None:
        done = server.requests()
        now, most = resident(process.pid)
        if now:
            found.samples.append((done, now))
            found.peak = max(found.peak, most)
        watch.see(done, f"{now:.0f} MB")
        time.sleep(EVERY)
    return found


def write_parquet(path: Path, articles: int) -> None:
    """So many articles, in row groups of a thousand."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in ("id", "title", "text", "published")])
    waiting = copies(articles)
    with pq.ParquetWriter(path, schema) as writer:
        while rows := [article for _, article in zip(range(_ROWS), waiting, strict=False)]:
            columns = [[_text(getattr(row, name)) for row in rows] for name in schema.names]
            writer.write_table(pa.table(columns, schema=schema))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def resident(pid: int) -> tuple[float, float]:
    """The megabytes that a process has in memory, and the most it had; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0, 0.0
    lines = dict(line.split(":", 1) for line in status.splitlines())
    now, most = (lines.get(name, "0 kB").split()[0] for name in ("VmRSS", "VmHWM"))
    return int(now) / 1024, int(most) / 1024


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """Megabytes for an article more (least squares)."""
    if len(samples) < 2:
        return 0.0
    x = sum(done for done, _ in samples) / len(samples)
    y = sum(size for _, size in samples) / len(samples)
    spread = sum((done - x) ** 2 for done, _ in samples)
    return sum((d - x) * (s - y) for d, s in samples) / spread if spread else 0.0


def run(articles: int, concurrency: int, folder: Path) -> bool:
    """Whether it keeps to its bars."""
    source, log = folder / "archive.parquet", folder / "log"
    print(f"writing an archive of {articles:,} articles", flush=True)
    write_parquet(source, articles)
    with endpoint() as server:
        command = backfill(source, folder / "out", concurrency, 1)
        process = started(command, server.url, log)
        found = course(process, server, articles)
        check_end(process, log)
        asked = server.requests()
    growth = found.growth(articles)
    second = [size for done, size in found.samples if articles / 2 <= done < articles]
    print(f"{asked:,} articles from Parquet, answered at once, one process")
    print(f"  most memory: {found.peak:.1f} MB (at most {MOST:.0f})")
    if second:
        print(f"  second half: {min(second):.1f} to {max(second):.1f} MB, {len(second)} samples")
    print(f"  it grows by {growth:+.1f} MB there (at most {TOLERATED:.0f})")
    holds = asked == articles and found.peak <= MOST and growth <= TOLERATED and bool(second)
    print("PASSED" if holds else "FAILED")
    return holds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--concurrency", type=int, default=32)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(not run(arguments.articles, arguments.concurrency, Path(folder)))


if __name__ == "__main__":
    main()
