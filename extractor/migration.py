"""Files of gold cases and of stored extractions, brought to a newer version of their schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extractor.cases import migrate, parse_case, read_values
from extractor.catalog import Catalog
from extractor.catalog.shelf import write_source
from extractor.errors import InputError
from extractor.extractions import read_extraction
from extractor.records import json_line


def migrate_values(path: Path, schema: str, catalog: Catalog) -> list[dict[str, Any]]:
    """The cases and extractions of a file or folder, each of the schema named, as JSON objects.

    Raises `InputError` for what is neither, or does not hold (see `verify`), and
    `CatalogError` for what is of another schema or a newer version.
    """
    return [_migrated(data, schema, catalog, where) for where, data in read_values(path)]


def migrate_in_place(path: Path, schema: str, catalog: Catalog) -> list[Path]:
    """The same, written back to the files; returns those that changed.

    Nothing is written unless everything can be. Raises what `migrate_values` does.
    """
    files = sorted(path.glob("*.json*")) if path.is_dir() else [path]
    files = [file for file in files if file.suffix.lower() in {".json", ".jsonl"}]
    changed = {}
    for file in files:
        values = migrate_values(file, schema, catalog)
        if values != [data for _, data in read_values(file)]:
            changed[file] = values
    for file, values in changed.items():
        write_source(file, _text(file, values))
    return list(changed)


def _migrated(data: Any, schema: str, catalog: Catalog, where: str) -> dict[str, Any]:
    if isinstance(data, Mapping) and "gold" in data:
        case = migrate(parse_case(data, where=where), schema, catalog)
        return {**data, "schema": case.schema_id, "gold": case.gold}
    if isinstance(data, Mapping) and "record" in data:
        return read_extraction(data, catalog, schema, where=where).to_dict()
    raise InputError(
        f"{where}: neither a case nor an extraction: there is no 'gold' and no 'record'",
        hint="name files of gold cases, or what extractor extract --format json printed",
    )


def _text(file: Path, values: list[dict[str, Any]]) -> str:
    if file.suffix.lower() == ".json":
        return json.dumps(values[0], indent=2, ensure_ascii=False) + "\n"
    return "".join(f"{json_line(value)}\n" for value in values)
