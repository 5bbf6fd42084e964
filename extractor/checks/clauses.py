"""The clause that an event stands in: how far its hedges, negations and verbs reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import regex

from extractor.checks.claim import Claim


@dataclass(frozen=True)
class Clause:
    """A clause, with the words of the event at `text[at:end]`.

    `opening` is what stands in the same sentence before it, and may govern it; `language`
    is the first two letters of its code.
    """

    text: str
    at: int
    end: int
    opening: str
    language: str
    sentence: str

    @property
    def before(self) -> str:
        return self.text[: self.at]

    @property
    def after(self) -> str:
        return self.text[self.end :]

    @property
    def event(self) -> str:
        return self.text[self.at : self.end]


# Who, which and according to: what stands between two commas and is a clause of its own.
_ASIDE: Mapping[str, str] = MappingProxyType(
    {
        "en": r"who|which|whose|where|when|whom|according to|citing|an?|the|including|as|once|now|"
        r"then|"
        r"(?:\p{Lu}[\p{L}.'-]+\s){1,4}(?:said|says|added)|(?:he|she|they|it|officials|police) "
        r"(?:said|added)",
        "de": r"der|die|das|dessen|deren|dem|den|welche[rsnm]?|wie|so|laut|ein|eine|wo|sagte",
        "fr": r"qui|que|dont|où|lequel|laquelle|selon|un|une|le|la|l'|"
        r"a-t-il|a-t-elle|a (?:dit|déclaré|affirmé)",
        "es": r"quien|que|cuy[oa]s?|donde|el cual|la cual|según|un|una|el|la|dijo|afirmó|señaló",
    }
)
_CUT: Mapping[str, str] = MappingProxyType(
    {
        "en": r",?\s(?i:but|while|whereas|although|though|yet|because|despite|unless)\s|"
        r",\s(?i:and|or|so|after|before|when|as|with)\s",
        "de": r",?\s(?i:aber|sondern|während|obwohl|doch|weil|nachdem|bevor|als)\s|"
        r",\s(?i:und|denn|wie)\s",
        "fr": r",?\s(?i:mais|tandis que|alors que|bien que|parce que|car|après que|"
        r"avant que)\s|,\s(?i:et|ou|lorsque|quand)\s",
        "es": r",?\s(?i:pero|sino|mientras|aunque|porque|después de que|"
        r"antes de que)\s|,\s(?i:y|o|cuando)\s",
    }
)
_ALWAYS = r"[;:]\s|\s-{1,3}\s|[!?.]\s"
_BOUNDS = {code: regex.compile(rf"{words}|{_ALWAYS}|,\s") for code, words in _CUT.items()}
_ASIDES = {
    code: regex.compile(rf",\s(?=(?i:{words}\b))[^,;:]{{1,120}}(?=,)|\([^()]*\)", regex.V1)
    for code, words in _ASIDE.items()
}


def clause_of(claim: Claim) -> Clause:
    """The clause of the quotation, of the sentence that it begins in."""
    code = claim.language[:2] if claim.language[:2] in _CUT else "en"
    return _clause(*_sentence(claim), code)


# A pure function: certainty, polarity and tense are asked of the same event.
@lru_cache(maxsize=8)
def _clause(text: str, at: int, end: int, code: str) -> Clause:
    text = _without_asides(text, at, end, code)
    start, stop = _bounds(text, at, end, code)
    return Clause(text[start:stop], at - start, end - start, text[:start], code, text)


def _sentence(claim: Claim) -> tuple[str, int, int]:
    for start, end in claim.sentences:
        if start <= claim.at < end:
            stop = max(end, claim.end)
            return claim.context[start:stop], claim.at - start, claim.end - start
    return claim.quote, 0, len(claim.quote)


def _without_asides(text: str, at: int, end: int, code: str) -> str:
    """The text with asides blanked out, at the same length, unless the event is in one."""
    found = list(text)
    for match in _ASIDES[code].finditer(text):
        if match.end() <= at or match.start() >= end:
            found[match.start() : match.end()] = " " * (match.end() - match.start())
            if match.end() < len(text) and text[match.end()] == ",":
                found[match.end()] = " "
    return "".join(found)


def _bounds(text: str, at: int, end: int, code: str) -> tuple[int, int]:
    """From the boundary before the event to the one after it."""
    start, stop = 0, len(text)
    previous = 0
    for match in _BOUNDS[code].finditer(text):
        if match.end() <= at:
            previous, start = start, match.end()
        elif match.start() >= end:
            stop = match.start()
            break
    if _GOVERNED[code].match(text, start, stop):
        start = previous
    return start, stop


# A clause that only goes on from the one before: ..., zurückzutreten; ..., dass er kommt.
_GOVERNED: Mapping[str, regex.Pattern[str]] = MappingProxyType(
    {
        "en": regex.compile(r"(?i)\s*(?:that|whether|or that)\b"),
        "de": regex.compile(
            r"(?i)\s*(?:(?:und |oder )?(?:dass|daß|ob|wonach|wenn|falls)\b|[^,;]*?\b(?:zu "
            r"\p{Ll}+en|\p{Ll}+zu\p{Ll}+en)\b(?=[^\p{L}]*(?:\Z|[,.;]| haben| sein| werden)))"
        ),
        "fr": regex.compile(r"(?i)\s*(?:(?:et |ou )?qu(?:e\b|')|si\b|de \p{L}+(?:er|ir|re)\b)"),
        "es": regex.compile(r"(?i)\s*(?:(?:y |o )?que\b|si\b)"),
    }
)


# What stands between a cue and an event that is not governed by it.
BARRIER: Mapping[str, regex.Pattern[str]] = MappingProxyType(
    {
        "en": regex.compile(
            r"(?i)\b(?:because|after|before|when|while|since|until|who|whom|whose|which|where|"
            r"but|despite|although|"
            r"amid|following|over|during|as|and (?=(?:\p{L}+ed|will|has|had|have|is|was|were|"
            r"are|he|she|it|they|said)\b))\b"
        ),
        "de": regex.compile(
            r"(?i)\b(?:weil|nachdem|bevor|während|obwohl|wegen|nach|seit|aber|sondern|und "
            r"(?=\p{Ll}+t\b))\b|,\s(?:der|die|das|wo)\s"
        ),
        "fr": regex.compile(
            r"(?i)\b(?:parce|après|avant|lorsque|quand|pendant|depuis|mais|malgré|qui|où|et "
            r"(?=a |ont |il |elle |ils ))\b"
        ),
        "es": regex.compile(
            r"(?i)\b(?:porque|después|antes|cuando|mientras|desde|pero|sino|pese|quien|donde|y "
            r"(?=\p{L}+ó\b|ha\b|han\b))\b"
        ),
    }
)
