"""`event@1`: the news event that an article reports, who says so, and what else it mentions.

Terms: event types PLOVER 2.0 with six of our own (DISASTER to OTHER); sectors PLOVER;
certainty and polarity FactBank; tense ACE 5.4.3; attributions PolNeAR; times TIMEX3;
countries ISO 3166-1 alpha-3 (XKX for Kosovo).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from extractor.records import Computed, Derived, Frozen, Verbatim


class EventType(StrEnum):
    """What kind of event: PLOVER 2.0, and from DISASTER on our own."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    CONCEDE = "CONCEDE"
    COOPERATE = "COOPERATE"
    AID = "AID"
    RETREAT = "RETREAT"
    REQUEST = "REQUEST"
    ACCUSE = "ACCUSE"
    REJECT = "REJECT"
    THREATEN = "THREATEN"
    PROTEST = "PROTEST"
    SANCTION = "SANCTION"
    MOBILIZE = "MOBILIZE"
    COERCE = "COERCE"
    ASSAULT = "ASSAULT"
    DISASTER = "DISASTER"
    ACCIDENT = "ACCIDENT"
    CRIME = "CRIME"
    BUSINESS = "BUSINESS"
    HEALTH = "HEALTH"
    OTHER = "OTHER"


class Mode(StrEnum):
    """Optional detail of the type (PLOVER modes that news most often reports)."""

    VISIT = "visit"
    MULTILATERAL = "multilateral"
    PHONE = "phone"
    THIRD_PARTY = "third-party"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    CEASEFIRE = "ceasefire"
    RESIGN = "resign"
    DEMO = "demo"
    RIOT = "riot"
    STRIKE = "strike"
    CONVICT = "convict"
    EXPEL = "expel"
    TROOPS = "troops"
    SEIZE = "seize"
    RESTRICT = "restrict"
    ARREST = "arrest"
    ABDUCT = "abduct"
    FIREARMS = "firearms"
    EXPLOSIVES = "explosives"
    AERIAL = "aerial"
    DRONE = "drone"


class Sector(StrEnum):
    """What a participant is (PLOVER sectors)."""

    GOV = "GOV"
    MIL = "MIL"
    COP = "COP"
    JUD = "JUD"
    LEG = "LEG"
    PTY = "PTY"
    REB = "REB"
    SPY = "SPY"
    BUS = "BUS"
    CRM = "CRM"
    CVL = "CVL"
    EDU = "EDU"
    JRN = "JRN"
    LAB = "LAB"
    MED = "MED"
    NGO = "NGO"
    IGO = "IGO"
    UNK = "UNK"


class PlaceRole(StrEnum):
    """What a place is to the event."""

    VENUE = "venue"
    ORIGIN = "origin"
    DESTINATION = "destination"


class Certainty(StrEnum):
    """How certain it is by its sources (FactBank): certain, probable, possible, uncommitted."""

    CT = "CT"
    PR = "PR"
    PS = "PS"
    U = "U"


class Polarity(StrEnum):
    """Whether it is said to happen or not to happen (FactBank)."""

    POSITIVE = "+"
    NEGATIVE = "-"
    UNKNOWN = "u"


class Tense(StrEnum):
    """When, seen from the publication (ACE 5.4.3)."""

    PAST = "PAST"
    PRESENT = "PRESENT"
    FUTURE = "FUTURE"
    UNSPECIFIED = "UNSPECIFIED"


class QuantityKind(StrEnum):
    """What a number counts."""

    DEAD = "dead"
    INJURED = "injured"
    ARRESTED = "arrested"
    DISPLACED = "displaced"
    MONEY = "money"
    OTHER = "other"


class SourceKind(StrEnum):
    """What a source is."""

    PERSON = "person"
    GOVERNMENT = "government"
    MILITARY = "military"
    POLICE = "police"
    AGENCY = "agency"
    OUTLET = "outlet"
    DOCUMENT = "document"
    EXPERT = "expert"
    WITNESS = "witness"
    OTHER = "other"


class Participant(Frozen):
    """Who acts, or toward whom."""

    name: Annotated[str, Verbatim]
    sector: Annotated[Sector, Derived("name")]
    country: Annotated[str | None, Computed("name", by="country.of_participant")]


class Time(Frozen):
    """When the main event takes place."""

    text: Annotated[str, Verbatim]
    value: Annotated[str | None, Computed("text", "../factuality/tense", by="time.value")]
    earliest: Annotated[str | None, Computed("text", "../factuality/tense", by="time.earliest")]
    latest: Annotated[str | None, Computed("text", "../factuality/tense", by="time.latest")]
    granularity: Annotated[
        str | None, Computed("text", "../factuality/tense", by="time.granularity")
    ]


class Place(Frozen):
    """Where the main event takes place."""

    text: Annotated[str, Verbatim]
    role: Annotated[PlaceRole, Derived("text")]
    country: Annotated[str | None, Computed("text", by="country.of_place")]


class Factuality(Frozen):
    """How far the sources stand behind the main event. `cue` is the hedging or confirming word."""

    cue: Annotated[str | None, Verbatim]
    certainty: Annotated[Certainty, Derived("cue", "../trigger")]
    polarity: Annotated[Polarity, Derived("cue", "../trigger")]
    tense: Annotated[Tense, Derived("cue", "../trigger")]


class Quantity(Frozen):
    """A number that the article gives for the main event."""

    text: Annotated[str, Verbatim]
    kind: Annotated[QuantityKind, Derived("text")]
    value: Annotated[float | None, Computed("text", by="number.value")]


class MainEvent(Frozen):
    """The newest event, which the article is about."""

    actors: Annotated[list[Participant], Field(max_length=4)]
    recipients: Annotated[list[Participant], Field(max_length=4)]
    places: Annotated[list[Place], Field(max_length=4)]
    time: Time | None
    type: Annotated[EventType | None, Derived("trigger")]
    mode: Annotated[Mode | None, Derived("trigger")]
    trigger: Annotated[str | None, Verbatim]
    factuality: Factuality | None
    quantities: Annotated[list[Quantity], Field(max_length=4)]


class Attribution(Frozen):
    """Who says what."""

    source: Annotated[str | None, Verbatim]
    cue: Annotated[str | None, Verbatim]
    content: Annotated[str | None, Verbatim]
    named: Annotated[bool, Derived("source", "cue", "content")]
    kind: Annotated[SourceKind, Derived("source", "cue", "content")]


class OtherEvent(Frozen):
    """An earlier, later or feared event that the article mentions beside the main one."""

    trigger: Annotated[str, Verbatim]
    type: Annotated[EventType, Derived("trigger")]


class Event(Frozen):
    """The event that an article reports, with its sources and its background."""

    main_event: MainEvent
    attributions: Annotated[list[Attribution], Field(max_length=8)]
    other_events: Annotated[list[OtherEvent], Field(max_length=4)]


SCHEMA = Event
