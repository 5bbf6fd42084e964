"""Runs and comparisons for other programs: CSV, Markdown, and JUnit XML of a gate.

A rate or an interval that is undefined is an empty cell. Numbers are written in full in CSV, and
with three places in Markdown.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from extractor.evals import Run
from extractor.evals.comparison import ALL, Compared, Gated, StoredRun, field_intervals
from extractor.evals.report import figure
from extractor.evals.scores import FieldScore, Scores
from extractor.evals.statistics import Interval

Cell = str | int | float | None
Row = tuple[Cell, ...]

RUN_COLUMNS = (
    *("part", "path", "gold", "predicted", "right", "wrong", "missing", "spurious"),
    *("precision", "recall", "f1", "low", "high"),
)
"""`part` is field, all (all values together), figure (what the run is known by) or beside."""
COMPARISON_COLUMNS = (
    *("path", "first", "second", "change", "low", "high"),
    *("p", "p_corrected", "smallest"),
)
"""The path of all values together is empty."""


def run_csv(run: Run) -> str:
    """The scores of a run, one line to a field."""
    return _csv(RUN_COLUMNS, _run_rows(run))


def run_markdown(run: Run) -> str:
    """The scores of a run as a table under its name."""
    columns = ("field", "gold", "right", "P", "R", "F1", "from", "to")
    rows = (
        (path or "all values", gold, right, *rates)
        for part, path, gold, _, right, _, _, _, *rates in _run_rows(run)
        if part != "figure" or run.figure != "micro"  # which is that of all values
    )
    heading = f"{run.prompt} · {run.schema} · {run.model}, {len(run.results)} articles"
    return f"{_line(heading)}\n\n{_table(columns, rows)}"


def comparison_csv(compared: Sequence[Compared]) -> str:
    """Two runs beside each other, one line to a field."""
    return _csv(COMPARISON_COLUMNS, map(_comparison_row, compared))


def comparison_markdown(first: StoredRun, second: StoredRun, compared: Sequence[Compared]) -> str:
    """Two runs beside each other as a table under their names."""
    columns = ("field", "F1 1", "F1 2", "change", "from", "to", "p", "shows")
    rows = (
        (path or "all values", *cells, corrected, smallest)
        for path, *cells, _, corrected, smallest in map(_comparison_row, compared)
    )
    names = f"1: {_line(first.name)}  \n2: {_line(second.name)}  \n"
    return f"{names}{len(first.articles)} articles\n\n{_table(columns, rows)}"


def cells_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Several runs, one line to each; a row is what `matrix.cell_json` gives."""
    return _csv(tuple(rows[0]) if rows else (), (tuple(row.values()) for row in rows))


def cells_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The same as a table."""
    columns = tuple(name.replace("_", " ") for name in rows[0]) if rows else ()
    return _table(columns, (tuple(row.values()) for row in rows))


def junit(gated: Sequence[Gated], unanswered: Sequence[str]) -> str:
    """A gate as a JUnit XML file: a test case to each field that is held to a margin.

    Worse is a failure, and cannot tell is skipped. Where articles got no answer, every case is
    an error, for nothing was compared.
    """
    suite = Element("testsuite", name="extractor eval gate", tests=str(len(gated)))
    counts = {"failure": 0, "skipped": 0, "error": 0}
    for each in gated:
        case = SubElement(
            suite, "testcase", classname="extractor.eval.gate", name=_xml(each.path or "all values")
        )
        outcome, message = _outcome(each, unanswered)
        if outcome is not None:
            counts[outcome] += 1
            SubElement(case, outcome, message=_xml(message))
    for outcome, name in (("failure", "failures"), ("skipped", "skipped"), ("error", "errors")):
        suite.set(name, str(counts[outcome]))
    indent(suite)
    written: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _outcome(gated: Gated, unanswered: Sequence[str]) -> tuple[str | None, str]:
    if unanswered:
        return "error", f"articles without an answer: {', '.join(unanswered)}"
    outcomes = {"worse": "failure", "cannot tell": "skipped"}
    return outcomes.get(gated.verdict), str(gated)


def _run_rows(run: Run) -> list[Row]:
    fields, beside = field_intervals(run.article_scores), field_intervals(run.article_beside)
    f1, interval = figure(run)
    return [
        *_score_rows("field", run.scores, fields),
        _score_row("all", run.scores.micro, fields.get(ALL)),
        ("figure", f"{run.figure}-F1", *(None,) * 8, f1, *_bounds(interval)),
        *_score_rows("beside", run.beside, beside),
    ]


def _score_rows(part: str, scores: Scores, intervals: dict[str, Interval | None]) -> Iterable[Row]:
    return (_score_row(part, field, intervals.get(field.path)) for field in scores.fields)


def _score_row(part: str, field: FieldScore, interval: Interval | None) -> Row:
    counts = (field.gold, field.predicted, field.right, field.wrong, field.missing, field.spurious)
    rates = (field.precision, field.recall, field.f1)
    return (part, field.path, *counts, *rates, *_bounds(interval))


def _comparison_row(compared: Compared) -> Row:
    difference = compared.difference
    return (
        compared.path,
        difference.first,
        difference.second,
        difference.change,
        *_bounds(difference.interval),
        difference.p,
        compared.p,
        difference.smallest,
    )


def _bounds(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return written.getvalue()


def _table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table of GitHub's Markdown; names stand left, numbers right."""
    lines = [columns, [":--", *["--:"] * (len(columns) - 1)], *(map(_shown, row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return "" if cell is None else _escaped(str(cell))


_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|])")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _line(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
