"""The options that say what programs are told of a backfill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from extractor.backfill import Reports

LogOption = Annotated[
    Path | None,
    typer.Option(help="A file that lines of JSON are added to: begin, now and then, end."),
]
MetricsFileOption = Annotated[
    Path | None,
    typer.Option(help="A file of metrics for Prometheus' textfile collector: DIR/extractor.prom."),
]
MetricsPortOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=65535, help="The same at http://127.0.0.1:PORT/metrics, during the run."
    ),
]


def reports_of(log: Path | None, metrics: Path | None, port: int | None) -> Reports:
    """What the options ask for."""
    from extractor.backfill import Reports

    return Reports(log, metrics, port)
