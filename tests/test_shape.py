"""The shape of a schema: branches, markers, and the wire form that a model is asked to fill."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    RootModel,
    StringConstraints,
    create_model,
)
from typing_extensions import TypeAliasType

from extractor.catalog import Catalog
from extractor.records import Computed, Derived, Verbatim
from extractor.shape import (
    JsonSchema,
    branches,
    child_schema,
    choose,
    computed_marker,
    is_computed,
    nullable,
    resolve,
)
from extractor.wire import wire_form

CATALOG = Catalog.open()


class Colour(StrEnum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Mixed(Enum):
    ONE = 1
    TWO = "two"


class Name(BaseModel):
    """Who it is."""

    text: Annotated[str, Verbatim]
    country: Annotated[str | None, Computed("text", by="country.of_place")]


class Node(BaseModel):
    name: Annotated[str, Verbatim]
    children: list[Node] = []


def field(annotation: Any, **others: Any) -> tuple[JsonSchema, JsonSchema]:
    """The JSON Schema of a field, and of the model around it."""
    fields: dict[str, Any] = {name: (each, ...) for name, each in others.items()}
    root = create_model("Model", field=(annotation, ...), **fields).model_json_schema()
    return root["properties"]["field"], root


def wired(annotation: Any) -> JsonSchema:
    """The wire form of a field, which strict mode must be able to express."""
    wire = wire_form(field(annotation)[1])
    assert wire.strict
    sent: JsonSchema = resolve(wire.schema["properties"]["field"], wire.schema)
    return sent


def parts(schema: JsonSchema) -> Iterator[JsonSchema]:
    """Each schema within a schema."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    for part in inner:
        yield from parts(part)


# ---------------------------------------------------------------- the wire form


STRICT_KEYS = (
    {"$defs", "$ref", "anyOf", "type", "enum", "description"}
    | {"properties", "required", "additionalProperties", "items", "minItems", "maxItems"}
    | {"pattern", "format", "multipleOf", "minimum", "maximum"}
    | {"exclusiveMinimum", "exclusiveMaximum"}
)


@pytest.mark.parametrize("schema_id", [entry.id for entry in CATALOG.schemas()])
def test_our_schemas_keep_to_what_strict_mode_allows(schema_id: str) -> None:
    """By the provider's documentation ("Structured model outputs: supported schemas")."""
    wire = wire_form(CATALOG.schema(schema_id).json_schema)
    assert wire.strict
    assert wire.schema["type"] == "object"
    for part in parts(wire.schema):
        assert part.keys() <= STRICT_KEYS
        assert part.keys() & {"type", "$ref", "anyOf"}
        assert "$ref" not in part or part.keys() == {"$ref"}
        if "properties" in part:
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False


def test_only_what_is_asked_is_sent() -> None:
    class Model(BaseModel):
        """A thing."""

        name: Name
        colour: Annotated[Colour | None, Derived("name/text"), Field(description="Which?")]
        when: Annotated[str | None, Computed("name/text", by="time.value")] = None

    wire = wire_form(Model.model_json_schema())
    assert wire.strict
    assert wire.schema == {
        "type": "object",
        "description": "A thing.",
        "properties": {
            "name": {"$ref": "#/$defs/Name"},
            "colour": {"anyOf": [{"$ref": "#/$defs/Colour"}, {"type": "null"}]},
        },
        "required": ["name", "colour"],
        "additionalProperties": False,
        "$defs": {
            "Colour": {"type": "string", "enum": ["red", "blue"], "description": "A colour."},
            "Name": {
                "type": "object",
                "description": "Who it is.",
                "properties": {"text": {"type": "string"}},
                "required": ["text"],
                "additionalProperties": False,
            },
        },
    }


COMPUTED: list[Any] = [
    Annotated[Colour, Computed("text", by="x")],
    Annotated[Colour | None, Computed("text", by="x")],
    Annotated[Colour, Computed("text", by="x")] | None,
    None | Annotated[Colour, Computed("text", by="x")],
    Annotated[list[Colour], Computed("text", by="x")],
    Annotated[dict[str, JsonValue], Computed("text", by="x")],
]


@pytest.mark.parametrize("annotation", COMPUTED)
def test_a_computed_field_and_what_only_it_needs_stay_out(annotation: Any) -> None:
    here, root = field(annotation, text=Annotated[str, Verbatim])
    assert is_computed(here, root)
    assert computed_marker(here, root) == {"kind": "computed", "from": ["text"], "by": "x"}
    wire = wire_form(root)
    assert wire.strict
    assert list(wire.schema["properties"]) == ["text"]
    assert "$defs" not in wire.schema
    assert not is_computed(root["properties"]["text"], root)


def test_a_recursive_schema() -> None:
    wire = wire_form(Node.model_json_schema())
    assert wire.strict
    assert wire.schema["properties"]["children"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Node"},
    }
    assert wire.schema["$defs"]["Node"]["properties"] == wire.schema["properties"]
    assert wire.schema["required"] == ["name", "children"]


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog", "wolf"]
    name: Annotated[str, Verbatim]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


def test_unions_are_sent_as_alternatives() -> None:
    sent = wired(list[Pet])
    assert sent["items"] == {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    assert wired(int | str | None)["anyOf"] == [
        {"type": "integer"},
        {"type": "string"},
        {"type": "null"},
    ]


def test_constants_and_choices_are_sent_with_their_type() -> None:
    assert wired(Literal["cat"]) == {"type": "string", "enum": ["cat"]}
    assert wired(Literal["a", None]) == {"type": ["string", "null"], "enum": ["a", None]}
    assert wired(Mixed) == {"type": ["integer", "string"], "enum": [1, "two"]}
    assert wired(Literal[True]) == {"type": "boolean", "enum": [True]}


def test_limits_of_values_are_sent_where_strict_mode_knows_them() -> None:
    number = Annotated[float, Field(ge=0, lt=5, multiple_of=0.5)]
    assert wired(number) == {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 5,
        "multipleOf": 0.5,
    }
    assert wired(Annotated[list[str], Field(max_length=4)])["maxItems"] == 4
    assert wired(Annotated[str, Field(max_length=4, pattern="^a")]) == {
        "type": "string",
        "pattern": "^a",
    }
    here, root = field(str)
    here["format"] = "date"
    assert wire_form(root).schema["properties"]["field"] == {"type": "string", "format": "date"}
    here, root = field(str)
    here["format"] = "color"
    assert wire_form(root).schema["properties"]["field"] == {"type": "string"}


def test_aliases_are_the_names_that_are_asked() -> None:
    class Model(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        size: Annotated[int, Field(alias="size-cm")]

    assert list(wire_form(Model.model_json_schema()).schema["properties"]) == ["size-cm"]


def test_fields_with_a_default_are_asked_all_the_same() -> None:
    """Strict mode knows no optional fields; a default is no answer of the article's."""

    class Model(BaseModel):
        colour: Colour = Colour.RED

    sent = wire_form(Model.model_json_schema()).schema
    assert sent["required"] == ["colour"]
    assert sent["properties"] == {"colour": {"$ref": "#/$defs/Colour"}}


LOOSE: list[tuple[Any, JsonSchema]] = [
    (
        dict[str, int],
        {"properties": {}, "required": [], "additionalProperties": {"type": "integer"}},
    ),
    (dict[str, Any], {"properties": {}, "required": [], "additionalProperties": True}),
    (
        dict[Annotated[str, StringConstraints(pattern="^a")], int],
        {"patternProperties": {"^a": {"type": "integer"}}},
    ),
    (
        tuple[Annotated[str, Verbatim], int],
        {"prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
    ),
    (list[Any], {}),
    (Any, {}),
]


@pytest.mark.parametrize(("annotation", "expected"), LOOSE)
def test_what_strict_mode_cannot_express_is_sent_loose(
    annotation: Any, expected: JsonSchema
) -> None:
    wire = wire_form(field(annotation)[1])
    assert not wire.strict
    sent = wire.schema["properties"]["field"]
    assert {key: value for key, value in sent.items() if key != "type"} == expected


def test_a_json_value_somewhere_below_is_loose() -> None:
    assert not wire_form(field(list[JsonValue])[1]).strict
    assert not wire_form(RootModel[list[int]].model_json_schema()).strict


def nested(levels: int) -> JsonSchema:
    schema: JsonSchema = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"x": schema}, "required": ["x"]}
    return schema


def test_what_is_too_large_is_sent_loose() -> None:
    assert wire_form(nested(10)).strict
    assert not wire_form(nested(11)).strict
    many = {f"f{i}": {"type": "string"} for i in range(5_001)}
    assert not wire_form({"type": "object", "properties": many}).strict
    assert not wire_form(field(Literal[tuple(f"v{i}" for i in range(1_001))])[1]).strict
    assert not wire_form(field(Literal["x" * 120_000])[1]).strict


def test_the_wire_form_leaves_the_schema_as_it_is() -> None:
    root = CATALOG.schema("event@1").json_schema
    before = repr(root)
    wire_form(root)
    assert repr(root) == before


# ---------------------------------------------------------------- reading a schema


NULLABLE: list[tuple[Any, bool]] = [
    (str, False),
    (str | None, True),
    (Annotated[str | None, Verbatim], True),
    (Annotated[str, Verbatim] | None, True),
    (Colour, False),
    (Colour | None, True),
    (Name | None, True),
    (Literal["a"], False),
    (Literal["a", None], True),
    (None, True),
    (Any, True),
    (list[str | None], False),
]


@pytest.mark.parametrize(("annotation", "expected"), NULLABLE)
def test_where_null_is_allowed(annotation: Any, expected: bool) -> None:
    assert nullable(*field(annotation)) is expected


def test_markers_reach_every_branch() -> None:
    for annotation in (Annotated[Colour | None, Derived("t")], Annotated[Colour, Derived("t")]):
        here, root = field(annotation)
        assert branches(here, root)[0]["x-support"]["from"] == ["t"]
        assert branches(here, root)[0]["enum"] == ["red", "blue"]
    here, root = field(Annotated[Annotated[str, Verbatim] | Colour, Derived("t")])
    assert [branch["x-support"]["kind"] for branch in branches(here, root)] == [
        "verbatim",
        "derived",
    ]


def test_a_marker_in_a_named_type() -> None:
    quote = TypeAliasType("quote", Annotated[str, Verbatim])
    here, root = field(list[quote])
    assert child_schema(resolve(here, root), 0, root)["x-support"] == {"kind": "verbatim"}


CHOICES: list[tuple[Any, Any, dict[str, Any]]] = [
    (str | int, 5, {"type": "integer"}),
    (str | int, "5", {"type": "string"}),
    (int | str, True, {"type": "integer"}),  # none fits
    (int | bool, True, {"type": "boolean"}),
    (int | None, None, {"type": "null"}),
    (str | list[str], ["a"], {"type": "array"}),
    (str | Name, {"text": "a"}, {"title": "Name"}),
    (Name | str, "a", {"type": "string"}),
    (Colour | Literal["green"], "green", {"const": "green"}),
    (Pet, {"kind": "dog"}, {"title": "Dog"}),
    (Pet, {"kind": "wolf", "lives": 9}, {"title": "Dog"}),
    (Pet, {"kind": "cat", "name": "Tom"}, {"title": "Cat"}),
    (Cat | Dog | None, {"kind": "wolf"}, {"title": "Dog"}),
    (Name | Node, {"name": "a", "children": []}, {"title": "Node"}),
    (list[str] | list[Name], [{"text": "a"}], {"items": {"$ref": "#/$defs/Name"}}),
    (list[Name] | list[str], ["a"], {"items": {"type": "string"}}),
    (list[Name] | list[str], [], {"items": {"$ref": "#/$defs/Name"}}),
]


@pytest.mark.parametrize(("annotation", "value", "expected"), CHOICES)
def test_a_value_finds_its_branch(annotation: Any, value: Any, expected: JsonSchema) -> None:
    found = choose(field(annotation)[0], value, field(annotation)[1])
    assert expected.items() <= found.items()


CHILDREN: list[tuple[Any, str | int, dict[str, Any]]] = [
    (list[int], 3, {"type": "integer"}),
    (tuple[str, int], 1, {"type": "integer"}),
    (tuple[str, int], 2, {}),
    (tuple[int, ...], 7, {"type": "integer"}),
    (dict[str, int], "x", {"type": "integer"}),
    (dict[str, Any], "x", {}),
    (dict[Annotated[str, StringConstraints(pattern="^a")], int], "ab", {"type": "integer"}),
    (Any, "x", {}),
    (Any, 0, {}),
    # A value that does not fit: nothing is known of what is in it.
    (str, 0, {}),
    (Annotated[str, Verbatim], "x", {}),
    (list[int], "x", {}),
    (dict[str, int], 0, {}),
]


@pytest.mark.parametrize(("annotation", "key", "expected"), CHILDREN)
def test_the_schema_of_what_is_inside(
    annotation: Any, key: str | int, expected: JsonSchema
) -> None:
    here, root = field(annotation)
    assert child_schema(resolve(here, root), key, root) == expected


def test_a_marker_of_the_whole_holds_inside() -> None:
    def marker(annotation: Any, *keys: str | int) -> Any:
        here, root = field(annotation)
        for key in keys:
            here = child_schema(resolve(here, root), key, root)
        return here.get("x-support")

    verbatim = {"kind": "verbatim"}
    assert marker(Annotated[list[str], Verbatim], 0) == verbatim
    assert marker(Annotated[list[list[str]], Verbatim], 0, 1) == verbatim
    assert marker(Annotated[tuple[str, ...], Verbatim], 0) == verbatim
    assert marker(Annotated[dict[str, str], Verbatim], "x") == verbatim
    # From inside an object the source is one level further out, from inside a list it is not.
    assert marker(Annotated[list[int], Derived("t")], 0)["from"] == ["t"]
    assert marker(Annotated[dict[str, int], Derived("t", "../u")], "x")["from"] == [
        "../t",
        "../../u",
    ]
    assert marker(Annotated[list[Cat], Derived("t")], 0, "lives")["from"] == ["../t"]
    # One of its own goes before it.
    assert marker(Annotated[list[Dog], Derived("t")], 0, "name") == verbatim
    assert marker(Annotated[list[Annotated[str, Verbatim]], Derived("t")], 0) == verbatim
