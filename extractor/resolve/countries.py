"""The country of a place, or of any words that name one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import regex

from extractor.resolve.gazetteer import Mention, countries, mentions, names_in, words_before
from extractor.resolve.nations import HINTS, PERSONAL, STATES_IN_SHORT
from extractor.resolve.towns import cities
from extractor.resolve.words import Place, Resolution, Words
from extractor.text import fold, folded_text

WHOLES = frozenset({"country", "region", "state"})
"""Kinds of names that a town's may be followed by, to say which is meant."""


_LONGEST = 1_000


@dataclass(frozen=True)
class Located:
    """The names in a quotation, which of them say where it is, and the country they agree on."""

    text: str
    mentions: tuple[Mention, ...]
    telling: tuple[Mention, ...]
    country: Resolution


def resolve_country(quote: str, context: str = "") -> Resolution:
    """ISO 3166-1 alpha-3 (XKX for Kosovo) of the country that a quotation lies in or names.

    Names, adjectives, capitals, seats of government, and towns whose name has one bearer
    far larger than any other, in English; names and adjectives in German, Spanish and French,
    too. `context` is text around it that may tell one Georgia from the other; `spans` of the
    result are the places in it that did. A quotation that names no country has neither value
    nor reason; one that names several has a reason.
    """
    return locate(quote, context).country


def locate(quote: str, context: str = "") -> Located:
    """`resolve_country`, with the names that it went by."""
    text = _STATE_IN_SHORT.sub(_in_full, folded_text(quote).strip(" "))
    if len(text) > _LONGEST:
        reason = f"it is too long for a place (over {_LONGEST} characters)"
        return Located(text, (), (), Resolution(None, reason=reason))
    named = [mention for mention in mentions(text) if not _is_a_person(text, mention)]
    towns = _towns(text, named)
    named = [mention for mention in named if not any(_holds(town, mention) for town in towns)]
    found = sorted([*named, *towns], key=_position)
    telling = [mention for mention in found if _is_within(text, mention)]
    if telling:
        telling = _without_qualified(text, telling)
        if not any(mention.code for mention in telling):  # the town of Goma in Congo
            telling = _with_towns(telling, found)
    elif named and (unknown := _unknown_place(text, named)):
        reason = f"it is not known in which country {unknown!r} is"
        return Located(text, tuple(found), (), Resolution(None, reason=reason))
    else:
        certain = any(mention.code and mention.name.kind != "city" for mention in named)
        telling = list(_telling(text, _without_qualified(text, named if certain else found)))
    return Located(text, tuple(found), tuple(telling), settle(telling, context))


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
    is_town = any(mention.name.kind == "city" for mention in found)
    hinted = named_in(context, possible) if is_town else _hinted_in(context, possible)
    if len(hinted) == 1:
        ((code, place),) = hinted.items()
        return Resolution(code, (place,))
    return Resolution(None, reason=f"{shown} can be in {' or '.join(sorted(possible))}")


def _hinted_in(context: str, possible: Iterable[str]) -> dict[str, Place]:
    """Where the context speaks for a country of an ambiguous name."""
    found: dict[str, Place] = {}
    for code in possible:
        for hint in HINTS.get(code, ()):
            if match := regex.search(rf"\b{regex.escape(hint)}\b", context):
                found.setdefault(code, match.span())
    return found


def named_in(context: str, possible: frozenset[str]) -> dict[str, Place]:
    """Where the context first names each of the countries that a town can be in."""
    folded = fold(context)
    found: dict[str, Place] = {}
    for mention in mentions(folded.text):
        if mention.code in possible and not _is_a_person(folded.text, mention):
            found.setdefault(mention.code, folded.source_span(mention.start, mention.end))
    return found


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
LIES_IN = regex.compile(
    r"(?:, ?(?:in )?| \(| in )(?:the )?"
    r"(?:(?:(?:north|south|east|west)[\p{Ll}-]*|central|far) ){0,2}"
)
"""What stands between a town and the country or state that it is in."""
# Portland, Ore.; Austin, TX.
_STATE_IN_SHORT = regex.compile(
    rf"(?<=\p{{Ll}}, )(?:{'|'.join(map(regex.escape, STATES_IN_SHORT))})(?!\p{{L}})"
)
_PLACE_NOUN = regex.compile(
    r"\b(?:city|town|village|port|capital|region|province|district|island|islands|coast|state"
    r"|peninsula|county|territory|republic|waters|mountains?|desert|side|part|north|south|east|west)\b"
)


def _in_full(match: regex.Match[str]) -> str:
    return STATES_IN_SHORT[match.group()]


def _is_a_person(text: str, mention: Mention) -> bool:
    """Whether a country's name is the name of somebody: Michael Jordan."""
    return (
        mention.key in PERSONAL
        and mention.name.kind in {"country", "region"}
        and (
            _PART_OF_A_NAME.search(words_before(text, mention.start)) is not None
            and not mentions(words_before(text, mention.start).split(" ")[-2])
        )
    )


def _position(mention: Mention) -> int:
    return mention.start


def _towns(text: str, named: Sequence[Mention]) -> list[Mention]:
    """Towns among the words that nothing else explains."""
    if not _unexplained(text, named) and len(named) < 2:
        return []
    named = [*named, *(one for one in names_in(text, countries) if not one.name.codes)]
    return [
        town
        for town in names_in(text, cities)
        if not any(
            town.start < other.end and other.start < town.end and not _holds(town, other)
            for other in named
        )
        and _PART_OF_A_NAME.search(words_before(text, town.start)) is None
        and _GOES_ON.match(text, town.end) is None
    ]


def _holds(town: Mention, other: Mention) -> bool:
    """Whether a name is only a part of the town's: Port Sudan, Kansas City."""
    longer = town.start <= other.start and other.end <= town.end and town.key != other.key
    return longer and (other.name.kind in WHOLES or other.name.kind == "city")


def _with_towns(telling: list[Mention], found: Sequence[Mention]) -> list[Mention]:
    towns = [one for one in found if one.name.kind == "city" and one not in telling]
    codes = frozenset.intersection(*(mention.name.codes for mention in [*telling, *towns]))
    return [*telling, *towns] if codes else telling


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
            and LIES_IN.fullmatch(text, mention.end, following.start) is not None
            and (
                (mention.name.kind == "city" and following.name.kind in WHOLES)
                or (mention.name.kind == "country" and following.name.kind == "state")
            )
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
