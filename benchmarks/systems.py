"""The systems that answer: ours, and two peers where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

from benchmarks.cases import Case, Span
from extractor.grounding import SourceIndex, ground_quotes

# Its other requirements are clients of model servers: the aligner does without them.
HOW_TO_INSTALL_LANGEXTRACT = """\
langextract is not installed, so it is left out. It is no part of the lock; this adds what
its aligner needs to an environment that `make venv` made:
  .venv/bin/python -m pip install --no-deps 'langextract>=1.7,<2' absl-py more-itertools \\
    numpy pandas python-dateutil six requests tqdm"""


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
        if grounding.alignment is None:
            return Answer()
        spans = tuple((start, end) for start, end in grounding.spans)
        return Answer(spans, grounding.alignment == "ambiguous")


class LangExtract:
    """Its resolver with the settings that `lx.extract` has when nobody changes them.

    All quotations of the object are aligned together, as they are there; the text is one chunk.
    """

    name = "langextract"
    slow = True

    def __init__(self) -> None:
        from langextract.core.data import Extraction
        from langextract.resolver import Resolver

        self._extraction, self._resolver = Extraction, Resolver()

    def prepare(self, text: str) -> str:
        return text

    def locate(self, prepared: str, case: Case) -> Answer:
        wanted = [self._extraction("quotation", quote) for quote in case.quotes]
        aligned = list(self._resolver.align(wanted, prepared, 0, 0))
        place = aligned[case.asked].char_interval
        return Answer() if place is None else Answer(((place.start_pos, place.end_pos),))


class Citations:
    """instructor's CitationMixin, which looks for each quotation with up to five errors."""

    name = "CitationMixin"
    slow = True

    def prepare(self, text: str) -> str:
        return text

    def locate(self, prepared: str, case: Case) -> Answer:
        from instructor.dsl.citation import CitationMixin

        cited = CitationMixin(substring_quotes=[case.quote])
        return Answer(tuple(span for span in cited.get_spans(prepared) if span[0] < span[1]))


def right(case: Case, answer: Answer) -> bool:
    """The expected spans and no others; every place, where the quotation is ambiguous."""
    if case.ambiguous:
        return answer.ambiguous and set(answer.spans) == set(case.expected)
    return not answer.ambiguous and answer.spans == case.expected


def peers() -> Iterator[System]:
    """Those that can be imported."""
    if find_spec("langextract"):
        yield LangExtract()
    if find_spec("instructor"):
        yield Citations()
