"""What a person sees of an evaluation while it works: rate, cost and time left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from extractor.model import Completion, Model, Request
from extractor.records import Usage

if TYPE_CHECKING:
    from extractor.prices import Prices

LINE_SECONDS = 10.0
"""How often a line is written where a bar cannot be drawn (a file, a log)."""


@dataclass
class Watch:
    """How far `total` articles are, and what was paid for them."""

    total: int
    prices: Prices | None
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    usage: Usage = field(default_factory=Usage)

    def __str__(self) -> str:
        rate = 60 * self.done / max(time.monotonic() - self.started, 0.001)
        cost = "" if self.prices is None else f", cost {self.prices.cost(self.usage):,.4f}"
        tokens = self.usage.input_tokens + self.usage.output_tokens
        return f"{rate:.1f} a minute, {tokens:,} tokens{cost}"

    @property
    def left(self) -> str:
        """The time left, as the articles so far make one expect."""
        if not self.done:
            return "unknown"
        seconds = (time.monotonic() - self.started) / self.done * (self.total - self.done)
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class Metered:
    """A model whose replies are counted as they are paid."""

    def __init__(self, model: Model, watch: Watch) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._watch = watch

    async def complete(self, request: Request) -> Completion:
        """The model's reply. Raises what the model raises."""
        reply = await self._model.complete(request)
        self._watch.usage += reply.usage
        return reply


class Shown:
    """Shows a watch on a console: as a bar, or now and then in a line."""

    def __init__(self, console: Console, watch: Watch, bar: Progress | None) -> None:
        self.watch = watch
        self._console = console
        self._bar = bar
        self._task: TaskID | None = None
        self._written = watch.started
        if bar is not None:
            self._task = bar.add_task("extracting", total=watch.total, detail="")

    def one_more(self, *_: int) -> None:
        """One more article is done."""
        self.watch.done += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self.watch.done, detail=str(self.watch))
        elif time.monotonic() - self._written >= LINE_SECONDS:
            self._written = time.monotonic()
            far = f"{self.watch.done} of {self.watch.total} articles"
            self._console.print(f"{far}, {self.watch}, {self.watch.left} left", markup=False)


@contextmanager
def shown(console: Console, total: int, prices: Prices | None) -> Iterator[Shown]:
    """Shows on `console` (standard error) how far `total` articles are."""
    watch = Watch(total, prices)
    if not console.is_terminal:
        yield Shown(console, watch, None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Shown(console, watch, bar)
