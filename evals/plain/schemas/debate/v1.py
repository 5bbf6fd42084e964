"""Who said what in a debate, and on which side."""

from enum import StrEnum

from pydantic import BaseModel


class Stance(StrEnum):
    FOR = "for"
    AGAINST = "against"
    UNDECIDED = "undecided"


class Statement(BaseModel):
    speaker: str
    statement: str
    stance: Stance
    direct_speech: bool


class Debate(BaseModel):
    proposal: str
    statements: list[Statement]


SCHEMA = Debate
