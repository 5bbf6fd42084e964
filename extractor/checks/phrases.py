"""Long lists of phrases as patterns that are looked for in reasonable time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, compress, product

import regex

_WORD = re.compile(r"([^\W\d_]+|')")
_FIRST = 3
_END, _ANY = "|", "*"


class Phrases:
    """Patterns that begin with `\\b` or `(?<![\\p{L}-])`, and then with a word or an apostrophe,
    and that end where a word ends.

    Each is looked for at the words that can begin it, and nowhere else, which most words cannot.
    Which can is read off the pattern; one that any word can begin is looked for everywhere.
    """

    def __init__(self, *patterns: regex.Pattern[str]) -> None:
        self._patterns = patterns
        self._begun: dict[str, list[tuple[str, int]]] = {}
        """What can begin a pattern (`first_words`), with its number, by its first letters."""
        self._everywhere: list[int] = []
        for number, pattern in enumerate(patterns):
            begun = first_words(pattern.pattern)
            if any(len(word.rstrip(_ANY)) < (_FIRST if _ANY in word else 1) for word in begun):
                self._everywhere.append(number)
                continue
            for word in begun:
                self._begun.setdefault(word[:_FIRST], []).append((word, number))

    def matches(self, text: str) -> Iterator[tuple[int, regex.Match[str]]]:
        """What `finditer` finds of each pattern, with its number: all of the first, and so on."""
        places = self._places(text)
        for number in sorted([*places, *self._everywhere]):
            pattern = self._patterns[number]
            if number not in places:
                yield from ((number, match) for match in pattern.finditer(text))
                continue
            done = 0
            for place in places[number]:
                if place >= done and (match := pattern.match(text, place)):
                    yield number, match
                    done = match.end()

    def _places(self, text: str) -> dict[int, list[int]]:
        """Where each pattern may match, but for those that may everywhere."""
        places: dict[int, list[int]] = {}
        begun, (beginnings, words) = self._begun, _words(text)
        for word, place in compress(words, map(begun.__contains__, beginnings)):
            for known, number in begun[word[:_FIRST]]:
                if word.startswith(known[:-1]) if known[-1] == _ANY else word == known:
                    at = places.setdefault(number, [])
                    if not at or at[-1] != place:
                        at.append(place)
        return places


# A pure function: many patterns are looked for in the same few sentences.
@lru_cache(maxsize=64)
def _words(text: str) -> tuple[Sequence[str], Sequence[tuple[str, int]]]:
    """The words in small letters, and where each begins; before that, their first letters."""
    pieces = _WORD.split(text)  # what is between words, and each word
    words = [word.lower() for word in pieces[1::2]]
    starts = [*accumulate(map(len, pieces))][::2]
    return [word[:_FIRST] for word in words], [*zip(words, starts, strict=False)]


def first_words(pattern: str) -> frozenset[str]:
    """The words that can begin a match of a pattern, in small letters; `refus*` stands for all
    that begin so, and an empty one for something else than a word or an apostrophe.

    Knows groups, sets, classes, alternatives, repetitions, and what has no width: some of the
    words may begin no match for what stands around them. Raises `ValueError` for what it does not
    know.
    """
    reader = _Reader(pattern)
    found = reader.alternatives()
    if reader.at < len(pattern):
        raise reader.fault()
    return frozenset(word.removesuffix(_END) for word in found)


class _Reader:
    """Reads a pattern from the left. A beginning that ends with `_END` or `_ANY` is whole."""

    def __init__(self, pattern: str) -> None:
        self.at = 0
        self._pattern = pattern

    def fault(self) -> ValueError:
        return ValueError(f"{self._pattern!r} is no pattern, from character {self.at} on")

    def alternatives(self) -> set[str]:
        found = self._sequence()
        while self._takes(r"\|"):
            found |= self._sequence()
        return found

    def _sequence(self) -> set[str]:
        found = {""}
        while self.at < len(self._pattern) and self._pattern[self.at] not in "|)":
            found = {_joined(one, other) for one, other in product(found, self._repeated())}
        return found

    def _repeated(self) -> set[str]:
        found = self._one()
        if not (times := self._takes(r"[?*+]|\{\d*(?:,\d*)?\}")):
            return found
        self._takes(r"[?+]")
        most = times[0] if times[0] in "?*+" else times.strip("{}").rpartition(",")[2]
        least = times[1:-1].partition(",")[0] if times[0] == "{" else times
        if most not in {"?", "0", "1"}:
            found = {_joined(each, _ANY) if each else each for each in found}
        return found | {""} if least in {"?", "*", "0", ""} else found

    def _one(self) -> set[str]:
        if self._takes(r"\(\?[a-z-]+\)|\\[bAZK]|[\^$]"):
            return {""}
        if opening := self._takes(r"\((?:\?(?:<?[=!]|[a-z-]*:|>|P<\w+>))?"):
            found = self.alternatives()
            if not self._takes(r"\)"):
                raise self.fault()
            return {""} if opening[-1] in "=!" else found
        if chars := self._takes(r"\[(?:\\.|[^\]\\])+\]"):
            inside = chars[1:-1]
            return set(map(_of_char, inside)) if inside.isalpha() else {_ANY}
        if self._takes(r"\\[sd]"):
            return {_END}
        if self._takes(r"\\[pP]\{[^}]*\}|\\[wWSD]|\."):
            return {_ANY}
        return {_of_char(self._takes(r"\\?(?s:.)")[-1:])}

    def _takes(self, pattern: str) -> str:
        match = re.compile(pattern).match(self._pattern, self.at)
        self.at = match.end() if match else self.at
        return match.group() if match else ""


def _of_char(char: str) -> str:
    if char.isalpha():
        return char.lower()
    return ("'" if char == "'" else "") + _END


def _joined(beginning: str, more: str) -> str:
    """A beginning and what follows it, which ends it if it is no letter."""
    if beginning.endswith((_END, _ANY)):
        return beginning
    if beginning and more.endswith(_END) and not more[0].isalpha():
        return beginning + _END
    return beginning + more
