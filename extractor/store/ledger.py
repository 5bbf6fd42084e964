"""What is kept, and how it is found again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import Insert, insert

from extractor.errors import StoreError
from extractor.model import Completion
from extractor.records import Extraction, Status, Usage, digest, json_line
from extractor.store.file import RECORDS, REPLIES, RUNS, WORK, advice, connected, locked


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


def _new_record() -> Insert:
    new = insert(RECORDS)
    replaced = {name: new.excluded[name] for name in ("article_id", "status", "extraction")}
    return new.on_conflict_do_update(
        index_elements=["key"], set_={**replaced, "tries": RECORDS.c.tries + 1, "due": 0}
    )


# What each article takes, made once: SQLAlchemy takes longer to put a statement together than
# SQLite to carry it out.
_REPLY = sa.select(REPLIES.c.completion).where(REPLIES.c.key == sa.bindparam("wanted"))
_NEW_REPLY = insert(REPLIES).on_conflict_do_nothing()
_NEW_RECORD = _new_record()


class Store:
    """A ledger in an SQLite file. One program at a time may have it open, with its processes.

    Not for use from several threads at once.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock = lock
        self._engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
        self._db: sa.Connection | None = None

    @classmethod
    def open(cls, path: Path) -> Store:
        """The ledger at `path`, made (with its folder) when there is none.

        Raises `StoreError` when another program has it open, when the file is not a
        ledger, or when another version of extractor laid it out.
        """
        store = cls(path, locked(path))
        try:
            with store._told():
                store._db = connected(store._engine, path)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def join(cls, path: Path) -> Store:
        """The ledger that the program has open which started this process, and ends it.

        Writes of the two wait for one another. Raises `StoreError`.
        """
        store = cls(path, lock=-1)
        with store._told():
            store._db = connected(store._engine, path)
        return store

    def close(self) -> None:
        """Lets go of the file; it can be opened again by anybody."""
        if self._db is not None:
            self._db.close()
            self._db = None
        self._engine.dispose()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

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
            found = db.execute(sa.select(RUNS).where(RUNS.c.digest == name)).one_or_none()
            if found is None:
                values = {"digest": name, "inputs": files, "recipe": dict(recipe)}
                return Run(self, db.execute(RUNS.insert().values(**values)).lastrowid)
            if found.inputs != files:
                db.execute(WORK.delete().where(WORK.c.run == found.id))
                db.execute(RUNS.update().where(RUNS.c.id == found.id).values(inputs=files))
            return Run(self, found.id)

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
        answered = sa.func.json_extract(RECORDS.c.extraction, "$.provenance").is_not(None)
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
        with self.transaction() as db:
            found = db.scalar(_REPLY, {"wanted": key})
        return None if found is None else Completion.model_validate(json.loads(found))

    def save_reply(self, key: str, completion: Completion) -> None:
        """Keeps a reply. The first one stays, should there be two."""
        row = {"key": key, "arrived": completion.time, "completion": _as_text(completion)}
        with self.transaction() as db:
            db.execute(_NEW_REPLY, row)

    def replace_reply(self, key: str, completion: Completion) -> None:
        """Keeps a reply, in place of the one before."""
        row = {"arrived": completion.time, "completion": _as_text(completion)}
        statement = insert(REPLIES).values(key=key, **row)
        with self.transaction() as db:
            db.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))

    def statuses(self, keys: Iterable[str]) -> dict[str, Status]:
        """The statuses of those records that exist and are not due again, by key."""
        chosen = sa.select(RECORDS.c.key, RECORDS.c.status).where(RECORDS.c.due == 0)
        with self.transaction() as db:
            found = db.execute(chosen.where(RECORDS.c.key.in_(set(keys)))).all()
        return {row.key: row.status for row in found}

    def afresh(self, keys: Iterable[str]) -> dict[str, int]:
        """How many replies are set aside (see `ask_again`), by the key of a record."""
        chosen = sa.select(RECORDS.c.key, RECORDS.c.afresh).where(RECORDS.c.afresh > 0)
        with self.transaction() as db:
            found = db.execute(chosen.where(RECORDS.c.key.in_(set(keys)))).all()
        return {row.key: row.afresh for row in found}

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

    def save_record(self, key: str, extraction: Extraction[Any]) -> str:
        """Keeps a record, in place of the one before; `tries` counts them. Returns it as JSON in
        one line."""
        line = extraction.to_json()
        row = {
            "key": key,
            "article_id": extraction.article.id,
            "status": extraction.status,
            "extraction": line,
        }
        with self.transaction() as db:
            db.execute(_NEW_RECORD, row)
        return line

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A connection whose work is on the disk at the end, or undone by an error."""
        if self._db is None:
            raise StoreError(f"{self._path}: the ledger is closed", hint="open it again")
        with self._told(), self._db.begin():
            yield self._db

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A second connection, to read rows one after the other while others are written."""
        with self._told(), self._engine.connect() as db:
            yield db

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            reason = str(error.orig)
            raise StoreError(f"{self._path}: {reason}", hint=advice(reason)) from error


@dataclass(frozen=True)
class Run:
    """One input with one recipe, in a ledger that may hold others."""

    store: Store
    id: int

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
        values = (sa.func.json_extract(RECORDS.c.extraction, f"$.provenance.{n}") for n in names)
        sums = [sa.func.coalesce(sa.func.sum(value), 0) for value in (RECORDS.c.tries, *values)]
        with self.store.reading() as db:
            run = db.execute(sa.select(RUNS).where(RUNS.c.id == self.id)).one()
            counts = {row.status: row.number for row in db.execute(places)}
            found = db.execute(sa.select(*sums).where(RECORDS.c.key.in_(mine))).one()
        tries, attempts, *usage = found
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
        new = insert(WORK)
        values = {"article_id": new.excluded.article_id, "record": new.excluded.record}
        changed = sa.or_(*(WORK.c[name] != value for name, value in values.items()))
        # Without the condition, going over a finished run again would write all of it.
        statement = new.on_conflict_do_update(
            index_elements=[WORK.c.run, WORK.c.position], set_=values, where=changed
        )
        with self.store.transaction() as db:
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
        first = sa.func.json_extract(RECORDS.c.extraction, "$.problems[0].code").label("code")
        message = sa.func.json_extract(RECORDS.c.extraction, "$.problems[0].message")
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


def _as_text(completion: Completion) -> str:
    # ASCII, because a reply may hold half a character, which UTF-8 cannot.
    return json.dumps(completion.model_dump(mode="python"))


def _run_name(inputs: Sequence[Source], recipe: Mapping[str, Any]) -> str:
    return digest({"inputs": [source.path for source in inputs], "recipe": dict(recipe)})


def _renamed(extraction: str, article_id: str) -> str:
    value = json.loads(extraction)
    return json_line({**value, "article": {**value["article"], "id": article_id}})
