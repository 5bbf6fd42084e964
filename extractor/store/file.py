"""The ledger's file: its tables, its lock, and the refusal of what is no ledger."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import sqlalchemy as sa

from extractor.errors import StoreError

LEDGER_VERSION = 3
"""The layout of the tables. Older ones are brought to it; a newer one is refused."""
APPLICATION_ID = 0x45585452
"""SQLite's mark for whose file this is (`EXTR`)."""
BUSY_SECONDS = 10
"""How long a call waits for another program (a backup, a shell) that holds the ledger."""

_META = sa.MetaData()
RUNS = sa.Table(
    "runs",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("recipe", sa.JSON, nullable=False),
    sa.Column("prices", sa.JSON),
)
WORK = sa.Table(
    "work",
    _META,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
REPLIES = sa.Table(
    "replies",
    _META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("arrived", sa.Text, nullable=False),
    sa.Column("completion", sa.Text, nullable=False),
)
RECORDS = sa.Table(
    "records",
    _META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("article_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("extraction", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="1"),
    sa.Column("afresh", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due", sa.Integer, nullable=False, server_default="0"),
)
BATCHES = sa.Table(
    "batches",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("marker", sa.Text, nullable=False, unique=True),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("intended", sa.Text, nullable=False),
    sa.Column("provider", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("most", sa.JSON, nullable=False),
    sa.Column("ended", sa.Integer, nullable=False, server_default="0"),
)
BATCH_LINES = sa.Table(
    "batch_lines",
    _META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("batch", sa.ForeignKey("batches.id"), nullable=False, index=True),
    sa.Column("outcome", sa.Text),
    sa.Column("lasting", sa.Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
_MIGRATIONS = {
    1: (
        "ALTER TABLE runs ADD COLUMN prices JSON",
        "ALTER TABLE records ADD COLUMN tries INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE records ADD COLUMN afresh INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE records ADD COLUMN due INTEGER NOT NULL DEFAULT 0",
    ),
    2: (
        "CREATE TABLE batches (id INTEGER NOT NULL PRIMARY KEY, marker TEXT NOT NULL UNIQUE, "
        "endpoint TEXT NOT NULL, intended TEXT NOT NULL, provider TEXT, status TEXT NOT NULL, "
        "requests INTEGER NOT NULL, most JSON NOT NULL, ended INTEGER NOT NULL DEFAULT '0')",
        "CREATE TABLE batch_lines (key TEXT NOT NULL PRIMARY KEY, "
        "batch INTEGER NOT NULL REFERENCES batches (id), outcome TEXT, "
        "lasting INTEGER NOT NULL DEFAULT '0') WITHOUT ROWID",
        "CREATE INDEX ix_batch_lines_batch ON batch_lines (batch)",
    ),
}
"""What brings a ledger of an older layout to the next one, by layout."""


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
        _META.create_all(db)
        db.exec_driver_sql(f"PRAGMA user_version={LEDGER_VERSION}")
    db.commit()
    for older in range(version or LEDGER_VERSION, LEDGER_VERSION):
        _migrate(db, older)


def _migrate(db: sa.Connection, older: int) -> None:
    """One layout on, in one transaction: Python's sqlite3 would begin none for these."""
    db.exec_driver_sql("BEGIN IMMEDIATE")
    for statement in _MIGRATIONS[older]:
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


def advice(reason: str) -> str:
    """What to do about an error of SQLite or of the system."""
    if "full" in reason or "No space" in reason:
        return "make room on the disk and run the same command again: nothing is lost"
    if "locked" in reason:
        return "another program holds the file; close it and run the same command again"
    if "not a database" in reason or "malformed" in reason:
        return "the file is damaged or something else; move it away or choose another folder"
    return "see to the file and run the same command again: what was stored is kept"
