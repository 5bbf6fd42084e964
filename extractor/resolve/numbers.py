"""Numbers in English, in digits or in words."""

from __future__ import annotations

import re
from fractions import Fraction

from extractor.resolve.words import Resolution, Words
from extractor.text import fold

_ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SMALL_NUMBERS = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: value * 10 for value, word in enumerate(_TENS, 2)},
}
"""Numbers of one word."""

_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}
# With a sign of money before them: 5m may be metres, and 5t tonnes.
_MONEY_SCALES = {"m": "million", "mn": "million", "b": "billion", "t": "trillion", "tn": "trillion"}
_SHORT_SCALES = {"k": "thousand", "mln": "million", "bn": "billion", "trn": "trillion"}
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}

_WORD = rf"(?:{'|'.join([*SMALL_NUMBERS, *_SCALES, 'dozen'])})\b"
_EXPRESSION = re.compile(
    r"(?i:(?P<money>(?:[$€£¥]|\b(?:USD|EUR|GBP))\s*)?(?<![\w.,:])(?P<minus>(?<![\w$€£¥])-)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?P<decimals>\.\d+)?"
    r"(?![.,:]?\d|e\d)(?:[ ]?(?P<fraction>[½¼¾⅓⅔]|\d/\d{1,2})(?![\d/]))?"
    rf"(?:(?P<short>{'|'.join([*_SHORT_SCALES, *_MONEY_SCALES])})\b"
    rf"|[\s-]*(?P<scale>{'|'.join(_SCALES)})\b)?"
    rf"|\b(?P<words>(?:half\s+an?\s+|a\s+half\s+)?{_WORD}"
    rf"(?:(?:\s+and)?(?:\s+a\s+half)?[\s-]+{_WORD})*(?:\s+and\s+a\s+half\b)?))"
)
_VAGUE = re.compile(
    r"(?i:\b(?:dozens|tens|hundreds|thousands|millions|billions|scores|several|few|couple|half"
    r"|thirds?|quarters?|numerous|countless|multiple)\b)"
)
_PART_OF_A_NAME = re.compile(
    r"(?<![\w$€£¥])(?!USD|EUR|GBP)[A-Za-z]+-?\d[\d-]*\w*|\b\d+(?:st|nd|rd|th)\b"
)


def resolve_number(quote: str) -> Resolution:
    """The one number that a quotation gives: 1.5 million, $3bn, twelve, a dozen.

    "At least 30" is 30: how it is limited stands in the words. A rough count
    ("dozens") and several numbers stay unresolved, with a reason.
    """
    text = _PART_OF_A_NAME.sub(lambda m: "_" * len(m.group()), fold(quote).text.strip())
    found = list(_EXPRESSION.finditer(text))
    if vague := _VAGUE.search(_EXPRESSION.sub("_", text)):
        return Resolution(None, reason=f"{vague.group()!r} is not an exact number")
    values = {_value(match): match.group().strip() for match in found}
    if not values:
        return Resolution(None, reason=f"no number was recognised in {quote.strip()[:60]!r}")
    if len(values) > 1:
        one, other, *_ = values.values()
        return Resolution(None, reason=f"several numbers: {one!r} and {other!r}")
    ((value, shown),) = values.items()
    if value is None:
        return Resolution(None, reason=f"{shown!r} cannot be read as one number")
    return Resolution(int(value) if value.denominator == 1 else float(value))


def _value(match: re.Match[str]) -> Fraction | None:
    if words := match["words"]:
        return _in_words(words.lower())
    value = Fraction(re.sub("[, ]", "", match["digits"]) + (match["decimals"] or ""))
    if fraction := match["fraction"]:
        value += Fraction(_FRACTIONS.get(fraction, fraction))
    scale = (match["scale"] or "").lower()
    if short := (match["short"] or "").lower():
        scale = _SHORT_SCALES.get(short) or (_MONEY_SCALES[short] if match["money"] else "")
        if not scale:
            return None
    return (-1 if match["minus"] else 1) * value * _SCALES.get(scale, 1)


def _in_words(words: str) -> Fraction | None:
    """One hundred and twenty-three thousand; None for what is no number (five twelve)."""
    total, group, room, scale = Fraction(0), Fraction(0), 1000, 0
    for word in re.findall(r"[a-z]+", words):
        if word == "half":  # two and a half million, but also a million and a half
            total, group = total + Fraction(scale, 2), group + (0 if scale else Fraction(1, 2))
        elif word == "dozen":
            group, room = (group or 1) * Fraction(12), 1
        elif word == "hundred":
            group, room = (group or 1) * Fraction(100), 100
        elif word in _SCALES:
            scale = _SCALES[word]
            total, group, room = total + (group or 1) * scale, Fraction(0), 1000
        elif (number := SMALL_NUMBERS.get(word)) is not None:
            if number >= room:
                return None
            group, room, scale = group + number, 10 if number >= 20 else 1, 0
    return total + group


def number_value(words: Words) -> Resolution:
    """Resolver `number.value`: the one number of the quotation."""
    return resolve_number(words.quote)
