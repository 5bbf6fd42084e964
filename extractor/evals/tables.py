"""What all tables of evaluations have in common: their form, and how numbers are written."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from extractor.evals.statistics import Interval

UNDEFINED = "–"
"""Shown for a rate that would divide by zero: it is neither 0 nor 1."""

WIDTH = 79
NARROW = 46


def plain_if_asked(console: Console) -> Console:
    """The console, or where it has no colours one without bold too, which rich would leave."""
    if not console.no_color:
        return console
    return Console(file=console.file, width=console.width, color_system=None)


def table_of(first: str, *numbers: str, width: int = WIDTH) -> Table:
    """A table of names and numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", width=width)
    table.add_column(first, overflow="fold", ratio=1)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True, min_width=5)
    return table


def interval_text(interval: Interval | None) -> str:
    """An interval with two places."""
    return UNDEFINED if interval is None else f"{interval.low:.2f}-{interval.high:.2f}"


def rate_text(rate: float | None) -> str:
    """A rate with three places."""
    return UNDEFINED if rate is None else f"{rate:.3f}"


def signed_text(change: float | None) -> str:
    """A change, with its sign."""
    return UNDEFINED if change is None else f"{change:+.3f}"


def percent_text(rate: float | None) -> str:
    """A share in percent."""
    return UNDEFINED if rate is None else f"{rate:.1%}"
