"""The articles of records, where the service keeps them: a text is private unless it is told."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from extractor.records import Article
from extractor.service.memory import ARTICLES, Memory


class Articles:
    """Articles by the ids of their records."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def keep(self, record: str, article: Article) -> None:
        """Keeps the article that a record was made of. Raises `StoreError`."""
        row = {"record": record, "article": json.dumps(article.model_dump(mode="json"))}
        with self._memory.transaction() as db:
            db.execute(insert(ARTICLES).values(**row).on_conflict_do_nothing())

    def find(self, record: str) -> str | None:
        """The article as JSON; None when it was not kept. Raises `StoreError`."""
        chosen = sa.select(ARTICLES.c.article).where(ARTICLES.c.record == record)
        with self._memory.transaction() as db:
            found: str | None = db.scalar(chosen)
        return found
