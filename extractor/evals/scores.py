"""Records against gold, field by field: precision, recall and F1.

What is right is `pairing`'s to say; here it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from extractor.evals.pairing import BY_TYPE, NO_RULES, Pair, Rules, pairs_each
from extractor.shape import JsonSchema


@dataclass(frozen=True)
class FieldScore:
    """Counts of values. A wrong value is one both too many and too few.

    A rate is None where it would divide by zero: nothing predicted, nothing in gold. `weight` is
    how often a value counts among those of all fields.
    """

    path: str
    right: int = 0
    wrong: int = 0
    missing: int = 0
    spurious: int = 0
    weight: int = 1

    @property
    def gold(self) -> int:
        """Values in gold."""
        return self.right + self.wrong + self.missing

    @property
    def predicted(self) -> int:
        """Values in the records."""
        return self.right + self.wrong + self.spurious

    @property
    def precision(self) -> float | None:
        """The share of predicted values that are right."""
        return _ratio(self.right, self.predicted)

    @property
    def recall(self) -> float | None:
        """The share of gold values that were found."""
        return _ratio(self.right, self.gold)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return _ratio(2 * self.right, self.gold + self.predicted)

    def __add__(self, other: FieldScore) -> FieldScore:
        """The counts of both, under the path and the weight of the first."""
        return replace(
            self,
            right=self.right + other.right,
            wrong=self.wrong + other.wrong,
            missing=self.missing + other.missing,
            spurious=self.spurious + other.spurious,
        )

    @property
    def weighed(self) -> FieldScore:
        """The counts as they count among those of all fields."""
        return FieldScore(
            self.path,
            right=self.right * self.weight,
            wrong=self.wrong * self.weight,
            missing=self.missing * self.weight,
            spurious=self.spurious * self.weight,
        )


@dataclass(frozen=True)
class Average:
    """The mean over the fields in which a rate is defined; None when it is in none."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Scores:
    """Scores by field, of all values together (micro), and of all fields alike (macro)."""

    fields: tuple[FieldScore, ...]

    @property
    def micro(self) -> FieldScore:
        """All values of all fields, counted together by their weights."""
        return sum((field.weighed for field in self.fields), start=FieldScore(""))

    @property
    def macro(self) -> Average:
        """Every field counts alike, however many values it has."""
        return Average(
            _mean(field.precision for field in self.fields),
            _mean(field.recall for field in self.fields),
            _mean(field.f1 for field in self.fields),
        )

    @property
    def macro_of_gold(self) -> float | None:
        """The mean F1 of the fields that have values in gold: macro-F1, where fields are classes.

        A class that gold never has would count 0 in it as soon as it was answered once.
        """
        return _mean(field.f1 for field in self.fields if field.gold)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(rates: Iterable[float | None]) -> float | None:
    defined = [rate for rate in rates if rate is not None]
    return sum(defined) / len(defined) if defined else None


def score(records: Iterable[tuple[Any, Any]], json_schema: JsonSchema) -> Scores:
    """Score (gold, predicted) records, as JSON values; predicted may be None (`pairs_each`)."""
    return total(score_each(records, json_schema))


def score_each(
    records: Iterable[tuple[Any, Any]], json_schema: JsonSchema, rules: Rules = NO_RULES
) -> tuple[Scores, ...]:
    """`score` record by record, one `Scores` to each; by `rules` where a field has one."""
    return tuple(count_pairs(pairs, rules) for pairs in pairs_each(records, json_schema, rules))


def count_pairs(pairs: Iterable[Pair], rules: Rules = NO_RULES) -> Scores:
    """The outcomes of pairs, counted by field."""
    tally = Counter((pair.path, pair.outcome) for pair in pairs)
    return Scores(
        tuple(
            FieldScore(
                path,
                weight=rules.get(path, BY_TYPE).weight,
                right=tally[path, "right"],
                wrong=tally[path, "wrong"],
                missing=tally[path, "missing"],
                spurious=tally[path, "spurious"],
            )
            for path in sorted({path for path, _ in tally})
        )
    )


def total(several: Iterable[Scores]) -> Scores:
    """Field by field, the counts of all of them."""
    found: dict[str, FieldScore] = {}
    for scores in several:
        for field in scores.fields:
            before = found.get(field.path, FieldScore(field.path, weight=field.weight))
            found[field.path] = before + field
    return Scores(tuple(found[path] for path in sorted(found)))
