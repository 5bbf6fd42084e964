"""A table that an article tells in prose."""

from pydantic import BaseModel, Field


class Row(BaseModel):
    region: str
    tonnes: int
    change: float = Field(description="against the year before, in percent; negative for a fall")
    record: bool = Field(description="whether it is the highest ever")


class Harvest(BaseModel):
    crop: str
    year: int
    rows: list[Row]


SCHEMA = Harvest
