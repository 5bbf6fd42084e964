"""A ledger on a PostgreSQL server, for several machines at a time.

Its tables stand in the schema `extractor` of the database that an address names. No message holds
the password of an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from extractor.errors import LedgerAway, StoreError
from extractor.store.leases import Leases
from extractor.store.patience import Patience
from extractor.store.statements import Statement
from extractor.store.tables import (
    APPLICATION_ID,
    LAYOUT,
    LEDGER_VERSION,
    META,
    MIGRATIONS,
    SHARED,
)

PATIENCE_SECONDS = 120.0
"""How long a server that went away is waited for."""
LEASE_SECONDS = 60.0
"""After how long the work of a machine that is not heard of is free."""
_SCHEMA = "extractor"
_CONNECT: dict[str, Any] = {
    "application_name": "extractor",
    "client_encoding": "utf8",
    "connect_timeout": 5,
    # Seconds (the last: milliseconds) after which a machine that fell silent counts as away.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
_PASSES = {"40001", "40P01", "53300", "57P01", "57P02", "57P03"}
"""Codes of errors that are over a moment later: a deadlock, too many connections, a restart."""
_STAYS = (
    "authentication", "does not exist", "no password supplied", "pg_hba.conf", "permission denied",
    "translate host name", "certificate", "SSL",
)  # fmt: skip
"""Words of errors in connecting that waiting does not help against."""


@dataclass(frozen=True)
class Server:
    """Where a ledger is on a server. `patience` and `lease` are in seconds; `machine` is another
    name for this one."""

    url: sa.URL = field(repr=False)
    patience: float = PATIENCE_SECONDS
    lease: float = LEASE_SECONDS
    machine: str | None = None

    @classmethod
    def at(cls, address: str) -> Server:
        """The ledger at `postgresql://user:password@host:port/database`. Raises `StoreError`."""
        import psycopg  # noqa: F401  # so that what is missing is said before anything begins

        try:
            url = sa.make_url(address)
        except (sa.exc.ArgumentError, ValueError):
            url = sa.make_url("none://")
        if url.drivername not in ("postgresql", "postgres"):
            # Not the address itself: who knows where in it a password stands.
            raise StoreError(
                "the address of the ledger is none of a PostgreSQL database",
                hint="expected postgresql://user@host:5432/database",
            )
        return cls(url.set(drivername="postgresql+psycopg"))

    @property
    def name(self) -> str:
        """The address without user, password and options, for messages."""
        host = self.url.host or str(self.url.query.get("host", "localhost"))
        port = f":{self.url.port}" if self.url.port else ""
        return f"postgresql://{host}{port}/{self.url.database or ''}"

    def engine(self, *, keeps: bool = True) -> sa.Engine:
        """Connects on first use, and with `keeps` uses a connection again."""
        options = {name: v for name, v in _CONNECT.items() if name not in self.url.query}
        return sa.create_engine(
            self.url,
            connect_args=options,
            poolclass=None if keeps else sa.pool.NullPool,
            execution_options={"schema_translate_map": {None: _SCHEMA}},
            hide_parameters=True,
        )

    def told(self, error: sa.exc.DBAPIError) -> StoreError:
        """An error of the database, in words; `LedgerAway` when waiting can help."""
        reason = " ".join(str(error.orig).split())
        password = self.url.password
        if password:
            reason = reason.replace(str(password), "***")
        if is_away(error):
            return LedgerAway(
                f"{self.name}: the server of the ledger is away ({reason})",
                hint="run the same command again when it is back: what was answered is kept",
            )
        return StoreError(
            f"{self.name}: {reason}",
            hint="see to the server and run the same command again: what was stored is kept",
        )


def is_away(error: sa.exc.DBAPIError) -> bool:
    """Whether an error comes of a server that may be there again a moment later."""
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return error.connection_invalidated or code in _PASSES or code.startswith("08")
    lost = error.connection_invalidated or isinstance(error, sa.exc.OperationalError)
    return lost and not any(words in str(error.orig) for words in _STAYS)


class Shared:
    """The ledger on a server, as a `Store` uses it; leases last as long as it is open."""

    def __init__(self, server: Server, say: Callable[[str], None]) -> None:
        self.name = server.name
        self.patience = Patience(server.patience, say)
        self.engine = server.engine()
        self.leases = Leases(self.engine, server.lease, server.machine)
        self._server = server

    def connected(self) -> sa.Connection:
        """A connection to the ledger, which is laid out first when it is new, and in which what
        dead owners had leased is free. Raises `StoreError` and SQLAlchemy's errors."""
        with self.engine.begin() as db:
            _lay_out(db, self.name)
        self.leases.begin()
        with self.engine.begin() as db:
            self.leases.take_back(db)
        return self.engine.connect()

    def one(
        self, db: sa.Connection, statement: Statement, values: Mapping[str, object]
    ) -> Sequence[Any] | None:
        """The one row that there is, if there is one. Raises SQLAlchemy's errors."""
        with db.begin():
            return db.execute(statement.of["postgresql"], values).one_or_none()

    def put(
        self,
        db: sa.Connection,
        statement: Statement,
        values: Mapping[str, object],
        *,
        is_dear: bool = True,
    ) -> None:
        """Writes in a transaction of its own. The server decides itself what it waits for.
        Raises SQLAlchemy's errors."""
        with db.begin():
            db.execute(statement.of["postgresql"], values)

    def wait_for_disk(self, db: sa.Connection) -> None:
        """The server decides itself."""

    def told(self, error: sa.exc.DBAPIError) -> StoreError:
        """An error of the database, in words."""
        return self._server.told(error)

    def close(self) -> None:
        """Frees what is leased."""
        self.leases.end()
        self.engine.dispose()


def _lay_out(db: sa.Connection, name: str) -> None:
    # One after the other, should several begin at once.
    db.execute(sa.select(sa.func.pg_advisory_xact_lock(APPLICATION_ID)))
    version = checked(db, name)
    if version == 0:
        if not _has_schema(db):
            db.execute(sa.schema.CreateSchema(_SCHEMA))
        META.create_all(db)
        SHARED.create_all(db)
        db.execute(LAYOUT.insert().values(version=LEDGER_VERSION))
    elif version < LEDGER_VERSION:
        db.exec_driver_sql(f"SET LOCAL search_path TO {_SCHEMA}")
        for older in range(version, LEDGER_VERSION):
            for statement in MIGRATIONS[older]:
                db.exec_driver_sql(statement)
        db.execute(LAYOUT.update().values(version=LEDGER_VERSION))


def checked(db: sa.Connection, name: str) -> int:
    """The layout's version; 0 where nothing is laid out yet. Raises `StoreError` for what is no
    ledger, or one of a newer extractor."""
    encoding = db.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreError(
            f"{name}: the database is encoded in {encoding}, which does not hold every text",
            hint="make one: CREATE DATABASE extractor ENCODING 'UTF8' TEMPLATE template0",
        )
    tables = sa.inspect(db).get_table_names(_SCHEMA)
    if tables and LAYOUT.name not in tables:
        raise StoreError(
            f"{name}: its schema {_SCHEMA} is there, but is not a ledger of extractor",
            hint="name another database",
        )
    version = int(db.execute(sa.select(LAYOUT.c.version)).scalar_one()) if tables else 0
    if version > LEDGER_VERSION:
        raise StoreError(
            f"{name}: a ledger of layout {version}; this extractor knows {LEDGER_VERSION}",
            hint="use the extractor that made it, or name another database",
        )
    return version


def _has_schema(db: sa.Connection) -> bool:
    return _SCHEMA in sa.inspect(db).get_schema_names()
