"""Where quotations, sentences and the parts of a saying stand in a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import regex

from extractor.resolve.quotation import quoted_places
from extractor.resolve.words import Place
from extractor.text import sentences


@dataclass(frozen=True)
class Saying:
    """The places of source and cue, and of the two together in their sentence."""

    text: str
    source: Place | None
    cue: Place
    place: Place
    sentence: Place
    kind: str


@lru_cache(maxsize=8)
def quotations(text: str) -> tuple[Place, ...]:
    """Quotations with their marks, the outermost of each place."""
    found: list[Place] = []
    for start, end in quoted_places(text):
        whole = start - 1, end + 1 if end < len(text) and not text[end].isspace() else end
        if not found or whole[0] >= found[-1][1]:
            found.append(whole)
    return tuple(found)


def quotation_around(text: str, at: int) -> Place | None:
    return next((q for q in quotations(text) if q[0] < at < q[1]), None)


def paragraph(text: str, at: int) -> Place:
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return start, len(text) if end < 0 else end


_UNFINISHED = regex.compile(
    r"\b(?:Gov|Sens?|Reps?|Mrs?|Ms|Dr|Gen|Lt|Col|Sgt|Rev|Jr|Sr|St|\p{Lu})\.\Z"
)


@lru_cache(maxsize=8)
def _sentences(text: str) -> tuple[Place, ...]:
    """The sentences; an initial or a title ends none."""
    found: list[Place] = []
    for start, end in sentences(text):
        goes_on = found and _UNFINISHED.search(text, max(0, found[-1][1] - 6), found[-1][1])
        found.append((found.pop()[0], end) if goes_on else (start, end))
    return tuple(found)


def sentence_of(text: str, place: Place) -> Place:
    """The sentence around, with the whole of the quotations that it begins and ends in."""
    if inside := quotation_around(text, place[0]):
        low, high = inside
    else:
        low, high = paragraph(text, place[0])
    found = [s for s in _sentences(text) if s[0] < place[1] and place[0] < s[1]]
    start = max(min((s[0] for s in found), default=low), low)
    end = min(max((s[1] for s in found), default=high), high)
    if not inside and (quotation := quotation_around(text, start)):
        holding = next((s for s in _sentences(text) if s[0] <= quotation[0] < s[1]), quotation)
        start = max(min(holding[0], quotation[0]), low)
    return start, max(end, place[1])


def lstrip(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def rstrip(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def trimmed(text: str, start: int, end: int) -> Place:
    """Without blanks, and without the full stop or comma behind a clause."""
    start, end = lstrip(text, start, end), rstrip(text, start, end)
    while end > start and text[end - 1] in ".,;:―—– ":
        end -= 1
    return start, end
