"""`realis@1`: whether events that a text mentions truly happened, mention by mention.

The values are those of Rich ERE (Song and others, 2015), as CASIE uses them (Satyapanich,
Ferraro and Finin, 2020).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from extractor.records import Derived, Frozen, Verbatim


class Realis(StrEnum):
    """`actual`: a certain event that happened, or is happening; `generic`: events of a kind, none
    of them in particular; `other`: a certain event that has not happened for sure (future,
    asked for, possible, attempted, denied)."""

    ACTUAL = "actual"
    GENERIC = "generic"
    OTHER = "other"


class Mention(Frozen):
    """A place where the text mentions an event: its words, and whether it happened."""

    trigger: Annotated[str, Verbatim]
    realis: Annotated[Realis, Derived("trigger")]


class Mentions(Frozen):
    """The mentions that were asked for, in the order of the text."""

    mentions: Annotated[list[Mention], Field(max_length=40)]


SCHEMA = Mentions
