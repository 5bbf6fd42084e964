"""The later walks: derived values get the words that they follow from, computed ones are filled
in."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from extractor.evidence.findings import Findings
from extractor.records import X_SUPPORT, Article, Span, spans_at
from extractor.resolve import Resolver, Words
from extractor.shape import (
    JsonSchema,
    child_schema,
    computed_together,
    held_fields,
    underived_fields,
)
from extractor.tree import (
    MISSING,
    NULL,
    Missing,
    Scopes,
    Tree,
    Value,
    branch_for,
    follow,
    in_order,
    leaves,
    pointer,
    prune,
    texts,
)


def supported(
    tree: Tree,
    json_schema: JsonSchema,
    article: Article,
    resolvers: Mapping[str, Resolver],
    problems: Findings,
) -> Tree:
    """A tree that has its quotations, with all that follows from them; `Missing` for nothing."""
    tree = _Deriver(json_schema, problems).node(tree, json_schema, "", ())
    tree = prune(tree, json_schema, json_schema, problems.found)
    return _Computer(json_schema, problems, article, resolvers).node(tree, json_schema, "", ())


@dataclass
class _Walk:
    """A later walk; `scopes` are the enclosing objects, as far as they are done."""

    root: JsonSchema
    problems: Findings

    def node(self, tree: Tree, schema: JsonSchema, path: str, scopes: Scopes) -> Tree:
        if isinstance(tree, Missing):
            return tree
        schema = branch_for(schema, tree, self.root)
        if isinstance(tree, Value):
            return self.scalar(tree, schema, path, scopes)
        if isinstance(tree, list):
            return [
                self.node(item, child_schema(schema, i, self.root), pointer(path, i), scopes)
                for i, item in enumerate(tree)
            ]
        scope = dict(tree)
        inner = (*scopes, scope)
        known = held_fields(schema, self.root)
        passed = self.passed(schema)
        for key, child in tree.items():
            if isinstance(child, Value) and (passed is None or key in passed):
                continue
            here = known.get(key) or child_schema(schema, key, self.root)
            scope[key] = self.node(child, here, pointer(path, key), inner)
        return self.object(schema, path, inner)

    def passed(self, schema: JsonSchema) -> Container[str] | None:
        """The fields of an object with whose scalars the walk has nothing to do; None for all."""
        return ()

    def scalar(self, value: Value, schema: JsonSchema, path: str, scopes: Scopes) -> Tree:
        return value

    def object(self, schema: JsonSchema, path: str, scopes: Scopes) -> Tree:
        """`scopes[-1]` is the object itself."""
        return scopes[-1]


@dataclass
class _Deriver(_Walk):
    """The second walk: derived values get the words of the quotations they follow from."""

    def passed(self, schema: JsonSchema) -> Container[str] | None:
        return underived_fields(schema, self.root)

    def scalar(self, value: Value, schema: JsonSchema, path: str, scopes: Scopes) -> Tree:
        marker = schema.get(X_SUPPORT, {})
        if value.value is None or marker.get("kind") != "derived" or not scopes:
            return value
        said: list[Value] = []
        for place in marker["from"]:
            source = follow(place, scopes)
            if isinstance(source, Value):
                said.append(source)
            else:
                said += [leaf for leaf in leaves(source) if leaf.support == "quoted"]
        spans = [span for leaf in said if leaf.value is not None for span in leaf.spans]
        if spans:
            return Value(value.value, "derived", _distinct(spans))
        if sentences := [span for leaf in said for span in leaf.spans]:
            message = "no words support this; it rests on the sentence that was named"
            self.problems.report("sentence_only", path, message, severity="info")
            return Value(value.value, "derived", _distinct(sentences))
        if schema.get("default", MISSING) == value.value:
            return MISSING  # the article says nothing: then the default stands
        names = " or ".join(repr(source) for source in marker["from"])
        message = f"{value.value!r} should follow from {names}, which has no words in the article"
        return self.problems.without_support(value.value, "unsupported", path, message)


@dataclass
class _Computer(_Walk):
    """The third walk: resolvers fill values from the words of quotations."""

    article: Article
    resolvers: Mapping[str, Resolver]
    said: set[tuple[str, str]] = field(default_factory=set)

    def passed(self, schema: JsonSchema) -> Container[str] | None:
        return None

    def object(self, schema: JsonSchema, path: str, scopes: Scopes) -> Tree:
        computed: dict[str, Value] = {}
        for sources, those in computed_together(schema, self.root):
            first, *others = [follow(source, scopes) for source in sources]
            if not isinstance(first, Value) or first.value is None or not first.spans:
                computed |= dict.fromkeys((key for key, _ in those), NULL)
                continue
            places = tuple((span.start, span.end) for span in first.spans)
            words = Words(str(first.value), places, self.article, texts(others))
            for key, by in those:
                computed[key] = self._compute(by, words, first.spans, pointer(path, key))
        if not computed:
            return scopes[-1]
        properties = schema.get("properties", {})
        found = {
            key: value
            for key, value in computed.items()
            if value.value is not None or "default" not in properties[key]
        }
        return in_order({**scopes[-1], **found}, schema) if found else scopes[-1]

    def _compute(self, by: str, words: Words, said: tuple[Span, ...], path: str) -> Value:
        """The value that a resolver gives for words, which stand at `said`."""
        quote = words.quote
        if by not in self.resolvers:
            self.problems.report("unresolved", path, f"there is no resolver {by!r}", quote)
            return NULL
        resolution = self.resolvers[by](words)
        if resolution.value is None:
            reason, parent = resolution.reason, path.rpartition("/")[0]
            # Several values are read off the same words (a time's): one problem is enough.
            if reason and (parent, reason) not in self.said:
                self.said.add((parent, reason))
                self.problems.report("unresolved", path, reason, quote)
            return NULL
        own = () if resolution.stands else said
        spans = (*own, *spans_at(self.article.text, resolution.spans, "exact"))
        return Value(resolution.value, "computed", _distinct(spans))


def _distinct(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Each of them once."""
    return tuple(dict.fromkeys(spans) if len(spans) > 1 else spans)
