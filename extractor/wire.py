"""The wire form: what the model is asked to fill, as JSON Schema.

The *draft* is what the model writes; its schema is a schema's JSON Schema with computed fields
left out and, where possible, within the subset that providers' strict structured output accepts
(OpenAI, "Structured model outputs: supported schemas", as of February 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractor.shape import JsonSchema, is_computed, remembered, resolve

MAX_PROPERTIES = 5_000
MAX_DEPTH = 10
MAX_ENUM_VALUES = 1_000
MAX_NAME_CHARACTERS = 120_000
STRICT_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_KEPT = frozenset(
    {"type", "enum", "description", "pattern", "format", "multipleOf", "minimum", "maximum"}
    | {"exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"}
)


@dataclass(frozen=True)
class Wire:
    """The draft's JSON Schema as it is sent, and whether it fits providers' strict mode."""

    schema: JsonSchema
    strict: bool


@remembered
def wire_form(schema: JsonSchema) -> Wire:
    """What the model is asked to fill, derived from a schema's JSON Schema.

    A schema that strict mode cannot express (dictionaries, tuples, anything goes, too
    large) keeps these parts and is sent loose.
    """
    strict = _Walk(schema)
    sent = strict.root()
    fits = not strict.obstacles and _within_limits(sent)
    return Wire(sent, fits)


class _Walk:
    """One pass over a JSON Schema; collects what strict mode cannot express."""

    def __init__(self, schema: JsonSchema) -> None:
        self.full = schema
        self.obstacles: list[str] = []

    def root(self) -> JsonSchema:
        sent = self.node(resolve(self.full, self.full), "#")
        if sent.get("type") != "object" or "properties" not in sent:
            self.obstacles.append("the root is not an object")
        used: dict[str, JsonSchema] = {}
        waiting = list(_references(sent))
        while waiting:
            name = waiting.pop()
            if name not in used:
                used[name] = self.node(self.full["$defs"][name], f"#/$defs/{name}")
                waiting.extend(_references(used[name]))
        kept = {name: used[name] for name in self.full.get("$defs", ()) if name in used}
        return {**sent, "$defs": kept} if kept else sent

    def node(self, schema: JsonSchema, place: str) -> JsonSchema:
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        schema = resolve(schema, self.full)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return {"anyOf": [self.node(o, f"{place}/anyOf/{i}") for i, o in enumerate(options)]}
        sent = {key: value for key, value in schema.items() if key in _KEPT}
        if "const" in schema:
            sent["enum"] = [schema["const"]]
        if "enum" in sent and "type" not in sent:  # strict mode wants a type everywhere
            sent["type"] = _types_of(sent["enum"])
        if sent.get("format") not in STRICT_FORMATS:
            sent.pop("format", None)
        if schema.get("type") == "object" or "properties" in schema:
            return {**sent, **self.object(schema, place)}
        if schema.get("type") == "array":
            return {**sent, **self.array(schema, place)}
        if "type" not in sent:
            self.obstacles.append(f"{place}: anything is allowed")
        return sent

    def object(self, schema: JsonSchema, place: str) -> JsonSchema:
        properties = schema.get("properties", {})
        asked = {
            name: self.node(child, f"{place}/{name}")
            for name, child in properties.items()
            if not is_computed(child, self.full)
        }
        if patterns := schema.get("patternProperties"):
            self.obstacles.append(f"{place}: a dictionary with free keys")
            inside = {key: self.node(child, f"{place}/*") for key, child in patterns.items()}
            return {"patternProperties": inside}
        extra = schema.get("additionalProperties", False)
        if isinstance(extra, dict) or (extra and not properties):
            self.obstacles.append(f"{place}: a dictionary with free keys")
            inner = self.node(extra, f"{place}/*") if isinstance(extra, dict) and extra else True
            required = [name for name in schema.get("required", ()) if name in asked]
            return {"properties": asked, "required": required, "additionalProperties": inner}
        return {"properties": asked, "required": list(asked), "additionalProperties": False}

    def array(self, schema: JsonSchema, place: str) -> JsonSchema:
        if "prefixItems" in schema:
            self.obstacles.append(f"{place}: a tuple")
            items = [self.node(s, f"{place}/{i}") for i, s in enumerate(schema["prefixItems"])]
            return {"prefixItems": items}
        if not schema.get("items"):
            self.obstacles.append(f"{place}: a list of anything")
            return {}
        return {"items": self.node(schema["items"], f"{place}/*")}


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(ref := schema.get("$ref"), str):
            yield ref.rsplit("/", 1)[-1]
        for child in schema.values():
            yield from _references(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from _references(child)


def _types_of(values: list[object]) -> str | list[str]:
    """The names of the types of a list of JSON scalars."""
    names = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
    found = list(dict.fromkeys(names[type(value)] for value in values))
    return found[0] if len(found) == 1 else found


def _within_limits(schema: JsonSchema) -> bool:
    nodes = [schema, *schema.get("$defs", {}).values()]
    names = list(schema.get("$defs", {}))
    values: list[object] = []
    for node in nodes:
        for part in _parts(node):
            names.extend(part.get("properties", {}))
            values.extend(part.get("enum", ()))
    characters = sum(map(len, names)) + sum(len(str(value)) for value in values)
    return (
        len(names) <= MAX_PROPERTIES
        and len(values) <= MAX_ENUM_VALUES
        and characters <= MAX_NAME_CHARACTERS
        and _depth(schema, schema) <= MAX_DEPTH
    )


def _parts(schema: JsonSchema) -> Iterator[JsonSchema]:
    yield schema
    for child in _children(schema):
        yield from _parts(child)


def _children(schema: JsonSchema) -> Iterator[JsonSchema]:
    yield from schema.get("properties", {}).values()
    yield from schema.get("anyOf", ())
    if isinstance(items := schema.get("items"), dict):
        yield items


def _depth(schema: JsonSchema, root: JsonSchema, seen: tuple[str, ...] = ()) -> int:
    """Levels of nested objects; a recursive reference counts once."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return 0 if name in seen else _depth(root["$defs"][name], root, (*seen, name))
    inner = max((_depth(child, root, seen) for child in _children(schema)), default=0)
    return inner + (1 if "properties" in schema else 0)
