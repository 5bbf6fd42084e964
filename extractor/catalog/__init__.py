"""Versioned prompts and schemas: how they are found, read, locked, labelled and combined.

`catalog` puts them together; `prompt_file` and `schema` read one file each, `prompt`
renders, `shelf` finds versions in folders, `lock` keeps released ones as they are.
"""

from extractor.catalog.catalog import (
    Catalog,
    Cite,
    Entry,
    Long,
    Policy,
    Recipe,
    check_prompts,
    check_schemas,
    lock_prompts,
    lock_schemas,
    write_json_schema,
)
from extractor.catalog.lock import Finding
from extractor.catalog.prompt import Prompt
from extractor.catalog.schema import Schema
from extractor.catalog.shelf import is_floating

__all__ = [
    "Catalog",
    "Cite",
    "Entry",
    "Finding",
    "Long",
    "Policy",
    "Prompt",
    "Recipe",
    "Schema",
    "check_prompts",
    "check_schemas",
    "is_floating",
    "lock_prompts",
    "lock_schemas",
    "write_json_schema",
]
