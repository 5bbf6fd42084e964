"""Quotations found again in the article: every place where the words truly stand.

A quotation is found where it stands character by character, or after `text.comparable`
has evened out what typesetting changes; a word that a line break parts is one word, and
a quotation with an ellipsis of its own stands in several pieces. Nothing else counts: no
other number, no other name, no part of a word, no negation left out.
"""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import itemgetter

import regex

from extractor.excerpts import chains, pieces
from extractor.furniture import withheld
from extractor.haystack import Haystack, Place
from extractor.mentions import shared_sentence, singled_out
from extractor.near_miss import NearMiss, NearMisses
from extractor.records import Alignment
from extractor.text import Folded, as_it_is, comparable, sentences
from extractor.unjoined import Unjoined, may_break_words, unjoined


@dataclass(frozen=True)
class Grounding:
    """Where a quotation stands: `text[start:end]` for each of `spans`, in order.

    `alignment` is "exact" (the same characters), "folded" (equal under `text.comparable`,
    or the pieces of a quotation with an ellipsis), "ambiguous" (several places, and nothing
    tells which is meant) or None (it stands nowhere).
    """

    alignment: Alignment | None
    spans: tuple[Place, ...] = ()
    _nearest: Callable[[], NearMiss | None] | None = field(
        default=None, repr=False, compare=False, kw_only=True
    )

    @cached_property
    def near_miss(self) -> NearMiss | None:
        """Where something like the quotation stands, if it does not; looked for when asked."""
        return self._nearest() if self._nearest is not None else None


class SourceIndex:
    """An article's text, prepared for looking quotations up. Make it once an article, or get
    it from `source_index`."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def found(self) -> dict[tuple[str, bool], list[tuple[Place, ...]]]:
        """The places of quotations that were looked up before: those of an object are looked
        up again with each object inside of it, which they tell the place of."""
        return {}

    @cached_property
    def sentences(self) -> tuple[Place, ...]:
        """The sentences of the text, as `text.sentences` finds them."""
        return tuple(sentences(self.text))

    @cached_property
    def folded(self) -> Haystack:
        """The text as quotations are looked up in it."""
        return Haystack(self.text, comparable(self.text))

    @cached_property
    def caseless(self) -> Haystack:
        """The same without case."""
        return Haystack(self.text, self.folded.folded.casefold())

    @cached_property
    def alike(self) -> Haystack:
        """The folded text with marks and dashes alike that houses choose among (`_alike`)."""
        return Haystack(self.text, _alike(self.folded.folded))

    @cached_property
    def unjoined(self) -> Unjoined:
        """The folded text without hyphens and line breaks inside words."""
        return unjoined(self.folded)

    @cached_property
    def caseless_unjoined(self) -> Unjoined:
        """The same without case."""
        return unjoined(self.caseless)

    @cached_property
    def breaks_words(self) -> bool:
        """Whether a line break may stand inside a word of the text."""
        return may_break_words(self.text)

    @cached_property
    def near_misses(self) -> NearMisses:
        """The words of the text by where they stand."""
        return NearMisses(self.folded)

    @cached_property
    def withheld(self) -> tuple[Place, ...]:
        """What of the text is kept from models, as `furniture.withheld` finds it."""
        return withheld(self.text)

    def read_ahead(self) -> None:
        """Finds now what nearly every draft needs."""
        _ = self.folded, self.withheld, self._sentence_starts, self._sentence_ends

    def is_withheld(self, place: Place) -> bool:
        """Whether a place lies in what is kept from models: a photo caption, an instruction."""
        if not self.withheld:
            return False
        before = bisect_right(self.withheld, place[0], key=itemgetter(0))
        return before > 0 and place[1] <= self.withheld[before - 1][1]

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


_HELD = 20_000
"""The most characters of a text whose index is held on to: it takes many times as much memory."""


def source_index(text: str) -> SourceIndex:
    """The index of a text. Those of the last short texts are remembered, since several steps of
    making a record look into the same article."""
    return _held(text) if len(text) <= _HELD else SourceIndex(text)


@lru_cache(maxsize=16)
def _held(text: str) -> SourceIndex:
    return SourceIndex(text)


def ground_quotes(
    text: str | SourceIndex,
    quotes: Sequence[str],
    *,
    beside: Sequence[str] = (),
    fold_case: bool = False,
) -> list[Grounding]:
    """Where each quotation stands in the text, in the order of `quotes`.

    The quotations of one call belong to one object: one that stands in several places is
    taken to stand where most of the others, as far as they stand in a single place, point
    to (`mentions.singled_out`). White space around a quotation is ignored, and so is a
    pair of quotation marks around it that the text does not have. A place in the report
    goes before places in page furniture. `beside` are further quotations of the object, whose
    own places are not asked for.
    """
    index = text if isinstance(text, SourceIndex) else SourceIndex(text)
    search = _Search(index, fold_case)
    known = {quote: _reported(index, search.candidates(quote)) for quote in dict.fromkeys(quotes)}
    neighbours: list[Place] = []
    several: dict[str, list[Candidate]] = {}
    if any(len(found) > 1 for found in known.values()):
        for quote in beside:
            if quote not in known:
                known[quote] = _reported(index, search.candidates(quote))
        neighbours = [place for found in known.values() if len(found) == 1 for place in found[0]]
        several = {quote: found for quote, found in known.items() if len(found) > 1}
        if not neighbours:
            several = _sharing(index, several)
    made: dict[str, Grounding] = {}
    for quote in dict.fromkeys(quotes):
        found = known[quote]
        if quote in several:
            found = _singled_out(index, several[quote], neighbours)
        made[quote] = search.grounding(quote, found)
    return [made[quote] for quote in quotes]


Candidate = tuple[Place, ...]
"""One place of a quotation: of each of its pieces, in order."""


def _reported(index: SourceIndex, found: list[Candidate]) -> list[Candidate]:
    if len(found) < 2 or not index.withheld:
        return found
    return [pieces for pieces in found if not all(map(index.is_withheld, pieces))] or found


def _sharing(index: SourceIndex, several: dict[str, list[Candidate]]) -> dict[str, list[Candidate]]:
    """Of quotations that all stand in several places, those places that share a sentence."""
    if len(several) < 2:
        return several
    places = [[_whole(candidate) for candidate in found] for found in several.values()]
    number = shared_sentence(places, index.sentences_of)
    if number is None:
        return several
    return {
        quote: [one for one in found if number in index.sentences_of(_whole(one))]
        for quote, found in several.items()
    }


def _singled_out(
    index: SourceIndex, found: list[Candidate], neighbours: Sequence[Place]
) -> list[Candidate]:
    by_place = {_whole(candidate): candidate for candidate in found}
    place = singled_out(list(by_place), neighbours, index.sentences_of)
    return found if place is None else [by_place[place]]


def _whole(candidate: Candidate) -> Place:
    return candidate[0][0], candidate[-1][1]


# ---------------------------------------------------------------- one quotation


@dataclass(frozen=True)
class _Search:
    """Looks single quotations up, with case or without."""

    index: SourceIndex
    fold_case: bool

    def candidates(self, quote: str) -> list[Candidate]:
        """Every place where the quotation stands."""
        found = self.index.found
        key = quote, self.fold_case
        if key not in found:
            found[key] = self._look_up(quote)
        return found[key]

    def _look_up(self, quote: str) -> list[Candidate]:
        folded = self._form(quote)
        wanted = folded.text.strip(" ")
        if not _has_words(wanted):
            return []
        places = self._contiguous(wanted, quote)
        # A quotation that carries typography of its own was copied, and with it the place.
        if len(places) > 1 and wanted != quote.strip():
            same = [p for p in places if self.index.text[p[0] : p[1]] == quote.strip()]
            places = same or places
        if places:
            return [(place,) for place in places]
        return self._divided(wanted) or self._divided(_without_marks(wanted))

    def _form(self, quote: str) -> Folded:
        folded = comparable(quote)
        return folded.casefold() if self.fold_case else folded

    def _contiguous(self, wanted: str, quote: str) -> list[Place]:
        """Where the quotation stands in one piece, `wanted` being its comparable form."""
        haystack = self.index.caseless if self.fold_case else self.index.folded
        if places := haystack.places(wanted):
            return places
        if (bare := _without_marks(wanted)) and (places := haystack.places(bare)):
            return places
        if places := self._across_breaks(quote.strip()):
            return places
        if not self.fold_case and _CHOSEN.search(wanted):
            alike = _alike(as_it_is(wanted)).text
            if alike != wanted or self.index.alike.text != haystack.text:
                return self.index.alike.places(alike)
        return []

    def _across_breaks(self, quote: str) -> list[Place]:
        """Where the quotation stands when a word that a line break parts is one word."""
        if not (self.index.breaks_words or may_break_words(quote)):
            return []
        wanted = unjoined(Haystack(quote, self._form(quote)))
        index = self.index.caseless_unjoined if self.fold_case else self.index.unjoined
        return index.places(wanted) if index.has_breaks or wanted.has_breaks else []

    def _divided(self, wanted: str) -> list[Candidate]:
        """Where the pieces of a quotation stand that has an ellipsis or a bracket of its own;
        one that the article has too divides nothing."""
        cuts = pieces(wanted)
        places = []
        while cuts:
            found, taken = self._longest(wanted, cuts)
            if not found:
                return []
            places.append(found)
            cuts = cuts[taken:]
        return list(chains(self.index.text, places, self.index.sentences_of)) if places else []

    def _longest(self, wanted: str, cuts: list[Place]) -> tuple[list[Place], int]:
        """Where the first pieces stand, as many as stand together; and how many these are."""
        for taken in range(len(cuts), 0, -1):
            piece = wanted[cuts[0][0] : cuts[taken - 1][1]]
            if _has_words(piece) and (found := self._contiguous(piece, piece)):
                return found, taken
        return [], 0

    def grounding(self, quote: str, found: list[Candidate]) -> Grounding:
        """What is said of a quotation that stands at the candidates."""
        if not found:
            return Grounding(None, _nearest=lambda: self.index.near_misses.nearest(quote))
        if len(found) > 1:
            return Grounding("ambiguous", tuple(sorted({p for one in found for p in one})))
        (places,) = found
        same = [self.index.text[start:end] for start, end in places] == [quote.strip()]
        return Grounding("exact" if same else "folded", places)


_CHOSEN = regex.compile(r"['\"-]")
_DOUBLE_MARK = regex.compile(r'(?<!\d)"')
_ROW_OF_DASHES = regex.compile(r"--++")


def _alike(folded: Folded) -> Folded:
    """Double quotation marks as single ones, and a row of dashes as one.

    A quotation within a quotation changes its marks, and a typewriter's dash is `--`. After
    a digit a double mark means inches or seconds, and stays.
    """
    text = _DOUBLE_MARK.sub("'", folded.text)
    if "--" not in text:
        return Folded(text, folded.starts, folded.ends)
    parts: list[str] = []
    starts, ends = array("I"), array("I")
    done = 0
    for match in _ROW_OF_DASHES.finditer(text):
        first, end = match.start() + 1, match.end()
        parts.append(text[done:first])
        starts.extend(folded.starts[done:first])
        ends.extend([*folded.ends[done : first - 1], folded.ends[end - 1]])
        done = end
    parts.append(text[done:])
    starts.extend(folded.starts[done:])
    ends.extend(folded.ends[done:])
    return Folded("".join(parts), starts, ends)


_ENCLOSING = frozenset({('"', '"'), ("'", "'"), ("「", "」"), ("『", "』")})


def _without_marks(wanted: str) -> str:
    """What the quotation marks enclose, if they are the ends of it; else nothing."""
    if len(wanted) > 2 and (wanted[0], wanted[-1]) in _ENCLOSING:
        bare = wanted[1:-1].strip(" ")
        return bare if _has_words(bare) else ""
    return ""


def _has_words(text: str) -> bool:
    """Whether there is a letter, a digit or a picture: something that can be looked up."""
    return any(map(str.isalnum, text)) or any(unicodedata.category(char) == "So" for char in text)
