"""The statements that each article takes, made once.

SQLAlchemy puts them together, for either database. To carry one out takes SQLAlchemy longer than
SQLite: a file's own driver is therefore given them in the words that SQLAlchemy found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from extractor.store.tables import DIALECTS, RECORDS, REPLIES, Dialect, insert_of


@dataclass(frozen=True)
class Statement:
    """A statement as each database has it, and the names of the values that it is given."""

    of: Mapping[Dialect, sa.Select[Any] | sa.Insert]
    names: tuple[str, ...]

    def for_sqlite(self, values: Mapping[str, object]) -> tuple[str, tuple[object, ...]]:
        """What SQLite's driver takes: the text, and what stands for its question marks."""
        text, names, constants = self._sqlite
        return text, tuple([values[n] if n in values else constants[n] for n in names])

    @cached_property
    def _sqlite(self) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
        compiled = self.of["sqlite"].compile(dialect=sqlite.dialect(), column_keys=self.names)
        return str(compiled), tuple(compiled.positiontup or ()), compiled.params


def _chosen(table: sa.Table, *columns: str) -> Statement:
    chosen = sa.select(*(table.c[name] for name in columns))
    chosen = chosen.where(table.c.key == sa.bindparam("wanted"))
    return Statement(dict.fromkeys(DIALECTS, chosen), ("wanted",))


def _new_record(dialect: Dialect) -> sa.Insert:
    new = insert_of(dialect, RECORDS)
    replaced = {name: new.excluded[name] for name in ("article_id", "status", "extraction")}
    return new.on_conflict_do_update(
        index_elements=["key"], set_={**replaced, "tries": RECORDS.c.tries + 1, "due": 0}
    )


REPLY = _chosen(REPLIES, "completion")
RECORD = _chosen(RECORDS, "article_id", "status", "due", "extraction")
NEW_REPLY = Statement(
    {each: insert_of(each, REPLIES).on_conflict_do_nothing() for each in DIALECTS},
    ("key", "arrived", "completion"),
)
"""The first reply stays, should there be two."""
NEW_RECORD = Statement(
    {each: _new_record(each) for each in DIALECTS}, ("key", "article_id", "status", "extraction")
)
"""Takes the place of the one before, and counts the tries."""
