"""A grammar under which a model can quote nothing but words of the article.

Endpoints that decode under LLGuidance grammars (llama.cpp's server; ours is one) are given
one that is compiled from the schema: its objects, lists, unions and enumerations, and for
each quotation a run of words of the text. Lark syntax as LLGuidance reads it
(github.com/guidance-ai/llguidance, docs/syntax.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from extractor.grounding import source_index
from extractor.haystack import Haystack
from extractor.records import X_SUPPORT
from extractor.shape import (
    JsonSchema,
    child_schema,
    is_computed,
    omittable,
    remembered,
    resolve,
    wire_form,
)

LONGEST_TEXT = 100_000
"""Characters; LLGuidance refuses the grammar of twice as much. No window is that long."""
_MOST_ITEMS = 50
"""How many items a list without a bound of its own may have; it could go on for ever."""
_LEAF = ("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format")

# A quotation says something; blanks and punctuation alone are found nowhere.
_SAYING = r"/(?s:.*)[\p{L}\p{N}\p{So}](?s:.*)/"


def grammar(schema: JsonSchema, text: str, *, compact: bool = False) -> str | None:
    """The grammar of a draft whose quotations are words of `text`.

    Fields stand in the schema's order; in a compact draft, which has no blanks either, those
    are left out that say nothing. None for a schema that strict mode cannot express
    either, and for a text that is too long: the form is left to the endpoint.
    """
    if not wire_form(schema).strict or len(text) > LONGEST_TEXT:
        return None
    run = {"substring_chunks": _pieces(text)}
    return "\n".join(
        [
            *_form(schema, compact),
            r'QUOTE: "\"" WORDS "\""',
            f"WORDS: RUN & {_SAYING}",
            f"RUN: %regex {_json(run)}",
            "",
        ]
    )


@remembered
def _form(schema: JsonSchema, compact: bool) -> tuple[str, ...]:
    """What is the same for every text: the lines of the schema's rules."""
    rules = _Rules(schema, compact)
    start = rules.of(schema)
    return ("%llguidance {}", f"start: {start}", *rules.lines)


def _pieces(text: str) -> list[str]:
    """The text, cut wherever grounding lets a quotation begin or end, as JSON writes it."""
    found = source_index(text).folded
    cuts = (found.folded.starts[at] for at in _openings(found))
    pieces = (text[start:end] for start, end in pairwise([0, *cuts, len(text)]))
    return [_written(piece) if _WRITTEN_OTHERWISE.search(piece) else piece for piece in pieces]


def _written(piece: str) -> str:
    return _json(_SPACES.sub(" ", piece))[1:-1]


def _openings(found: Haystack) -> Iterator[int]:
    """The positions inside a folded text that cut nothing; within a word there are none."""
    at, end = 1, len(found.text)
    while at < end:
        if found.cuts(at):
            at = max(at + 1, found.word_end(at, end))
        else:
            yield at
            at += 1


_SPACES = re.compile(r"\s+")
# Few pieces of a text are: to look is faster than to write.
_WRITTEN_OTHERWISE = re.compile(r'["\\\x00-\x1f]|[^\S ]|\s\s')
_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class _Field:
    """A field of an object: its name and the colon, the rule of its value."""

    name: str
    value: str
    omittable: bool


class _Rules:
    """The grammar's rules; parts of a schema that are alike share one."""

    def __init__(self, root: JsonSchema, compact: bool) -> None:
        self._root = root
        self._compact = compact
        self._between, self._after = (",", ":") if compact else (", ", ": ")
        self._bodies: dict[str, str] = {}
        self._known: dict[str, str] = {}

    @property
    def lines(self) -> list[str]:
        """The rules, one a line."""
        return [f"{name}: {body}" for name, body in self._bodies.items()]

    def of(self, schema: JsonSchema) -> str:
        """The name of the rule for a schema, or a literal."""
        if "$ref" in schema:
            return self._referred(schema)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            shared = {X_SUPPORT: schema[X_SUPPORT]} if X_SUPPORT in schema else {}
            return self._rule(" | ".join(self.of({**shared, **option}) for option in options))
        return self._one(resolve(schema, self._root))

    def _referred(self, schema: JsonSchema) -> str:
        """Named before it is made, for it may refer to itself."""
        key = _json(schema)
        if key not in self._known:
            self._known[key] = name = self._new("")
            self._bodies[name] = self.of(resolve(schema, self._root))
        return self._known[key]

    def _rule(self, body: str) -> str:
        if body not in self._known:
            self._known[body] = self._new(body)
        return self._known[body]

    def _new(self, body: str) -> str:
        name = f"r{len(self._bodies)}"
        self._bodies[name] = body
        return name

    def _one(self, schema: JsonSchema) -> str:
        if "const" in schema:
            return _literal(schema["const"])
        if "enum" in schema:
            return self._rule(" | ".join(map(_literal, schema["enum"])))
        if "properties" in schema:
            return self._object(schema)
        if schema.get("type") == "array":
            return self._list(schema)
        if schema.get(X_SUPPORT, {}).get("kind") == "verbatim":
            return "QUOTE"
        return self._rule(f"%json {_json({key: schema[key] for key in _LEAF if key in schema})}")

    def _object(self, schema: JsonSchema) -> str:
        fields = [
            _Field(
                f"{_json(name)}{self._after}",
                self.of(self._child(schema, name, child)),
                self._compact and omittable(child, self._root),
            )
            for name, child in schema["properties"].items()
            if not is_computed(child, self._root)
        ]
        needed = next((i for i, field in enumerate(fields) if not field.omittable), None)
        # One alternative for each field that can be the first.
        firsts = fields if needed is None else fields[: needed + 1]
        bodies = [self._from(fields[i:]) for i in range(len(firsts))]
        return self._rule(" | ".join(bodies if needed is not None else ['"{}"', *bodies]))

    def _from(self, fields: Sequence[_Field]) -> str:
        """An object whose first field is the first of these."""
        first, *others = fields
        parts = [f"{_json('{' + first.name)} {first.value}"]
        for field in others:
            part = f"{_json(self._between + field.name)} {field.value}"
            parts.append(f"({part}){{0,1}}" if field.omittable else part)
        return " ".join([*parts, '"}"'])

    def _list(self, schema: JsonSchema) -> str:
        item = self.of(self._child(schema, 0, schema["items"]))
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, _MOST_ITEMS))
        if most == 0:
            return '"[]"'
        more = f"({_json(self._between)} {item}){{{max(least - 1, 0)},{most - 1}}}"
        some = f'"[" {item} {more} "]"'
        return self._rule(some if least else f'"[]" | {some}')

    def _child(self, schema: JsonSchema, key: str | int, child: JsonSchema) -> JsonSchema:
        """The child as it stands, so that references are seen, unless it inherits a marker."""
        return child_schema(schema, key, self._root) if X_SUPPORT in schema else child


def _literal(value: Any) -> str:
    return _json(_json(value))
