"""When two values count as the same, where a data set says so for a field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Metric = Literal["exact", "folded", "tokens", "number", "date"]


@dataclass(frozen=True)
class Rule:
    """How the values of a field are compared, and how much they weigh.

    Without `metric` the type decides. `tolerance` is for tokens the share of them that may
    differ, for numbers the largest difference, for dates the largest number of days. Among all
    values together, one of this field counts `weight` times.
    """

    metric: Metric | None = None
    tolerance: float = 0.0
    weight: int = 1


def same_tokens(one: str, other: str, tolerance: float) -> bool:
    """Whether the words of two texts, as sets, are the same but for a share of `tolerance`:
    those that both have are at least `1 - tolerance` of those that either has (Jaccard)."""
    first, second = set(re.findall(r"\w+", one)), set(re.findall(r"\w+", other))
    if not first or not second:
        return one == other
    return len(first & second) >= (1 - tolerance) * len(first | second)


def same_number(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two numbers, which may be written as text, differ by no more than `tolerance`."""
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return bool(one == other)
    return abs(first - second) <= tolerance


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def same_date(gold: Any, predicted: Any, tolerance: float) -> bool:
    """Whether a predicted date lies in the gold one, or at most `tolerance` days outside."""
    outside = days_outside(gold, predicted)
    return bool(gold == predicted) if outside is None else outside <= tolerance


def days_outside(gold: Any, predicted: Any) -> int | None:
    """By how many days a predicted date reaches out of the gold one; None where one is no date.

    A date of less than a day (`2026-03`, `2026`) is all its days: a predicted day lies in a gold
    month, but a predicted month reaches out of a gold day.
    """
    wanted, found = _days(gold), _days(predicted)
    if wanted is None or found is None:
        return None
    return max((wanted[0] - found[0]).days, (found[1] - wanted[1]).days, 0)


_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ].*)?)?)?")


def _days(value: Any) -> tuple[date, date] | None:
    """The first and the last day that a date can mean; None for what is no date."""
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first
        following = (first.year + first.month // 12, first.month % 12 + 1)
        after = date(*following, 1) if month else date(first.year + 1, 1, 1)
    except ValueError:
        return None
    return first, after - timedelta(days=1)
