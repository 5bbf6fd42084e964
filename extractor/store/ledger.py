"""What is kept, and how it is found again."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from extractor.errors import LeaseLost, StoreError
from extractor.model import Completion
from extractor.records import Extraction, Status, Usage, digest, json_line
from extractor.store.file import File
from extractor.store.patience import Patience
from extractor.store.server import Server, Shared
from extractor.store.statements import NEW_RECORD, NEW_REPLY, RECORD, REPLY, Statement
from extractor.store.tables import RECORDS, REPLIES, RUNS, WORK, insert, json_number, json_text

Ledger = Path | Server
"""Where a ledger is: in an SQLite file, or on a PostgreSQL server."""


@dataclass(frozen=True)
class Source:
    """An input file as it was when a run read it; `size` in bytes, `modified` in ns."""

    path: str
    size: int
    modified: int


_AT_ONCE = 10_000
"""How many ids one statement names; SQLite takes three times as many."""


@dataclass(frozen=True)
class Entry:
    """A place in a run's input (from 0), the article's id there, and its record's key."""

    position: int
    article_id: str
    record: str


@dataclass(frozen=True)
class Standing:
    """How a record stands for who is about to make it.

    `status` is its outcome; None means that it is to be made (again), by who has its `fence`: the
    number of the lease that it is to be written under. Without one, somebody else is at it.
    `afresh` are its replies that are set aside, `tries` how often it was made, whatever came of it.
    """

    status: Status | None
    fence: int | None = None
    afresh: int = 0
    tries: int = 0

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody else is at it."""
        return self.status is None and self.fence is None


@dataclass(frozen=True)
class Facts:
    """What a ledger knows of a run.

    `reached` is how many places of its inputs were read, `statuses` how many of these have a
    record of each status, and `waiting` how many have none, or are due again. `tries`, `usage`
    and `attempts` (requests over HTTP) are those of its records, of which an article that
    stands in several places has one. `prices` are those that were last given, by name.
    """

    inputs: tuple[Source, ...]
    recipe: Mapping[str, Any]
    prices: Mapping[str, float] | None
    reached: int
    waiting: int
    statuses: Mapping[str, int]
    tries: int
    attempts: int
    usage: Usage


@dataclass(frozen=True)
class Reason:
    """Why articles failed: a problem's code, how many it hit, and one of its messages."""

    code: str
    articles: int
    example: str


class Store:
    """A ledger. Of one in a file, one program at a time may have it open, with its processes; on a
    server, any number of them, which lease from one another what they work at.

    Not for use from several threads at once. Where the ledger's server went away, calls raise
    `LedgerAway`; `present` and `patiently` wait for it.
    """

    def __init__(self, base: File | Shared) -> None:
        self.patience: Patience = base.patience
        self._base = base
        self._db: sa.Connection | None = None

    @classmethod
    def open(cls, where: Ledger, say: Callable[[str], None] = lambda text: None) -> Store:
        """The ledger there, made (with its folder) when there is none. `say` is told when its
        server is waited for.

        Raises `StoreError` when another program has a file open, when there is something else
        than a ledger, or when a newer version of extractor laid it out.
        """
        return cls(_base(where, say, held=True))._opened()

    @classmethod
    def join(cls, where: Ledger, say: Callable[[str], None] = lambda text: None) -> Store:
        """The ledger that the program has open which started this process, and ends it.

        Writes of the two wait for one another. Raises `StoreError`.
        """
        return cls(_base(where, say, held=False))._opened()

    def _opened(self) -> Store:
        try:
            with self._told():
                self._db = self._base.connected()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Lets go of the ledger; it can be opened again by anybody."""
        if self._db is not None:
            self._db.close()
            self._db = None
        self._base.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, inputs: Sequence[Source], recipe: Mapping[str, Any]) -> Run:
        """The run of these inputs with this recipe (`asking.recipe_identity`).

        A run that was begun before goes on. When one of its files has changed since, its
        places are forgotten (replies and records are not).
        """
        name = _run_name(inputs, recipe)
        files = [[source.path, source.size, source.modified] for source in inputs]
        with self.transaction() as db:
            values = {"digest": name, "inputs": files, "recipe": dict(recipe)}
            db.execute(insert(db, RUNS).values(**values).on_conflict_do_nothing())
            found = db.execute(sa.select(RUNS).where(RUNS.c.digest == name)).one()
            if found.inputs != files and not self._are_read_by_others(db, found.inputs, files):
                db.execute(WORK.delete().where(WORK.c.run == found.id))
                db.execute(RUNS.update().where(RUNS.c.id == found.id).values(inputs=files))
            return Run(self, found.id)

    def _are_read_by_others(
        self, db: sa.Connection, before: Sequence[Sequence[Any]], files: Sequence[Sequence[Any]]
    ) -> bool:
        """Whether others are at work with these inputs, so that no places may be forgotten.

        Their copies may be of another time. Raises `StoreError` when they are of another size.
        """
        others = self._base.leases.others(db) if self._base.leases else ()
        if not others:
            return False
        for (path, size, _), (_, other, _) in zip(files, before, strict=True):
            if size != other:
                raise StoreError(
                    f"{path} has {size:,} bytes here; {others[0]}, which is at work with this "
                    f"ledger, reads one of {other:,}",
                    hint="give both the same input, or wait for the other to end",
                )
        return True

    def ask_again(
        self,
        inputs: Sequence[Source],
        recipe: Mapping[str, Any],
        statuses: Iterable[Status],
        only: Iterable[str] | None = None,
    ) -> int:
        """Makes articles of a run due again, whatever was answered; returns how many.

        They are those whose record has one of these statuses (and, with `only`, one of these
        ids). A record stays until there is a new one. Replies that it was made of stay in the
        ledger, but others are asked for (`afresh`); of an article that got no reply, what
        was paid for its other windows still serves. Call it before `begin`, which forgets the
        places of a changed input.
        """
        answered = json_text(RECORDS.c.extraction, "$.provenance").is_not(None)
        places = sa.select(WORK.c.record).join(RUNS, RUNS.c.id == WORK.c.run)
        places = places.where(RUNS.c.digest == _run_name(inputs, recipe))
        chosen = [places]
        if only is not None:
            ids = sorted(only)
            some = (ids[n : n + _AT_ONCE] for n in range(0, len(ids), _AT_ONCE))
            chosen = [places.where(WORK.c.article_id.in_(each)) for each in some]
        wanted = RECORDS.c.status.in_(list(statuses)) & (RECORDS.c.due == 0)
        values = {"due": 1, "afresh": RECORDS.c.afresh + sa.cast(answered, sa.Integer)}
        with self.transaction() as db:
            return sum(
                db.execute(
                    RECORDS.update().where(wanted, RECORDS.c.key.in_(each)).values(**values)
                ).rowcount
                for each in chosen
            )

    def reply(self, key: str) -> Completion | None:
        """The stored reply, or None when this was never answered."""
        found = self._one(REPLY, {"wanted": key})
        return None if found is None else Completion.model_validate(json.loads(found[0]))

    def save_reply(self, key: str, completion: Completion) -> None:
        """Keeps a reply. The first one stays, should there be two."""
        row = {"key": key, "arrived": completion.time, "completion": as_text(completion)}
        with self._told():
            self._base.put(self._connection(), NEW_REPLY, row)

    def replace_reply(self, key: str, completion: Completion) -> None:
        """Keeps a reply, in place of the one before."""
        row = {"arrived": completion.time, "completion": as_text(completion)}
        with self.transaction() as db:
            statement = insert(db, REPLIES).values(key=key, **row)
            db.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))

    def statuses(self, keys: Iterable[str]) -> dict[str, Status]:
        """The statuses of those records that exist and are not due again, by key."""
        chosen = sa.select(RECORDS.c.key, RECORDS.c.status).where(RECORDS.c.due == 0)
        with self.transaction() as db:
            found = db.execute(chosen.where(RECORDS.c.key.in_(set(keys)))).all()
        return {row.key: row.status for row in found}

    def standing(self, keys: Iterable[str], unusable: Collection[str] = ()) -> dict[str, Standing]:
        """How these records stand. What is to be made, and is nobody else's, is leased to this
        process: give it back (`save_record`, `release`).

        What failed is to be made again, unless it failed at somebody who is at work now, or is
        one of the `unusable`, at which asking changes nothing.
        """
        wanted = set(keys)
        with self.transaction() as db:
            found = _standings(db, wanted)
            left = {key for key in wanted if _is_open(found[key], key in unusable)}
            if self._base.leases is None:
                fences = dict.fromkeys(left, 0)
            else:
                fences = self._base.leases.claim(db, left)
                # Another may have been done with it between the two questions.
                found |= _standings(db, left)
                done = {key for key in left if not _is_open(found[key], key in unusable)}
                self._base.leases.release(db, done & fences.keys())
                failed = self._base.leases.given_up(db, left - done - fences.keys())
                left -= done | failed
        for key in left:
            found[key] = replace(found[key], status=None, fence=fences.get(key))
        return found

    def holds(self, key: str, fence: int) -> bool:
        """Whether a record is still leased to this process, under this number."""
        if self._base.leases is None:
            return True
        with self.transaction() as db:
            return self._base.leases.holds(db, key, fence)

    def release(self, keys: Iterable[str]) -> None:
        """Gives back what was leased to this process and is not to be made by it."""
        if self._base.leases is not None:
            with self.transaction() as db:
                self._base.leases.release(db, keys)

    def take_back(self) -> int:
        """Frees what was leased to others that are dead; returns how many others these were."""
        if self._base.leases is None:
            return 0
        with self.transaction() as db:
            return self._base.leases.take_back(db)

    def record(self, key: str, article_id: str | None = None) -> str | None:
        """A record as JSON in one line, under the id that it was made for or another; None
        when there is none."""
        chosen = sa.select(RECORDS.c.article_id, RECORDS.c.extraction).where(RECORDS.c.key == key)
        with self.transaction() as db:
            found = db.execute(chosen).one_or_none()
        if found is None:
            return None
        same = article_id in (None, found.article_id)
        return found.extraction if same else _renamed(found.extraction, str(article_id))

    def usable(self, key: str, article_id: str) -> str | None:
        """`record`, unless it failed or is due again."""
        found = self._one(RECORD, {"wanted": key})
        if found is None:
            return None
        made_for, status, due, extraction = found
        if due or status == "failed":
            return None
        return extraction if article_id == made_for else _renamed(extraction, article_id)

    def save_record(self, key: str, extraction: Extraction[Any], fence: int | None = None) -> str:
        """Keeps a record, in place of the one before; `tries` counts them. Returns it as JSON in
        one line.

        With the `fence` of a lease (`standing`), which ends with it. Raises `LeaseLost` when the
        record was leased to another since.
        """
        line = extraction.to_json()
        self.save_line(key, extraction.article.id, extraction.status, line, fence)
        return line

    def save_line(
        self, key: str, article_id: str, status: Status, line: str, fence: int | None = None
    ) -> None:
        """`save_record`, for a record that is JSON in one line already."""
        row = {"key": key, "article_id": article_id, "status": status, "extraction": line}
        if fence is None or self._base.leases is None:
            with self._told():
                # It costs nothing to make it again.
                self._base.put(self._connection(), NEW_RECORD, row, is_dear=False)
            return
        with self.transaction() as db:
            if self._base.leases.settle(db, key, fence, failed=status == "failed"):
                db.execute(NEW_RECORD.of["postgresql"], row)
            else:
                self._check_written(db, key, line, fence)

    def _check_written(self, db: sa.Connection, key: str, line: str, fence: int) -> None:
        """Whether a write arrived of which that was not known. Raises `LeaseLost` if not."""
        chosen = sa.select(RECORDS.c.extraction).where(RECORDS.c.key == key, RECORDS.c.due == 0)
        if db.scalar(chosen) != line:
            assert self._base.leases is not None
            raise LeaseLost(
                f"the record {key[:12]} was not written: lease {fence} of it is over, "
                f"{self._base.leases.holder(db, key)}",
                hint="nothing is to be done: who has it now, makes it from the same reply",
            )

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A connection whose work is on the disk at the end, or undone by an error."""
        db = self._connection()
        with self._told():
            self._base.wait_for_disk(db)
            with db.begin():
                yield db

    def _one(self, statement: Statement, values: Mapping[str, object]) -> Sequence[Any] | None:
        """The one row that there is, if there is one."""
        with self._told():
            return self._base.one(self._connection(), statement, values)

    def _connection(self) -> sa.Connection:
        if self._db is None:
            raise StoreError(f"{self._base.name}: the ledger is closed", hint="open it again")
        return self._db

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A second connection, to read rows one after the other while others are written."""
        with self._told(), self._base.engine.connect() as db:
            yield db

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise self._base.told(error) from error


def _base(where: Ledger, say: Callable[[str], None], *, held: bool) -> File | Shared:
    return Shared(where, say) if isinstance(where, Server) else File(where, held=held)


def _standings(db: sa.Connection, keys: Collection[str]) -> dict[str, Standing]:
    """How these records are, before anything is leased."""
    names = ("key", "status", "due", "afresh", "tries")
    chosen = sa.select(*(RECORDS.c[name] for name in names)).where(RECORDS.c.key.in_(set(keys)))
    found = {
        row.key: Standing(None if row.due else row.status, None, row.afresh, row.tries)
        for row in db.execute(chosen)
    }
    return {key: found.get(key, Standing(None)) for key in keys}


def _is_open(standing: Standing, is_unusable: bool) -> bool:
    """Whether a record is to be made, by whoever it is."""
    return standing.status is None or (standing.status == "failed" and not is_unusable)


@dataclass(frozen=True)
class Run:
    """One input with one recipe, in a ledger that may hold others. `on_made` is told of each record
    that work on it made and kept."""

    store: Store
    id: int
    on_made: Callable[[Extraction[Any]], None] = field(default=lambda _: None, kw_only=True)

    def others(self) -> int:
        """How many other runs (another input, prompt, schema or model) the ledger holds."""
        with self.store.transaction() as db:
            count = sa.select(sa.func.count()).select_from(RUNS).where(RUNS.c.id != self.id)
            return int(db.execute(count).scalar_one())

    def keep_prices(self, prices: Mapping[str, float]) -> None:
        """Notes what tokens cost, for `facts`."""
        mine = RUNS.update().where(RUNS.c.id == self.id)
        with self.store.transaction() as db:
            db.execute(mine.values(prices=dict(prices)))

    def facts(self) -> Facts:
        """What the run is, how far it is, and what it took."""
        state = sa.case((RECORDS.c.due == 0, RECORDS.c.status))
        places = (
            sa.select(state.label("status"), sa.func.count().label("number"))
            .select_from(WORK)
            .join(RECORDS, RECORDS.c.key == WORK.c.record, isouter=True)
            .where(WORK.c.run == self.id)
            .group_by(state)
            .order_by(state)
        )
        mine = sa.select(WORK.c.record).where(WORK.c.run == self.id)
        names = ("attempts", *(f"usage.{name}" for name in Usage.model_fields))
        values = (json_number(RECORDS.c.extraction, f"$.provenance.{n}") for n in names)
        sums = [sa.func.coalesce(sa.func.sum(value), 0) for value in (RECORDS.c.tries, *values)]
        with self.store.reading() as db:
            run = db.execute(sa.select(RUNS).where(RUNS.c.id == self.id)).one()
            counts = {row.status: row.number for row in db.execute(places)}
            found = db.execute(sa.select(*sums).where(RECORDS.c.key.in_(mine))).one()
        tries, attempts, *usage = map(int, found)
        return Facts(
            inputs=tuple(Source(*each) for each in run.inputs),
            recipe=run.recipe,
            prices=run.prices,
            reached=sum(counts.values()),
            waiting=counts.pop(None, 0),
            statuses=counts,
            tries=tries,
            attempts=attempts,
            usage=Usage(**dict(zip(Usage.model_fields, usage, strict=True))),
        )

    def enter(self, entries: Iterable[Entry]) -> None:
        """Notes which records stand at these places; what was there before goes."""
        rows = [
            {"run": self.id, "position": e.position, "article_id": e.article_id, "record": e.record}
            for e in entries
        ]
        if not rows:
            return
        with self.store.transaction() as db:
            new = insert(db, WORK)
            values = {"article_id": new.excluded.article_id, "record": new.excluded.record}
            changed = sa.or_(*(WORK.c[name] != value for name, value in values.items()))
            # Without the condition, going over a finished run again would write all of it.
            statement = new.on_conflict_do_update(
                index_elements=[WORK.c.run, WORK.c.position], set_=values, where=changed
            )
            db.execute(statement, rows)

    def trim(self, length: int) -> None:
        """Forgets the places from `length` on: the input has no more than that."""
        beyond = (WORK.c.run == self.id) & (WORK.c.position >= length)
        with self.store.transaction() as db:
            db.execute(WORK.delete().where(beyond))

    def results(self) -> Iterator[str]:
        """The records in the order of the input, each as JSON in one line.

        Places that have no record yet are passed over. An article that stands in the
        input under several ids comes out under each of them.
        """
        made_for = RECORDS.c.article_id.label("made_for")
        chosen = (
            sa.select(WORK.c.article_id, made_for, RECORDS.c.extraction)
            .join(RECORDS, RECORDS.c.key == WORK.c.record)
            .where(WORK.c.run == self.id)
            .order_by(WORK.c.position)
            .execution_options(yield_per=500)
        )
        with self.store.reading() as db:
            for row in db.execute(chosen):
                same = row.article_id == row.made_for
                yield row.extraction if same else _renamed(row.extraction, row.article_id)

    def reasons(self) -> tuple[Reason, ...]:
        """Why articles failed, the most frequent reason first."""
        first = json_text(RECORDS.c.extraction, "$.problems[0].code").label("code")
        message = json_text(RECORDS.c.extraction, "$.problems[0].message")
        number = sa.func.count().label("number")
        chosen = (
            sa.select(first, number, sa.func.min(message).label("example"))
            .join(WORK, RECORDS.c.key == WORK.c.record)
            .where(WORK.c.run == self.id, RECORDS.c.status == "failed")
            .group_by(first)
            .order_by(number.desc(), first)
        )
        with self.store.reading() as db:
            return tuple(Reason(row.code, row.number, row.example) for row in db.execute(chosen))


def as_text(completion: Completion) -> str:
    """A reply as the ledger holds it."""
    # ASCII, because a reply may hold half a character, which UTF-8 cannot.
    return json.dumps(completion.model_dump(mode="python"))


def _run_name(inputs: Sequence[Source], recipe: Mapping[str, Any]) -> str:
    return digest({"inputs": [source.path for source in inputs], "recipe": dict(recipe)})


def _renamed(extraction: str, article_id: str) -> str:
    value = json.loads(extraction)
    return json_line({**value, "article": {**value["article"], "id": article_id}})
