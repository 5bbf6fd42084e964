"""What a reader decided of a record, as a gold case that evaluations read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from extractor.cases import Case
from extractor.errors import InvalidArticle
from extractor.records import Article, Frozen
from extractor.service.files import write_whole
from extractor.tree import pointer

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Decision(Frozen):
    """What a reader made of one value.

    Rejected: the article has no such value. Corrected: it is the words from `start` to `end`
    (code points), or where they are not given, `value`.
    """

    verdict: Literal["accepted", "rejected", "corrected"]
    start: Annotated[int | None, Field(ge=0)] = None
    end: Annotated[int | None, Field(ge=0)] = None
    value: str | int | float | bool | None = None


class Review(Frozen):
    """A record that was looked at: decisions by the JSON pointers of its values."""

    article: Article
    record_schema: Annotated[str, Field(alias="schema")]
    record: dict[str, Any]
    decisions: dict[str, Decision]


def gold_of(review: Review) -> dict[str, Any]:
    """The part of the record that was decided on, as it ought to be.

    What was not decided on is absent, and so is not scored; a rejected value is null. A list is
    there when something was decided on in each of its items, for an item that is absent from gold
    would count against the model; an item of which every decided value was rejected is left out.

    Raises `InvalidArticle` for a decision about a value that the record has not, and for a
    correction whose words are not in the article.
    """
    used: set[str] = set()
    gold = _object(review.record, "", review, used)
    if unknown := sorted(review.decisions.keys() - used):
        raise InvalidArticle(
            f"the record has no value at {unknown[0]!r}", hint="decisions are about its values"
        )
    return gold


def _object(found: Mapping[str, Any], path: str, review: Review, used: set[str]) -> dict[str, Any]:
    gold: dict[str, Any] = {}
    for name, value in found.items():
        place = pointer(path, name)
        if isinstance(value, dict):
            if inner := _object(value, place, review, used):
                gold[name] = inner
        elif isinstance(value, list):
            items = _list(value, place, review, used)
            if items is not None:
                gold[name] = items
        elif place in review.decisions:
            used.add(place)
            gold[name] = _decided(value, place, review)
    return gold


def _list(found: list[Any], path: str, review: Review, used: set[str]) -> list[Any] | None:
    """The items that ought to be there; None when something was not decided on in each."""
    items = []
    whole = bool(found)
    for number, value in enumerate(found):
        place = pointer(path, number)
        if isinstance(value, dict):
            decided = _object(value, place, review, used)
            whole = whole and bool(decided)
            if any(each not in (None, [], {}) for each in decided.values()):
                items.append(decided)
        elif place in review.decisions:
            used.add(place)
            if (decided_value := _decided(value, place, review)) is not None:
                items.append(decided_value)
        else:
            whole = False
    return items if whole else None


def _decided(value: Any, place: str, review: Review) -> Any:
    decision = review.decisions[place]
    if decision.verdict == "accepted":
        return value
    if decision.verdict == "rejected":
        return None
    if decision.start is None or decision.end is None:
        return decision.value
    words = review.article.text[decision.start : decision.end]
    if not words.strip() or decision.end > len(review.article.text):
        raise InvalidArticle(
            f"{place}: there are no words from {decision.start} to {decision.end}",
            hint="offsets are code points into the text",
        )
    return words


def save_case(folder: Path, case: Case) -> Path:
    """Writes a case as a file of its own, in place of an earlier one of the same article.

    It appears whole or not at all. Raises `StoreError`.
    """
    name = case.id if _SAFE.fullmatch(case.id) else case.article.digest[:16]
    path = folder / f"{name}.json"
    shown = case.model_dump(mode="json", by_alias=True)
    write_whole(path, json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
    return path
