"""What a quotation says how many, or how much: a value, its limits and its unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import regex

from extractor.resolve.countries import named_in
from extractor.resolve.limits import Rough, limits, roughs
from extractor.resolve.numbers import Numeral, lexicon_of, numerals
from extractor.resolve.numerals import LEXICONS
from extractor.resolve.units import shared_money, unit_after, unit_before
from extractor.resolve.words import Resolution, Words
from extractor.text import folded_text

_LONGEST = 500
Number = int | float


@dataclass(frozen=True)
class ResolvedQuantity:
    """A number as it is said.

    `value` is the number that stands there, `minimum` and `maximum` what it can be at least
    and at most (None: not said). `unit` is an ISO 4217 code, "%", people as they are called
    there ("soldiers", "personas"), a unit of measure in English ("km"), or None. `reason` says
    why nothing could be read; then all else is None.
    """

    value: Number | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    unit: str | None = None
    approximate: bool | None = None
    reason: str | None = None


def resolve_quantity(quote: str, language: str | None = None) -> ResolvedQuantity:
    """The one quantity that a quotation gives; `language` is BCP 47.

    14 is 14 at least and at most. "At least 14" and "more than 14" have no maximum, "up to 9"
    and "fewer than 9" no minimum. "About 20" and "a couple" (2) are approximate and have
    neither. Dozens are at least 24, hundreds 200. "10 to 15" has both but no value. A number
    in brackets after another restates it and does not count. Several numbers have a reason.
    """
    return _resolved(quote, language) if len(quote) <= _HELD else _quantity_of(quote, language)


_HELD = 2_000


# A pure function: five fields of a quantity ask for the same one, one after the other.
@lru_cache(maxsize=8)
def _resolved(quote: str, language: str | None) -> ResolvedQuantity:
    return _quantity_of(quote, language)


def _quantity_of(quote: str, language: str | None) -> ResolvedQuantity:
    text = folded_text(quote).strip()
    if len(text) > _LONGEST:
        return ResolvedQuantity(reason=f"it is too long for a number (over {_LONGEST} characters)")
    found = _found(_masked(text), language)
    if not found:
        return ResolvedQuantity(reason=_unread(text))
    if (both := _range(text, found)) is not None:
        return both
    if reason := _several(found):
        return ResolvedQuantity(reason=reason)
    return _one(text, min(found, key=_least))


def resolve_quantities(quote: str, language: str | None = None) -> list[ResolvedQuantity]:
    """All quantities that a quotation gives, in order; a range comes before its ends.

    What cannot be read as one number ("1.200" in an unknown language) is not among them.
    """
    text = folded_text(quote).strip()
    if len(text) > _LONGEST:
        return []
    found = _found(_masked(text), language)
    ranges = (_range(text, [one, other]) for one, other in pairwise(found))
    single = [_one(text, one) for one in found if isinstance(one, Rough) or one.value is not None]
    return [*(each for each in ranges if each is not None), *single]


# ------------------------------------------------------------------------ what stands there

_NO_NUMBER = regex.compile(
    r"(?<![\w$€£¥])(?!USD|EUR|GBP|US\$)\p{L}++-?\d[\d-]*+\w*+|(?<![\d.,])\d++(?:st|nd|rd|th|er|[ºª])\b"
    r"|(?i:\b(?:no one|por ciento|pour cent)\b)"
)
_DIGIT = regex.compile(r"\d")
_BRACKETS = regex.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PART = regex.compile(r"(?i)\b(?:half|halves|thirds?|quarters?|fifths?)\b")


def _masked(text: str) -> str:
    """The text without what only looks like a number, and what repeats one, at the same length."""
    text = _NO_NUMBER.sub(lambda match: "_" * len(match.group()), text)
    outside = _BRACKETS.sub(lambda match: "_" * len(match.group()), text)
    return outside if _DIGIT.search(outside) else text


def _found(text: str, language: str | None) -> list[Numeral | Rough]:
    """Numerals and rough counts in order; where they overlap, the one that begins first."""
    lexicon = lexicon_of(language)
    code = (language or "en").lower()[:2]
    rough = roughs(text, code if code in LEXICONS else "en")
    both: list[Numeral | Rough] = [*numerals(text, language), *rough]
    found: list[Numeral | Rough] = []
    for each in sorted(both, key=lambda one: (one.start, -one.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    found = [one for one in found if one.shown.lower() not in lexicon.articles] or found[:1]
    parts = _PART.search(text) and not any(_PART.search(one.shown) for one in found)
    return [] if parts else found[:1] + [one for one in found[1:] if not _is_vague(one)]


def _is_vague(found: Numeral | Rough) -> bool:
    return isinstance(found, Rough) and found.value is None and found.minimum is None


def _unread(text: str) -> str:
    if part := _PART.search(text):
        return f"{part.group()!r} is not an exact number"
    return f"no number was recognised in {text[:60]!r}"


def _several(found: list[Numeral | Rough]) -> str | None:
    """Why what was found is not one number."""
    for one in found:
        if isinstance(one, Numeral) and one.reason:
            return one.reason
    first = found[0]
    for other in found[1:]:
        # Hundreds, if not thousands, are hundreds at least.
        if other.value != first.value or bool(_least(other)) != bool(_least(first)):
            return f"several numbers: {first.shown!r} and {other.shown!r}"
    return None


def _least(found: Numeral | Rough) -> int:
    return found.minimum or 0 if isinstance(found, Rough) else 0


# ----------------------------------------------------------------------------- what it says

_LINK = regex.compile(
    r"(?i)\s?(?:%|[\p{Sc}]|people)?\s?(?:-|to|or|bis|oder|à|ou|a|o|and|und|y|et)\s?(?:[A-Z]{0,2}\p{Sc})?\s?"
)
_AND = regex.compile(r"(?i)\s(?:and|und|y|et)\s")
_BETWEEN = regex.compile(r"(?i)\b(?:between|zwischen|entre)\s[^\d]{0,12}\Z")
_CHANGE = regex.compile(r"(?i)\w,?\sfrom\s\W{0,3}\Z")


def _range(text: str, found: list[Numeral | Rough]) -> ResolvedQuantity | None:
    """10 to 15; between 10 and 15; $3-5 billion."""
    read = [one for one in found if isinstance(one, Numeral) and one.value is not None]
    if len(found) != 2 or len(read) != 2:
        return None
    first, last = read
    low, high = (one.value or Fraction(0) for one in read)
    link = text[first.end : last.start]
    before = text[: first.start]
    if not _LINK.fullmatch(link) or _CHANGE.search(before):
        return None
    if _AND.search(link) and not _BETWEEN.search(before):
        return None
    if first.scale == 1 and last.scale > 1 and low * last.scale < high:
        low *= last.scale
    if low >= high:
        return None
    one = _one(text, replace(first, value=low))
    unit = unit_before(before) or _unit_behind(text, last.end, high)
    bounds = limits(text, first.start, first.end)
    return ResolvedQuantity(
        None,
        None if "most" in bounds else _number(low),
        None if "least" in bounds else _number(high),
        unit or one.unit,
        "about" in bounds,
    )


def _one(text: str, found: Numeral | Rough) -> ResolvedQuantity:
    """One number with what limits it."""
    unit = unit_before(text[: found.start]) or _unit_behind(text, found.end, found.value)
    start = found.start
    if sign := _SIGN.search(text[:start]):
        start = sign.start()
    bounds = limits(text, start, found.end)
    value = None if found.value is None else _number(found.value)
    if isinstance(found, Rough) and found.value is None:
        return ResolvedQuantity(None, found.minimum, None, unit, True)
    about = "about" in bounds or isinstance(found, Rough)
    bounded = bool(bounds & {"least", "most"})
    return ResolvedQuantity(
        value,
        value if "least" in bounds or not (bounded or about) else None,
        value if "most" in bounds or not (bounded or about) else None,
        unit,
        about,
    )


_SIGN = regex.compile(r"(?:(?:\b[A-Z]{1,2})?\p{Sc}|\b[A-Z]{3})\s?-?\Z")
_JOINED = regex.compile(
    r"(?i)(?:\s(?:or more|or so|or fewer|or less|oder mehr|o más|ou plus|plus)|\+|-odd)?"
    r"(?:\s(?:of|de|von)\b(?:\s(?:the|los|las)\b)?|\sd')?"
)


def _unit_behind(text: str, at: int, count: Fraction | None) -> str | None:
    joined = _JOINED.match(text, at)
    return unit_after(text, joined.end() if joined else at, count)


def _number(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else float(value)


# ------------------------------------------------------------------------------- resolvers


def number_value(words: Words) -> Resolution:
    """Resolver `number.value`: the number that stands in the quotation."""
    quantity = _quantity(words)
    return Resolution(quantity.value, reason=quantity.reason)


def number_minimum(words: Words) -> Resolution:
    """Resolver `number.minimum`: what it is at least."""
    quantity = _quantity(words)
    return Resolution(quantity.minimum, reason=quantity.reason)


def number_maximum(words: Words) -> Resolution:
    """Resolver `number.maximum`: what it is at most."""
    quantity = _quantity(words)
    return Resolution(quantity.maximum, reason=quantity.reason)


def number_unit(words: Words) -> Resolution:
    """Resolver `number.unit`: what it counts (see `ResolvedQuantity`).

    Pesos are those of the one country with pesos that the article names; the place of that
    name is added.
    """
    quantity = _quantity(words)
    if quantity.unit is None and quantity.reason is None:
        shared = shared_money(folded_text(words.quote))
        named = named_in(words.article.text, frozenset(shared)) if shared else {}
        if len(named) == 1:
            ((country, place),) = named.items()
            return Resolution(shared[country], (place,))
    return Resolution(quantity.unit, reason=quantity.reason)


def number_approximate(words: Words) -> Resolution:
    """Resolver `number.approximate`: whether it is given only roughly."""
    quantity = _quantity(words)
    return Resolution(quantity.approximate, reason=quantity.reason)


def _quantity(words: Words) -> ResolvedQuantity:
    return resolve_quantity(words.quote, words.article.language)
