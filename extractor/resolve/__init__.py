"""From the words of a quotation to a value: times, countries, numbers.

Resolvers are pure functions with a name that schemas use: `Computed("text", by="time.value")`.
They use what the article says and nothing else; what its words leave open stays unresolved,
with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from extractor.records import X_SUPPORT, Article
from extractor.resolve.countries import country_of_place, resolve_country
from extractor.resolve.incidents import incident_of_terror, incident_type
from extractor.resolve.participants import country_of_participant
from extractor.resolve.places import (
    ResolvedPlace,
    place_feature_code,
    place_geonames_id,
    place_latitude,
    place_longitude,
    place_name,
    place_resolution,
    resolve_place,
)
from extractor.resolve.quantities import (
    ResolvedQuantity,
    number_approximate,
    number_maximum,
    number_minimum,
    number_unit,
    number_value,
    resolve_quantity,
)
from extractor.resolve.quotation import directness
from extractor.resolve.realis import realis
from extractor.resolve.sayings import (
    saying_content,
    saying_cue,
    saying_directness,
    saying_parent,
    saying_source,
)
from extractor.resolve.sources import source_parent, source_supersedes
from extractor.resolve.times import (
    ResolvedTime,
    resolve_time,
    time_earliest,
    time_granularity,
    time_latest,
    time_mod,
    time_type,
    time_value,
)
from extractor.resolve.words import Resolution, Resolver, Words

__all__ = [
    "RESOLVERS",
    "Resolution",
    "ResolvedPlace",
    "ResolvedQuantity",
    "ResolvedTime",
    "Resolver",
    "Words",
    "prepare",
    "resolve_country",
    "resolve_place",
    "resolve_quantity",
    "resolve_time",
]

RESOLVERS: Mapping[str, Resolver] = MappingProxyType(
    {
        "event.realis": realis,
        "incident.type": incident_type,
        "incident.of_terror": incident_of_terror,
        "time.type": time_type,
        "time.value": time_value,
        "time.mod": time_mod,
        "time.earliest": time_earliest,
        "time.latest": time_latest,
        "time.granularity": time_granularity,
        "country.of_place": country_of_place,
        "country.of_participant": country_of_participant,
        "place.name": place_name,
        "place.geonames_id": place_geonames_id,
        "place.latitude": place_latitude,
        "place.longitude": place_longitude,
        "place.feature_code": place_feature_code,
        "place.resolution": place_resolution,
        "number.value": number_value,
        "number.minimum": number_minimum,
        "number.maximum": number_maximum,
        "number.unit": number_unit,
        "number.approximate": number_approximate,
        "quotation.directness": directness,
        "saying.source": saying_source,
        "saying.cue": saying_cue,
        "saying.content": saying_content,
        "saying.parent": saying_parent,
        "saying.directness": saying_directness,
        "source.parent": source_parent,
        "source.supersedes": source_supersedes,
    }
)
"""The resolvers by the names that schemas know them by."""


def prepare(schema: Mapping[str, Any]) -> None:
    """Has the resolvers that a JSON Schema names read their tables.

    They do so by themselves at the first words that need them, and that takes up to seconds.
    """
    words = Words("Paris", ((0, 5),), Article(text="Paris is the capital of France."))
    for name in sorted(set(_named(schema))):
        if name in RESOLVERS:
            RESOLVERS[name](words)


def _named(node: Any) -> Iterator[str]:
    """What the markers in a schema, or a part of one, compute by."""
    if isinstance(node, dict):
        marker = node.get(X_SUPPORT)
        if isinstance(marker, dict) and "by" in marker:
            yield marker["by"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _named(each)
