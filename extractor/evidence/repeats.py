"""Items of lists that say again what an earlier one said of the same words."""

from __future__ import annotations

import json
from collections import Counter

from extractor.evidence.findings import Findings
from extractor.shape import JsonSchema, child_schema
from extractor.tree import MISSING, Missing, Tree, Value, branch_for, leaves, plain, pointer


def without_repeats(
    tree: Tree, schema: JsonSchema, root: JsonSchema, problems: Findings, path: str = ""
) -> Tree:
    """Without the items of lists that say the same of the same words as an earlier one.

    Small models that do not know how to end a list repeat its last item. A tuple's items
    have their places, and stay.
    """
    if isinstance(tree, Value | Missing):
        return tree
    schema = branch_for(schema, tree, root)

    def inside(child: Tree, key: str | int) -> Tree:
        if isinstance(child, Value | Missing):
            return child
        inner = child_schema(schema, key, root)
        return without_repeats(child, inner, root, problems, pointer(path, key))

    if isinstance(tree, dict):
        return {
            key: child if isinstance(child, Value) else inside(child, key)
            for key, child in tree.items()
        }
    if "prefixItems" in schema:
        return [inside(child, i) for i, child in enumerate(tree)]
    repeats = _repeats(tree)
    items: list[Tree] = []
    for i, item in enumerate(tree):
        if i in repeats:
            message = "the same was said before of the same words; left out"
            problems.report("repeated", pointer(path, i), message, severity="info")
            items.append(MISSING)
            continue
        items.append(inside(item, i))
    return items


def _repeats(items: list[Tree]) -> set[int]:
    """The places of objects with words that a list holds before already."""
    objects = [(i, item) for i, item in enumerate(items) if isinstance(item, dict)]
    found: set[int] = set()
    if len(objects) < 2:
        return found
    # Nearly all differ in values of their own, which are looked at first: that costs little.
    own = {i: _own_values(item) for i, item in objects}
    counts = Counter(own.values())
    seen: set[tuple[str, tuple[Value, ...]]] = set()
    for i, item in objects:
        if counts[own[i]] > 1:
            said = (json.dumps(plain(item)), tuple(leaves(item)))
            if said in seen and any(leaf.spans for leaf in said[1]):
                found.add(i)
            seen.add(said)
    return found


def _own_values(item: dict[str, Tree]) -> tuple[object, ...]:
    """The values that stand directly in an object."""
    return tuple([child.value for child in item.values() if isinstance(child, Value)])
