"""What tokens cost: prices are the user's to name, for there are as many as contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Taken(Protocol):
    """Whatever counts tokens."""

    @property
    def input_tokens(self) -> int:
        """Tokens read, cached ones included."""
        ...

    @property
    def output_tokens(self) -> int:
        """Tokens written."""
        ...


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in a currency of the user's choice."""

    input: float
    output: float

    def cost(self, taken: Taken) -> float:
        """What tokens cost; cached ones as much as others, since discounts differ."""
        return (taken.input_tokens * self.input + taken.output_tokens * self.output) / 1e6
