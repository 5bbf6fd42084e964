"""Who says what, read off the few words that say so: "Lind said", "according to the poll".

`saying.source` and `saying.cue` part these words and take the rest of the source's noun phrase
along; `saying.content` is the whole clause or quotation that they attribute. English. Each value
is itself words of the article, and its evidence is where these stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from extractor.resolve.quotation import directness
from extractor.resolve.saying_contents import content_of
from extractor.resolve.saying_places import Saying, sentence_of
from extractor.resolve.saying_sources import source_of
from extractor.resolve.saying_words import CUE
from extractor.resolve.sources import source_parent
from extractor.resolve.words import Place, Resolution, Words


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
    return _quoted(words, content_of(found) if found is not None else [])


def saying_parent(words: Words) -> Resolution:
    """Resolver `saying.parent`: what `source.parent` says of the source."""
    found = _saying(words)
    if found is None or found.source is None:
        return Resolution(None)
    return source_parent(_of(words, [found.source]))


def saying_directness(words: Words) -> Resolution:
    """Resolver `saying.directness`: what `quotation.directness` says of the whole content."""
    found = _saying(words)
    places = content_of(found) if found is not None else []
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


def _saying(words: Words) -> Saying | None:
    """The words that attribute, parted; of several places the first."""
    return _parted(words.article.text, min(words.spans)) if words.spans else None


@lru_cache(maxsize=64)
def _parted(text: str, place: Place) -> Saying | None:
    start, end = place
    cues = [cue for cue in CUE.finditer(text, start, end) if _may_attribute(text, cue, start)]
    verbs = [cue for cue in cues if cue["colon"] is None] or cues
    if not verbs:
        return None
    cue = verbs[0]
    sentence = sentence_of(text, cue.span())
    source = source_of(text, cue, sentence, end)
    kind = "according" if cue["according"] else "colon" if cue["colon"] else "verb"
    at = cue.span()
    low = min(at[0], source[0]) if source else at[0]
    high = max(at[1], source[1]) if source else at[1]
    if source and (source[1] < at[0] - 30 or source[0] > at[1] + 30):
        low, high = at
    return Saying(text, source, at, (low, high), sentence, kind)


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
