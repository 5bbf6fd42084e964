"""`attributions@2`: who says what in an article, through whom, and in whose words.

Terms: source, cue and content of PolNeAR (Newell, Margolin and Ruths, 2018); directness
after PARC 3.0 (Pareti, 2016).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from extractor.records import Computed, Frozen, Verbatim


class Attribution(Frozen):
    """Who says what.

    `source` is who says it, null where the article names nobody ("it was reported that");
    `cue` is the word that ties the two ("said", "according to"); `content` is what is said.
    `parent` is the source through which this one is heard (of "YTN, citing an official", the
    official's parent is YTN). `directness` is direct (all of the content stands in quotation
    marks), indirect (none of it) or mixed.
    """

    source: Annotated[str | None, Verbatim]
    cue: Annotated[str, Verbatim]
    content: Annotated[str, Verbatim]
    parent: Annotated[str | None, Verbatim]
    directness: Annotated[str | None, Computed("content", by="quotation.directness")]


class Attributions(Frozen):
    """The attributions of an article, in its order."""

    attributions: Annotated[list[Attribution], Field(max_length=12)]


SCHEMA = Attributions


def upcast_v1_to_v2(record: dict[str, Any]) -> dict[str, Any]:
    """All of v1 stays where it was. What v1 did not know is left out: null in a record, and
    not scored in gold."""
    return record
