"""The steps from one version of a schema to the next, as its files define them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from extractor.catalog import Catalog, Schema
from extractor.errors import CatalogError, InvalidSchema
from extractor.upcast.origins import Json


@dataclass(frozen=True)
class Step:
    """One version's function for records of the version before."""

    schema: Schema
    name: str
    function: Callable[[Json], object]

    def __call__(self, record: Json) -> Json:
        """The record, moved on. Raises `InvalidSchema` when the function fails."""
        try:
            after = self.function(record)
        except Exception as cause:  # the schema's own code fails in as many ways as Python
            raise InvalidSchema(
                f"{self.schema.path}: {self.name} failed: {type(cause).__name__}: {cause}",
                hint="it must take every record of the version before, and parts of one (gold): "
                "use .get",
            ) from cause
        if not isinstance(after, dict):
            raise InvalidSchema(
                f"{self.schema.path}: {self.name} returned {type(after).__name__}: expected a dict",
                hint="return the record of the new version, as JSON values",
            )
        return after


def steps_between(written: Schema, wanted: Schema, catalog: Catalog) -> list[Step]:
    """The steps from the one to the other, none for the same version.

    Raises `CatalogError` for another schema or an older version, `UnknownVersion` for a
    version between them that is not there, `InvalidSchema` for one without its function.
    """
    if written.name != wanted.name or written.version is None or wanted.version is None:
        raise CatalogError(
            f"{written.id} cannot be read as {wanted.id}: they are different schemas",
            hint="name a version of the same schema",
        )
    if written.version > wanted.version:
        raise CatalogError(
            f"{written.id} cannot be read as {wanted.id}: an older version has no place for what "
            "a newer one says",
            hint=f"read it as {written.id} or as a later version",
        )
    numbers = range(written.version + 1, wanted.version + 1)
    return [_step(catalog.schema(f"{wanted.name}@{number}"), number) for number in numbers]


def _step(schema: Schema, number: int) -> Step:
    name = f"upcast_v{number - 1}_to_v{number}"
    function = getattr(sys.modules[schema.module or ""], name, None)
    if not callable(function):
        raise InvalidSchema(
            f"{schema.path}: there is no {name}, so older records cannot be read as {schema.id}",
            hint=f"write it: def {name}(record): ...",
        )
    return Step(schema, name, function)


def run(steps: list[Step], record: Json) -> Json:
    """The record after all the steps; it may be changed in place."""
    for step in steps:
        record = step(record)
    return record
