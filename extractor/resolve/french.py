"""Times in French: the common forms. Patterns are for lower case without accents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

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

T = TypeVar("T")

_MONTHS: Table = {
    **{"janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7},
    **{"aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12},
}
_WEEKDAYS: Table = {
    **{"lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5},
    "dimanche": 6,
}
_UNITS: Table = {
    **dict.fromkeys(("minute", "minutes"), "minute"),
    **dict.fromkeys(("heure", "heures"), "hour"),
    **dict.fromkeys(
        ("jour", "jours", "journee", "nuit", "nuits", "matin", "soir", "quotidiennement"), "day"
    ),
    **dict.fromkeys(("semaine", "semaines", "hebdomadaire"), "week"),
    **dict.fromkeys(("mois", "mensuellement"), "month"),
    **dict.fromkeys(("trimestre", "trimestres"), "quarter"),
    **dict.fromkeys(("an", "ans", "annee", "annees"), "year"),
    **dict.fromkeys(("decennie", "decennies"), "decade"),
    **{"siecle": "century", "week end": "weekend", "week ends": "weekend"},
}
_COUNTS: Table = {
    **{"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7},
    **{"huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "quinze": 15, "vingt": 20},
    **{"trente": 30, "quarante": 40, "cinquante": 50},
}
_NEAR_DAYS: Table = {
    **dict.fromkeys(("aujourd'hui", "ce matin", "ce soir", "cet apres midi"), 0),
    **{"hier": -1, "avant hier": -2, "demain": 1, "apres demain": 2},
}
_SEASONS: Table = {"printemps": "SP", "ete": "SU", "automne": "FA", "hiver": "WI"}
_LAST = ("dernier", "derniere", "passe", "passee")
_NEXT = ("prochain", "prochaine")
_YEARS = {
    **dict.fromkeys(("l'an dernier", "l'annee derniere", "l'an passe", "l'annee passee"), "last"),
    **dict.fromkeys(("cette annee", "l'annee"), "this"),
    **dict.fromkeys(("l'an prochain", "l'annee prochaine"), "next"),
}
_WHICH: Table = {
    **dict.fromkeys(_LAST, "past"),
    **dict.fromkeys((*_NEXT, "prochains", "prochaines", "a venir"), "coming"),
    **dict.fromkeys(("ce", "cet", "cette", "le", "la", "l'"), "this"),
    **_YEARS,
}
_ORDINALS: Table = {
    **{"premier": 1, "1er": 1, "premiere": 1, "deuxieme": 2, "2e": 2, "second": 2, "seconde": 2},
    **{"troisieme": 3, "3e": 3, "quatrieme": 4, "4e": 4, "dernier": 4},
}
_NTH: Table = {**_ORDINALS, "dernier": -1, "derniere": -1}
_DECADES: Table = {
    **{"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60},
    **{"soixante dix": 70, "quatre vingt": 80, "quatre vingts": 80, "quatre vingt dix": 90},
}


def _before_du(words: Mapping[str, T]) -> dict[str, T]:
    """The words, and those that end in "de" also with "du"."""
    return {**words, **{w[:-2] + "du": v for w, v in words.items() if w.endswith(" de")}}


_LIMITS = _before_du(
    {
        "depuis": Limit("ON_OR_AFTER", "back"),
        "a partir de": Limit("ON_OR_AFTER"),
        "a compter de": Limit("ON_OR_AFTER"),
        **dict.fromkeys(("des", "au plus tot", "pas avant"), Limit("ON_OR_AFTER", "ahead")),
        **dict.fromkeys(
            ("jusqu'a", "jusqu'en", "d'ici", "d'ici a", "au plus tard"),
            Limit("ON_OR_BEFORE", "ahead"),
        ),
        "avant": Limit("BEFORE"),
        "apres": Limit("AFTER"),
        **dict.fromkeys(("vers", "aux alentours de", "autour de", "environ"), Limit("APPROX")),
        **dict.fromkeys(("jusqu'au", "d'ici au"), Limit("ON_OR_BEFORE", "ahead")),
    }
)
_PARTS = _before_du(
    {
        **dict.fromkeys(("debut", "au debut de", "le debut de", "tot"), "START"),
        **dict.fromkeys(("mi", "a la mi", "au milieu de", "le milieu de"), "MID"),
        **dict.fromkeys(("fin", "a la fin de", "la fin de", "tard", "fin d"), "END"),
    }
)

_PIECES = {
    "month": group("month", _MONTHS),
    "in_month": "(?:"
    + after_any(
        [
            *("en", "de", "debut", "fin", "mi", "depuis", "d'ici", "jusqu'en", "avant", "apres"),
            *("vers", "ce", "entre", "et", "a", "des", "courant"),
        ]
    )
    + r"|(?<=\bd'))",
    "weekday": group("weekday", _WEEKDAYS),
    "day": r"(?P<day>\d{1,2}|1er|premier)(?![\d:.]\d|\d)",
    "first": r"(?P<first>\d{1,2}|1er)",
    "year": r"(?P<year>1\d{3}|2[01]\d\d)(?!\d|[/.,:]\d|-\d)",
    "in_year": "(?:(?:,| de| en)? {year}| (?:de )?{which_year})",
    "which_year": group("which_year", _YEARS),
    "which": group("which", (*_LAST, *_NEXT)),
    "unit": "(?P<unit>semaine|mois|trimestre|an|annee|decennie|siecle)",
    "length": f"(?P<unit>{one_of([unit for unit in _UNITS if unit != 'hebdomadaire'])})",
    "units": "(?P<unit>minutes|heures|jours|semaines|mois|annees|decennies)",
    "count": rf"(?P<count>\d{{1,3}}|{one_of(_COUNTS)})",
    "about": "(?P<about>plus d[e']|moins d[e']|environ|pres d[e']|au moins)",
    "some": "(?:quelques|plusieurs|des)",
    "season": group("season", _SEASONS),
    "nth": group("ordinal", _NTH),
    "ordinal": group("quarter", _ORDINALS),
    "daypart": "matin|matinee|midi|apres[ -]midi|soir|soiree|nuit",
    "limits": group("limit", _LIMITS),
    "parts": group("part", _PARTS),
}
_GRAMMAR = Grammar(_PIECES)
_rule = _GRAMMAR.rule

_RULES = (
    *(_rule(form, read) for form, read in dates.DIGITS),
    _rule(dates.THREE_NUMBERS, dates.day_first_date),
    _rule("(?:{weekday},? (?:le )?)?{day} {month}{in_year}?", dates.day_of_month),
    _rule("{day} {month} {which}", dates.day_of_month),
    _rule("semaine du {day} {month}{in_year}?", relative.week_of_day),
    _rule("{nth} {weekday} d(?:e |'){month}{in_year}?", dates.nth_of_month),
    _rule("{nth} (?P<unit>jour|semaine|week end) d(?:e |'){month}{in_year}?", dates.nth_of_month),
    _rule("{first}(?: au | ?- ?| a | jusqu'au ){day} {month}{in_year}?", dates.days_of_month),
    _rule("entre le {first} et le {day} {month}{in_year}?", dates.days_of_month),
    _rule("{first}(?:, | et (?:le )?| ou (?:le )?){day} {month}", dates.listed_days),
    _rule("{month}{in_year}", dates.month_of_year),
    _rule(r"(?:{in_month}|\bmois d[e'] ?|\A(?=\w+\W*\Z)){month}", dates.month_alone),
    _rule("{month} {which}", dates.month_alone),
    _rule(r"(?:{in_month}|\bannee |\A(?=\d+\W*\Z)){year}(?! ?(?:[a-z]+s\b|%))", dates.year_alone),
    _rule("{ordinal} trimestre{in_year}?", spans.quarter_of_year),
    _rule("(?P<half>premier|1er|second|deuxieme|2e) semestre{in_year}", spans.half_of_year),
    _rule("(?P<half>premiere|seconde|deuxieme) moitie{in_year}", spans.half_of_year),
    _rule("{season}{in_year}", spans.season_of_year),
    _rule("{season} {which}", spans.season_alone),
    _rule("(?P<which>cet|ce) {season}", spans.season_alone),
    _rule(r"(?:(?<=\ben )|(?<=\bau )|(?<=\bl'))(?<!a ete){season}", spans.season_alone),
    _rule(r"annees (?P<decade>[12]\d\d0|[2-9]0|" + one_of(_DECADES) + ")", spans.decade_of_century),
    _rule(f"{group('century', ROMAN_NUMBERS)}(?:e|eme|er) siecle", spans.century_by_number),
    _rule("{weekday}(?: (?:{daypart}))?", relative.weekday),
    _rule("(?P<which>ce) {weekday}", relative.weekday),
    _rule("{weekday} {which}(?: (?:{daypart}))?", relative.weekday),
    _rule(f"{group('count', _NEAR_DAYS)}(?: (?:{{daypart}}))?", relative.near_day),
    _rule("(?:(?P<which>ce) )?week[ -]end", relative.weekend_alone),
    _rule("week[ -]end {which}", relative.weekend_alone),
    _rule("(?P<which>ce|cette) {unit}(?:-ci)?", relative.near_unit),
    _rule("{unit} {which}", relative.near_unit),
    _rule(
        r"(?:(?<=\bde la )|(?<=\bde l')|(?<=\bdu )|(?<=\bfin d')){unit}(?=\W*\Z)",
        relative.near_unit,
    ),
    _rule("il y a (?:{about} ?)?{count} {length}", relative.ago),
    _rule("il y a {some} {units}", relative.ago),
    _rule("dans (?:{about} ?)?{count} {length}", relative.in_future),
    _rule("dans {some} {units}", relative.in_future),
    _rule("en {count} {length}", relative.ahead),
    _rule("{count} (?P<which>prochains|prochaines) {length}", relative.coming),
    _rule("(?:prochains|prochaines) {units}", relative.coming),
    _rule("{units} a venir", relative.coming),
    _rule("{count} (?:derniers|dernieres) {length}", relative.recent),
    _rule("(?:derniers|dernieres) {units}", relative.recent),
    _rule("(?:pendant|durant) (?:les )?(?:{about} ?)?{count} {length}", relative.duration),
    _rule(r"\A(?:{about} ?)?{count} {length}(?=\W*\Z)", relative.duration),
    _rule("(?:pendant|durant) (?:{some} )?{units}", relative.duration),
    _rule("(?:tous les|chaque|les) {weekday}s?", relative.repeated),
    _rule("(?:tous les|toutes les|chaque) {length}", relative.repeated),
    _rule("(?P<unit>quotidiennement|mensuellement)", relative.repeated),
)
_CLOCKS = tuple(
    _GRAMMAR.pattern(rf"(?<![\w:.]){form}(?: ?(?P<utc>gmt|utc))?(?!\w)")
    for form in (
        r"(?:a )?(?P<hour>\d{1,2}) ?(?:h|heures)(?: ?(?P<minute>\d\d))?",
        r"(?:a )?(?P<hour>\d{1,2}):(?P<minute>\d\d)",
        "(?:a )?(?<!apres )(?<!apres-)(?P<noon>midi)",
    )
)
_UNCLEAR = (
    (
        r"\ble lendemain\b|\bla veille\b|\bl'avant[- ]veille\b|\b(?:jour|semaine|mois|annee)"
        r" (?:suivante?|precedente?|d'apres|d'avant)\b|\b(?:heures?|jours?|semaines?|mois|ans?)"
        r" (?:plus tard|plus tot|apres|avant)\b|\bsurlendemain\b",
        "counts from another time in the text",
    ),
    (
        r"\b(?:vendredi (?:saint|noir)|lundi de (?:paques|pentecote)|mardi gras)\b",
        "is a day of another name",
    ),
    (r"\bcette nuit\b", "can be the night before or the night to come"),
)

FRENCH = Language(
    plain=without_accents,
    tables={
        "month": _MONTHS,
        "weekday": _WEEKDAYS,
        "unit": _UNITS,
        "count": {**_COUNTS, **_NEAR_DAYS},
        "day": _ORDINALS,
        "first": _ORDINALS,
        "ordinal": _NTH,
        "quarter": _ORDINALS,
        "half": _ORDINALS,
        "century": ROMAN_NUMBERS,
        "decade": _DECADES,
        "season": _SEASONS,
        "which": _WHICH,
        "which_year": _WHICH,
        "about": {
            **dict.fromkeys(("plus de", "plus d"), "MORE_THAN"),
            **dict.fromkeys(("moins de", "moins d"), "LESS_THAN"),
            **dict.fromkeys(("environ", "pres de", "pres d"), "APPROX"),
            "au moins": "EQUAL_OR_MORE",
        },
        "noon": {"midi": "noon"},
        "utc": {"gmt": "utc", "utc": "utc", "z": "utc"},
    },
    rules=_RULES,
    clocks=_CLOCKS,
    limits=_LIMITS,
    parts=_PARTS,
    before=_GRAMMAR.pattern(
        r"(?:\b{limits} )?(?:\b(?:en|de|a|au|du|pour|durant|pendant|dans|au cours de) )?"
        r"(?:\b(?:le|la|les|l'|du|au|ce) ?)?(?:\b{parts}(?:[ -]|'))?"
        r"(?:\b(?:le |la |dans la )?(?:{daypart}) (?:de |du ))?"
        r"(?:\b(?:le|la|les|l'|du|au|annee|mois de) ?)*\Z"
    ),
    following=_GRAMMAR.pattern(" (?P<limit>au plus tard|au plus tot)"),
    connector=_GRAMMAR.pattern(
        r" ?(?:(?P<to>-|au?|jusqu'au?)|(?P<both>et)) ?(?:(?:le|la|mi|fin|debut)[ -])*"
    ),
    between=_GRAMMAR.pattern(r"\bentre (?:\w+ )?\Z"),
    unclear=tuple((_GRAMMAR.pattern(form), reason) for form, reason in _UNCLEAR),
    vague=_GRAMMAR.pattern(
        r"\b(?:recemment|bientot|maintenant|actuellement|prochainement|naguere|alors|ce jour-la"
        r"|meme jour|tout a l'heure)\b"
    ),
    ahead=_GRAMMAR.pattern(r"\b(?:sera|seront|aura|auront|va|vont)\b"),
)
