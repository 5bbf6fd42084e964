"""What happened and what is planned, by date."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Happened(BaseModel):
    kind: Literal["happened"]
    on: date
    what: str


class Planned(BaseModel):
    kind: Literal["planned"]
    by: date
    what: str


class Timeline(BaseModel):
    project: str
    entries: list[Annotated[Happened | Planned, Field(discriminator="kind")]]


SCHEMA = Timeline
