"""Records against gold, field by field: precision, recall and F1.

A field is the path of a value with list places taken out: `main_event/actors/*/name`.
Gold decides what is scored. A field that is absent from a gold object is not; null (or
an empty string or list) says that there must be no value, so one that is predicted is
spurious, and none on either side counts nothing. An object counts by its values: one
that is predicted where gold has null is spurious value by value, and the reverse missing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from extractor.evals.alignment import assign
from extractor.evals.metrics import Rule, same_date, same_number, same_tokens
from extractor.records import X_SUPPORT, digest
from extractor.shape import JsonSchema, branches
from extractor.text import fold

Outcome = Literal["right", "wrong", "missing", "spurious"]
Tally = Counter[tuple[str, Outcome]]
"""How often each outcome was seen in each field."""
Rules = Mapping[str, Rule]
"""By field, where a data set has a rule for it (`extractor.evals.scoring`)."""

_BY_TYPE = Rule()
_NO_RULES: Rules = {}


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


def score(pairs: Iterable[tuple[Any, Any]], json_schema: JsonSchema) -> Scores:
    """Score pairs of (gold, predicted) records, as JSON values; predicted may be None.

    Where a gold list or object is empty, only those fields of a predicted one are
    counted as spurious that gold annotates elsewhere in `pairs` (all, if it never does).
    """
    return total(score_each(pairs, json_schema))


def score_each(
    pairs: Iterable[tuple[Any, Any]], json_schema: JsonSchema, rules: Rules = _NO_RULES
) -> tuple[Scores, ...]:
    """`score` pair by pair, one `Scores` to a pair; by `rules` where a field has one."""
    pairs = list(pairs)
    scorer = _Scorer(json_schema, [gold for gold, _ in pairs], rules)
    tallies = [scorer.compare(gold, predicted, "") for gold, predicted in pairs]
    return tuple(
        Scores(tuple(_field(path, tally, rules) for path in sorted({path for path, _ in tally})))
        for tally in tallies
    )


def total(several: Iterable[Scores]) -> Scores:
    """Field by field, the counts of all of them."""
    found: dict[str, FieldScore] = {}
    for scores in several:
        for field in scores.fields:
            before = found.get(field.path, FieldScore(field.path, weight=field.weight))
            found[field.path] = before + field
    return Scores(tuple(found[path] for path in sorted(found)))


def _field(path: str, tally: Tally, rules: Rules) -> FieldScore:
    return FieldScore(
        path,
        weight=rules.get(path, _BY_TYPE).weight,
        right=tally[path, "right"],
        wrong=tally[path, "wrong"],
        missing=tally[path, "missing"],
        spurious=tally[path, "spurious"],
    )


class _Scorer:
    """Compares values at paths; knows the schema and what gold annotates."""

    def __init__(self, json_schema: JsonSchema, golds: Iterable[Any], rules: Rules) -> None:
        self._schema = json_schema
        self._rules = rules
        self._closed: dict[str, bool] = {}
        self._annotated: dict[str, set[str]] = {}
        for gold in golds:
            for path, keys in _objects(gold, ""):
                self._annotated.setdefault(path, set()).update(keys)

    def compare(self, gold: Any, predicted: Any, path: str) -> Tally:
        if _empty(gold) or _empty(predicted):
            return self._one_side(gold, path, "missing") + self._one_side(
                predicted, path, "spurious"
            )
        if isinstance(gold, dict) and isinstance(predicted, dict):
            found: Tally = Counter()
            for key, value in gold.items():
                found += self.compare(value, predicted.get(key), _join(path, key))
            return found
        if isinstance(gold, list) and isinstance(predicted, list):
            return self._lists(gold, predicted, f"{path}/*")
        if isinstance(gold, dict | list) or isinstance(predicted, dict | list):
            return self._one_side(gold, path, "missing") + self._one_side(
                predicted, path, "spurious"
            )
        field = path.lstrip("/")
        right = self._same(gold, predicted, path, self._rules.get(field, _BY_TYPE))
        return Counter({(field, "right" if right else "wrong"): 1})

    def _one_side(self, value: Any, path: str, outcome: Outcome) -> Tally:
        """All the values under `value`, which has no counterpart."""
        found: Tally = Counter()
        if _empty(value):
            return found
        if isinstance(value, dict):
            keys = value if outcome == "missing" else self._annotated.get(path, value)
            for key in keys:
                found += self._one_side(value.get(key), _join(path, key), outcome)
        elif isinstance(value, list):
            for item in value:
                found += self._one_side(item, f"{path}/*", outcome)
        else:
            found[path.lstrip("/"), outcome] += 1
        return found

    def _lists(self, gold: list[Any], predicted: list[Any], path: str) -> Tally:
        """Items are paired one to one, such that the most values are right.

        Items of which nothing is right stay unpaired: missing on one side, spurious on
        the other. Among equally good pairings the contents decide, never the order.
        """
        gold = [item for item in gold if not _empty(item)]
        predicted = [item for item in predicted if not _empty(item)]
        compared = [[self.compare(g, p, path) for p in predicted] for g in gold]
        weights = [
            [_weight(tally, g, p) for tally, p in zip(row, predicted, strict=True)]
            for row, g in zip(compared, gold, strict=True)
        ]
        pairs = assign(weights)
        found: Tally = Counter()
        for i, j in pairs:
            found += compared[i][j]
        paired_gold, paired_predicted = {i for i, _ in pairs}, {j for _, j in pairs}
        for i, item in enumerate(gold):
            if i not in paired_gold:
                found += self._one_side(item, path, "missing")
        for j, item in enumerate(predicted):
            if j not in paired_predicted:
                found += self._one_side(item, path, "spurious")
        return found

    def _same(self, gold: Any, predicted: Any, path: str, rule: Rule) -> bool:
        match rule.metric:
            case None:
                return self._normal(gold, path) == self._normal(predicted, path)
            case "exact":
                return type(gold) is type(predicted) and bool(gold == predicted)
            case "folded":
                return _folded(gold) == _folded(predicted)
            case "tokens":
                return same_tokens(_folded(gold), _folded(predicted), rule.tolerance)
            case "number":
                return same_number(gold, predicted, rule.tolerance)
            case "date":
                return same_date(gold, predicted, rule.tolerance)

    def _normal(self, value: Any, path: str) -> tuple[str, Any]:
        """What two values must share to be the same: text is folded, all else is exact."""
        if isinstance(value, bool):
            return ("bool", value)
        if isinstance(value, str):
            return ("text", value if self._is_closed(path) else comparable_text(value))
        return ("number", value)

    def _is_closed(self, path: str) -> bool:
        if path not in self._closed:
            self._closed[path] = is_closed(self._schema, path)
        return self._closed[path]


def _folded(value: Any) -> str:
    return comparable_text(value if isinstance(value, str) else _canonical(value))


def _weight(tally: Tally, gold: Any, predicted: Any) -> int:
    """How good a pair is: by right values, then by contents; 0 when nothing is right.

    The second part only settles ties, and is the same from both sides.
    """
    right = sum(count for (_, outcome), count in tally.items() if outcome == "right")
    if not right:
        return 0
    tie = int(digest(sorted((_canonical(gold), _canonical(predicted))))[:8], 16)
    return right * 2**48 + tie


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _join(path: str, key: str) -> str:
    return f"{path}/{key.replace('~', '~0').replace('/', '~1')}"


def _objects(value: Any, path: str) -> Iterator[tuple[str, Iterable[str]]]:
    if isinstance(value, dict):
        yield path, value
        for key, child in value.items():
            yield from _objects(child, _join(path, key))
    elif isinstance(value, list):
        for child in value:
            yield from _objects(child, f"{path}/*")


_OUTER = " \t\n\"'“”‘’«»„‚.,;:!?()[]{}…"
_LEADING_ARTICLE = re.compile(r"(?:the|an|a)\s+(?=\S)")


def comparable_text(text: str) -> str:
    """What two texts must share to be the same answer.

    Typography and white space are folded (as in grounding), then case, quotation marks
    and punctuation around the text, and a leading "the", "a" or "an" are left out. Signs
    that mean something stay: -5 is not 5, nor is 5 % five dollars.
    """
    folded = fold(text).text.casefold().strip(_OUTER)
    return _LEADING_ARTICLE.sub("", folded, count=1) if folded else text


def is_closed(json_schema: JsonSchema, path: str) -> bool:
    """Whether the string at `path` is one of a set or in a form, and not words of a text."""
    found = nodes_at(json_schema, path)
    return any(
        branch.keys() & {"enum", "const", "format", "pattern"}
        or branch.get(X_SUPPORT, {}).get("kind") == "computed"
        for branch in found
    )


def nodes_at(json_schema: JsonSchema, path: str) -> list[JsonSchema]:
    """What the schema says of the values at `path` (`/people/*/name`), alternative by
    alternative; nothing where it knows no such values."""
    nodes = [json_schema]
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        nodes = [
            child
            for node in nodes
            for branch in branches(node, json_schema)
            if (child := _child(branch, name)) is not None
        ]
    return [branch for node in nodes for branch in branches(node, json_schema)]


def _child(branch: JsonSchema, name: str) -> JsonSchema | None:
    child = branch.get("items") if name == "*" else branch.get("properties", {}).get(name)
    return child if isinstance(child, dict) else None
