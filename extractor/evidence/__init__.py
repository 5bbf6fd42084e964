"""From a draft to a grounded draft: every value gets the words that say it, or a problem.

The draft is the JSON that a model wrote. It is walked beside the schema's JSON Schema,
three times: quotations are looked up in the article, derived values get the places of
the quotations they follow from, computed values are filled in. What has no support is
kept and flagged, left out, or rejects the record, as the policy says.

Where the model named a sentence for an object, its quotations are looked up there first. The
sentence is also what values derived from a quotation rest on when its words, which may be a
paraphrase of it, stand nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extractor.catalog import Policy
from extractor.evidence.deriving import supported
from extractor.evidence.findings import Findings
from extractor.evidence.quoting import Hints, Quoter
from extractor.evidence.repeats import without_repeats
from extractor.grounding import SourceIndex, source_index
from extractor.records import Article, Problem
from extractor.resolve import Resolver
from extractor.shape import JsonSchema
from extractor.tree import Missing, Tree, prune

__all__ = ["GroundedDraft", "Hints", "ground_draft", "quote_again", "support_again"]


@dataclass(frozen=True)
class GroundedDraft:
    """A draft with its evidence. `tree` is None when nothing usable is left."""

    tree: Tree | None
    problems: tuple[Problem, ...]


def ground_draft(
    draft: Any,
    json_schema: JsonSchema,
    article: Article,
    resolvers: Mapping[str, Resolver],
    policy: Policy = "leave_out",
    hints: Hints | None = None,
) -> GroundedDraft:
    """Tie every value of `draft` to the words of `article`, or say why it cannot be."""
    problems = Findings(policy)
    index = source_index(article.text)
    tree = Quoter(json_schema, problems, index, hints or Hints()).draft(draft)
    tree = prune(tree, json_schema, json_schema, problems.found)
    tree = without_repeats(tree, json_schema, json_schema, problems)
    tree = supported(tree, json_schema, article, resolvers, problems)
    return GroundedDraft(None if isinstance(tree, Missing) else tree, tuple(problems.found))


def quote_again(draft: Any, json_schema: JsonSchema, index: SourceIndex) -> Tree:
    """The first walk alone, for words that were looked up before."""
    return Quoter(json_schema, Findings("flag"), index).draft(draft)


def support_again(
    tree: Tree, json_schema: JsonSchema, article: Article, resolvers: Mapping[str, Resolver]
) -> Tree:
    """The walks after the first, over a tree that has its quotations; `Missing` for nothing.

    What has no words is kept, since it was kept before.
    """
    return supported(tree, json_schema, article, resolvers, Findings("flag"))
