"""`event@2`: the news event that an article reports, who says so, and what else it mentions.

Version 2 holds the model to what version 1 only said: a text that is no report has no main
event. The model is asked the same.

Terms: event types PLOVER 2.0 with six of our own (DISASTER to OTHER), its modes and sectors;
certainty and polarity FactBank; tense ACE 5.4.3; attributions PolNeAR; times TIMEX3; places
GeoNames; countries ISO 3166-1 alpha-3 (XKX for Kosovo).

What the embedded model of 1.5 billion parameters could not fill when it was measured waits
for a later version: factuality by source and genericity (ACE), several competing times, the source
of a quantity, participants, times and places of the other events, source kinds beyond the
ten, and parent and superseded sources beyond what their words around them show.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

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
    """Detail of the type (PLOVER modes; some belong to several types)."""

    # CONSULT
    VISIT = "visit"
    THIRD_PARTY = "third-party"
    MULTILATERAL = "multilateral"
    PHONE = "phone"
    # RETREAT
    WITHDRAW = "withdraw"
    RELEASE = "release"
    DISARM = "disarm"
    CEASEFIRE = "ceasefire"
    ACCESS = "access"
    RESIGN = "resign"
    # REQUEST and REJECT
    ASSIST = "assist"
    CHANGE = "change"
    YIELD = "yield"
    MEET = "meet"
    # ACCUSE
    DISAPPROVE = "disapprove"
    INVESTIGATE = "investigate"
    ALLEGE = "allege"
    # THREATEN
    RESTRICT = "restrict"
    ARREST = "arrest"
    RELATIONS = "relations"
    EXPEL = "expel"
    TERRITORY = "territory"
    VIOLENCE = "violence"
    # PROTEST
    DEMO = "demo"
    RIOT = "riot"
    STRIKE = "strike"
    HUNGER = "hunger"
    BOYCOTT = "boycott"
    OBSTRUCT = "obstruct"
    VANDALIZE = "vandalize"
    # SANCTION
    CONVICT = "convict"
    DISCONTINUE = "discontinue"
    # MOBILIZE
    TROOPS = "troops"
    WEAPONS = "weapons"
    POLICE = "police"
    MILITIA = "militia"
    # COERCE
    SEIZE = "seize"
    CENSOR = "censor"
    CURFEW = "curfew"
    MARTIAL_LAW = "martial-law"
    DEPORT = "deport"
    WITHHOLD = "withhold"
    MISINFORMATION = "misinformation"
    CYBER = "cyber"
    # ASSAULT
    ABDUCT = "abduct"
    BEAT = "beat"
    TORTURE = "torture"
    SEXUAL = "sexual"
    TARGETED = "targeted"
    DESTROY = "destroy"
    PRIMITIVE = "primitive"
    FIREARMS = "firearms"
    EXPLOSIVES = "explosives"
    SUICIDE_ATTACK = "suicide-attack"
    AERIAL = "aerial"
    DRONE = "drone"
    HEAVY_WEAPONS = "heavy-weapons"
    CROWD_CONTROL = "crowd-control"
    UNCONVENTIONAL = "unconventional"


class Sector(StrEnum):
    """What a participant is (PLOVER sectors; UNK for unknown)."""

    COP = "COP"
    GOV = "GOV"
    JUD = "JUD"
    LEG = "LEG"
    MIL = "MIL"
    PRM = "PRM"
    PTY = "PTY"
    REB = "REB"
    SPY = "SPY"
    UAF = "UAF"
    AGR = "AGR"
    BUS = "BUS"
    CRM = "CRM"
    CVL = "CVL"
    EDU = "EDU"
    ELI = "ELI"
    JRN = "JRN"
    LAB = "LAB"
    MED = "MED"
    REF = "REF"
    OPP = "OPP"
    PRE = "PRE"
    REL = "REL"
    SOC = "SOC"
    IGO = "IGO"
    UNO = "UNO"
    EUR = "EUR"
    NGO = "NGO"
    ISM = "ISM"
    IMG = "IMG"
    MNC = "MNC"
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


class OtherKind(StrEnum):
    """How an event that is not the main one stands to the day of publication."""

    BACKGROUND = "background"
    """It has happened, and is told again."""
    PLANNED = "planned"
    """It is announced, scheduled or promised."""
    FEARED = "feared"
    """It is warned of, threatened or thought possible."""


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
    """When the main event takes place (TIMEX3, and the first and last day that it can mean)."""

    text: Annotated[str, Verbatim]
    type: Annotated[str | None, Computed("text", "../factuality/tense", by="time.type")]
    value: Annotated[str | None, Computed("text", "../factuality/tense", by="time.value")]
    mod: Annotated[str | None, Computed("text", "../factuality/tense", by="time.mod")]
    earliest: Annotated[str | None, Computed("text", "../factuality/tense", by="time.earliest")]
    latest: Annotated[str | None, Computed("text", "../factuality/tense", by="time.latest")]
    granularity: Annotated[
        str | None, Computed("text", "../factuality/tense", by="time.granularity")
    ]


class Place(Frozen):
    """Where the main event takes place; the rest of a place is read off its words (GeoNames)."""

    text: Annotated[str, Verbatim]
    role: Annotated[PlaceRole, Derived("text")]
    name: Annotated[str | None, Computed("text", by="place.name")]
    country: Annotated[str | None, Computed("text", by="country.of_place")]
    geonames_id: Annotated[int | None, Computed("text", by="place.geonames_id")]
    latitude: Annotated[float | None, Computed("text", by="place.latitude")]
    longitude: Annotated[float | None, Computed("text", by="place.longitude")]
    feature_code: Annotated[str | None, Computed("text", by="place.feature_code")]
    resolution: Annotated[str | None, Computed("text", by="place.resolution")]


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
    minimum: Annotated[float | None, Computed("text", by="number.minimum")]
    maximum: Annotated[float | None, Computed("text", by="number.maximum")]
    unit: Annotated[str | None, Computed("text", by="number.unit")]
    approximate: Annotated[bool | None, Computed("text", by="number.approximate")]


class MainEvent(Frozen):
    """The newest event, which the article is about."""

    actors: Annotated[list[Participant], Field(max_length=4)]
    recipients: Annotated[list[Participant], Field(max_length=4)]
    places: Annotated[list[Place], Field(max_length=4)]
    type: Annotated[EventType | None, Derived("trigger")]
    mode: Annotated[Mode | None, Derived("trigger")]
    trigger: Annotated[str | None, Verbatim]
    factuality: Factuality | None
    time: Time | None
    quantities: Annotated[list[Quantity], Field(max_length=6)]


class Attribution(Frozen):
    """Who says what.

    `parent` is the source through which this one is heard (of "YTN, citing an official", the
    official's parent is YTN). `supersedes` is what the same source had said before and now
    takes back or corrects.
    """

    source: Annotated[str | None, Verbatim]
    cue: Annotated[str | None, Verbatim]
    content: Annotated[str | None, Verbatim]
    named: Annotated[bool, Derived("source", "cue", "content")]
    kind: Annotated[SourceKind, Derived("source", "cue", "content")]
    parent: Annotated[str | None, Computed("source", "content", by="source.parent")]
    supersedes: Annotated[str | None, Computed("source", "content", by="source.supersedes")]


class OtherEvent(Frozen):
    """An event that the article mentions beside the main one: kept apart from it."""

    trigger: Annotated[str, Verbatim]
    type: Annotated[EventType, Derived("trigger")]
    kind: Annotated[OtherKind, Derived("trigger")]


class Genre(StrEnum):
    """What kind of text the article is; only a report has a main event."""

    REPORT = "report"
    INTERVIEW = "interview"
    EXPLAINER = "explainer"
    OPINION = "opinion"
    BRIEFS = "briefs"


class Event(Frozen):
    """The event that an article reports, with its sources and its background.

    `lead` is the words that say what the article is about. `main_event` is null when it
    reports none (an interview, an opinion), or none above the others (a list of briefs).
    """

    lead: Annotated[str | None, Verbatim]
    genre: Annotated[Genre | None, Derived("lead")]
    main_event: MainEvent | None
    attributions: Annotated[list[Attribution], Field(max_length=8)]
    other_events: Annotated[list[OtherEvent], Field(max_length=6)]

    @field_validator("main_event")
    @classmethod
    def _of_a_report(cls, event: MainEvent | None, info: ValidationInfo) -> MainEvent | None:
        genre = info.data.get("genre")
        if event is not None and genre not in (None, Genre.REPORT):
            raise ValueError(f"only a report has a main event, and this text is {_A[genre]}")
        return event


_A = {
    Genre.INTERVIEW: "an interview",
    Genre.EXPLAINER: "an explainer",
    Genre.OPINION: "an opinion",
    Genre.BRIEFS: "a list of briefs",
}

SCHEMA = Event


def upcast_v1_to_v2(record: dict[str, Any]) -> dict[str, Any]:
    """A main event of a text that is no report is left out; all else stays where it was."""
    if record.get("genre") not in (None, Genre.REPORT) and record.get("main_event") is not None:
        return {**record, "main_event": None}
    return record
