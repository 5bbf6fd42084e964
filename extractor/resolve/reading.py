"""Reads a quotation in one language: one time, two that agree, or a range."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from extractor.resolve import dates
from extractor.resolve.expressions import Expression, clock_times, expressions
from extractor.resolve.language import Language
from extractor.resolve.periods import DAY, FINENESS, Clock, Period, Reading, part_of


@dataclass(frozen=True)
class Quotation:
    """A quotation, and the expressions of time that one language sees in it."""

    text: str
    plain: str
    language: Language
    found: list[Expression]

    @classmethod
    def of(cls, text: str, language: Language) -> Quotation:
        """The quotation as a language sees it; `text` is folded (`extractor.text`)."""
        plain = language.plain(text)
        return cls(text, plain, language, expressions(text, plain, language))

    @property
    def explained(self) -> tuple[int, int]:
        """How many characters the language knows: as times, and as hints at a time."""
        hour = sum(one.end - one.start for one in clock_times(self.plain, self.language))
        known = sum(one.end - one.begin for one in self.found)
        if len(self.found) == 2 and self._is_range(*self.found):
            known += self.found[1].start - self.found[0].end
        vague = self.language.vague.search(self.plain)
        unclear = (pattern.search(self.plain) for pattern, _ in self.language.unclear)
        hints = [len(match.group()) for match in (vague, *unclear) if match]
        return known, max([hour, *hints])

    def read(self, anchor: date | None, tense: str) -> Reading:
        """The time, or why there is none."""
        if reason := self._unclear():
            return reason
        if not self.found:
            return self._nothing()
        if not tense and self.language.ahead.search(self.plain):
            tense = "FUTURE"
        clock = Clock(anchor, tense, "ahead" if tense == "FUTURE" else "back")
        single = [one for one in self.found if not one.is_rhythm] or self.found
        if len(single) == 2 and self._is_range(*single):
            return _range(single[0], single[1], clock)
        return _one_of([(one, _limited(one, clock)) for one in single])

    def _unclear(self) -> str | None:
        """Why the whole is unclear, whatever times stand in it."""
        for pattern, reason in self.language.unclear:
            for match in pattern.finditer(self.plain):
                if not any(_covers(one, match) for one in self.found):
                    return f"{self.text[slice(*match.span())].strip()!r} {reason}"
        return None

    def _nothing(self) -> str:
        if hours := clock_times(self.plain, self.language):
            return f"{self.text[hours[0].start : hours[0].end]!r} does not say on which day"
        if vague := self.language.vague.search(self.plain):
            return f"{self.text[slice(*vague.span())]!r} does not say when"
        return f"no time was recognised in {self.text[:60]!r}"

    def _is_range(self, one: Expression, other: Expression) -> bool:
        between = self.language.connector.fullmatch(self.plain, one.end, other.start)
        if between is None:
            return False
        opening = self.language.between.search(self.plain, max(one.start - 60, 0), one.start)
        return bool(between["both"]) == bool(opening)


def _covers(one: Expression, match: re.Match[str]) -> bool:
    """Whether an unclear phrase is explained: "the week before last", "Monday night after"."""
    begins_inside = one.start < match.start() < one.end
    return begins_inside or (one.start <= match.start() and match.end() <= one.end)


def _one_of(readings: list[tuple[Expression, Reading]]) -> Reading:
    """The only reading, if all agree with it."""
    exact = [item for item in readings if not item[0].is_weekday]
    chosen, first = (exact or readings)[0]
    if isinstance(first, str):
        return first
    for one, reading in readings:
        if one is not chosen and not _agrees(first, one, reading, beside_date=bool(exact)):
            words = (readings[0][0].fields.words, readings[1][0].fields.words)
            return f"two times: {words[0]!r} and {words[1]!r}"
    return first


def _agrees(first: Period, one: Expression, reading: Reading, *, beside_date: bool) -> bool:
    """Whether a second time says the same; a weekday need only be that of the date beside it."""
    if one.is_weekday and beside_date and first.first and first.first == first.last:
        return first.first.weekday() == one.fields.weekday  # Sept. 11, a Monday
    return not isinstance(reading, str) and first.value == reading.value


def _limited(one: Expression, clock: Clock) -> Reading:
    """The expression, with what stands before it."""
    mod = one.limit.mod if one.limit else None
    period = one.read(_clock_for(one, clock))
    if isinstance(period, str) or period.type in {"DURATION", "SET"}:
        return period
    if "/" in period.value and one.limit and one.limit.side is None and mod == "ON_OR_AFTER":
        return period  # from 11 to 13 September
    if one.part and period.type == "DATE" and period.mod is None:
        period = part_of(period, one.part)
    exact = period.mod is None and period.type == "DATE"
    period = replace(period, mod=mod or period.mod)
    if mod in {None, "APPROX"} or period.value in {"FUTURE_REF", "PAST_REF"}:
        return period
    if mod == "ON_OR_AFTER":
        return replace(period, last=None)
    if mod == "ON_OR_BEFORE":
        return replace(period, first=None)
    return _outside(period, exact=exact)


def _clock_for(one: Expression, clock: Clock) -> Clock:
    """What a limited expression counts from.

    What is past may have an end ahead (it was closed until 13 September), so that the tense
    does not decide between the years of an end.
    """
    if one.limit is None:
        return clock
    if one.limit.mod in {"BEFORE", "ON_OR_BEFORE"} and clock.tense == "PAST":
        return replace(clock, tense="", side="near")
    if one.limit.side == "back":
        return replace(clock, tense="PAST", side="back")
    return replace(clock, side="ahead") if one.limit.side == "ahead" else clock


def _outside(period: Period, *, exact: bool) -> Period:
    """Before or after a period; if only a part of it is meant, the rest may be outside too."""
    if period.mod == "BEFORE":
        limit = period.first - DAY if exact and period.first else period.last
        return replace(period, first=None, last=limit)
    limit = period.last + DAY if exact and period.last else period.first
    return replace(period, first=limit, last=None)


def _range(one: Expression, other: Expression, clock: Clock) -> Reading:
    """From one time to another: the end is the first one after the beginning.

    A range of dates that is ahead may have begun: there its end decides.
    """
    dated = other.rule.read is dates.day_of_month and clock.tense == "FUTURE"
    if not one.is_placed and (other.is_placed or dated):
        last = other.read(clock)
        first = one.read(replace(clock, before=_first(last)))
    else:
        first = one.read(clock)
        last = other.read(replace(clock, after=_first(first)))
    if isinstance(first, str):
        return first
    if isinstance(last, str):
        return last
    first = part_of(first, one.part) if one.part else first
    last = part_of(last, other.part) if other.part else last
    if first.first is None or last.last is None or last.last < first.first:
        return f"{one.fields.words!r} to {other.fields.words!r} is no range"
    finer = min(first.granularity, last.granularity, key=FINENESS.index)
    kind = "TIME" if "TIME" in {first.type, last.type} else "DATE"
    return Period(f"{first.value}/{last.value}", first.first, last.last, finer, type=kind)


def _first(reading: Reading) -> date | None:
    return None if isinstance(reading, str) else reading.first
