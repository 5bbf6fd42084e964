"""The shape of a schema, read from its JSON Schema: branches, children, support.

Everything the core knows about a schema stands in its JSON Schema, `x-support`
markers included.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import wraps
from itertools import groupby
from typing import Any, ParamSpec, TypeVar

from extractor.records import X_SUPPORT

JsonSchema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

_MOST_REMEMBERED = 10_000


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Remembers what a pure function of JSON schemas gave, since nobody changes a schema.

    Every draft is walked beside its schema several times, and most of the time of a record
    once went into asking the same of the same schema. Dictionaries are known by identity, and
    are held on to, so that no other one can have it; other arguments by their value. Beyond
    10,000 answers all are forgotten, so that schemas that are made for one article (repairs)
    do not pile up.
    """
    found: dict[object, tuple[tuple[object, ...], T]] = {}

    @wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> T:
        key = tuple([id(each) if type(each) is dict else each for each in args])
        if (known := found.get(key)) is not None:
            return known[1]
        assert not kwargs
        made = function(*args, **kwargs)
        if len(found) >= _MOST_REMEMBERED:
            found.clear()
        found[key] = (args, made)
        return made

    return remembering


def remembered_in(
    function: Callable[[JsonSchema, JsonSchema], T],
) -> Callable[[JsonSchema, JsonSchema], T]:
    """`remembered`, at a third of its time, for what is asked of a schema and the root."""
    found: dict[tuple[int, int], tuple[T, JsonSchema, JsonSchema]] = {}

    @wraps(function)
    def remembering(schema: JsonSchema, root: JsonSchema) -> T:
        if (known := found.get((id(schema), id(root)))) is not None:
            return known[0]
        made = function(schema, root)
        if len(found) >= _MOST_REMEMBERED:
            found.clear()
        found[id(schema), id(root)] = made, schema, root
        return made

    return remembering


def remembered_of(
    function: Callable[[JsonSchema, K, JsonSchema], T],
) -> Callable[[JsonSchema, K, JsonSchema], T]:
    """The same for what is asked of a schema, something that is no dictionary, and the root."""
    found: dict[tuple[int, K, int], tuple[T, JsonSchema, JsonSchema]] = {}

    @wraps(function)
    def remembering(schema: JsonSchema, key: K, root: JsonSchema) -> T:
        place = id(schema), key, id(root)
        if (known := found.get(place)) is not None:
            return known[0]
        made = function(schema, key, root)
        if len(found) >= _MOST_REMEMBERED:
            found.clear()
        found[place] = made, schema, root
        return made

    return remembering


def resolve(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    """`schema` with its `$ref` (and a lone `allOf`) replaced by what it points to."""
    while True:
        if "$ref" in schema:
            target = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**target, **rest}
        elif len(schema.get("allOf", ())) == 1:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            schema = {**schema["allOf"][0], **rest}
        else:
            return schema


@remembered_in
def branches(schema: JsonSchema, root: JsonSchema) -> tuple[JsonSchema, ...]:
    """The alternatives of a union, support markers of the whole handed down; else itself."""
    schema = resolve(schema, root)
    options = schema.get("anyOf") or schema.get("oneOf")
    if not options:
        return (schema,)
    shared = {X_SUPPORT: schema[X_SUPPORT]} if X_SUPPORT in schema else {}
    return tuple({**shared, **leaf} for option in options for leaf in branches(option, root))


@remembered_in
def nullable(schema: JsonSchema, root: JsonSchema) -> bool:
    """Whether null is allowed."""
    return any(_allows(branch, None) for branch in branches(schema, root))


@remembered_in
def omittable(schema: JsonSchema, root: JsonSchema) -> bool:
    """Whether a compact draft can leave the field out: it may be null, an empty list, or has a
    default."""
    may_be_empty = any(
        _allows(branch, []) and not branch.get("minItems") for branch in branches(schema, root)
    )
    return nullable(schema, root) or may_be_empty or "default" in schema


def choose(schema: JsonSchema, value: object, root: JsonSchema) -> JsonSchema:
    """The branch of a union that `value` was meant for; the first when none fits."""
    if (known := branch_of_type(schema, type(value), root)) is not None:
        return known
    options = branches(schema, root)
    fitting = [option for option in options if _allows(option, value)] or options
    if len(fitting) == 1:
        return fitting[0]
    return max(fitting, key=lambda option: _kinship(option, value, root))


@remembered_of
def branch_of_type(schema: JsonSchema, kind: type, root: JsonSchema) -> JsonSchema | None:
    """The branch that `choose` gives for every value of a type; None where it takes a look at
    the value."""
    options = branches(schema, root)
    if len(options) == 1:
        return options[0]
    if kind not in _SAMPLES or any(option.keys() & {"const", "enum"} for option in options):
        return None
    fitting = [option for option in options if _allows(option, _SAMPLES[kind])] or options
    return fitting[0] if len(fitting) == 1 else None


_SAMPLES: Mapping[type, object] = {
    dict: {},
    list: [],
    str: "",
    int: 0,
    float: 0.0,
    bool: False,
    type(None): None,
}


def child_schema(schema: JsonSchema, key: str | int, root: JsonSchema) -> JsonSchema:
    """The schema of an object's value or a list's item; empty when there is none.

    The marker of the whole holds for what has none of its own.
    """
    if isinstance(key, int):  # items beyond the fixed ones are alike
        key = min(key, len(schema.get("prefixItems", ())))
    return _child_schema(schema, key, root)


@remembered_of
def _child_schema(schema: JsonSchema, key: str | int, root: JsonSchema) -> JsonSchema:
    found: Any = None
    shared: dict[str, Any] = {}
    if isinstance(key, int) and _allows(schema, []):
        fixed = schema.get("prefixItems", ())
        found = fixed[key] if key < len(fixed) else schema.get("items")
        shared = schema.get(X_SUPPORT, {})
    elif isinstance(key, str) and _allows(schema, {}):
        free = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        found = schema.get("properties", {}).get(key, free[0])
        shared = schema.get(X_SUPPORT, {})
        if "from" in shared:  # named from inside the object
            shared = {**shared, "from": [f"../{source}" for source in shared["from"]]}
    resolved = resolve(found, root) if isinstance(found, dict) else {}
    return {X_SUPPORT: shared, **resolved} if shared else resolved


def is_quotation(schema: JsonSchema) -> bool:
    """Whether a string is words of the article: marked so, or free text without a marker."""
    if X_SUPPORT in schema:
        return bool(schema[X_SUPPORT]["kind"] == "verbatim")
    return _allows(schema, "") and not schema.keys() & {"enum", "const", "format"}


_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def _allows(schema: JsonSchema, value: object) -> bool:
    if "const" in schema:
        return bool(schema["const"] == value)
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema.get("type")
    if kinds is None:
        return True
    names = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in names)


_CONSTANT = 100
"""What a constant weighs against one property in common: it tells the branches of a union."""


def _kinship(schema: JsonSchema, value: object, root: JsonSchema) -> int:
    """How well a value fits: items allowed, properties in common; constants weigh most."""
    if isinstance(value, list):
        return sum(
            max(
                1 + _kinship(option, item, root) if _allows(option, item) else -_CONSTANT
                for option in branches(child_schema(schema, i, root), root)
            )
            for i, item in enumerate(value)
        )
    if not isinstance(value, dict):
        return 0
    score = 0
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            fixed = resolve(inner, root)
            choices = [fixed["const"]] if "const" in fixed else fixed.get("enum", ())
            weight = _CONSTANT if len(choices) == 1 else 10
            score += 1 if not choices else (weight if value[name] in choices else -weight)
    return score


@remembered_in
def asked_or_null(schema: JsonSchema, root: JsonSchema) -> tuple[str, ...]:
    """The fields that an object must have, that the model is asked for, and that may be null."""
    required = {key: child_schema(schema, key, root) for key in schema.get("required", ())}
    return tuple(
        key
        for key, here in required.items()
        if nullable(here, root) and not is_computed(here, root)
    )


@remembered_in
def held_fields(schema: JsonSchema, root: JsonSchema) -> Mapping[str, JsonSchema]:
    """The declared fields of an object, each with its schema (`child_schema`)."""
    return {key: child_schema(schema, key, root) for key in _properties(schema)}


@remembered_in
def underived_fields(schema: JsonSchema, root: JsonSchema) -> frozenset[str]:
    """The fields of an object of which no value can follow from quotations beside it."""

    def may_follow(key: str) -> bool:
        options = branches(child_schema(schema, key, root), root)
        return any(option.get(X_SUPPORT, {}).get("kind") == "derived" for option in options)

    return frozenset(key for key in schema.get("properties", {}) if not may_follow(key))


@remembered_in
def computed_marker(schema: JsonSchema, root: JsonSchema) -> dict[str, Any] | None:
    """The marker of a field that a resolver fills; None for one that the model is asked."""
    markers = (branch.get(X_SUPPORT, {}) for branch in branches(schema, root))
    return next((marker for marker in markers if marker.get("kind") == "computed"), None)


@remembered_in
def computed_fields(schema: JsonSchema, root: JsonSchema) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The fields of an object that resolvers fill, each with its marker."""
    markers = ((key, computed_marker(each, root)) for key, each in _properties(schema).items())
    return tuple((key, marker) for key, marker in markers if marker is not None)


@remembered_in
def computed_together(
    schema: JsonSchema, root: JsonSchema
) -> tuple[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], ...]:
    """`computed_fields`, those one after the other together that are read off the same values:
    the sources, and each field with the name of its resolver."""
    fields = computed_fields(schema, root)
    return tuple(
        (sources, tuple((key, marker["by"]) for key, marker in those))
        for sources, those in groupby(fields, lambda field: tuple(field[1]["from"]))
    )


@remembered_in
def asked_fields(schema: JsonSchema, root: JsonSchema) -> Mapping[str, JsonSchema]:
    """The declared fields of an object that no resolver fills, each with its schema
    (`child_schema`)."""
    return {
        key: child_schema(schema, key, root)
        for key, each in _properties(schema).items()
        if not is_computed(each, root)
    }


def _properties(schema: JsonSchema) -> Mapping[str, JsonSchema]:
    found: Mapping[str, JsonSchema] = schema.get("properties", {})
    return found


def is_computed(schema: JsonSchema, root: JsonSchema) -> bool:
    """Whether the field is filled by a resolver and not asked of the model."""
    return computed_marker(schema, root) is not None
