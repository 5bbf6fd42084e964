"""Number words of English, German, Spanish and French, and how they make up a number."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

_ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: value * 10 for value, word in enumerate(_TENS, 2)},
}


def bare(word: str) -> str:
    """A word as it is looked up: small letters, no accents."""
    parts = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


@dataclass(frozen=True)
class Lexicon:
    """The number words of a language; keys are `bare`.

    `articles` are also ones, so they count only before a scale or as the only number.
    `shared_tens` are tens that the eleven to nineteen may follow (French soixante-douze).
    """

    small: Mapping[str, int]
    scales: Mapping[str, int]
    hundreds: frozenset[str]
    dozens: frozenset[str]
    halves: frozenset[str]
    joiners: frozenset[str]
    articles: frozenset[str] = frozenset()
    plurals: frozenset[str] = frozenset()
    fractions: Mapping[str, Fraction] = field(default_factory=dict)
    shared_tens: frozenset[int] = frozenset()


# Unmistakable in any language.
_SCALES = {
    "million": 10**6,
    **dict.fromkeys(("millionen", "millon", "millones"), 10**6),
    **dict.fromkeys(("milliard", "milliards", "milliarde", "milliarden"), 10**9),
    **dict.fromkeys(("billionen", "billones"), 10**12),
}
_PLURALS = frozenset(
    {"millions", "millionen", "millones", "milliards", "milliarden", "billions", "billionen"}
    | {"billones", "trillions", "trillionen"}
)

ENGLISH = Lexicon(
    small=_ENGLISH,
    scales={
        **_SCALES,
        **{"thousand": 1000, "millions": 10**6, "billion": 10**9, "billions": 10**9},
        **{"trillion": 10**12, "trillions": 10**12},
    },
    hundreds=frozenset({"hundred"}),
    dozens=frozenset({"dozen"}),
    halves=frozenset({"half"}),
    joiners=frozenset({"and", "a", "an"}),
    plurals=_PLURALS,
)


_GERMAN_ONES = "null ein zwei drei vier funf sechs sieben acht neun"
_GERMAN_TEENS = "zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn"
_GERMAN_TENS = "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig"


def _german() -> dict[str, int]:
    """One word up to 999,000: zweihundertfunfzig."""
    ones = _GERMAN_ONES.split()
    words = {word: value for value, word in enumerate([*ones, *_GERMAN_TEENS.split()])}
    words["eins"] = 1
    for value, ten in enumerate(_GERMAN_TENS.split(), 2):
        words |= {f"{ones[one]}und{ten}": value * 10 + one for one in range(1, 10)}
        words[ten] = value * 10
    under_100 = {word: value for word, value in words.items() if value}
    for value, one in enumerate(["", *ones[1:]]):
        base = max(value, 1) * 100
        words[f"{one}hundert"] = base
        words |= {f"{one}hundert{word}": base + rest for word, rest in under_100.items()}
    thousands = {f"{word}tausend": value * 1000 for word, value in words.items() if value}
    return {**words, **thousands}


GERMAN = Lexicon(
    small=_german(),
    scales={**_SCALES, "tausend": 1000, "billion": 10**12, "trillion": 10**18},
    hundreds=frozenset({"hundert"}),
    dozens=frozenset({"dutzend"}),
    halves=frozenset({"halbe", "halben", "halbes"}),
    joiners=frozenset({"und"}),
    articles=frozenset({"ein", "eine", "einen", "einem", "einer"}),
    plurals=_PLURALS,
    fractions={
        **dict.fromkeys(("anderthalb", "eineinhalb"), Fraction(3, 2)),
        **{"zweieinhalb": Fraction(5, 2), "dreieinhalb": Fraction(7, 2)},
    },
)


_SPANISH_UNDER_30 = """
cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis
diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco
veintiseis veintisiete veintiocho veintinueve
"""
_SPANISH_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_SPANISH_HUNDREDS = "dosc tresc cuatroc quin seisc setec ochoc novec"


def _spanish() -> dict[str, int]:
    words = {word: value for value, word in enumerate(_SPANISH_UNDER_30.split())}
    words |= {word: value * 10 for value, word in enumerate(_SPANISH_TENS.split(), 3)}
    for value, stem in enumerate(_SPANISH_HUNDREDS.split(), 2):
        words |= {f"{stem}ient{ending}": value * 100 for ending in ("os", "as")}
    return {**words, "veintiun": 21, "veintiuna": 21, "cien": 100, "ciento": 100}


SPANISH = Lexicon(
    small=_spanish(),
    scales={**_SCALES, "mil": 1000, "billon": 10**12},
    hundreds=frozenset(),
    dozens=frozenset({"docena"}),
    halves=frozenset({"medio", "media"}),
    joiners=frozenset({"y"}),
    articles=frozenset({"un", "una"}),
    plurals=_PLURALS,
)
_FRENCH_ONES = """
zero - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
"""
FRENCH = Lexicon(
    small={
        **{word: value for value, word in enumerate(_FRENCH_ONES.split()) if value != 1},
        **{"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50},
        **{"soixante": 60, "septante": 70, "huitante": 80, "nonante": 90},
    },
    scales={
        **_SCALES,
        **{"mille": 1000, "millions": 10**6, "billion": 10**12, "billions": 10**12},
    },
    hundreds=frozenset({"cent", "cents"}),
    dozens=frozenset({"douzaine"}),
    halves=frozenset({"demi", "demie"}),
    joiners=frozenset({"et"}),
    articles=frozenset({"un", "une"}),
    plurals=_PLURALS,
    shared_tens=frozenset({60, 80}),
)
LEXICONS: Mapping[str, Lexicon] = MappingProxyType(
    {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}
)
"""By the first two letters of a language's code."""

_COMMA = (
    "bg ca cs da de el es et fi fr hr hu id it lt lv nl no nb nn pl pt ro ru sk sl sr sv tr uk vi"
)
_POINT = "en zh ja ko th he hi ur bn"
# Where the language has the comma, these countries have the point.
_POINT_THERE = frozenset({"de-ch", "de-li", "es-mx", "es-us", "es-pr", "es-do", "es-gt", "es-hn"})


def writes_decimal_comma(language: str | None) -> bool | None:
    """Whether a language (BCP 47) has 1,5 for one and a half; None if that is not known."""
    code = (language or "").lower().replace("_", "-")
    if code[:2] in _POINT.split() or code in _POINT_THERE:
        return False
    return True if code[:2] in _COMMA.split() else None


class Reading:
    """A number that is read word by word: one hundred and twenty-three thousand."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.scale = 1
        self._total = Fraction(0)
        self._group = Fraction(0)
        self._room = 1000  # the next small number must be under this
        self._used = False
        self._any = False

    @property
    def value(self) -> Fraction:
        return self._total + self._group

    @property
    def is_number(self) -> bool:
        """Whether it has more than a half in it."""
        return self._any

    def start(self, value: Fraction) -> None:
        """Begin with a number in digits."""
        self._group, self._room, self._used, self._any = value, 0, True, True

    def opens(self, word: str) -> bool:
        """Whether a number can begin with the word."""
        key, lexicon = bare(word), self.lexicon
        if key in lexicon.articles:
            return word.islower() or word.istitle()  # not UN
        return key not in lexicon.plurals and self._knows(key)

    def joins(self, key: str) -> bool:
        return key in self.lexicon.joiners

    def _knows(self, key: str) -> bool:
        lexicon = self.lexicon
        return (
            any(key in words for words in (lexicon.small, lexicon.scales, lexicon.fractions))
            or any(key in words for words in (lexicon.hundreds, lexicon.dozens, lexicon.halves))
            or key in lexicon.articles
        )

    def take(self, key: str, joiners: Sequence[str]) -> bool:
        """Add a word, if the number can go on with it."""
        lexicon = self.lexicon
        joined = bool(joiners) and joiners[0] not in {"a", "an"}
        if key in lexicon.halves:
            return self._half(joined)
        if key in lexicon.scales:
            return not joined and self._scale(lexicon.scales[key])
        if key in lexicon.hundreds | lexicon.dozens:
            factor = 12 if key in lexicon.dozens else 100
            return not joined and self._hundred(factor)
        if joiners and joiners[-1] in {"a", "an"}:
            return False
        if key in lexicon.fractions and not self._used:
            self.start(lexicon.fractions[key])
            return True
        number = 1 if key in lexicon.articles else lexicon.small.get(key)
        return number is not None and self._small(number)

    def _half(self, joined: bool) -> bool:
        """Half a million; two and a half million, but also a million and a half."""
        if not joined:
            if self._total or self._group not in {0, 1}:
                return False
            self._group, self._room = Fraction(1, 2), 0
        elif self._any:
            self._total += Fraction(self.scale, 2) if self.scale > 1 and not self._group else 0
            self._group += 0 if self.scale > 1 and not self._group else Fraction(1, 2)
            self._room = 0
        else:
            return False
        self._used = True
        return True

    def _scale(self, scale: int) -> bool:
        if self._total and scale > self.scale:  # mil millones
            self._total = (self._total + self._group) * scale
        elif self._total and scale == self.scale:
            return False
        else:
            self._total += (self._group if self._used or self._group else 1) * scale
        self._group, self._room, self.scale = Fraction(0), min(scale, 1000), scale
        self._used, self._any = False, True
        return True

    def _hundred(self, factor: int) -> bool:
        if self._group >= 100:
            return False
        self._group = (self._group if self._used else Fraction(1)) * factor
        self._room, self._used, self._any = (100 if factor == 100 else 0), True, True
        if factor == 12:
            self.scale = 12
        return True

    def _small(self, number: int) -> bool:
        shared = self.lexicon.shared_tens
        if shared and number == 20 and self._group % 100 == 4:
            self._group, self._room = self._group + 76, 20  # quatre-vingts
            return True
        if (number >= self._room or number == 0) and self._any:
            return False
        self._group += number
        self._room = _room_after(number, shared)
        self._used, self._any = True, True
        return True


def _room_after(number: int, shared_tens: frozenset[int]) -> int:
    """What may follow a number without a word for and: less than this."""
    if number >= 100:
        return 1 if number % 100 else 100 if number % 1000 else 1000
    if number in shared_tens:
        return 20
    if number == 10 and shared_tens:  # dix-sept
        return 10
    return 10 if number >= 20 and number % 10 == 0 else 1
