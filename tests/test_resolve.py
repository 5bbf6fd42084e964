"""The registry of resolvers. What each of them does is in test_resolve_*."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import cast

import pytest

from extractor.resolve import RESOLVERS, Resolution, Resolver


def test_the_names_of_the_resolvers_are_public() -> None:
    assert sorted(RESOLVERS) == [
        "country.of_participant",
        "country.of_place",
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
