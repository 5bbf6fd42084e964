"""Times that count from the day of publication: weekdays, last month, two days ago."""

from __future__ import annotations

import re
from datetime import date, timedelta

from extractor.resolve.numbers import SMALL_NUMBERS
from extractor.resolve.periods import (
    NO_ANCHOR,
    STEPS,
    WEEKDAYS,
    Clock,
    Period,
    Reading,
    day,
    shift,
    weekday_number,
)


def weekday(match: re.Match[str], clock: Clock) -> Reading:
    """A weekday by name, with or without last, next, this, coming, past."""
    anchor, wanted = clock.anchor, weekday_number(match["weekday"])
    if anchor is None:
        return NO_ANCHOR
    if clock.after:
        return day(clock.after + timedelta(days=(wanted - clock.after.weekday() - 1) % 7 + 1))
    if clock.before:
        return day(clock.before - timedelta(days=(clock.before.weekday() - wanted - 1) % 7 + 1))
    which = (match.groupdict().get("which") or "").lower()
    this_week = anchor + timedelta(days=wanted - anchor.weekday())
    if which == "this":
        return day(this_week)
    if which.endswith("coming"):
        return day(anchor + timedelta(days=(wanted - anchor.weekday() - 1) % 7 + 1))
    if which.endswith("past"):
        return day(anchor - timedelta(days=(anchor.weekday() - wanted - 1) % 7 + 1))
    if which in {"last", "next"}:
        return _last_or_next(which, anchor, this_week)
    if clock.forward:
        return day(anchor + timedelta(days=(wanted - anchor.weekday()) % 7))
    return day(anchor - timedelta(days=(anchor.weekday() - wanted) % 7))


def _last_or_next(which: str, anchor: date, this_week: date) -> Reading:
    """Next Friday, said on a Monday, is in four days for some and in eleven for others."""
    step = timedelta(days=-7 if which == "last" else 7)
    other = this_week + step
    if (this_week - anchor) * step.days <= timedelta(0):
        return day(other)
    name = WEEKDAYS[this_week.weekday()]
    return f"'{which} {name}' can be {min(this_week, other)} or {max(this_week, other)}"


def weekday_of_week(match: re.Match[str], clock: Clock) -> Reading:
    """Monday last week."""
    if clock.anchor is None:
        return NO_ANCHOR
    start = shift(clock.anchor, "week", STEPS[match["which"].lower()]).first
    assert start is not None  # a week has both ends
    return day(start + timedelta(days=weekday_number(match["weekday"])))


NEAR_DAYS = {
    "today": 0,
    "tonight": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "the day after tomorrow": 2,
    "the day before yesterday": -2,
}


def near_day(match: re.Match[str], clock: Clock) -> Reading:
    """Today, yesterday, tonight."""
    if clock.anchor is None:
        return NO_ANCHOR
    return shift(clock.anchor, "day", NEAR_DAYS[" ".join(match.group().lower().split())])


def near_unit(match: re.Match[str], clock: Clock) -> Reading:
    """Last week, this month, next year; earlier this week ends on the day of publication."""
    if clock.anchor is None:
        return NO_ANCHOR
    found = shift(clock.anchor, match["unit"].lower(), STEPS[match["which"].lower()])
    if (part := match["part"]) is None:
        return found
    if part.lower() == "earlier":
        return Period(found.value, found.first, clock.anchor, found.granularity, "START")
    return Period(found.value, clock.anchor, found.last, found.granularity, "END")


MORE_OR_LESS = {
    **dict.fromkeys(("more than", "over", "at least"), "ON_OR_BEFORE"),
    **dict.fromkeys(("less than", "under"), "ON_OR_AFTER"),
    **dict.fromkeys(
        ("nearly", "almost", "about", "around", "some", "roughly", "approximately"), "APPROX"
    ),
}


def _count(match: re.Match[str]) -> int:
    found = match["count"].lower()
    return int(found) if found.isdigit() else SMALL_NUMBERS.get(found, 1)


def ago(match: re.Match[str], clock: Clock) -> Reading:
    """Two days ago; more than a year ago."""
    if clock.anchor is None:
        return NO_ANCHOR
    count, unit = _count(match), match["unit"].lower()
    if count > 900:
        return f"{match.group()!r} is too long ago"
    found = shift(clock.anchor, unit, -count)
    mod = MORE_OR_LESS.get(" ".join((match["about"] or "").lower().split()))
    first = None if mod == "ON_OR_BEFORE" else found.first
    last = clock.anchor if mod == "ON_OR_AFTER" else found.last
    return Period(found.value, first, last, found.granularity, mod)


def ahead(match: re.Match[str], clock: Clock) -> Reading:
    """Two weeks from now. In two weeks, too, if the event is ahead: it may be how long it took."""
    if clock.anchor is None:
        return NO_ANCHOR
    if not clock.forward and not re.search(r"(?i:time|now)\Z", match.group()):
        return f"{match.group()!r} may be a time ahead or how long something took"
    return shift(clock.anchor, match["unit"].lower(), _count(match))


def coming(match: re.Match[str], clock: Clock) -> Reading:
    """In the coming days: an open end."""
    if clock.anchor is None:
        return NO_ANCHOR
    unit = match["unit"].lower()
    first = clock.anchor + timedelta(days=0 if unit == "hour" else 1)
    return Period("FUTURE_REF", first, None, unit)


def recent(match: re.Match[str], clock: Clock) -> Reading:
    """In recent days: an open beginning."""
    if clock.anchor is None:
        return NO_ANCHOR
    return Period("PAST_REF", None, clock.anchor, match["unit"].lower())
