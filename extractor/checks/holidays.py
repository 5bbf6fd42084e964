"""Feasts that news counts by, with the days that they can mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

import regex

_FIXED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        r"christmas eve|heilig(?:er |en )?abend|heiligabend|nochebuena|(?:la )?veille de noël": (
            12,
            24,
        ),
        r"christmas(?: day)?|(?:ersten )?weihnachts(?:feier)?tag|navidad|noël": (12, 25),
        r"boxing day|zweite[rn]? weihnachts(?:feier)?tag": (12, 26),
        r"new year'?s eve|silvester|nochevieja|(?:la )?saint-sylvestre|réveillon": (12, 31),
        r"new year'?s day|neujahr(?:stag)?|año nuevo|(?:le )?(?:jour de l'an|nouvel an)": (1, 1),
        r"epiphany|dreikönigstag|día de reyes|épiphanie": (1, 6),
        r"valentine'?s day|valentinstag|(?:la )?saint-valentin|san valentín": (2, 14),
        r"may day|tag der arbeit|fête du travail|día del trabajo|primero de mayo|1er mai": (5, 1),
        r"bastille day|fête nationale": (7, 14),
        r"(?:fourth|4th) of july": (7, 4),
        r"assumption|mariä himmelfahrt|assomption|asunción": (8, 15),
        r"tag der deutschen einheit": (10, 3),
        r"hallow[e']?een": (10, 31),
        r"all saints'?(?: day)?|allerheiligen|toussaint|todos los santos": (11, 1),
        r"armistice day|remembrance day": (11, 11),
    }
)
_FROM_EASTER: Mapping[str, int] = MappingProxyType(
    {
        r"ash wednesday|aschermittwoch|mercredi des cendres|miércoles de ceniza": -46,
        r"palm sunday|palmsonntag|domingo de ramos": -7,
        r"maundy thursday|gründonnerstag|jueves santo|jeudi saint": -3,
        r"good friday|karfreitag|vendredi saint|viernes santo": -2,
        r"easter sunday|ostersonntag|dimanche de pâques|domingo de (?:pascua|resurrección)": 0,
        r"easter monday|ostermontag|lundi de pâques|lunes de pascua": 1,
        r"ascension(?: day)?|christi himmelfahrt": 39,
        r"whit sunday|pfingstsonntag|pentecôte": 49,
        r"whit monday|pfingstmontag|lundi de pentecôte": 50,
    }
)
_YEAR = regex.compile(r"\b(?:1\d|20)\d\d\b")


def holiday(text: str, anchor: date | None) -> tuple[date, ...]:
    """The days that a feast in a text can mean: in the year that is said, else near the anchor."""
    said = _YEAR.search(text)
    if said is None and anchor is None:
        return ()
    near = int(said.group()) if said else anchor.year if anchor else 0
    years = [near] if said else [near - 1, near, near + 1]
    for words, (month, day) in _FIXED.items():
        if regex.search(rf"(?i)\b(?:{words})\b", text):
            return tuple(date(each, month, day) for each in years)
    for words, days in _FROM_EASTER.items():
        if regex.search(rf"(?i)\b(?:{words})\b", text):
            return tuple(easter(each) + timedelta(days=days) for each in years)
    return ()


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)
