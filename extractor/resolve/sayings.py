"""Who says what, read off the few words that say so: "Lind said", "according to the poll".

`saying.source` and `saying.cue` part these words and take the rest of the source's noun phrase
along; `saying.content` is the whole clause or quotation that they attribute. English. Each value
is itself words of the article, and its evidence is where these stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from extractor.resolve.quotation import directness, quoted_places
from extractor.resolve.saying_words import CUE, HELPER, VERB
from extractor.resolve.sources import source_parent
from extractor.resolve.words import Place, Resolution, Words
from extractor.text import sentences

# ---------------------------------------------------------------------------------- resolvers


def saying_source(words: Words) -> Resolution:
    """Resolver `saying.source`: who says it, as a whole noun phrase; nothing for nobody."""
    found = _saying(words)
    return _quoted(words, [found.source] if found is not None and found.source else [])


def saying_cue(words: Words) -> Resolution:
    """Resolver `saying.cue`: the verb with its helpers, "according to", or the colon."""
    found = _saying(words)
    return _quoted(words, [found.cue] if found is not None else [])


def saying_content(words: Words) -> Resolution:
    """Resolver `saying.content`: the clause or the quotation that is attributed, whole.

    What is quoted goes on behind "he said" in the same paragraph; its parts are then joined by
    an ellipsis.
    """
    found = _saying(words)
    return _quoted(words, _content(found) if found is not None else [])


def saying_parent(words: Words) -> Resolution:
    """Resolver `saying.parent`: what `source.parent` says of the source."""
    found = _saying(words)
    if found is None or found.source is None:
        return Resolution(None)
    return source_parent(_of(words, [found.source]))


def saying_directness(words: Words) -> Resolution:
    """Resolver `saying.directness`: what `quotation.directness` says of the whole content."""
    found = _saying(words)
    places = _content(found) if found is not None else []
    if not places:
        return Resolution(None)
    kinds = {directness(_of(words, [place])).value for place in places} - {None}
    return Resolution(kinds.pop() if len(kinds) == 1 else "mixed" if kinds else None, tuple(places))


def _of(words: Words, places: Sequence[Place]) -> Words:
    quote = " ".join(words.article.text[slice(*place)] for place in places)
    return Words(quote, tuple(places), words.article)


def _quoted(words: Words, places: Sequence[Place]) -> Resolution:
    if not places:
        return Resolution(None)
    parts = (" ".join(words.article.text[slice(*place)].split()) for place in places)
    return Resolution(" … ".join(parts), tuple(places), stands=True)


@dataclass(frozen=True)
class _Saying:
    """The places of source and cue, and of the two together in their sentence."""

    text: str
    source: Place | None
    cue: Place
    place: Place
    sentence: Place
    kind: str


def _saying(words: Words) -> _Saying | None:
    """The words that attribute, parted; of several places the first."""
    return _parted(words.article.text, min(words.spans)) if words.spans else None


@lru_cache(maxsize=64)
def _parted(text: str, place: Place) -> _Saying | None:
    start, end = place
    cues = [cue for cue in CUE.finditer(text, start, end) if _may_attribute(text, cue, start)]
    verbs = [cue for cue in cues if cue["colon"] is None] or cues
    if not verbs:
        return None
    cue = verbs[0]
    sentence = _sentence(text, cue.span())
    source = _source(text, cue, sentence, end)
    kind = "according" if cue["according"] else "colon" if cue["colon"] else "verb"
    at = cue.span()
    low = min(at[0], source[0]) if source else at[0]
    high = max(at[1], source[1]) if source else at[1]
    if source and (source[1] < at[0] - 30 or source[0] > at[1] + 30):
        low, high = at
    return _Saying(text, source, at, (low, high), sentence, kind)


def _may_attribute(text: str, cue: regex.Match[str], start: int) -> bool:
    """Whether anybody is beside the cue: something stands before it in these words, and of
    "reports said" the second word is the cue."""
    before = text[start : cue.start()].strip()
    if cue["according"] or cue["colon"]:
        return True
    follows = None if cue["noun"] else CUE.match(text, cue.end() + 1)
    return bool(before) and not (
        follows and follows["verb"] and not follows["verb"].endswith("ing")
    )


def _source(text: str, cue: regex.Match[str], sentence: Place, end: int) -> Place | None:
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


# ----------------------------------------------------------------------------- around the words


@lru_cache(maxsize=8)
def _quotations(text: str) -> tuple[Place, ...]:
    """Quotations with their marks, the outermost of each place."""
    found: list[Place] = []
    for start, end in quoted_places(text):
        whole = start - 1, end + 1 if end < len(text) and not text[end].isspace() else end
        if not found or whole[0] >= found[-1][1]:
            found.append(whole)
    return tuple(found)


def _around(text: str, at: int) -> Place | None:
    return next((q for q in _quotations(text) if q[0] < at < q[1]), None)


def _paragraph(text: str, at: int) -> Place:
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return start, len(text) if end < 0 else end


_UNFINISHED = regex.compile(
    r"\b(?:Gov|Sens?|Reps?|Mrs?|Ms|Dr|Gen|Lt|Col|Sgt|Rev|Jr|Sr|St|\p{Lu})\.\Z"
)


@lru_cache(maxsize=8)
def _sentences(text: str) -> tuple[Place, ...]:
    """The sentences; an initial or a title ends none."""
    found: list[Place] = []
    for start, end in sentences(text):
        goes_on = found and _UNFINISHED.search(text, max(0, found[-1][1] - 6), found[-1][1])
        found.append((found.pop()[0], end) if goes_on else (start, end))
    return tuple(found)


def _sentence(text: str, place: Place) -> Place:
    """The sentence around, with the whole of the quotations that it begins and ends in."""
    if inside := _around(text, place[0]):
        low, high = inside
    else:
        low, high = _paragraph(text, place[0])
    found = [s for s in _sentences(text) if s[0] < place[1] and place[0] < s[1]]
    start = max(min((s[0] for s in found), default=low), low)
    end = min(max((s[1] for s in found), default=high), high)
    if not inside and (quotation := _around(text, start)):
        holding = next((s for s in _sentences(text) if s[0] <= quotation[0] < s[1]), quotation)
        start = max(min(holding[0], quotation[0]), low)
    return start, max(end, place[1])


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
    end = _rstrip(text, low, end)
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
    for cue in CUE.finditer(text, start, end):  # Figueroa said the campaign planned
        if cue["verb"] and cue.start() > start and text[cue.end() : end].strip(" ,"):
            start = cue.end()
    start = _lstrip(text, start, end)
    while led := _LED_IN.match(text, start, end):
        start = _lstrip(text, led.end(), end)
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
    start = _lstrip(text, start, high)
    at = start
    while stop := _AFTER.search(text, at, high):
        if stop.group() == "." and _TITLE_DOT.search(
            text, max(start, stop.start() - 6), stop.end() + 1
        ):
            at = stop.end()
            continue
        high = stop.start()
        break
    end = _rstrip(text, start, high)
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
        start = _lstrip(text, cut + 1, verb.start())
    return (start, verb.start()) if start < verb.start() else None


def _lstrip(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _rstrip(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


# --------------------------------------------------------------------------------- the content

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


def _colon_soon(text: str, end: int, high: int) -> int | None:
    """Where a colon ends that a quotation or a new line follows: Lind told reporters: “..."""
    found = _COLON_SOON.match(text, end)
    return found.end() if found and found.end() <= high + 1 else None


_RELATIVES = frozenset(["who", "which", "that", "whom"])


def _content(saying: _Saying) -> list[Place]:
    """Where what is said stands: behind a colon, before "Lind said", or behind it."""
    text, (low, high), (start, end) = saying.text, saying.sentence, saying.place
    if text[end : end + 1] == ":":
        end += 1
    if saying.kind == "colon" or text[end - 1] == ":":
        return _after_colon(text, end)
    if (colon := _colon_soon(text, end, high)) is not None:
        return _after_colon(text, colon)
    if saying.source and text[slice(*saying.source)].casefold() in _RELATIVES:
        comma = text.find(", ", end, high)
        is_free = comma > end + 5 and _around(text, comma) is None
        return _said_after(text, saying, end, comma if is_free else high)
    before = _rstrip(text, low, start)
    if saying.kind == "according" and before <= low + 4:
        comma = text.find(",", end, high)
        return _clause(text, comma + 1 if comma >= 0 else end, high)
    ends_quote = before > low and _closes_quotation(text, before)
    ends_comma = before > low and text[before - 1] in ",―—–"
    rest = text[end:high]
    if ends_quote and not _only_names(text, low, ends_quote, rest):
        return _said_before(text, low, before, end, ends_quote)
    if saying.kind == "according":
        return [_trimmed(text, low, before)]
    short = (
        _TAIL.fullmatch(rest) is not None or _ASIDE.match(rest) is not None or not rest.strip(" .,")
    )
    if ends_comma and (short or text[end : end + 1] in ",."):
        found = [_trimmed(text, low, before)]
        if text[end : end + 2] == ", " and not _ASIDE.match(text, end):
            found.append(_trimmed(text, end + 2, high))
        return [place for place in found if place[0] < place[1]] + _goes_on(text, end)
    if not rest.strip(' .,”"'):
        return [_trimmed(text, low, before)] if before > low else []
    return _said_after(text, saying, end, high)


def _only_names(text: str, low: int, quotation: Place, rest: str) -> bool:
    """Whether a name is quoted in what leads in: On “Kurier am Sonntag,” Lind said he..."""
    led = text[low : quotation[0]].strip()
    return bool(led) and led[-1] not in ".!?:" and len(rest.strip(" .,")) > 25 and rest[:1] == " "


def _closes_quotation(text: str, end: int) -> Place | None:
    """The quotation that ends here, a comma aside."""
    return next(
        (q for q in _quotations(text) if q[1] == end or (q[1] == end - 1 and text[end - 1] == ",")),
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
    limit = _paragraph(text, end)[1]
    found: list[Place] = []
    at = end
    for quotation in _quotations(text):
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
    limit = _paragraph(text, end)[1]
    start = _lstrip(text, end, limit)
    if start < limit:
        if quotation := next((q for q in _quotations(text) if q[0] == start), None):
            return [quotation] if quotation[1] < limit else [(start, _rstrip(text, start, limit))]
        return [(start, _rstrip(text, start, limit))]
    found: list[Place] = []
    start = _lstrip(text, limit, len(text))
    while start < len(text):
        limit = _paragraph(text, start)[1]
        mark = text[start]
        closed = mark in '“"' and text[start:limit].rstrip().endswith(("”", '"'))
        found.append((start, _rstrip(text, start, limit)))
        start = _lstrip(text, limit, len(text))
        if closed or mark not in '“"' or text[start : start + 1] != mark:
            break
    return found


def _clause(text: str, start: int, high: int) -> list[Place]:
    """From here to the end of the clause; quotations in it are not cut."""
    start = _lstrip(text, start, high)
    end = high
    for cut in _CLAUSE_END.finditer(text, start, high):
        if _around(text, cut.start() + 1) is None and cut.start() > start + 12:
            end = cut.start()
            break
    place = _trimmed(text, start, end)
    return [place] if place[0] < place[1] else []


def _said_after(text: str, saying: _Saying, end: int, high: int) -> list[Place]:
    start = end
    tells = text[slice(*saying.cue)].rsplit(maxsplit=1)[-1].casefold() in _TELLS
    if (that := _THAT.match(text, end, high)) and (tells or that.end() - end < 40):
        start = that.end()
    elif tells and (quote := next((q[0] for q in _quotations(text) if end <= q[0] < high), None)):
        if text[end:quote].rstrip().endswith((",", ":")):
            start = quote
    else:
        while text[start : start + 1] in {",", " "}:
            start += 1
    opening = next((q for q in _quotations(text) if q[0] == _lstrip(text, start, high)), None)
    if opening and text[end : opening[0]].rstrip().endswith(","):
        return [opening]
    return _clause(text, start, high)


def _trimmed(text: str, start: int, end: int) -> Place:
    """Without blanks, and without the full stop or comma behind a clause."""
    start, end = _lstrip(text, start, end), _rstrip(text, start, end)
    while end > start and text[end - 1] in ".,;:―—– ":
        end -= 1
    return start, end
