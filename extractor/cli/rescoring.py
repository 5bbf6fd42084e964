"""`extractor eval import`: runs from answers that are stored, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.evaluating import print_run, say_failed
from extractor.cli.parts import FormatOption, OutputFormat, needs
from extractor.errors import InputError


def import_(
    baseline: Annotated[
        Path, typer.Argument(help="What another program answered: a line of JSON an article.")
    ],
    cases: Annotated[Path, typer.Argument(help="The file of MUC-4 that it was run on.")],
    name: Annotated[
        str | None, typer.Option(help="What the run is called. [default: the file's name]")
    ] = None,
    model: Annotated[str, typer.Option(help="The model that it asked.")] = "unnamed",
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Score the answers of another program, as a run to be compared with ours."""
    with needs("eval"):
        from extractor.evals.baselines import import_baseline
        from extractor.evals.benchmarks import read_benchmark

    benchmark = read_benchmark(cases)
    if benchmark is None:
        raise InputError(f"{cases}: no data set of others", hint="pass a .jsonl file of MUC-4")
    run = import_baseline(baseline, benchmark, name=name or baseline.stem, model=model)
    print_run(run, output)
    say_failed([item for item in run.results if item.status == "failed"])
