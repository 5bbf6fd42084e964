"""The country of a place, or of any words that name one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import regex

from extractor.resolve.gazetteer import Mention, cities, mentions, words_before
from extractor.resolve.nations import HINTS
from extractor.resolve.words import Place, Resolution, Words
from extractor.text import fold


def resolve_country(quote: str, context: str = "") -> Resolution:
    """ISO 3166-1 alpha-3 (XKX for Kosovo) of the country that a quotation lies in or names.

    Names, adjectives, capitals, seats of government, and towns whose name has one bearer
    far larger than any other. `context` is text around it that may tell one Georgia from
    the other; `spans` of the result are the places in it that did. A quotation that names
    no country has neither value nor reason; one that names several has a reason.
    """
    text = fold(quote).text.strip(" ")
    named = mentions(text)
    towns = _towns(text, named)
    within = [m for m in sorted([*named, *towns], key=_position) if _is_within(text, m)]
    if within:
        return settle(_without_qualified(text, within), context)
    if named and (unknown := _unknown_place(text, named)):
        return Resolution(None, reason=f"it is not known in which country {unknown!r} is")
    if not any(mention.code for mention in named):
        named = sorted([*named, *towns], key=_position)
    return settle(_telling(text, _without_qualified(text, named)), context)


def country_of_place(words: Words) -> Resolution:
    """Resolver `country.of_place`: where the place of the quotation lies."""
    return resolve_country(words.quote, words.article.text)


def settle(found: Sequence[Mention], context: str) -> Resolution:
    """The one country that the mentions agree on."""
    if not found:
        return Resolution(None)
    certain = {mention.code for mention in found if mention.code}
    possible = frozenset.intersection(*(mention.name.codes for mention in found))
    if len(possible) == 1:
        return Resolution(next(iter(possible)))
    shown = " and ".join(dict.fromkeys(repr(mention.key) for mention in found))
    if not possible:
        codes = sorted(certain or {code for m in found for code in m.name.codes})
        return Resolution(None, reason=f"{shown} name several countries: {', '.join(codes)}")
    hinted = {code: places for code in possible if (places := _hints(code, context))}
    if len(hinted) == 1:
        ((code, places),) = hinted.items()
        return Resolution(code, places)
    return Resolution(None, reason=f"{shown} can be in {' or '.join(sorted(possible))}")


def _hints(code: str, context: str) -> tuple[Place, ...]:
    """The first place in the context that speaks for a country."""
    for hint in HINTS.get(code, ()):
        if found := regex.search(rf"\b{regex.escape(hint)}\b", context):
            return (found.span(),)
    return ()


# ------------------------------------------------------------- which mention is the place

_WITHIN = regex.compile(
    r"(?i:\b(?:in|inside|at|near|outside|off)\s+)(?:the\s+)?(?:[\p{Ll}-]+\s+)*+\Z"
)
_BESIDE = regex.compile(r"\b(?:with|and|from|to|between|against|towards?)\s+(?:the\s+)?\Z")
_CAPITALISED = regex.compile(r"\p{Lu}[\p{L}\p{M}]+")
# Camp David and Madison Square are no towns; Eastern Aleppo and Osaka Airport are where one is.
_PART_OF_A_NAME = regex.compile(
    r"(?<!\p{L})(?!(?:North|South|East|West|Central|Downtown|Greater|Old)(?:ern)?[ -])"
    r"\p{Lu}[\p{L}\p{M}.]*[ -]\Z"
)
_GOES_ON = regex.compile(
    r"[ -](?!(?:Air|Airport|Castle|City|County|Court|District|Harbou?r|Hotel|International|Oblast"
    r"|Palace|Port|Prefecture|Province|Region|Stadium|Station|University)\b)\p{Lu}"
)
_PLACE_NOUN = regex.compile(
    r"\b(?:city|town|village|port|capital|region|province|district|island|islands|coast|state"
    r"|peninsula|county|territory|republic|waters|mountains?|desert|side|part|north|south|east|west)\b"
)


def _position(mention: Mention) -> int:
    return mention.start


def _towns(text: str, named: Sequence[Mention]) -> list[Mention]:
    """Towns among the words that nothing else explains."""
    if not _unexplained(text, named):
        return []
    return [
        town
        for town in mentions(text, cities())
        if not any(town.start < other.end and other.start < town.end for other in named)
        and _PART_OF_A_NAME.search(words_before(text, town.start)) is None
        and _GOES_ON.match(text, town.end) is None
    ]


def _unexplained(text: str, found: Sequence[Mention]) -> list[regex.Match[str]]:
    """Words with a capital letter that are no part of a mention."""
    return [
        word
        for word in _CAPITALISED.finditer(text)
        if not any(mention.start <= word.start() < mention.end for mention in found)
    ]


def _is_within(text: str, mention: Mention) -> bool:
    """Whether the text says that something is in it, and not in what it has or is called after."""
    within = _WITHIN.search(words_before(text, mention.start))
    return (
        bool(within)
        and mention.name.kind != "people"
        and text[mention.end : mention.end + 1] != "'"
    )


def _unknown_place(text: str, named: Sequence[Mention]) -> str | None:
    """What says where it is, but is not known: a US base in Nowhere; London, Nowhere."""
    qualified = {mention.end + 2 for mention in named if mention.name.kind == "city"}
    for word in _unexplained(text, named):
        if word.start() in qualified and text[: word.start()].endswith(", "):
            return word.group()
        before = words_before(text, word.start())
        within = _WITHIN.search(before)
        if within and not _PLACE_NOUN.search(before[: within.start()]):
            return word.group()
    return None


def _without_qualified(text: str, found: Sequence[Mention]) -> list[Mention]:
    """Without the towns whose country or state follows: Paris, Texas."""
    kept = []
    for mention, following in zip_longest(found, found[1:]):
        qualified = (
            following is not None
            and following.code is not None
            and mention.name.kind == "city"
            and following.name.kind in {"country", "state"}
            and text[mention.end : following.start] == ", "
        )
        if not qualified:
            kept.append(mention)
    return kept


def _telling(text: str, found: Sequence[Mention]) -> Sequence[Mention]:
    """The names, if there are any; else what belongs to them or is beside them, too."""
    telling = [
        mention
        for mention in found
        if mention.name.kind != "people"
        and text[mention.end : mention.end + 1] != "'"
        and not _BESIDE.search(words_before(text, mention.start))
    ]
    beside = any(_BESIDE.search(words_before(text, mention.start)) for mention in found)
    return telling if telling and not beside else found
