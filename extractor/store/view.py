"""A ledger looked at while another program writes it: nothing is locked, nothing is changed."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from extractor.errors import StoreError
from extractor.records import Usage
from extractor.store import file, server
from extractor.store.batches import Batch, batch_of
from extractor.store.leases import owners
from extractor.store.ledger import Ledger
from extractor.store.server import Server
from extractor.store.tables import (
    BATCHES,
    LEDGER_VERSION,
    RECORDS,
    REPLIES,
    RUNS,
    WORK,
    json_number,
    json_text,
)


@dataclass(frozen=True)
class RunState:
    """How far a run is. `inputs` are paths as they were given; `reached` is how many places of
    them were read so far, `statuses` how many of these have a record of each status."""

    id: int
    inputs: tuple[str, ...]
    prompt: str
    schema: str
    model: str
    reached: int
    statuses: Mapping[str, int]
    prices: Mapping[str, float] | None

    @property
    def waiting(self) -> int:
        """Places that were read and have no outcome, or are to get another."""
        return self.reached - self.done

    @property
    def done(self) -> int:
        """Places that have an outcome."""
        return sum(self.statuses.values())


@dataclass(frozen=True)
class Paid:
    """What the replies of a ledger took, over all of its runs; times are of arrival, ISO 8601.

    `attempts` are requests over HTTP: a reply may have needed several.
    """

    replies: int
    attempts: int
    usage: Usage
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Unusable:
    """An article without a usable record: its place in the input, and why."""

    position: int
    article_id: str
    status: str
    code: str
    message: str


@dataclass(frozen=True)
class Known:
    """The outcome of an article, and what it took; no `usage` where there was no reply.

    `seconds` is wall time of the model's work.
    """

    status: str
    usage: Usage | None
    seconds: float


class View:
    """A ledger that is only read. Each question sees what was written until then."""

    def __init__(self, where: Ledger) -> None:
        self._where = where
        if isinstance(where, Server):
            self._engine = where.engine(keeps=False)
        else:
            self._engine = sa.create_engine(
                "sqlite://", creator=partial(_read_only, where), poolclass=sa.pool.NullPool
            )

    def worker(self) -> int | None:
        """The process that works with a ledger in a file now; None when there is none."""
        return None if isinstance(self._where, Server) else _locker(self._where)

    def workers(self) -> tuple[str, ...]:
        """Who works with the ledger now, in words."""
        if isinstance(self._where, Server):
            with self._reading() as db:
                return tuple(map(str, owners(db, self._where.lease)))
        worker = self.worker()
        return () if worker is None else (f"process {worker}",)

    def runs(self) -> tuple[RunState, ...]:
        """All runs, in the order in which they were begun."""
        state = sa.case((RECORDS.c.due == 0, RECORDS.c.status))
        counted = (
            sa.select(WORK.c.run, state.label("status"), sa.func.count().label("number"))
            .join(RECORDS, RECORDS.c.key == WORK.c.record, isouter=True)
            .group_by(WORK.c.run, state)
        )
        with self._reading() as db:
            runs = db.execute(sa.select(RUNS).order_by(RUNS.c.id)).all()
            counts = db.execute(counted).all()
        return tuple(
            _state(run, {c.status: c.number for c in counts if c.run == run.id}) for run in runs
        )

    def paid(self) -> Paid:
        """What all replies took."""

        def tokens(name: str) -> sa.ColumnElement[int]:
            value = json_number(REPLIES.c.completion, f"$.usage.{name}")
            return sa.func.coalesce(sa.func.sum(value), 0)

        names = tuple(Usage.model_fields)
        attempts = json_number(REPLIES.c.completion, "$.attempts")
        chosen = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(attempts), 0),
            sa.func.min(REPLIES.c.arrived),
            sa.func.max(REPLIES.c.arrived),
            *map(tokens, names),
        )
        with self._reading() as db:
            count, tried, first, last, *sums = db.execute(chosen).one()
        usage = Usage(**dict(zip(names, map(int, sums), strict=True)))
        return Paid(count, int(tried), usage, first, last)

    def batches(self) -> tuple[Batch, ...]:
        """The batches that are under way at a provider, as they were last heard of."""
        chosen = sa.select(BATCHES).where(BATCHES.c.ended == 0).order_by(BATCHES.c.id)
        with self._reading() as db:
            return tuple(batch_of(row) for row in db.execute(chosen))

    def known(self, keys: Iterable[str]) -> dict[str, Known]:
        """The outcomes of those records that exist and are not due again, by key."""
        chosen = sa.select(
            RECORDS.c.key,
            RECORDS.c.status,
            json_text(RECORDS.c.extraction, "$.provenance.usage").label("usage"),
            json_number(RECORDS.c.extraction, "$.provenance.seconds").label("seconds"),
        ).where(RECORDS.c.due == 0, RECORDS.c.key.in_(set(keys)))
        with self._reading() as db:
            return {
                row.key: Known(
                    row.status,
                    None if row.usage is None else Usage(**json.loads(row.usage)),
                    row.seconds or 0.0,
                )
                for row in db.execute(chosen)
            }

    def unusable(self, run: int) -> Iterator[Unusable]:
        """The articles of a run that failed or were rejected, in the order of the input."""
        chosen = (
            sa.select(WORK.c.position, WORK.c.article_id, RECORDS.c.status, RECORDS.c.extraction)
            .join(RECORDS, RECORDS.c.key == WORK.c.record)
            .where(WORK.c.run == run, RECORDS.c.status.in_(["failed", "rejected"]))
            .order_by(WORK.c.position)
            .execution_options(yield_per=500)
        )
        with self._reading() as db:
            for row in db.execute(chosen):
                problems = json.loads(row.extraction)["problems"]
                worst = next((p for p in problems if p["severity"] == "error"), None)
                told = worst or (problems[0] if problems else {"code": "", "message": ""})
                yield Unusable(
                    row.position, row.article_id, row.status, told["code"], told["message"]
                )

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        where = self._where
        try:
            with self._engine.connect() as db:
                if isinstance(where, Server):
                    name, version = where.name, server.checked(db, where.name)
                else:
                    name, version = str(where), file.checked(db, where)
                if version not in (0, LEDGER_VERSION):
                    raise StoreError(
                        f"{name}: a ledger of an older layout",
                        hint="the next run of the backfill brings it to this extractor's",
                    )
                yield db
        except sa.exc.DBAPIError as error:
            if isinstance(where, Server):
                raise where.told(error) from error
            raise file.told(where, error.orig) from error


def _locker(path: Path) -> int | None:
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or 0)
    finally:
        os.close(descriptor)
    return None


def _state(run: Any, counts: Mapping[str | None, int]) -> RunState:
    recipe = run.recipe
    return RunState(
        id=run.id,
        inputs=tuple(each[0] for each in run.inputs),
        prompt=recipe["prompt"][0],
        schema=recipe["schema"][0],
        model=recipe["model"][1],
        reached=sum(counts.values()),
        statuses={status: number for status, number in counts.items() if status is not None},
        prices=run.prices,
    )


def _read_only(path: Path) -> Any:
    if not path.is_file():
        raise StoreError(
            f"{path}: there is no ledger", hint="name the folder that a backfill's --out named"
        )
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
