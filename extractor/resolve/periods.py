"""Periods of days, and what they are counted from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal


@dataclass(frozen=True)
class Period:
    """A stretch of whole days; None is an open end. `value`, `mod` and `type` are TIMEX3's."""

    value: str
    first: date | None
    last: date | None
    granularity: str
    mod: str | None = None
    type: str = "DATE"


@dataclass(frozen=True)
class Clock:
    """What a date without a year, or a weekday, is counted from.

    `anchor` is the publication date. `tense` (PAST, FUTURE or "") decides between the years
    of a date. `side` says which weekday, month or season of a name is meant: the latest that
    has begun, the next that has not ended, or the nearest. Within a range, `after` is its
    beginning, or `before` its end.
    """

    anchor: date | None
    tense: str = ""
    side: Literal["back", "ahead", "near"] = "back"
    after: date | None = None
    before: date | None = None

    @property
    def near(self) -> date | None:
        """The day to count from: an end of the range, or else the anchor."""
        return self.after or self.before or self.anchor

    @property
    def looks_ahead(self) -> bool:
        """Whether the next one of a name is meant, and not the latest."""
        return bool(self.after) or (self.side == "ahead" and not self.before)


Reading = Period | str
"""A period, or the reason why there is none."""

NO_ANCHOR = "the article has no publication date to count from"

DAY = timedelta(days=1)
MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
STEPS = {"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1}
SEASONS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}
"""The first month of each season."""

FINENESS = (
    *("minute", "hour", "day", "weekend", "week", "month"),
    *("quarter", "season", "half", "year", "decade", "century"),
)
"""Granularities, the finest first."""


def day(at: date) -> Period:
    """One day."""
    return Period(at.isoformat(), at, at, "day")


def at_hour(period: Period, hour: int, minute: int | None, *, is_utc: bool) -> Period:
    """A clock time of a day, in ISO 8601; `minute` is None for a full hour such as 3 p.m."""
    return replace(
        period,
        value=f"{period.value}T{hour:02}:{minute or 0:02}{'Z' if is_utc else ''}",
        granularity="hour" if minute is None else "minute",
        type="TIME",
    )


def week(at: date) -> Period:
    """The week, Monday to Sunday, that a day is in."""
    first = monday(at)
    year, number, _ = at.isocalendar()
    return Period(f"{year:04}-W{number:02}", first, first + 6 * DAY, "week")


def weekend(at: date) -> Period:
    """Saturday and Sunday of the week that a day is in."""
    first = monday(at) + 5 * DAY
    return Period(f"{week(at).value}-WE", first, first + DAY, "weekend")


def monday(at: date) -> date:
    """The Monday of the week that a day is in."""
    return at - at.weekday() * DAY


def months_on(first: date, count: int) -> date:
    """The first day of the month that is `count` months after that of `first`."""
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _months(value: str, first: date, count: int, granularity: str) -> Period:
    return Period(value, first, _day_before_month(first, count), granularity)


def _day_before_month(first: date, count: int) -> date:
    """The last day of the `count` months from `first` on, also at the calendar's end."""
    last = months_on(first, count - 1)
    return last.replace(day=_days_in(last))


def _days_in(at: date) -> int:
    return 31 if at.month == 12 else (months_on(at, 1) - DAY).day


def month(year: int, number: int) -> Period:
    """A calendar month."""
    return _months(f"{year:04}-{number:02}", date(year, number, 1), 1, "month")


def quarter(year: int, number: int) -> Period:
    """A quarter of a calendar year, 1 to 4."""
    return _months(f"{year:04}-Q{number}", date(year, 3 * number - 2, 1), 3, "quarter")


def half(year: int, number: int) -> Period:
    """A half of a calendar year, 1 or 2."""
    return _months(f"{year:04}-H{number}", date(year, 6 * number - 5, 1), 6, "half")


def season(year: int, name: str) -> Period:
    """A meteorological season of the northern hemisphere; winter begins in December.

    Articles seldom say which hemisphere they mean. TIMEX3's value (2021-SU) leaves it open;
    the days are those of the north, where most news in the languages read here is written.
    """
    return _months(f"{year:04}-{name}", date(year, SEASONS[name], 1), 3, "season")


def year(number: int) -> Period:
    """A calendar year."""
    return _months(f"{number:04}", date(number, 1, 1), 12, "year")


def decade(first: int) -> Period:
    """The ten years from `first` on: 1990 is TIMEX3's 199."""
    return _months(f"{first // 10:03}", date(first, 1, 1), 120, "decade")


def century(number: int) -> Period:
    """The 19th century is TIMEX3's (and ISO's) 18: the years 1800 to 1899."""
    return _months(f"{number - 1:02}", date(100 * number - 100, 1, 1), 1200, "century")


def shift(anchor: date, unit: str, count: int) -> Period:
    """The day, week, month and so on that is `count` units from that of `anchor`."""
    if unit == "day":
        return day(anchor + count * DAY)
    if unit in {"week", "weekend"}:
        return (week if unit == "week" else weekend)(anchor + 7 * count * DAY)
    if unit == "month":
        at = months_on(anchor, count)
        return month(at.year, at.month)
    if unit == "quarter":
        at = months_on(anchor, 3 * count)
        return quarter(at.year, (at.month + 2) // 3)
    if unit == "decade":
        return decade(anchor.year // 10 * 10 + 10 * count)
    if unit == "century":
        return century(anchor.year // 100 + 1 + count)
    return year(anchor.year + count)


def moved(at: date, unit: str, count: int) -> date:
    """The day that is `count` units from a day; 31 March less a month is 28 February."""
    if unit in {"hour", "minute"}:
        hours = abs(count) if unit == "hour" else abs(count) // 60
        return at + (max(-(-hours // 24), 1) if count > 0 else -max(-(-hours // 24), 1)) * DAY
    if unit in {"day", "week"}:
        return at + count * (7 if unit == "week" else 1) * DAY
    first = months_on(at, count * {"month": 1, "quarter": 3, "year": 12}.get(unit, 120))
    return first.replace(day=min(at.day, _days_in(first)))


# Where the thirds begin, in months; the third after the last is the end.
_THIRDS = {
    **dict.fromkeys(("quarter", "season"), (0, 1, 2, 3)),
    "half": (0, 2, 4, 6),
    "year": (0, 4, 8, 12),
    "decade": (0, 48, 84, 120),
    "century": (0, 408, 804, 1200),
}


def part_of(period: Period, part: str) -> Period:
    """The beginning, middle or end (START, MID, END) of a period.

    A month is cut at the 10th and the 20th, longer periods into thirds: early 2020 is January
    to April, the mid-1990s are 1994 to 1996. Where no cut is usual (a day, a week) the whole
    stays, with `mod` alone.
    """
    number = ("START", "MID", "END").index(part)
    found = replace(period, mod=part)
    if period.first is None or period.last is None:
        return found
    if period.granularity == "month":
        cuts = (period.first, period.first + 10 * DAY, period.first + 20 * DAY)
    elif thirds := _THIRDS.get(period.granularity):
        start = period.first
        cuts = (start, months_on(start, thirds[1]), months_on(start, thirds[2]))
    else:
        return found
    last = period.last if number == 2 else cuts[number + 1] - DAY
    return replace(found, first=cuts[number], last=last)
