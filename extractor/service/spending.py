"""What clients may spend in a day (UTC): tokens, and money where there are prices."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from extractor.errors import SettingsError, SpendingLimit, StoreError
from extractor.model import Completion, Heard, Request, StreamingModel
from extractor.prices import Prices
from extractor.records import Usage
from extractor.repair import is_repair
from extractor.service.keys import Client
from extractor.service.memory import SPENT, Memory

_LOG = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Spending:
    """What each client that has a limit spent today. A limit is reached, not kept to the token:
    what a reply takes is known once it is there.

    Raises `SettingsError` for a client whose money is limited, when there are no prices.
    """

    def __init__(
        self,
        memory: Memory,
        clients: Mapping[str, Client],
        prices: Prices | None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        _check_prices(clients, prices)
        self._memory = memory
        self._clients = {name: each for name, each in clients.items() if each.is_limited}
        self._prices = prices
        self._clock = clock

    def check(self, client: str) -> None:
        """Raises `SpendingLimit` when the client has nothing left today, and `StoreError`."""
        limits = self._clients.get(client)
        if limits is None:
            return
        now = self._clock()
        chosen = sa.select(SPENT).where(SPENT.c.client == client, SPENT.c.day == _day(now))
        with self._memory.transaction() as db:
            spent = db.execute(chosen).one_or_none()
        if spent is None:
            return
        if limits.tokens_per_day is not None and spent.tokens >= limits.tokens_per_day:
            raise _reached(f"the {limits.tokens_per_day:,} tokens of {client}", now)
        if limits.cost_per_day is not None and spent.cost >= limits.cost_per_day:
            raise _reached(f"the {limits.cost_per_day:,} that {client} may cost", now)

    def add(self, client: str, usage: Usage) -> None:
        """Counts what a reply took. Raises `StoreError`."""
        if client not in self._clients:
            return
        tokens = usage.input_tokens + usage.output_tokens
        cost = self._prices.cost(usage) if self._prices else 0.0
        new = insert(SPENT).values(client=client, day=_day(self._clock()), tokens=tokens, cost=cost)
        sums = {"tokens": SPENT.c.tokens + tokens, "cost": SPENT.c.cost + cost}
        with self._memory.transaction() as db:
            db.execute(new.on_conflict_do_update(index_elements=["client", "day"], set_=sums))


class Account:
    """Asks `model` on the account of a client. What was begun is finished: repairs are paid for,
    and counted, when nothing is left too."""

    def __init__(self, model: StreamingModel, spending: Spending, client: str) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._spending = spending
        self._client = client

    async def complete(self, request: Request, heard: Heard | None = None) -> Completion:
        """One reply. Raises what the model raises, `SpendingLimit` and `StoreError`."""
        if not is_repair(request):
            self._spending.check(self._client)
        reply = await self._model.complete(request, heard)
        try:
            self._spending.add(self._client, reply.usage)
        except StoreError as error:  # the reply is paid for, and has to reach the ledger
            _LOG.error("what %s spent is not counted: %s", self._client, error.message)
        return reply


def _check_prices(clients: Mapping[str, Client], prices: Prices | None) -> None:
    limited = [name for name, client in clients.items() if client.cost_per_day is not None]
    if limited and prices is None:
        raise SettingsError(
            f"{limited[0]} has a cost_per_day, and there are no prices",
            hint="say what a million tokens cost: --price-in and --price-out",
        )


def _day(now: datetime) -> str:
    return now.date().isoformat()


def _reached(limit: str, now: datetime) -> SpendingLimit:
    resets = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    return SpendingLimit(
        f"{limit} a day (UTC) are spent",
        hint=f"again from {resets.isoformat()} on; what is stored is answered all the same",
        retry_after=max(1, math.ceil((resets - now).total_seconds())),
    )
