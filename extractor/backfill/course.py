"""How far a backfill is, for those who report on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from extractor.flow import Traffic
from extractor.prices import Prices
from extractor.shards import Counts


@dataclass
class Course:
    """How far a backfill is; whoever reports looks at it from another thread.

    `total` is of the input, None where that is not known. `traffic` tells what is asked of the
    endpoint, as far as that is counted. `left_out` are codes of failures and reasons why something
    is no article, with their numbers, once they are known.
    """

    model: str
    prices: Prices | None = None
    total: int | None = None
    counts: Counts = field(default_factory=Counts)
    traffic: Callable[[], Traffic | None] = lambda: None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def cost(self) -> float | None:
        """What this run paid, where prices are known."""
        return None if self.prices is None else self.prices.cost(self.counts.usage)
