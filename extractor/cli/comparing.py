"""`extractor eval diff`, `gate` and `report`: stored runs, by themselves and side by side."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from extractor.cli.parts import TableFormat, TableOption, needs, relative, stderr, write_file

if TYPE_CHECKING:
    from extractor.evals.comparison import Compared, StoredRun

RunArgument = Annotated[Path, typer.Argument(help="A run: what `eval run --format json` printed.")]

NO_WORSE, WORSE, CANNOT_TELL, RUN_FAILED = 0, 1, 3, 4
"""Exit statuses of the gate; 2 is wrong usage, as everywhere."""


def diff(first: RunArgument, second: RunArgument, output: TableOption = TableFormat.TEXT) -> None:
    """Compare two runs field by field: differences with intervals, and how sure they are."""
    one, other, compared = _compared(first, second)
    from extractor.evals.exports import comparison_csv, comparison_markdown
    from extractor.evals.report import show_comparison

    match output:
        case TableFormat.TEXT:
            show_comparison(one, other, compared, Console())
        case TableFormat.JSON:
            print(json.dumps(_json(one, other, compared), ensure_ascii=False))
        case TableFormat.CSV:
            print(comparison_csv(compared), end="")
        case TableFormat.MARKDOWN:
            print(comparison_markdown(one, other, compared), end="")


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
    junit: Annotated[
        Path | None, typer.Option(help="A JUnit XML file to write: a test case to each margin.")
    ] = None,
) -> None:
    """Say whether a candidate is worse than a baseline.

    Exit status: 0 no worse, 1 worse, 3 cannot tell, 4 a run failed.
    """
    one, other, compared = _compared(baseline, candidate)
    from extractor.evals import exports
    from extractor.evals.comparison import ALL, hold

    margins = {ALL: margin, **dict(map(_margin, field or []))}
    if unknown := sorted(margins.keys() - {each.path for each in compared}):
        raise typer.BadParameter(
            f"no run has the field {unknown[0]!r}; `extractor eval diff` lists them",
            param_hint="--field",
        )
    gated, failed = hold(compared, margins), (*one.failed, *other.failed)
    if junit is not None:
        write_file(junit, exports.junit(gated, failed))
    if failed:
        stderr().print(f"articles without an answer: {', '.join(failed)}", markup=False)
        raise typer.Exit(RUN_FAILED)
    for each in gated:
        print(each)
    verdicts = {each.verdict for each in gated}
    if "worse" in verdicts:
        raise typer.Exit(WORSE)
    raise typer.Exit(CANNOT_TELL if "cannot tell" in verdicts else NO_WORSE)


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


def report(
    run: Annotated[
        Path, typer.Argument(help="A whole run: a file that `eval run --out FOLDER` wrote.")
    ],
    previous: Annotated[
        Path | None, typer.Argument(help="Another of the same articles, to hold it against.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write.")] = Path(
        "report.html"
    ),
) -> None:
    """Write one HTML file that shows a run: scores, plots, and each article with its words."""
    with needs("eval"):
        from extractor.evals import page
        from extractor.evals.page.views import read_whole_run
    before = None if previous is None else read_whole_run(previous)
    write_file(output, page.report(read_whole_run(run), before))
    print(relative(output))
