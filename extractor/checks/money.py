"""An amount of money against the words that give it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

import regex

from extractor.checks.claim import Claim
from extractor.checks.numbers import bounds_of, in_units, readings, supports
from extractor.resolve.quantities import ResolvedQuantity
from extractor.resolve.units import currencies_in


def check_money(claim: Claim) -> str | None:
    """Whether an amount in whole units (and its currency) stands in the words.

    The value is a number, a pair, or `{"amount": number, "currency": "USD"}` (ISO 4217).
    Proves what `number` proves of the amount, with millions and billions as money writes them
    ("$5m", "3 Md€") and cents as hundredths; and that the currency is one that the words may
    mean: "$5" any dollar, "pounds" any pound. A currency that only the context names counts.
    Cannot tell which of several amounts is meant.
    """
    amount, currency = _amount_of(claim.value)
    wanted = bounds_of(amount)
    if wanted is None:
        return f"{amount!r} is no amount of money"
    found = amounts(claim.quote, claim.language, is_given=claim.is_given)
    if not any(supports(quantity, wanted, claim.quote) for quantity in found):
        shown = ", ".join(str(one.value) for one in found) or "no amount"
        return f"{amount} does not follow from {claim.quote!r} ({shown})"
    return None if currency is None else _wrong_currency(claim, str(currency))


def _amount_of(value: object) -> tuple[object, object]:
    if isinstance(value, Mapping):
        return value.get("amount"), value.get("currency")
    return value, None


def _wrong_currency(claim: Claim, currency: str) -> str | None:
    named = currencies_in(claim.quote) or currencies_in(claim.context)
    if currency.upper() in named:
        return None
    shown = f"can be {' or '.join(sorted(named))}" if named else "name no currency"
    return f"{currency} is not the currency of {claim.quote!r}, which {shown}"


_IN_FULL: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("m", "mn", "mm", "mln", "mio", "mill"), "million"),
        **dict.fromkeys(("md", "mds", "mrd", "mrds", "mlrd"), "milliards"),
        **dict.fromkeys(("b", "bn", "bln"), "milliards"),
        **dict.fromkeys(("t", "tn", "trn"), "trn"),
        "k": "thousand",
    }
)
_SHORT = regex.compile(
    r"(?i)(?<=\d)[ ]?(?P<short>m|mn|mm|mln|mio|mill|md|mds|mrds?|mlrd|b|bn|bln|tn|trn|k)\b\.?"
    r"(?=[ ]?(?:\p{Sc}|\p{L}|[.,;)-]|\Z|\s))"
)
_CENTS = regex.compile(
    r"(?i)\d[\d.,]*\s?(?:¢|(?:euro)?cents?\b|pence\b|p\b|centimes?\b|c[eé]ntimos?\b|"
    r"centavos?\b|kopecks?\b|rappen\b|pfennig\b)"
    r"|\b\p{L}+\s(?:cents?|pence|centimes?|c[eé]ntimos?|centavos?|rappen)\b"
)
_WITH_CENTS = regex.compile(
    r"(?i)(?P<whole>\d+)\s(?:euros?|dollars?|pounds?|francs?)\s(?:and\s|et\s|y\s|"
    r"und\s)?(?P<part>\d{1,2})\s(?:cents?|pence|centimes?|c[eé]ntimos?)"
)


def amounts(quote: str, language: str, *, is_given: bool) -> list[ResolvedQuantity]:
    """The amounts of money that a quotation can mean, in whole units of the currency."""
    plain = _SHORT.sub(lambda match: f" {_IN_FULL[match['short'].lower()]}", quote)
    plain = regex.sub(r"(?<=\d)(?=\p{Sc})", " ", plain)
    if both := _WITH_CENTS.search(plain):
        value = Fraction(both["whole"]) + Fraction(int(both["part"]), 100)
        return [ResolvedQuantity(float(value), float(value), float(value), None, False)]
    found = readings(plain, language, is_given=is_given)
    if _CENTS.search(quote):
        return [in_units(one, Fraction(1, 100)) for one in found]
    return found
