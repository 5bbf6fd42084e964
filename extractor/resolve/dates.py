"""Dates of the calendar: days, months and years by name or number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from extractor.resolve.language import Fields
from extractor.resolve.periods import (
    DAY,
    MONTHS,
    NO_ANCHOR,
    STEPS,
    WEEKDAYS,
    Clock,
    Period,
    Reading,
    at_hour,
    day,
    month,
    months_on,
    year,
)


def year_of(fields: Fields, clock: Clock) -> int | str | None:
    """The year that an expression names, None if it names none."""
    if fields.year is not None:
        return fields.year
    if fields.which_year is None:
        return None
    return NO_ANCHOR if clock.anchor is None else clock.anchor.year + STEPS[fields.which_year]


def _years(fields: Fields, clock: Clock) -> list[int] | str:
    """The years that a day of a month may be in."""
    named = year_of(fields, clock)
    if named is not None:
        return named if isinstance(named, str) else [named]
    if clock.near is None:
        return NO_ANCHOR
    reach = 8 if (fields.month, fields.day) == (2, 29) else 1
    return list(range(clock.near.year - reach, clock.near.year + reach + 1))


def day_of_month(fields: Fields, clock: Clock) -> Reading:
    """A day of a month. Without a year it is on the tense's side of the anchor, or the nearest."""
    years = _years(fields, clock)
    if isinstance(years, str):
        return years
    number = fields.month or 0
    candidates = [at for y in years if (at := valid(y, number, fields.day or 0))]
    shown = f"{fields.day} {MONTHS[number - 1]}"
    only = f" {years[0]}" if len(years) == 1 else ""
    if not candidates:
        return f"there is no {shown}{only}"
    if fields.weekday is not None:
        candidates = [at for at in candidates if at.weekday() == fields.weekday]
        if not candidates:
            when = only or " near the publication date"
            return f"{shown}{when} is not a {WEEKDAYS[fields.weekday]}"
    tense = clock.tense
    if fields.which:  # el pasado 4 de septiembre
        tense = {-1: "PAST", 1: "FUTURE"}.get(STEPS[fields.which], tense)
    found = candidates[0] if len(years) == 1 else _pick(candidates, replace(clock, tense=tense))
    return day(found) if found else f"{fields.words!r} does not agree with the tense {tense}"


def valid(year_: int, number: int, day_: int) -> date | None:
    """The day of these numbers, if there is one."""
    try:
        return date(year_, number, day_)
    except ValueError:
        return None


def _pick(candidates: list[date], clock: Clock) -> date | None:
    if clock.after:
        return min((at for at in candidates if at >= clock.after), default=None)
    if clock.before:
        return max((at for at in candidates if at <= clock.before), default=None)
    anchor = clock.anchor or candidates[0]
    if clock.tense == "PAST":
        return max((at for at in candidates if at <= anchor), default=None)
    if clock.tense == "FUTURE":
        return min((at for at in candidates if at >= anchor), default=None)
    return min(candidates, key=lambda at: abs(at - anchor))


def days_of_month(fields: Fields, clock: Clock) -> Reading:
    """From one day to another of the same month; a past range has begun, a coming one not ended."""
    numbers = (fields.first or 0, fields.day or 0)
    deciding = numbers[0] if clock.tense == "PAST" else numbers[1]
    at = day_of_month(
        Fields(
            fields.words, deciding, None, fields.month, fields.year, which_year=fields.which_year
        ),
        clock,
    )
    if isinstance(at, str):
        return at
    assert at.first is not None  # a day has both ends
    first, last = (valid(at.first.year, at.first.month, number) for number in numbers)
    if first is None or last is None or first >= last:
        return f"{fields.words!r} is no range of days"
    return Period(f"{first}/{last}", first, last, "day")


def listed_days(fields: Fields, clock: Clock) -> Reading:
    """Several days of a month, named one by one."""
    return f"two times: the days of {fields.words!r}"


def day_without_month(fields: Fields, clock: Clock) -> Reading:
    """A day by its number, but no month."""
    return f"{fields.words!r} does not say which month"


def day_of_near_month(fields: Fields, clock: Clock) -> Reading:
    """The 12th of this month."""
    if clock.anchor is None:
        return NO_ANCHOR
    start = months_on(clock.anchor, STEPS[fields.which or "this"])
    at = valid(start.year, start.month, fields.day or 0)
    return day(at) if at else f"there is no day {fields.words!r}"


def month_of_year(fields: Fields, clock: Clock) -> Reading:
    """A month whose year is said."""
    number = year_of(fields, clock)
    return number if isinstance(number, str) else month(number or 0, fields.month or 0)


def month_alone(fields: Fields, clock: Clock) -> Reading:
    """The latest month of the name that has begun, or the next that has not ended."""
    near, number, which = clock.near, fields.month or 0, fields.which
    if near is None:
        return NO_ANCHOR
    if which == "this":
        return month(near.year, number)
    if clock.side == "near" and not which and near is clock.anchor:
        months = (number - near.month + 6) % 12 - 6
        return month(months_on(near, months).year, number)
    forward = STEPS[which] > 0 if which else clock.looks_ahead
    other_year = bool(which) and number == near.month  # last August, said in August
    if forward:
        return month(near.year + (number < near.month or other_year), number)
    return month(near.year - (number > near.month or other_year), number)


def iso_date(fields: Fields, clock: Clock) -> Reading:
    """2023-09-11."""
    at = valid(fields.year or 0, fields.month or 0, fields.day or 0)
    return day(at) if at else f"there is no day {fields.words!r}"


def iso_moment(fields: Fields, clock: Clock) -> Reading:
    """2023-09-11T06:00Z."""
    found = iso_date(fields, clock)
    hour, minute = fields.hour or 0, fields.minute or 0
    if isinstance(found, str) or hour > 24 or minute > 59:
        return f"there is no time {fields.words!r}"
    return at_hour(found, hour, minute, is_utc=bool(fields.utc))


def iso_month(fields: Fields, clock: Clock) -> Reading:
    """2023-09."""
    return month(fields.year or 0, fields.month or 0)


def numeric_date(fields: Fields, clock: Clock) -> Reading:
    """25/12/2024; 12/02/2024 is in February for some and in December for others."""
    one, two, number = fields.first or 0, fields.day or 0, fields.year or 0
    found = {at for at in (valid(number, two, one), valid(number, one, two)) if at}
    if not found:
        return f"there is no day {fields.words!r}"
    if len(found) == 1:
        return day(found.pop())
    one_way, other_way = (f"{at.day} {MONTHS[at.month - 1]}" for at in sorted(found))
    return f"{fields.words!r} can be {one_way} or {other_way}"


def day_first_date(fields: Fields, clock: Clock) -> Reading:
    """12.02.2024 where the day always comes first."""
    at = valid(fields.year or 0, fields.day or 0, fields.first or 0)
    return day(at) if at else f"there is no day {fields.words!r}"


def year_alone(fields: Fields, clock: Clock) -> Reading:
    """A year in digits."""
    return year(fields.year or 0)


def nth_of_month(fields: Fields, clock: Clock) -> Reading:
    """The first Monday of October; the last week of August (its last seven days)."""
    whole = _month(fields, clock)
    if isinstance(whole, str):
        return whole
    assert whole.first is not None  # a month has both ends
    assert whole.last is not None
    ordinal, wanted = fields.ordinal or 1, fields.weekday
    if fields.unit == "weekend":
        wanted = 5
    if wanted is not None:
        if ordinal > 0:
            at = whole.first + ((wanted - whole.first.weekday()) % 7 + 7 * ordinal - 7) * DAY
        else:
            at = whole.last - ((whole.last.weekday() - wanted) % 7) * DAY
        last = at + DAY if fields.unit == "weekend" else at
    else:
        length = 1 if fields.unit == "day" else 7
        at = whole.first + (ordinal - 1) * length * DAY
        if ordinal < 0:
            at = whole.last - (length - 1) * DAY
        last = at + (length - 1) * DAY
    if at > whole.last:
        return f"there is no {fields.words!r}"
    if at == last:
        return day(at)
    return Period(f"{at}/{last}", at, last, fields.unit or "day")


def _month(fields: Fields, clock: Clock) -> Reading:
    if fields.month is None:
        if clock.anchor is None:
            return NO_ANCHOR
        at = months_on(clock.anchor, STEPS[fields.which or "this"])
        return month(at.year, at.month)
    named = fields.year is not None or fields.which_year is not None
    return (month_of_year if named else month_alone)(fields, clock)


def half_of_month(fields: Fields, clock: Clock) -> Reading:
    """The first half of September ends on the 15th."""
    whole = _month(fields, clock)
    if isinstance(whole, str) or whole.first is None:
        return whole
    if fields.half == 1:
        return Period(whole.value, whole.first, whole.first + 14 * DAY, "month", "START")
    return Period(whole.value, whole.first + 15 * DAY, whole.last, "month", "END")


THREE_NUMBERS = r"(?P<first>\d{1,2})([-/.])(?P<day>\d{1,2})\2(?P<year>[12]\d{3})"
"""The form of a date in numbers, in whatever order a language has the day and the month."""

DIGITS = (
    (r"(?P<year>\d{4})([-/])(?P<month>\d\d)\2(?P<day>\d\d)(?!-)", iso_date),
    (
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T(?P<hour>\d\d):(?P<minute>\d\d)"
        r"(?::\d\d)?(?P<utc>Z)?",
        iso_moment,
    ),
    (r"(?P<year>1\d{3}|2[01]\d\d)-(?P<month>0[1-9]|1[0-2])(?!-)", iso_month),
)
"""Forms that mean the same in every language (ISO 8601), and how they are read."""
