"""Whose words they are: the noun phrase beside the cue of a saying (English)."""

from __future__ import annotations

import regex

from extractor.resolve.saying_places import lstrip, rstrip
from extractor.resolve.saying_words import CUE, HELPER, VERB
from extractor.resolve.words import Place


def source_of(text: str, cue: regex.Match[str], sentence: Place, end: int) -> Place | None:
    """Where the source stands, by the cue and its sentence; `end` is where the words that were
    named end. None for nobody."""
    low, high = sentence
    if cue["according"] or (cue["verb"] and _is_inverted(text, low, cue, end)):
        return _phrase_after(text, cue.end(), high)
    if cue["verb"] and cue["verb"].endswith("ing"):
        near = text[low : cue.start()].rstrip()
        if near.endswith((",", "”", '"')):
            return _subject(text, sentence)
    source = _phrase_before(text, low, cue.start())
    if cue["verb"] and (source is None or _NO_PHRASE.match(text, *source)):
        return _subject(text, sentence)
    return source


_STOP = regex.compile(
    r"[,;:—–―“”\"()\[\]]|\s-{1,3}\s|\.\s"
    r"|\b(?:that|but|and|while|though|although|as|because|after|when|if|where|since|until|before|or|so|than)\s"
)
_TITLE_DOT = regex.compile(
    r"\b(?:Gov|Sen|Sens|Rep|Reps|Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sgt|Rev|Jr|Sr|St|\p{Lu})\.\s"
)
_RELATIVE = regex.compile(r"(?P<word>who|which|that|whom)\s*\Z")
_LED_IN = regex.compile(
    r"(?:(?:On|In|At|During|Last|Earlier|By|For|Since)\s[^,]{0,40}?(?:\d{1,4}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|week|year|month)\s)"
    r"|(?:But|And|Yet|So|Still|Instead|Then|Now|Later|Also|Though|After|When|While|As|If|Although)\s"
)


def _phrase_before(text: str, low: int, end: int) -> Place | None:
    """The noun phrase that ends before a verb, from where its clause begins."""
    end = rstrip(text, low, end)
    comma_end = end
    if text[low:end].endswith(","):  # Lind, an analyst, said
        before = text.rfind(",", low, end - 1)
        comma_end = before if before > low else end - 1
    if relative := _RELATIVE.search(text, max(low, end - 8), end):
        return relative.span("word")
    start = low
    for stop in _STOP.finditer(text, low, comma_end):
        closed = stop.group() in "([" and text.find(")", stop.start(), end) >= 0
        in_phrase = closed or stop.group() in ")]" or _joins(text, stop, end)
        if not in_phrase and not _dotted(text, stop) and stop.end() < comma_end:
            start = stop.end()
    for cue in CUE.finditer(text, start, end):  # Lind said the office planned
        if cue["verb"] and cue.start() > start and text[cue.end() : end].strip(" ,"):
            start = cue.end()
    start = lstrip(text, start, end)
    while led := _LED_IN.match(text, start, end):
        start = lstrip(text, led.end(), end)
    while start < end and text[end - 1] in ",–—― ":
        end -= 1
    return (start, end) if start < end else None


def _joins(text: str, stop: regex.Match[str], end: int) -> bool:
    """Whether an "and" joins two names of one subject."""
    if not stop.group().startswith("and"):
        return False
    return bool(
        regex.match(
            r"\s?(?:Sens?\.\s)?(?:\p{Lu}[\p{L}.-]*\s?){1,4}(?:\([^)]*\))?\s?\Z",
            text[stop.end() : end],
        )
    )


def _dotted(text: str, stop: regex.Match[str]) -> bool:
    if not stop.group().startswith("."):
        return False
    return _TITLE_DOT.search(text, max(0, stop.start() - 6), stop.end()) is not None


_NO_PHRASE = regex.compile(
    r"(?:and|but|then|to|by|of|in|at|with|from|for|sponsored)\b|\p{Ll}+(?:ed|ing)\b"
)
_AFTER = regex.compile(
    r"[,;:“”\"―—–\n]|\.(?=\s|\Z)|\s(?:on|in|at|during|to|who|which|that|after|when|while|as|before|last|this|of\s\w+ing|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|said|says|has|have|had|is|are|was|were|and\s\p{Ll})\b"
)


def _phrase_after(text: str, start: int, high: int) -> Place | None:
    """The noun phrase that begins behind a cue."""
    start = lstrip(text, start, high)
    at = start
    while stop := _AFTER.search(text, at, high):
        if stop.group() == "." and _TITLE_DOT.search(
            text, max(start, stop.start() - 6), stop.end() + 1
        ):
            at = stop.end()
            continue
        high = stop.start()
        break
    end = rstrip(text, start, high)
    return (start, end) if start < end else None


def _is_inverted(text: str, low: int, cue: regex.Match[str], end: int) -> bool:
    """Whether the source stands behind the verb: "...," said Lind."""
    before = text[low : cue.start()].rstrip()
    return end > cue.end() + 1 and before.endswith(_ENDINGS) and not cue["verb"].endswith("ing")


_ENDINGS = (",", "”", '"', "?", "!", "’", "'")


_VERBISH = regex.compile(
    rf"\s(?:{HELPER}\s|{VERB}\b|\p{{Ll}}+ed\b|took|gave|made|said|ran|began|came|got|fell|rose|won|lost|met|led)"
)


def _subject(text: str, sentence: Place) -> Place | None:
    """The subject of a sentence: what stands before its first verb."""
    start = sentence[0]
    while led := _LED_IN.match(text, start, sentence[1]):
        start = led.end()
    verb = _VERBISH.search(text, start, sentence[1])
    if verb is None:
        return None
    cut = text.rfind(",", start, verb.start())
    if cut >= 0 and verb.start() - cut > 3:
        start = lstrip(text, cut + 1, verb.start())
    return (start, verb.start()) if start < verb.start() else None
