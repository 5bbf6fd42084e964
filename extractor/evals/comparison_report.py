"""Two runs as one table of at most 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.evals.comparison import SIGNIFICANT, Compared, StoredRun

_WIDTH = 79
_NOTE = (
    "change: of the F1, with the 95 % interval of a bootstrap over articles. p: paired permutation "
    "test, corrected for the number of fields (Holm). shows: the smallest change that these "
    "articles would have shown four times out of five."
)


def show_comparison(
    first: StoredRun, second: StoredRun, compared: Sequence[Compared], console: Console
) -> None:
    """Print the comparison, the fields that changed most surely first, all values last."""
    if console.no_color:
        console = Console(file=console.file, width=console.width, color_system=None)
    console.print(Text(f"1: {first.name}"))
    console.print(Text(f"2: {second.name}"))
    console.print(Text(f"{len(first.articles)} articles"))
    console.print(Text())
    table = Table(box=None, pad_edge=False, header_style="bold", width=_WIDTH)
    table.add_column("field", overflow="fold", ratio=1)
    for name in ("F1 1", "F1 2", "change", "from", "to", "p", "shows"):
        table.add_column(name, justify="right", no_wrap=True, min_width=5)
    for each in sorted(compared, key=_order):
        row = _row(each)
        sure = each.p is not None and each.p < SIGNIFICANT
        table.add_row(*row, style="bold" if sure else "")
    console.print(table)
    console.print(Text(_NOTE, "dim"))


def _order(compared: Compared) -> tuple[bool, float, str]:
    return not compared.path, 2.0 if compared.p is None else compared.p, compared.path


def _row(compared: Compared) -> list[str]:
    difference = compared.difference
    interval = difference.interval
    return [
        compared.path or "all values (micro)",
        _number(difference.first),
        _number(difference.second),
        _number(difference.change, "+.3f"),
        _number(interval.low if interval else None, "+.3f"),
        _number(interval.high if interval else None, "+.3f"),
        _number(compared.p),
        _number(difference.smallest),
    ]


def _number(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)
