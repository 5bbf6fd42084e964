"""The registry of resolvers. What each of them does is in test_resolve_*."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Annotated, cast

import pytest
from pydantic import BaseModel

from extractor.catalog import Schema
from extractor.records import Computed, Verbatim
from extractor.resolve import RESOLVERS, Resolution, Resolver, prepare
from extractor.resolve.towns import towns


def test_the_names_of_the_resolvers_are_public() -> None:
    assert sorted(RESOLVERS) == [
        "country.of_participant",
        "country.of_place",
        "event.realis",
        "incident.of_terror",
        "incident.type",
        "number.approximate",
        "number.maximum",
        "number.minimum",
        "number.unit",
        "number.value",
        "place.feature_code",
        "place.geonames_id",
        "place.latitude",
        "place.longitude",
        "place.name",
        "place.resolution",
        "quotation.directness",
        "saying.content",
        "saying.cue",
        "saying.directness",
        "saying.parent",
        "saying.source",
        "source.parent",
        "source.supersedes",
        "time.earliest",
        "time.granularity",
        "time.latest",
        "time.mod",
        "time.type",
        "time.value",
    ]


def test_nobody_can_change_the_resolvers() -> None:
    with pytest.raises(TypeError):
        cast(MutableMapping[str, Resolver], RESOLVERS)["time.value"] = lambda words: Resolution(1)


class Meeting(BaseModel):
    where: Annotated[str | None, Verbatim]
    number: Annotated[int | None, Computed("where", by="place.geonames_id")]


class Party(BaseModel):
    who: Annotated[str | None, Verbatim]


def test_the_tables_of_a_schema_s_resolvers_are_read_before_they_are_needed() -> None:
    towns.cache_clear()
    prepare(Schema.of_model(Party).json_schema)
    assert towns.cache_info().currsize == 0, "which nobody needs"
    prepare(Schema.of_model(Meeting).json_schema)
    assert towns.cache_info().currsize == 1
