"""What the service remembers beside the ledger: answers by idempotency key, what clients spent
today, and, if it is told to, the articles of records.

One SQLite file in the folder that the ledger stands in, whose lock covers it; without a folder,
as much in the process's own memory. Losing the last moments of it with the machine's power costs
little, so that commits do not wait for the disk, as those of the ledger do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from extractor.errors import StoreError

LAYOUT = 1
"""The version of the tables; a file of another is refused."""

_META = sa.MetaData()
ANSWERS = sa.Table(
    "answers",
    _META,
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("given", sa.Float, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
SPENT = sa.Table(
    "spent",
    _META,
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("tokens", sa.Integer, nullable=False),
    sa.Column("cost", sa.Float, nullable=False),
)
ARTICLES = sa.Table(
    "articles",
    _META,
    sa.Column("record", sa.Text, primary_key=True),
    sa.Column("article", sa.Text, nullable=False),
)


class Memory:
    """The tables, opened when they are first used. Not for several threads at once."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        # One connection for all, which may be made in one thread and used in another.
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path) if path else ":memory:"),
            poolclass=sa.pool.StaticPool,
            connect_args={"check_same_thread": False},
        )
        self._is_laid_out = False

    def __enter__(self) -> Memory:
        if self._path is not None:
            with self.transaction():
                pass
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()
        self._is_laid_out = False

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A connection whose work is kept at the end, or undone by an error.

        Raises `StoreError`.
        """
        try:
            if not self._is_laid_out:
                self._lay_out()
            with self._engine.begin() as db:
                yield db
        except sa.exc.DBAPIError as error:
            raise StoreError(
                f"{self._path or 'the memory of the service'}: {error.orig}",
                hint="see to the disk and start the service again",
            ) from error

    def _lay_out(self) -> None:
        with self._engine.connect() as db:
            version = db.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version not in (0, LAYOUT):
                raise StoreError(
                    f"{self._path}: of layout {version}; this extractor knows {LAYOUT}",
                    hint="use the extractor that made it, or move the file away",
                )
            db.exec_driver_sql("PRAGMA journal_mode=WAL")
            db.exec_driver_sql("PRAGMA synchronous=NORMAL")
            _META.create_all(db)
            db.exec_driver_sql(f"PRAGMA user_version={LAYOUT}")
            db.commit()
        self._is_laid_out = True
