"""A date against the words of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import regex

from extractor.checks.claim import Claim
from extractor.checks.holidays import holiday
from extractor.checks.iso import ONE, Days, days_of
from extractor.checks.tense import tense_of_time
from extractor.resolve.periods import NO_ANCHOR
from extractor.resolve.times import ResolvedTime, resolve_time


def check_date(claim: Claim) -> str | None:
    """Whether a time follows from its words, counted from the day of publication.

    The value is ISO 8601 or TIMEX3 at any granularity, a `date`, or a pair `[earliest,
    latest]` (None: open). Proves that the words name this time or one that lies in it: a
    month goes with a day of it, a day not with its month. Of a weekday both the last and the
    next are right, unless the context has a tense. Without the day of publication relative
    words support nothing. Leaves open what counts from another time in the text ("the day
    after"), and words that say no exact time ("recently").
    """
    found = list(_readings(claim))
    read = [one for one in found if one.reason is None]
    if not read:
        return _unread(claim, found)
    value = claim.value
    if isinstance(value, list | tuple):
        fits = any(_is_pair(one, value, claim) for one in read)
    else:
        fits = any(_is_single(one, value) or _is_counted(one, value, claim) for one in read)
    if fits:
        return None
    shown = " or ".join(dict.fromkeys(_shown(one) for one in read))
    return f"{_text(value)} does not follow from {claim.quote!r} ({shown})"


# ---------------------------------------------------------------------------- what it can mean

_NEAR_OR_FAR = regex.compile(r"(?i)\b(next|last)\b")
_PIECES = regex.compile(r"(?i),?\s(?:and|or|und|oder|et|ou|y|o)\s|[,;(]\s?|\)")
_NUMBERS = regex.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d\d)(?!\d)")


def _readings(claim: Claim) -> Iterator[ResolvedTime]:
    """What the words can mean, each with a value or a reason why it has none."""
    tenses = tense_of_time(claim)
    language = claim.language if claim.is_given else None
    seen = False
    for tense in tenses:
        found = resolve_time(claim.quote, claim.anchor, tense, language)
        if found.reason and " tense " in found.reason and len(tenses) == 1:
            found = resolve_time(claim.quote, claim.anchor, None, language)
        yield found
        seen = seen or found.reason is None
    if seen:
        return
    yield from _alternatives(claim, language)


def _alternatives(claim: Claim, language: str | None) -> Iterator[ResolvedTime]:
    """Readings of words that can mean two times, or that name several, or a feast."""
    quote, anchor = claim.quote, claim.anchor
    if match := _NUMBERS.search(quote):
        yield from _by_numbers(match)
    if match := _NEAR_OR_FAR.search(quote):
        word = "coming" if match[1].lower() == "next" else "past"
        step = 7 if word == "coming" else -7
        near = resolve_time(
            f"{quote[: match.start()]}{word}{quote[match.end() :]}", anchor, None, language
        )
        yield near
        yield _moved(near, step)
    pieces = [piece for piece in _PIECES.split(quote) if piece and piece.strip()]
    if len(pieces) > 1:
        yield from (
            found
            for piece in pieces
            for tense in ("PAST", "FUTURE")
            if (found := resolve_time(piece, anchor, tense, language)).reason is None
        )
    if days := holiday(quote, anchor):
        for at in days:
            yield _day(at)


def _by_numbers(match: regex.Match[str]) -> Iterator[ResolvedTime]:
    first, second, number = (int(group) for group in match.groups())
    number += 2000 if number < 100 else 0
    for month, day in ((first, second), (second, first)):
        try:
            yield _day(date(number, month, day))
        except ValueError:
            continue


def _day(at: date) -> ResolvedTime:
    return ResolvedTime(at.isoformat(), at.isoformat(), at.isoformat(), "day", type="DATE")


def _moved(time: ResolvedTime, days: int) -> ResolvedTime:
    if not (time.earliest and time.latest):
        return time
    first, last = (
        (date.fromisoformat(end) + timedelta(days=days)).isoformat()
        for end in (time.earliest, time.latest)
    )
    value = first if first == last else f"{first}/{last}"
    return replace(time, value=value, earliest=first, latest=last)


_NOTHING = "no time was recognised"
_TIME_LIKE = regex.compile(
    r"(?i)\d|day\b|week|month|year|night|morning|evening|season|eve\b|tag\b|jahr|monat|woche|jour|"
    r"semaine|mois|ann[ée]e|día|semana|mes\b|año|pascua|easter|christmas|noël|ramadan"
)


def _unread(claim: Claim, found: list[ResolvedTime]) -> str | None:
    """What to say when the words could not be read."""
    reasons = [one.reason for one in found if one.reason]
    if any(reason == NO_ANCHOR for reason in reasons):
        return f"{_text(claim.value)} cannot follow from {claim.quote!r}: {NO_ANCHOR}"
    nothing = all(reason.startswith(_NOTHING) for reason in reasons)
    if nothing and not _TIME_LIKE.search(claim.quote):
        return f"{claim.quote!r} says no time, so not {_text(claim.value)}"
    return None


# ------------------------------------------------------------------------------ does it fit


def _named(time: ResolvedTime) -> Days | None:
    """The time that the words name, without what limits it."""
    return days_of(time.value) if time.value else None


def _said(time: ResolvedTime) -> tuple[date | None, date | None]:
    ends = (time.earliest, time.latest)
    first, last = (date.fromisoformat(end[:10]) if end else None for end in ends)
    return first, last


def _is_single(time: ResolvedTime, value: object) -> bool:
    if isinstance(value, str) and value.strip() == time.value:
        return True
    wanted, named = days_of(value), _named(time)
    if wanted is None or named is None:
        return False
    if wanted.clock and named.clock and wanted.clock != named.clock:
        return False
    if wanted.clock and not named.clock:
        return False
    if wanted.holds(named):
        return True
    if time.value and "/" in time.value:
        return any(
            (end := days_of(part)) is not None and wanted.holds(end)
            for part in time.value.split("/")
        )
    return False


_COUNTED = regex.compile(
    r"(?i)\b(?:ago|from now|time|vor|in|il y a|dans|hace|dentro de|en)\b|\b(?:earlier|later)\b"
)


def _is_counted(time: ResolvedTime, value: object, claim: Claim) -> bool:
    """A week ago may be the very day: seven days before the publication."""
    wanted, named, anchor = days_of(value), _named(time), claim.anchor
    if not (wanted and named and anchor and _COUNTED.search(claim.quote)):
        return False
    if wanted.first != wanted.last or not named.holds(wanted):
        return False
    if time.granularity == "week":
        return wanted.first.weekday() == anchor.weekday()
    if time.granularity == "month":
        return wanted.first.day == anchor.day
    return (wanted.first.month, wanted.first.day) == (anchor.month, anchor.day)


def _is_pair(time: ResolvedTime, value: list[object] | tuple[object, ...], claim: Claim) -> bool:
    if len(value) != 2 or all(end is None for end in value):
        return False
    ends = [None if end is None else days_of(end) for end in value]
    if any(end is None and given is not None for end, given in zip(ends, value, strict=True)):
        return False
    low, high = (ends[0].first if ends[0] else None), (ends[1].last if ends[1] else None)
    if low and high and low > high:
        return False
    first, last = _said(time)
    if time.value == "FUTURE_REF":
        return _is_ahead(low, high, claim)
    return _is_first(low, first, time, claim) and _is_last(high, last, time, claim)


def _is_ahead(low: date | None, high: date | None, claim: Claim) -> bool:
    """In the coming days: from the day of publication on, to an end near or open."""
    anchor = claim.anchor
    return anchor is not None and low in {anchor, anchor + ONE} and (high is None or high > anchor)


def _is_first(low: date | None, first: date | None, time: ResolvedTime, claim: Claim) -> bool:
    if first is not None:
        near = {first, first - ONE} if time.mod == "AFTER" else {first}
        return low in near or _is_fuzzy(low, first, time)
    return low is None or (claim.anchor is not None and low in {claim.anchor, claim.anchor + ONE})


def _is_last(high: date | None, last: date | None, time: ResolvedTime, claim: Claim) -> bool:
    if last is not None:
        near = {last, last + ONE} if time.mod == "BEFORE" else {last}
        return high in near or _is_fuzzy(high, last, time)
    return high is None or (
        time.value == "PAST_REF" and claim.anchor is not None and high == claim.anchor
    )


def _is_fuzzy(given: date | None, end: date, time: ResolvedTime) -> bool:
    """Parts of a period have no exact ends: early September, about 2019."""
    if time.mod not in {"START", "MID", "END", "APPROX"} or given is None:
        return False
    named = _named(time)
    reach = (named.last - named.first).days // 3 if named else 0
    return abs((given - end).days) <= reach


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _shown(time: ResolvedTime) -> str:
    ends = f"{time.earliest or 'open'} to {time.latest or 'open'}"
    return str(time.value) if time.earliest == time.latest else f"{time.value}, {ends}"
