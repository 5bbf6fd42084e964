"""What the values of records rest on, and which problems came with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from extractor.records import Alignment, Evidence, Extraction, SupportKind, record_json
from extractor.tree import pointer

_NOTHING = Evidence(support="none")


@dataclass(frozen=True)
class ValueCounts:
    """How many values have which support, and how the quoted ones stand in their articles.

    Nulls and empty texts are no values. A quotation counts once, however many places it has.
    Every kind is a key.
    """

    support: Mapping[SupportKind, int]
    alignment: Mapping[Alignment, int]

    @property
    def total(self) -> int:
        """All values."""
        return sum(self.support.values())

    def share(self, count: int) -> float | None:
        """`count` as a share of all values; None when there are none."""
        return count / self.total if self.total else None


@dataclass(frozen=True)
class ProblemCount:
    """How often problems of a code were reported, and in how many articles."""

    code: str
    count: int
    articles: int


def count_values(results: Iterable[Extraction[Any]]) -> ValueCounts:
    """Count the values of all records by support. A value without evidence has support none."""
    found = [evidence for result in results for evidence in _of_values(result)]
    support = Counter(evidence.support for evidence in found)
    alignment = Counter(
        evidence.spans[0].alignment
        for evidence in found
        if evidence.support == "quoted" and evidence.spans  # all spans of one are aligned alike
    )
    return ValueCounts(
        {kind: support[kind] for kind in get_args(SupportKind)},
        {kind: alignment[kind] for kind in get_args(Alignment)},
    )


def _of_values(result: Extraction[Any]) -> Iterator[Evidence]:
    record = None if result.record is None else record_json(result.record)
    return (result.evidence.get(path, _NOTHING) for path in _values(record, ""))


def _values(value: Any, path: str) -> Iterator[str]:
    """The JSON pointers of the values in `value`."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _values(child, pointer(path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _values(child, pointer(path, index))
    elif value is not None and value != "":
        yield path


def count_problems(results: Iterable[Extraction[Any]]) -> tuple[ProblemCount, ...]:
    """Count problems by code, the most frequent first."""
    count: Counter[str] = Counter()
    articles: Counter[str] = Counter()
    for result in results:
        codes = [problem.code for problem in result.problems]
        count.update(codes)
        articles.update(set(codes))
    counts = (ProblemCount(code, count[code], articles[code]) for code in count)
    return tuple(sorted(counts, key=lambda each: (-each.count, each.code)))
