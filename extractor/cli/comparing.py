"""`extractor eval diff` and `extractor eval gate`: two stored runs beside each other."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from extractor.cli.parts import FormatOption, OutputFormat, needs, stderr

if TYPE_CHECKING:
    from extractor.evals.comparison import Compared, StoredRun

RunArgument = Annotated[Path, typer.Argument(help="A run: what `eval run --format json` printed.")]

NO_WORSE, WORSE, CANNOT_TELL, RUN_FAILED = 0, 1, 3, 4
"""Exit statuses of the gate; 2 is wrong usage, as everywhere."""


def diff(first: RunArgument, second: RunArgument, output: FormatOption = OutputFormat.TEXT) -> None:
    """Compare two runs field by field: differences with intervals, and how sure they are."""
    one, other, compared = _compared(first, second)
    if output is OutputFormat.JSON:
        print(json.dumps(_json(one, other, compared), ensure_ascii=False))
        return
    from extractor.evals.report import show_comparison

    show_comparison(one, other, compared, Console())


def gate(
    baseline: RunArgument,
    candidate: RunArgument,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="How much F1 all values together may lose.")
    ] = 0.02,
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH=MARGIN", help="A field that is held to a margin of its own."),
    ] = None,
) -> None:
    """Say whether a candidate is worse than a baseline.

    Exit status: 0 no worse, 1 worse, 3 cannot tell, 4 a run failed.
    """
    from extractor.evals.comparison import ALL, judge

    margins = {ALL: margin, **dict(map(_margin, field or []))}
    one, other, compared = _compared(baseline, candidate)
    if failed := (*one.failed, *other.failed):
        stderr().print(f"articles without an answer: {', '.join(failed)}", markup=False)
        raise typer.Exit(RUN_FAILED)
    by_path = {each.path: each for each in compared}
    if unknown := sorted(margins.keys() - by_path.keys()):
        raise typer.BadParameter(
            f"no run has the field {unknown[0]!r}; `extractor eval diff` lists them",
            param_hint="--field",
        )
    verdicts = {path: judge(by_path[path], allowed) for path, allowed in margins.items()}
    for path, verdict in verdicts.items():
        change = by_path[path].difference.change
        shown = "no F1" if change is None else f"{change:+.3f}"
        print(f"{path or 'all values'}: {verdict} ({shown}, margin {margins[path]:g})")
    if "worse" in verdicts.values():
        raise typer.Exit(WORSE)
    raise typer.Exit(CANNOT_TELL if "cannot tell" in verdicts.values() else NO_WORSE)


def _compared(first: Path, second: Path) -> tuple[StoredRun, StoredRun, list[Compared]]:
    with needs("eval"):
        from extractor.evals.comparison import compare, read_run
    one, other = read_run(first), read_run(second)
    return one, other, compare(one, other)


def _margin(text: str) -> tuple[str, float]:
    path, _, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not path or not 0 <= number <= 1:
        raise typer.BadParameter(f"{text!r} is not PATH=MARGIN", param_hint="--field")
    return path, number


def _json(one: StoredRun, other: StoredRun, compared: list[Compared]) -> dict[str, Any]:
    return {
        "first": one.name,
        "second": other.name,
        "articles": len(one.articles),
        "fields": [
            {
                "path": each.path,
                **asdict(each.difference),
                "change": each.difference.change,
                "p_corrected": each.p,
            }
            for each in compared
        ],
    }
