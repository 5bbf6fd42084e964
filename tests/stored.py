"""Extractions as they are stored, made without a model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from extractor.catalog import Schema
from extractor.evidence import ground_draft
from extractor.records import Article, ArticleInfo, Extraction, Provenance, Reference, Usage
from extractor.resolve import RESOLVERS
from extractor.validation import evidence_map, status_of, validate


def extraction(draft: Any, article: Article, schema: Schema) -> Extraction[Any]:
    """What the core makes of a draft."""
    grounded = ground_draft(draft, schema.json_schema, article, RESOLVERS)
    assert grounded.tree is not None
    checked = validate(grounded.tree, schema.model, schema.json_schema)
    assert checked.record is not None
    assert checked.tree is not None
    problems = (*grounded.problems, *checked.problems)
    provenance = Provenance(
        extractor="0",
        prompt=Reference(id="test@1", digest="0" * 64),
        record_schema=Reference(id=schema.id, digest=schema.digest),
        article_digest=article.digest,
        model_asked="none",
        model_answered="none",
        endpoint="remote",
        wire="strict",
        parameters={},
        attempts=1,
        usage=Usage(),
        seconds=0.0,
        time=datetime(2026, 3, 9, tzinfo=UTC),
    )
    return Extraction(
        ArticleInfo.of(article),
        status_of(checked.record, problems),
        checked.record,
        evidence_map(checked.record, checked.tree),
        problems,
        provenance,
    )
