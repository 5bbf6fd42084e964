"""What a value says of time: ISO 8601 and TIMEX3, at any granularity, as days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import regex

from extractor.resolve.periods import (
    SEASONS,
    Period,
    century,
    day,
    decade,
    half,
    month,
    quarter,
    season,
    week,
    weekend,
    year,
)


@dataclass(frozen=True)
class Days:
    """The first and last day that a value can mean; `clock` is hour and minute, where said."""

    first: date
    last: date
    clock: str | None = None

    def holds(self, other: Days) -> bool:
        return self.first <= other.first and other.last <= self.last


_FORMS = (
    (r"(\d{4})-(\d\d)-(\d\d)", lambda y, m, d: day(date(y, m, d))),
    (r"(\d{4})-?W(\d\d)", lambda y, w: week(date.fromisocalendar(y, w, 1))),
    (r"(\d{4})-?W(\d\d)-WE", lambda y, w: weekend(date.fromisocalendar(y, w, 1))),
    (r"(\d{4})-?W(\d\d)-(\d)", lambda y, w, d: day(date.fromisocalendar(y, w, d))),
    (r"(\d{4})-(\d\d)", month),
    (r"(\d{4})-Q(\d)", quarter),
    (r"(\d{4})-H(\d)", half),
    (r"(\d{4})", year),
    (r"(\d{3})[Xx]?", lambda tens: decade(10 * tens)),
    (r"(\d{2})(?:XX|xx)?", lambda hundreds: century(hundreds + 1)),
)
_SEASON = regex.compile(rf"(\d{{4}})-({'|'.join(SEASONS)})")
_PART_OF_DAY = regex.compile(r"T(?:MO|MI|AF|EV|NI|DT)\Z")
_CLOCK = regex.compile(r"[T ](\d\d)(?::?(\d\d))?(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\Z")


def days_of(value: object) -> Days | None:
    """The days of a value: a `date`, or a string; two with `/` between are a range."""
    if isinstance(value, datetime):
        return Days(value.date(), value.date(), f"{value:%H:%M}")
    if isinstance(value, date):
        return Days(value, value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if "/" in text:
        first, last = (days_of(end) for end in text.split("/", 1))
        return Days(first.first, last.last) if first and last else None
    text = _PART_OF_DAY.sub("", text)
    clock = _CLOCK.search(text)
    try:
        found = _period(text[: clock.start()] if clock else text)
    except (ValueError, OverflowError, KeyError):
        return None
    if found is None or found.first is None or found.last is None:
        return None
    return Days(found.first, found.last, f"{clock[1]}:{clock[2] or '00'}" if clock else None)


def _period(text: str) -> Period | None:
    if match := _SEASON.fullmatch(text):
        return season(int(match[1]), match[2])
    for form, read in _FORMS:
        if match := regex.fullmatch(form, text):
            return read(*map(int, match.groups()))
    return None


ONE = timedelta(days=1)
