"""What is sent to strict structured output keeps to the subset that OpenAI publishes.

The provider cannot be asked here, so its rules are written down once more, from
"Structured model outputs: supported schemas" (February 2026) and not from `shape`,
which applies them: a mistake there must not be repeated here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from extractor.catalog import Catalog
from extractor.wire import wire_form

NODE = {"type", "enum", "const", "description", "anyOf", "$ref"}
ROOT = {"$defs"}
OF_TYPE: dict[str, set[str]] = {
    "string": {"pattern", "format"},
    "number": {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "integer": {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "boolean": set(),
    "null": set(),
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
}
FORMATS = {"date-time", "time", "date", "duration"} | {"email", "hostname", "ipv4", "ipv6", "uuid"}
NAME = r"[a-zA-Z0-9_-]{1,64}"  # of the response format

Json = dict[str, Any]


def complaints(schema: Json) -> list[str]:
    """Everything that strict mode would refuse, with its place."""
    found = []
    if schema.get("type") != "object" or "anyOf" in schema:
        found.append("the root is not an object")
    definitions = schema.get("$defs", {})
    for place, node in nodes(schema):
        allowed = NODE | (ROOT if place == "#" else set())
        for kind in kinds(node):
            allowed |= OF_TYPE.get(kind, set())
        found += [f"{place}: {word}" for word in node.keys() - allowed]
        found += [f"{place}: {problem}" for problem in in_node(node, definitions)]
    return [*found, *too_large(schema)]


def kinds(node: Json) -> list[str]:
    kind = node.get("type", [])
    return [kind] if isinstance(kind, str) else kind


def in_node(node: Json, definitions: Json) -> Iterator[str]:
    yield from in_kind(node, definitions)
    if "object" in kinds(node):
        if node.get("additionalProperties") is not False:
            yield "additionalProperties is not false"
        if "properties" not in node or node.get("required") != list(node["properties"]):
            yield "not all properties are required"
    if "array" in kinds(node) and not isinstance(node.get("items"), dict):
        yield "a list of anything"
    if "format" in node and node["format"] not in FORMATS:
        yield f"the format {node['format']}"
    values = node.get("enum", [])
    if len(values) > 250 and sum(len(str(value)) for value in values) > 15_000:
        yield "over 250 values with over 15,000 characters"


def in_kind(node: Json, definitions: Json) -> Iterator[str]:
    """A node is a reference, a union, or has a type."""
    if "$ref" in node:
        if node.keys() != {"$ref"}:
            yield "a reference with something beside it"
        if node["$ref"] != "#" and node["$ref"].removeprefix("#/$defs/") not in definitions:
            yield f"a reference to nowhere: {node['$ref']}"
    elif "anyOf" in node:
        if not node["anyOf"] or "type" in node:
            yield "a union that is empty or has a type of its own"
    elif not kinds(node) or set(kinds(node)) - OF_TYPE.keys():
        yield f"the type {node.get('type')}"


def children(node: Json) -> Iterator[tuple[str, Json]]:
    for name, child in node.get("properties", {}).items():
        yield f"properties/{name}", child
    for number, child in enumerate(node.get("anyOf", [])):
        yield f"anyOf/{number}", child
    if isinstance(items := node.get("items"), dict):
        yield "items", items


def nodes(schema: Json) -> Iterator[tuple[str, Json]]:
    """Every schema in a schema, with its place."""
    waiting = [("#", schema)]
    waiting += [(f"#/$defs/{name}", child) for name, child in schema.get("$defs", {}).items()]
    while waiting:
        place, node = waiting.pop()
        yield place, node
        waiting += [(f"{place}/{step}", child) for step, child in children(node)]


def too_large(schema: Json) -> Iterator[str]:
    everything = [node for _, node in nodes(schema)]
    names = [name for node in everything for name in node.get("properties", {})]
    values = [value for node in everything for value in node.get("enum", [])]
    fixed = [node["const"] for node in everything if "const" in node]
    length = sum(len(str(word)) for word in [*names, *schema.get("$defs", {}), *values, *fixed])
    if len(names) > 5_000:
        yield f"{len(names)} properties"
    if len(values) > 1_000:
        yield f"{len(values)} values in enumerations"
    if length > 120_000:
        yield f"{length} characters of names and values"
    if (levels := depth(schema, schema)) > 10:
        yield f"{levels} levels of objects"


def depth(node: Json, root: Json, above: tuple[str, ...] = ()) -> int:
    """Levels of nested objects; what refers to itself counts once."""
    reference = node.get("$ref")
    if reference is not None:
        if reference == "#" or reference in above:
            return 0
        target = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
        return depth(target, root, (*above, reference))
    below = max((depth(child, root, above) for _, child in children(node)), default=0)
    return below + ("properties" in node)


SCHEMAS = [entry.id for entry in Catalog.open().schemas()]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_sent_in_strict_form(name: str) -> None:
    schema = Catalog.open().schema(name)
    wire = wire_form(schema.json_schema)
    assert wire.strict
    assert complaints(wire.schema) == []
    assert re.fullmatch(NAME, schema.name)


def test_there_are_schemas() -> None:
    assert "event@1" in SCHEMAS


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    """A leaf. It has a description, which stands in the schema."""

    kind: Literal["leaf"] = "leaf"
    colour: Colour = Colour.RED
    seen: date | None = None
    size: Annotated[float, Field(gt=0, le=10)] = 1.0
    name: Annotated[str, Field(min_length=1, max_length=9, title="Its name", examples=["a"])]


class Branch(BaseModel):
    kind: Literal["branch"]
    parts: Annotated[
        list[Annotated[Leaf | Branch, Field(discriminator="kind")]], Field(max_length=9)
    ]
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | int
    either: Leaf | None = Field(default=None, description="One leaf, or none.")


class Tree(BaseModel):
    root: Branch


def test_a_model_of_the_users_own_is_sent_in_strict_form() -> None:
    wire = wire_form(Tree.model_json_schema())
    assert wire.strict
    assert complaints(wire.schema) == []


class Tally(BaseModel):
    counts: dict[str, int]


class Pair(BaseModel):
    both: tuple[int, str]


class Anything(BaseModel):
    value: Any


@pytest.mark.parametrize("model", [Tally, Pair, Anything])
def test_what_strict_mode_cannot_express_is_sent_loose(model: type[BaseModel]) -> None:
    wire = wire_form(model.model_json_schema())
    assert not wire.strict
    assert complaints(wire.schema)


def nested(levels: int) -> Json:
    inner: Json = {"type": "string"}
    for _ in range(levels):
        inner = of({"x": inner})
    return inner


def of(properties: Json) -> Json:
    """A strict object."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("levels", "properties", "values"),
    [(10, 5_000, 1_000), (11, 1, 1), (1, 5_001, 1), (1, 1, 1_001)],
)
def test_a_schema_beyond_the_limits_is_sent_loose(
    levels: int, properties: int, values: int
) -> None:
    wide = of({f"p{n}": {"type": "boolean"} for n in range(properties)})
    many = of({"x": {"type": "string", "enum": [f"v{n}" for n in range(values)]}})
    for schema in (nested(levels), wide, many):
        assert wire_form(schema).strict == (complaints(schema) == [])


LEAF: Json = {"type": "string"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"anyOf": [of({"x": LEAF}), {"type": "null"}]},
        {"type": "array", "items": LEAF},
        {**of({"x": LEAF}), "additionalProperties": True},
        {**of({"x": LEAF}), "required": []},
        {**of({"x": LEAF}), "title": "T"},
        *(
            of({"x": node})
            for node in (
                {**LEAF, "default": "a"},
                {**LEAF, "title": "X"},
                {**LEAF, "minLength": 1},
                {**LEAF, "format": "uri"},
                {**LEAF, "minimum": 1},
                {**LEAF, "x-support": {"kind": "verbatim"}},
                {"oneOf": [LEAF]},
                {"allOf": [LEAF]},
                {"not": LEAF},
                {"if": LEAF, "then": LEAF, "else": LEAF},
                {"enum": ["a"]},
                {"$ref": "#/$defs/Nowhere"},
                {"$ref": "#", "description": "Itself."},
                {"type": "array"},
                {"type": "array", "prefixItems": [LEAF]},
                {"type": "object", "additionalProperties": LEAF},
                {"type": "string", "enum": [f"{n:061}" for n in range(251)]},
                of({f"{n:0100}": LEAF for n in range(1_201)}),
            )
        ),
    ],
    ids=lambda wrong: json.dumps(wrong)[:60],
)
def test_the_checker_finds_what_is_wrong(wrong: Json) -> None:
    assert complaints(of({"x": LEAF, "y": {"$ref": "#"}})) == []
    assert complaints(wrong)
