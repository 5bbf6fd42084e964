"""Times, resolved against the publication date.

A quotation holds one expression of time, with what limits it ("as early as", "until", "late
on"), or a range of two. Nothing is ever filled with the anchor. English is read first and
most fully; Spanish, French and German have their common forms (see the modules so named).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from extractor.resolve.english import ENGLISH
from extractor.resolve.french import FRENCH
from extractor.resolve.german import GERMAN
from extractor.resolve.language import Language
from extractor.resolve.reading import Quotation
from extractor.resolve.spanish import SPANISH
from extractor.resolve.words import Resolution, Resolver, Words
from extractor.text import folded_text

LONGEST = 400
"""A quotation of more characters is a passage, not a time."""


@dataclass(frozen=True)
class ResolvedTime:
    """A time, or the reason why it is not resolved.

    `value`, `type` and `mod` are TIMEX3's. `value` is ISO 8601 at the stated granularity:
    2023-09-12, 2023-09-12T15:00, 2023-W37, 2023-W37-WE, 2023-08, 2023-Q3, 2024-H1, 2021-SU,
    2019, 199 (the 1990s), 18 (the 19th century), FUTURE_REF, PAST_REF, two of these with `/`
    between for a range, P3D for a length, XXXX-WXX-1 for every Monday. `earliest` and
    `latest` are the first and last day (ISO 8601) that it can mean, None for an open end;
    a length or set that stands nowhere in the calendar has neither. `granularity` is the
    size of the unit named, from minute to century; a part of a day counts as the day. `mod`
    is BEFORE, AFTER, ON_OR_BEFORE, ON_OR_AFTER, START, MID, END or APPROX, and for lengths
    also MORE_THAN, LESS_THAN, EQUAL_OR_MORE, EQUAL_OR_LESS. `type` is DATE, TIME, DURATION
    or SET.
    """

    value: str | None = None
    earliest: str | None = None
    latest: str | None = None
    granularity: str | None = None
    mod: str | None = None
    reason: str | None = None
    type: str | None = None


def resolve_time(
    quote: str, anchor: date | None, tense: str | None = None, language: str | None = None
) -> ResolvedTime:
    """The time that a quotation names; `anchor` is the publication date, if known.

    `tense` is ACE's (PAST, FUTURE; others say nothing). A weekday is the latest one up to the
    anchor, a month or season the latest that has begun; with tense FUTURE, or after words
    that look ahead, the next one from the anchor on. A date without a year is in the year
    nearest to the anchor, on the side that the tense says. `language` is a code such as "es"
    or "de-AT"; without one, it is the language whose words explain most of the quotation.
    Words that can mean two times ("next Friday" on a Monday) are not resolved.
    """
    if len(quote) > LONGEST:
        return ResolvedTime(reason=f"{len(quote)} characters are too many for a time")
    return _resolved(quote, anchor, tense, language)


def times_in(text: str, language: str | None = None) -> list[str]:
    """The times that a text names, in order, with the words that limit them: "as early as
    Tuesday". `language` is as in `resolve_time`; without one, English."""
    folded = folded_text(text)
    seen = Quotation.of(folded, _languages(language or "en")[0])
    return [folded[one.begin : one.end].strip() for one in seen.found]


# A pure function: six fields of a time ask for the same one, one after the other.
@lru_cache(maxsize=8)
def _resolved(
    quote: str, anchor: date | None, tense: str | None, language: str | None
) -> ResolvedTime:
    text = folded_text(quote).strip()
    text = text.title() if text.isupper() else text
    quotations = [Quotation.of(text, known) for known in _languages(language)]
    best = max(quotations, key=lambda one: one.explained)
    try:
        reading = best.read(anchor, (tense or "").upper())
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
        type=reading.type,
    )


_LANGUAGES = {
    **dict.fromkeys(("en", "eng"), ENGLISH),
    **dict.fromkeys(("es", "spa"), SPANISH),
    **dict.fromkeys(("fr", "fra", "fre"), FRENCH),
    **dict.fromkeys(("de", "deu", "ger"), GERMAN),
}


def _languages(code: str | None) -> list[Language]:
    """The languages to try, English first. Unknown ones are tried as if none were given."""
    known = _LANGUAGES.get((code or "").lower().replace("_", "-").split("-")[0])
    return [known] if known else [ENGLISH, SPANISH, FRENCH, GERMAN]


def _part_of_time(name: str) -> Resolver:
    def resolver(words: Words) -> Resolution:
        article = words.article
        found = resolve_time(words.quote, article.published, words.tense, article.language)
        return Resolution(getattr(found, name), reason=found.reason)

    return resolver


time_type = _part_of_time("type")
time_value = _part_of_time("value")
time_mod = _part_of_time("mod")
time_earliest = _part_of_time("earliest")
time_latest = _part_of_time("latest")
time_granularity = _part_of_time("granularity")
