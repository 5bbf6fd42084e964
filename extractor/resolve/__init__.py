"""From the words of a quotation to a value: times, countries, numbers.

Resolvers are pure functions with a name that schemas use: `Computed("text", by="time.value")`.
They use what the article says and nothing else; what its words leave open stays unresolved,
with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from extractor.resolve.countries import country_of_place, resolve_country
from extractor.resolve.numbers import number_value, resolve_number
from extractor.resolve.participants import country_of_participant
from extractor.resolve.times import (
    ResolvedTime,
    resolve_time,
    time_earliest,
    time_granularity,
    time_latest,
    time_value,
)
from extractor.resolve.words import Resolution, Resolver, Words

__all__ = [
    "RESOLVERS",
    "Resolution",
    "ResolvedTime",
    "Resolver",
    "Words",
    "resolve_country",
    "resolve_number",
    "resolve_time",
]

RESOLVERS: Mapping[str, Resolver] = MappingProxyType(
    {
        "time.value": time_value,
        "time.earliest": time_earliest,
        "time.latest": time_latest,
        "time.granularity": time_granularity,
        "country.of_place": country_of_place,
        "country.of_participant": country_of_participant,
        "number.value": number_value,
    }
)
"""The resolvers by the names that schemas know them by."""
