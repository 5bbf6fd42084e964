"""A number against the words that give it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import regex

from extractor.checks.claim import Claim
from extractor.resolve.quantities import ResolvedQuantity, resolve_quantities

Bounds = tuple[Fraction | None, Fraction | None]


def check_number(claim: Claim) -> str | None:
    """Whether a number, or a pair `[minimum, maximum]` (None: open), stands in the words.

    Proves that one of the numbers in the quotation is the value: in digits or words, with the
    separators of the language, and with what limits it: "at least 14" is 14 or [14, None],
    "about 400" 400 and nothing near it, "dozens" anything from 24 to 120. Percent may be
    given as a fraction. Cannot tell which of several numbers is meant, nor what is counted.
    """
    wanted = bounds_of(claim.value)
    if wanted is None:
        return f"{claim.value!r} is no number and no pair of numbers"
    found = readings(claim.quote, claim.language, is_given=claim.is_given)
    if any(supports(quantity, wanted, claim.quote) for quantity in found):
        return None
    shown = ", ".join(dict.fromkeys(map(_shown, found))) or "no number"
    return f"{_written(claim.value)} does not follow from {claim.quote!r} ({shown})"


def bounds_of(value: object) -> Bounds | Fraction | None:
    """A value as a number or a pair of bounds; None when it is neither."""
    if isinstance(value, list | tuple):
        if len(value) != 2 or all(end is None for end in value):
            return None
        ends = [None if end is None else number_of(end) for end in value]
        if any(end is None and given is not None for end, given in zip(ends, value, strict=True)):
            return None
        return ends[0], ends[1]
    return number_of(value)


def number_of(value: object) -> Fraction | None:
    """An int, float, Decimal or numeric string as an exact number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        return Fraction(Decimal(str(value).strip().replace("_", "")))
    except (InvalidOperation, ValueError, OverflowError):
        return None


# ------------------------------------------------------------------------- what the words say

_INDIAN = regex.compile(
    r"(?i)(?<n>\d[\d.,]*|\b(?:a|one|two|three|four|five|ten))\s(?<unit>lakh|crore)s?\b"
)
_MINUS = regex.compile(r"(?i)\b(?:minus|moins|menos|negative)\s(?=\d)")
_BELOW_ZERO = regex.compile(
    r"(?i)\b(\d[\d.,]*)(?=\s?(?:°C?|degrees?|grad|degrés|grados)?\s?(?:below (?:zero|freezing)|"
    r"unter null|au-dessous de zéro|sous zéro|bajo cero))"
)
_POINT_OR_GROUP = regex.compile(r"\d\.\d{3}(?!\d)")
_INDIAN_SCALES = {"lakh": 100_000, "crore": 10_000_000}
_NONE = regex.compile(
    r"(?i)\b(?:no|none|nobody|no one|zero|nil|without|kein\w*|niemand\w*|ohne|aucune?|personne|"
    r"nul(?:le)?"
    r"|ning[uú]n[oa]?|nadie|sin)\b"
)
_ONE = regex.compile(r"(?i)\b(?:an?|another|single|ein\w{0,2}|une?|un[oa]?)\s\p{L}")
_COUNTED = {
    2: r"both|twice|double[ds]?|twins?|pair|duo|beide[nrm]?|zweimal|doppelt\w*|paar|les deux|"
    r"deux fois"
    r"|ambos|ambas|dos veces|doble",
    3: r"thrice|trio|triplets?|triple[ds]?|dreimal|trois fois|triples?|tres veces",
    4: r"quartet|quadruple[ds]?|viermal|quatre fois",
    5: r"quintet|quintuplets?|fünfmal",
    20: r"score",
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINAL_WORDS = {word: number for number, word in enumerate(_ORDINALS.split(), 1)}
_ORDINAL_DIGITS = regex.compile(r"\b(\d+)(?:st|nd|rd|th|e|er|ère|ème|[ºª]|\.)(?=\s|\Z)")
_PARTS = {
    **{"half": (1, 2), "third": (1, 3), "quarter": (1, 4), "fifth": (1, 5), "tenth": (1, 10)},
    **{"hälfte": (1, 2), "drittel": (1, 3), "viertel": (1, 4), "fünftel": (1, 5)},
    **{"moitié": (1, 2), "tiers": (1, 3), "quart": (1, 4)},
    **{"mitad": (1, 2), "tercio": (1, 3), "cuarto": (1, 4)},
}
_PART = regex.compile(
    r"(?i)\b(?:(?P<count>an?|one|two|three|four|nine|ein|zwei|drei|deux|trois|un|dos|tres)[ -])?"
    rf"(?P<part>{'|'.join(_PARTS)})s?\b(?P<of>\s(?:of\s)?(?:an?|one|eine[r]?|"
    rf"de)?\s?(?P<scale>million|billion|mill\w+))?"
)
_COUNTS = {"two": 2, "zwei": 2, "deux": 2, "dos": 2, "three": 3, "drei": 3, "trois": 3, "tres": 3}
_COUNTS |= {"four": 4, "nine": 9}
_SCALES = {"million": 10**6, "billion": 10**9}
_JOINED = regex.compile(r"(?i)\b(halben?|viertel|dreiviertel)(?=million(?:en)?\b|milliarden?\b)")
_JOINED_PARTS = {"halbe": "0,5", "halben": "0,5", "viertel": "0,25", "dreiviertel": "0,75"}


def readings(quote: str, language: str, *, is_given: bool) -> list[ResolvedQuantity]:
    """All that the numbers of a quotation can mean.

    Where the language was not given, "1.200" is read both ways.
    """
    quote = _JOINED.sub(lambda match: f"{_JOINED_PARTS[match[1].lower()]} ", quote)
    plain = _BELOW_ZERO.sub(r"-\1", _MINUS.sub("-", _INDIAN.sub(_in_full, quote)))
    found = resolve_quantities(plain, language)
    if not is_given and _POINT_OR_GROUP.search(plain):
        for other in ("en", "de"):
            found += resolve_quantities(plain, other)
    found += list(_parts(quote))
    if not found:
        found = list(_without_numerals(quote))
    return found


def _in_full(match: regex.Match[str]) -> str:
    count = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}
    written = match["n"].lower()
    number = Fraction(count[written]) if written in count else number_of(written.replace(",", ""))
    if number is None:
        return match.group()
    return str(int(number * _INDIAN_SCALES[match["unit"].lower()]))


def _exactly(value: Fraction | int) -> ResolvedQuantity:
    number = Fraction(value)
    plain = int(number) if number.denominator == 1 else float(number)
    return ResolvedQuantity(plain, plain, plain, None, False)


def _parts(text: str) -> Iterator[ResolvedQuantity]:
    """Two thirds; a quarter of a million; one in three."""
    for match in _PART.finditer(text):
        part = Fraction(*_PARTS[match["part"].lower()])
        share = part * _COUNTS.get((match["count"] or "").lower(), 1)
        scale = _SCALES.get((match["scale"] or "").lower(), 10**6 if match["scale"] else 1)
        yield _exactly(share * scale)
    for match in regex.finditer(
        r"(?i)\b(\d+|one|two|three|nine)\s(?:in|out of)\s(?:every\s)?(\d+|\p{L}+)", text
    ):
        first, second = (_small(word) for word in match.groups())
        if first and second:
            yield _exactly(Fraction(first, second))


def _small(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    found = resolve_quantities(word, "en")
    return int(found[0].value) if len(found) == 1 and found[0].value else None


def _without_numerals(text: str) -> Iterator[ResolvedQuantity]:
    """What words say that are no numerals: both, nobody, a man, the third."""
    for number, words in _COUNTED.items():
        if regex.search(rf"(?i)\b(?:{words})\b", text):
            yield _exactly(number)
    if _NONE.search(text):
        yield _exactly(0)
    elif _ONE.search(text):
        yield _exactly(1)
    for word in regex.findall(r"\p{L}+", text.lower()):
        if word in _ORDINAL_WORDS:
            yield _exactly(_ORDINAL_WORDS[word])
    yield from (_exactly(int(digits)) for digits in _ORDINAL_DIGITS.findall(text))


# ----------------------------------------------------------------------- does the value fit

_TEN = 10
_VAGUE_MOST = 20  # of "several"
_SEVERAL_MANY = regex.compile(
    r"(?i)\b(?:many|numerous|countless|zahlreiche\w*|viele\w*|much[oa]s|numeros[oa]s|nombreu\w+)\b"
)
_UNDER = regex.compile(
    r"(?i)\b(?:nearly|almost|close to|just under|well under|not quite|fast|beinahe|knapp|"
    r"annähernd|casi|presque|près d)"
)
_OVER = regex.compile(r"(?i)\b(?:just over|a little over|slightly more|gut)\b")


def supports(quantity: ResolvedQuantity, wanted: Bounds | Fraction, quote: str) -> bool:
    """Whether a number that was read is the one wanted."""
    if isinstance(wanted, Fraction):
        return _is_number(quantity, wanted, quote)
    if wanted[0] is not None and wanted[0] == wanted[1] and _is_number(quantity, wanted[0], quote):
        return not _is_open(quantity)
    return _is_pair(quantity, wanted, quote)


def _is_open(quantity: ResolvedQuantity) -> bool:
    """Whether it is limited on one side: at least 14, up to 9; or on both: 10 to 15."""
    return quantity.value is None or ((quantity.minimum is None) != (quantity.maximum is None))


def _is_number(quantity: ResolvedQuantity, wanted: Fraction, quote: str) -> bool:
    if quantity.value is not None:
        value = number_of(quantity.value)
        assert value is not None
        equal = value == wanted or _is_rounded(value, wanted)
        return equal or (quantity.unit == "%" and value / 100 == wanted)
    low, high = _spread(quantity, quote)
    return (low is None or low <= wanted) and (high is None or wanted <= high)


def _is_rounded(value: Fraction, wanted: Fraction) -> bool:
    """A third as 0.33 or 33.3: a fraction that no decimal is equal to."""
    if set(_prime_factors(value.denominator)) <= {2, 5} or value.denominator > 100:
        return False
    return any(abs(value * times - wanted) < Fraction(times, 150) for times in (1, 100))


def _prime_factors(number: int) -> Iterator[int]:
    for prime in (2, 3, 5, 7):
        while number % prime == 0:
            number //= prime
            yield prime
    if number > 1:
        yield number


def _spread(quantity: ResolvedQuantity, quote: str) -> Bounds:
    """Between what a rough count or a range can lie: dozens are 20 to 120."""
    low, high = (None if x is None else number_of(x) for x in (quantity.minimum, quantity.maximum))
    if quantity.approximate and quantity.maximum is None:
        if low is None:
            return Fraction(2), None if _SEVERAL_MANY.search(quote) else Fraction(_VAGUE_MOST)
        high = low / 2 * _TEN
        low = Fraction(20) if low == 24 else low
    return low, high


def _is_pair(quantity: ResolvedQuantity, wanted: Bounds, quote: str) -> bool:
    low, high = wanted
    if low is not None and high is not None and low > high:
        return False
    value, least, most = (
        None if x is None else number_of(x)
        for x in (quantity.value, quantity.minimum, quantity.maximum)
    )
    if value is not None and least is None and most is None:
        return _around(value, wanted, quote)
    if value is None and quantity.approximate and most is None:
        return _is_rough_pair(quantity, wanted, quote)
    one = Fraction(1)
    if least is not None and most is not None:
        return low == least and high == most
    if least is not None:
        return low in {least, least + one} and high is None
    return low in {None, 0, one} and high in {most, (most or one) - one}


def _around(value: Fraction, wanted: Bounds, quote: str) -> bool:
    """About 400: a pair around it, of which "nearly" and "just over" cut one side off."""
    low, high = wanted
    if low is not None and (
        low > value or (low == value and _UNDER.search(quote) and high is None)
    ):
        return False
    if high is not None and (
        high < value or (high == value and _OVER.search(quote) and low is None)
    ):
        return False
    return all(end is None or abs(end - value) <= value / 3 for end in wanted)


def _is_rough_pair(quantity: ResolvedQuantity, wanted: Bounds, quote: str) -> bool:
    low, high = wanted
    least, most = _spread(quantity, quote)
    if low is None or least is None:
        return False
    if not least / 2 <= low <= least * 2:
        return False
    return high is None or most is None or low < high <= most


def _shown(quantity: ResolvedQuantity) -> str:
    if quantity.value is not None:
        return f"{quantity.value}"
    return f"{quantity.minimum} to {quantity.maximum}".replace("None", "any")


def _written(value: object) -> str:
    return str(value) if isinstance(value, int | float | Decimal) else repr(value)


def in_units(quantity: ResolvedQuantity, factor: Fraction) -> ResolvedQuantity:
    """The quantity in units that are `factor` of its own: 50 cents are 0.5."""
    ends: Sequence[Fraction | None] = [
        None if x is None else (number_of(x) or Fraction(0)) * factor
        for x in (quantity.value, quantity.minimum, quantity.maximum)
    ]
    value, low, high = (None if x is None else float(x) for x in ends)
    return replace(quantity, value=value, minimum=low, maximum=high)
