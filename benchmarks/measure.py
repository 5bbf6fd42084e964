"""What a system makes of a class of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time_ns
from typing import Any

from benchmarks.cases import Case
from benchmarks.systems import Answer, System, right


@dataclass(frozen=True)
class Failure:
    case: Case
    answer: Answer


@dataclass(frozen=True)
class Score:
    """Counts of one class; an acceptance is wrong where the spans are not the right ones."""

    cases: int
    accepted: int
    right: int
    to_be_found: bool
    microseconds: float
    failures: tuple[Failure, ...] = ()

    @property
    def wrong(self) -> int:
        return self.accepted - self.right

    @property
    def holds(self) -> bool:
        """The bar: 99.5 % of what is to be found, and nothing of what is to be refused."""
        return self.right * 1000 >= self.cases * 995 if self.to_be_found else not self.accepted


def measure(system: System, cases: Sequence[Case]) -> Score:
    """Asks the system each case; the time is the median of the quotations alone."""
    answers, times = [], []
    text, prepared = None, None
    for case in cases:
        if case.text != text:
            text, prepared = case.text, system.prepare(case.text)
        answer, nanoseconds = _timed(system, prepared, case)
        answers.append(answer)
        times.append(nanoseconds)
    pairs = list(zip(cases, answers, strict=True))
    return Score(
        cases=len(cases),
        accepted=sum(answer.accepted for answer in answers),
        right=sum(bool(case.expected) and right(case, answer) for case, answer in pairs),
        to_be_found=bool(cases[0].expected),
        microseconds=median(times) / 1000,
        failures=tuple(
            Failure(case, answer)
            for case, answer in pairs
            if not (right(case, answer) if case.expected else not answer.accepted)
        ),
    )


def _timed(system: System, prepared: Any, case: Case) -> tuple[Answer, int]:
    """The answer, and its nanoseconds; where that costs little, those of asking once more.

    An index makes some of itself at the first question, which is no part of a quotation's time.
    """
    start = process_time_ns()
    answer = system.locate(prepared, case)
    if not system.slow:
        start = process_time_ns()
        system.locate(prepared, case)
    return answer, process_time_ns() - start


def total(scores: Sequence[Score]) -> Score:
    """All of them as one; the time is the median of the classes."""
    return Score(
        cases=sum(score.cases for score in scores),
        accepted=sum(score.accepted for score in scores),
        right=sum(score.right for score in scores),
        to_be_found=scores[0].to_be_found,
        microseconds=median(score.microseconds for score in scores),
        failures=tuple(failure for score in scores for failure in score.failures),
    )
