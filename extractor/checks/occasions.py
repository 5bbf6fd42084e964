"""When an event takes place against when somebody speaks of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex

from extractor.records import Article, Evidence, Problem, Span
from extractor.shape import JsonSchema, computed_fields
from extractor.text import folded_text
from extractor.tree import pointer

OF_TIME = "time.value"
_NEAR = 60  # characters before and behind a time in which the verb is sought
_VERB = (
    r"(?P<verb>said|reported|told(?:\s\p{L}+){1,3}|announced|claimed|confirmed|added|wrote|"
    r"stated|declared|revealed|disclosed)"
)
# "said on Monday", "told reporters late Monday", "On Monday, it was reported that": English alone.
_BEFORE = regex.compile(
    rf"(?i)\b{_VERB}\s(?:also\s)?(?:(?:early|late|earlier|later)\s)?(?:on\s)?\Z"
)
_BEHIND = regex.compile(
    rf"(?i)\A,?\s(?:(?:it\s(?:was|has\sbeen)|[\p{{L}}'-]+(?:\s[\p{{L}}'-]+){{0,5}}?)\s){_VERB}\b"
)


def check_occasion(
    value: dict[str, Any],
    schema: JsonSchema,
    root: JsonSchema,
    path: str,
    evidence: Mapping[str, Evidence],
    article: Article,
) -> Iterator[Problem]:
    """A time that stands beside a verb of saying, `contradicted.occasion`.

    Times are told by their resolver (`time.value`). Proves that every place of the words is
    directly behind such a verb, or before its subject, and that the verb is not the `trigger`
    of the event around: "the army said on Monday" is when the army spoke.
    """
    for _, marker in computed_fields(schema, root):
        if marker["by"] != OF_TIME:
            continue
        place = pointer(path, marker["from"][0])
        found = evidence.get(place)
        trigger = evidence.get(pointer(path.rpartition("/")[0], "trigger"))
        if found is None or found.support != "quoted" or not found.spans:
            continue
        verbs = [_spoken(span, article, trigger) for span in found.spans]
        if all(verbs):
            words = found.spans[0].text
            message = f"{words!r} is when somebody {verbs[0]} so; it is not when it takes place"
            yield Problem(code="contradicted.occasion", path=place, message=message, quote=words)


def _spoken(span: Span, article: Article, trigger: Evidence | None) -> str:
    """The verb of saying that a time goes with; "" for none, or for the event's own."""
    start, end = max(span.start - _NEAR, 0), min(span.end + _NEAR, len(article.text))
    before = _BEFORE.search(folded_text(article.text[start : span.start]))
    behind = None if before else _BEHIND.search(folded_text(article.text[span.end : end]))
    match = before or behind
    if match is None or (behind and not _opens(article.text, span.start)):
        return ""
    near = () if trigger is None else trigger.spans
    if any(start <= own.start < end and own.text in match["verb"] for own in near):
        return ""
    return match["verb"]


def _opens(text: str, at: int) -> bool:
    """Whether a time at the position begins its sentence: "On Monday", "Earlier on Monday"."""
    return _OPENING.search(text[max(at - _NEAR, 0) : at]) is not None


_OPENING = regex.compile(
    r"(?:\A|[.!?\n]\W*)(?:(?:Earlier|Later|Late|Early)\s)?(?:[Oo]n\s)?"
    r"(?:\p{Lu}\p{L}+day,?\s)?\Z"
)
