"""Finds the expressions of time in a quotation, with the words that limit them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extractor.resolve import relative
from extractor.resolve.language import Fields, Language, Limit, Rule
from extractor.resolve.periods import Clock, Reading, at_hour

_REACH = 60  # how far before an expression its limiting words are looked for


@dataclass(frozen=True)
class Hour:
    """A clock time, from `start` to `end` of the text; `minute` is None for a full hour."""

    start: int
    end: int
    hour: int
    minute: int | None
    is_utc: bool


@dataclass(frozen=True)
class Expression:
    """One expression of time, from `start` to `end` of the text, and what limits it.

    `begin` is where its limiting words begin.
    """

    start: int
    end: int
    begin: int
    fields: Fields
    rule: Rule
    limit: Limit | None = None
    part: str | None = None
    hour: Hour | None = None

    @property
    def is_weekday(self) -> bool:
        """Whether it is a weekday alone."""
        return self.rule.read is relative.weekday

    @property
    def is_rhythm(self) -> bool:
        """Whether it only says how often (daily), which a time beside it outweighs."""
        fields = self.fields
        is_named = any(part is not None for part in (fields.weekday, fields.month, fields.season))
        return self.rule.read is relative.repeated and not is_named

    @property
    def is_placed(self) -> bool:
        """Whether it says itself which year or week it means."""
        fields = self.fields
        return bool(fields.year or fields.which_year or fields.which)

    def read(self, clock: Clock) -> Reading:
        """What it means without its limits."""
        found = self.rule.read(self.fields, clock)
        if self.hour is None or isinstance(found, str):
            return found
        is_day = found.granularity == "day" and found.first == found.last is not None
        if not is_day:
            return found
        return at_hour(found, self.hour.hour, self.hour.minute, is_utc=self.hour.is_utc)


def expressions(text: str, plain: str, language: Language) -> list[Expression]:
    """The expressions of time in a text, in order, the longest where they overlap.

    `plain` is the text as the language's patterns want it, of the same length.
    """
    found = [(match, rule) for rule in language.rules for match in rule.pattern.finditer(plain)]
    found.sort(key=lambda item: (item[0].start(), -item[0].end()))
    hours = clock_times(plain, language)
    done, kept = 0, []
    for match, rule in found:
        start, end = match.span()
        if start >= done and not any(one.start < end and start < one.end for one in hours):
            kept.append(_expression(match, rule, text, plain, language))
            done = end
    return [_at_hour(one, hours, plain, language) for one in kept]


def clock_times(plain: str, language: Language) -> list[Hour]:
    """The clock times in a text, in order."""
    matches = [match for pattern in language.clocks for match in pattern.finditer(plain)]
    matches.sort(key=lambda match: (match.start(), -match.end()))
    found: list[Hour] = []
    for match in matches:
        hour = _hour(match, language)
        if hour and (not found or hour.start >= found[-1].end):
            found.append(hour)
    return found


def _hour(match: re.Match[str], language: Language) -> Hour | None:
    fields = language.fields(match, match.group())
    hour = 12 if fields.noon else fields.hour or 0
    if fields.meridiem:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if fields.meridiem.startswith("p") else 0)
    if hour > 24 or (fields.minute or 0) > 59:
        return None
    return Hour(*match.span(), hour, fields.minute, bool(fields.utc))


def _expression(
    match: re.Match[str], rule: Rule, text: str, plain: str, language: Language
) -> Expression:
    start, end = match.span()
    one = Expression(start, end, start, language.fields(match, text[start:end]), rule)
    return _limited(one, plain, language)


def _limited(one: Expression, plain: str, language: Language) -> Expression:
    """The expression with the words around it that limit it."""
    found = language.before.search(plain, max(one.start - _REACH, 0), one.start)
    behind = language.following.match(plain, one.end)
    limit, part = (_word(found, name) for name in ("limit", "part"))
    return replace(
        one,
        begin=found.start() if found else one.start,
        limit=language.limits.get(limit) or language.limits.get(_word(behind, "limit")),
        part=language.parts.get(part.replace("-", " ")),
    )


def _word(match: re.Match[str] | None, name: str) -> str:
    return ((match and match[name]) or "").lower()


def _at_hour(one: Expression, hours: list[Hour], plain: str, language: Language) -> Expression:
    """The expression at the only clock time of the text, if it stands beside it."""
    if len(hours) != 1:
        return one
    (hour,) = hours
    if hour.end <= one.start:
        between = language.before.search(plain, hour.end, one.start)
        if not plain[hour.end : between.start() if between else one.start].strip(" ,"):
            earlier = _limited(replace(one, start=hour.start), plain, language)
            limit = earlier.limit or language.limits.get(_word(between, "limit"))
            return replace(earlier, limit=limit, part=one.part, hour=hour)
    if one.end <= hour.start:
        between = language.before.search(plain, one.end, hour.start)
        gap = plain[one.end : between.start() if between else hour.start]
        if not gap.strip(" ,'s"):
            own = language.limits.get(_word(between, "limit"))
            return replace(one, end=hour.end, limit=one.limit or own, hour=hour)
    return one
