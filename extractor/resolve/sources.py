"""Nested and revised sources, read off the words around a source.

`source.parent` is the source through which another is heard: in "YTN, citing an official"
the official's is YTN. `source.supersedes` is what the same source had said before. Both
know the set phrases of news prose (English first) and say nothing where these leave doubt.
"""

from __future__ import annotations

import regex

from extractor.resolve.revisions import earlier_claims
from extractor.resolve.scenes import Scene, scenes
from extractor.resolve.speakers import (
    ACCORDING,
    APPOSITION,
    COMMON_OUTLET,
    HELPERS,
    MEDIA_NOUN,
    NAME,
    PREFIX,
    SAYING,
    WORD,
    bare_name,
    is_outlet,
    name_from,
    others_speak,
    speakers,
    takes_up,
    words_in,
    words_of,
)
from extractor.resolve.words import Place, Resolution, Words

_NOTHING = Resolution(None)


def source_parent(words: Words) -> Resolution:
    """Resolver `source.parent`: the name of the source through which this one is heard."""
    for scene in scenes(words):
        for pattern in (_citing, _citing_first, _quoted_by, _telling, _reported):
            place = pattern(scene)
            if place is not None and _is_another(scene, place):
                return Resolution(scene.text[slice(*place)], (place,))
    return _NOTHING


def source_supersedes(words: Words) -> Resolution:
    """Resolver `source.supersedes`: the earlier claim of the same source, now corrected."""
    for scene in scenes(words):
        for place in earlier_claims(scene):
            return Resolution(scene.text[slice(*place)], (place,))
    return _NOTHING


# ------------------------------------------------------------------------------------- parents


def _is_another(scene: Scene, place: Place) -> bool:
    parent, (start, end) = scene.text[slice(*place)], scene.source
    apart = place[1] <= start or end <= place[0]
    return apart and not words_of(parent) & words_of(scene.name)


_CITING = regex.compile(
    r"(?<!\p{L})(?:(?P<participle>citing|quoting|referring\sto|citando\sa|citant|"
    r"unter\sBerufung\sauf)|cit(?:ed|es)|quot(?:ed|es)|cita\sa|citó\sa|cite|a\scité|"
    rf"zitierte|zitiert|berief\ssich\sauf|beruft\ssich\sauf)\s(?P<gap>(?:{WORD}\s){{0,6}})\Z"
)
_NO_GAP = words_in(
    "that which who whom as because when after before for to over in on at with about and or said "
    "by que quien qui dass concern concerns fears told both"
)
_AS_A_REASON = regex.compile(r"\s(?:for|as\s(?:an?|the))\b")
_SUBJECT = regex.compile(
    rf"(?:\A|[,;:—–]\s|\s-{{1,3}}\s|\b(?:but|and|while|though|when|as|wie|berichtete?|meldete?|{ACCORDING})\s)"
    rf"(?:(?:On|In|Late)\s\p{{Lu}}\p{{L}}+,?\s)?{PREFIX}"
    rf"(?:(?P<name>{NAME})(?:\s{MEDIA_NOUN}\b)?|(?P<name>{COMMON_OUTLET}))"
    rf"(?:,\s(?:an?|the|una?|el|la|une|eine?)\s[^,;]{{1,90}}(?=,))?"
    rf"(?:,\s(?:which|who|que|qui|die|der|das))?,?\s{HELPERS}\Z"
)
_AGAIN = regex.compile(
    r"(?:\A|[,;]\s|\b(?:but|and|though|while)\s)(?:(?:[Ii]t|[Hh]e|[Ss]he)|(?i:the)\s(?P<noun>\p{Ll}+))"
    rf"(?:\s{HELPERS}{SAYING}\b[^,;.]{{0,60}})?,?\s{HELPERS}\Z"
)
_OPENING = regex.compile(rf"{PREFIX}(?P<name>{NAME}){APPOSITION}\s\p{{Ll}}")
_NEAR = 60  # characters from "reported" to "citing"


def _citing(scene: Scene) -> Place | None:
    """X, citing Y; X said, quoting Y; X, which cited Y; It cited Y."""
    start = scene.sentence[0]
    cue = _CITING.search(scene.text[start : scene.source[0]])
    if cue is None or not _NO_GAP.isdisjoint(cue["gap"].casefold().split()):
        return None
    if not cue["participle"] and _AS_A_REASON.match(scene.text, scene.source[1]):
        return None
    head = scene.text[start : start + cue.start()]
    if subject := _SUBJECT.search(head):
        first, last = subject.span("name")
        if name := bare_name(scene.text, start + first, start + last):
            return name
    if again := _AGAIN.search(head):
        return _antecedent(scene, again["noun"])
    return _last_speaker(scene.text, start, start + cue.start()) if cue["participle"] else None


_CITING_FIRST = regex.compile(
    r"(?:Citing|Quoting|Referring\sto|Citando\sa|Citant|Unter\sBerufung\sauf)\s"
    rf"(?P<gap>(?:{WORD}\s){{0,6}})"
)
_IT_SAID = regex.compile(rf"[^,;.]{{0,80}},\s(?={PREFIX}{NAME}{APPOSITION}\s{HELPERS}{SAYING}\b)")


def _citing_first(scene: Scene) -> Place | None:
    """Citing Y, X said."""
    (low, high), (first, end) = scene.sentence, scene.source
    cue = _CITING_FIRST.fullmatch(scene.text, low, first)
    if cue is None or not _NO_GAP.isdisjoint(cue["gap"].casefold().split()):
        return None
    said = _IT_SAID.match(scene.text, end, high)
    return name_from(scene.text, said.end(), high) if said else None


def _last_speaker(text: str, start: int, end: int) -> Place | None:
    """Who says what the cue comes after; far from the cue, only an outlet that is alone."""
    found = speakers(text, start, end)
    if not found or not text[found[-1].place[0]].isupper():
        return None
    place = found[-1].place
    near = end - found[-1].verb_end <= _NEAR
    return place if near or (len(found) == 1 and is_outlet(text, place)) else None


def _antecedent(scene: Scene, noun: str | None) -> Place | None:
    """The one speaker of the sentence before, if it is an outlet that "it" can mean."""
    if scene.number == 0:
        return None
    start, end = scene.around[scene.number - 1]
    names = {one.place for one in speakers(scene.text, start, end)}
    if first := _OPENING.match(scene.text, start, end):
        names.add(bare_name(scene.text, *first.span("name")) or first.span("name"))
    if len(names) != 1:
        return None
    (name,) = names
    fits = takes_up(noun, scene.text, name) if noun else is_outlet(scene.text, name)
    return name if fits else None


_BY = regex.compile(
    rf"{APPOSITION},?\s(?:(?:was|were|is|are|has\sbeen|had\sbeen|wurde|wird)\s)?(?:earlier\s|also\s)?"
    r"(?:(?:quoted|cited)\s(?:\p{L}+\s){0,3}?by|citad[oa]s?\spor|cité(?:e|s|es)?\spar|zitiert\svon)\s"
)
_TOLD = regex.compile(
    rf"{APPOSITION}\s{HELPERS}(?:told|said\sin\s(?:an\s)?(?:interview|remarks|comments)\s"
    r"(?:with|to|carried\sby|published\sby)|(?:dijo|declaró|explicó)\sa|"
    r"(?:déclaré|dit|expliqué|confié)\s(?:à|au)|(?:sagte|erklärte)(?=\sde[rm]\s))\s"
)
_HEARER = regex.compile(r"(?:,[”\"’»]?|[”\"’»],)\s(?:sagte|dijo|a\sdéclaré)\s\Z")
_TO_HEARER = regex.compile(r"\s(?:a|al|à|au)\s|\s(?=de[rm]\s)")
_SEVERAL = regex.compile(r"\s(?:and|y|et|und)\s(?:the\s)?\p{Lu}")


def _quoted_by(scene: Scene) -> Place | None:
    """Y, quoted by X; Y was quoted on Monday by X as saying."""
    cue = _BY.match(scene.text, scene.source[1], scene.sentence[1])
    return name_from(scene.text, cue.end(), scene.sentence[1]) if cue else None


def _telling(scene: Scene) -> Place | None:
    """Y told X, where X is an outlet, and not the one that the article appears in."""
    start, end = scene.sentence
    cue = _TOLD.match(scene.text, scene.source[1], end)
    if cue is None and _HEARER.search(scene.text[start : scene.source[0]]):
        cue = _TO_HEARER.match(scene.text, scene.source[1], end)
    return _outlet_from(scene, cue.end()) if cue else None


def _outlet_from(scene: Scene, at: int) -> Place | None:
    place = name_from(scene.text, at, scene.sentence[1])
    if place is None or not is_outlet(scene.text, place):
        return None
    if scene.is_own_outlet(scene.text[slice(*place)]) or _SEVERAL.match(scene.text, place[1]):
        return None
    return place


_SAYS_ACCORDING = regex.compile(
    rf"{APPOSITION}\s{HELPERS}{SAYING}\b[^;:.]{{0,200}}?,?[”\"’»]?\s{ACCORDING}\s"
)
_THEY_REPORTED = (
    rf",\s(?={PREFIX}{NAME}(?:\s{MEDIA_NOUN})?\s(?:has\s)?(?:reported|reports|said)"
    r"(?:\s[^,;:]{1,40})?[.,]?(?:\s|\Z))"
)
_SAYS_REPORTED = regex.compile(rf"{APPOSITION}\s{HELPERS}{SAYING}\b[^,;:.]{{0,80}}{_THEY_REPORTED}")
_IS_REPORTED = regex.compile(rf"{APPOSITION}{_THEY_REPORTED}")
_BY_ACCORDING = regex.compile(rf"\b{ACCORDING}\s(?:{WORD}\s){{0,4}}\Z")


def _reported(scene: Scene) -> Place | None:
    """Y said, according to X; Y said, X reported; according to Y, X reported."""
    (low, high), (first, start) = scene.sentence, scene.source
    patterns = [_SAYS_ACCORDING, _SAYS_REPORTED]
    if _BY_ACCORDING.search(scene.text[low:first]):
        patterns.append(_IS_REPORTED)
    for cue in (pattern.match(scene.text, start, high) for pattern in patterns):
        place = _outlet_from(scene, cue.end()) if cue else None
        if cue and place and not others_speak(scene.text, start, cue.end() - 1, scene.name):
            return place
    return None
