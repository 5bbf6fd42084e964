"""One value against its words: the checks by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from extractor.checks.certainty import check_certainty
from extractor.checks.claim import Claim, claim
from extractor.checks.countries import check_country
from extractor.checks.dates import check_date
from extractor.checks.money import check_money
from extractor.checks.names import check_name
from extractor.checks.numbers import check_number
from extractor.checks.polarity import check_polarity
from extractor.checks.sources import check_source
from extractor.checks.tense import check_tense
from extractor.checks.triggers import check_type
from extractor.records import Problem

Check = Callable[[Claim], str | None]
"""What is wrong with a claim; None for nothing."""

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "number": check_number,
        "money": check_money,
        "date": check_date,
        "country": check_country,
        "certainty": check_certainty,
        "polarity": check_polarity,
        "tense": check_tense,
        "name": check_name,
        "source": check_source,
        "type": check_type,
    }
)
KINDS = frozenset(CHECKS)
"""The kinds of values that can be checked."""


def check_value(
    kind: str,
    quote: str,
    value: object,
    *,
    context: str | None = None,
    anchor: date | None = None,
    language: str | None = None,
) -> list[Problem]:
    """The problem of a value that its words do not support, with the code `contradicted.KIND`.

    `quote` is the words, `context` the sentence or sentences around them, `anchor` the day of
    publication, `language` BCP 47 (guessed when it is not given). The list is empty when the
    words support the value, or leave open whether they do. What a value may look like, and
    what an empty list proves, is said by the check of each kind. Raises `ValueError` for a
    kind that is not in `KINDS`.
    """
    if kind not in CHECKS:
        raise ValueError(f"there is no check {kind!r}; there are {', '.join(sorted(KINDS))}")
    return judge(kind, claim(quote, value, context, anchor, language), quote)


def judge(kind: str, claim: Claim, quote: str) -> list[Problem]:
    """The problem of a claim by the check of a kind; `quote` is its words as they were given."""
    wrong = CHECKS[kind](claim)
    if wrong is None:
        return []
    return [Problem(code=f"contradicted.{kind}", path="", message=wrong, quote=quote)]
