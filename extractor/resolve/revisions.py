"""What a source had said before: "the agency had earlier put the toll at 17"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import regex

from extractor.resolve.scenes import Scene
from extractor.resolve.speakers import (
    APPOSITION,
    HELPERS,
    SAYING,
    WORD,
    beside,
    is_outlet,
    others_speak,
    takes_up,
    words_in,
    words_of,
)
from extractor.resolve.words import Place

_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_EARLIER = (
    r"(?:earlier(?!\s(?:this|that\s(?:year|month|week)|in\sthe\s(?:year|month|week)|in\s\d|than|"
    rf"in\s\p{{Lu}}))(?:\s(?:on\s)?{_DAY}|\sin\sthe\s(?:day|morning|evening)|\stoday)?|"
    r"previously|initially|originally|at\sfirst|antes|inicialmente|previamente|d['’]abord|"
    r"auparavant|initialement)"
)
_PAST = r"(?:had|has|have|había|avait)\s"
_NUMBER = (
    r"(?:\b(?:\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens|hundreds|"
    r"dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|deux|trois|quatre|cinq|six|sept|huit|neuf|"
    r"dix|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf))"
)
_SAID = (
    r"(?:said|reported|stated|announced|claimed|written|wrote|put|denied|"
    rf"estimated|insisted|confirmed|predicted|told\s{WORD}(?:\s{WORD}){{0,2}}?(?=\sthat\s)|"
    r"dicho|informado|anunciado|déclaré|annoncé|affirmé|"
    rf"(?:given|gave|spoken|spoke|hablado|parlé)(?=[^.;]{{0,30}}{_NUMBER}))"
)
_WHEN = (
    rf"(?:\s(?:late\s|early\s)?(?:on\s)?(?:{_DAY}|yesterday)|"
    r"\s(?:\p{L}+\s){1,2}(?:hours?|days?)\s(?:earlier|before))"
)
_THAT = r"(?:\s(?:that|of|que|de)\b|:)?\s"
_EARLIER_SAID = regex.compile(
    rf"\s(?:(?:{_PAST})?{_EARLIER}\s{_SAID}{_WHEN}?|{_PAST}(?:first|{_EARLIER})\s{_SAID}{_WHEN}?|"
    rf"(?:{_PAST})?{_SAID}\s{_EARLIER}{_WHEN}?(?=\sthat\b|,?\sthe\b|\s\d)|"
    rf"{_PAST}(?:said|written|reported|put|announced|given){_WHEN}|"
    rf"{_PAST}{_SAID}{_WHEN}?\s{_EARLIER}){_THAT}"
)
_EARLIER_WORDS = (
    *("earlier", "previously", "initially", "originally", "first", "antes", "inicialmente"),
    *("previamente", "abord", "auparavant", "initialement"),
)
_HAD_SAID = re.compile(
    r"(?:ha[ds]|have|había|avait)\s(?:said|written|reported|put|announced|given)\s"
)
"""Each match of `_EARLIER_SAID` holds this or one of these: many need no closer look."""
_BEFORE_IT_SAID = regex.compile(
    rf"(?:(?:Earlier|Initially|Originally|Previously|At\sfirst|Antes|Inicialmente)"
    rf"(?:\s(?:on\s)?{_DAY}|\sin\sthe\s(?:day|morning|evening))?|"
    r"In\san?\s(?:dispatch|report|statement|bulletin|story|post|"
    r"version|briefing|message|tweet)\b[^,;.]{0,60}(?<=earlier|before)|"
    r"In\san?\s(?:earlier|previous|first)\s\p{L}+\b[^,;.]{0,40})"
    rf",?\s(?P<subject>(?:{WORD}\s){{1,5}}?)(?:{_PAST})?(?:first\s)?{_SAID}{_WHEN}?{_THAT}"
)
_GERMAN = regex.compile(
    r"(?:(?:Zunächst|Zuvor|Anfangs)\shatten?\s(?P<subject>(?:\p{L}+\s){1,5}?)|"
    r"(?P<subject>(?:\p{L}+\s){1,5}?)"
    r"hatten?\s(?:zunächst|zuvor|anfangs)\s)(?:"
    rf"von\s(?=[^.;]{{0,30}}{_NUMBER})"
    r"(?P<claim>[^,;.]{2,120})\s(?:gesprochen|berichtet)|"
    r"(?:gesagt|berichtet|gemeldet|erklärt|mitgeteilt),\s(?:dass\s)?(?P<claim>[^;.]{2,200}))"
)
_REVISING = regex.compile(
    r"\b(?:revising|correcting|up\sfrom|down\sfrom)\s(?:its|an|the|their|his|her)\s"
    r"(?:earlier|previous|initial)\s"
    r"(?=(?:toll|figure|estimate|count|number|report|statement|claim)\s(?:of|that)\s)"
)
_CORRECTS = regex.compile(
    r"\b(?:correct|revis|amend|retract|withdrew|now\b|has\ssince\b|later\b)", regex.I
)
_RELATIVE = regex.compile(rf"{APPOSITION},?\swh(?:ich|o)\Z")
_ENDS_CLAIM = regex.compile(
    r",?\s(?:but|citing|quoting|before|though|although|while|whereas|only\sto|according\sto|which|"
    rf"and\s(?:then|now|later)|y\sahora|mais)\b|;|\s[—–-]{{1,3}}\s|,\s(?:\p{{L}}+\s){{0,2}}?{HELPERS}{SAYING}\b"
)
_NO_CLAIM = regex.compile(r"(?:so|nothing|as\smuch|little|yes|no|it|this|that|goodbye)\b", regex.I)
_OUTLETS_OWN = regex.compile(
    r"\b(?:This|The)\s(?:story|version|article|report)\b[^.;]{0,40}?\bcorrects?\b[^.;]{0,160}?"
    r"(?:,\snot|\sinstead\sof)\s(?P<claim>[^.;,()]{1,100})|"
    r"\bAn?\s(?:earlier|previous)\sversion\sof\sthis\s(?:story|article|report)\s(?:had\s)?"
    r"(?:(?:incorrectly|wrongly|mistakenly)\s)?(?:said|stated|reported|put|gave)\s(?:that\s)?"
    r"(?P<claim>[^.;]{1,200})"
)


def earlier_claims(scene: Scene) -> Iterator[Place]:
    """What the source had said before, without the final stop, the surest first."""
    for place in (*_said_earlier(scene), *_corrected_at_the_top(scene)):
        claim = _trimmed(scene.text, *place)
        if claim and _is_another(scene, claim):
            yield claim


def _said_earlier(scene: Scene) -> Iterator[Place]:
    now = scene.content_number
    if now is None or abs(now - scene.number) > 1:
        return
    for number in range(scene.number, min(scene.number + 3, len(scene.around))):
        start, end = scene.around[number]
        if number < now and not _CORRECTS.search(scene.text, start, scene.around[now][1]):
            continue
        for subject, claim in _claims(scene.text, start, end):
            if _is_same(scene, number, subject):
                yield claim
    yield from _revising(scene)


# A pure function: the sources of a record are asked of the same few sentences.
@lru_cache(maxsize=64)
def _claims(text: str, start: int, end: int) -> tuple[tuple[Place, Place], ...]:
    """Who had said what before, in one sentence."""
    return tuple(_claims_of(text, start, end))


def _claims_of(text: str, start: int, end: int) -> Iterator[tuple[Place, Place]]:
    sentence = text[start:end]
    if said := _BEFORE_IT_SAID.match(text, start, end):
        yield (
            _stripped(text, *said.span("subject")),
            (said.end(), _claim_end(text, said.end(), end)),
        )
    elif any(word in sentence for word in _EARLIER_WORDS) or _HAD_SAID.search(sentence):
        for cue in _EARLIER_SAID.finditer(text, start, end):
            yield (start, cue.start()), (cue.end(), _claim_end(text, cue.end(), end))
    if german := _GERMAN.match(text, start, end):
        yield _stripped(text, *german.span("subject")), german.span("claim")


def _stripped(text: str, start: int, end: int) -> Place:
    return start, start + len(text[start:end].rstrip())


def _claim_end(text: str, start: int, end: int) -> int:
    cut = _ENDS_CLAIM.search(text, start, end)
    return cut.start() if cut else end


def _revising(scene: Scene) -> Iterator[Place]:
    """Revising an earlier toll of 17, after nobody but the source has said anything."""
    start, end = scene.sentence
    cue = _REVISING.search(scene.text, scene.source[1], end)
    if cue and not others_speak(scene.text, start, cue.start(), scene.name):
        yield cue.end(), _claim_end(scene.text, cue.end(), end)


def _corrected_at_the_top(scene: Scene) -> Iterator[Place]:
    """This story corrects the number to 11, not 17: the outlet's own correction."""
    if scene.is_own_outlet(scene.name):
        near = scene.around[max(scene.number - 1, 0) : scene.number + 2]
        for start, end in near:
            for match in _OUTLETS_OWN.finditer(scene.text, start, end):
                yield match.span("claim")


# --------------------------------------------------------------------------- the same source

_PERSON = words_in(
    "official spokesman spokeswoman minister president governor mayor general colonel captain "
    "lieutenant prosecutor analyst lawyer teacher man woman witness doctor director "
    "secretary chief ambassador judge professor nurse officer investigator expert trader resident "
    "leader senator king pope mr mrs ms dr"
)
_GROUP = words_in(
    "police ministry government agency group army court union company party office council "
    "hospital commission embassy authority military administration department presidency kremlin "
    "committee association institute university bank parliament service alliance coalition"
)
_MANY = words_in("police prosecutors authorities officials")
_PRONOUN = regex.compile(r"\b(?P<word>it|he|she|they|er|sie|es|él|ella|il|elle)\Z", regex.I)
_NOUN = regex.compile(r"\b(?:the|la|el|le|der|die|das)\s(?P<word>\p{Ll}+)\Z", regex.I)
_LAST_WORD = regex.compile(rf"{WORD}\Z")


def _is_same(scene: Scene, number: int, subject: Place) -> bool:
    """Whether the subject, the last words of the place, is the source, by name or taken up."""
    text, (start, end), source_end = scene.text, subject, scene.source[1]
    near, head = number - scene.number < 2, text[start:end]
    if source_end <= end and _RELATIVE.fullmatch(text, source_end, end):
        return number == scene.number
    again = _PRONOUN.search(head) if near else None
    if again is None or not _agrees(scene, again["word"].lower()):
        again = _NOUN.search(head)
        if again and not takes_up(again["word"], text, scene.source):
            again = None
    if again:
        at = start + again.start()
        return source_end <= at and not others_speak(text, scene.sentence[0], at, scene.name)
    last = _LAST_WORD.search(head)
    own = words_of(scene.name[-40:])
    return near and last is not None and not own.isdisjoint(words_of(last.group()))


def _agrees(scene: Scene, pronoun: str) -> bool:
    known = words_of(scene.name) | words_of(beside(scene.text, scene.source))
    group = bool(known & _GROUP) or is_outlet(scene.text, scene.source)
    if pronoun == "it":
        return group or not known & (_PERSON | _MANY)
    if pronoun in {"he", "she"}:
        return not group and not known & _MANY
    if pronoun == "they":
        return bool(known & _MANY) or scene.name.endswith("s") or (group and not known & _PERSON)
    return True


def _is_another(scene: Scene, claim: Place) -> bool:
    """Whether the claim is none of what the source says now, and says something."""
    words = scene.text[slice(*claim)]
    if _NO_CLAIM.fullmatch(words) or (claim[0] < scene.source[1] and scene.source[0] < claim[1]):
        return False
    if scene.content is None:  # the outlet corrects itself
        return True
    now = scene.text[slice(*scene.content)]
    return now not in words and words not in now


def _trimmed(text: str, start: int, end: int) -> Place | None:
    """Without white space, the final stop, and marks that enclose all of it."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in ".!?,:"):
        end -= 1
    if end - start > 2 and (text[start], text[end - 1]) in {("“", "”"), ('"', '"'), ("‘", "’")}:
        start, end = start + 1, end - 1
    speaks = any(char.isalnum() for char in text[start:end])
    return (start, end) if speaks else None
