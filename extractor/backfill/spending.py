"""What a backfill may spend: reserved before a request, settled with what it took."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Literal

from extractor.errors import BudgetReached, InputError
from extractor.model import Completion, Decoding, Model, Request
from extractor.prices import Prices
from extractor.records import Usage


@dataclass(frozen=True)
class Budget:
    """The most that all replies of a ledger may take: tokens (in and out), or money."""

    tokens: int | None = None
    money: float | None = None

    def __str__(self) -> str:
        return f"{self.tokens:,} tokens" if self.tokens is not None else f"{self.money:,.2f}"


_BUDGET = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kMG]?)\s*tokens)?")
_TIMES = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def read_budget(text: str) -> Budget:
    """A number is money, a number and `tokens` is tokens: `5.00`, `2Mtokens`, `800k tokens`.

    Raises `InputError`.
    """
    found = _BUDGET.fullmatch(text.strip())
    if found is None:
        raise InputError(
            f"budget {text!r}: expected money or tokens", hint="for example 5.00 or 2Mtokens"
        )
    number, unit = found[1], found[2]
    if unit is None:
        return Budget(money=float(number))
    return Budget(tokens=int(float(number) * _TIMES[unit]))


def most_of(request: Request) -> Usage:
    """The most that a request can take: no tokenizer makes more tokens than there are bytes."""
    size = sum(len(message.content.encode("utf-8", "replace")) for message in request.messages)
    return Usage(input_tokens=size, output_tokens=request.parameters.max_tokens)


class Spending:
    """What was spent and what is reserved, against a budget. For one event loop."""

    def __init__(self, budget: Budget, prices: Prices | None, spent: Usage) -> None:
        """`spent` is what was paid before. Money needs prices, else raises `InputError`."""
        if budget.money is not None and prices is None:
            raise InputError(
                "a budget in money needs prices",
                hint="add --price-in and --price-out (for a million tokens), or say 2Mtokens",
            )
        self._budget = budget
        self._prices = prices
        self.spent = spent
        self._reserved: list[Usage] = []
        self._held: dict[str, Usage] = {}
        self._settled = asyncio.Event()
        self._is_reached = False

    async def reserve(self, most: Usage) -> None:
        """Waits until so much is left, or nothing is reserved that could become free.

        Raises `BudgetReached`, from then on at once: nothing more is begun.
        """
        while not self._fits(most):
            if self._is_reached or not self._reserved:
                self._is_reached = True
                raise self._reached(most)
            await self._settled.wait()
        self._reserved.append(most)

    def settle(self, most: Usage, usage: Usage) -> None:
        """What was reserved took so much."""
        self._reserved.remove(most)
        self.spent += usage
        freed, self._settled = self._settled, asyncio.Event()
        freed.set()

    def hold(self, batch: str, most: Usage) -> None:
        """Keeps so much more for the requests of a batch. Raises `BudgetReached`, and then keeps
        nothing more than before."""
        if not self._fits(most):
            raise self._reached(most)
        self._held[batch] = self._held.get(batch, Usage()) + most

    def held(self, batch: str, most: Usage) -> None:
        """Keeps so much for a batch that was sent before."""
        self._held[batch] = most

    def free(self, batch: str, usage: Usage) -> None:
        """What was kept for a batch took so much."""
        self._held.pop(batch, None)
        self.spent += usage

    def _fits(self, most: Usage) -> bool:
        if self._is_reached:
            return False
        taken = sum((*self._reserved, *self._held.values()), self.spent + most)
        if self._budget.tokens is not None:
            return taken.input_tokens + taken.output_tokens <= self._budget.tokens
        assert self._prices is not None
        assert self._budget.money is not None
        return self._prices.cost(taken) <= self._budget.money

    def _reached(self, most: Usage) -> BudgetReached:
        spent, next_one = self.said(self.spent), self.said(most)
        return BudgetReached(
            f"the budget of {self._budget} is reached: {spent} spent in this folder so far, "
            f"and the next request may take {next_one}",
            hint="to go on, run the same command again with a higher --budget",
        )

    def said(self, usage: Usage) -> str:
        """Tokens or money, as the budget is."""
        if self._budget.money is not None and self._prices is not None:
            return f"{self._prices.cost(usage):,.4f}"
        return f"{usage.input_tokens + usage.output_tokens:,} tokens"


class Budgeted:
    """A model that is asked within a budget. Raises `BudgetReached` beside the model's errors."""

    def __init__(self, model: Model, spending: Spending) -> None:
        self._model = model
        self._spending = spending

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def endpoint(self) -> Literal["embedded", "remote"]:
        return self._model.endpoint

    @property
    def decoding(self) -> Decoding:
        return self._model.decoding

    async def complete(self, request: Request) -> Completion:
        """One reply. What a request that failed took is not known, and not counted."""
        most, usage = most_of(request), Usage()
        await self._spending.reserve(most)
        try:
            completion = await self._model.complete(request)
            usage = completion.usage
        finally:
            self._spending.settle(most, usage)
        return completion
