"""Where the words of two values stand, and how far these are the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from extractor.evidence import quote_again, support_again
from extractor.grounding import SourceIndex
from extractor.records import Article, Span
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema
from extractor.tree import Missing, Tree, Value, pointer

OVERLAP = 0.5
"""Two spans are one when they share at least this part of the characters that either has."""

Characters = frozenset[int]
"""The places of characters; of a quotation that is ambiguous there are several such sets."""


def overlap(one: Characters, other: Characters) -> float:
    """The characters that both have, of those that either has; 1 when both have none."""
    return len(one & other) / len(one | other) if one or other else 1.0


def places(spans: Sequence[Span]) -> list[Characters]:
    """The places that a quotation can have: one, or each where it is ambiguous."""
    characters = [frozenset(range(span.start, span.end)) for span in spans]
    if all(span.alignment == "ambiguous" for span in spans):
        return characters
    return [frozenset().union(*characters)]


def closest(golds: Iterable[Characters], found: Sequence[Characters]) -> float:
    """The largest overlap that places of the one have with places of the other."""
    return max((overlap(gold, one) for gold in golds for one in found), default=0.0)


def gold_spans(gold: Any, json_schema: JsonSchema, article: Article) -> dict[str, tuple[Span, ...]]:
    """Where the words of a gold record stand in its article, by JSON pointer.

    They are looked up as those of a model's draft are; what is derived or computed has the words
    of what it comes from. A value whose words are not found, or not annotated, is not there.
    """
    tree = quote_again(gold, json_schema, SourceIndex(article.text))
    return dict(_spans(support_again(tree, json_schema, article, RESOLVERS), ""))


def _spans(tree: Tree, path: str) -> Iterable[tuple[str, tuple[Span, ...]]]:
    if isinstance(tree, Value):
        if tree.spans:
            yield path, tree.spans
    elif not isinstance(tree, Missing):
        children = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, child in children:
            yield from _spans(child, pointer(path, key))
