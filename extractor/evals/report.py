"""A run as a table for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extractor.evals import Run
from extractor.evals.scores import Average, FieldScore, Scores

UNDEFINED = "–"
"""Shown for a rate that would divide by zero: it is neither 0 nor 1."""


def run_json(run: Run) -> dict[str, Any]:
    """The run as JSON values; an undefined rate is null."""
    return {
        "prompt": run.prompt,
        "schema": run.schema,
        "model": run.model,
        "replayed": run.replayed,
        "articles": [
            {
                "id": r.article.id,
                "status": r.status,
                "problems": [problem.model_dump(mode="json") for problem in r.problems],
            }
            for r in run.results
        ],
        "evidence": {
            "values": run.evidence.whole,
            "with_evidence": run.evidence.part,
            "rate": run.evidence.rate,
        },
        "fields": [{"path": field.path, **_counts(field)} for field in run.scores.fields],
        "micro": _counts(run.scores.micro),
        "macro": _rates(run.scores.macro),
    }


def _counts(field: FieldScore) -> dict[str, Any]:
    return {
        "right": field.right,
        "wrong": field.wrong,
        "missing": field.missing,
        "spurious": field.spurious,
        **_rates(field),
    }


def _rates(scores: FieldScore | Average) -> dict[str, float | None]:
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def run_table(run: Run) -> RenderableType:
    """The run as a table of at most 80 columns, with a line about its articles above."""
    title = Text(f"{run.prompt} · {run.schema} · {run.model}", style="bold")
    return Group(title, Text(_articles(run)), _scores_table(run.scores), Text(_evidence(run)))


def _articles(run: Run) -> str:
    statuses = Counter(result.status for result in run.results)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    source = "replayed from cassettes" if run.replayed else "answered by the model"
    return f"{len(run.results)} articles {source}: {counted or 'none'}"


def _evidence(run: Run) -> str:
    share = run.evidence
    return f"{share.part} of {share.whole} values have evidence ({_percent(share.rate)})"


def _percent(rate: float | None) -> str:
    return UNDEFINED if rate is None else f"{rate:.1%}"


def _scores_table(scores: Scores) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", width=79)
    table.add_column("field", overflow="fold", ratio=1)
    for name in ("gold", "right", "P", "R", "F1"):
        table.add_column(name, justify="right", no_wrap=True, min_width=5)
    for field in scores.fields:
        table.add_row(Text(field.path), *_numbers(field), *_shown(field))
    table.add_section()
    micro, macro = scores.micro, scores.macro
    table.add_row("all values (micro)", *_numbers(micro), *_shown(micro), style="bold")
    table.add_row("mean of fields (macro)", "", "", *_shown(macro), style="bold")
    return table


def _numbers(field: FieldScore) -> tuple[str, str]:
    return str(field.gold), str(field.right)


def _shown(scores: FieldScore | Average) -> list[str]:
    rates = (scores.precision, scores.recall, scores.f1)
    return [UNDEFINED if rate is None else f"{rate:.3f}" for rate in rates]
