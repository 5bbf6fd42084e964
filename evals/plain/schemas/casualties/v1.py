"""The people of an accident, with their ages and what they do."""

from typing import Literal

from pydantic import BaseModel, Field


class Person(BaseModel):
    name: str
    age: int | None = Field(description="in years")
    occupation: str | None
    condition: Literal["dead", "injured", "missing", "unhurt"]


class Casualties(BaseModel):
    place: str
    people: list[Person]


SCHEMA = Casualties
