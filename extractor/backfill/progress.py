"""What a person sees of a backfill while it works: a bar, or now and then a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from extractor.shards import Counts

LINE_SECONDS = 10.0
"""How often a line is written where a bar cannot be drawn (a file, a log)."""

OnProgress = Callable[[Counts], None]


@contextmanager
def shown(console: Console, total: int | None) -> Iterator[OnProgress]:
    """Shows on `console` how far `total` articles are, for as long as the context lasts.

    A total of None is not known before the end.
    """
    with _bar(console, total) if console.is_terminal else _lines(console, total) as on_progress:
        yield on_progress


def summary(counts: Counts, seconds: float) -> str:
    """The outcome in one line."""
    asked = counts.done - counts.known
    parts = [f"{getattr(counts, s):,} {s}" for s in ("complete", "partial", "rejected", "failed")]
    rate = f"{asked / seconds:.1f} a second" if seconds > 0 else ""
    return (
        f"{counts.done:,} articles: {', '.join(parts)}; {counts.known:,} known before, "
        f"{asked:,} now ({rate}), {_tokens(counts)}"
    )


def of_total(counts: Counts, total: int | None) -> str:
    """How many are done, and of how many where that is known."""
    return f"{counts.done:,}" if total is None else f"{counts.done:,} of {total:,}"


def _tokens(counts: Counts) -> str:
    return f"{counts.usage.input_tokens + counts.usage.output_tokens:,} tokens"


@contextmanager
def _bar(console: Console, total: int | None) -> Iterator[OnProgress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("backfill", total=total, detail="")

        def update(counts: Counts) -> None:
            progress.update(task, completed=counts.done, detail=_detail(counts, started))

        yield update


@contextmanager
def _lines(console: Console, total: int | None) -> Iterator[OnProgress]:
    started = written = time.monotonic()

    def update(counts: Counts) -> None:
        nonlocal written
        if time.monotonic() - written < LINE_SECONDS:
            return
        written = time.monotonic()
        detail = _detail(counts, started)
        console.print(f"{of_total(counts, total)} articles, {detail}", highlight=False)

    yield update


def _detail(counts: Counts, started: float) -> str:
    seconds = max(time.monotonic() - started, 0.001)
    rate = (counts.done - counts.known) / seconds
    unusable = counts.rejected + counts.failed
    trouble = f", {unusable:,} rejected or failed" if unusable else ""
    return f"{rate:.1f}/s, {_tokens(counts)}{trouble}"
