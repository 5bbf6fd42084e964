"""Quotations found again in the article: every place where the words truly stand.

A quotation is found where it stands character by character, or after `text.fold` has
evened out what typesetting changes. Nothing else counts: no other number, no other
name, no part of a word.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

from extractor.furniture import furniture
from extractor.records import Alignment
from extractor.text import Folded, fold, sentences

Place = tuple[int, int]


@dataclass(frozen=True)
class Grounding:
    """Where a quotation stands: `text[start:end]` for each of `spans`, in order.

    `alignment` is "exact" (one place, the same characters), "folded" (one place, equal
    under `text.fold`), "ambiguous" (several places, and nothing tells which is meant) or
    None (it stands nowhere).
    """

    alignment: Alignment | None
    spans: tuple[Place, ...] = ()


class SourceIndex:
    """An article's text, prepared for looking quotations up. Make it once an article."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def sentences(self) -> tuple[Place, ...]:
        """The sentences of the text, as `text.sentences` finds them."""
        return tuple(sentences(self.text))

    @cached_property
    def folded(self) -> Haystack:
        """The text as quotations are looked up in it."""
        return Haystack(self.text, fold(self.text))

    @cached_property
    def caseless(self) -> Haystack:
        """The same without case."""
        return Haystack(self.text, self.folded.folded.casefold())

    @cached_property
    def alike(self) -> Haystack:
        """The folded text with double quotation marks as single ones (`_marks_alike`)."""
        folded = self.folded.folded
        return Haystack(self.text, Folded(_marks_alike(folded.text), folded.starts, folded.ends))

    @cached_property
    def furniture(self) -> tuple[Place, ...]:
        """The lines of the text that are page furniture, as `furniture.furniture` finds them."""
        return furniture(self.text)

    def is_furniture(self, place: Place) -> bool:
        """Whether a place lies in page furniture: a photo caption, a link."""
        before = bisect_right(self.furniture, place[0], key=lambda line: line[0])
        return before > 0 and place[1] <= self.furniture[before - 1][1]

    def sentences_of(self, place: Place) -> range:
        """The numbers of the sentences that a place touches, counted from 0."""
        first = bisect_right(self._sentence_ends, place[0])
        return range(first, bisect_left(self._sentence_starts, place[1]))

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [end for _, end in self.sentences]


def ground_quotes(
    text: str | SourceIndex, quotes: Sequence[str], *, fold_case: bool = False
) -> list[Grounding]:
    """Where each quotation stands in the text, in the order of `quotes`.

    The quotations of one call belong to one object: one that stands in several places
    is taken to stand in the sentence of another one that stands in a single place, if
    that leaves one place only. White space around a quotation is ignored, and so is a
    pair of quotation marks around it that the text does not have. A place in the report
    goes before places in page furniture.
    """
    index = text if isinstance(text, SourceIndex) else SourceIndex(text)
    places = [_reported(index, _places(index, quote, fold_case)) for quote in quotes]
    unique = [found[0] for found in places if len(found) == 1]
    near: set[int] = set()
    if unique and any(len(found) > 1 for found in places):
        near = {number for place in unique for number in index.sentences_of(place)}
    return [
        _grounding(index, quote, found, near) for quote, found in zip(quotes, places, strict=True)
    ]


def _grounding(index: SourceIndex, quote: str, places: list[Place], near: set[int]) -> Grounding:
    if len(places) > 1 and near:
        neighbours = [p for p in places if not near.isdisjoint(index.sentences_of(p))]
        places = neighbours if len(neighbours) == 1 else places
    if not places:
        return Grounding(None)
    if len(places) > 1:
        return Grounding("ambiguous", tuple(places))
    ((start, end),) = places
    same = index.text[start:end] == quote.strip()
    return Grounding("exact" if same else "folded", ((start, end),))


def _reported(index: SourceIndex, places: list[Place]) -> list[Place]:
    if len(places) < 2 or not index.furniture:
        return places
    return [place for place in places if not index.is_furniture(place)] or places


def _marks_alike(folded: str) -> str:
    """Double quotation marks as single ones, for a quotation within a quotation changes them.

    After a digit a double mark means inches or seconds, and stays.
    """
    return _DOUBLE_MARK.sub("'", folded)


_DOUBLE_MARK = regex.compile(r'(?<!\d)"')


def _places(index: SourceIndex, quote: str, fold_case: bool) -> list[Place]:
    folded = fold(quote)
    wanted = (folded.casefold() if fold_case else folded).text.strip(" ")
    if not _has_words(wanted):
        return []
    haystack = index.caseless if fold_case else index.folded
    places = haystack.places(wanted)
    if not places and (bare := _without_marks(wanted)):
        places = haystack.places(bare)
    if not places and not fold_case and ("'" in wanted or '"' in wanted):
        places = index.alike.places(_marks_alike(wanted))
    # A quotation that carries typography of its own was copied, and with it the place.
    if len(places) > 1 and wanted != quote.strip():
        same = [(start, end) for start, end in places if index.text[start:end] == quote.strip()]
        return same or places
    return places


_SPEAKING = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "So"})
_ENCLOSING = frozenset({('"', '"'), ("'", "'"), ("「", "」"), ("『", "』")})


def _without_marks(wanted: str) -> str:
    """What the quotation marks enclose, if they are the ends of it; else nothing."""
    if len(wanted) > 2 and (wanted[0], wanted[-1]) in _ENCLOSING:
        bare = wanted[1:-1].strip(" ")
        return bare if _has_words(bare) else ""
    return ""


def _has_words(text: str) -> bool:
    """Whether there is a letter, a digit or a picture: something that can be looked up."""
    return any(unicodedata.category(char) in _SPEAKING for char in text)


# ------------------------------------------------- where a quotation may begin and end

# Scripts that put no space between words, or join particles to them.
_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Yi}\p{Thai}\p{Lao}\p{Khmer}"
    r"\p{Myanmar}\p{Tibetan}\p{Javanese}\p{Balinese}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}々〆ー"
)
_UNSPACED_ONE = regex.compile(rf"[{_UNSPACED}]")
_SPACED_RUN = regex.compile(rf"[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}--[{_UNSPACED}]]++", regex.V1)
_IN_NUMBERS = frozenset(".,:/'·٫٬")
_MINUS = frozenset("-\u2012\u2013\u2212\ufe63\uff0d")
_ENDINGS = frozenset({"s", "t", "d", "m", "re", "ve", "ll"})

# Grapheme clusters (UAX 29), as far as spaces between words do not already keep them whole.
# The regex module's \X takes time with the square of a row of flags.
_JOINS_BEFORE = regex.compile(
    r"[\p{M}\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=V}\p{GCB=T}]"
)
_JOINS_AFTER = regex.compile(r"[\p{GCB=Prepend}\u1039\u17D2]")  # and the stacking viramas
_LEADING_JAMO = regex.compile(r"\p{GCB=L}")
_AFTER_LEADING_JAMO = regex.compile(r"[\p{GCB=L}\p{GCB=LV}\p{GCB=LVT}]")
_JOINERS = frozenset("\u034f\u200c\u200d")
_PICTURE = regex.compile(r"\p{Extended_Pictographic}")
_FLAG = regex.compile(r"[\U0001F1E6-\U0001F1FF]{2}")


def _is_word(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category == "Pc"


def _is_digit(char: str) -> bool:
    return unicodedata.category(char)[0] == "N"


class Haystack:
    """A folded text in which words, numbers and characters are found whole."""

    def __init__(self, source: str, folded: Folded) -> None:
        self.source = source
        self.folded = folded
        self.text = folded.text

    def places(self, wanted: str) -> list[Place]:
        """All places in the source where `wanted`, itself folded, stands."""
        found = (self.folded.source_span(hit, hit + len(wanted)) for hit in self.hits(wanted))
        return [(start, self._with_joiners(end)) for start, end in found]

    def _with_joiners(self, end: int) -> int:
        """`end`, moved behind what cannot be seen but is part of the character before it."""
        while end < len(self.source) and self.source[end] in _JOINERS:
            end += 1
        return end

    def hits(self, wanted: str) -> Iterator[int]:
        """Where in the folded text `wanted`, itself folded, begins, whole words only."""
        hit = self.text.find(wanted)
        while hit >= 0:
            after = hit + 1
            if self.cuts(hit):
                # No later place in the same word can be better: this keeps 'aaaa...' linear.
                if run := _SPACED_RUN.match(self.text, hit):
                    after = run.end() if _is_word(self.text[hit - 1]) else after
            elif not self.cuts(hit + len(wanted)):
                yield hit
            hit = self.text.find(wanted, after)

    def cuts(self, at: int) -> bool:
        """Whether a word, a number or a character goes on across the position."""
        if not 0 < at < len(self.text):
            return False
        before, after = self.text[at - 1], self.text[at]
        if self.folded.splits(at) or self._cuts_character(at, before, after):
            return True
        if _is_word(before) and _is_word(after):
            return not (_UNSPACED_ONE.match(before) or _UNSPACED_ONE.match(after))
        if _is_word(after):
            return self._cuts_number_after(at) or self._cuts_name(at)
        return _is_word(before) and (self._cuts_number_before(at) or self._cuts_negation(at))

    def _cuts_character(self, at: int, before: str, after: str) -> bool:
        if before.isascii() and after.isascii():
            return False
        return bool(
            _JOINS_BEFORE.match(after)
            or _JOINS_AFTER.match(before)
            or (before == "\u200d" and _PICTURE.match(after))
            or (_LEADING_JAMO.match(before) and _AFTER_LEADING_JAMO.match(after))
            or (self._in_flag and self._in_flag[at])
        )

    @cached_property
    def _in_flag(self) -> bytearray | None:
        """1 at each position inside a flag, which is two letters; None without flags."""
        if not _FLAG.search(self.text):
            return None
        inside = bytearray(len(self.text) + 1)
        for match in _FLAG.finditer(self.text):
            inside[match.start() + 1] = 1
        return inside

    def _char(self, at: int) -> str:
        return self.text[at] if 0 <= at < len(self.text) else " "

    def _source_of(self, at: int) -> str:
        return self.source[self.folded.starts[at] : self.folded.ends[at]]

    def _cuts_number_after(self, at: int) -> bool:
        """Whether the digit at `at` belongs to a number that began before it."""
        if not _is_digit(self.text[at]):
            return False
        sign, further = self.text[at - 1], self._char(at - 2)
        if sign in _IN_NUMBERS and _is_digit(further):
            return True
        if not _is_word(further) and further not in ").":
            return sign == "." or (sign == "-" and self._source_of(at - 1) in _MINUS)
        return self._groups_thousands(at - 1)

    def _cuts_number_before(self, at: int) -> bool:
        """Whether the digit before `at` belongs to a number that goes on."""
        if not _is_digit(self.text[at - 1]):
            return False
        if self.text[at] in _IN_NUMBERS and _is_digit(self._char(at + 1)):
            return True
        return self._groups_thousands(at)

    def _groups_thousands(self, at: int) -> bool:
        """Whether the character at `at` is the space of 12 000."""
        first = self.text[max(at - 4, 0) : at]
        rest = self.text[at + 1 : at + 5]
        return (
            self._char(at) == " "
            and _is_digit(self._char(at - 1))
            and not all(map(_is_digit, first.rjust(4)))
            and len(rest) >= 3
            and all(map(_is_digit, rest[:3]))
            and not _is_digit(rest[3:] or " ")
        )

    def _cuts_name(self, at: int) -> bool:
        """Whether the word at `at` is the end of one with an apostrophe: 's, 't, O'Brien."""
        if self.text[at - 1] != "'" or not self._char(at - 2).isalpha():
            return False
        rest = _SPACED_RUN.match(self.text, at)
        if rest is not None and rest.group().lower() in _ENDINGS:
            return True
        return (
            self.text[at - 2] == "O"
            and not _is_word(self._char(at - 3))
            and self.text[at].isupper()
        )

    def _cuts_negation(self, at: int) -> bool:
        """Whether 't follows: "can" is not what "can't" says."""
        return (
            self.text[at] == "'"
            and self._char(at + 1) in "tT"
            and self.text[at - 1].isalpha()
            and not _is_word(self._char(at + 2))
        )
