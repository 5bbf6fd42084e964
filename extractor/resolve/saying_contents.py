"""What is said: the clause or the quotation that a saying attributes (English)."""

from __future__ import annotations

import regex

from extractor.resolve.saying_places import (
    Saying,
    lstrip,
    paragraph,
    quotation_around,
    quotations,
    rstrip,
    trimmed,
)
from extractor.resolve.words import Place

_THAT = regex.compile(r"[^.;:“”\"]{0,70}?\s(?=(?:that|how|whether|why)\s)")
_TAIL = regex.compile(r"(?:[^.;:“”\"]{0,60})[.,]\s*\Z")
_CLAUSE_END = regex.compile(
    r",\s(?:(?:but|though|although|while|yet|whereas)\s|(?:according\sto|adding|citing|noting|saying|referring)\b|and\s(?:said|added|noted|called|criticized|praised|argued|urged|warned|told|accused)\b)|\s―\s|\s—\s|;\s"
)
_ASIDE = regex.compile(r",\s(?:\p{Ll}+ing\b|who\b|which\b|according\b|in\s|on\s|during\s|at\s)")
_TELLS = frozenset(
    [
        "told",
        "tell",
        "tells",
        "telling",
        "asked",
        "ask",
        "asks",
        "asking",
        "reminded",
        "informed",
        "assured",
        "warned",
        "urged",
    ]
)
_COLON_SOON = regex.compile(r"[^,.;:“\"\n]{0,60}:(?=\s*(?:[“\"]|\n|\Z))")
_RELATIVES = frozenset(["who", "which", "that", "whom"])


def content_of(saying: Saying) -> list[Place]:
    """Where what is said stands: behind a colon, before "Lind said", or behind it."""
    text, (low, high), (start, end) = saying.text, saying.sentence, saying.place
    if (colon := _colon(saying)) is not None:
        return _after_colon(text, colon)
    if saying.source and text[slice(*saying.source)].casefold() in _RELATIVES:
        comma = text.find(", ", end, high)
        is_free = comma > end + 5 and quotation_around(text, comma) is None
        return _said_after(saying, comma if is_free else high)
    before = rstrip(text, low, start)
    if saying.kind == "according" and before <= low + 4:  # According to Lind, ...
        comma = text.find(",", end, high)
        return _clause(text, comma + 1 if comma >= 0 else end, high)
    found = _said_in_front(saying, before)
    return _said_after(saying, high) if found is None else found


def _colon(saying: Saying) -> int | None:
    """Where the colon ends behind which it is said: the cue itself, one right behind it, or one
    that a quotation or a new line follows (Lind told reporters: “...)."""
    text, high, end = saying.text, saying.sentence[1], saying.place[1]
    if text[end : end + 1] == ":":
        return end + 1
    if saying.kind == "colon" or text[end - 1] == ":":
        return end
    found = _COLON_SOON.match(text, end)
    return found.end() if found and found.end() <= high + 1 else None


def _said_in_front(saying: Saying, before: int) -> list[Place] | None:
    """What stands before the saying, up to `before`, if that is what is said."""
    text, (low, high), end = saying.text, saying.sentence, saying.place[1]
    rest = text[end:high]
    quotation = _closed_quotation(text, before) if before > low else None
    if quotation and not _only_names(text, low, quotation, rest):
        return _said_before(text, low, before, end, quotation)
    whole = trimmed(text, low, before)
    if saying.kind == "according":
        return [whole]
    if before > low and text[before - 1] in ",―—–" and (_is_aside(rest) or rest[:1] in {",", "."}):
        goes_on = rest.startswith(", ") and not _ASIDE.match(rest)
        parts = [whole, trimmed(text, end + 2, high)] if goes_on else [whole]
        return [place for place in parts if place[0] < place[1]] + _goes_on(text, end)
    if not rest.strip(' .,”"'):
        return [whole] if before > low else []
    return None


def _is_aside(rest: str) -> bool:
    """Whether what stands behind the saying is no clause of what is said."""
    return bool(_TAIL.fullmatch(rest) or _ASIDE.match(rest)) or not rest.strip(" .,")


def _only_names(text: str, low: int, quotation: Place, rest: str) -> bool:
    """Whether a name is quoted in what leads in: On “Kurier am Sonntag,” Lind said he..."""
    led = text[low : quotation[0]].strip()
    return bool(led) and led[-1] not in ".!?:" and len(rest.strip(" .,")) > 25 and rest[:1] == " "


def _closed_quotation(text: str, end: int) -> Place | None:
    """The quotation that ends here, a comma aside."""
    return next(
        (q for q in quotations(text) if q[1] == end or (q[1] == end - 1 and text[end - 1] == ",")),
        None,
    )


def _said_before(text: str, low: int, before: int, end: int, quotation: Place) -> list[Place]:
    """Direct speech with the cue behind it, and how it goes on."""
    start = quotation[0]
    led = text[low:start].strip(" ")
    if led and not led.endswith((":", ".", "!", "?")):
        start = low  # a clause with quoted words in it
    return [(start, before), *_goes_on(text, end)]


def _goes_on(text: str, end: int) -> list[Place]:
    """The quotations behind "he said" in the same paragraph, as long as nobody else speaks."""
    limit = paragraph(text, end)[1]
    found: list[Place] = []
    at = end
    for quotation in quotations(text):
        if quotation[0] < at or quotation[0] >= limit:
            continue
        between = text[at : quotation[0]]
        if not between.rstrip().endswith((".", ",", ":", "?", "!")) or (
            not found and len(between) > 150
        ):
            break
        if found and between.strip(" .,"):
            break
        if not found and _others(between):
            break
        found.append(quotation)
        at = quotation[1]
    return found


_OTHERS = regex.compile(r"\.\s.*\b(?:said|says|told|asked|added|wrote|continued|replied)\b")


def _others(between: str) -> bool:
    return _OTHERS.search(between) is not None


def _after_colon(text: str, end: int) -> list[Place]:
    limit = paragraph(text, end)[1]
    start = lstrip(text, end, limit)
    if start < limit:
        if quotation := next((q for q in quotations(text) if q[0] == start), None):
            return [quotation] if quotation[1] < limit else [(start, rstrip(text, start, limit))]
        return [(start, rstrip(text, start, limit))]
    found: list[Place] = []
    start = lstrip(text, limit, len(text))
    while start < len(text):
        limit = paragraph(text, start)[1]
        mark = text[start]
        closed = mark in '“"' and text[start:limit].rstrip().endswith(("”", '"'))
        found.append((start, rstrip(text, start, limit)))
        start = lstrip(text, limit, len(text))
        if closed or mark not in '“"' or text[start : start + 1] != mark:
            break
    return found


def _clause(text: str, start: int, high: int) -> list[Place]:
    """From here to the end of the clause; quotations in it are not cut."""
    start = lstrip(text, start, high)
    end = high
    for cut in _CLAUSE_END.finditer(text, start, high):
        if quotation_around(text, cut.start() + 1) is None and cut.start() > start + 12:
            end = cut.start()
            break
    place = trimmed(text, start, end)
    return [place] if place[0] < place[1] else []


def _said_after(saying: Saying, high: int) -> list[Place]:
    """Where it stands behind the saying, up to `high`."""
    text, end = saying.text, saying.place[1]
    start = end
    tells = text[slice(*saying.cue)].rsplit(maxsplit=1)[-1].casefold() in _TELLS
    if (that := _THAT.match(text, end, high)) and (tells or that.end() - end < 40):
        start = that.end()
    elif tells and (quote := next((q[0] for q in quotations(text) if end <= q[0] < high), None)):
        if text[end:quote].rstrip().endswith((",", ":")):
            start = quote
    else:
        while text[start : start + 1] in {",", " "}:
            start += 1
    opening = next((q for q in quotations(text) if q[0] == lstrip(text, start, high)), None)
    if opening and text[end : opening[0]].rstrip().endswith(","):
        return [opening]
    return _clause(text, start, high)
