"""`incident@3`: the violent incident that an English report tells of, in the terms of MUC-4.

Against version 2: fighting among soldiers and rebels and what happened more than a year before
the report are no incidents; the type is read off the sentence of the trigger too.

Incident types and stages are those of the MUC-4 template (1992), which knows no type "none";
times TIMEX3; places GeoNames, countries ISO 3166-1 alpha-3 (XKX for Kosovo).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from extractor.records import Computed, Derived, Frozen, Verbatim

# ------------------------------------------------------- what the words of a field look like

_VIOLENCE = (
    r"attack(?:s|ed|ing)?|kill(?:ed|ing|s|ings)?|murder(?:ed|s|ing)?|assassinat\w+|shot|shootings?"
    r"|opened fire|fired|stabb(?:ed|ing)|massacred?|ambush(?:ed)?|machine-?gunned|gunned down"
    r"|executed|slain|slaughter(?:ed)?|assault(?:ed)?|beheaded|strafed|(?:fire)?bomb(?:ed|ings?)"
    r"|explo(?:ded|sions?|des?)|blew up|blown up|blow up|blasts?|dynamited|detonated"
    r"|set off|went off|derailed|destroyed|destroying|sabotaged?|deactivated|defused"
    r"|kidnapp(?:ed|ing|ings)|abduct(?:ed|ion|ions)|(?:taken )?hostages?|burned|burnt|burning"
    r"|set fire|set on fire|torched|arson|robb(?:ed|ery|eries)|looted|threatened"
)
_TRIGGER = rf"(?i)^(?:\w+ )??(?:{_VIOLENCE})$"

_UPPER = "[A-ZÀ-ÖØ-ÞĀĆČĎĐĒĖĘĚĞĢĪĮİĶŁĻŃŇŐŌŒŔŘŚŞŠŢŤŪŮŰŲŴŶŸŹŻŽ]"
_CAPITAL = rf"(?:{_UPPER}\.|{_UPPER}[\w'’-]*\w)"
_PARTICLE = r"(?:de|la|las|del|los|y|von|van|da|dos|el|al)"
_NAME = rf"{_CAPITAL}(?: (?:{_PARTICLE} )*{_CAPITAL}){{1,4}}"
_NOBODY = (
    r"(?:Administration|Agency|Air|Airline|Airlines|Airport|Armed|Army|Association|Avenue"
    r"|Bank|Base|Battalion|Beach|Bridge|Brigade|Broadcasting|Canal|Center|Central"
    r"|Christian|Church|City|Civil|Civilian|Club|Co|Command|Committee|Communist|Company"
    r"|Congress|Constitutional|Corporation|Council|Court|Criminal|Defense|Democratic"
    r"|Department|Departments|Directorate|District|Domestic|Economy|Electric|Embassy"
    r"|Enterprise|Executive|Federation|Finance|Force|Forces|Foreign|Front|Government|Group"
    r"|Guard|Guerrilla|Headquarters|Highway|Hill|HMS|Hospital|Hotel|Industrial|Infantry"
    r"|Institute|Intelligence|Interior|International|Investigation|Jurisdiction|Justice"
    r"|Labor|Liberation|Maoist|Maritime|Marxist|Military|Ministry|Movement|Municipality"
    r"|National|Nationalist|Network|Office|Offices|Organization|Palace|Park|Parliament"
    r"|Party|Path|Patriotic|Patrol|People|Petroleum|Plant|Plaza|Police|Political|Popular"
    r"|Port|Post|Province|Public|Radio|Railroad|Railway|Region|Registry|Regional|Republic"
    r"|Revolutionary|River|Road|School|Security|Service|Shining|Socialist|Station|State"
    r"|States|Street|Supreme|Television|Town|Trade|Union|Unit|United|University|Village"
    r"|Works|Workers|World|Zone)"
)
_PERSON = rf"^(?!The )(?!.*\b{_NOBODY}\b){_NAME}$"
_LINK = rf"(?:of|the|and|for|{_PARTICLE})"
_NO_GROUP = (
    r"(?:Canal|Channel|Radio|Television|Network|Press|Police|Ministry|Minister|Government|President"
    r"|General|Colonel|Captain|Department|Municipality|Province|City|Court|Church|Hospital|School"
    r"|University|Bank|Company|Embassy|Station|Highway|Battalion|Brigade|Detachment|Region|Air"
    r" Force|Text|Excerpts?|Report|Passage|The|Guard|Security|Investigation|Directorate|Deputy"
    r"|Members|Unit|Office|Infantry|Foreign|Economy|Finance|Juntas)"
)
_ORGANIZATION = (
    rf"^(?=.{{3}})(?!.*\b{_NO_GROUP}\b)(?!\w+(?:an|ish|ese|Army)$)(?!Army$)"
    rf"{_CAPITAL}(?:(?: {_LINK})* {_CAPITAL}){{0,6}}$"
)
_PLACE = rf"^{_CAPITAL}(?:(?: {_LINK})* {_CAPITAL}){{0,4}}$"

_SMALL = (
    r"(?:the|a|an|to|of|in|at|on|as|and|or|by|with|from|for|that|which|who|was|were|is|are|has|had"
    r"|have|be|been|its|his|her|their|this|these|those|near|into|after|before|while|when)"
)
_WORD = rf"(?!{_SMALL}\b)(?:{_UPPER}\.|[\w'’-])+ "
_HEAD = rf"^(?!{_SMALL}\b)"
_DOER = (
    r"(?:gunm[ae]n|guerrillas?|terrorists?|rebels?|individuals?|m[ae]n|wom[ae]n|youths?|insurgents?"
    r"|extremists?|subversives?|groups?|gangs?|squads?|criminals?|assassins?|murderers?"
    r"|kidnappers?|attackers?|assailants?|civilians|militants?|commandos?|fighters?|contras?"
    r"|snipers?|bandits?|robbers?|thugs?|elements|sectors|hitm[ae]n|mercenar(?:y|ies)"
    r"|paramilitar(?:y|ies)|killers?|separatists?|drug traffickers?|militia(?:m[ae]n)?)"
)
_OF_THEM = rf"(?!{_SMALL}\b)[A-Z]?[a-z0-9'-]+ "
_INDIVIDUAL = (
    rf"{_HEAD}(?!.*\b(?:[Bb]omb squad|{_NOBODY})\b)(?:(?:{_OF_THEM}){{0,4}}(?i:{_DOER})|{_NAME})$"
)
_THING = (
    r"(?i:buildings?|houses?|homes?|residences?|apartments?|offices?|headquarters|buses|bus|cars?"
    r"|vehicles?|jeeps?|trucks?|vans?|taxis?|motorcycles?|bridges?|towers?|poles?|pylons?|posts?"
    r"|pipelines?|embass(?:y|ies)|consulates?|church(?:es)?|chapels?|cathedrals?|mosques?"
    r"|synagogues?|temples?|malls?|stations?|substations?|airports?|runways?|planes?|aircraft"
    r"|helicopters?|trains?|railways?|railroads?|tracks?|banks?|branch(?:es)?|schools?"
    r"|universit(?:y|ies)|colleges?|hotels?|inns?|restaurants?|bars?|stores?|shops?|markets?"
    r"|supermarkets?|hospitals?|clinics?|plants?|factor(?:y|ies)|mills?|farms?|ranch(?:es)?"
    r"|estates?|warehouses?|ministry|ministries|installations?|facilit(?:y|ies)|garrisons?"
    r"|barracks|bases?|camps?|halls?|courts?|courthouses?|parks?|plazas?|squares?|highways?|roads?"
    r"|streets?|checkpoints?|units?|transformers?|antennas?|newspapers?|transmitters?"
    r"|compan(?:y|ies)|dams?|refiner(?:y|ies)|tanks?|ships?|boats?|vessels?|ports?|piers?"
    r"|monuments?|complex(?:es)?|cent(?:er|re)s?|theat(?:er|re)s?|cinemas?|jails?|prisons?"
    r"|villages?|towns?|crops?|fields?|plantations?|equipment|machinery|cables?|cooperatives?"
    r"|agenc(?:y|ies)|institutes?|laborator(?:y|ies)|gates?|walls?|statues?|tents?|containers?"
    r"|chains?)"
)
_OF_THING = rf"(?: (?:of|belonging to) (?:the )?(?:{_WORD}){{0,4}}(?!{_SMALL}$)[\w'-]+)?"
_TARGET = rf"{_HEAD}(?:{_WORD}){{0,4}}{_THING}{_OF_THING}$"
_ARM = (
    r"(?i:bombs?|explosives?|dynamite|grenades?|mines?|mortars?|rockets?|rifles?|machine-?guns?"
    r"|submachine-?guns?|guns?|pistols?|firearms?|revolvers?|carbines?|bazookas?|missiles?"
    r"|kni(?:fe|ves)|machetes?|TNT|cocktails?|torpedo(?:es)?|gelignite|shotguns?"
    r"|bullets?|artillery|shells?|devices?|AK-?47s?|M-?16s?|AN-FO|cylinders?|stones?"
    r"|rocks|axes?|poison|gasoline|petrol|fire)"
)
_WEAPON = rf"{_HEAD}(?:{_WORD}){{0,2}}{_ARM}$"


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
    """How far it went, if it was not accomplished."""

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

    model_config = ConfigDict(regex_engine="python-re")

    text: Annotated[str, Verbatim, Field(pattern=_PLACE)]
    name: Annotated[str | None, Computed("text", by="place.name")]
    country: Annotated[str | None, Computed("text", by="country.of_place")]
    geonames_id: Annotated[int | None, Computed("text", by="place.geonames_id")]
    latitude: Annotated[float | None, Computed("text", by="place.latitude")]
    longitude: Annotated[float | None, Computed("text", by="place.longitude")]
    feature_code: Annotated[str | None, Computed("text", by="place.feature_code")]
    resolution: Annotated[str | None, Computed("text", by="place.resolution")]


Trigger = Annotated[str, Verbatim, Field(pattern=_TRIGGER)]
Victim = Annotated[str, Verbatim, Field(pattern=_PERSON)]
Organization = Annotated[str, Verbatim, Field(pattern=_ORGANIZATION)]
Individual = Annotated[str, Verbatim, Field(pattern=_INDIVIDUAL)]
Target = Annotated[str, Verbatim, Field(pattern=_TARGET)]
Weapon = Annotated[str, Verbatim, Field(pattern=_WEAPON)]


class Incident(Frozen):
    """The main incident of an article: its words, what it is, who and what is involved.

    `trigger` is the word that names the incident. An article without an incident has the
    type "none" and nothing else, except for a trigger that is none (see `incident.of_terror`).
    The stage of one that happened is null.
    """

    model_config = ConfigDict(regex_engine="python-re")

    trigger: Trigger | None
    incident_type: Annotated[
        IncidentType, Computed("trigger", "weapons", "time", by="incident.of_terror")
    ] = IncidentType.NONE
    stage: Annotated[Stage | None, Derived("trigger")]
    time: Time | None
    places: Annotated[list[Place], Field(max_length=3)]
    victims: Annotated[list[Victim], Field(max_length=4)]
    perpetrator_individuals: Annotated[list[Individual], Field(max_length=3)]
    perpetrator_organizations: Annotated[list[Organization], Field(max_length=3)]
    physical_targets: Annotated[list[Target], Field(max_length=3)]
    weapons: Annotated[list[Weapon], Field(max_length=3)]

    @field_validator("stage", "time")
    @classmethod
    def _of_an_incident(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and _is_none(info):
            raise ValueError(_NO_INCIDENT)
        return value

    @field_validator("places")
    @classmethod
    def _where_one_is(cls, places: list[Place], info: ValidationInfo) -> list[Place]:
        if places and _is_none(info):
            names = [place.text for place in places]
            raise _left_out(cls, names, dict.fromkeys(range(len(names)), _NO_INCIDENT))
        return places

    @field_validator(
        "victims",
        "perpetrator_individuals",
        "perpetrator_organizations",
        "physical_targets",
        "weapons",
    )
    @classmethod
    def _each_once(cls, names: list[str], info: ValidationInfo) -> list[str]:
        """An entity is in one role, once, and only where there is an incident."""
        before = [(role, name) for role in _ROLES for name in info.data.get(role, ())]
        if info.field_name in ("victims", "perpetrator_organizations"):
            before += [("places", place.text) for place in info.data.get("places", ())]
        wrong = {}
        for place, name in enumerate(names):
            same = [other for other in names[:place] if _is_same(name, other)]
            elsewhere = [role for role, other in before if _is_same(name, other)]
            if _is_none(info):
                wrong[place] = _NO_INCIDENT
            elif same:
                wrong[place] = f"the same as {same[0]!r}"
            elif elsewhere:
                wrong[place] = f"is among the {elsewhere[0].replace('_', ' ')} already"
        if wrong:
            raise _left_out(cls, names, wrong)
        return names


def _is_none(info: ValidationInfo) -> bool:
    return info.data.get("incident_type") in (None, IncidentType.NONE)


_NO_INCIDENT = "the report tells of no incident"
_ROLES = ("victims", "perpetrator_individuals", "perpetrator_organizations", "physical_targets")
_IDLE = frozenset(["the", "a", "an", "of"])


def _is_same(one: str, other: str) -> bool:
    """Whether all words of one name are words of the other."""
    words, others = (frozenset(re.findall(r"\w+", n.casefold())) - _IDLE for n in (one, other))
    return words <= others or others <= words


def _left_out(model: type, names: list[str], wrong: dict[int, str]) -> ValidationError:
    """What is wrong with which of the names."""
    return ValidationError.from_exception_data(
        model.__name__,
        [
            {
                "type": "value_error",
                "loc": (place,),
                "input": names[place],
                "ctx": {"error": ValueError(message)},
            }
            for place, message in wrong.items()
        ],
    )


SCHEMA = Incident


def upcast_v2_to_v3(record: dict[str, Any]) -> dict[str, Any]:
    """What belongs to no incident any more is left out, and told, where the record is validated."""
    return record
