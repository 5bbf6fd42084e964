"""What a person sees of a backfill while it works: a bar and two lines, or now and then a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from extractor.shards import Counts

LINE_SECONDS = 10.0
"""How often a line is written where a bar cannot be drawn (a file, a log)."""

OnProgress = Callable[[Counts], None]
Note = Callable[[Counts], str]
"""What else is to be said beside the counts: money, limits."""


@contextmanager
def shown(console: Console, total: int | None, note: Note = lambda _: "") -> Iterator[OnProgress]:
    """Shows on `console` how far `total` articles are, for as long as the context lasts.

    A total of None is not known before the end.
    """
    view = _bar if console.is_terminal else _lines
    with view(console, total, note) as on_progress:
        yield on_progress


def summary(counts: Counts, seconds: float, cost: float | None = None) -> str:
    """The outcome in one line. `cost` is what this run paid, where prices are known."""
    asked = counts.done - counts.known
    rate = f"{asked / seconds:.1f} a second" if seconds > 0 else ""
    money = "" if cost is None else f", cost {cost:,.4f}"
    return (
        f"{counts.done:,} articles: {_statuses(counts)}; {counts.known:,} known before, "
        f"{asked:,} now ({rate}), {_tokens(counts)}{money}"
    )


def of_total(counts: Counts, total: int | None) -> str:
    """How many are done, and of how many where that is known."""
    return f"{counts.done:,}" if total is None else f"{counts.done:,} of {total:,}"


def _statuses(counts: Counts) -> str:
    names = ("complete", "partial", "rejected", "failed")
    return ", ".join(f"{getattr(counts, name):,} {name}" for name in names)


def _tokens(counts: Counts) -> str:
    return f"{counts.usage.input_tokens + counts.usage.output_tokens:,} tokens"


@contextmanager
def _bar(console: Console, total: int | None, note: Note) -> Iterator[OnProgress]:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )
    task = bar.add_task("backfill", total=total)
    started = time.monotonic()
    first, second = Text(), Text()
    with Live(Group(bar, first, second), console=console, refresh_per_second=4):

        def update(counts: Counts) -> None:
            bar.update(task, completed=counts.done)
            first.plain = _statuses(counts)
            second.plain = _pace(counts, started, note)

        yield update


@contextmanager
def _lines(console: Console, total: int | None, note: Note) -> Iterator[OnProgress]:
    started = written = time.monotonic()

    def update(counts: Counts) -> None:
        nonlocal written
        if time.monotonic() - written < LINE_SECONDS:
            return
        written = time.monotonic()
        left = _left(counts, total, started)
        pace = _pace(counts, started, note)
        line = f"{of_total(counts, total)} articles, {_statuses(counts)}; {pace}{left}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    yield update


def _rate(counts: Counts, started: float) -> float:
    """Articles a second, of those that were not known before."""
    return (counts.done - counts.known) / max(time.monotonic() - started, 0.001)


def _pace(counts: Counts, started: float, note: Note) -> str:
    more = note(counts)
    return f"{_rate(counts, started):.1f}/s, {_tokens(counts)}" + (f", {more}" if more else "")


def _left(counts: Counts, total: int | None, started: float) -> str:
    rate = _rate(counts, started)
    if total is None or not rate:
        return ""
    return f", {spoken(max(total - counts.done, 0) / rate)} left"


def spoken(seconds: float) -> str:
    """A time as hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02d}:{rest:02d}"
