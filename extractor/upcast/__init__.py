"""Records of an older version of a schema, as a newer one would hold them.

`schemas/NAME/v3.py` says in `upcast_v2_to_v3(record)` what becomes of a record of version 2,
as JSON values; from version 1 the steps are taken one after the other. A step moves values
and leaves some behind. It adds nothing that the article would have to say: what is new and
may be null becomes null here, and stays absent in gold.

The words of a value go where the value goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from extractor.catalog import Catalog, Schema
from extractor.errors import InvalidSchema
from extractor.records import Article, Evidence, Problem
from extractor.tree import Tree, plain
from extractor.upcast.filling import Filler, planted
from extractor.upcast.origins import Json, marked, origins_of, scalars, unmarked
from extractor.upcast.steps import run, steps_between
from extractor.validation import evidence_map

__all__ = ["Upcast", "scalars", "upcast", "upcast_json"]


@dataclass(frozen=True)
class Upcast:
    """A record of the newer version, the words that came along, and what did not."""

    record: BaseModel
    evidence: dict[str, Evidence]
    problems: tuple[Problem, ...]


def upcast(
    record: Json,
    evidence: Mapping[str, Evidence],
    written: str,
    wanted: str,
    catalog: Catalog,
    *,
    article: Article | None = None,
) -> Upcast:
    """A record (as JSON) of the schema `written`, as one of the schema `wanted`.

    Computed fields that are new are null, unless the article is given. A value that did
    not come along as it was is named in the problems. Raises `CatalogError` for a newer
    record or another schema, `InvalidSchema` for a step that fails, and for a result that
    is not a record of its version or holds a value whose words are not known.
    """
    target = catalog.schema(wanted)
    steps = steps_between(catalog.schema(written), target, catalog)
    after = run(steps, marked(record))
    origins = origins_of(after, record, lambda changed: run(steps, marked(changed)))
    carried = {
        path: evidence.get(origin, Evidence(support="none")) for path, origin in origins.items()
    }
    filler = Filler(target.json_schema, carried, article)
    tree = filler.node(planted(unmarked(after), carried), target.json_schema, "", ())
    if filler.unknown:
        raise InvalidSchema(
            f"{target.path}: {target.id} would have values that no value of {written} became, and "
            f"their words are not known: {', '.join(filler.unknown)}",
            hint="in the upcast move values as they are; what says nothing of the article is "
            "the default of its field",
        )
    found = _validated(tree, target)
    left = set(origins.values())
    gone = (_gone(path, value, written) for path, value in scalars(record) if path not in left)
    return Upcast(found, evidence_map(found, tree), (*gone, *filler.problems))


def upcast_json(record: Json, written: str, wanted: str, catalog: Catalog) -> Json:
    """What the steps alone make of a record, or of a part of one (gold).

    Raises as `upcast` does, but does not look whether it is a record.
    """
    steps = steps_between(catalog.schema(written), catalog.schema(wanted), catalog)
    return dict(unmarked(run(steps, marked(record))))


def _validated(tree: Tree, schema: Schema) -> BaseModel:
    try:
        # As JSON, which is what it is: strict models take no dates as text otherwise.
        return schema.model.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        reasons = "; ".join(f"/{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidSchema(
            f"{schema.path}: what the upcast made is no record of {schema.id}: {reasons}",
            hint="correct the upcast function",
        ) from error


def _gone(path: str, value: object, written: str) -> Problem:
    message = f"{value!r} of {written} was changed or left out on the way to a newer version"
    return Problem(code="upcast", path=path, message=message, severity="info")
