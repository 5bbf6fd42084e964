"""What every check gets: a value, the words that are said to support it, and what is around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

import regex

from extractor.records import Article
from extractor.text import folded_text, sentences

Place = tuple[int, int]
_MOST_PARTS = 12  # words of a quotation that may stand apart


class Claim(NamedTuple):
    """A value and its words. `quote` and `context` are folded (`extractor.text.fold`).

    `context` is the sentence or sentences around the quotation, which it holds at
    `context[at:end]`, maybe with words between ("was probably poisoned" for "was poisoned").
    `anchor` is the day of publication. `language` is BCP 47, guessed from the words where it
    was not given (`en` when these do not tell). `is_given` says whether it was given.
    `sentences` are those of the context.
    """

    quote: str
    value: object
    context: str
    at: int
    end: int
    anchor: date | None
    language: str
    is_given: bool
    sentences: tuple[tuple[int, int], ...]


def claim(
    quote: str, value: object, context: str | None, anchor: date | None, language: str | None
) -> Claim:
    """A claim with its text folded; a context that does not hold the quotation is put before it."""
    words = folded_text(quote).strip()
    around = folded_text(context or "").strip()
    place = _find(words, around)
    if place is None:
        around = f"{around} {words}".strip()
        place = (len(around) - len(words), len(around))
    known = language or language_of(around) or "en"
    found = tuple(sentences(around))
    return Claim(words, value, around, *place, anchor, known, language is not None, found)


def claim_at(
    place: tuple[int, int], around: Sequence[tuple[int, int]], value: object, article: Article
) -> Claim:
    """A claim whose quotation stands at a place of an article, in the last sentences `around`.

    In the context each sentence is a line, for there may be no point between two.
    """
    context, places = _context(article.text, tuple(around))
    quote = folded_text(article.text[slice(*place)]).strip()
    index = next((i for i, (_, end) in enumerate(around) if place[0] < end), len(around) - 1)
    at = places[index][0] + len(folded_text(article.text[around[index][0] : place[0]]))
    known = article.language or language_of(context) or "en"
    given = article.language is not None
    end = at + len(quote)
    return Claim(quote, value, context, at, end, article.published, known, given, places)


# A pure function: several values, and several checks of each, are asked in the same sentences.
@lru_cache(maxsize=16)
def _context(text: str, around: tuple[Place, ...]) -> tuple[str, tuple[Place, ...]]:
    """The sentences at the places, folded and a line each, and where they stand in that."""
    lines = [folded_text(text[start:end]) for start, end in around]
    return "\n".join(lines), _places(lines)


def _places(lines: Sequence[str]) -> tuple[Place, ...]:
    """Where the lines stand in the text that they make up."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    return tuple((end - 1 - len(line), end - 1) for end, line in zip(ends, lines, strict=True))


_BETWEEN = r"\W+(?:\w+\W+){0,6}?"


def _find(words: str, text: str) -> tuple[int, int] | None:
    """Where the words stand: together and whole, or in one sentence with a few between."""
    whole = regex.search(rf"(?<!\w){regex.escape(words)}(?!\w)", text)
    if whole is not None:
        return whole.span()
    if (at := text.find(words)) >= 0:
        return at, at + len(words)
    parts = regex.findall(r"\w+", words)
    if not 1 < len(parts) <= _MOST_PARTS:
        return None
    apart = regex.search(rf"(?<!\w){_BETWEEN.join(parts)}(?!\w)", text)
    return apart.span() if apart else None


# Words that the other three languages do not have, or hardly ever.
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "en": (
            "the of and to with was were is are has have had that who will would said from by for "
            "about at on as not be been this which they people after before "
        ),
        "de": (
            "der die das und ist sind war waren hat haben wurde wurden wird werden nicht mit von "
            "zu dem den ein eine einen sagte am im auf bei nach vor rund etwa mehr als menschen "
            "uhr über "
        ),
        "fr": (
            "le la les des du et est sont était ont été dans pour que qui une sur avec pas au aux "
            "selon après avant plus près mardi lundi jeudi environ personnes dont millions "
            "milliards "
        ),
        "es": (
            "el la los las del y es son fue fueron ha han que una por con para no al según dijo "
            "unos unas más tras antes desde hasta millones personas enero lunes martes "
        ),
    }
)
_KNOWN = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_WORD = regex.compile(r"\p{L}+")


def language_of(text: str) -> str | None:
    """Which of the four languages a text is in by its commonest words; None when open."""
    words = [word.lower() for word in _WORD.findall(text)]
    scores = {code: sum(word in known for word in words) for code, known in _KNOWN.items()}
    best, next_best = sorted(scores, key=lambda code: -scores[code])[:2]
    return best if scores[best] > scores[next_best] else None
