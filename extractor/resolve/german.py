"""Times in German: the common forms. Patterns are for lower case without accents."""

from __future__ import annotations

from extractor.resolve import dates, relative, spans
from extractor.resolve.language import (
    Grammar,
    Language,
    Limit,
    Table,
    after_any,
    group,
    one_of,
    without_accents,
)

_MONTHS: Table = {
    **{"januar": 1, "janner": 1, "februar": 2, "marz": 3, "maerz": 3, "april": 4, "mai": 5},
    **{"juni": 6, "juli": 7, "august": 8, "september": 9, "oktober": 10, "november": 11},
    "dezember": 12,
}
_WEEKDAYS: Table = {
    **{"montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4},
    **{"samstag": 5, "sonnabend": 5, "sonntag": 6},
}
_UNITS: Table = {
    **dict.fromkeys(("minute", "minuten"), "minute"),
    **dict.fromkeys(("stunde", "stunden"), "hour"),
    **dict.fromkeys(
        ("tag", "tage", "tagen", "nacht", "nachte", "nachten", "taglich", "morgen", "abend"), "day"
    ),
    **dict.fromkeys(("woche", "wochen", "wochentlich"), "week"),
    **dict.fromkeys(("wochenende", "wochenenden"), "weekend"),
    **dict.fromkeys(("monat", "monats", "monate", "monaten", "monatlich"), "month"),
    **dict.fromkeys(("quartal", "quartals", "quartale", "quartalen"), "quarter"),
    **dict.fromkeys(("jahr", "jahres", "jahre", "jahren", "jahrlich"), "year"),
    **dict.fromkeys(("jahrzehnt", "jahrzehnte", "jahrzehnten"), "decade"),
    **{"jahrhundert": "century", "jahrhunderts": "century"},
}
_COUNTS: Table = {
    **dict.fromkeys(("ein", "eine", "einen", "einem", "einer"), 1),
    **{"zwei": 2, "drei": 3, "vier": 4, "funf": 5, "fuenf": 5, "sechs": 6, "sieben": 7},
    **{"acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwolf": 12, "zwoelf": 12, "zwanzig": 20},
    **{"dreissig": 30, "dreißig": 30, "vierzig": 40, "funfzig": 50},
}
_NEAR_DAYS: Table = {
    **{"heute": 0, "gestern": -1, "vorgestern": -2},
    **{"morgen": 1, "ubermorgen": 2, "uebermorgen": 2},
}
_SEASONS: Table = {
    **{"fruhling": "SP", "fruhjahr": "SP", "fruehling": "SP", "fruehjahr": "SP"},
    **{"sommer": "SU", "herbst": "FA", "winter": "WI"},
}
_ENDINGS = ("e", "en", "er", "es", "em")
_LAST = [stem + end for stem in ("letzt", "vorig") for end in _ENDINGS]
_PAST = [stem + end for stem in ("vergangen",) for end in _ENDINGS]
_NEXT = [stem + end for stem in ("nachst", "naechst") for end in _ENDINGS]
_COMING = ["kommend" + end for end in _ENDINGS]
_THIS = ["dies" + end for end in _ENDINGS]
_YEARS = {
    **{f"{which} {year}": "last" for which in (*_LAST, *_PAST) for year in ("jahr", "jahres")},
    **{f"{which} {year}": "this" for which in _THIS for year in ("jahr", "jahres")},
    **{f"{which} {year}": "next" for which in (*_NEXT, *_COMING) for year in ("jahr", "jahres")},
    "des jahres": "this",
}
_WHICH: Table = {
    **dict.fromkeys(_LAST, "last"),
    **dict.fromkeys(_PAST, "past"),
    **dict.fromkeys(_NEXT, "next"),
    **dict.fromkeys(_COMING, "coming"),
    **dict.fromkeys(_THIS, "this"),
    **_YEARS,
}
_ORDINALS: Table = {
    **{"erste": 1, "ersten": 1, "erstes": 1, "zweite": 2, "zweiten": 2, "zweites": 2},
    **{"dritte": 3, "dritten": 3, "drittes": 3, "vierte": 4, "vierten": 4, "viertes": 4},
}
_NTH: Table = {**_ORDINALS, **dict.fromkeys(("letzte", "letzten", "letzter", "letztes"), -1)}
_DECADES: Table = {
    **{"zwanziger": 20, "dreissiger": 30, "dreißiger": 30, "vierziger": 40, "funfziger": 50},
    **{"sechziger": 60, "siebziger": 70, "achtziger": 80, "neunziger": 90},
}
_LIMITS = {
    "seit": Limit("ON_OR_AFTER", "back"),
    "ab": Limit("ON_OR_AFTER"),
    **dict.fromkeys(
        ("fruhestens", "schon ab", "bereits ab", "nicht vor"), Limit("ON_OR_AFTER", "ahead")
    ),
    **dict.fromkeys(("bis", "bis zu", "bis zum", "bis zur"), Limit("ON_OR_BEFORE", "ahead")),
    **dict.fromkeys(("spatestens", "bis spatestens"), Limit("ON_OR_BEFORE", "ahead")),
    "vor": Limit("BEFORE"),
    "nach": Limit("AFTER"),
    **dict.fromkeys(("um", "gegen", "etwa", "ungefahr", "circa", "rund um"), Limit("APPROX")),
}
_PARTS = {
    **dict.fromkeys(("anfang", "zu beginn", "beginn", "fruh", "fruhen"), "START"),
    "mitte": "MID",
    **dict.fromkeys(("ende", "spat", "spaten"), "END"),
}
_HALVES = "(?P<half>erste|ersten|zweite|zweiten)"

_PIECES = {
    "month": group("month", _MONTHS),
    "in_month": after_any(
        [
            *("im", "anfang", "mitte", "ende", "seit", "ab", "bis", "vor", "nach", "zwischen"),
            *("und", "von", "diesen", "des", "monat"),
        ]
    ),
    "weekday": group("weekday", _WEEKDAYS),
    "day": r"(?P<day>\d{1,2})\.",
    "first": r"(?P<first>\d{1,2})\.",
    "year": r"(?P<year>1\d{3}|2[01]\d\d)(?!\d|[/,:]\d|\.\d|-\d)",
    "in_year": "(?:(?:,| des jahres)? {year}| {which_year})",
    "which_year": group("which_year", _YEARS),
    "which": group("which", (*_LAST, *_PAST, *_NEXT, *_COMING, *_THIS)),
    "unit": "(?P<unit>woche|monats?|quartals?|jahr(?:es)?|jahrzehnts?|jahrhunderts?)",
    "length": f"(?P<unit>{one_of([unit for unit in _UNITS if not unit.endswith('lich')])})",
    "units": "(?P<unit>minuten|stunden|tagen?|wochen|monaten?|jahren?|jahrzehnten?)",
    "count": rf"(?P<count>\d{{1,3}}|{one_of(_COUNTS)})",
    "about": "(?P<about>mehr als|uber|weniger als|etwa|rund|fast|knapp|ungefahr|mindestens)",
    "some": "(?:einigen?|wenigen?|mehreren?|ein paar|paar)",
    "coming": "(?:kommenden|(?P<which>nachsten|naechsten))",
    "recent": "(?:vergangenen|letzten)",
    "season": group("season", _SEASONS),
    "daypart": "morgen|vormittag|mittag|nachmittag|abend|nacht",
    "nth": group("ordinal", _NTH),
    "limits": group("limit", _LIMITS),
    "parts": group("part", _PARTS),
}
_GRAMMAR = Grammar(_PIECES)
_rule = _GRAMMAR.rule

_RULES = (
    *(_rule(form, read) for form, read in dates.DIGITS),
    _rule(dates.THREE_NUMBERS, dates.day_first_date),
    _rule("(?:{weekday},? (?:de[nm] )?)?{day} ?{month}{in_year}?", dates.day_of_month),
    _rule("woche vom {day} ?{month}{in_year}?", relative.week_of_day),
    _rule("{nth} {weekday} (?:im|des) {month}s?{in_year}?", dates.nth_of_month),
    _rule(
        "{nth} (?P<unit>tag|woche|wochenende) (?:im|des) {month}s?{in_year}?", dates.nth_of_month
    ),
    _rule("{nth} {month}(?P<unit>woche|wochenende)", dates.nth_of_month),
    _rule("{first}(?: ?- ?| bis (?:zum )?){day} ?{month}{in_year}?", dates.days_of_month),
    _rule("zwischen dem {first} und (?:dem )?{day} ?{month}{in_year}?", dates.days_of_month),
    _rule("{first}(?:, | und (?:dem )?| oder (?:dem )?){day} ?{month}", dates.listed_days),
    _rule("{month}{in_year}", dates.month_of_year),
    _rule(r"(?:{in_month}|\A(?=\w+\W*\Z)){month}s?", dates.month_alone),
    _rule("{which} {month}s?", dates.month_alone),
    _rule(
        r"(?:{in_month}|(?<=\bin )|(?<=\bjahr )|(?<=\bum )"
        r"|\A(?=\d+\W*\Z)){year}(?! ?(?:[a-z]+en\b|euro|%))",
        dates.year_alone,
    ),
    _rule(f"{group('quarter', _ORDINALS)} quartals?{{in_year}}?", spans.quarter_of_year),
    _rule(r"(?P<quarter>[1-4])\. quartals?{in_year}?", spans.quarter_of_year),
    _rule(f"{_HALVES} (?:jahreshalfte|halbjahr|halfte){{in_year}}", spans.half_of_year),
    _rule("{season}(?: des jahres)?{in_year}", spans.season_of_year),
    _rule("{which} {season}", spans.season_alone),
    _rule("(?<=\\bim ){season}", spans.season_alone),
    _rule(r"(?P<decade>[12]\d\d0|[2-9]0)er(?:[- ]jahren?|n)?", spans.decade_of_century),
    _rule(f"{group('decade', _DECADES)}[- ]?(?:jahren?|n)", spans.decade_of_century),
    _rule(r"(?P<century>\d{1,2})\. jahrhunderts?", spans.century_by_number),
    _rule("(?:{which} )?{weekday}(?:[- ]?(?:{daypart}|fruh|spat))?", relative.weekday),
    _rule(r"nacht (?:zum|auf) {weekday}", relative.night_between),
    _rule(
        rf"(?<!\bam )(?<!\bjeden ){group('count', _NEAR_DAYS)}"
        "(?: (?:morgen|vormittag|mittag|nachmittag|abend|fruh))?",
        relative.near_day,
    ),
    _rule("(?:{which} )?wochenende", relative.weekend_alone),
    _rule("{which} {unit}", relative.near_unit),
    _rule(
        "(?<=\\bdes )(?P<unit>monats|quartals|jahres|jahrzehnts|jahrhunderts)(?=\\W*\\Z)",
        relative.near_unit,
    ),
    _rule(r"(?P<unit>jahr|monat|quartal)(?:es|s)?ende", relative.end_of_unit),
    _rule(r"(?<=\bder )(?P<unit>woche)(?=\W*\Z)", relative.near_unit),
    _rule("vor (?:{about} )?{count} {length}", relative.ago),
    _rule("vor {some} {units}", relative.ago),
    _rule("in (?:{about} )?{count} {length}", relative.ahead),
    _rule("in {some} {units}", relative.ahead),
    _rule("innerhalb von {count} {length}", relative.within),
    _rule("{coming} {count} {length}", relative.coming),
    _rule("{coming} {units}", relative.coming),
    _rule("{recent} {count} {length}", relative.recent),
    _rule("{recent} {units}", relative.recent),
    _rule("(?:fur |wahrend )?(?:{about} )?{count} {length} lang", relative.duration),
    _rule("fur (?:{about} )?{count} {length}", relative.duration),
    _rule(r"\A(?:{about} )?{count} {length}(?=\W*\Z)", relative.duration),
    _rule("{some} {units} lang", relative.duration),
    _rule("jede[nrs]? {weekday}", relative.repeated),
    _rule("{weekday}s", relative.repeated),
    _rule("jede[nrs]? {length}", relative.repeated),
    _rule("(?P<unit>taglich|wochentlich|monatlich|jahrlich)", relative.repeated),
)
_CLOCKS = tuple(
    _GRAMMAR.pattern(rf"(?<![\w:.]){form}(?: ?(?P<utc>gmt|utc))?(?!\w)")
    for form in (
        r"(?:um )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?uhr",
        r"(?:um )?(?P<hour>\d{1,2}):(?P<minute>\d\d)",
    )
)
_UNCLEAR = (
    (r"\bheute nacht\b", "can be the night before or the night to come"),
    (
        r"\b(?:am )?(?:folgenden?|nachsten) (?:tag|morgen|abend|nacht)\b|\bam tag (?:da|zu)vor\b"
        r"|\b(?:stunden?|tage?|wochen?|monate?|jahre?) (?:spater|fruher|zuvor|danach|darauf)\b"
        r"|\b(?:tage?|wochen?|monate?) (?:nach|vor)\b|\b(?:tags|am vortag|vortag)\b",
        "counts from another time in the text",
    ),
    (
        r"\b(?:karfreitag|ostermontag|ostersonntag|rosenmontag|pfingst\w+)\b",
        "is a day of another name",
    ),
)

GERMAN = Language(
    plain=without_accents,
    tables={
        "month": _MONTHS,
        "weekday": _WEEKDAYS,
        "unit": {**_UNITS, "jahrzehnts": "decade"},
        "count": {**_COUNTS, **_NEAR_DAYS},
        "ordinal": _NTH,
        "quarter": _ORDINALS,
        "half": _ORDINALS,
        "decade": _DECADES,
        "season": _SEASONS,
        "which": _WHICH,
        "which_year": _WHICH,
        "about": {
            **dict.fromkeys(("mehr als", "uber"), "MORE_THAN"),
            **{"weniger als": "LESS_THAN", "mindestens": "EQUAL_OR_MORE"},
            **dict.fromkeys(("etwa", "rund", "fast", "knapp", "ungefahr"), "APPROX"),
        },
        "utc": {"gmt": "utc", "utc": "utc", "z": "utc"},
    },
    rules=_RULES,
    clocks=_CLOCKS,
    limits=_LIMITS,
    parts=_PARTS,
    before=_GRAMMAR.pattern(
        r"(?:\b{limits} )?(?:\b(?:am|im|in|an|vom|von|zum|fur|wahrend) )?"
        r"(?:\b(?:der|die|das|dem|den|des) )?(?:\b{parts} )?"
        r"(?:\b(?:{daypart}) (?:des )?)?"
        r"(?:\b(?:am|im|der|die|das|dem|den|des|in|vom|von|nacht) )*(?:\bjahr )?\Z"
    ),
    following=_GRAMMAR.pattern(" (?P<limit>fruhestens|spatestens)"),
    connector=_GRAMMAR.pattern(
        r" ?(?:(?P<to>-|bis|bis zum|auf|zum)|(?P<both>und)) ?"
        r"(?:(?:dem|der|den|zum|am|im|mitte|ende|anfang) )*"
    ),
    between=_GRAMMAR.pattern(r"\bzwischen (?:\w+ )?\Z"),
    unclear=tuple((_GRAMMAR.pattern(form), reason) for form, reason in _UNCLEAR),
    vague=_GRAMMAR.pattern(
        r"\b(?:kurzlich|neulich|bald|demnachst|jetzt|derzeit|zurzeit|zuletzt|gleichzeitig|damals"
        r"|am selben tag)\b"
    ),
    ahead=_GRAMMAR.pattern(r"\b(?:wird|werden)\b"),
)
