"""Expressions of time in English, each read as a period of days.

General date parsers fill what they do not understand with the day they count from. Here an
expression either means one period, or there is a reason why it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from extractor.resolve import dates, relative
from extractor.resolve.numbers import SMALL_NUMBERS
from extractor.resolve.periods import MONTHS, Clock, Reading

_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November"
    r"|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = (
    r"(?P<weekday>(?i:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?i:day)|(?:Mon|Tues?|Wed|Thu(?:rs?)?"
    r"|Fri|Sat|Sun)\.)"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:.]\d|\d)"
_YEAR = r"(?P<year>1\d{3}|2[01]\d\d)(?!\d|[/.,:]\d|-\d(?!\d{3}(?!\d)))"
_WHICH_YEAR = rf"(?:,?\s+(?:of\s+)?(?:{_YEAR}|(?P<which_year>last|this|next)\s+year))"
_TO = r"\s*(?:-|\b(?:to|until|till|through)\b)\s*"
_UNIT = r"(?P<unit>day|week|month|year)"
_UNITS = r"(?P<unit>hour|day|week|month|year)s"
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(SMALL_NUMBERS)}|an?)"


Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Clock], Reading]]


def _rule(pattern: str, read: Callable[[re.Match[str], Clock], Reading]) -> Rule:
    return re.compile(rf"(?<![\w/$€£#])(?<!\d[.,:])(?:{pattern})(?!\w)"), read


_WITH_WEEKDAY = rf"(?:{_WEEKDAY},?\s+\(?(?:the\s+)?)?"
_FIRST = r"(?P<first>\d{1,2})(?:st|nd|rd|th)?"
_LISTED = r"(?:,\s+|\s+(?:and|or|&)\s+)"
_WHOLE_MONTH = rf"(?P<month>{'|'.join(m for m in MONTHS if m not in ('March', 'May'))})"
# These two are words as well: only what stands before them makes them months.
_LIKE_A_WORD = (
    "in by of since until till from to through before after during between and early late mid"
)
_MONTH_WORD = (
    r"(?:\A(?=\w+\W*\Z)|(?<=\bmid-)|"
    + "|".join(rf"(?<=\b(?i:{word}) )" for word in _LIKE_A_WORD.split())
    + r")(?P<month>March|May)"
)
RULES: tuple[Rule, ...] = (
    _rule(rf"{_WITH_WEEKDAY}{_DAY}\s+(?:of\s+)?{_MONTH}{_WHICH_YEAR}?", dates.day_of_month),
    _rule(rf"{_WITH_WEEKDAY}{_MONTH}\s+(?:the\s+)?{_DAY}{_WHICH_YEAR}?", dates.day_of_month),
    _rule(rf"{_FIRST}{_TO}{_DAY}\s+(?:of\s+)?{_MONTH}{_WHICH_YEAR}?", dates.days_of_month),
    _rule(rf"{_MONTH}\s+{_FIRST}{_TO}{_DAY}{_WHICH_YEAR}?", dates.days_of_month),
    _rule(
        rf"(?i:between)\s+{_FIRST}\s+and\s+{_DAY}\s+(?:of\s+)?{_MONTH}{_WHICH_YEAR}?",
        dates.days_of_month,
    ),
    _rule(rf"(?i:between)\s+{_MONTH}\s+{_FIRST}\s+and\s+{_DAY}{_WHICH_YEAR}?", dates.days_of_month),
    _rule(rf"{_FIRST}{_LISTED}{_DAY}\s+(?:of\s+)?{_MONTH}", dates.listed_days),
    _rule(rf"{_MONTH}\s+{_FIRST}{_LISTED}{_DAY}(?!\s+[a-z])", dates.listed_days),
    _rule(rf"{_WEEKDAY},?\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)", dates.day_without_month),
    _rule(rf"{_MONTH}{_WHICH_YEAR}", dates.month_of_year),
    _rule(_WHOLE_MONTH, dates.month_alone),
    _rule(_MONTH_WORD, dates.month_alone),
    _rule(rf"(?i:(?P<which>last|this|next))\s+{_MONTH}", dates.month_alone),
    _rule(r"(?P<year>\d{4})([-/])(?P<number>\d\d)\2(?P<day>\d\d)(?!-)", dates.iso_date),
    _rule(r"(?P<year>1\d{3}|2[01]\d\d)-(?P<number>0[1-9]|1[0-2])(?!-)", dates.iso_month),
    _rule(r"(?P<one>\d{1,2})([-/.])(?P<two>\d{1,2})\2(?P<year>[12]\d{3})", dates.numeric_date),
    _rule(
        rf"{_YEAR}(?!\s*(?:GMT|UTC|hours|[a-z]+(?<!ss)s\b|people|men|women|%))", dates.year_alone
    ),
    _rule(
        rf"(?:(?i:(?P<which>last|next|this|(?:this\s+)?coming|(?:this\s+)?past))\s+)?{_WEEKDAY}"
        r"(?!\s+(?:Times|Mail|Telegraph|Express|Mirror)\b)",
        relative.weekday,
    ),
    _rule(rf"{_WEEKDAY}\s+(?:of\s+)?(?P<which>last|this|next)\s+week", relative.weekday_of_week),
    _rule(
        rf"(?i:{'|'.join(sorted(relative.NEAR_DAYS, key=len, reverse=True))})", relative.near_day
    ),
    _rule(
        r"(?i:(?:(?P<part>earlier|later)\s+)?(?<!the\s)(?P<which>last|this|next)"
        r"\s+(?P<unit>week|month|year)(?!\s+of\b))",
        relative.near_unit,
    ),
    _rule(
        rf"(?i:(?:(?P<about>{'|'.join(relative.MORE_OR_LESS)})\s+)?{_COUNT}\s+{_UNIT}s?\s+ago)",
        relative.ago,
    ),
    _rule(rf"(?i:in\s+{_COUNT}\s+{_UNIT}s?(?:'?\s+time|\s+from\s+now)?)", relative.ahead),
    _rule(rf"(?i:{_COUNT}\s+{_UNIT}s?\s+from\s+now)", relative.ahead),
    _rule(rf"(?i:(?:coming|next\s+(?:few|several))\s+{_UNITS})", relative.coming),
    _rule(rf"(?i:{_UNITS}\s+(?:ahead|to\s+come))", relative.coming),
    _rule(rf"(?i:recent\s+{_UNITS})", relative.recent),
)


def expressions(text: str) -> Iterator[tuple[re.Match[str], Rule]]:
    """The expressions of time in a text, in order, the longest where they overlap."""
    found = [(match, rule) for rule in RULES for match in rule[0].finditer(text)]
    found.sort(key=lambda item: (item[0].start(), -item[0].end()))
    done = 0
    for match, rule in found:
        if match.start() >= done:
            yield match, rule
            done = match.end()
