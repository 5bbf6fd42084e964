"""References to sentences: how a draft names them, and how they are taken out of it again.

Where a prompt's evidence is `sentence` or `both`, each object that holds quotations has one
field more in the draft, before the others: the number of the sentence that says so. It never
comes into a record, for a record is an instance of its schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from extractor.records import Problem
from extractor.shape import (
    JsonSchema,
    branches,
    child_schema,
    choose,
    is_quotation,
    remembered,
)
from extractor.tree import pointer

Place = tuple[int, int]

_NAME = "sentence"
_DESCRIPTION = "The number of the sentence that says this; first."
_LISTS_IN_LISTS = 4
_INSIDE = ("items", "additionalProperties")
_EACH = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs")


@remembered
def with_references(schema: JsonSchema, sentences: int | None = None) -> JsonSchema:
    """The schema of the draft: a field for a sentence in every object that holds quotations.

    `sentences` is how many the article has; without it the number has no upper bound, so
    that the schema is the same for every article.
    """
    asked: JsonSchema = {"type": "integer", "description": _DESCRIPTION, "minimum": 1}
    if sentences is not None:
        asked["maximum"] = max(sentences, 1)
    return _with_field(schema, schema, _field(schema), asked)


def _with_field(node: JsonSchema, root: JsonSchema, name: str, asked: JsonSchema) -> JsonSchema:
    def inner(child: Any) -> Any:
        return _with_field(child, root, name, asked) if isinstance(child, dict) else child

    found = dict(node)
    for key in _INSIDE:
        if key in node:
            found[key] = inner(node[key])
    for key in _EACH:
        if key in node:
            found[key] = [inner(child) for child in node[key]]
    for key in _NAMED:
        if key in node:
            found[key] = {each: inner(child) for each, child in node[key].items()}
    if _holds_quotations(node, root):
        found["properties"] = {name: asked, **found["properties"]}
        found["required"] = [name, *node.get("required", ())]
    return found


def _holds_quotations(schema: JsonSchema, root: JsonSchema) -> bool:
    """Whether an object has quotations of its own, those in its lists included."""
    names = schema.get("properties", {})
    return any(_is_quoted(child_schema(schema, name, root), root) for name in names)


def _is_quoted(schema: JsonSchema, root: JsonSchema, levels: int = _LISTS_IN_LISTS) -> bool:
    return any(
        levels > 0 and _is_quoted(child_schema(option, 0, root), root, levels - 1)
        if option.get("type") == "array"
        else is_quotation(option)
        for option in branches(schema, root)
    )


def _field(schema: JsonSchema) -> str:
    """`sentence`, or else the first of `sentence_2`, `sentence_3`, … that no field is called."""
    taken = set(_names(schema))
    number = 1
    while (name := _NAME if number == 1 else f"{_NAME}_{number}") in taken:
        number += 1
    return name


def _names(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for child in node for name in _names(child)]
    if not isinstance(node, dict):
        return []
    own = node.get("properties")
    names = list(own) if isinstance(own, dict) else []
    return names + [name for child in node.values() for name in _names(child)]


@dataclass(frozen=True)
class Referred:
    """A draft without its references, and what they said.

    `sentences` has the place of the sentence that each object names, by JSON pointer into
    the draft; an object that names none is not in it, and `problems` says so (`no_sentence`).
    """

    draft: Any
    sentences: dict[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def take_references(draft: Any, schema: JsonSchema, places: Sequence[Place]) -> Referred:
    """The draft as an instance of `schema`, which is the one without references.

    `places` are those of the article's sentences (`numbering.NumberedText`).
    """
    taker = _Taker(schema, _field(schema), places)
    left = taker.node(draft, schema, "")
    return Referred(left, taker.sentences, tuple(taker.problems))


@dataclass
class _Taker:
    root: JsonSchema
    name: str
    places: Sequence[Place]
    sentences: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def node(self, draft: Any, schema: JsonSchema, path: str) -> Any:
        schema = choose(schema, draft, self.root)
        if isinstance(draft, list):
            return [
                self.node(item, child_schema(schema, i, self.root), pointer(path, i))
                for i, item in enumerate(draft)
            ]
        if not isinstance(draft, dict):
            return draft
        is_asked = "properties" in schema and (
            self.name in draft or _holds_quotations(schema, self.root)
        )
        if is_asked:
            self.take(draft.get(self.name), path)
        return {
            key: self.node(child, child_schema(schema, key, self.root), pointer(path, key))
            for key, child in draft.items()
            if not (is_asked and key == self.name)
        }

    def take(self, number: Any, path: str) -> None:
        whole = isinstance(number, int) and not isinstance(number, bool)
        if whole and 1 <= number <= len(self.places):
            self.sentences[path] = self.places[number - 1]
            return
        said = "no number" if number is None else repr(number)
        message = f"expected the number of a sentence, 1 to {len(self.places)}, found {said}"
        self.problems.append(
            Problem(code="no_sentence", path=path, message=message, severity="info")
        )
