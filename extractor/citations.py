"""Citations asked beside the values of a schema that marks nothing: any Pydantic model.

A value without a marker is asked as an object of the words that say it and the value itself:

    {"words": "a dozen guests", "value": 12}

Free text may also stand as it is, and is then words of the article. The transformation knows
JSON Schema alone. A reply is taken apart again before anything else is done with it, so the
record is an instance of the user's model and its paths are those of that model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extractor.records import X_SUPPORT
from extractor.shape import JsonSchema, is_quotation, remembered, resolve
from extractor.tree import pointer

_QUOTATION: JsonSchema = {"type": "string", X_SUPPORT: {"kind": "verbatim"}}
_CONTAINERS = frozenset({"object", "array"})


@remembered
def with_citations(schema: JsonSchema) -> JsonSchema:
    """The schema in which every value without a marker has its words beside it.

    Null may stand for the words, so that a model is never forced to cite what says nothing.
    What is marked stays as it is, and a schema that marks everything stays the same.
    """
    return _Citing(schema).schema()


def take_apart(draft: Any, schema: JsonSchema) -> tuple[Any, dict[str, str]]:
    """A draft of `with_citations(schema)` as a draft of `schema`, and the words cited in it.

    They go by JSON pointer into the latter. A value that stands bare, or whose words are
    null, has none.
    """
    citations: dict[str, str] = {}
    return _apart(draft, _keys(schema), "", citations), citations


def _apart(draft: Any, keys: tuple[str, str], path: str, citations: dict[str, str]) -> Any:
    if isinstance(draft, list):
        return [_apart(item, keys, pointer(path, i), citations) for i, item in enumerate(draft)]
    if not isinstance(draft, dict):
        return draft
    words, value = (draft.get(key) for key in keys)
    if draft.keys() != {*keys} or isinstance(value, dict | list):
        return {k: _apart(child, keys, pointer(path, k), citations) for k, child in draft.items()}
    if isinstance(words, str) and words.strip():
        citations[path] = words
    return value


@remembered
def _keys(schema: JsonSchema) -> tuple[str, str]:
    """What words and value are called: as no object of the schema has them together."""
    objects = [{*part["properties"]} for part in _parts(schema) if "properties" in part]
    words, value = "words", "value"
    while any({words, value} <= names for names in objects):
        words, value = f"{words}_", f"{value}_"
    return words, value


def _parts(schema: Any) -> Iterator[JsonSchema]:
    """Every JSON object in a schema; those that are no schemas do no harm."""
    if isinstance(schema, dict):
        yield schema
        for child in schema.values():
            yield from _parts(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from _parts(child)


class _Citing:
    """One pass over a JSON Schema. Definitions that are cited get names of their own, since
    the same one may also stand where a marker holds for all of it."""

    def __init__(self, schema: JsonSchema) -> None:
        self._root = schema
        self._words, self._value = _keys(schema)
        self._names: dict[str, str] = {}
        self._made: dict[str, JsonSchema] = {}
        self._cites = False

    def schema(self) -> JsonSchema:
        top = self._node({key: value for key, value in self._root.items() if key != "$defs"})
        if not self._cites:
            return self._root
        definitions = {**self._root.get("$defs", {}), **self._made}
        return {**top, "$defs": definitions} if definitions else top

    def _node(self, schema: JsonSchema) -> JsonSchema:
        if len(schema.get("allOf", ())) == 1:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            return self._node({**schema["allOf"][0], **rest})
        whole = resolve(schema, self._root)
        if X_SUPPORT in whole:
            return schema
        if _is_scalar(whole):
            return self._cited([whole], whole.get("description"))
        if "$ref" in schema:
            return {**schema, "$ref": f"#/$defs/{self._named(schema['$ref'])}"}
        for union in ("anyOf", "oneOf"):
            if union in schema:
                rest = {key: value for key, value in schema.items() if key != union}
                return {**rest, "anyOf": self._options(schema[union], schema.get("description"))}
        return self._container(schema)

    def _named(self, reference: str) -> str:
        """The name of a definition's cited form, which may refer to itself."""
        name = reference.rsplit("/", 1)[-1]
        if name not in self._names:
            cited = f"{name}_cited"
            while cited in self._root["$defs"] or cited in self._made:
                cited += "_"
            self._names[name] = cited
            self._made[cited] = {}  # keeps its place while what it refers to is made
            self._made[cited] = self._node(self._root["$defs"][name])
        return self._names[name]

    def _options(self, options: list[JsonSchema], about: str | None) -> list[JsonSchema]:
        """A union's branches; its scalars have their words in common."""
        resolved = [resolve(option, self._root) for option in options]
        scalars = [s for s in resolved if _is_scalar(s) and X_SUPPORT not in s]
        others = [
            self._node(option)
            for option, whole in zip(options, resolved, strict=True)
            if whole not in scalars
        ]
        if not scalars:
            return others
        cited = self._cited(scalars, about)
        return [*cited.get("anyOf", [cited]), *others]

    def _cited(self, scalars: list[JsonSchema], about: str | None) -> JsonSchema:
        """What may stand for a value: the object of its words and itself, and for free text
        the words alone. `about` is the field's description."""
        self._cites = True
        bare = [{k: v for k, v in scalar.items() if k != "description"} for scalar in scalars]
        value = bare[0] if len(bare) == 1 else {"anyOf": bare}
        cited = {
            "type": "object",
            "properties": {
                self._words: {"anyOf": [_QUOTATION, {"type": "null"}]},
                self._value: value,
            },
            "required": [self._words, self._value],
            "additionalProperties": False,
        }
        said = {"description": about} if about else {}
        if all(is_quotation(scalar) and "pattern" not in scalar for scalar in scalars):
            return {"anyOf": [{**_QUOTATION, **said}, cited]}
        return {**cited, **said}

    def _container(self, schema: JsonSchema) -> JsonSchema:
        made = dict(schema)
        for several in ("properties", "patternProperties"):
            if several in schema:
                made[several] = {k: self._node(child) for k, child in schema[several].items()}
        for one in ("items", "additionalProperties"):
            if isinstance(schema.get(one), dict) and schema[one]:
                made[one] = self._node(schema[one])
        if "prefixItems" in schema:
            made["prefixItems"] = [self._node(child) for child in schema["prefixItems"]]
        return made


def _is_scalar(schema: JsonSchema) -> bool:
    """Whether it is text, a number, a truth value or one of several such, and not null alone."""
    kinds = schema.get("type", "enum" if schema.keys() & {"enum", "const"} else None)
    names = {kinds} if isinstance(kinds, str) else {*(kinds or ())}
    return bool(names - {"null"}) and not names & _CONTAINERS
