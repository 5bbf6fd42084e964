"""One record of several: what the windows of a long article gave, put together.

The first window that has a value of the root keeps it, whole: two events never become one.
Lists go on from window to window. What is not taken is reported. Nothing here knows a
schema; what belongs together stands in its markers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.records import X_SUPPORT, Problem
from extractor.shape import (
    JsonSchema,
    branches,
    child_schema,
    choose,
    nullable,
    remembered,
    resolve,
)
from extractor.tree import Tree, Value, kept, leaves, plain, pointer

Fields = dict[str, Tree]


@dataclass(frozen=True)
class Part:
    """What one window gave: what messages about it begin with, and its grounded tree."""

    name: str
    tree: Tree


def moved(tree: Tree, by: int) -> Tree:
    """A tree whose spans lie `by` characters further on."""
    if not by:
        return tree
    if isinstance(tree, Value):
        spans = (
            span.model_copy(update={"start": span.start + by, "end": span.end + by})
            for span in tree.spans
        )
        return tree._replace(spans=tuple(spans))
    if isinstance(tree, dict):
        return {key: moved(child, by) for key, child in tree.items()}
    return [moved(child, by) for child in tree] if isinstance(tree, list) else tree


@remembered
def window_schema(schema: JsonSchema) -> JsonSchema:
    """The schema without the fields that its root must have: another window may have them."""
    top = resolve(schema, schema)
    required = (
        k for k in top.get("required", ()) if nullable(child_schema(top, k, schema), schema)
    )
    return {**schema, "required": list(required)}


def merge(parts: Sequence[Part], schema: JsonSchema) -> tuple[Tree | None, tuple[Problem, ...]]:
    """The tree of all parts, in their order, and what was not taken into it (`not_merged`).

    One part alone stays what it is, and of none there is no tree. In a list, an item that an
    earlier window has too, by its value or by its places, is the same one. A list is no
    longer than the schema allows.
    """
    if len(parts) < 2:
        return (parts[0].tree if parts else None), ()
    merger = _Merger(schema, _families(schema), [])
    merged = parts[0].tree
    for part in parts[1:]:
        if isinstance(merged, dict) and isinstance(part.tree, dict):  # as every draft is
            merged = merger.joined(merged, part.tree, part.name)
    return merged, tuple(merger.problems)


@dataclass(frozen=True)
class _Merger:
    schema: JsonSchema
    families: tuple[frozenset[str], ...]
    problems: list[Problem]

    def joined(self, mine: Fields, theirs: Fields, name: str) -> Fields:
        """`mine`, and what the later window called `name` has beyond it."""
        single = {key for key, tree in mine.items() if _says(tree) and not isinstance(tree, list)}
        taken = {}
        for key in [*mine, *(key for key in theirs if key not in mine)]:
            if isinstance(mine.get(key), list) or isinstance(theirs.get(key), list):
                taken[key] = self._list(mine.get(key), theirs.get(key), key, name)
                continue
            ours = not single.isdisjoint(self._family(key))
            taken[key] = mine.get(key) if ours else theirs.get(key, mine.get(key))
            if ours:
                self._compare(mine.get(key), theirs.get(key), pointer("", key), name)
        return {key: tree for key, tree in taken.items() if tree is not None}

    def _family(self, key: str) -> frozenset[str]:
        """The fields that go together with this one; a field that no marker names is alone."""
        return next((family for family in self.families if key in family), frozenset({key}))

    def _list(self, mine: Tree | None, theirs: Tree | None, key: str, name: str) -> Tree | None:
        path = pointer("", key)
        if mine is None or not _says(mine):
            return theirs if mine is None or (theirs is not None and _says(theirs)) else mine
        if not isinstance(mine, list) or not isinstance(theirs, list):
            self._compare(mine, theirs, path, name)  # a union of a list and something else
            return mine
        top = resolve(self.schema, self.schema)
        here = choose(child_schema(top, key, self.schema), plain(mine), self.schema)
        room = here.get("maxItems", float("inf")) - len(kept(mine))
        known = [item for _, item in kept(mine)]
        new: list[Tree] = []
        for place, item in kept(theirs):
            twin = next((other for other in known if _same(other, item)), None)
            if twin is not None:
                self._compare(twin, item, pointer(path, place), name)
            elif len(new) < room:
                new.append(item)
            else:
                self._report(item, pointer(path, place), f"{name}the list is full; left out")
        return [*mine, *new]

    def _compare(self, mine: Tree | None, theirs: Tree | None, path: str, name: str) -> None:
        """Reports what a later window says otherwise."""
        if theirs is not None and _says(theirs) and (mine is None or plain(mine) != plain(theirs)):
            message = f"{name}an earlier window says otherwise, and is taken; left out"
            self._report(theirs, path, message)

    def _report(self, tree: Tree, path: str, message: str) -> None:
        words = (leaf.value for leaf in leaves(tree) if leaf.support == "quoted")
        said = (leaf.value for leaf in leaves(tree) if leaf.value is not None)
        quote = next(words, None) or next(said, None)
        self.problems.append(
            Problem(
                code="not_merged",
                path=path,
                message=message,
                severity="info",
                quote=None if quote is None else str(quote),
            )
        )


def _says(tree: Tree | None) -> bool:
    """Whether there is a value at all."""
    return tree is not None and any(leaf.value is not None for leaf in leaves(tree))


def _same(one: Tree, other: Tree) -> bool:
    """Whether two items are one: the same values, or words in the same places."""
    places = _places(one)
    return plain(one) == plain(other) or bool(places and places == _places(other))


def _places(tree: Tree) -> set[tuple[int, int]]:
    return {(span.start, span.end) for leaf in leaves(tree) for span in leaf.spans}


def _families(schema: JsonSchema) -> tuple[frozenset[str], ...]:
    """The fields of the root that only go together: a value and the quotations it is from."""
    top = resolve(schema, schema)
    families: list[frozenset[str]] = []
    for key in top.get("properties", ()):
        linked = frozenset({key, *_sources(child_schema(top, key, schema), schema)})
        near = [family for family in families if family & linked]
        families = [family for family in families if not family & linked]
        families.append(linked.union(*near))
    return tuple(families)


def _sources(schema: JsonSchema, root: JsonSchema) -> Iterator[str]:
    for branch in branches(schema, root):
        for source in branch.get(X_SUPPORT, {}).get("from", ()):
            yield source.split("/")[0]
