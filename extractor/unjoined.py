"""Words that a line break parts: "govern-" and "ment" on two lines are "government".

Text and quotation are compared without the hyphens inside their words, and then joint by
joint: a hyphen at the end of a line may be one of typesetting or one of the word
("north-eastern"), any other one is what it is ("re-sign" is not "resign"). A line break
between characters of a script without spaces is nothing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

import regex

from extractor.haystack import MOST_PLACES, UNSPACED, Haystack, Place

Joint = Literal["hyphen", "dash", "broken", "compound", "line"]

_LINE = r"[ \t]*(?:\r\n|[\n\r\x85\u2028])[ \t]*"
_EAST = rf"[{UNSPACED}\u3000-\u303f\uff01-\uff65--\p{{Hangul}}]"
_MAY_BREAK = regex.compile(rf"[-\u2010\u00ad]{_LINE}|(?<={_EAST}){_LINE}(?={_EAST})", regex.V1)
_JOINT = regex.compile(r"(?<=\p{L}\p{M}*)- ?(?=\p{L})|(?<=\S) (?=\S)")
_LINE_BREAK = regex.compile(_LINE)
_EAST_ONE = regex.compile(_EAST, regex.V1)

# What stands in the one may stand as this in the other; None is nothing at all.
_SAME: dict[Joint | None, frozenset[Joint | None]] = {
    "broken": frozenset({None, "hyphen", "dash", "compound"}),
    "compound": frozenset({"hyphen", "dash"}),
    "line": frozenset({None}),
}


def may_break_words(source: str) -> bool:
    """Whether there is a line break in the source that may stand inside a word."""
    return _MAY_BREAK.search(source) is not None


@dataclass(frozen=True)
class Unjoined:
    """A haystack's text without hyphens and line breaks inside words.

    `origins[i]` is where character `i` stands in the haystack's text; `joints` are what
    was taken out before character `at[n]`.
    """

    whole: Haystack
    text: str
    origins: Sequence[int]
    at: Sequence[int]
    joints: Sequence[Joint]

    def places(self, quote: Unjoined) -> list[Place]:
        """The places in the source where the quotation stands, as `Haystack.places` has them."""
        found = (
            self.whole.place(self.origins[hit], self.origins[hit + len(quote.text) - 1] + 1)
            for hit in self._hits(quote.text)
            if self._agrees(hit, quote)
        )
        return list(islice(found, MOST_PLACES))

    def _hits(self, wanted: str) -> Iterator[int]:
        hit = self.text.find(wanted)
        while hit >= 0:
            after = hit + 1
            if self.whole.cuts(self.origins[hit]):
                # Behind the next joint a word may begin (north-eastern).
                origin = self.origins[hit]
                after += max(
                    0, self.whole.word_end(origin, origin + self._to_joint(hit)) - origin - 1
                )
            elif not self.whole.cuts(self.origins[hit + len(wanted) - 1] + 1):
                yield hit
            hit = self.text.find(wanted, after)

    def _to_joint(self, at: int) -> int:
        """How many characters there are until the next joint."""
        number = bisect_right(self.at, at)
        return (self.at[number] if number < len(self.at) else len(self.text)) - at

    def _agrees(self, hit: int, quote: Unjoined) -> bool:
        """Whether text and quotation have the same joints, as far as they can differ."""
        own, others = self._joints_from(hit), quote._joints_from(0)
        end = len(quote.text)
        at, joint = next(own)
        other_at, other = next(others)
        while min(at, other_at) < end:
            here = joint if at <= other_at else None
            there = other if other_at <= at else None
            if not _agree(here, there):
                return False
            if here is not None:
                at, joint = next(own)
            if there is not None:
                other_at, other = next(others)
        return True

    def _joints_from(self, start: int) -> Iterator[tuple[int, Joint | None]]:
        """The joints behind `start`, counted from there; at last one beyond the text."""
        for number in range(bisect_right(self.at, start), len(self.at)):
            yield self.at[number] - start, self.joints[number]
        yield len(self.text) + 1, None

    @cached_property
    def has_breaks(self) -> bool:
        """Whether a line break stands inside a word."""
        return not {"broken", "compound", "line"}.isdisjoint(self.joints)


def _agree(here: Joint | None, there: Joint | None) -> bool:
    return here == there or there in _SAME.get(here, ()) or here in _SAME.get(there, ())


def unjoined(whole: Haystack) -> Unjoined:
    """The haystack's text with its joints taken out."""
    parts: list[str] = []
    origins = array("I")
    at = array("I")
    joints: list[Joint] = []
    done = 0
    for match in _JOINT.finditer(whole.text):
        joint = _joint(whole, match.start(), match.end())
        if joint is None:
            continue
        parts.append(whole.text[done : match.start()])
        origins.extend(range(done, match.start()))
        at.append(len(origins))
        joints.append(joint)
        done = match.end()
    parts.append(whole.text[done:])
    origins.extend(range(done, len(whole.text)))
    return Unjoined(whole, "".join(parts), origins, at, joints)


def _joint(whole: Haystack, start: int, end: int) -> Joint | None:
    if whole.broken.get(start) == end - start:
        return "compound" if whole.text[end].isupper() else "broken"
    if whole.text[start] == "-":
        return "hyphen" if end == start + 1 else "dash"
    beside = whole.source_of(start - 1)[-1:], whole.source_of(end)[:1]
    if all(map(_EAST_ONE.match, beside)) and _LINE_BREAK.fullmatch(whole.source_of(start)):
        return "line"
    return None
