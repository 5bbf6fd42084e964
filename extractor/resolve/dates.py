"""Dates of the calendar: days, months and years by name or number."""

from __future__ import annotations

import re
from datetime import date

from extractor.resolve.periods import (
    MONTHS,
    NO_ANCHOR,
    STEPS,
    WEEKDAYS,
    Clock,
    Period,
    Reading,
    day,
    month,
    month_number,
    weekday_number,
    year,
)


def _years(match: re.Match[str], clock: Clock) -> list[int] | str:
    """The years that a date may be in, the likeliest first."""
    groups = match.groupdict()
    if groups.get("year"):
        return [int(groups["year"])]
    if clock.anchor is None and not (clock.after or clock.before):
        return NO_ANCHOR
    if (which := groups.get("which_year")) and clock.anchor:
        return [clock.anchor.year + STEPS[which]]
    near = clock.after or clock.before or clock.anchor
    assert near is not None  # one of them is given
    return [near.year, near.year - 1, near.year + 1]


def day_of_month(match: re.Match[str], clock: Clock) -> Reading:
    """A day of a month, in the year nearest to the anchor that fits the weekday."""
    number = month_number(match["month"])
    years = _years(match, clock)
    if isinstance(years, str):
        return years
    candidates = [at for y in years if (at := _valid(y, number, int(match["day"])))]
    shown = f"{int(match['day'])} {MONTHS[number - 1]}"
    if not candidates:
        return f"there is no {shown}" + (f" {years[0]}" if len(years) == 1 else "")
    if name := match.groupdict().get("weekday"):
        wanted = weekday_number(name)
        candidates = [at for at in candidates if at.weekday() == wanted]
        if not candidates:
            when = f" {years[0]}" if len(years) == 1 else " near the publication date"
            return f"{shown}{when} is not a {WEEKDAYS[wanted]}"
    return day(_nearest(candidates, clock))


def _valid(year_: int, number: int, day_: int) -> date | None:
    try:
        return date(year_, number, day_)
    except ValueError:
        return None


def _nearest(candidates: list[date], clock: Clock) -> date:
    if len(candidates) == 1:
        return candidates[0]
    if clock.after:
        return min((at for at in candidates if at >= clock.after), default=max(candidates))
    if clock.before:
        return max((at for at in candidates if at <= clock.before), default=min(candidates))
    anchor = clock.anchor or candidates[0]
    return min(candidates, key=lambda at: abs(at - anchor))


def days_of_month(match: re.Match[str], clock: Clock) -> Reading:
    """From one day to another of the same month."""
    last = day_of_month(match, clock)
    if isinstance(last, str):
        return last
    assert last.first is not None  # a day has both ends
    first = _valid(last.first.year, last.first.month, int(match["first"]))
    if first is None or first >= last.first:
        return f"{match.group()!r} is no range of days"
    return Period(f"{first}/{last.value}", first, last.last, "day")


def listed_days(match: re.Match[str], clock: Clock) -> Reading:
    """Several days of a month, named one by one."""
    return f"two times: the days of {match.group()!r}"


def day_without_month(match: re.Match[str], clock: Clock) -> Reading:
    """A weekday with a number, but no month."""
    return f"{match.group()!r} does not say which month"


def month_of_year(match: re.Match[str], clock: Clock) -> Reading:
    """A month whose year is said."""
    years = _years(match, clock)
    return years if isinstance(years, str) else month(years[0], month_number(match["month"]))


def month_alone(match: re.Match[str], clock: Clock) -> Reading:
    """The latest month of the name that has begun, or the next that has not ended."""
    near = clock.after or clock.before or clock.anchor
    if near is None:
        return NO_ANCHOR
    number = month_number(match["month"])
    which = (match.groupdict().get("which") or "").lower()
    if which == "this":
        return month(near.year, number)
    forward = bool(clock.after) or (clock.forward and not clock.before)
    if which:
        forward = which == "next"
    other_year = bool(which) and number == near.month  # last August, said in August
    if forward:
        return month(near.year + (number < near.month or other_year), number)
    return month(near.year - (number > near.month or other_year), number)


def iso_date(match: re.Match[str], clock: Clock) -> Reading:
    """2023-09-11."""
    at = _valid(int(match["year"]), int(match["number"]), int(match["day"]))
    return day(at) if at else f"there is no day {match.group()!r}"


def iso_month(match: re.Match[str], clock: Clock) -> Reading:
    """2023-09."""
    return month(int(match["year"]), int(match["number"]))


def numeric_date(match: re.Match[str], clock: Clock) -> Reading:
    """25/12/2024; 12/02/2024 is in February for some and in December for others."""
    one, two = int(match["one"]), int(match["two"])
    number = int(match["year"])
    found = {at for at in (_valid(number, two, one), _valid(number, one, two)) if at}
    if not found:
        return f"there is no day {match.group()!r}"
    if len(found) == 1:
        return day(found.pop())
    one_way, other_way = (f"{at.day} {MONTHS[at.month - 1]}" for at in sorted(found))
    return f"{match.group()!r} can be {one_way} or {other_way}"


def year_alone(match: re.Match[str], clock: Clock) -> Reading:
    """A year in digits."""
    return year(int(match["year"]))
