"""Whether a stored extraction still holds: without a model, and without a hash of the record.

`verify` asks what must hold of it in any version of extractor: digests, spans, quotations,
the schema. `Verifier.recheck` also does again what extractor did after the model had
answered, and compares (see `grounds`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from pydantic import BaseModel, ValidationError

from extractor import jsontext
from extractor.catalog import Catalog, Prompt, Schema
from extractor.catalog.shelf import read_source
from extractor.errors import CatalogError, InvalidSchema
from extractor.extractions.grounds import differences, ground_problems
from extractor.extractions.stored import Stored
from extractor.records import (
    Article,
    ArticleInfo,
    Evidence,
    Problem,
    Provenance,
    digest,
    record_json,
)
from extractor.tree import quoted_text
from extractor.upcast import scalars
from extractor.validation import status_of
from extractor.version import __version__


def verify(
    stored: Stored, catalog: Catalog, *, article: Article | None = None
) -> tuple[Problem, ...]:
    """What does not hold of a stored extraction; empty when all does.

    Its schema must be as it was then and accept the record as it stands, and every value
    has its evidence. With the article, its text must be the same and hold the words where
    the spans say. Without a record there is nothing but the article to verify.
    """
    return Verifier(catalog).verify(stored, article)


class Verifier:
    """Verifies many extractions against one catalog, whose files it reads once."""

    def __init__(self, catalog: Catalog) -> None:
        self._prompt: Callable[[str], Prompt] = cache(catalog.prompt)
        self._schema: Callable[[str], _Written] = cache(lambda id_: _Written(catalog.schema(id_)))

    def verify(self, stored: Stored, article: Article | None = None) -> tuple[Problem, ...]:
        """See `verify`."""
        found = list(_article_problems(stored, article))
        if stored.record is None:
            return tuple(found)
        if stored.provenance is None:
            message = "there is a record, but no provenance"
            return (*found, _wrong("invalid", "/provenance", message))
        found += self._schema_problems(stored, stored.provenance)
        return (*found, *_evidence_problems(stored, article))

    def recheck(self, stored: Stored, article: Article) -> tuple[Problem, ...]:
        """All that `verify` finds, and all that extractor would say otherwise today.

        That is: another prompt, another status, and values, evidence and alignments that
        do not come out again from the words of the article.
        """
        found = [*self.verify(stored, article), *_info_problems(stored, article)]
        if stored.provenance is not None:
            found += self._prompt_problems(stored.provenance)
            found += _provenance_problems(stored.provenance)
        found += _told_problems(stored)
        if stored.record is None or stored.provenance is None or found:
            return (*found, *_status_problems(stored, None))
        written = self._schema(stored.provenance.record_schema.id)
        record = written.schema.model.model_validate_json(json.dumps(stored.record))
        found += _status_problems(stored, record)
        style = self._prompt(stored.provenance.prompt.id).evidence
        found += ground_problems(stored, written.schema, article, style)
        return tuple(_dated(problem, stored.provenance) for problem in found)

    def _schema_problems(self, stored: Stored, provenance: Provenance) -> Iterator[Problem]:
        reference = provenance.record_schema
        try:
            written = self._schema(reference.id)
            if reference.id != written.schema.id:
                message = f"{reference.id!r} is no version; it means {written.schema.id} now"
                yield _wrong("schema_changed", "/provenance/schema", message)
            if reference.digest not in written.digests:
                message = f"{written.schema.id} ({written.schema.path}) {_CHANGED}"
                yield _wrong("schema_changed", "/provenance/schema", message)
        except CatalogError as error:
            yield _wrong(error.code, "/provenance/schema", error.message)
        else:
            yield from _record_problems(stored, written.schema)

    def _prompt_problems(self, provenance: Provenance) -> Iterator[Problem]:
        reference = provenance.prompt
        try:
            prompt = self._prompt(reference.id)
        except CatalogError as error:
            yield _wrong(error.code, "/provenance/prompt", error.message)
            return
        if (prompt.id, prompt.digest) != (reference.id, reference.digest):
            message = f"{prompt.id} ({prompt.path}) {_CHANGED}"
            yield _wrong("prompt_changed", "/provenance/prompt", message)
        elif provenance.parameters != prompt.parameters.model_dump(mode="json"):
            message = f"these are not the parameters of {prompt.id}"
            yield _wrong("prompt_changed", "/provenance/parameters", message)


_CHANGED = "was changed since this was extracted"


@dataclass(frozen=True)
class _Written:
    """A schema that records are written in."""

    schema: Schema

    @cached_property
    def digests(self) -> frozenset[str]:
        """What may stand in provenances: of a released schema also the digest that its
        committed JSON Schema gives, which another version of Pydantic may word differently."""
        found = {self.schema.digest}
        if self.schema.path is not None and self.schema.status == "released":
            source = read_source(self.schema.path, InvalidSchema)
            file = self.schema.path.with_suffix(".json")
            committed = jsontext.loads(read_source(file, InvalidSchema))
            found.add(digest({"json_schema": committed, "source": source}))
        return frozenset(found)


def _wrong(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, path=path, message=message, severity="error")


def _dated(problem: Problem, provenance: Provenance) -> Problem:
    """With the two versions of extractor, where it is not the one that wrote the record."""
    if provenance.extractor == __version__:
        return problem
    note = f"{problem.message} (written by extractor {provenance.extractor}, this is {__version__})"
    return problem.model_copy(update={"message": note})


# ---------------------------------------------------------------- the article


def _article_problems(stored: Stored, article: Article | None) -> Iterator[Problem]:
    digests = {stored.article.digest}
    if stored.provenance is not None:
        digests.add(stored.provenance.article_digest)
    if article is not None:
        digests.add(article.digest)
    if len(digests) > 1:
        message = "this is another article (or date, outlet, ...) than the one extracted"
        yield _wrong("article_changed", "/article/digest", message)


def _info_problems(stored: Stored, article: Article) -> Iterator[Problem]:
    said = stored.article.model_dump(mode="json")
    true = ArticleInfo.of(article).model_dump(mode="json")
    for name in ("title", "published", "outlet", "language"):
        if said[name] != true[name]:
            message = f"here it is {said[name]!r}, in the article {true[name]!r}"
            yield _wrong("article_changed", f"/article/{name}", message)


# ---------------------------------------------------------------- the record


def _record_problems(stored: Stored, schema: Schema) -> Iterator[Problem]:
    """What the schema refuses, and what it would say otherwise than the record does."""
    try:
        emitted = record_json(schema.model.model_validate_json(json.dumps(stored.record)))
    except ValidationError as error:
        for each in error.errors():
            yield _wrong("invalid", f"/record/{'/'.join(map(str, each['loc']))}", each["msg"])
    except Exception as error:  # a schema's own code fails in as many ways as Python
        message = f"the schema's own code failed: {type(error).__name__}: {error}"
        yield _wrong("schema_failed", "/record", message)
    else:
        for path in differences(stored.record, emitted):
            yield _wrong("invalid", f"/record{path}", f"{schema.id} does not say this as it stands")


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
    if evidence.support == "none" and evidence.spans:
        return "words are named, but they support nothing"
    if evidence.support != "none" and not evidence.spans:
        return f"it is {evidence.support}, but no words are named"
    if evidence.support == "quoted" and quoted_text(evidence.spans) != value:
        return f"{value!r} is not the quotation {quoted_text(evidence.spans)!r}"
    for span in evidence.spans:
        if not 0 <= span.start < span.end or span.end - span.start != len(span.text):
            return f"{span.text!r} is not as long as {span.start} to {span.end}"
        if article is not None and article.text[span.start : span.end] != span.text:
            return f"{span.text!r} does not stand at {span.start} to {span.end} of the article"
    return ""


# ---------------------------------------------------------------- what is said about it


def _status_problems(stored: Stored, record: BaseModel | None) -> Iterator[Problem]:
    """`record` is that of the extraction, None where there is none or it is not usable."""
    if stored.record is None:
        if stored.status not in {"rejected", "failed"}:
            yield _wrong("status", "/status", f"it is {stored.status}, but there is no record")
        if not stored.problems:
            message = f"it is {stored.status}, and nothing says why"
            yield _wrong("status", "/problems", message)
        if stored.evidence:
            yield _wrong("evidence", "/evidence", "there is evidence, but no record")
        return
    upcast = any(problem.code == "upcast" for problem in stored.problems)
    if record is None or upcast:  # an upcast adds problems, and leaves the status as it was
        return
    if stored.status != (due := status_of(record, stored.problems)):
        message = f"it is {stored.status}; by its problems it would be {due}"
        yield _wrong("status", "/status", message)


def _provenance_problems(provenance: Provenance) -> Iterator[Problem]:
    usage = provenance.usage
    counts = (*usage.model_dump().values(), provenance.seconds, provenance.cost or 0)
    if min(counts) < 0:
        yield _wrong("provenance", "/provenance", "a count, a cost or a time is below 0")
    if usage.cached_tokens > usage.input_tokens:
        message = "more tokens were cached than read"
        yield _wrong("provenance", "/provenance/usage/cached_tokens", message)
    if not 1 <= provenance.windows <= provenance.attempts:
        message = "fewer attempts than windows, or none"
        yield _wrong("provenance", "/provenance/attempts", message)
    if provenance.decoding == "grammar" and provenance.wire != "strict":
        message = "under a grammar the schema is strict"
        yield _wrong("provenance", "/provenance/wire", message)


_CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_POINTER = re.compile(r"(/([^/~]|~[01])*)*", re.DOTALL)


def _told_problems(stored: Stored) -> Iterator[Problem]:
    for number, problem in enumerate(stored.problems):
        if not _CODE.fullmatch(problem.code):
            message = f"{problem.code!r} is not the code of a problem"
            yield _wrong("problem", f"/problems/{number}/code", message)
        if not _POINTER.fullmatch(problem.path):
            message = f"{problem.path!r} is not a JSON pointer"
            yield _wrong("problem", f"/problems/{number}/path", message)
        if not problem.message.strip():
            yield _wrong("problem", f"/problems/{number}/message", "it says nothing")
