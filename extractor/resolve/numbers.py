"""Numerals in a text, in digits or in words: English, German, Spanish and French."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import regex

from extractor.resolve.numerals import (
    ENGLISH,
    LEXICONS,
    Lexicon,
    Reading,
    bare,
    writes_decimal_comma,
)

_MOST_DIGITS = 18
_LARGEST = 10**18
# With a sign of money before them: 5m may be metres, and 5t tonnes.
_MONEY_SCALES = {"m": 10**6, "mn": 10**6, "b": 10**9, "t": 10**12, "tn": 10**12}
_SHORT_SCALES = {
    "k": 1_000,
    **dict.fromkeys(("mln", "mio"), 10**6),
    **dict.fromkeys(("bn", "mrd", "mlrd", "mds"), 10**9),
    "trn": 10**12,
}
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}

_TOKEN = regex.compile(
    r"(?<![\w.,:])(?P<minus>(?<![\w$€£¥])(?<!\d )-)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d{1,3}(?:\.\d{3})++(?:,\d++)?"
    r"|\d{1,3}(?:[ ']\d{3})++(?:[.,]\d++)?|\d++(?:[.,]\d++)?)"
    r"(?![.,:]?\d|[eE]\d)(?:[ ]?(?P<fraction>[½¼¾⅓⅔]|(?<=\d )\d/\d{1,2}(?![\d/])))?"
    r"(?:[ ]?(?P<short>(?i:mln|mio|bn|mrd|mlrd|mds|trn|(?<! )(?:k|m|mn|b|t|tn)))\b(?!/)\.?)?"
    r"|(?P<word>\p{L}[\p{L}\p{M}]*+)"
)
_JOINED = regex.compile(r"[\s.]?[\s-]{0,2}")
_MONEY_BEFORE = regex.compile(r"(?:\p{Sc}|\b(?:USD|EUR|GBP))\s?-?\Z")


@dataclass(frozen=True)
class Numeral:
    """A number at `text[start:end]`; without a value, `reason` says why it cannot be read.

    `scale` is the last factor that stands in it (a million, a thousand), 1 if none does.
    """

    start: int
    end: int
    shown: str
    value: Fraction | None
    scale: int = 1
    reason: str | None = None


def lexicon_of(language: str | None) -> Lexicon:
    """The number words of a language (BCP 47); English if it is not given, or not known."""
    return LEXICONS.get((language or "en").lower()[:2], ENGLISH)


def numerals(text: str, language: str | None = None) -> list[Numeral]:
    """The numerals of a folded text, in order.

    Point and comma are read as the language has them. Without one, "1,200" is read as
    English is; "1.200" has no value but a reason that gives both readings.
    """
    tokens = list(_TOKEN.finditer(text))
    lexicon = lexicon_of(language)
    found: list[Numeral] = []
    at = 0
    while at < len(tokens):
        numeral, used = _numeral(text, tokens, at, lexicon, language)
        if numeral:
            found.append(numeral)
        at += max(used, 1)
    return found


def _numeral(
    text: str, tokens: list[regex.Match[str]], at: int, lexicon: Lexicon, language: str | None
) -> tuple[Numeral | None, int]:
    """The numeral that starts with a token, and how many tokens it takes."""
    first = tokens[at]
    reading = Reading(lexicon)
    if first["digits"]:
        value, reason = _digits(text, first, language)
        shown = first.group().strip()
        if value is None:
            return Numeral(first.start(), first.end(), shown, None, reason=reason), 1
        reading.start(value)
        used = 1
    elif not reading.opens(first["word"]):
        return None, 1
    else:
        used = 0
    used += _words(text, tokens[at + used :], reading, after=first.end() if used else None)
    if not used:
        return None, 1
    start, end = first.start(), tokens[at + used - 1].end()
    shown = text[start:end]
    if not reading.is_number:
        return None, used
    if abs(reading.value) >= _LARGEST:
        return Numeral(start, end, shown, None, reason=f"{shown[:40]!r} is too large"), used
    return Numeral(start, end, shown, reading.value, reading.scale), used


def _words(text: str, tokens: list[regex.Match[str]], reading: Reading, after: int | None) -> int:
    """How many of the tokens the reading takes; words that only join count with what follows."""
    taken = 0
    joiners: list[str] = []
    for position, token in enumerate(tokens):
        word = token["word"]
        if not word or (after is not None and not _JOINED.fullmatch(text, after, token.start())):
            break
        after = token.end()
        key = bare(word)
        if reading.joins(key):
            joiners.append(key)
            if len(joiners) > 2:
                break
        elif reading.take(key, joiners):
            taken, joiners = position + 1, []
        else:
            break
    return taken


def _digits(
    text: str, match: regex.Match[str], language: str | None
) -> tuple[Fraction | None, str | None]:
    shown = match.group().strip()
    values = list(_readings(match["digits"], language))
    if len(values) != 1:
        which = f"can be {' or '.join(values)}" if values else "cannot be read as one number"
        return None, f"{shown[:40]!r} {which}"
    value = Fraction(values[0])
    if fraction := match["fraction"]:
        numerator, _, denominator = _FRACTIONS.get(fraction, fraction).partition("/")
        if not int(denominator):
            return None, f"{shown!r} cannot be read as one number"
        value += Fraction(int(numerator), int(denominator))
    if short := (match["short"] or "").lower().rstrip("."):
        scales: Mapping[str, int] = _SHORT_SCALES
        if _MONEY_BEFORE.search(text[max(match.start() - 8, 0) : match.start()]):
            scales = {**_SHORT_SCALES, **_MONEY_SCALES}
        if short not in scales:
            return None, f"{shown!r} can be a number of millions or a measure"
        value *= scales[short]
    return -value if match["minus"] else value, None


def _readings(digits: str, language: str | None) -> Iterator[str]:
    """What the digits can mean, in plain notation."""
    plain = digits.replace(" ", "").replace("'", "")
    if sum(map(str.isdigit, plain)) > _MOST_DIGITS:
        return
    marks = [char for char in plain if char in ".,"]
    if len(set(marks)) == 2:  # the last one is the decimal mark
        yield plain.replace(marks[0], "").replace(",", ".")
        return
    if len(marks) > 1:  # they group
        yield plain.replace(marks[0], "")
        return
    if not marks:
        yield plain
        return
    whole, _, rest = plain.partition(marks[0])
    comma = writes_decimal_comma(language)
    grouped = len(rest) == 3 and len(whole) <= 3 and whole != "0" and plain == digits
    decimal = f"{whole}.{rest.rstrip('0')}".rstrip(".")
    if not grouped:
        if marks == [","] and comma is False and plain == digits:
            return  # 1,20 in English is no number
        yield decimal
    elif comma is None:
        yield from [whole + rest] if marks == [","] else [decimal, whole + rest]
    else:
        yield decimal if comma == (marks == [","]) else whole + rest
