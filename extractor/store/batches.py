"""What was sent to a provider's Batch API: batches, and which request is in which.

A batch is *intended* first, with the keys of all its requests in one transaction; then it is
*open*, known by the provider's name for it; then it has *ended*. Its `marker` goes with it to the
provider, so that a batch that was made just before a crash is found there. A request stands in
`batch_lines` as long as its batch is under way. Afterwards it has a reply among the replies, or its
outcome (the provider's word why there is none) here, or nothing: then it waits again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from extractor.model import Completion
from extractor.records import Usage
from extractor.store.ledger import Store, as_text
from extractor.store.tables import BATCH_LINES, BATCHES, REPLIES, insert

INTENDED = "intended"


@dataclass(frozen=True)
class Batch:
    """A batch that has not ended.

    `endpoint` is the address of the provider, `provider` its name for the batch (None as long as
    the batch is only intended, or nobody knows), `status` the last that was heard. `most` is what
    its requests can take at the most.
    """

    id: int
    marker: str
    endpoint: str
    intended: datetime
    provider: str | None
    status: str
    requests: int
    most: Usage


@dataclass(frozen=True)
class Line:
    """A request in a batch. `outcome` is the line of the provider's results that says why it has
    no reply; None while that is under way."""

    batch: int
    outcome: str | None


class Batches:
    """The batches of a ledger. Each write is one transaction. Raises `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def intend(self, marker: str, endpoint: str, keys: Sequence[str], most: Usage) -> Batch:
        """Notes a batch that is about to be made, and all that is in it."""
        values = {
            "marker": marker,
            "endpoint": endpoint,
            "intended": datetime.now(UTC).isoformat(timespec="seconds"),
            "status": INTENDED,
            "requests": len(keys),
            "most": most.model_dump(),
        }
        with self._store.transaction() as db:
            number = db.execute(BATCHES.insert().values(**values)).lastrowid
            db.execute(BATCH_LINES.insert(), [{"key": key, "batch": number} for key in keys])
            return batch_of(db.execute(sa.select(BATCHES).where(BATCHES.c.id == number)).one())

    def created(self, batch: Batch, provider: str) -> None:
        """Notes the provider's name for a batch."""
        self._change(batch, provider=provider, status="validating")

    def note(self, batch: Batch, status: str) -> None:
        """Notes what was heard of a batch."""
        if status != batch.status:
            self._change(batch, status=status)

    def open(self) -> tuple[Batch, ...]:
        """The batches that have not ended, in the order in which they were intended."""
        chosen = sa.select(BATCHES).where(BATCHES.c.ended == 0).order_by(BATCHES.c.id)
        with self._store.transaction() as db:
            return tuple(batch_of(row) for row in db.execute(chosen))

    def line(self, key: str) -> Line | None:
        """Where a request is; None when it is in no batch, or has its reply."""
        chosen = sa.select(BATCH_LINES.c.batch, BATCH_LINES.c.outcome)
        with self._store.transaction() as db:
            found = db.execute(chosen.where(BATCH_LINES.c.key == key)).one_or_none()
        return None if found is None else Line(found.batch, found.outcome)

    def awaited(self, batch: Batch, keys: Iterable[str]) -> set[str]:
        """Those of the keys that are in the batch, and of which nothing is known yet."""
        mine = (BATCH_LINES.c.batch == batch.id) & BATCH_LINES.c.outcome.is_(None)
        chosen = sa.select(BATCH_LINES.c.key).where(mine, BATCH_LINES.c.key.in_(set(keys)))
        with self._store.transaction() as db:
            return set(db.scalars(chosen))

    def keep(
        self,
        replies: Mapping[str, Completion],
        outcomes: Mapping[str, str],
        lasting: Iterable[str],
    ) -> None:
        """Keeps replies with what they took, and outcomes, by the keys of their requests.

        Those that are `lasting` will be the same whenever they are asked again.
        """
        rows = [
            {"key": key, "arrived": reply.time, "completion": as_text(reply)}
            for key, reply in replies.items()
        ]
        always = set(lasting)
        with self._store.transaction() as db:
            if rows:
                db.execute(insert(db, REPLIES).on_conflict_do_nothing(), rows)
                db.execute(BATCH_LINES.delete().where(BATCH_LINES.c.key.in_(set(replies))))
            for key, outcome in outcomes.items():
                values = {"outcome": outcome, "lasting": int(key in always)}
                db.execute(BATCH_LINES.update().where(BATCH_LINES.c.key == key).values(**values))

    def end(self, batch: Batch, status: str) -> int:
        """Nothing more comes of a batch: requests of which nothing is known wait again. Returns
        how many."""
        left = (BATCH_LINES.c.batch == batch.id) & BATCH_LINES.c.outcome.is_(None)
        mine = BATCHES.update().where(BATCHES.c.id == batch.id)
        with self._store.transaction() as db:
            number = db.execute(BATCH_LINES.delete().where(left)).rowcount
            db.execute(mine.values(status=status, ended=1))
            return number

    def forget_outcomes(self) -> None:
        """Forgets why requests had no reply, so that they are asked again; what is `lasting`
        stays."""
        passing = BATCH_LINES.c.outcome.is_not(None) & (BATCH_LINES.c.lasting == 0)
        with self._store.transaction() as db:
            db.execute(BATCH_LINES.delete().where(passing))

    def _change(self, batch: Batch, **values: str) -> None:
        with self._store.transaction() as db:
            db.execute(BATCHES.update().where(BATCHES.c.id == batch.id).values(**values))


def batch_of(row: Any) -> Batch:
    """A row of the table."""
    return Batch(
        id=row.id,
        marker=row.marker,
        endpoint=row.endpoint,
        intended=datetime.fromisoformat(row.intended),
        provider=row.provider,
        status=row.status,
        requests=row.requests,
        most=Usage(**row.most),
    )
