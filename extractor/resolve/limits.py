"""Words beside a number that limit it, or that give it only roughly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

import regex

Limit = Literal["least", "most", "about"]

# In English, German, Spanish, French. Longer ones first where one begins as another does.
_BEFORE: Mapping[Limit, str] = MappingProxyType(
    {
        "least": (
            "at least|at the least|(?:no|not) (?:fewer|less) than|a minimum of|minimum of|minimum"
            "|(?<!no )(?<!not )more than|well over|over|above|upwards of|exceeding|in excess of"
            "|north of|>"
            "|mindestens|wenigstens|zumindest|(?<!nicht )mehr als|über"
            "|al menos|por lo menos|como mínimo|cuando menos|(?<!no )más de|mínimo de|superior a"
            "|au moins|au minimum|pas moins (?:de|d')|(?<!pas )plus (?:de|d')"
        ),
        "most": (
            "up to|(?<!no )(?<!not )(?:fewer|less) than|as (?:many|much) as|(?:no|not) more than"
            "|at (?:the )?most|a maximum of|maximum of|maximum|under|below|<"
            "|höchstens|maximal|bis zu|nicht mehr als|weniger als|unter"
            "|hasta|como máximo|como mucho|a lo sumo|(?<!no )menos de|no más de|máximo de"
            "|jusqu'à|tout au plus|au plus|au maximum|pas plus (?:de|d')|(?<!pas )moins (?:de|d')"
        ),
        "about": (
            "about|around|some|nearly|almost|roughly|approximately|approx\\.?"
            "|an estimated|estimated"
            "|close to|circa|ca?\\.|just (?:over|under)|well under|more or less|~"
            "|etwa|rund|ungefähr|zirka|fast|beinahe|knapp|gut|schätzungsweise|annähernd"
            "|unos|unas|alrededor de|cerca de|casi|aproximadamente|en torno a|más o menos"
            "|environ|quelque|près (?:de|d')|presque|autour de|à peu près|approximativement"
        ),
    }
)
_AFTER: Mapping[Limit, str] = MappingProxyType(
    {
        "least": (
            r"or more|or above|or over|and more|at (?:the )?(?:very )?least|and counting|\+"
            r"|-?plus\b|oder mehr|o más|ou plus|como mínimo|au moins|mindestens"
        ),
        "most": (
            r"or (?:fewer|less|under)|at (?:the )?(?:very )?most|oder weniger|o menos|ou moins"
            r"|como máximo|au plus|höchstens"
        ),
        "about": r"or so|-odd\b|-ish\b|or thereabouts|más o menos|environ",
    }
)
_BEFORE_NUMBER: Mapping[Limit, regex.Pattern[str]] = MappingProxyType(
    {limit: regex.compile(rf"(?i)(?<![\w-])(?:{words})\s?\Z") for limit, words in _BEFORE.items()}
)
_AFTER_NUMBER: Mapping[Limit, regex.Pattern[str]] = MappingProxyType(
    {
        limit: regex.compile(rf"(?i),?\s?(?:[\p{{L}}%]++,?\s)?(?:{words})(?![\p{{L}}])")
        for limit, words in _AFTER.items()
    }
)
_ARTICLE = regex.compile(
    r"(?i)(?<!\w)(?:an?|the|another|these|those|its|their|further|additional|total of|up"
    r"|une?|une? autre|les|los|las|otros|otras|d'autres|d'|eine?[nmr]?|weitere[nr]?|die|den"
    r"|insgesamt)\s?\Z"
)
_NEAR = 40


def limits(text: str, start: int, end: int) -> frozenset[Limit]:
    """What limits the number that is `text[start:end]`."""
    before = text[max(start - _NEAR, 0) : start]
    found: set[Limit] = set()
    while cut := _limit_before(before):
        limit, at = cut
        found |= {limit} if limit else set()
        before = before[:at]
    found |= {
        limit for limit, words in _AFTER_NUMBER.items() if words.match(text, end, end + _NEAR)
    }
    return frozenset(found)


def _limit_before(text: str) -> tuple[Limit | None, int] | None:
    for limit, words in _BEFORE_NUMBER.items():
        if match := words.search(text):
            return limit, match.start()
    if text.strip() and (match := _ARTICLE.search(text)):
        return None, match.start()
    quoted = text.rstrip("\"'( ")
    return (None, len(quoted)) if quoted != text.rstrip() else None


# ------------------------------------------------------------------------------ rough counts


@dataclass(frozen=True)
class Rough:
    """A rough count at `text[start:end]`: dozens, several hundred, a couple."""

    start: int
    end: int
    shown: str
    value: Fraction | None
    minimum: int | None


_PLURALS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "en": {
            **{"tens": 20, "dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2_000},
            **{"millions": 2_000_000, "billions": 2 * 10**9, "trillions": 2 * 10**12},
        },
        "de": {
            **{"dutzende": 24, "dutzenden": 24, "hunderte": 200, "hunderten": 200},
            **{"tausende": 2_000, "tausenden": 2_000, "zehntausende": 20_000},
            **{"hunderttausende": 200_000, "millionen": 2_000_000, "milliarden": 2 * 10**9},
        },
        "es": {
            **{"decenas": 20, "docenas": 24, "cientos": 200, "centenares": 200, "miles": 2_000},
            **{"millares": 2_000, "millones": 2_000_000},
        },
        "fr": {
            **{"dizaines": 20, "douzaines": 24, "centaines": 200, "milliers": 2_000},
            **{"millions": 2_000_000, "milliards": 2 * 10**9},
        },
    }
)
_ROUND: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "en": {"couple": 2},
        "de": {},
        "es": {
            **{"decena": 10, "quincena": 15, "veintena": 20, "treintena": 30, "centenar": 100},
            **{"millar": 1_000, "par de": 2},
        },
        "fr": {
            **{"dizaine": 10, "quinzaine": 15, "vingtaine": 20, "trentaine": 30},
            **{"quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100},
            "millier": 1_000,
        },
    }
)
_SEVERAL: Mapping[str, str] = MappingProxyType(
    {
        "en": r"several|(?:a |very )?few|numerous|countless|multiple|(?<!as )many",
        "de": r"mehrere[nr]?|einige[nr]?|ein paar|zahlreiche[nr]?|viele[nr]?",
        "es": r"vari[oa]s|algun[oa]s|much[oa]s|numeros[oa]s|un[oa]s (?:cuant|poc)[oa]s",
        "fr": r"plusieurs|quelques|de nombreu(?:x|ses)|beaucoup de|une poignée",
    }
)
_SCALED: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "en": {
            **{"dozen": 24, "hundred": 200, "thousand": 2_000, "million": 2_000_000},
            "billion": 2 * 10**9,
        },
        "de": {"dutzend": 24, "hundert": 200, "tausend": 2_000},
        "es": {"miles": 2_000},
        "fr": {},
    }
)


def _patterns(code: str) -> regex.Pattern[str]:
    plurals = "|".join(_PLURALS[code])
    scaled = "|".join(_SCALED[code]) or "(?!)"
    rounds = "|".join(_ROUND[code]) or "(?!)"
    several = _SEVERAL[code]
    return regex.compile(
        rf"(?i)(?<![\w-])(?:(?:{several}|many)\s)?(?:"
        rf"(?P<plural>{plurals})(?:(?: of | de | d'| von | )(?P<second>{plurals}))?"
        rf"|(?<=(?:{several}) )(?P<scaled>{scaled})(?:\s(?P<thousand>thousand|million))?"
        rf"|(?P<round>{rounds})(?:(?: of)? (?P<times>{scaled}))?"
        rf")(?!\w)|(?<![\w-])(?P<several>{several})(?!\w)"
    )


_ROUGH: Mapping[str, regex.Pattern[str]] = MappingProxyType(
    {code: _patterns(code) for code in _PLURALS}
)


def roughs(text: str, code: str) -> list[Rough]:
    """The rough counts of a text in English ("en"), German, Spanish or French."""
    return [_rough(match, code) for match in _ROUGH[code].finditer(text)]


def _rough(match: regex.Match[str], code: str) -> Rough:
    def amount(tables: Mapping[str, Mapping[str, int]], group: str) -> int | None:
        return tables[code][match[group].lower()] if match[group] else None

    start, end, shown = match.start(), match.end(), match.group()
    if plural := amount(_PLURALS, "plural"):
        times = (amount(_PLURALS, "second") or 2) // 2
        return Rough(start, end, shown, None, plural * times)
    if scaled := amount(_SCALED, "scaled"):
        times = {"thousand": 1_000, "million": 10**6}.get((match["thousand"] or "").lower(), 1)
        return Rough(start, end, shown, None, scaled * times)
    if value := amount(_ROUND, "round"):
        times = (amount(_SCALED, "times") or 2) // 2
        return Rough(start, end, shown, Fraction(value * times), None)
    return Rough(start, end, shown, None, None)
