"""`attributions@3`: who says what in an article, whole, from the few words that say so.

Against version 2: the model copies only the words that attribute ("Lind said the trip", "according
to the poll"); source, cue and content are read off the article around them, the content to the
end of its clause or quotation. Up to 30 instead of 12. English.

Terms: source, cue and content of PolNeAR (Newell, Margolin and Ruths, 2018); directness
after PARC 3.0 (Pareti, 2016).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, field_validator

from extractor.records import Computed, Frozen, Verbatim

# ---------------------------------------------------------- what the words that attribute look like

_VERB = (
    r"(?:said|says?|saying|told|tells?|telling|wrote|writes|writing|add(?:s|ed|ing)|not(?:es|ed|ing)"
    r"|ask(?:s|ed|ing)|call(?:s|ed|ing)(?: for| on)?|claim(?:s|ed|ing)|report(?:s|ed|ing)?"
    r"|announc(?:es|ed|ing)|argu(?:es?|ed|ing)|suggest(?:s|ed|ing)?|show(?:s|ed|ing)?|found|finds?"
    r"|learned|cit(?:es|ed|ing)|acknowledg(?:es|ed|ing)|admit(?:s|ted|ting)|agre(?:es?|ed)"
    r"|describ(?:es?|ed|ing)|warn(?:s|ed|ing)|believ(?:es?|ed|ing)|thinks?|thought"
    r"|critici[sz](?:es|ed|ing)|attack(?:s|ed)|accus(?:es|ed|ing)|den(?:y|ies|ied|ying)"
    r"|declar(?:es|ed|ing)|declin(?:es|ed)|explain(?:s|ed|ing)|insist(?:s|ed|ing)"
    r"|predict(?:s|ed|ing)|promis(?:es|ed|ing)|pledg(?:es|ed|ing)|propos(?:es|ed|ing)"
    r"|question(?:ed|ing)|respond(?:s|ed|ing)|repli(?:es|ed)|urg(?:es|ed|ing)|vow(?:s|ed|ing)"
    r"|mention(?:s|ed|ing)|point(?:s|ed|ing) out|mock(?:s|ed|ing)|blam(?:es|ed|ing)|blast(?:s|ed)"
    r"|slam(?:s|med)|emphasi[sz](?:es|ed|ing)|express(?:es|ed|ing)|discuss(?:es|ed|ing)"
    r"|recall(?:s|ed|ing)|reveal(?:s|ed|ing)|confirm(?:s|ed|ing)|conclud(?:es|ed|ing)"
    r"|continued|stat(?:ed|ing)|tweet(?:s|ed|ing)|demand(?:s|ed|ing)|endors(?:es|ed|ing)"
    r"|prais(?:es|ed|ing)|indicat(?:es?|ed|ing)|estimat(?:es?|ed|ing)|referr(?:ed|ing)"
    r"|wants?|wanted|knows?|knew|assert(?:s|ed|ing)|contend(?:s|ed|ing)|reject(?:s|ed|ing)"
    r"|condemn(?:s|ed|ing)|defend(?:s|ed|ing)|dismiss(?:es|ed|ing)|expects?|expected|hopes?|hoped"
    r"|plans?|planned|spoke|speaks|testified|disput(?:es|ed|ing)|oppos(?:es|ed)|support(?:s|ed)"
    r"|join(?:s|ed)|quot(?:es|ed|ing)|rul(?:es|ed))"
)
_HELPER = r"(?:(?:has|have|had|also|later|then|recently|was|were|is|are) ){0,2}"
_OWN = r"(?:[\w’'()-]+|(?:Sen|Sens|Gov|Rep|Dr|Mr|Mrs|Ms|[A-Z])\.)"
_HEAD = (
    r"(?!(?:I|If|As|Do|And|But|After|When|While|In|On|At|For|With|What|Why|How)\b)"
    r"(?:[A-Z][\w’'-]*|(?:Sen|Gov|Rep|Dr|Mr|Mrs|Ms)\.|he|she|they|it|who|which|the|an?|one|two"
    r"|another|some|many|most|others|his|her|their|its|\d+|sources|officials|police|critics|experts"
    r"|polls|voters|analysts|aides|people|supporters|researchers|lawmakers|reports)"
)
_WHO = rf"{_HEAD}(?: {_OWN}){{0,4}}?"
_NEXT = r"[“‘\"']?[\w’'$]+"
_QUOTED = r"[\w’'%-]+[,.?!]?[”’\"']+,?"
_BEFORE = rf"(?:{_QUOTED}|[\w’'%-]+,)"
_SAYING = (
    rf"^(?:{_WHO} {_HELPER}{_VERB}(?:, |: | ){_NEXT}[,:]? {_NEXT}|{_BEFORE} {_WHO} {_HELPER}{_VERB}"
    rf"|{_QUOTED} {_OWN}(?: {_OWN}){{0,4}}? {_HELPER}{_VERB}"
    rf"|{_BEFORE} (?:said|says|added|wrote|asked|explained|continued|noted) {_WHO}"
    rf"|According to {_WHO}|[\w’'%-]+,? according to {_WHO}"
    r"|[\w’'-]+,? (?:saying|adding|arguing|noting|claiming|calling|warning|suggesting|promising"
    rf"|citing|telling|insisting) {_NEXT} {_NEXT}"
    rf"|[A-Z][\w’]*(?: [A-Z][\w’]*){{0,3}}: {_NEXT} {_NEXT})?$"
)


class Attribution(Frozen):
    """Who says what.

    `saying` is the words that say so, the source beside its cue, with words of what is said that
    they touch, so that they stand in one place ("Lind said the trip", "shoppers, police said");
    empty in records of older versions. `source` is who says it, null where the article names
    nobody ("it was reported that"); `cue` is the word that ties the two; `content` is what is said,
    a whole clause or a whole quotation. `parent` is the source through
    which this one is heard (of "YTN, citing an official", the official's parent is YTN).
    `directness` is direct (all of the content stands in quotation marks), indirect (none of it)
    or mixed.
    """

    model_config = ConfigDict(regex_engine="python-re")

    saying: Annotated[str, Verbatim, Field(pattern=_SAYING)]
    source: Annotated[str | None, Computed("saying", by="saying.source")]
    cue: Annotated[str | None, Computed("saying", by="saying.cue")]
    content: Annotated[str | None, Computed("saying", by="saying.content")]
    parent: Annotated[str | None, Computed("saying", by="saying.parent")]
    directness: Annotated[str | None, Computed("saying", by="saying.directness")]


class Attributions(Frozen):
    """The attributions of an article, in its order."""

    attributions: Annotated[
        list[Attribution], Field(max_length=30, json_schema_extra={"uniqueItems": True})
    ]

    @field_validator("attributions")
    @classmethod
    def _each_once(cls, found: list[Attribution]) -> list[Attribution]:
        """What two runs of words lead to is one attribution."""
        wrong = {
            place: "the same as one before"
            for place, one in enumerate(found)
            if any(_is_same(one, other) for other in found[:place])
        }
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, [*_errors(found, wrong)])
        return found


def _is_same(one: Attribution, other: Attribution) -> bool:
    return one.content is not None and (one.source, one.cue, one.content) == (
        other.source,
        other.cue,
        other.content,
    )


def _errors(found: list[Attribution], wrong: dict[int, str]) -> Iterator[Any]:
    for place, message in wrong.items():
        yield {
            "type": "value_error",
            "loc": (place,),
            "input": found[place],
            "ctx": {"error": ValueError(message)},
        }


SCHEMA = Attributions


def upcast_v2_to_v3(record: dict[str, Any]) -> dict[str, Any]:
    """All of v2 stays where it was; the words that were copied for it are not known, and empty."""
    return {
        **record,
        "attributions": [{"saying": "", **each} for each in record.get("attributions", [])],
    }
