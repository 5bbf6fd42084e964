"""Periods of days, and what they are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """A stretch of whole days; None is an open end. `value` is TIMEX3."""

    value: str
    first: date | None
    last: date | None
    granularity: str
    mod: str | None = None


@dataclass(frozen=True)
class Clock:
    """What a date without a year, or a weekday, is counted from.

    `anchor` is the publication date. `forward` says whether the next or the latest is
    meant. Within a range, `after` is its beginning, or `before` its end.
    """

    anchor: date | None
    forward: bool = False
    after: date | None = None
    before: date | None = None


Reading = Period | str
"""A period, or the reason why there is none."""

NO_ANCHOR = "the article has no publication date to count from"

MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
STEPS = {"last": -1, "this": 0, "next": 1}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def day(at: date) -> Period:
    """One day."""
    return Period(at.isoformat(), at, at, "day")


def week(at: date) -> Period:
    """The week, Monday to Sunday, that a day is in."""
    first = at - timedelta(days=at.weekday())
    year, number, _ = at.isocalendar()
    return Period(f"{year}-W{number:02}", first, first + timedelta(days=6), "week")


def month(year: int, number: int) -> Period:
    """A calendar month."""
    following = date(year + number // 12, number % 12 + 1, 1)
    last = following - timedelta(days=1)
    return Period(f"{year:04}-{number:02}", date(year, number, 1), last, "month")


def year(number: int) -> Period:
    """A calendar year."""
    return Period(f"{number:04}", date(number, 1, 1), date(number, 12, 31), "year")


def month_number(name: str) -> int:
    """1 to 12, from a name that may be shortened."""
    return next(i for i, known in enumerate(MONTHS, 1) if known.startswith(name[:3]))


def weekday_number(name: str) -> int:
    """0 (Monday) to 6, from a name that may be shortened."""
    return next(i for i, known in enumerate(WEEKDAYS) if known.startswith(name[:3].capitalize()))


def shift(anchor: date, unit: str, count: int) -> Period:
    """The day, week, month or year `count` units from that of `anchor`."""
    if unit == "day":
        return day(anchor + timedelta(days=count))
    if unit == "week":
        return week(anchor + timedelta(weeks=count))
    if unit == "month":
        months = anchor.year * 12 + anchor.month - 1 + count
        return month(months // 12, months % 12 + 1)
    return year(anchor.year + count)
