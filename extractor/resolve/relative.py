"""Times that count from the day of publication: weekdays, last month, two days ago."""

from __future__ import annotations

from datetime import date

from extractor.resolve.dates import day_of_month
from extractor.resolve.language import Fields
from extractor.resolve.periods import (
    DAY,
    NO_ANCHOR,
    STEPS,
    WEEKDAYS,
    Clock,
    Period,
    Reading,
    day,
    monday,
    moved,
    part_of,
    shift,
    week,
    weekend,
)


def weekday(fields: Fields, clock: Clock) -> Reading:
    """A weekday by name, with or without last, next, this, coming, past."""
    anchor, wanted, which = clock.anchor, fields.weekday or 0, fields.which
    if anchor is None:
        return NO_ANCHOR
    if clock.after:
        return day(_following(clock.after, wanted))
    if clock.before:
        return day(_preceding(clock.before, wanted))
    this_week = monday(anchor) + wanted * DAY
    if which == "this":
        return day(this_week + _weeks_off(this_week, anchor, clock.tense) * 7 * DAY)
    if which == "coming":
        return day(_following(anchor, wanted))
    if which == "past":
        return day(_preceding(anchor, wanted))
    if which:
        return _last_or_next(which, anchor, this_week)
    if clock.looks_ahead:
        return day(anchor + (wanted - anchor.weekday()) % 7 * DAY)
    return day(anchor - (anchor.weekday() - wanted) % 7 * DAY)


def _weeks_off(this_week: date, anchor: date, tense: str) -> int:
    """This Saturday, said on a Monday of what is past, was in the week before."""
    if tense == "PAST" and this_week > anchor:
        return -1
    return 1 if tense == "FUTURE" and this_week < anchor else 0


def _following(at: date, wanted: int) -> date:
    return at + ((wanted - at.weekday() - 1) % 7 + 1) * DAY


def _preceding(at: date, wanted: int) -> date:
    return at - ((at.weekday() - wanted - 1) % 7 + 1) * DAY


def _last_or_next(which: str, anchor: date, this_week: date) -> Reading:
    """Next Friday, said on a Monday, is in four days for some and in eleven for others."""
    step = 7 * STEPS[which] * DAY
    other = this_week + step
    if (this_week - anchor).days * step.days <= 0:
        return day(other)
    name = WEEKDAYS[this_week.weekday()]
    return f"'{which} {name}' can be {min(this_week, other)} or {max(this_week, other)}"


def weekday_of_week(fields: Fields, clock: Clock) -> Reading:
    """Monday last week."""
    if clock.anchor is None:
        return NO_ANCHOR
    start = monday(clock.anchor) + 7 * STEPS[fields.which or "this"] * DAY
    return day(start + (fields.weekday or 0) * DAY)


def night_between(fields: Fields, clock: Clock) -> Reading:
    """Overnight into Thursday, which began on Wednesday."""
    end = weekday(fields, clock)
    if isinstance(end, str) or end.first is None:
        return end
    start = end.first - DAY
    return Period(f"{start}/{end.first}", start, end.last, "day")


def weekend_alone(fields: Fields, clock: Clock) -> Reading:
    """The weekend: the latest that has begun, or the next; last and next as for weekdays."""
    anchor, which = clock.near, fields.which
    if anchor is None:
        return NO_ANCHOR
    this, is_on = weekend(anchor), anchor.weekday() >= 5
    before, following = weekend(anchor - 7 * DAY), weekend(anchor + 7 * DAY)
    if which == "this":
        return before if clock.tense == "PAST" and not is_on else this
    if which and STEPS[which] < 0:
        return before
    if which == "next" and not is_on:
        return f"{fields.words!r} can be {this.value} or {following.value}"
    if which:
        return following if is_on else this
    return this if is_on or clock.looks_ahead else before


def weekend_of_day(fields: Fields, clock: Clock) -> Reading:
    """The weekend of 9 September."""
    at = day_of_month(fields, clock)
    if isinstance(at, str) or at.first is None:
        return at
    return weekend(at.first) if at.first.weekday() >= 5 else f"{at.value} is not at a weekend"


def week_of_day(fields: Fields, clock: Clock) -> Reading:
    """The week of 11 September."""
    at = day_of_month(fields, clock)
    return at if isinstance(at, str) or at.first is None else week(at.first)


def near_day(fields: Fields, clock: Clock) -> Reading:
    """Today, yesterday, tonight: `count` days from the anchor."""
    return NO_ANCHOR if clock.anchor is None else shift(clock.anchor, "day", fields.count or 0)


def near_unit(fields: Fields, clock: Clock) -> Reading:
    """Last week, this month, next year; earlier this week ends on the day of publication."""
    if clock.anchor is None:
        return NO_ANCHOR
    found = shift(clock.anchor, fields.unit or "", STEPS[fields.which or "this"])
    if fields.portion == "START":
        return Period(found.value, found.first, clock.anchor, found.granularity, "START")
    if fields.portion == "END":
        return Period(found.value, clock.anchor, found.last, found.granularity, "END")
    return found


def unit_before_last(fields: Fields, clock: Clock) -> Reading:
    """The week before last, the year after next."""
    if clock.anchor is None:
        return NO_ANCHOR
    return shift(clock.anchor, fields.unit or "", 2 * STEPS[fields.which or "last"])


def end_of_unit(fields: Fields, clock: Clock) -> Reading:
    """Year-end."""
    found = near_unit(fields, clock)
    return found if isinstance(found, str) else part_of(found, "END")


def before_end_of_unit(fields: Fields, clock: Clock) -> Reading:
    """Before the week is out."""
    found = near_unit(fields, clock)
    if isinstance(found, str):
        return found
    return Period(found.value, None, found.last, found.granularity, "ON_OR_BEFORE")


def ago(fields: Fields, clock: Clock) -> Reading:
    """Two days ago; more than a year ago."""
    return _counted(fields, clock, -1, ("ON_OR_BEFORE", "ON_OR_AFTER"))


def in_future(fields: Fields, clock: Clock) -> Reading:
    """Two weeks from now; in more than two weeks' time."""
    return _counted(fields, clock, 1, ("ON_OR_AFTER", "ON_OR_BEFORE"))


def _counted(fields: Fields, clock: Clock, sign: int, mods: tuple[str, str]) -> Reading:
    """A unit at some distance; `mods` are those of more than, and less than, the distance."""
    anchor, unit, count = clock.anchor, fields.unit or "", fields.count
    if anchor is None:
        return NO_ANCHOR
    if unit in {"hour", "minute"}:
        return f"{fields.words!r} counts from an hour that is not known"
    if count is None:
        return _open(unit, anchor, sign)
    if count > 900:
        return f"{fields.words!r} is too long ago or ahead"
    if unit == "decade":
        found = shift(anchor, "year", sign * 10 * count)
    else:
        found = shift(anchor, unit, sign * count)
    more, less = mods
    mod = {"MORE_THAN": more, "EQUAL_OR_MORE": more, "LESS_THAN": less}.get(
        fields.about or "", fields.about
    )
    ends = {"ON_OR_BEFORE": (None, found.last), "ON_OR_AFTER": (found.first, None)}
    first, last = ends.get(mod or "", (found.first, found.last))
    if mod == less:  # it has happened by now, or is still to come
        first, last = (first, anchor) if sign < 0 else (anchor, last)
    return Period(found.value, first, last, found.granularity, mod)


def ahead(fields: Fields, clock: Clock) -> Reading:
    """In two weeks, if the event is ahead; else it may be how long something took."""
    if clock.tense != "FUTURE":
        return f"{fields.words!r} may be a time ahead or how long something took"
    return in_future(fields, clock)


def within(fields: Fields, clock: Clock) -> Reading:
    """Within three days, if the event is ahead: a length that begins with the publication."""
    if clock.tense != "FUTURE":
        return f"{fields.words!r} may count from another time in the text"
    return coming(fields, clock)


def coming(fields: Fields, clock: Clock) -> Reading:
    """In the coming days: an open end. Over the next three days: a length from the anchor."""
    anchor, unit = clock.anchor, fields.unit or ""
    if anchor is None:
        return NO_ANCHOR
    if fields.count is None:
        return _open(unit, anchor, 1)
    if clock.tense == "PAST" and fields.which == "next":
        return f"{fields.words!r} counts from another time in the text"
    return _length(fields, anchor, moved(anchor, unit, fields.count))


def recent(fields: Fields, clock: Clock) -> Reading:
    """In recent days: an open beginning. In the past three days: a length up to the anchor."""
    anchor, unit = clock.anchor, fields.unit or ""
    if anchor is None:
        return NO_ANCHOR
    if fields.count is None:
        return _open(unit, anchor, -1)
    return _length(fields, moved(anchor, unit, -fields.count), anchor)


def _open(unit: str, anchor: date, sign: int) -> Period:
    if sign < 0:
        return Period("PAST_REF", None, anchor, unit)
    first = anchor if unit in {"hour", "minute"} else anchor + DAY
    return Period("FUTURE_REF", first, None, unit)


def _length(fields: Fields, first: date, last: date) -> Reading:
    length = duration(fields, Clock(None))
    if isinstance(length, str):
        return length
    return Period(length.value, first, last, length.granularity, length.mod, "DURATION")


# How TIMEX3 (ISO 8601) writes a length: before the number, after it, and how many a unit is.
_LENGTHS = {
    "minute": ("PT", "M", 1),
    "hour": ("PT", "H", 1),
    "day": ("P", "D", 1),
    "night": ("P", "D", 1),
    "week": ("P", "W", 1),
    "month": ("P", "M", 1),
    "quarter": ("P", "M", 3),
    "year": ("P", "Y", 1),
    "decade": ("P", "Y", 10),
    "century": ("P", "Y", 100),
}


def duration(fields: Fields, clock: Clock) -> Reading:
    """For three days: a length that stands nowhere in the calendar."""
    if fields.count is None:
        return f"{fields.words!r} does not say how long"
    unit = fields.unit or "day"
    before, after, factor = _LENGTHS[unit]
    value = f"{before}{fields.count * factor}{after}"
    return Period(value, None, None, unit, fields.about, "DURATION")


def repeated(fields: Fields, clock: Clock) -> Reading:
    """Every Monday, daily, each September: a set without a place in the calendar."""
    if fields.weekday is not None:
        return Period(f"XXXX-WXX-{fields.weekday + 1}", None, None, "day", type="SET")
    if fields.month is not None:
        return Period(f"XXXX-{fields.month:02}", None, None, "month", type="SET")
    if fields.season is not None:
        return Period(f"XXXX-{fields.season}", None, None, "season", type="SET")
    unit = fields.unit or "day"
    if fields.count is not None or unit not in _EVERY:
        length = duration(Fields(fields.words, unit=unit, count=fields.count or 1), clock)
        return (
            length
            if isinstance(length, str)
            else Period(length.value, None, None, unit, type="SET")
        )
    return Period(_EVERY[unit], None, None, unit, type="SET")


_EVERY = {
    "day": "XXXX-XX-XX",
    "weekend": "XXXX-WXX-WE",
    "week": "XXXX-WXX",
    "month": "XXXX-XX",
    "quarter": "XXXX-QX",
    "year": "XXXX",
}
