"""The place in a text that a quotation which does not stand there comes nearest to.

A hint for whoever repairs or reads a record, with the differences marked; never evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

import regex

from extractor.haystack import UNSPACED, Haystack
from extractor.text import comparable

_TOKEN = regex.compile(
    rf"[{UNSPACED}]|[\p{{L}}\p{{M}}\p{{N}}--[{UNSPACED}]]++(?:[.,:'](?=\p{{N}})\p{{N}}++)*+|\S",
    regex.V1,
)
_SAYING = regex.compile(r"[\p{L}\p{N}\p{So}]")
_RAREST = 5
_PLACES_EACH = 12
_LONGEST = 120
_SLACK = 4
_MOST_SHOWN = 3
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Difference:
    """What the quotation has, and what the text has in its place; either may be empty."""

    quoted: str
    written: str

    def __str__(self) -> str:
        if not self.quoted:
            return f"{_short(self.written)} is left out"
        if not self.written:
            return f"{_short(self.quoted)} is not there"
        return f"{_short(self.written)} stands there, not {_short(self.quoted)}"


def _short(words: str) -> str:
    return repr(words if len(words) <= _LONGEST_SHOWN else f"{words[: _LONGEST_SHOWN - 1]}…")


@dataclass(frozen=True)
class NearMiss:
    """`text[start:end]` of the source is what the quotation comes nearest to."""

    start: int
    end: int
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        shown = "; ".join(map(str, self.differences[:_MOST_SHOWN]))
        more = len(self.differences) - _MOST_SHOWN
        return f"nearest at {self.start}-{self.end}: {shown}{f'; {more} more' if more > 0 else ''}"


class NearMisses:
    """The words of a text by where they stand. Time and memory grow with the text."""

    def __init__(self, haystack: Haystack) -> None:
        self.haystack = haystack

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [match.span() for match in _TOKEN.finditer(self.haystack.text)]

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        """The numbers of the tokens that are equal without case."""
        numbers: dict[str, list[int]] = {}
        text = self.haystack.text
        for number, (start, end) in enumerate(self._spans):
            numbers.setdefault(text[start:end].casefold(), []).append(number)
        return numbers

    def nearest(self, quote: str) -> NearMiss | None:
        """The place nearest to a quotation; None if not half of its words stand there."""
        wanted = comparable(quote).text.strip(" ")
        tokens = [match.group() for match in _TOKEN.finditer(wanted)][:_LONGEST]
        begin = self._begin(tokens)
        if begin is None:
            return self._part_of_word(wanted)
        first = max(begin - _SLACK, 0)
        window = self._spans[first : begin + len(tokens) + _SLACK]
        written = [self.haystack.text[start:end] for start, end in window]
        steps = _trimmed(SequenceMatcher(None, written, tokens, autojunk=False).get_opcodes())
        if not steps or not _is_near(steps, tokens):
            return self._part_of_word(wanted)
        start, end = window[steps[0][1]][0], window[steps[-1][2] - 1][1]
        differences = tuple(
            Difference(" ".join(tokens[j1:j2]), self._between(window[i1:i2]))
            for tag, i1, i2, j1, j2 in steps
            if tag != "equal"
        )
        return self._miss(start, end, differences or (Difference(wanted, self._text(start, end)),))

    def _begin(self, tokens: Sequence[str]) -> int | None:
        """Where the text's tokens would begin to be those of the quotation."""
        known = [
            (numbers, place)
            for place, token in enumerate(tokens)
            if _SAYING.match(token) and (numbers := self._numbers.get(token.casefold()))
        ]
        known.sort(key=lambda found: len(found[0]))
        votes = Counter(
            number - place
            for numbers, place in known[:_RAREST]
            for number in numbers[:_PLACES_EACH]
        )
        if not votes:
            return None
        return max(votes, key=lambda begin: (_support(votes, begin), -begin))

    def _part_of_word(self, wanted: str) -> NearMiss | None:
        """The word or number that the quotation is a part of."""
        hit = self.haystack.text.find(wanted) if wanted else -1
        if hit < 0:
            return None
        end = hit + len(wanted)
        limit = len(self.haystack.text)
        while hit > 0 and self.haystack.cuts(hit) and end - hit < _LONGEST + len(wanted):
            hit -= 1
        while end < limit and self.haystack.cuts(end) and end - hit < 2 * _LONGEST + len(wanted):
            end += 1
        return self._miss(hit, end, (Difference(wanted, self._text(hit, end)),))

    def _between(self, spans: Sequence[tuple[int, int]]) -> str:
        return self._text(spans[0][0], spans[-1][1]) if spans else ""

    def _text(self, start: int, end: int) -> str:
        return self.haystack.text[start:end]

    def _miss(self, start: int, end: int, differences: tuple[Difference, ...]) -> NearMiss:
        return NearMiss(*self.haystack.place(start, end), differences)


def _support(votes: Counter[int], begin: int) -> int:
    """The votes for a beginning; those beside it, where a word is more or less, count half."""
    return 2 * votes[begin] + sum(votes[begin + by] for by in (-2, -1, 1, 2))


Step = tuple[str, int, int, int, int]


def _trimmed(steps: Sequence[Step]) -> list[Step]:
    """The steps without what only the text has at the ends."""
    kept = list(steps)
    if kept and kept[0][0] == "delete":
        del kept[0]
    if kept and kept[-1][0] == "delete":
        del kept[-1]
    if kept and kept[0][0] == "replace":
        tag, i1, i2, j1, j2 = kept[0]
        kept[0] = (tag, max(i1, i2 - (j2 - j1)), i2, j1, j2)
    if kept and kept[-1][0] == "replace":
        tag, i1, i2, j1, j2 = kept[-1]
        kept[-1] = (tag, i1, min(i2, i1 + (j2 - j1)), j1, j2)
    return kept


def _is_near(steps: Sequence[Step], tokens: Sequence[str]) -> bool:
    """Whether at least half of the words of the quotation stand there, in this order."""
    said = sum(1 for token in tokens if _SAYING.match(token))
    same = sum(
        1
        for tag, _, _, j1, j2 in steps
        if tag == "equal"
        for token in tokens[j1:j2]
        if _SAYING.match(token)
    )
    return 0 < said <= 2 * same
