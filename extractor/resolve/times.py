"""Times in English, resolved against the publication date.

First form: a quotation that holds one expression of time, with what limits it ("as early
as", "until", "late on"), or a range of two. Nothing is ever filled with the anchor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from extractor.resolve.expressions import Rule, expressions
from extractor.resolve.periods import Clock, Period, Reading
from extractor.resolve.relative import weekday
from extractor.resolve.words import Resolution, Resolver, Words
from extractor.text import fold


@dataclass(frozen=True)
class ResolvedTime:
    """A time, or the reason why it is not resolved.

    `value` is TIMEX3 at the stated granularity (2023-09-12, 2023-W37, 2023-08, 2019,
    FUTURE_REF, PAST_REF), or two of these with `/` between for a range. `earliest` and
    `latest` are the first and last day (ISO 8601) that it can mean, None for an open end.
    `mod` is TIMEX3's: BEFORE, AFTER, ON_OR_BEFORE, ON_OR_AFTER, START, MID, END, APPROX.
    """

    value: str | None = None
    earliest: str | None = None
    latest: str | None = None
    granularity: str | None = None
    mod: str | None = None
    reason: str | None = None


def resolve_time(quote: str, anchor: date | None, tense: str | None = None) -> ResolvedTime:
    """The time that a quotation names; `anchor` is the publication date, if known.

    A weekday is the latest one up to the anchor, a month the latest that has begun; with
    tense FUTURE, or after words that look ahead, the next one from the anchor on. A date
    without a year is in the year nearest to the anchor.
    """
    text = fold(quote).text.strip()
    text = text.title() if text.isupper() else text
    if blocked := _BLOCKED.search(text):
        return ResolvedTime(reason=_blocked(blocked))
    found = [_Expression(match, rule, text) for match, rule in expressions(text)]
    try:
        reading = _read(found, text, Clock(anchor), (tense or "").upper())
    except (OverflowError, ValueError):
        reading = "it lies outside the calendar"
    if isinstance(reading, str):
        return ResolvedTime(reason=reading)
    return ResolvedTime(
        value=reading.value,
        earliest=reading.first.isoformat() if reading.first else None,
        latest=reading.last.isoformat() if reading.last else None,
        granularity=reading.granularity,
        mod=reading.mod,
    )


_BLOCKED = re.compile(
    r"(?P<relative>(?i:\b(?:the\s+)?(?:following|preceding|previous)\s+(?:day|night|morning"
    r"|evening|week|month|year|\w+day)\b|\bthe\s+(?:next|last)\s+(?:day|night|morning|week|month"
    r"|year)\b|\b(?:day|night|morning|evening|week|month|year)s?\s+(?:before(?!\s+yesterday)"
    r"|after(?!\s+tomorrow)|earlier|later|following|prior)\b|\b(?:weeks?|days?|months?|years?)"
    r"\s+from\s+(?!now\b)|\bthe\s+\w+day\s+(?:before|after)\b|\b(?:before\s+last|after\s+next)\b))"
    r"|(?P<repeated>\b(?:(?i:every|each)\s+\w+|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days)\b)"
    r"|(?P<named>\b(?:Black|Cyber|Super|Good|Palm|Easter|Bloody|Ash|Holy|Maundy|Whit|Shrove)\s+"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)"
    r"|(?P<later>(?i:\b(?:in|this|last|next|early|late|mid|the|of)[\s-]+(?:spring|summer|autumn"
    r"|fall|winter)\b|\b(?:spring|summer|autumn|winter)\s+(?:of\s+)?\d{4}|\b(?:first|second|third"
    r"|fourth|last|final)\s+(?:quarter|half|week|weekend|day|month|\w+day)\s+(?:of|in)\b"
    r"|\bQ[1-4]\b|\bquarter\b|\bdecades?\b|\bcentur(?:y|ies)\b|\b(?:\d\d)?\d0s\b|\bweekends?\b))"
)


def _blocked(match: re.Match[str]) -> str:
    shown = repr(match.group().strip())
    return {
        "relative": f"{shown} counts from another time in the text",
        "repeated": f"{shown} is more than one time",
        "named": f"{shown} is a day of another name",
        "later": f"{shown} is a kind of time that is not resolved yet",
    }[match.lastgroup or ""]


_VAGUE = re.compile(
    r"(?i:\b(?:soon|shortly|recently|lately|now|currently|(?:later|earlier)(?:\s+in\s+the\s+day)?"
    r"|previously|eventually|imminent(?:ly)?|same\s+day|that\s+day|same\s+time|at\s+present|the\s+future|the\s+past"
    r"|in\s+the\s+day|hours?\s+ago|minutes?\s+ago|overnight)\b)"
)

# What may stand before an expression and says how it is limited. FORWARD ones look ahead.
_LIMITS = {
    **dict.fromkeys(
        ("as early as", "as soon as", "no earlier than", "no sooner than", "on or after"),
        ("ON_OR_AFTER", True),
    ),
    **dict.fromkeys(("not before", "not until", "starting", "beginning"), ("ON_OR_AFTER", True)),
    **dict.fromkeys(("since", "ever since", "from"), ("ON_OR_AFTER", False)),
    **dict.fromkeys(
        ("by", "until", "till", "up to", "through", "no later than", "on or before"),
        ("ON_OR_BEFORE", True),
    ),
    **dict.fromkeys(("before", "prior to", "ahead of"), ("BEFORE", False)),
    **dict.fromkeys(("after", "following"), ("AFTER", False)),
    **dict.fromkeys(("around", "about", "circa", "approximately"), ("APPROX", False)),
}
_PARTS = {
    **dict.fromkeys(("early", "the start of", "the beginning of", "start of"), "START"),
    **dict.fromkeys(("mid", "the middle of"), "MID"),
    **dict.fromkeys(("late", "the end of", "end of"), "END"),
}
_BEFORE = re.compile(
    rf"(?i:(?:\b(?P<limit>{'|'.join(sorted(_LIMITS, key=len, reverse=True))})\s+)?"
    rf"(?:(?:on|in|at|sometime|some time)\s+)?"
    rf"(?:(?P<part>{'|'.join(sorted(_PARTS, key=len, reverse=True))})[\s-]+(?:(?:on|in)\s+)?)?"
    r"(?:the\s+)?(?:(?:morning|afternoon|evening|night)\s+of\s+)?)\Z"
)
_AHEAD = re.compile(r"(?i:\b(?:will|shall)\b)")


@dataclass(frozen=True)
class _Expression:
    """One expression of time within the words around it."""

    match: re.Match[str]
    rule: Rule
    text: str

    @property
    def is_weekday(self) -> bool:
        return self.rule[1] is weekday

    @property
    def is_placed(self) -> bool:
        """Whether it says itself which year or week it means."""
        groups = self.match.groupdict()
        return any(groups.get(name) for name in ("year", "which_year", "which"))

    @property
    def limit(self) -> str:
        return self._before("limit")

    @property
    def part(self) -> str:
        return self._before("part")

    def _before(self, group: str) -> str:
        start = self.match.start()
        found = _BEFORE.search(self.text, max(start - 60, 0), start)
        return " ".join(((found and found[group]) or "").lower().split())

    def read(self, clock: Clock) -> Reading:
        return self.rule[1](self.match, clock)


def _read(found: list[_Expression], text: str, clock: Clock, tense: str) -> Reading:
    if not found:
        if vague := _VAGUE.search(text):
            return f"{vague.group()!r} does not say when"
        return f"no time was recognised in {text[:60]!r}"
    if not tense and _AHEAD.search(text):
        tense = "FUTURE"
    if len(found) == 2 and _is_range(found[0], found[1]):
        return _range(found[0], found[1], clock, tense)
    return _one_of([(one, _limited(one, clock, tense)) for one in found])


def _one_of(readings: list[tuple[_Expression, Reading]]) -> Reading:
    """The only reading, if all agree with it."""
    dates = [item for item in readings if not item[0].is_weekday]
    chosen, first = (dates or readings)[0]
    for one, reading in readings:
        if one is not chosen and not _agree(first, reading, one):
            return (
                f"two times: {readings[0][0].match.group()!r} and {readings[1][0].match.group()!r}"
            )
    return first


def _agree(first: Reading, reading: Reading, one: _Expression) -> bool:
    if isinstance(first, str) or isinstance(reading, str):
        return False
    if one.is_weekday and first.granularity == reading.granularity == "day":
        days = [first.first or first.last, reading.first or reading.last]
        return len({at.weekday() for at in days if at}) == 1  # Sept. 11, a Monday
    return first.value == reading.value


def _limited(one: _Expression, clock: Clock, tense: str) -> Reading:
    """The expression, with what stands before it."""
    mod, ahead = _LIMITS.get(one.limit, (None, False))
    if one.limit in {"since", "ever since"}:
        tense = "PAST"
    if ahead and mod == "ON_OR_BEFORE":
        ahead = tense != "PAST"
    period = one.read(replace(clock, forward=ahead or tense == "FUTURE"))
    if isinstance(period, str):
        return period
    if one.limit == "from" and "/" in period.value:
        return period
    part = _PARTS.get(one.part)
    period = replace(period, mod=mod or part or period.mod)
    if mod in {None, "APPROX"} or period.value in {"FUTURE_REF", "PAST_REF"}:
        return period
    if mod == "ON_OR_AFTER":
        return replace(period, last=None)
    if mod == "ON_OR_BEFORE":
        return replace(period, first=None)
    return _outside(period, exact=part is None)


def _outside(period: Period, *, exact: bool) -> Period:
    """Before or after a period; if only a part of it is meant, the rest may be outside too."""
    step = timedelta(days=1)
    if period.mod == "BEFORE":
        limit = period.first - step if exact and period.first else period.last
        return replace(period, first=None, last=limit)
    limit = period.last + step if exact and period.last else period.first
    return replace(period, first=limit, last=None)


# ------------------------------------------------------------------ ranges

_CONNECTORS = re.compile(
    r"(?i:\s*(?P<to>-|to|until|till|through|and)\s*(?:(?:late|early|on|in|the)\s+)*)"
)
_FINENESS = ("hour", "day", "week", "month", "year")


def _is_range(one: _Expression, other: _Expression) -> bool:
    between = _CONNECTORS.fullmatch(one.text, one.match.end(), other.match.start())
    if between is None:
        return False
    opening = re.search(r"(?i:\bbetween\s+(?:\w+\s+)?)\Z", one.text[: one.match.start()])
    return (between["to"].lower() == "and") == bool(opening)


def _range(one: _Expression, other: _Expression, clock: Clock, tense: str) -> Reading:
    """From one time to another: the end is the first one after the beginning."""
    clock = replace(clock, forward=tense == "FUTURE")
    if other.is_placed and not one.is_placed:
        last = other.read(clock)
        first = one.read(replace(clock, before=_first(last)))
    else:
        first = one.read(clock)
        last = other.read(replace(clock, after=_first(first)))
    if isinstance(first, str):
        return first
    if isinstance(last, str):
        return last
    if first.first is None or last.last is None or last.last < first.first:
        return f"{one.match.group()!r} to {other.match.group()!r} is no range"
    finer = min(first.granularity, last.granularity, key=_FINENESS.index)
    return Period(f"{first.value}/{last.value}", first.first, last.last, finer)


def _first(reading: Reading) -> date | None:
    return None if isinstance(reading, str) else reading.first


# ------------------------------------------------------------------ resolvers


def _part_of_time(name: str) -> Resolver:
    def resolver(words: Words) -> Resolution:
        found = resolve_time(words.quote, words.article.published, words.tense)
        return Resolution(getattr(found, name), reason=found.reason)

    return resolver


time_value = _part_of_time("value")
time_earliest = _part_of_time("earliest")
time_latest = _part_of_time("latest")
time_granularity = _part_of_time("granularity")
