"""A case: a text, the quotations of one object, and where one of them stands by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

import regex

Span = tuple[int, int]

# A word with what belongs to it: an apostrophe, a hyphen, a decimal, a sign before a digit.
WORD = regex.compile(
    r"(?:(?<!\S)[-−](?=\d))?[\w\p{M}\p{No}]+(?:[.,:’'\-–‑/\u00a0\u202f][\w\p{M}]+)*"
)


@dataclass(frozen=True)
class Case:
    """One question to a system.

    `pieces` are the parts of the quotation that stand in the text, in order: one, or more
    where an ellipsis or a bracket divides it. `expected` is empty where the quotation is to
    be refused; it lists all places where the quotation is `ambiguous`.
    """

    text: str
    quotes: tuple[str, ...]
    expected: tuple[Span, ...]
    asked: int = 0
    pieces: tuple[str, ...] = ()
    ambiguous: bool = False
    fold_case: bool = False

    @property
    def quote(self) -> str:
        return self.quotes[self.asked]

    @property
    def parts(self) -> tuple[str, ...]:
        return self.pieces or (self.quote,)


@dataclass(frozen=True)
class Edit:
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


def rewrite(text: str, edits: Iterable[Edit], span: Span) -> tuple[str, Span]:
    """The edited text, and where `span` of the text before now lies.

    Edits do not overlap, and none reaches over an end of the span.
    """
    parts, at = [], 0
    start, end = span
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[at : edit.start], edit.new]
        at = edit.end
        growth = len(edit.new) - (edit.end - edit.start)
        start += growth if edit.end <= span[0] else 0
        end += growth if edit.end <= span[1] else 0
    return "".join(parts) + text[at:], (start, end)


def words(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    return [found.span() for found in WORD.finditer(text, start, len(text) if end is None else end)]


def lines(text: str) -> list[Span]:
    """The lines that have words; a quotation is taken from one of them."""
    return [found.span() for found in regex.finditer(r"[^\n]*\w[^\n]*", text)]


def pick(rng: Random, text: str, shortest: int = 2, longest: int = 12) -> Span | None:
    """A run of whole words in one line of the text."""
    found = words(text, *rng.choice(lines(text)))
    if len(found) < shortest:
        return None
    count = rng.randint(shortest, min(longest, len(found)))
    first = rng.randrange(len(found) - count + 1)
    return found[first][0], found[first + count - 1][1]


def around(rng: Random, text: str, place: Span, most: int = 6) -> Span:
    """A run of whole words of one line that covers `place`, at most `most` more on each side."""
    line = next(line for line in lines(text) if line[0] <= place[0] < line[1])
    inside = [word for word in words(text, *line) if word[0] < place[1] and place[0] < word[1]]
    place = min([place[0], *(word[0] for word in inside)]), max([place[1], *(w[1] for w in inside)])
    before = [word for word in words(text, *line) if word[1] <= place[0]]
    after = [word for word in words(text, *line) if word[0] >= place[1]]
    left, right = rng.randint(0, min(most, len(before))), rng.randint(0, min(most, len(after)))
    start = before[-left][0] if left else place[0]
    end = after[right - 1][1] if right else place[1]
    return start, end


def found(text: str, span: Span) -> Case:
    """The words of the span, verbatim."""
    return Case(text, (text[span[0] : span[1]],), (span,))


def requoted(text: str, span: Span, quote: str) -> Case | None:
    """The quotation stands at `span`, though it is written otherwise."""
    return None if quote == text[span[0] : span[1]] else Case(text, (quote,), (span,))


def rewritten(text: str, span: Span, edits: Iterable[Edit]) -> Case | None:
    """The text is written otherwise than the quotation, at least between the span's ends."""
    after, place = rewrite(text, edits, span)
    quote = text[span[0] : span[1]]
    return None if after[place[0] : place[1]] == quote else Case(after, (quote,), (place,))


def refused(text: str, quote: str) -> Case:
    return Case(text, (quote,), ())


def one_of(rng: Random, pattern: regex.Pattern[str], text: str) -> regex.Match[str] | None:
    matches = list(pattern.finditer(text))
    return rng.choice(matches) if matches else None


def swapped(
    rng: Random, text: str, pattern: regex.Pattern[str], other: Callable[[str], str | None]
) -> Case | None:
    """A quotation around something that the pattern finds, with another thing in its place."""
    match = one_of(rng, pattern, text)
    if match is None:
        return None
    new = other(match[0])
    if new is None or new == match[0]:
        return None
    start, end = around(rng, text, match.span())
    return refused(text, text[start : match.start()] + new + text[match.end() : end])
