"""The systems that answer: ours, and two peers where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.cases import Case, Span
from extractor.grounding import SourceIndex, ground_quotes


@dataclass(frozen=True)
class Answer:
    """Where a system says that the quotation stands; no spans where it refuses it."""

    spans: tuple[Span, ...] = ()
    ambiguous: bool = False

    @property
    def accepted(self) -> bool:
        return bool(self.spans)


class System(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def slow(self) -> bool:
        """Whether it is asked a sample only."""

    def prepare(self, text: str) -> Any:
        """What is made once an article, outside the time of a quotation."""

    def locate(self, prepared: Any, case: Case) -> Answer: ...


class Ours:
    name = "extractor"
    slow = False

    def prepare(self, text: str) -> SourceIndex:
        return SourceIndex(text)

    def locate(self, prepared: SourceIndex, case: Case) -> Answer:
        grounding = ground_quotes(prepared, case.quotes, fold_case=case.fold_case)[case.asked]
        spans = tuple((start, end) for start, end in grounding.spans)
        if grounding.alignment is None:
            return Answer()
        return Answer(spans, grounding.alignment == "ambiguous")


def right(case: Case, answer: Answer) -> bool:
    """The expected spans and no others; every place, where the quotation is ambiguous."""
    if case.ambiguous:
        return answer.ambiguous and set(answer.spans) == set(case.expected)
    return not answer.ambiguous and answer.spans == case.expected


def installed() -> Iterator[System]:
    """Ours, and the peers that can be imported."""
    yield Ours()
