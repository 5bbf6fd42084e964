"""A short form of drafts: fewer tokens for the same record.

An object that asks for a single value is that value; a field may have a shorter name, which the
prompt states; nulls and empty lists are left out:

    {"places": [{"text": "Brenna"}], "physical_targets": ["bridge"], "time": null, "weapons": []}
    {"places":["Brenna"],"targets":["bridge"]}

Nothing else knows of it: a reply is expanded before anything is done with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from extractor.errors import InvalidPrompt
from extractor.shape import (
    JsonSchema,
    branches,
    child_schema,
    choose,
    is_computed,
    nullable,
    omittable,
    remembered,
    remembered_in,
)

Names = Mapping[str, str]
"""Shorter names of fields, by the schema's own."""


@remembered
def compact(schema: JsonSchema, names: Names) -> JsonSchema:
    """The schema of drafts in their short form.

    Raises `InvalidPrompt` when two fields of an object would have one name.
    """
    definitions = schema.get("$defs", {})
    top = {key: value for key, value in schema.items() if key != "$defs"}
    shorter = _Compacting(schema, names)
    made = {name: shorter.whole(each) for name, each in definitions.items()}
    return {**shorter.whole(top), **({"$defs": made} if made else {})}


def expand(draft: Any, schema: JsonSchema, names: Names) -> Any:
    """A draft in its short form, or partly so, as a draft of `schema`."""
    return _expanded(draft, schema, schema, {short: name for name, short in names.items()})


def _expanded(value: Any, schema: JsonSchema, root: JsonSchema, long: Names) -> Any:
    if isinstance(value, dict):
        named = {long.get(key, key): child for key, child in value.items()}
        branch = choose(schema, named, root)
        whole = {**named, **_left_out(branch, named, root)}
        return {
            k: _expanded(v, child_schema(branch, k, root), root, long) for k, v in whole.items()
        }
    if isinstance(value, list):
        branch = choose(schema, value, root)
        return [
            _expanded(item, child_schema(branch, place, root), root, long)
            for place, item in enumerate(value)
        ]
    only = _only_field(schema, root) if value is not None else None
    return value if only is None else {only: value}


def _left_out(schema: JsonSchema, value: Mapping[str, Any], root: JsonSchema) -> Mapping[str, Any]:
    """The fields of an object that are not there, but can be null or an empty list."""
    absent = {k: child for k, child in schema.get("properties", {}).items() if k not in value}
    return {
        key: None if nullable(child, root) else []
        for key, child in absent.items()
        if not is_computed(child, root) and omittable(child, root) and "default" not in child
    }


@remembered_in
def _only_field(schema: JsonSchema, root: JsonSchema) -> str | None:
    """The field that a value can stand for: the only one that is asked, of the only object that
    is allowed, and never an object, a list or null itself."""
    found, *others = sorted(branches(schema, root), key=lambda branch: "properties" not in branch)
    if any(other.get("type") != "null" for other in others) or "properties" not in found:
        return None
    asked: list[str] = [
        key for key, child in found["properties"].items() if not is_computed(child, root)
    ]
    if len(asked) != 1 or not _is_plain(child_schema(found, asked[0], root), root):
        return None
    return asked[0]


def _is_plain(schema: JsonSchema, root: JsonSchema) -> bool:
    return all(
        branch.get("type") in {"string", "integer", "number", "boolean"}
        for branch in branches(schema, root)
    )


class _Compacting:
    """One pass over a JSON Schema. References stay, but for those to what a value stands for."""

    def __init__(self, root: JsonSchema, names: Names) -> None:
        self._root = root
        self._names = names

    def whole(self, schema: JsonSchema) -> JsonSchema:
        """The short form of an object, list or union; an object at the top stays one."""
        made = dict(schema)
        if "properties" in schema:
            made["properties"] = self._properties(schema["properties"])
        if "required" in schema:
            made["required"] = [self._names.get(key, key) for key in schema["required"]]
        for union in ("anyOf", "oneOf"):
            if union in schema:
                made[union] = [self._part(option) for option in schema[union]]
        for one in ("items", "additionalProperties"):
            if isinstance(schema.get(one), dict):
                made[one] = self._part(schema[one])
        return made

    def _part(self, schema: JsonSchema) -> JsonSchema:
        only = _only_field(schema, self._root)
        if only is None:
            return schema if "$ref" in schema else self.whole(schema)
        options = branches(schema, self._root)
        found = next(option for option in options if "properties" in option)
        value = child_schema(found, only, self._root)
        nulls = [option for option in options if option is not found]
        return {"anyOf": [value, *nulls]} if nulls else value

    def _properties(self, properties: Mapping[str, JsonSchema]) -> dict[str, JsonSchema]:
        names = [self._names.get(name, name) for name in properties]
        if twice := [name for name, number in Counter(names).items() if number > 1]:
            raise InvalidPrompt(
                f"two fields of one object would have the name {twice[0]!r}",
                hint="give them other names in the prompt's front matter",
            )
        return dict(zip(names, map(self._part, properties.values()), strict=True))
