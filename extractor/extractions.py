"""Stored extractions: read again, verified, and brought to the version that is wanted.

What is read is the JSON that every face emits (`Extraction.to_json`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from extractor import jsontext
from extractor.catalog import Catalog, Schema
from extractor.catalog.shelf import read_source
from extractor.errors import CatalogError, InputError, InvalidSchema
from extractor.evidence import quoted_text
from extractor.records import (
    Article,
    ArticleInfo,
    Evidence,
    Extraction,
    Frozen,
    Problem,
    Provenance,
    Reference,
    Status,
    digest,
)
from extractor.upcast import scalars, upcast

_SHAPE = "expected a line of extractor extract --format json"


class Stored(Frozen):
    """An extraction as it was written down: its record is JSON, and nothing is verified."""

    article: ArticleInfo
    status: Status
    record: Any
    evidence: dict[str, Evidence]
    problems: tuple[Problem, ...]
    provenance: Provenance | None


def parse_extraction(line: str | Mapping[str, Any], *, where: str = "extraction") -> Stored:
    """A stored extraction from its JSON; `where` names it in errors. Raises `InputError`."""
    try:
        return Stored.model_validate(jsontext.loads(line) if isinstance(line, str) else line)
    except ValidationError as error:
        reasons = (f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputError(
            f"{where}: not an extraction: {'; '.join(reasons)}", hint=_SHAPE
        ) from error
    except ValueError as error:
        raise InputError(f"{where}: not usable JSON: {error}", hint=_SHAPE) from error


def verify(
    stored: Stored, catalog: Catalog, *, article: Article | None = None
) -> tuple[Problem, ...]:
    """What does not hold of a stored extraction; empty when all does.

    Its schema must be as it was then and accept the record, and every value has its
    evidence. With the article, its text must be the same and hold the words where the
    spans say. Without a record there is nothing but the article to verify.
    """
    found = list(_article_problems(stored, article))
    if stored.record is None:
        return tuple(found)
    if stored.provenance is None:
        return (*found, _wrong("invalid", "/provenance", "there is a record, but no provenance"))
    reference = stored.provenance.record_schema
    try:
        schema = catalog.schema(reference.id)
        if reference.digest not in _digests(schema):
            message = f"{schema.id} ({schema.path}) was changed since this was extracted"
            found.append(_wrong("schema_changed", "/provenance/schema", message))
        schema.model.model_validate_json(json.dumps(stored.record))
    except CatalogError as error:
        found.append(_wrong(error.code, "/provenance/schema", error.message))
    except ValidationError as error:
        found += [
            _wrong("invalid", f"/record/{'/'.join(map(str, e['loc']))}", e["msg"])
            for e in error.errors()
        ]
    return (*found, *_evidence_problems(stored, article))


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


def _wrong(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, path=path, message=message, severity="error")


def _article_problems(stored: Stored, article: Article | None) -> Iterator[Problem]:
    digests = {stored.article.digest}
    if stored.provenance is not None:
        digests.add(stored.provenance.article_digest)
    if article is not None:
        digests.add(article.digest)
    if len(digests) > 1:
        message = "this is another article (or date, outlet, ...) than the one extracted"
        yield _wrong("article_changed", "/article/digest", message)


def _digests(schema: Schema) -> set[str]:
    """What may stand in provenances: of a released schema also the digest that its committed
    JSON Schema gives, which another version of Pydantic may word differently."""
    found = {schema.digest}
    if schema.path is not None and schema.status == "released":
        source = read_source(schema.path, InvalidSchema)
        committed = jsontext.loads(read_source(schema.path.with_suffix(".json"), InvalidSchema))
        found.add(digest({"json_schema": committed, "source": source}))
    return found


def _evidence_problems(stored: Stored, article: Article | None) -> Iterator[Problem]:
    values = dict(scalars(stored.record))
    for path in values:
        if path not in stored.evidence:
            yield _wrong("evidence", f"/record{path}", "nothing says how this value is supported")
    for path, evidence in stored.evidence.items():
        if path not in values:
            message = "there is no such value in the record"
        else:
            message = _mismatch(values[path], evidence, article)
        if message:
            yield _wrong("evidence", f"/evidence/{path}", message)


def _mismatch(value: object, evidence: Evidence, article: Article | None) -> str:
    """What is wrong with the evidence of a value, "" for nothing."""
    if evidence.support != "none" and not evidence.spans:
        return f"it is {evidence.support}, but no words are named"
    if evidence.support == "quoted" and quoted_text(evidence.spans) != value:
        return f"{value!r} is not the quotation {quoted_text(evidence.spans)!r}"
    for span in evidence.spans:
        if article is not None and article.text[span.start : span.end] != span.text:
            return f"{span.text!r} does not stand at {span.start} to {span.end} of the article"
        if span.end - span.start != len(span.text):
            return f"{span.text!r} is not as long as {span.start} to {span.end}"
    return ""
