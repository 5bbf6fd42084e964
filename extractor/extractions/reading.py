"""Stored extractions as values again, of the version that is wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from extractor.catalog import Catalog
from extractor.errors import InputError
from extractor.extractions.stored import Stored, parse_extraction
from extractor.extractions.verification import verify
from extractor.records import Article, Extraction, Problem, Reference
from extractor.upcast import upcast


def read_extraction(
    line: str | Mapping[str, Any],
    catalog: Catalog,
    schema: str | None = None,
    *,
    article: Article | None = None,
    where: str = "extraction",
) -> Extraction[Any]:
    """A stored extraction, verified; with `schema` (`event@2`, `event@production`) upcast.

    The provenance then names the version that the record is of now, and a problem says
    which one it was written in. With the article more is verified (see `verify`), and
    computed fields that are new are filled in. Raises `InputError` for what cannot be
    read or does not hold, and what `upcast` raises.
    """
    stored = parse_extraction(line, where=where)
    if wrong := verify(stored, catalog, article=article):
        reasons = "; ".join(f"{problem.path}: {problem.message}" for problem in wrong)
        raise InputError(f"{where}: it does not hold: {reasons}", hint="extract it again")
    if stored.record is None or stored.provenance is None:
        return _extraction(stored, None)
    written = catalog.schema(stored.provenance.record_schema.id)
    wanted = written if schema is None else catalog.schema(schema)
    if wanted.id == written.id:
        return _extraction(stored, written.model.model_validate_json(json.dumps(stored.record)))
    moved = upcast(stored.record, stored.evidence, written.id, wanted.id, catalog, article=article)
    reference = Reference(id=wanted.id, digest=wanted.digest)
    message = f"written as {written.id}, read as {wanted.id}"
    told = Problem(code="upcast", path="", message=message, severity="info")
    return replace(
        _extraction(stored, moved.record),
        evidence=moved.evidence,
        problems=(*stored.problems, told, *moved.problems),
        provenance=stored.provenance.model_copy(update={"record_schema": reference}),
    )


def _extraction(stored: Stored, record: BaseModel | None) -> Extraction[Any]:
    return Extraction(
        article=stored.article,
        status=stored.status,
        record=record,
        evidence=stored.evidence,
        problems=stored.problems,
        provenance=stored.provenance,
    )
