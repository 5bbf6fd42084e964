"""The words of time in English: names, numbers and what limits an expression."""

from __future__ import annotations

from extractor.resolve import periods
from extractor.resolve.language import Limit, Table

MONTHS: Table = {
    **{name.lower(): number for number, name in enumerate(periods.MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(periods.MONTHS, 1)},
    "sept": 9,
}
SHORT_MONTHS = [
    name.capitalize() for name in MONTHS if len(name) < 5 and name not in {"may", "june", "july"}
]
WEEKDAYS: Table = {
    **{name.lower(): number for number, name in enumerate(periods.WEEKDAYS)},
    **{"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4},
    **{"sat": 5, "sun": 6},
}
ADVERBS: Table = {
    **{"daily": "day", "nightly": "day", "weekly": "week", "monthly": "month", "yearly": "year"},
    **{"annually": "year", "quarterly": "quarter", "hourly": "hour"},
}
UNITS: Table = {
    **{unit: unit for unit in ("minute", "hour", "day", "week", "month", "quarter", "year")},
    **{"decade": "decade", "century": "century", "night": "day", "weekend": "weekend"},
    "fortnight": "fortnight",
    **ADVERBS,
    **{"morning": "day", "afternoon": "day", "evening": "day"},
}
_TO_TWENTY = [
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen", "twenty"),
]
COUNTS: Table = {
    **{word: count for count, word in enumerate(_TO_TWENTY, 1)},
    **{"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "a hundred": 100},
    **{"a": 1, "an": 1, "a couple of": 2, "couple of": 2, "a dozen": 12, "other": 2},
}
_ORDERED = [
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth"),
]
CENTURIES: Table = {**{word: n for n, word in enumerate(_ORDERED, 1)}, "twenty first": 21}
ORDINALS: Table = {
    **{word: number for number, word in enumerate(_ORDERED[:5], 1)},
    **{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1, "final": -1},
}
QUARTERS: Table = {word: number for word, number in ORDINALS.items() if number in {1, 2, 3, 4}}
DECADES: Table = {
    **{"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60},
    **{"seventies": 70, "eighties": 80, "nineties": 90},
}
SEASONS: Table = {"spring": "SP", "summer": "SU", "autumn": "FA", "fall": "FA", "winter": "WI"}
WHICH: Table = {
    **{word: word for word in ("last", "this", "next", "past", "coming")},
    **{"this past": "past", "the past": "past", "these past": "past"},
    **{"this coming": "coming", "the coming": "coming", "the": "this", "current": "this"},
    **{"after next": "next", "before last": "last"},
}
ABOUT: Table = {
    **dict.fromkeys(("more than", "over"), "MORE_THAN"),
    **dict.fromkeys(("less than", "under", "fewer than"), "LESS_THAN"),
    **{"at least": "EQUAL_OR_MORE", "up to": "EQUAL_OR_LESS"},
    **dict.fromkeys(
        ("nearly", "almost", "about", "around", "some", "roughly", "approximately"), "APPROX"
    ),
}
NEAR_DAYS: Table = {
    **dict.fromkeys(("today", "tonight", "this morning", "this afternoon", "this evening"), 0),
    **{"yesterday": -1, "last night": -1, "tomorrow": 1},
    **{"the day after tomorrow": 2, "the day before yesterday": -2},
    **{"day after tomorrow": 2, "day before yesterday": -2},
}

# "May" and "March" are words as well: only what stands before them makes them months.
LIKE_A_WORD = [
    *("in", "by", "of", "since", "until", "till", "from", "to", "through", "before", "after"),
    *("during", "between", "and", "early", "late", "mid"),
]
# "Spring" and "fall" too.
SEASON_WORDS = [
    *("in", "the", "by", "of", "since", "until", "till"),
    *("before", "after", "early", "late", "mid"),
]


LIMITS = {
    **dict.fromkeys(
        ("as early as", "as soon as", "no earlier than", "no sooner than", "on or after"),
        Limit("ON_OR_AFTER", "ahead"),
    ),
    **dict.fromkeys(
        ("not before", "not until", "starting", "beginning"), Limit("ON_OR_AFTER", "ahead")
    ),
    **dict.fromkeys(("since", "ever since"), Limit("ON_OR_AFTER", "back")),
    "from": Limit("ON_OR_AFTER"),
    **dict.fromkeys(("until at least", "at least until"), Limit("ON_OR_AFTER", "ahead")),
    **dict.fromkeys(
        ("by", "until", "till", "up to", "through", "no later than", "on or before"),
        Limit("ON_OR_BEFORE", "ahead"),
    ),
    **dict.fromkeys(("before", "prior to"), Limit("BEFORE")),
    "ahead of": Limit("BEFORE", "ahead"),
    **dict.fromkeys(("after", "following"), Limit("AFTER")),
    **dict.fromkeys(
        ("around", "about", "circa", "approximately", "shortly before", "shortly after"),
        Limit("APPROX"),
    ),
    **dict.fromkeys(("just before", "just after", "soon after"), Limit("APPROX")),
    **dict.fromkeys(("as of", "effective", "onward", "onwards"), Limit("ON_OR_AFTER")),
    **dict.fromkeys(("at the earliest", "or later"), Limit("ON_OR_AFTER", "ahead")),
    **dict.fromkeys(("at the latest", "as late as"), Limit("ON_OR_BEFORE", "ahead")),
}
PARTS = {
    **dict.fromkeys(("early", "the start of", "the beginning of", "start of"), "START"),
    **dict.fromkeys(("the first days of", "first days of"), "START"),
    **dict.fromkeys(("the last days of", "the final days of", "last days of"), "END"),
    **dict.fromkeys(("beginning of", "the opening of"), "START"),
    **dict.fromkeys(("mid", "the middle of", "middle of"), "MID"),
    **dict.fromkeys(("late", "the end of", "end of", "the close of"), "END"),
}
