"""The sentences of a text that are worth showing when a field is asked again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from extractor.failures import Failure, path_of
from extractor.furniture import withheld
from extractor.text import flatten, sentences
from extractor.tree import Value

MOST_CHARACTERS = 1_600
"""How much of the text one repair shows, in all."""
_LONGEST = 800
"""Of a sentence that is longer, its beginning is shown."""
_WORD = re.compile(r"\w+")


def passages(text: str, fields: Iterable[Failure], values: Mapping[str, Value]) -> str:
    """The sentences near the failed fields, in the text's order, `…` where some are left out.

    These are, for each field, the sentence most like what was written there, those of the
    quotations in the same object, and then the neighbours of all; for a field without any,
    the text's first sentence. Page furniture is not shown.
    """
    page = _Page(text)
    seeds: list[int] = []
    for each in fields:
        seeds += [*page.alike(each.value), *page.of_quotations(each, values)] or [0]
    chosen: set[int] = set()
    room = MOST_CHARACTERS
    for number in dict.fromkeys([*seeds, *(n + by for n in seeds for by in (1, -1))]):
        size = len(page.shown(number))
        if size and size <= room:
            chosen.add(number)
            room -= size
    return page.joined(sorted(chosen))


class _Page:
    """A text as sentences, without its furniture, in the offsets of the text."""

    def __init__(self, text: str) -> None:
        self._text = _blanked(text)
        self._sentences = sentences(self._text)
        self._begins = [start for start, _ in self._sentences]
        self._words = [set(_words(self._text[start:end])) for start, end in self._sentences]
        self._spread = Counter(word for words in self._words for word in words)

    def shown(self, number: int) -> str:
        """A sentence in one line; nothing where there is none of that number."""
        if not 0 <= number < len(self._sentences):
            return ""
        start, end = self._sentences[number]
        return flatten(self._text[start : min(end, start + _LONGEST)])

    def joined(self, numbers: list[int]) -> str:
        """These sentences, one a line."""
        lines: list[str] = []
        for before, number in zip([-1, *numbers], numbers, strict=False):
            lines += ["…", self.shown(number)] if number > before + 1 else [self.shown(number)]
        return "\n".join(lines)

    def alike(self, value: object) -> Iterator[int]:
        """The sentence that shares most words with a text; rare words count for more."""
        words = set(_words(value)) if isinstance(value, str) else set()
        scores = [sum(1 / self._spread[w] for w in words & each) for each in self._words]
        if any(scores):
            yield scores.index(max(scores))

    def of_quotations(self, failure: Failure, values: Mapping[str, Value]) -> Iterator[int]:
        """The sentences of the quotations in the innermost object around that has some."""
        for length in range(len(failure.steps) - 1, 0, -1):
            inside = f"{path_of(failure.steps[:length])}/"
            spans = [
                value.spans[0]
                for path, value in values.items()
                if path.startswith(inside) and value.support == "quoted"
            ]
            if spans:
                yield from (bisect_right(self._begins, span.start) - 1 for span in spans)
                return


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _blanked(text: str) -> str:
    """The text with blank lines in place of its furniture."""
    parts, done = [], 0
    for start, end in withheld(text):
        parts += [text[done:start], "\n" * (end - start)]
        done = end
    return "".join([*parts, text[done:]])
