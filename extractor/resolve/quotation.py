"""Whether words stand in quotation marks: direct, indirect or mixed speech.

The marks are those of English, Spanish, French and German: “…”, "…", ‘…’, '…', «…», ‹…›,
„…“, ‚…‘ and »…«. Marks inside a quotation are part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from extractor.resolve.words import Resolution, Words

_CLOSERS = {
    "“": "”",
    '"': '"',
    "„": '“”"',
    "«": "»",
    "»": "«»",  # German »…«, and » at the head of a French paragraph that goes on quoting
    "‹": "›",
    "›": "‹›",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
}
_APOSTROPHES = "‘’'"
_BOTH_WAYS = _APOSTROPHES + '"»›'
_OPENER = re.compile(f"[{''.join(_CLOSERS)}]")
_CLOSING = {mark: re.compile(f"[{closers}]") for mark, closers in _CLOSERS.items()}
_OPENING = {mark: re.compile(rf"(?<!\w){mark}(?=\w)") for mark in _APOSTROPHES}
_DECADE = re.compile(r"\d0s\b")
_SMALL_LETTER = re.compile(r"\s[a-zà-öø-ÿ]")
_NOT_SPACE = re.compile(r"\S")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_PARAGRAPH = re.compile(r"\n(?:[^\S\n]*\n)+")
_LINE = re.compile(r"\n(?!\s*[a-zà-öø-ÿ])")  # a line that begins with a small letter goes on


def directness(words: Words) -> Resolution:
    """`direct` when all of the quotation's words stand in quotation marks, `indirect` when
    none do, `mixed` when some do."""
    quoted = _places_held(words.article.text)
    kinds = {_kind(words.article.text, start, end, quoted) for start, end in words.spans}
    kinds.discard(None)
    if len(kinds) > 1:
        return Resolution(None, reason="these words stand in several places, quoted in some only")
    return Resolution(next(iter(kinds), None))


# A pure function: each thing that is said asks for the marks of the same article.
@lru_cache(maxsize=4)
def _places_held(text: str) -> list[tuple[int, int]]:
    return quoted_places(text)


def _kind(text: str, start: int, end: int, quoted: list[tuple[int, int]]) -> str | None:
    inside = [
        any(first <= i < last for first, last in quoted)
        for i in range(start, end)
        if text[i].isalnum()
    ]
    if not inside:
        return None
    return "direct" if all(inside) else "mixed" if any(inside) else "indirect"


def quoted_places(text: str) -> list[tuple[int, int]]:
    """What stands in quotation marks, without the marks, as `(start, end)` in order.

    A quotation that is not closed ends with its paragraph, as one does that goes on in the
    next. An opening single mark that is not closed is an apostrophe, unless the next
    paragraph opens with the same mark.
    """
    found: list[tuple[int, int]] = []
    for start, end in _paragraphs(text):
        found += _in_paragraph(text, start, end)
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Blank lines end them where there are any, else lines do."""
    start = 0
    for match in (_PARAGRAPH if _BLANK_LINE.search(text) else _LINE).finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _in_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    unclosed = set()  # marks that nothing closes from here on: each is looked for once
    while opener := _OPENER.search(text, at, end):
        mark, at = opener.group(), opener.end()
        if mark in unclosed or not _opens(text, opener.start(), start, end):
            continue
        close = _close(text, mark, at, end)
        if close is None and mark in _APOSTROPHES and not _goes_on(text, mark, end):
            unclosed.add(mark)
            continue
        yield at, end if close is None else close
        at = end if close is None else close + 1


def _opens(text: str, at: int, start: int, end: int) -> bool:
    mark, after = text[at], text[at + 1 : min(at + 2, end)]
    if mark not in _BOTH_WAYS:
        return True
    if not after or after.isspace() or (mark in _APOSTROPHES and _DECADE.match(text, at + 1)):
        return False
    return at == start or not text[at - 1].isalnum()


def _close(text: str, mark: str, at: int, end: int) -> int | None:
    """Where the quotation that opens before `at` is closed."""
    places = (i.start() for i in _CLOSING[mark].finditer(text, at, end) if _closes(text, i.start()))
    first = next(places, None)
    if first is not None and mark in _APOSTROPHES and _is_possessive(text, first):
        second = next(places, first)
        if not _OPENING[mark].search(text, first + 1, second):
            return second  # ‘Workers’ rights come first’
    return first


def _closes(text: str, at: int) -> bool:
    """Whether this is no apostrophe: nothing of a word follows."""
    return text[at] not in _APOSTROPHES or not text[at + 1 : at + 2].isalnum()


def _is_possessive(text: str, at: int) -> bool:
    return text[at - 1] == "s" and _SMALL_LETTER.match(text, at + 1) is not None


def _goes_on(text: str, mark: str, end: int) -> bool:
    """Whether the next paragraph opens with the same mark."""
    after = _NOT_SPACE.search(text, end)
    return after is not None and after.group() == mark
