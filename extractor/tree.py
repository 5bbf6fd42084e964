"""A draft as a tree, whose values have the words that support them.

The draft is the JSON that a model wrote; its objects, lists and scalars keep their places. What
is left out stays in its place as `Missing` until the tree is pruned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from extractor.records import Problem, Span, SupportKind
from extractor.shape import JsonSchema, branch_of_type, child_schema, choose, nullable
from extractor.text import flatten


class Value(NamedTuple):
    """A scalar of the record and what supports it."""

    value: Any
    support: SupportKind = "none"
    spans: tuple[Span, ...] = ()


NULL = Value(None)


class Missing:
    """In place of a value that was left out.

    It stays in lists, so that the places of the other items are those of the draft. `spans`
    is the sentence that was named for words that stand nowhere.
    """

    def __init__(self, spans: tuple[Span, ...] = ()) -> None:
        self.spans = spans


MISSING = Missing()

Tree = Value | Missing | dict[str, "Tree"] | list["Tree"]


# A pure function: the places of one schema's records are asked for in each walk.
@lru_cache(maxsize=4_096)
def pointer(path: str, key: str | int) -> str:
    """The JSON pointer (RFC 6901) of a child."""
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"


def kept(items: list[Tree]) -> list[tuple[int, Tree]]:
    """The items of a list that were not left out, each with its place in the draft."""
    return [(i, item) for i, item in enumerate(items) if not isinstance(item, Missing)]


def plain(tree: Tree) -> Any:
    """The JSON value of a tree."""
    if isinstance(tree, Value):
        return tree.value
    if isinstance(tree, dict):
        return {
            key: child.value if isinstance(child, Value) else plain(child)
            for key, child in tree.items()
        }
    if isinstance(tree, Missing):
        return None
    return [plain(child) for child in tree if not isinstance(child, Missing)]


def branch_for(schema: JsonSchema, tree: Tree, root: JsonSchema) -> JsonSchema:
    """The branch that a tree was meant for; its value is made only where that tells."""
    if isinstance(tree, Value):
        return choose(schema, tree.value, root)
    kind = type(None) if isinstance(tree, Missing) else type(tree)
    known = branch_of_type(schema, kind, root)
    return choose(schema, plain(tree), root) if known is None else known


def leaves(tree: Tree) -> Iterator[Value]:
    """Every scalar of a tree."""
    if isinstance(tree, Value):
        yield tree
    elif not isinstance(tree, Missing):
        for child in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(child)


def texts(trees: Iterable[Tree]) -> tuple[str, ...]:
    """Every scalar of several trees that is not null, as text."""
    found = (leaf.value for tree in trees for leaf in leaves(tree))
    return tuple(str(value) for value in found if value is not None)


def prune(
    tree: Tree, schema: JsonSchema, root: JsonSchema, gone: list[Problem], path: str = ""
) -> Tree:
    """`tree` without what is `Missing` in it, or without the nearest part that can go.

    Null where null is allowed, else the list item, else the nearest optional or list
    ancestor, else everything. Each ancestor that goes is added to `gone`.
    """
    if not lacks(tree):
        return tree
    return _pruned(tree, schema, root, gone, path)


def lacks(tree: Tree) -> bool:
    """Whether something is `Missing` in a tree."""
    if isinstance(tree, Value):
        return False
    if isinstance(tree, Missing):
        return True
    inside = tree.values() if isinstance(tree, dict) else tree
    return any(map(lacks, [child for child in inside if not isinstance(child, Value)]))


def _pruned(
    tree: Tree, schema: JsonSchema, root: JsonSchema, gone: list[Problem], path: str
) -> Tree:
    if isinstance(tree, Value | Missing):
        return tree
    schema = branch_for(schema, tree, root)
    fixed = len(schema.get("prefixItems", ()))
    left: dict[str | int, Tree] = {}
    for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
        inner = child_schema(schema, key, root)
        left[key] = lacking = _pruned(child, inner, root, gone, pointer(path, key))
        if not isinstance(lacking, Missing):
            continue
        is_item = isinstance(key, int) and key >= fixed
        if not is_item and nullable(inner, root):
            left[key] = Value(None, spans=lacking.spans)
        elif not is_item and (isinstance(key, int) or key in schema.get("required", ())):
            message = f"it cannot stand without {key!r}; left out"
            gone.append(Problem(code="left_out", path=path, message=message))
            return MISSING
    if isinstance(tree, list):
        return list(left.values())
    return {str(key): child for key, child in left.items() if not isinstance(child, Missing)}


def in_order(fields: dict[str, Tree], schema: JsonSchema) -> dict[str, Tree]:
    """The fields in the schema's order, then the others."""
    declared = [key for key in schema.get("properties", ()) if key in fields]
    if declared == list(fields):
        return fields
    return {key: fields[key] for key in (*declared, *fields)}


Scopes = tuple[dict[str, Tree], ...]


def follow(source: str, scopes: Scopes) -> Tree:
    """What a marker's source names, from the innermost scope outwards (`..`), or `MISSING`."""
    depth = len(scopes) - 1
    if source in scopes[depth]:  # a field beside it, as most are
        return scopes[depth][source]
    found: Tree = scopes[depth]
    for part in source.split("/"):
        if part == "..":
            depth -= 1
            found = scopes[depth] if depth >= 0 else MISSING
        else:
            found = found.get(part, MISSING) if isinstance(found, dict) else MISSING
    return found


def quoted_text(spans: Sequence[Span]) -> str:
    """A quotation as a record holds it: its words in one line, ` … ` between its pieces.

    Of several places that it may stand at (`ambiguous`), the first.
    """
    pieces = spans[:1] if spans[0].alignment == "ambiguous" else spans
    return " … ".join(flatten(span.text) for span in pieces)
