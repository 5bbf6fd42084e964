"""Times in Spanish: the common forms. Patterns are for lower case without accents."""

from __future__ import annotations

from extractor.resolve import dates, relative, spans
from extractor.resolve.language import (
    ROMAN_NUMBERS,
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
    **{"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7},
    **{"agosto": 8, "septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11},
    "diciembre": 12,
}
_WEEKDAYS: Table = {
    **{"lunes": 0, "martes": 1, "miercoles": 2, "jueves": 3, "viernes": 4, "sabado": 5},
    "domingo": 6,
}
_UNITS: Table = {
    **dict.fromkeys(("minuto", "minutos"), "minute"),
    **dict.fromkeys(("hora", "horas"), "hour"),
    **dict.fromkeys(("dia", "dias", "noche", "diario", "diariamente", "manana"), "day"),
    **dict.fromkeys(("semana", "semanas", "semanalmente"), "week"),
    **dict.fromkeys(("mes", "meses", "mensualmente"), "month"),
    **dict.fromkeys(("trimestre", "trimestres"), "quarter"),
    **dict.fromkeys(("ano", "anos", "anualmente"), "year"),
    **dict.fromkeys(("decada", "decadas"), "decade"),
    **{"siglo": "century", "fin de semana": "weekend", "fines de semana": "weekend"},
}
_COUNTS: Table = {
    **{"un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7},
    **{"ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "quince": 15, "veinte": 20},
    **{"treinta": 30, "cuarenta": 40, "cincuenta": 50, "un par de": 2},
}
_NEAR_DAYS: Table = {
    **dict.fromkeys(("hoy", "esta manana", "esta tarde", "esta noche"), 0),
    **{"ayer": -1, "anoche": -1, "anteayer": -2, "antier": -2, "pasado manana": 2},
}
_SEASONS: Table = {"primavera": "SP", "verano": "SU", "otono": "FA", "invierno": "WI"}
_WHICH: Table = {
    **dict.fromkeys(("pasado", "pasada", "ultimo", "ultima"), "past"),
    **dict.fromkeys(("proximo", "proxima", "que viene", "proximos", "proximas"), "coming"),
    **dict.fromkeys(("este", "esta", "ano en curso", "este ano", "ano"), "this"),
    **{"ano pasado": "last", "ano proximo": "next", "proximo ano": "next", "ano que viene": "next"},
}
_ORDINALS: Table = {
    **{"primer": 1, "primero": 1, "primera": 1, "segundo": 2, "segunda": 2},
    **{"tercer": 3, "tercero": 3, "cuarto": 4, "ultimo": 4},
}
_NTH: Table = {**_ORDINALS, "ultimo": -1, "ultima": -1}
_DECADES: Table = {
    **{"veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60},
    **{"setenta": 70, "ochenta": 80, "noventa": 90},
}
_LIMITS = {
    **dict.fromkeys(("desde", "a partir de"), Limit("ON_OR_AFTER")),
    **dict.fromkeys(("tan pronto como", "no antes de"), Limit("ON_OR_AFTER", "ahead")),
    **dict.fromkeys(("hasta", "a mas tardar", "no mas tarde de"), Limit("ON_OR_BEFORE", "ahead")),
    "antes de": Limit("BEFORE"),
    **dict.fromkeys(("despues de", "tras"), Limit("AFTER")),
    **dict.fromkeys(("alrededor de", "hacia", "en torno a"), Limit("APPROX")),
}
_PARTS = {
    **dict.fromkeys(("principios de", "comienzos de", "inicios de", "primera hora de"), "START"),
    "mediados de": "MID",
    **dict.fromkeys(("finales de", "fines de", "fin de", "final de", "ultima hora de"), "END"),
}
_PAST_OR_NEXT = ("pasado", "pasada", "ultimo", "ultima", "proximo", "proxima", "que viene")

_PIECES = {
    "month": group("month", _MONTHS),
    "weekday": rf"(?<!santo )(?:{group('weekday', _WEEKDAYS)})",
    "in_weekday": r"(?:\A|"
    + after_any(
        [
            *("el", "del", "al", "este", "de", "desde", "hasta", "entre"),
            *("y", "o", "u", "a", "para", "hoy", "ayer"),
        ]
    )
    + r"|(?<=[,(] ))",
    "in_month": after_any(
        [
            *("en", "de", "desde", "hasta", "para", "durante", "tras"),
            *("entre", "a", "y", "o", "u", "hacia", "este"),
        ]
    ),
    "day": r"(?P<day>\d{1,2}|primero)(?:\.?º)?(?![\d:.]\d|\d)",
    "first": r"(?P<first>\d{1,2})",
    "year": r"(?P<year>1\d{3}|2[01]\d\d)(?!\d|[/.,:]\d|-\d)",
    "in_year": "(?:(?:,| de| del| del ano)? {year}| del? {which_year})",
    "which_year": "(?P<which_year>ano pasado|este ano|proximo ano|ano que viene|ano proximo|ano)",
    "which": group("which", _PAST_OR_NEXT),
    "before_noun": "(?P<which>pasad[oa]|proxim[oa]|est[ea])",
    "unit": "(?P<unit>semana|mes|trimestre|ano|decada|siglo)",
    "length": f"(?P<unit>{one_of([u for u in _UNITS if ' ' not in u])})",
    "units": "(?P<unit>minutos|horas|dias|semanas|meses|anos|decadas)",
    "count": rf"(?P<count>\d{{1,3}}|{one_of(_COUNTS)})",
    "about": "(?P<about>mas de|menos de|unos|unas|casi|aproximadamente|al menos)",
    "season": group("season", _SEASONS),
    "nth": group("ordinal", _NTH),
    "ordinal": "(?P<quarter>primer|segundo|tercer|cuarto|ultimo)",
    "daypart": "manana|tarde|noche|madrugada|mediodia",
    "limits": group("limit", _LIMITS),
    "parts": group("part", _PARTS),
}
_GRAMMAR = Grammar(_PIECES)
_rule = _GRAMMAR.rule

_RULES = (
    *(_rule(form, read) for form, read in dates.DIGITS),
    _rule(dates.THREE_NUMBERS, dates.day_first_date),
    _rule("(?:{weekday},? (?:dia )?)?{day} de {month}{in_year}?", dates.day_of_month),
    _rule("(?P<which>pasado|proximo) {day} de {month}", dates.day_of_month),
    _rule("semana del {day} de {month}{in_year}?", relative.week_of_day),
    _rule("{nth} {weekday} de {month}{in_year}?", dates.nth_of_month),
    _rule("{nth} (?P<unit>dia|semana|fin de semana) de {month}{in_year}?", dates.nth_of_month),
    _rule("{first}(?: al? | ?- ?| hasta el ){day} de {month}{in_year}?", dates.days_of_month),
    _rule("entre el {first} y el {day} de {month}{in_year}?", dates.days_of_month),
    _rule("{first}(?:, | [yo] (?:el )?){day} de {month}", dates.listed_days),
    _rule("{month}{in_year}", dates.month_of_year),
    _rule(r"(?:{in_month}|\A(?=\w+\W*\Z)){month}", dates.month_alone),
    _rule("{before_noun} (?:mes de )?{month}", dates.month_alone),
    _rule("{month} {which}", dates.month_alone),
    _rule(r"(?:{in_month}|\bano |\A(?=\d+\W*\Z)){year}(?! ?(?:[a-z]+s\b|%))", dates.year_alone),
    _rule("{ordinal} trimestre{in_year}?", spans.quarter_of_year),
    _rule("(?P<half>primer|segundo) semestre{in_year}", spans.half_of_year),
    _rule("(?P<half>primera|segunda) mitad{in_year}", spans.half_of_year),
    _rule("{season}{in_year}", spans.season_of_year),
    _rule("{before_noun} {season}", spans.season_alone),
    _rule("{season} {which}", spans.season_alone),
    _rule(f"{after_any(['en', 'el', 'la', 'del'])}{{season}}", spans.season_alone),
    _rule(
        r"(?:decada de (?:los )?(?:anos )?|anos )(?P<decade>[12]\d\d0|[2-9]0|"
        + one_of(_DECADES)
        + ")",
        spans.decade_of_century,
    ),
    _rule(f"siglo {group('century', ROMAN_NUMBERS)}", spans.century_by_number),
    _rule("(?P<which>pasado|proximo|este|ultimo) {weekday}", relative.weekday),
    _rule("{in_weekday}{weekday}(?: (?:por|en|a) la (?:{daypart}))?", relative.weekday),
    _rule("{weekday} {which}(?: por la (?:{daypart}))?", relative.weekday),
    _rule(f"{group('count', _NEAR_DAYS)}(?: por la (?:{{daypart}}))?", relative.near_day),
    _rule(
        r"(?<!\bla )(?<!\besta )(?<!\bpasado )(?P<count>manana)(?: por la (?:{daypart}))?",
        relative.near_day,
    ),
    _rule("{before_noun} fin de semana", relative.weekend_alone),
    _rule("(?<!un )fin de semana(?: {which})?", relative.weekend_alone),
    _rule("{before_noun} {unit}(?! de {month})", relative.near_unit),
    _rule("{unit} {which}", relative.near_unit),
    _rule(r"(?:(?<=\bde )|(?<=\bdel ))(?:este )?{unit}(?=\W*\Z)", relative.near_unit),
    _rule("hace (?:{about} )?{count} {length}", relative.ago),
    _rule("{count} {length} atras", relative.ago),
    _rule("hace (?:unos|unas|varios|varias|algunos|algunas) {units}", relative.ago),
    _rule("dentro de (?:{about} )?{count} {length}", relative.in_future),
    _rule("en {count} {length}", relative.ahead),
    _rule("(?P<which>proximos|proximas) {count} {length}", relative.coming),
    _rule("(?:proximos|proximas) {units}", relative.coming),
    _rule("(?:ultimos|ultimas|pasados|pasadas) {count} {length}", relative.recent),
    _rule("(?:ultimos|ultimas|pasados|pasadas) {units}", relative.recent),
    _rule("(?P<count>ultimo|ultima) {unit}", relative.recent),
    _rule("durante (?:los |las )?(?:{about} )?{count} {length}", relative.duration),
    _rule(r"\A(?:{about} )?{count} {length}(?=\W*\Z)", relative.duration),
    _rule("durante (?:varios |varias |algunos |algunas )?{units}", relative.duration),
    _rule("(?:todos los|cada|los) {weekday}s?", relative.repeated),
    _rule("(?:todos los|todas las|cada) {length}", relative.repeated),
    _rule(
        "(?:a )?(?P<unit>diario|diariamente|semanalmente|mensualmente|anualmente)",
        relative.repeated,
    ),
)
_CLOCKS = tuple(
    _GRAMMAR.pattern(rf"(?<![\w:.]){form}(?: ?(?P<utc>gmt|utc))?(?!\w)")
    for form in (
        r"(?:a )?las? (?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?"
        r" de la (?P<meridiem>manana|tarde|noche)",
        r"(?:(?:a )?las? )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?:horas|hrs|h)",
        r"(?:(?:a )?las? )?(?P<hour>\d{1,2}):(?P<minute>\d\d)",
        "(?:al )?(?P<noon>mediodia)",
    )
)
_UNCLEAR = (
    (
        r"\b(?:dia|semana|mes|ano|noche) (?:siguiente|anterior|previ[oa])\b|\bla vispera\b"
        r"|\b(?:horas?|dias?|semanas?|mes|meses|anos?) (?:despues|antes|mas tarde)\b",
        "counts from another time in the text",
    ),
    (
        r"\b(?:viernes (?:santo|negro)|jueves santo|sabado santo|lunes de pascua|martes de carnaval"
        r"|domingo de (?:ramos|pascua|resurreccion))\b",
        "is a day of another name",
    ),
)

SPANISH = Language(
    plain=without_accents,
    tables={
        "month": _MONTHS,
        "weekday": _WEEKDAYS,
        "unit": _UNITS,
        "count": {**_COUNTS, **_NEAR_DAYS, "manana": 1, "ultimo": 1, "ultima": 1},
        "day": {"primero": 1},
        "ordinal": _NTH,
        "quarter": _ORDINALS,
        "half": _ORDINALS,
        "century": ROMAN_NUMBERS,
        "decade": _DECADES,
        "season": _SEASONS,
        "which": _WHICH,
        "which_year": _WHICH,
        "about": {
            **{"mas de": "MORE_THAN", "menos de": "LESS_THAN", "al menos": "EQUAL_OR_MORE"},
            **dict.fromkeys(("unos", "unas", "casi", "aproximadamente"), "APPROX"),
        },
        "meridiem": {"manana": "am", "tarde": "pm", "noche": "pm"},
        "noon": {"mediodia": "noon"},
        "utc": {"gmt": "utc", "utc": "utc", "z": "utc"},
    },
    rules=_RULES,
    clocks=_CLOCKS,
    limits=_LIMITS,
    parts=_PARTS,
    before=_GRAMMAR.pattern(
        r"(?:\b{limits}l? )?(?:\b(?:en|de|a|para|durante) )?(?:\b(?:el|la|los|las|del|al) )?"
        r"(?:\b{parts}l? )?(?:\b(?:la )?(?:{daypart}) de(?:l| este)? )?"
        r"(?:\b(?:el|la|los|las|del|al) )?(?:\b(?:ano|mes de) )?\Z"
    ),
    following=_GRAMMAR.pattern(" (?P<limit>a mas tardar|en adelante)"),
    connector=_GRAMMAR.pattern(
        r" ?(?:(?P<to>-|al?|hasta)|(?P<both>y)) ?(?:(?:el|la|los|de|mediados|finales|principios) )*"
    ),
    between=_GRAMMAR.pattern(r"\bentre (?:\w+ )?\Z"),
    unclear=tuple((_GRAMMAR.pattern(form), reason) for form, reason in _UNCLEAR),
    vague=_GRAMMAR.pattern(
        r"\b(?:recientemente|pronto|ahora|actualmente|proximamente|hace poco|en breve|entonces"
        r"|ese dia|mismo dia)\b"
    ),
    ahead=_GRAMMAR.pattern(r"\b(?:sera|seran|tendra|tendran|va a|van a)\b"),
)
