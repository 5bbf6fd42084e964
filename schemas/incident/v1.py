"""`incident@1`: the violent incident that an article reports, in the terms of MUC-4.

Incident types and stages are those of the MUC-4 template (1992), which knows no type "none";
times TIMEX3; places GeoNames, countries ISO 3166-1 alpha-3 (XKX for Kosovo).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from extractor.records import Computed, Derived, Frozen, Verbatim


class IncidentType(StrEnum):
    """What kind of incident; "none" when the article reports none."""

    ATTACK = "attack"
    BOMBING = "bombing"
    KIDNAPPING = "kidnapping"
    ARSON = "arson"
    ROBBERY = "robbery"
    FORCED_WORK_STOPPAGE = "forced work stoppage"
    NONE = "none"


class Stage(StrEnum):
    """How far it went."""

    ACCOMPLISHED = "accomplished"
    ATTEMPTED = "attempted"
    THREATENED = "threatened"


class Time(Frozen):
    """When the incident takes place (TIMEX3, and the first and last day that it can mean)."""

    text: Annotated[str, Verbatim]
    type: Annotated[str | None, Computed("text", by="time.type")]
    value: Annotated[str | None, Computed("text", by="time.value")]
    mod: Annotated[str | None, Computed("text", by="time.mod")]
    earliest: Annotated[str | None, Computed("text", by="time.earliest")]
    latest: Annotated[str | None, Computed("text", by="time.latest")]
    granularity: Annotated[str | None, Computed("text", by="time.granularity")]


class Place(Frozen):
    """Where it takes place; the rest of a place is read off its words (GeoNames)."""

    text: Annotated[str, Verbatim]
    name: Annotated[str | None, Computed("text", by="place.name")]
    country: Annotated[str | None, Computed("text", by="country.of_place")]
    geonames_id: Annotated[int | None, Computed("text", by="place.geonames_id")]
    latitude: Annotated[float | None, Computed("text", by="place.latitude")]
    longitude: Annotated[float | None, Computed("text", by="place.longitude")]
    feature_code: Annotated[str | None, Computed("text", by="place.feature_code")]
    resolution: Annotated[str | None, Computed("text", by="place.resolution")]


class Incident(Frozen):
    """The main incident of an article: its words, what it is, who and what is involved.

    `trigger` is the word that names the incident. An article without an incident has the
    type "none", a null trigger and empty lists. `victims` are named people only.
    """

    trigger: Annotated[str | None, Verbatim]
    incident_type: Annotated[IncidentType, Derived("trigger")] = IncidentType.NONE
    stage: Annotated[Stage | None, Derived("trigger")]
    time: Time | None
    places: Annotated[list[Place], Field(max_length=4)]
    perpetrator_individuals: Annotated[list[Annotated[str, Verbatim]], Field(max_length=8)]
    perpetrator_organizations: Annotated[list[Annotated[str, Verbatim]], Field(max_length=8)]
    physical_targets: Annotated[list[Annotated[str, Verbatim]], Field(max_length=8)]
    victims: Annotated[list[Annotated[str, Verbatim]], Field(max_length=8)]
    weapons: Annotated[list[Annotated[str, Verbatim]], Field(max_length=8)]


SCHEMA = Incident
