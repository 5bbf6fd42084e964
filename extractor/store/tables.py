"""The ledger's tables: the same in an SQLite file and on a PostgreSQL server.

What the two databases say in different words is said here, so that the rest says it once.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

LEDGER_VERSION = 3
"""The layout of the tables. Older ones are brought to it; a newer one is refused."""
APPLICATION_ID = 0x45585452
"""SQLite's mark for whose file this is (`EXTR`)."""


class _Name(sa.TypeDecorator[str]):
    """A text that may hold null characters, which PostgreSQL's cannot."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        return value.replace("\x1a", "\x1a\x1a").replace("\0", "\x1a0")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None or dialect.name != "postgresql" or "\x1a" not in value:
            return value
        return re.sub("\x1a([\x1a0])", lambda found: "\0" if found[1] == "0" else "\x1a", value)


# In the order of its bytes, as SQLite's: a server's own may be that of some language.
_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

META = sa.MetaData()
RUNS = sa.Table(
    "runs",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", _TEXT, nullable=False, unique=True),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("recipe", sa.JSON, nullable=False),
    sa.Column("prices", sa.JSON),
)
WORK = sa.Table(
    "work",
    META,
    sa.Column("run", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("article_id", _Name, nullable=False),
    sa.Column("record", _TEXT, nullable=False),
    sqlite_with_rowid=False,
)
REPLIES = sa.Table(
    "replies",
    META,
    sa.Column("key", _TEXT, primary_key=True),
    sa.Column("arrived", _TEXT, nullable=False),
    sa.Column("completion", sa.Text, nullable=False),
)
RECORDS = sa.Table(
    "records",
    META,
    sa.Column("key", _TEXT, primary_key=True),
    sa.Column("article_id", _Name, nullable=False),
    sa.Column("status", _TEXT, nullable=False),
    sa.Column("extraction", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="1"),
    sa.Column("afresh", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due", sa.Integer, nullable=False, server_default="0"),
)
BATCHES = sa.Table(
    "batches",
    META,
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
    META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("batch", sa.ForeignKey("batches.id"), nullable=False, index=True),
    sa.Column("outcome", sa.Text),
    sa.Column("lasting", sa.Integer, nullable=False, server_default="0"),
)
MIGRATIONS = {
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
        "lasting INTEGER NOT NULL DEFAULT '0')",
        "CREATE INDEX ix_batch_lines_batch ON batch_lines (batch)",
    ),
}
"""What brings a ledger of an older layout to the next one, by layout, in SQL of both databases."""

SHARED = sa.MetaData()
"""What only a ledger has that several processes share without knowing of one another."""
LAYOUT = sa.Table("layout", SHARED, sa.Column("version", sa.Integer, nullable=False))
OWNERS = sa.Table(
    "owners",
    SHARED,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("machine", _TEXT, nullable=False),
    sa.Column("process", sa.Integer, nullable=False),
    sa.Column("started", _TEXT, nullable=False),
    sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
)
FENCES = sa.Sequence("fences", metadata=SHARED, data_type=sa.BigInteger)
"""The number of each lease is higher than those of all before it."""
LEASES = sa.Table(
    "leases",
    SHARED,
    sa.Column("record", _TEXT, primary_key=True),
    sa.Column("owner", sa.ForeignKey(OWNERS.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("fence", sa.BigInteger, server_default=FENCES.next_value(), nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.false()),
)


Dialect = Literal["sqlite", "postgresql"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
Insert = sqlite.Insert | postgresql.Insert
"""An insertion that can say what is done `on_conflict`; both databases do so alike."""


def insert(db: sa.Connection, table: sa.Table) -> Insert:
    """An insertion into a table of this database."""
    return insert_of("postgresql" if db.dialect.name == "postgresql" else "sqlite", table)


def insert_of(dialect: Dialect, table: sa.Table) -> Insert:
    """The same by the database's name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


class _Json(FunctionElement[Any]):
    """A value in a text of JSON, by a path such as `$.provenance.usage`; null where it is null
    or missing. A path is a constant of ours: it is written into the statement."""

    inherit_cache = True

    def __init__(self, text: sa.ColumnElement[Any], path: str) -> None:
        super().__init__(text, sa.literal_column(f"'{path}'"))


class json_text(_Json):  # noqa: N801  # they are used as SQL's functions are
    """A string, or an object as JSON."""

    name = "json_text"
    type = sa.Text()
    inherit_cache = True


class json_number(_Json):  # noqa: N801
    """A number; on a server all are decimals."""

    name = "json_number"
    type = sa.Numeric(asdecimal=False)
    inherit_cache = True


@compiles(_Json)
def _on_sqlite(element: _Json, compiler: Any, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)})"


_HALVES = r"\\u(?:0000|[dD][89a-fA-F])"
_HALF = r"(?<!\\)((?:\\\\)*)\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})"


@compiles(_Json, "postgresql")
def _on_postgresql(element: _Json, compiler: Any, **options: Any) -> str:
    """PostgreSQL reads no JSON with null characters or half a character in it, so they go."""
    text, path = (compiler.process(each, **options) for each in element.clauses)
    whole = rf"regexp_replace({text}, '{_HALF}', '\1', 'g')"
    read = f"(CASE WHEN {text} ~ '{_HALVES}' THEN {whole} ELSE {text} END)::jsonb"
    value = f"(jsonb_path_query_first({read}, {path}) #>> '{{}}')"
    return f"{value}::numeric" if isinstance(element, json_number) else value
