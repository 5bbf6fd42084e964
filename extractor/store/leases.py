"""Who works at what, in a ledger that several processes share without knowing of one another.

A process is an owner. It leases a record before it asks for it; while it works, a thread says
that it is still there. What an owner has leased is free again when it ends, when it was not heard
of until its time was up, and at once when it is seen to be dead from the machine that it ran on.
Each lease has a number, the fence, higher than all before it: who was slow, and writes after the
record was leased to another, is refused.

Time is that of the server alone, so clocks of machines need not agree.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from extractor.store.tables import LEASES, OWNERS, insert

_ROUNDS = 4
"""How many times an owner is heard of before its time would be up."""
_RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Owner:
    """A process that works with a ledger; `started` tells it from another of the same number."""

    id: str
    machine: str
    process: int
    started: str

    @classmethod
    def here(cls, machine: str | None = None) -> Owner:
        """This process, once more each time."""
        process = os.getpid()
        return cls(uuid4().hex, machine or this_machine(), process, _started(process))

    @property
    def is_alive(self) -> bool:
        """Of an owner on this machine: whether its process is there."""
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return _started(self.process) == self.started

    def __str__(self) -> str:
        return f"process {self.process} on {self.machine.partition(' ')[0]}"


def this_machine() -> str:
    """Its name, and what tells it from one of the same name, from a container on it, and from
    itself before it was started anew: numbers of processes mean the same here and there only
    when all this is the same."""
    marks = [socket.gethostname()]
    for read in (_boot, _namespace):
        try:
            marks.append(read())
        except OSError:  # not a Linux
            marks.append("-")
    return " ".join(marks)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _namespace() -> str:
    return os.readlink("/proc/self/ns/pid")


def _started(process: int) -> str:
    """When a process started, in ticks; "" where that is not known."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name of the program stands in parentheses, and may hold blanks and parentheses.
    return stat.rpartition(")")[2].split()[19]


class Leases:
    """What one owner has leased. `seconds` is how long it may not be heard of."""

    def __init__(self, engine: sa.Engine, seconds: float, machine: str | None = None) -> None:
        self.owner = Owner.here(machine)
        self.seconds = seconds
        self._engine = engine
        self._away = -inf
        """When this owner last found the server away, on its own clock."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)

    def begin(self) -> None:
        """From here on the owner is there. Raises SQLAlchemy's errors."""
        with self._engine.begin() as db:
            self._is_there(db)
        self._thread.start()

    def end(self) -> None:
        """Frees what is leased; a server that is away frees it by itself, later."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            with self._engine.begin() as db:
                db.execute(OWNERS.delete().where(OWNERS.c.id == self.owner.id))
        except sa.exc.SQLAlchemyError:
            pass

    def claim(self, db: sa.Connection, records: Iterable[str]) -> dict[str, int]:
        """Leases those of these records that are free, with their fences. None is free that is
        leased already, be it to this owner."""
        rows = [{"record": key, "owner": self.owner.id} for key in sorted(set(records))]
        if not rows:
            return {}
        # Again, for it may have been taken for dead. In order, so that two who claim the same
        # wait for one another in one direction.
        self._is_there(db)
        new = insert(db, LEASES).values(rows).on_conflict_do_nothing()
        found = db.execute(new.returning(LEASES.c.record, LEASES.c.fence))
        return {row.record: row.fence for row in found}

    def given_up(self, db: sa.Connection, records: Iterable[str]) -> set[str]:
        """Those that an owner who is still at work failed at."""
        chosen = sa.select(LEASES.c.record).where(LEASES.c.ended)
        return set(db.scalars(chosen.where(LEASES.c.record.in_(set(records)))))

    def settle(self, db: sa.Connection, record: str, fence: int, *, failed: bool) -> bool:
        """Ends a lease, unless it has passed on: then it is False.

        What failed stays leased until the owner ends, so that others do not try it again now.
        """
        mine = _is_lease(record, fence)
        if failed:
            return db.execute(LEASES.update().where(mine).values(ended=True)).rowcount == 1
        return db.execute(LEASES.delete().where(mine)).rowcount == 1

    def holds(self, db: sa.Connection, record: str, fence: int) -> bool:
        """Whether a lease is there, and has not passed on."""
        return bool(db.scalar(sa.select(sa.exists().where(_is_lease(record, fence)))))

    def release(self, db: sa.Connection, records: Iterable[str]) -> None:
        """Gives back what was leased by this owner and is not to be done."""
        mine = (LEASES.c.owner == self.owner.id) & LEASES.c.record.in_(set(records))
        db.execute(LEASES.delete().where(mine))

    def holder(self, db: sa.Connection, record: str) -> str:
        """Who has a record now, in words."""
        chosen = sa.select(OWNERS, LEASES.c.fence).join(LEASES).where(LEASES.c.record == record)
        row = db.execute(chosen).one_or_none()
        if row is None:
            return "it is free again, or done"
        owner = Owner(row.id, row.machine, row.process, row.started)
        return f"lease {row.fence} of {owner}"

    def take_back(self, db: sa.Connection) -> int:
        """Frees what owners had leased that are dead on this machine, or were not heard of in
        time; returns how many of these there were.

        The time in which the server itself was not there counts for nobody. It may have been
        mending its tables for longer than a lease after it was started, so who saw it away gives
        the others one lease's time from then on.
        """
        here = sa.select(OWNERS).where(
            OWNERS.c.machine == self.owner.machine, OWNERS.c.id != self.owner.id
        )
        owners = [Owner(r.id, r.machine, r.process, r.started) for r in db.execute(here)]
        dead = [owner.id for owner in owners if not owner.is_alive]
        gone: list[sa.ColumnElement[bool]] = [OWNERS.c.id.in_(dead)]
        if time.monotonic() - self._away >= self.seconds:
            gone.append((OWNERS.c.id != self.owner.id) & ~_is_in_time(self.seconds))
        return db.execute(OWNERS.delete().where(sa.or_(*gone))).rowcount

    def others(self, db: sa.Connection) -> tuple[str, ...]:
        """Who else is at work, in words."""
        return tuple(str(o) for o in owners(db, self.seconds) if o.id != self.owner.id)

    def _is_there(self, db: sa.Connection) -> None:
        expires = sa.func.now() + timedelta(seconds=self.seconds)
        owner = self.owner
        row = {"machine": owner.machine, "process": owner.process, "started": owner.started}
        new = insert(db, OWNERS).values(id=owner.id, expires=expires, **row)
        db.execute(new.on_conflict_do_update(index_elements=["id"], set_={"expires": expires}))

    def _keep(self) -> None:
        """Says that the owner is there, from a connection of its own, until the end."""
        wait = self.seconds / _ROUNDS
        while not self._ended.wait(wait):
            try:
                with self._engine.begin() as db:
                    self._is_there(db)
                wait = self.seconds / _ROUNDS
            except sa.exc.SQLAlchemyError:  # it is away: who works notices it too, and tells
                self._away = time.monotonic()
                wait = min(_RETRY_SECONDS, self.seconds / _ROUNDS)


def owners(db: sa.Connection, seconds: float) -> tuple[Owner, ...]:
    """Who is at work with a ledger, and was heard of in time."""
    found = db.execute(sa.select(OWNERS).where(_is_in_time(seconds)).order_by(OWNERS.c.id))
    return tuple(Owner(row.id, row.machine, row.process, row.started) for row in found)


def _is_lease(record: str, fence: int) -> sa.ColumnElement[bool]:
    return (LEASES.c.record == record) & (LEASES.c.fence == fence) & ~LEASES.c.ended


def _is_in_time(seconds: float) -> sa.ColumnElement[bool]:
    up_since = sa.func.pg_postmaster_start_time(type_=sa.DateTime(timezone=True))
    late = sa.func.greatest(OWNERS.c.expires, up_since + timedelta(seconds=seconds))
    return late >= sa.func.now()
