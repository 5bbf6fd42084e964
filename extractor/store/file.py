"""A ledger in an SQLite file: the file, its lock, and the refusal of what is no ledger."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from extractor.errors import StoreError
from extractor.store.patience import Patience
from extractor.store.statements import Statement
from extractor.store.tables import APPLICATION_ID, LEDGER_VERSION, META, MIGRATIONS

BUSY_SECONDS = 10
"""How long a call waits for another program (a backup, a shell) that holds the ledger."""


class File:
    """The file of a ledger, with a lock when it is `held`. One `Store` is made of it."""

    leases = None

    def __init__(self, path: Path, *, held: bool) -> None:
        """Raises `StoreError` when another program has it open."""
        self.name = str(path)
        self.patience = Patience(0.0)
        self.engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
        self._path = path
        self._waits = True
        self._lock = locked(path) if held else -1

    def connected(self) -> sa.Connection:
        """A connection to the ledger, which is laid out first when it is new. Raises
        `StoreError` for another file."""
        return connected(self.engine, self._path)

    def one(
        self, db: sa.Connection, statement: Statement, values: Mapping[str, object]
    ) -> Sequence[Any] | None:
        """The one row that there is, if there is one. Raises `StoreError`."""
        with self._driver(db) as driver:
            found: Sequence[Any] | None = driver.execute(*statement.for_sqlite(values)).fetchone()
            return found

    def put(
        self,
        db: sa.Connection,
        statement: Statement,
        values: Mapping[str, object],
        *,
        is_dear: bool = True,
    ) -> None:
        """Writes in a transaction of its own. What is not dear survives the program, but is not
        waited for to reach the disk: a power cut may undo it. Raises `StoreError`."""
        with self._driver(db) as driver:
            self._wait(driver, is_dear)
            with driver:
                driver.execute(*statement.for_sqlite(values))

    def wait_for_disk(self, db: sa.Connection) -> None:
        """What is committed next is on the disk by then. Raises `StoreError`."""
        with self._driver(db) as driver:
            self._wait(driver, True)

    def _wait(self, driver: sqlite3.Connection, is_dear: bool) -> None:
        if is_dear != self._waits:
            driver.execute(f"PRAGMA synchronous={'FULL' if is_dear else 'NORMAL'}")
            self._waits = is_dear

    @contextmanager
    def _driver(self, db: sa.Connection) -> Iterator[sqlite3.Connection]:
        """SQLite's own connection underneath, between two transactions of SQLAlchemy's."""
        driver = db.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            yield driver
        except sqlite3.Error as error:
            raise told(self._path, error) from error

    def told(self, error: sa.exc.DBAPIError) -> StoreError:
        """An error of the database, in words."""
        return told(self._path, error.orig)

    def close(self) -> None:
        """Lets go of the file; it can be opened again by anybody."""
        self.engine.dispose()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def locked(path: Path) -> int:
    """A lock that ends with the process, however that ends; returns its descriptor."""
    name = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{name}: {error.strerror}", hint="choose a folder that can be written"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.pwrite(descriptor, f"{os.getpid():<20}".encode(), 0)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise StoreError(
            f"{path}: another extractor (process {holder}) is working with this ledger",
            hint="wait for it to end, stop it, or choose another folder",
        ) from error
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"{name}: {error.strerror}", hint=advice(str(error))) from error
    return descriptor


def connected(engine: sa.Engine, path: Path) -> sa.Connection:
    """A connection to a ledger that is laid out. Raises `StoreError` for another file."""
    db = engine.connect()
    try:
        _lay_out(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _lay_out(db: sa.Connection, path: Path) -> None:
    db.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    version = checked(db, path)
    # Only now, for these change the file.
    db.exec_driver_sql("PRAGMA journal_mode=WAL")
    db.exec_driver_sql("PRAGMA synchronous=FULL")
    if version == 0:
        # The mark comes first and the version last, so that a kill in between is made good.
        db.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        META.create_all(db)
        db.exec_driver_sql(f"PRAGMA user_version={LEDGER_VERSION}")
    db.commit()
    for older in range(version or LEDGER_VERSION, LEDGER_VERSION):
        _migrate(db, older)


def _migrate(db: sa.Connection, older: int) -> None:
    """One layout on, in one transaction: Python's sqlite3 would begin none for these."""
    db.exec_driver_sql("BEGIN IMMEDIATE")
    for statement in MIGRATIONS[older]:
        db.exec_driver_sql(statement)
    db.exec_driver_sql(f"PRAGMA user_version={older + 1}")
    db.commit()


def checked(db: sa.Connection, path: Path) -> int:
    """The layout's version; 0 for a ledger that is still to be laid out, wholly or in part."""
    version = int(db.exec_driver_sql("PRAGMA user_version").scalar_one())
    owner = db.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = db.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if tables and owner != APPLICATION_ID:
        raise StoreError(
            f"{path}: this is a database, but not a ledger of extractor",
            hint="choose another folder",
        )
    if version > LEDGER_VERSION:
        raise StoreError(
            f"{path}: a ledger of layout {version}; this extractor knows {LEDGER_VERSION}",
            hint="use the extractor that made it, or choose another folder",
        )
    return version


def told(path: Path, error: BaseException | None) -> StoreError:
    """An error of SQLite's driver, in words."""
    reason = str(error)
    return StoreError(f"{path}: {reason}", hint=advice(reason))


def advice(reason: str) -> str:
    """What to do about an error of SQLite or of the system."""
    if "full" in reason or "No space" in reason:
        return "make room on the disk and run the same command again: nothing is lost"
    if "locked" in reason:
        return "another program holds the file; close it and run the same command again"
    if "not a database" in reason or "malformed" in reason:
        return "the file is damaged or something else; move it away or choose another folder"
    return "see to the file and run the same command again: what was stored is kept"
