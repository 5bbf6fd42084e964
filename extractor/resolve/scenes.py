"""A source where it stands: the sentences around it, and which of its places is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex

from extractor.resolve.speakers import NAME, words_of
from extractor.resolve.words import Place, Words
from extractor.text import sentences

_REACH = 600  # characters to either side of a source that are read
_SHORT = 20_000  # characters of a text whose sentences are found once for all
_MANY = 20  # places of a content that are looked at
_STOP = regex.compile(r"[.!?][”\"’']?\s")
_PARAGRAPH = regex.compile(r"\n\s*\n")
_DATELINE = regex.compile(rf"\((?P<name>{NAME})\)\s[-–—]|\s[-–—]{{1,2}}\s\((?P<name>{NAME})\)")


@dataclass(frozen=True)
class Scene:
    """A source in its neighbourhood.

    `around` are the sentences near it, that at `number` holds it. `outlet` names what the
    article itself appears in, as far as that is known.
    """

    text: str
    source: Place
    content: Place | None
    around: tuple[Place, ...]
    number: int
    outlet: str

    @property
    def sentence(self) -> Place:
        return self.around[self.number]

    @property
    def name(self) -> str:
        return self.text[slice(*self.source)]

    @property
    def content_number(self) -> int | None:
        """The number of the sentence in which the content begins."""
        start = self.content[0] if self.content else -1
        return next((n for n, (a, b) in enumerate(self.around) if a <= start < b), None)

    def is_own_outlet(self, name: str) -> bool:
        """Whether a name is that of the outlet that the article appears in."""
        return bool(words_of(name)) and words_of(name) <= words_of(self.outlet)


# A pure function: the parent of a source and what it supersedes are asked of the same place.
@lru_cache(maxsize=4)
def scenes(words: Words) -> tuple[Scene, ...]:
    """The source at its place nearest to the content (the first hint), if there is one.

    There is none when the source stands in several places and nothing tells which is meant,
    when the content is far away, or when the sentence is longer than what is read.
    """
    return tuple(_scenes(words))


def _scenes(words: Words) -> Iterator[Scene]:
    text = words.article.text
    contents: list[Place | None] = [*_places_of(words.hints[0], text)] if words.hints else []
    if not words.spans or (len(words.spans) > 1 and not contents):
        return
    pairs = ((span, content) for span in words.spans for content in contents or [None])
    source, content = min(pairs, key=lambda pair: _distance(text, *pair))
    low, high = max(source[0] - _REACH, 0), min(source[1] + _REACH, len(text))
    if content is not None and not low <= content[0] < high:
        return
    around = tuple(_whole_sentences(text, low, high))
    held = (n for n, (start, end) in enumerate(around) if start <= source[0] < end)
    if (number := next(held, None)) is not None:
        yield Scene(text, source, content, around, number, _outlet(words))


def _whole_sentences(text: str, low: int, high: int) -> list[Place]:
    """The sentences between two places of the text that neither of them cuts."""
    if len(text) <= _SHORT:
        found = sentences(text)
        return [each for each in found if low <= each[0] and each[1] <= high]
    found = [(low + start, low + end) for start, end in sentences(text[low:high])]
    first = bool(found) and found[0][0] == low > 0
    last = bool(found) and found[-1][1] == high < len(text)
    return found[first : len(found) - last]


def _places_of(quote: str, text: str) -> Iterator[Place]:
    at = text.find(quote) if quote else -1
    for _ in range(_MANY):
        if at < 0:
            return
        yield at, at + len(quote)
        at = text.find(quote, at + len(quote))


def _distance(text: str, source: Place, content: Place | None) -> tuple[bool, bool, int]:
    """Whether a paragraph ends between the two, or a sentence, and the characters between."""
    if content is None:
        return False, False, 0
    low, high = min(source[1], content[1]), max(source[0], content[0])
    gap = max(high - low, 0)
    if gap > _REACH:
        return True, True, gap
    between = text[low:high]
    return bool(_PARAGRAPH.search(between)), bool(_STOP.search(between)), gap


def _outlet(words: Words) -> str:
    return f"{words.article.outlet or ''} {_dateline(words.article.text)}"


# A pure function: all sources of an article ask for it.
@lru_cache(maxsize=4)
def _dateline(text: str) -> str:
    """The outlet that the article's head names."""
    found = _DATELINE.search(text, 0, 800)
    return found["name"] if found else ""
