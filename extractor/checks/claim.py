"""What every check gets: a value, the words that are said to support it, and what is around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import regex

from extractor.text import fold


@dataclass(frozen=True)
class Claim:
    """A value and its words. `quote` and `context` are folded (`extractor.text.fold`).

    `context` is the sentence or sentences around the quotation, which it holds; `at` is where
    the quotation begins in it. `anchor` is the day of publication. `language` is BCP 47,
    guessed from the words where it was not given (`en` when these do not tell).
    `is_given` says whether it was given.
    """

    quote: str
    value: object
    context: str
    at: int
    anchor: date | None
    language: str
    is_given: bool

    @property
    def end(self) -> int:
        """Where the quotation ends in the context."""
        return self.at + len(self.quote)


def claim(
    quote: str, value: object, context: str | None, anchor: date | None, language: str | None
) -> Claim:
    """A claim with its text folded; a context that does not hold the quotation is put before it."""
    words = fold(quote).text.strip()
    around = fold(context or "").text.strip()
    at = around.find(words)
    if at < 0:
        around = f"{around} {words}".strip()
        at = len(around) - len(words)
    known = language or language_of(around) or "en"
    return Claim(words, value, around, at, anchor, known, language is not None)


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
