"""A run seen from other sides: its words, its groups of articles, its mix-ups, its days off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from extractor.evals import Detail, Run
from extractor.evals.metrics import days_outside
from extractor.evals.overlap import OVERLAP, closest, places
from extractor.evals.pairing import Pair, is_closed, nodes_at
from extractor.evals.scores import Scores, total
from extractor.records import ArticleInfo
from extractor.shape import JsonSchema

NOTHING = "–"
"""Stands for no value among the values of an enumeration."""


# ------------------------------------------------------------------------------------ evidence


@dataclass(frozen=True)
class EvidenceScore:
    """How well the words of a field's values are those of gold; values whose gold has no known
    words are not counted.

    `right` values share at least half of the characters that either has with the words of the
    gold value that they belong to. `shared` adds the overlaps of `paired` values up. Of
    `right_values`, `elsewhere` have other words: right value, wrong evidence.
    """

    path: str
    gold: int = 0
    predicted: int = 0
    right: int = 0
    paired: int = 0
    shared: float = 0.0
    right_values: int = 0
    elsewhere: int = 0

    def __add__(self, other: EvidenceScore) -> EvidenceScore:
        return EvidenceScore(
            self.path,
            self.gold + other.gold,
            self.predicted + other.predicted,
            self.right + other.right,
            self.paired + other.paired,
            self.shared + other.shared,
            self.right_values + other.right_values,
            self.elsewhere + other.elsewhere,
        )

    @property
    def f1(self) -> float | None:
        """The F1 of words that overlap by half or more."""
        both = self.gold + self.predicted
        return 2 * self.right / both if both else None

    @property
    def overlap(self) -> float | None:
        """The mean overlap in characters, over values that belong together."""
        return self.shared / self.paired if self.paired else None


def overlap_of(pair: Pair, detail: Detail) -> float | None:
    """How far the words of both values are the same; None where one has no known words."""
    gold = detail.gold_spans.get(pair.gold_at) if pair.gold_at is not None else None
    found = detail.evidence.get(pair.predicted_at) if pair.predicted_at is not None else None
    if not gold or found is None or not found.spans:
        return None
    return closest(places(gold), places(found.spans))


def evidence_scores(run: Run) -> tuple[EvidenceScore, ...]:
    """The words of all values, field by field; none for a data set of others."""
    found: dict[str, EvidenceScore] = {}
    for detail in run.details:
        for pair in detail.pairs:
            one = _evidence_score(pair, detail)
            found[pair.path] = found.get(pair.path, EvidenceScore(pair.path)) + one
    return tuple(found[path] for path in sorted(found) if found[path].gold or found[path].predicted)


def _evidence_score(pair: Pair, detail: Detail) -> EvidenceScore:
    has_gold = pair.gold_at is not None and pair.gold_at in detail.gold_spans
    if pair.gold_at is not None and not has_gold:
        return EvidenceScore(pair.path)
    evidence = detail.evidence.get(pair.predicted_at or "")
    has_words = pair.predicted_at is not None and evidence is not None and bool(evidence.spans)
    share = overlap_of(pair, detail)
    same = share is not None and share >= OVERLAP
    right = pair.outcome == "right"
    return EvidenceScore(
        pair.path,
        gold=int(has_gold),
        predicted=int(has_words),
        right=int(same),
        paired=int(share is not None),
        shared=share or 0.0,
        right_values=int(right),
        elsewhere=int(right and not same),
    )


# -------------------------------------------------------------------------- groups of articles


@dataclass(frozen=True)
class Group:
    """The scores of those articles that have something in common."""

    name: str
    articles: int
    scores: Scores


GROUPINGS: Mapping[str, Callable[[ArticleInfo], str | None]] = {
    "outlet": lambda article: article.outlet,
    "language": lambda article: article.language,
}
"""What articles can be grouped by."""


def groups(run: Run, grouping: str) -> tuple[Group, ...]:
    """The articles of a run by what `GROUPINGS` has for a name, the largest groups first."""
    members: dict[str, list[Scores]] = {}
    for result, scores in zip(run.results, run.article_scores, strict=True):
        name = GROUPINGS[grouping](result.article) or "not said"
        members.setdefault(name, []).append(scores)
    found = (Group(name, len(each), total(each)) for name, each in members.items())
    return tuple(sorted(found, key=lambda group: (-group.articles, group.name)))


def mean_of_articles(run: Run) -> float | None:
    """The mean F1 of the articles that have one: every article counts alike."""
    return _mean(scores.micro.f1 for scores in run.article_scores)


def _mean(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return fmean(known) if known else None


# ---------------------------------------------------------------------- enumerations and dates


Confusion = Counter[tuple[str, str]]
"""How often a value of gold (first) was answered with a value (second); `NOTHING` for none."""


def confusions(run: Run) -> dict[str, Confusion]:
    """The confusion matrix of each field that is an enumeration. A value that belongs to none of
    the other side is answered with nothing, or answers nothing."""
    found: dict[str, Confusion] = {}
    for pair in (pair for detail in run.details for pair in detail.pairs):
        if _is_enumeration(run.json_schema, pair.path):
            cell = (_named(pair.gold), _named(pair.predicted))
            found.setdefault(pair.path, Counter())[cell] += 1
    return dict(sorted(found.items()))


def _named(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _is_enumeration(schema: JsonSchema, path: str) -> bool:
    return any(node.keys() & {"enum", "const"} for node in nodes_at(schema, f"/{path}"))


@dataclass(frozen=True)
class DayError:
    """By how many days the dates of a field reach out of gold's, at the granularity of gold."""

    path: str
    days: tuple[int, ...] = field(default=())

    @property
    def mean(self) -> float:
        """The mean of all of them."""
        return fmean(self.days)

    def within(self, days: int) -> float:
        """The share of dates that are off by no more."""
        return sum(off <= days for off in self.days) / len(self.days)


def day_errors(run: Run) -> tuple[DayError, ...]:
    """The dates that have a date of gold to be held against, field by field."""
    found: dict[str, list[int]] = {}
    for pair in (pair for detail in run.details for pair in detail.pairs):
        off = days_outside(pair.gold, pair.predicted)
        # A year among the words of a text is no date.
        if off is not None and is_closed(run.json_schema, f"/{pair.path}"):
            found.setdefault(pair.path, []).append(off)
    return tuple(DayError(path, tuple(days)) for path, days in sorted(found.items()))
