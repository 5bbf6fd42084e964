"""Longer stretches of the calendar: quarters, halves, seasons, decades, centuries."""

from __future__ import annotations

from datetime import date

from extractor.resolve.dates import year_of
from extractor.resolve.language import Fields
from extractor.resolve.periods import (
    DAY,
    NO_ANCHOR,
    STEPS,
    Clock,
    Period,
    Reading,
    century,
    decade,
    half,
    month,
    quarter,
    season,
)

# "This summer" is still said some weeks after August: until about the equinox.
_STILL_THIS = 21 * DAY


def quarter_of_year(fields: Fields, clock: Clock) -> Reading:
    """The third quarter, of a year that is said, or the latest or next one."""
    found = year_of(fields, clock)
    number = fields.quarter or 1
    if isinstance(found, str):
        return found
    if found is not None:
        return quarter(found, number)
    near = clock.near
    if near is None:
        return NO_ANCHOR
    current = (near.month + 2) // 3
    if clock.looks_ahead:
        return quarter(near.year + (number < current), number)
    return quarter(near.year - (number > current), number)


def half_of_year(fields: Fields, clock: Clock) -> Reading:
    """The first half of 2024."""
    found = year_of(fields, clock)
    return found if isinstance(found, str) else half(found or 0, fields.half or 1)


def months_of_year(fields: Fields, clock: Clock) -> Reading:
    """The first three months of 2024."""
    found = year_of(fields, clock)
    if isinstance(found, str):
        return found
    count, number = fields.count or 1, found or 0
    if not 1 <= count <= 12:
        return f"a year has no {fields.words!r}"
    start = 1 if (fields.ordinal or 1) > 0 else 13 - count
    first, last = month(number, start), month(number, start + count - 1)
    return Period(f"{first.value}/{last.value}", first.first, last.last, "month")


def season_of_year(fields: Fields, clock: Clock) -> Reading:
    """Spring 2021; the winter of a year is the one that begins in it."""
    found = year_of(fields, clock)
    return found if isinstance(found, str) else season(found or 0, fields.season or "")


def season_alone(fields: Fields, clock: Clock) -> Reading:
    """Last summer, this winter, in the spring."""
    near, name, which = clock.near, fields.season or "", fields.which
    if near is None:
        return NO_ANCHOR
    begun = _latest_begun(near, name)
    following = season(int(begun.value[:4]) + 1, name)
    is_on = begun.last is not None and near <= begun.last + _STILL_THIS
    if which == "this":
        return _this(begun, following, near, clock, is_on=is_on)
    if which and STEPS[which] < 0:
        return _last(begun, near, which, is_on=is_on)
    if which:
        return _next(following, near, which)
    if clock.looks_ahead:
        return begun if begun.last is not None and near <= begun.last else following
    return begun


def _latest_begun(near: date, name: str) -> Period:
    found = season(near.year, name)
    assert found.first is not None  # a season has both ends
    return found if found.first <= near else season(near.year - 1, name)


def _this(begun: Period, following: Period, near: date, clock: Clock, *, is_on: bool) -> Period:
    """The season of this calendar year; of winters, the one that the tense or the day is near."""
    assert begun.last is not None
    assert following.first is not None
    if is_on or clock.tense == "PAST":
        return begun
    if clock.looks_ahead:
        return following
    if begun.value.endswith("WI"):
        return begun if near - begun.last <= following.first - near else following
    return begun if begun.last.year == near.year else following


def _last(begun: Period, near: date, which: str, *, is_on: bool) -> Reading:
    """Last summer, said in November, is this year's for some and the year before's for others."""
    year, name = int(begun.value[:4]), begun.value[5:]
    before = season(year - 1, name)
    if is_on:
        return before
    if which == "past" or year < near.year:
        return begun
    return f"'last' can be {before.value} or {begun.value}"


def _next(following: Period, near: date, which: str) -> Reading:
    year, name = int(following.value[:4]), following.value[5:]
    if which == "coming" or year > near.year or name == "WI":
        return following
    return f"'next' can be {following.value} or {season(year + 1, name).value}"


def decade_of_century(fields: Fields, clock: Clock) -> Reading:
    """The 1990s, and the nineties: the latest of the name that have begun."""
    number = fields.decade or 0
    if number >= 2000 or number % 100:
        if number >= 100:
            return decade(number)
        near = clock.near
        if near is None:
            return NO_ANCHOR
        found = near.year // 100 * 100 + number
        return decade(found if found <= near.year else found - 100)
    if number == 0:
        return decade(2000)
    return f"{fields.words!r} can be a decade or a century"


def century_by_number(fields: Fields, clock: Clock) -> Reading:
    """The 19th century."""
    number = fields.century or 0
    return century(number) if 2 <= number <= 30 else f"there is no date for {fields.words!r}"
