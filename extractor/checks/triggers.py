"""The type of an event against the words that name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

import regex

from extractor.checks.claim import Claim
from extractor.checks.trigger_words import (
    HARMLESS,
    LIGHT,
    PREPOSITIONS,
    SMALL,
    TRIGGERS,
    TURNS,
    TYPES,
    word_set,
)
from extractor.checks.verbs import IRREGULAR

_WORD = regex.compile(r"[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*")
_MOST_WORDS = 8  # of a quotation that names one event
_SHORTEST_PART = 4  # letters by which the beginning or the end of a word is known
_KNOWN_TYPES = frozenset(TYPES)


def check_type(claim: Claim) -> str | None:
    """Whether a type of event (PLOVER 2.0 and six more, see `trigger_words`) follows from its
    trigger.

    Proves that words of the quotation are known to name events, and that none of them can
    name one of the type: "stole" is no ASSAULT, a "visit" no PROTEST. Beside a light verb
    ("took", "held", "launched"; English alone), which names nothing, its object is read, and
    who takes: "launched an attack", "thieves took". Leaves open words that are not in the
    table, quotations with another word that may turn what they name ("strike ended", "mourned
    the attack"), OTHER, and languages beside English, German, French and Spanish. Of an
    ambiguous word ("strike", "fired") any of its types passes, so that many wrong types do:
    an empty list does not say that a type is right.
    """
    value = str(claim.value).upper()
    if value not in _KNOWN_TYPES:
        return f"{claim.value!r} is no type of event; it is one of {', '.join(TYPES)}"
    if value == "OTHER":
        return None
    language = claim.language.partition("-")[0].lower()
    allowed, shown = types_of(claim.quote, language), claim.quote
    if not allowed and language == "en":
        allowed, shown = _beside_light_verb(claim)
    if not allowed or value in allowed:
        return None
    return f"{shown!r} is {' or '.join(allowed)}, not {value}"


# A pure function: the same few words name the events of a day's articles.
@lru_cache(maxsize=1024)
def types_of(quote: str, language: str) -> tuple[str, ...]:
    """The types that a quotation can name, the likeliest first; empty when that is open."""
    if language not in _lexicons():
        return ()
    found = _WORD.findall(quote)
    words = [word.casefold() for word in found]
    if not words or len(words) > _MOST_WORDS:
        return ()
    lexicon = _lexicons()[language]
    types: list[str] = []
    at = 0
    while at < len(words):
        count, named = lexicon.at(words, at)
        if not count and _is_open(found, words, at, language, bool(types)):
            return ()
        types += named
        at += count or 1
    return tuple(dict.fromkeys(types))


@dataclass(frozen=True)
class _Lexicon:
    """The triggers of a language: `whole` by their words, `heads` and `tails` by some letters."""

    whole: Mapping[str, tuple[str, ...]]
    heads: Mapping[str, tuple[str, ...]]
    tails: Mapping[str, tuple[str, ...]]

    def at(self, words: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
        """How many words from a place on are the longest trigger there, and its types."""
        for count in (4, 3, 2, 1):
            if (types := self.whole.get(" ".join(words[at : at + count]))) is not None:
                return min(count, len(words) - at), types
        word = words[at]
        for size in range(len(word), _SHORTEST_PART - 1, -1):
            if types := self.heads.get(word[:size]) or self.tails.get(word[-size:]):
                return 1, types
        return 0, ()


@cache
def _lexicons() -> Mapping[str, _Lexicon]:
    return {language: _lexicon(language) for language in ("en", "de", "fr", "es")}


def _lexicon(language: str) -> _Lexicon:
    """A word that stands in several places of the table has the types of them all."""
    whole: dict[str, tuple[str, ...]] = {}
    heads: dict[str, tuple[str, ...]] = {}
    tails: dict[str, tuple[str, ...]] = {}
    for trigger in TRIGGERS:
        types = tuple(trigger.types.split())
        for words in filter(None, getattr(trigger, language).split("|")):
            plain = " ".join(_WORD.findall(words))
            kept = heads if words.endswith("*") else tails if words.startswith("*") else whole
            kept[plain] = (*kept.get(plain, ()), *types)
    return _Lexicon(whole, heads, tails)


_IS_PAST = regex.compile(rf"\p{{L}}{{2,}}ed|{IRREGULAR}")
_ARTICLES = word_set("the a an its his her their this that these those our")


def _is_open(
    found: Sequence[str], words: Sequence[str], at: int, language: str, is_behind: bool
) -> bool:
    """Whether a word that is no trigger may change what the others name.

    That is what a verb does whose object they are ("mourned the attack", "hail the raid"), or
    whose subject ("strike ended"). In English these are told by their form, in the other
    languages every word counts that is neither small nor a noun (German) nor a number.
    """
    word = words[at]
    if language != "en":
        is_noun = language == "de" and at > 0 and found[at][:1].isupper()
        return not (is_noun or word in SMALL[language] or word.isdigit())
    if word in HARMLESS or word in _ARTICLES:
        return False
    if word in TURNS or _IS_PAST.fullmatch(word):
        return True
    before_an_article = at + 1 < len(words) and words[at + 1] in _ARTICLES
    return not is_behind and (before_an_article or word.endswith("ing"))


# --------------------------------------------------------------------------------- light verbs

_WORDS_BEHIND = regex.compile(r"(?:\s[\p{L}\p{N}-]+){1,6}")
_TAKER = r"(?P<taker>thief|thieves|burglars?|robbers?|looters?|shoplifters?|pickpockets?)"
_TAKER_BEFORE = regex.compile(rf"(?i)\b{_TAKER}(?:\s(?:who|had|have|has|then|also|later))*\s\Z")
_TAKER_BEHIND = regex.compile(rf"(?i)\A\sby\s(?:[\p{{L}}\p{{N}}-]+\s){{0,2}}{_TAKER}\b")
_TAKING = word_set("took take takes taken taking grabbed carried")
_PERSONS = regex.compile(r"\p{L}+(?:ers?|ors?|ists?|men|people)|thie(?:f|ves)")


def _beside_light_verb(claim: Claim) -> tuple[tuple[str, ...], str]:
    """The types that the words beside a light verb can name, and these words with the verb.

    That is what stands behind it up to a preposition ("held talks"), unless these are people
    (who "held protesters" did not protest), and before a verb of taking who takes by trade.
    """
    words = [word.casefold() for word in _WORD.findall(claim.quote)]
    verbs = LIGHT.intersection(words)
    if not verbs or not verbs.union(HARMLESS).issuperset(words):
        return (), ""
    start, end = _sentence_of(claim)
    before, behind = claim.context[start : claim.at], claim.context[claim.end : end]
    found = _WORDS_BEHIND.match(behind)
    thing = _up_to_preposition(found.group().split() if found else [])
    shown = " ".join([claim.quote, *thing])
    taker = _TAKER_BEFORE.search(before) or _TAKER_BEHIND.search(behind)
    types = () if any(map(_PERSONS.fullmatch, thing)) else types_of(" ".join(thing), "en")
    if taker and verbs & _TAKING:
        return (*types_of(taker["taker"], "en"), *types), f"{taker['taker']} {shown}"
    return types, shown


def _up_to_preposition(words: Sequence[str]) -> list[str]:
    return list(takewhile(lambda word: word.casefold() not in PREPOSITIONS, words))


def _sentence_of(claim: Claim) -> tuple[int, int]:
    around = (place for place in claim.sentences if place[0] <= claim.at < place[1])
    return next(around, (claim.at, claim.end))
