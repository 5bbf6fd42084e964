"""`realis@2`: whether events that a text mentions truly happened, mention by mention.

Against version 1 the model names the mentions alone; what became of them is read off the words
around (`event.realis`), in English.

The values are those of Rich ERE (Song and others, 2015), as CASIE uses them (Satyapanich,
Ferraro and Finin, 2020).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from extractor.records import Computed, Frozen, Verbatim


class Realis(StrEnum):
    """`actual`: a certain event that happened, or is happening; `generic`: events of a kind, none
    of them in particular; `other`: a certain event that has not happened for sure (future,
    asked for, possible, attempted, denied)."""

    ACTUAL = "actual"
    GENERIC = "generic"
    OTHER = "other"


class Mention(Frozen):
    """A place where the text mentions an event: its number and words, and whether it happened."""

    model_config = ConfigDict(regex_engine="python-re")

    trigger: Annotated[str, Verbatim, Field(pattern=r"^\[\d+\] \S+(?: \S+){0,3}$")]
    realis: Annotated[Realis | None, Computed("trigger", by="event.realis")]


class Mentions(Frozen):
    """The mentions that were asked for, in the order of the text."""

    mentions: Annotated[list[Mention], Field(max_length=40)]


SCHEMA = Mentions


def upcast_v1_to_v2(record: dict[str, Any]) -> dict[str, Any]:
    """All of v1 stays where it was."""
    return record
