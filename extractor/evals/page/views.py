"""What the page shows of a stored run, read off its JSON: no markup yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.evals.comparison import StoredRun, read_run
from extractor.evals.overlap import OVERLAP
from extractor.evals.page.marks import Kind, Mark, Piece, pieces


@dataclass(frozen=True)
class WholeRun:
    """A run with all that is behind it, as `eval run --out FOLDER` wrote it."""

    stored: StoredRun
    data: Mapping[str, Any]

    @cached_property
    def by_id(self) -> Mapping[str, Mapping[str, Any]]:
        """The articles by their ids."""
        return {article["id"]: article for article in self.data["articles"]}


def read_whole_run(path: Path) -> WholeRun:
    """The run of a file. Raises `InputError` for what is none, and for one of scores alone."""
    stored = read_run(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    if not data["articles"] or not all("article" in article for article in data["articles"]):
        raise InputError(
            f"{path}: this run has scores, but no articles",
            hint="`extractor eval run ... --out FOLDER` (or `eval rescore`) writes whole runs",
        )
    return WholeRun(stored, data)


@dataclass(frozen=True)
class Before:
    """What the previous run made of a gold value."""

    kind: Kind
    found: str


@dataclass(frozen=True)
class Row:
    """A value of gold and the record's beside it; `number` tells it apart in its article."""

    number: int
    path: str
    kind: Kind
    gold: str
    found: str
    overlap: float | None
    before: Before | None


@dataclass(frozen=True)
class Article:
    """An article of the run, and what the previous run made of it."""

    id: str
    byline: str
    status: str
    f1: float | None
    before_f1: float | None
    before_status: str | None
    gold_text: Sequence[Piece]
    found_text: Sequence[Piece]
    rows: Sequence[Row]
    lost_rows: Sequence[Row]
    problems: Sequence[Mapping[str, Any]]
    before_problems: Sequence[Mapping[str, Any]]
    replies: Sequence[str]
    before_replies: Sequence[str]
    gold_json: str

    @property
    def change(self) -> float | None:
        """How much F1 it has more than in the previous run."""
        return None if self.f1 is None or self.before_f1 is None else self.f1 - self.before_f1

    @property
    def amiss(self) -> int:
        """How many values are not right."""
        return sum(row.kind != "right" for row in self.rows)


def articles(run: WholeRun, previous: WholeRun | None) -> list[Article]:
    """The articles of a run, the worst first; those without an F1 last."""
    before = previous.by_id if previous else {}
    found = [_article(data, before.get(data["id"])) for data in run.data["articles"]]
    return sorted(found, key=lambda each: 2.0 if each.f1 is None else each.f1)


def _article(data: Mapping[str, Any], before: Mapping[str, Any] | None) -> Article:
    about, text = data["article"], data["article"]["text"]
    rows = list(_rows(data, before))
    told = (about.get(name) for name in ("outlet", "published", "language", "title"))
    return Article(
        id=data["id"],
        byline=" · ".join(str(one) for one in told if one),
        status=data["status"],
        f1=data["micro"]["f1"],
        before_f1=before["micro"]["f1"] if before else None,
        before_status=before["status"] if before else None,
        gold_text=pieces(text, list(_marks(data, "gold", rows))),
        found_text=pieces(text, list(_marks(data, "found", rows)) or list(_bare_marks(data))),
        rows=rows,
        lost_rows=[row for row in _rows(before, None) if row.kind == "spurious"] if before else (),
        problems=data["problems"],
        before_problems=before["problems"] if before else (),
        replies=data["replies"],
        before_replies=before["replies"] if before else (),
        gold_json=json.dumps(data["gold"], ensure_ascii=False, indent=1),
    )


def _rows(data: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Row]:
    """The values side by side, in the order of the fields; what is not right first in each."""
    earlier = {}
    if before is not None:
        for _, outcome, gold_at, found_at, share in before["pairs"]:
            if gold_at is not None:
                found = _said(before["record"], found_at)
                earlier[gold_at] = Before(_kind(outcome, share), found)
    for number, (path, outcome, gold_at, found_at, share) in enumerate(data["pairs"]):
        yield Row(
            number=number,
            path=path,
            kind=_kind(outcome, share),
            gold=_said(data["gold"], gold_at),
            found=_said(data["record"], found_at),
            overlap=share,
            before=earlier.get(gold_at),
        )


def _kind(outcome: Kind, share: float | None) -> Kind:
    wrong_words = outcome == "right" and share is not None and share < OVERLAP
    return "elsewhere" if wrong_words else outcome


def _said(record: Any, pointer: str | None) -> str:
    """The value at a JSON pointer, as text; empty for no pointer."""
    if pointer is None:
        return ""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        record = record[int(name)] if isinstance(record, list) else record[name]
    return record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)


def _marks(data: Mapping[str, Any], side: str, rows: Sequence[Row]) -> Iterator[Mark]:
    spans = data["gold_spans" if side == "gold" else "spans"]
    for row, (_, _, gold_at, found_at, _) in zip(rows, data["pairs"], strict=True):
        for start, end in spans.get(gold_at if side == "gold" else found_at, ()):
            yield Mark(start, end, row.number, row.kind)


def _bare_marks(data: Mapping[str, Any]) -> Iterator[Mark]:
    """The words of a record whose gold is of another form, and cannot stand beside it."""
    if data["pairs"]:
        return
    for number, spans in enumerate(data["spans"].values()):
        for start, end in spans:
            yield Mark(start, end, number, "right")
