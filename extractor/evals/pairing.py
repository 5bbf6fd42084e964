"""Gold and record side by side, value by value: which belong together, and what came of each.

A field is the path of a value with list places taken out: `main_event/actors/*/name`.
Gold decides what is compared. A field that is absent from a gold object is not; null (or
an empty string or list) says that there must be no value, so one that is predicted is
spurious, and none on either side counts nothing. An object counts by its values: one
that is predicted where gold has null is spurious value by value, and the reverse missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from extractor.evals.alignment import assign
from extractor.evals.metrics import Rule, same_date, same_number, same_tokens
from extractor.records import X_SUPPORT, digest
from extractor.shape import JsonSchema, branches
from extractor.text import fold

Outcome = Literal["right", "wrong", "missing", "spurious"]
Rules = Mapping[str, Rule]
"""By field, where a data set has a rule for it (`extractor.evals.scoring`)."""

BY_TYPE = Rule()
NO_RULES: Rules = {}


class Pair(NamedTuple):
    """A value of gold and the record's that belongs to it, or one of them alone.

    `gold_at` and `predicted_at` are JSON pointers, None on the side that has no such value.
    """

    path: str
    outcome: Outcome
    gold: Any
    predicted: Any
    gold_at: str | None
    predicted_at: str | None


Pairs = tuple[Pair, ...]


def pairs_each(
    records: Iterable[tuple[Any, Any]], json_schema: JsonSchema, rules: Rules = NO_RULES
) -> tuple[Pairs, ...]:
    """The values of (gold, predicted) records side by side, as JSON values; predicted may be None.

    By `rules` where a field has one. Where a gold list or object is empty, only those fields of a
    predicted one are spurious that gold annotates elsewhere in `records` (all, if it never does).
    """
    records = list(records)
    pairer = _Pairer(json_schema, [gold for gold, _ in records], rules)
    return tuple(
        tuple(pairer.compare(_Side(gold, ""), _Side(predicted, ""), ""))
        for gold, predicted in records
    )


class _Side(NamedTuple):
    """A value and where it stands in its record."""

    value: Any
    at: str


class _Pairer:
    """Compares values at paths; knows the schema and what gold annotates."""

    def __init__(self, json_schema: JsonSchema, golds: Iterable[Any], rules: Rules) -> None:
        self._schema = json_schema
        self._rules = rules
        self._closed: dict[str, bool] = {}
        self._annotated: dict[str, set[str]] = {}
        for gold in golds:
            for path, keys in _objects(gold, ""):
                self._annotated.setdefault(path, set()).update(keys)

    def compare(self, gold: _Side, predicted: _Side, path: str) -> list[Pair]:
        one, other = gold.value, predicted.value
        if not (_empty(one) or _empty(other)):
            if isinstance(one, dict) and isinstance(other, dict):
                return [
                    pair
                    for key in one
                    for pair in self.compare(
                        _child(gold, key), _child(predicted, key), _join(path, key)
                    )
                ]
            if isinstance(one, list) and isinstance(other, list):
                return self._lists(gold, predicted, f"{path}/*")
            if not isinstance(one, dict | list) and not isinstance(other, dict | list):
                field = path.lstrip("/")
                right = self._same(one, other, path, self._rules.get(field, BY_TYPE))
                outcome: Outcome = "right" if right else "wrong"
                return [Pair(field, outcome, one, other, gold.at, predicted.at)]
        missing = self._one_side(gold, path, "missing")
        return missing + self._one_side(predicted, path, "spurious")

    def _one_side(self, side: _Side, path: str, outcome: Outcome) -> list[Pair]:
        """All the values under one that has no counterpart."""
        value = side.value
        if _empty(value):
            return []
        if isinstance(value, dict):
            keys = value if outcome == "missing" else self._annotated.get(path, value)
            return [
                pair
                for key in keys
                for pair in self._one_side(_child(side, key), _join(path, key), outcome)
            ]
        if isinstance(value, list):
            return [
                pair for item in _items(side) for pair in self._one_side(item, f"{path}/*", outcome)
            ]
        field = path.lstrip("/")
        if outcome == "missing":
            return [Pair(field, outcome, value, None, side.at, None)]
        return [Pair(field, outcome, None, value, None, side.at)]

    def _lists(self, gold: _Side, predicted: _Side, path: str) -> list[Pair]:
        """Items are paired one to one, such that the most values are right.

        Items of which nothing is right stay unpaired: missing on one side, spurious on
        the other. Among equally good pairings the contents decide, never the order.
        """
        golds, found = _items(gold), _items(predicted)
        compared = [[self.compare(g, p, path) for p in found] for g in golds]
        weights = [
            [_weight(pairs, g.value, p.value) for pairs, p in zip(row, found, strict=True)]
            for row, g in zip(compared, golds, strict=True)
        ]
        chosen = assign(weights)
        pairs = [pair for i, j in chosen for pair in compared[i][j]]
        paired_gold, paired_found = {i for i, _ in chosen}, {j for _, j in chosen}
        for i, item in enumerate(golds):
            if i not in paired_gold:
                pairs += self._one_side(item, path, "missing")
        for j, item in enumerate(found):
            if j not in paired_found:
                pairs += self._one_side(item, path, "spurious")
        return pairs

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


_TIE_BITS = 24
_ROOM = 2**32


def _weight(pairs: list[Pair], gold: Any, predicted: Any) -> int:
    """How good a pair of items is: by right values, then by contents; 0 when nothing is right.

    The second part only settles ties (among up to 256 pairs), and is the same from both sides.
    Sums stay exact up to two million right values (`alignment.LARGEST_SUM`).
    """
    right = sum(pair.outcome == "right" for pair in pairs)
    if not right:
        return 0
    tie = int(digest(sorted((_canonical(gold), _canonical(predicted))))[: _TIE_BITS // 4], 16)
    return right * _ROOM + tie


def _items(side: _Side) -> list[_Side]:
    """The items of a list that are not empty, each in its place."""
    return [
        _Side(item, f"{side.at}/{place}")
        for place, item in enumerate(side.value)
        if not _empty(item)
    ]


def _child(side: _Side, key: str) -> _Side:
    return _Side(side.value.get(key), _join(side.at, key))


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
            if (child := _child_schema(branch, name)) is not None
        ]
    return [branch for node in nodes for branch in branches(node, json_schema)]


def _child_schema(branch: JsonSchema, name: str) -> JsonSchema | None:
    child = branch.get("items") if name == "*" else branch.get("properties", {}).get(name)
    return child if isinstance(child, dict) else None
