"""Times in English. Case matters for months alone: "may" and "march" are words as well."""

from __future__ import annotations

import re

from extractor.resolve import dates, relative, spans
from extractor.resolve import english_words as words
from extractor.resolve.language import Grammar, Language, after_any, group, one_of
from extractor.resolve.periods import MONTHS

_SUN = "dawn|daybreak|sunrise|sunset|dusk|nightfall|midnight|lunchtime|midday"
_DAYPART = "morning|afternoon|evening|night"

_PIECES = {
    "month": rf"(?-i:(?P<month>{'|'.join(MONTHS)}|(?:{'|'.join(words.SHORT_MONTHS)})\b\.?))",
    "whole_month": f"(?-i:(?P<month>{'|'.join(m for m in MONTHS if m not in ('March', 'May'))}))",
    "month_word": rf"(?:\A(?=\w+\W*\Z)|{after_any(words.LIKE_A_WORD)})"
    "(?-i:(?P<month>March|May))",
    "weekday": r"(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|(?-i:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.)",
    "any_weekday": "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day",
    "day": r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:.]\d|\d)",
    "first": r"(?P<first>\d{1,2})(?:st|nd|rd|th)?",
    "year": r"(?P<year>1\d{3}|2[01]\d\d)(?!\d|[/.,:]\d|-\d(?!\d{3}(?!\d)))",
    "which_year": "(?P<which_year>last|this|next) year",
    "in_year": "(?:,? (?:of )?(?:{year}|{which_year}))",
    "of_year": "(?:,? (?:(?:of|in) )?(?:{year}|(?P<which_year>last|this|next|the) year))",
    "of_month": "(?:of|in) (?:{month}{in_year}?|(?P<which>the|this|last|next) month)",
    "to": r" ?(?:-|\b(?:to|until|till|through)\b) ?",
    "listed": "(?:, | (?:and|or|&) )",
    "with_weekday": r"(?:(?:(?:last|this|next|coming|past) )?{weekday},? \(?(?:the )?)?",
    "unit": "(?P<unit>day|week|month|quarter|year|decade|century)",
    "length": "(?P<unit>minute|hour|day|night|week|fortnight|month|quarter|year|decade)s?",
    "units": "(?P<unit>minute|hour|day|week|month|year|decade)s",
    "count": rf"(?P<count>\d{{1,3}}|{one_of(words.COUNTS)})",
    "about": f"(?:{group('about', words.ABOUT)} )?",
    "several": "(?:(?:a )?(?:few|several|many) )",
    "ordinal": group("ordinal", words.ORDINALS),
    "quarter": group("quarter", words.QUARTERS),
    "season": group("season", words.SEASONS),
    "in_season": after_any(words.SEASON_WORDS),
    "in_decade": after_any(["the", "early", "mid", "late"]),
    "decade": group("decade", words.DECADES),
    "century": group("century", words.CENTURIES),
    "week_of": "week (?:of|beginning|starting|commencing)",
    "near": "(?P<which>last|this|next)",
    "span": "(?P<unit>minute|hour|day|week|fortnight|month|quarter|year|decade|century)",
    "span_word": "(?:minute|hour|day|night|week|month|quarter|year|decade)",
    "counted": rf"(?:\d{{1,3}}|{one_of(words.COUNTS)})",
    "over": "(?:over|in|during|within|for) ",
    "near_day": group("count", words.NEAR_DAYS),
    "sun": _SUN,
    "near_sun": rf"(?:(?:shortly|just|soon) )?(?:before|after|around|about) (?:{_SUN})\b",
    "daypart": _DAYPART,
    "of": after_any(["end of", "start of", "beginning of", "middle of", "close of"]),
    "limits": group("limit", words.LIMITS),
    "parts": group("part", words.PARTS),
}
_GRAMMAR = Grammar(_PIECES, re.IGNORECASE)
_rule = _GRAMMAR.rule

_DATES = (
    _rule("{with_weekday}{day} (?:of )?{month}{in_year}?", dates.day_of_month),
    _rule("{with_weekday}{month} (?:the )?{day}{in_year}?", dates.day_of_month),
    _rule("{day} (?:of )?{near} month", dates.day_of_near_month),
    _rule("{first}{to}{day} (?:of )?{month}{in_year}?", dates.days_of_month),
    _rule("{month} {first}{to}{day}{in_year}?", dates.days_of_month),
    _rule(
        "between (?:the )?{first} and (?:the )?{day} (?:of )?{month}{in_year}?",
        dates.days_of_month,
    ),
    _rule("between {month} {first} and {day}{in_year}?", dates.days_of_month),
    _rule("{first}{listed}{day} (?:of )?{month}", dates.listed_days),
    _rule("{month} {first}{listed}{day}(?! (?-i:[a-z]))", dates.listed_days),
    _rule(r"{weekday},? (?:the )?\d{1,2}(?:st|nd|rd|th)", dates.day_without_month),
    _rule(r"the \d{1,2}(?:st|nd|rd|th)(?=\W*\Z)", dates.day_without_month),
    _rule("{month}{in_year}", dates.month_of_year),
    _rule("{whole_month}", dates.month_alone),
    _rule("{month_word}", dates.month_alone),
    _rule("{near} {month}", dates.month_alone),
    _rule("{ordinal} {weekday} {of_month}", dates.nth_of_month),
    _rule("{ordinal} (?P<unit>day|week|weekend) {of_month}", dates.nth_of_month),
    _rule("(?P<half>first|second|latter) half {of_month}", dates.half_of_month),
    *(_rule(form, read) for form, read in dates.DIGITS),
    _rule(dates.THREE_NUMBERS, dates.numeric_date),
    _rule(r"{year}(?! ?(?:GMT|UTC|hours|[a-z]+(?<!ss)s\b|people|men|women|%))", dates.year_alone),
)
_SPANS = (
    _rule("{quarter}[ -]quarter{of_year}?(?! of)", spans.quarter_of_year),
    _rule("(?P<quarter>last|final) quarter{of_year}", spans.quarter_of_year),
    _rule("(?-i:Q)(?P<quarter>[1-4]){of_year}?", spans.quarter_of_year),
    _rule("(?P<half>first|second|last|latter)[ -]half{of_year}", spans.half_of_year),
    _rule("(?-i:H)(?P<half>[12]){of_year}", spans.half_of_year),
    _rule("(?P<ordinal>first|last|final) {count} months{of_year}", spans.months_of_year),
    _rule(
        r"{season}(?: of)?,? (?P<year>1\d{3}|2[01]\d\d)(?:[-/]\d\d(?:\d\d)?)?(?!\d)",
        spans.season_of_year,
    ),
    _rule("{season} (?:of )?{which_year}", spans.season_of_year),
    _rule(
        "(?P<which>last|this|next|(?:this |the )?(?:past|coming)) {season}(?! of)",
        spans.season_alone,
    ),
    _rule("{in_season}{season}(?! (?:of|games|olympics|school|camp)\\b)", spans.season_alone),
    _rule(r"(?P<decade>[12]\d\d0)'?s", spans.decade_of_century),
    _rule(r"{in_decade}'?(?P<decade>[2-9]0)'?s", spans.decade_of_century),
    _rule("{in_decade}{decade}", spans.decade_of_century),
    _rule(r"(?P<century>\d{1,2})(?:st|nd|rd|th)[ -]century(?! BC)", spans.century_by_number),
    _rule("{century}[ -]century(?! BC)", spans.century_by_number),
)
_RELATIVE = (
    _rule(
        "(?:(?P<which>last|next|this|(?:this )?coming|(?:this )?past) )?{weekday}"
        r"(?:,? (?:{daypart}))?(?! (?:Times|Mail|Telegraph|Express|Mirror)\b)",
        relative.weekday,
    ),
    _rule("{weekday}(?: (?:{daypart}))? (?:of )?{near} week", relative.weekday_of_week),
    _rule("overnight into {weekday}", relative.night_between),
    _rule("{near_day}(?: (?:{daypart}))?", relative.near_day),
    _rule(
        "(?P<which>last|this|next|(?:this |the )?(?:past|coming)) weekend", relative.weekend_alone
    ),
    _rule(r"(?<=\bthe )weekend(?! (?:of|before|after)\b)", relative.weekend_alone),
    _rule("weekend of (?:the )?{day} (?:of )?{month}{in_year}?", relative.weekend_of_day),
    _rule("weekend of {month} {day}{in_year}?", relative.weekend_of_day),
    _rule("{week_of} (?:the )?{day} (?:of )?{month}{in_year}?", relative.week_of_day),
    _rule("{week_of} {month} {day}{in_year}?", relative.week_of_day),
    _rule(r"(?:(?P<portion>earlier|later) )?(?<!\bthe ){near} {unit}(?! of\b)", relative.near_unit),
    _rule("{of}(?P<which>the|this) {unit}", relative.near_unit),
    _rule("{unit}[ -]end", relative.end_of_unit),
    _rule("before (?P<which>the|this) {unit} (?:is|was) (?:out|over)", relative.before_end_of_unit),
    _rule("{unit} (?P<which>before last|after next)", relative.unit_before_last),
    _rule("{about}{count} {length} ago", relative.ago),
    _rule("{several}?{units} ago", relative.ago),
    _rule("in {about}{count} {length}", relative.ahead),
    _rule("in {about}{count} {length}'? (?:time|from now)", relative.in_future),
    _rule("{about}{count} {length} from now", relative.in_future),
    _rule("in {several}{units}", relative.ahead),
    _rule("within {count} {length}", relative.within),
    _rule("within {several}?{units}", relative.within),
    _rule("(?:coming |next {several}){units}", relative.coming),
    _rule("{units} (?:ahead|to come)", relative.coming),
    _rule(r"(?P<which>next|coming) {count} {length}(?! of\b)", relative.coming),
    _rule(r"{over}(?P<count>the) (?P<which>next|coming) {span}(?! of\b)", relative.coming),
    _rule("(?:recent |(?:past|last) {several}){units}", relative.recent),
    _rule(r"(?:past|last) {count} {length}(?! of\b)", relative.recent),
    _rule(r"{over}(?P<count>the) last {span}(?! of\b)", relative.recent),
    _rule("(?P<count>the|this) past {span}", relative.recent),
)
_LENGTHS_AND_SETS = (
    _rule(
        "(?:for|lasting|lasts?|lasted|during|spanning|throughout) (?:the )?{about}{count} {length}",
        relative.duration,
    ),
    _rule("{count}-{span}(?:-long)?(?!-)", relative.duration),
    _rule("{count} {span}-long", relative.duration),
    _rule(r"\A{about}{count} {length}(?=\W*\Z)", relative.duration),
    _rule("(?:for|lasting|lasted) {several}?{units}", relative.duration),
    _rule("(?:every|each) {weekday}(?: (?:{daypart}))?", relative.repeated),
    _rule("{weekday}s", relative.repeated),
    _rule(
        "(?:every|each) (?P<unit>{daypart}|day|weekend|week|month|quarter|year)", relative.repeated
    ),
    _rule("(?:every|each) {month}", relative.repeated),
    _rule("(?:every|each) {season}", relative.repeated),
    _rule("every {count} {length}", relative.repeated),
    _rule(f"(?-i:(?P<unit>{one_of(words.ADVERBS)}))", relative.repeated),
    _rule(r"(?:once|twice|\w+ times) (?:an?|per|every|each) {span}", relative.repeated),
)

_ZONE = (
    r"(?: ?(?:(?P<utc>GMT|UTC)|(?-i:[A-Z]{2,3}T)|local time))?"
    r"(?: \(\d\d:?\d\d (?:GMT|UTC)\))?(?!\w)"
)
_CLOCKS = tuple(
    _GRAMMAR.pattern(rf"(?<![\w:.-])(?<!\d to )(?<!\d and )(?<!\d or ){form}{_ZONE}")
    for form in (
        r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?:(?P<meridiem>[ap])\.?m\b\.?)",
        r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>\d\d)(?::\d\d)?(?: ?(?:hours|hrs))?",
        r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d) ?(?:hours|(?=GMT|UTC))",
        "(?P<noon>noon)",
    )
)

_UNCLEAR = (
    (
        r"\b(?:the )?(?:following|preceding|previous) (?:day|night|morning|evening|weekend|week"
        r"|month|year|{any_weekday})\b|\bthe (?:next|last) (?:day|night|morning|week|month|year)\b"
        r"(?! (?:of|in)\b)|\b(?:minute|hour|day|night|morning|evening|weekend|week|month|year"
        r"|decade)s? (?:before(?! yesterday)|after(?! tomorrow)|earlier|later|following|prior)\b"
        r"|\b(?:week|day|month|year)s? from (?!now\b)|\bthe {any_weekday} (?:before|after)\b"
        r"|\b(?:before last|after next)\b|\b{any_weekday} week\b|\bweek on {any_weekday}\b"
        r"|\beve of\b|\b(?:week|month|quarter|year)s? (?:to|ended|ending|through)\b",
        "counts from another time in the text",
    ),
    (
        r"\b(?:every|each) (?:other|second|third|fourth|few|first|last) {any_weekday}\b",
        "is more than one time",
    ),
    (
        r"\b(?:Black|Cyber|Super|Good|Palm|Easter|Bloody|Ash|Holy|Maundy|Whit|Shrove) "
        r"{any_weekday}\b",
        "is a day of another name",
    ),
    (r"\bSept(?:ember|\.)? 11,? (?:attacks?|terror\w*)\b", "is a day of another name"),
    (
        r"\bhalf an? {span_word}|\band a half\b"
        r"|\b{counted}(?: or | to | ?- ?){counted} {span_word}",
        "is not one length",
    ),
    (r"\b(?:fiscal|financial) (?:\d{4}|year|quarter)\b", "begins at different times"),
    (r"\bturn of the (?:year|century|millennium)\b", "is no exact time"),
    (r"\b(?:century|\d+) BCE?\b", "lies outside the calendar"),
)
_VAGUE = (
    r"\b(?:soon|shortly|recently|lately|now|currently|(?:later|earlier)(?: in the day)?"
    r"|previously|eventually|imminent(?:ly)?|same day|that day|same time|at present"
    r"|the future|the past|in the day|overnight)\b"
)

ENGLISH = Language(
    plain=str,
    tables={
        "month": words.MONTHS,
        "weekday": words.WEEKDAYS,
        "unit": words.UNITS,
        "count": {**words.COUNTS, **words.NEAR_DAYS, "the": 1, "this": 1},
        "ordinal": words.ORDINALS,
        "quarter": {**words.QUARTERS, "last": 4, "final": 4},
        "half": {"first": 1, "second": 2, "last": 2, "latter": 2},
        "century": words.CENTURIES,
        "decade": words.DECADES,
        "season": words.SEASONS,
        "which": words.WHICH,
        "which_year": words.WHICH,
        "about": words.ABOUT,
        "portion": {"earlier": "START", "later": "END"},
        "meridiem": {"a": "am", "p": "pm"},
        "noon": {"noon": "noon"},
        "utc": {"gmt": "utc", "utc": "utc", "z": "utc"},
    },
    rules=(*_DATES, *_SPANS, *_RELATIVE, *_LENGTHS_AND_SETS),
    clocks=_CLOCKS,
    limits=words.LIMITS,
    parts=words.PARTS,
    before=_GRAMMAR.pattern(
        r"(?:\bat )?(?:\b(?!{near_sun}){limits} )?"
        r"(?:\b(?:on|in|at|during|over|sometime|some time|overnight|throughout) )*"
        r"(?:\b(?:the )?{parts}[ -](?:(?:on|in) )?)?(?:\bthe )?"
        r"(?:\b(?:{daypart}|(?:(?:early|small) )?hours) of )?"
        r"(?:(?:\b{near_sun} |\b(?:at )?(?:{sun}) )(?:on |of )?)?\Z"
    ),
    following=_GRAMMAR.pattern(r",? (?P<limit>at the earliest|at the latest|onwards?|or later)\b"),
    connector=_GRAMMAR.pattern(
        r" ?(?:(?P<to>-|to|until|till|through)|(?P<both>and)) ?"
        r"(?:(?:late|early|mid|on|in|the)[ -])*"
    ),
    between=_GRAMMAR.pattern(r"\bbetween (?:\w+ )?\Z"),
    unclear=tuple((_GRAMMAR.pattern(form), reason) for form, reason in _UNCLEAR),
    vague=_GRAMMAR.pattern(_VAGUE),
    ahead=_GRAMMAR.pattern(r"\b(?:will|shall)\b"),
)
