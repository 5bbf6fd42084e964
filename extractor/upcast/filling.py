"""What a newer version adds to a record, and values that have lost their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from extractor.records import X_SUPPORT, Article, Evidence, Problem, Span
from extractor.resolve import RESOLVERS, Words
from extractor.shape import JsonSchema, child_schema, choose, computed_marker, nullable
from extractor.tree import Scopes, Tree, Value, follow, leaves, plain, pointer, texts


def planted(value: Any, carried: Mapping[str, Evidence], path: str = "") -> Tree:
    """The tree of a JSON value; `carried` is the evidence that is known."""
    if isinstance(value, dict):
        return {key: planted(child, carried, pointer(path, key)) for key, child in value.items()}
    if isinstance(value, list):
        return [planted(child, carried, pointer(path, i)) for i, child in enumerate(value)]
    known = carried.get(path, Evidence(support="none"))
    return Value(value, known.support, known.spans)


@dataclass
class Filler:
    """A walk that fills in what is new: null, or what a resolver reads off the words.

    `unknown` are the places of values whose words are not known: the upcast made them,
    and they neither follow from words that came along nor are the default.
    """

    root: JsonSchema
    carried: Mapping[str, Evidence]
    article: Article | None
    unknown: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def node(self, tree: Tree, schema: JsonSchema, path: str, scopes: Scopes) -> Tree:
        schema = choose(schema, plain(tree), self.root)
        if isinstance(tree, dict):
            return self._object(tree, schema, path, (*scopes, tree))
        if isinstance(tree, list):
            return [
                self.node(item, child_schema(schema, i, self.root), pointer(path, i), scopes)
                for i, item in enumerate(tree)
            ]
        return self._scalar(tree, schema, path, scopes) if isinstance(tree, Value) else tree

    def _object(
        self, tree: dict[str, Tree], schema: JsonSchema, path: str, scopes: Scopes
    ) -> dict[str, Tree]:
        done = {
            key: self.node(child, child_schema(schema, key, self.root), pointer(path, key), scopes)
            for key, child in tree.items()
        }
        for key, inner in schema.get("properties", {}).items():
            if key in done:
                continue
            if marker := computed_marker(inner, self.root):
                done[key] = self._computed(marker, pointer(path, key), scopes)
            elif key in schema.get("required", ()) and nullable(inner, self.root):
                done[key] = Value(None)
        return done

    def _scalar(self, value: Value, schema: JsonSchema, path: str, scopes: Scopes) -> Value:
        if value.value is None or path in self.carried:
            return value
        marker = schema.get(X_SUPPORT, {})
        names = marker["from"] if marker.get("kind") == "derived" and scopes else ()
        spans = dict.fromkeys(
            span
            for source in (follow(name, scopes) for name in names)
            for leaf in leaves(source)
            if leaf.support == "quoted" or leaf is source
            for span in leaf.spans
        )
        if spans:
            return Value(value.value, "derived", tuple(spans))
        if "default" not in schema or schema["default"] != value.value:
            self.unknown.append(path)
        return value

    def _computed(self, marker: dict[str, Any], path: str, scopes: Scopes) -> Value:
        first, *others = (follow(source, scopes) for source in marker["from"])
        resolver = RESOLVERS.get(marker["by"])
        if self.article is None or resolver is None:
            return Value(None)
        if not isinstance(first, Value) or not first.spans:
            return Value(None)
        places = tuple((span.start, span.end) for span in first.spans)
        found = resolver(Words(str(first.value), places, self.article, texts(others)))
        if found.value is None and found.reason:
            self.problems.append(Problem(code="unresolved", path=path, message=found.reason))
        if found.value is None:
            return Value(None)
        text = self.article.text
        more = (Span(text=text[i:j], start=i, end=j, alignment="exact") for i, j in found.spans)
        return Value(found.value, "computed", tuple(dict.fromkeys((*first.spans, *more))))
