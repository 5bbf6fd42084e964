"""What an evaluation comes to: a run, and what is behind the score of each article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from extractor.evals.benchmarks import Figure
from extractor.evals.counts import ProblemCount, ValueCounts, count_problems, count_values
from extractor.evals.overlap import gold_spans
from extractor.evals.pairing import Pair, Rules
from extractor.evals.replies import ReplyCounts
from extractor.evals.scores import Scores, total
from extractor.records import Article, Evidence, Extraction, Span
from extractor.shape import JsonSchema


@dataclass(frozen=True)
class Detail:
    """One article of a run, with what its score was made of.

    `pairs` are the values of gold and record side by side; none for a data set of others, whose
    `gold` is no record. `written` are the replies as they came, `seconds` what they took: by the
    server's own clock where it tells, else by ours; None where neither is known.
    """

    article: Article
    gold: Any
    pairs: tuple[Pair, ...]
    evidence: Mapping[str, Evidence]
    written: tuple[str, ...]
    counts: ReplyCounts
    seconds: float | None
    json_schema: JsonSchema = field(repr=False)

    @cached_property
    def gold_spans(self) -> Mapping[str, tuple[Span, ...]]:
        """Where the words of gold stand, by JSON pointer; looked for when asked."""
        return gold_spans(self.gold, self.json_schema, self.article) if self.pairs else {}


@dataclass(frozen=True)
class Run:
    """One evaluation: what was asked of which model, what came back, and its worth.

    `prompt` and `schema` are ids (`event@1`). `article_scores` has one item to a result, in
    the same order, and so has `article_beside`: scores that are not summed up with the others.
    `replies` counts what the model wrote, before anything was left out. `figure` is the F1 that
    the run is known by: all values together, or the mean of the classes that gold has. `rules`
    are those of the data set's scoring file. `details` has one item to a result, or none where a
    run was imported; `json_schema` is the schema's.
    """

    prompt: str
    schema: str
    model: str
    replayed: bool
    results: tuple[Extraction[Any], ...]
    scores: Scores
    article_scores: tuple[Scores, ...]
    replies: ReplyCounts
    article_beside: tuple[Scores, ...] = ()
    figure: Figure = "micro"
    rules: Rules = field(default_factory=dict)
    details: tuple[Detail, ...] = ()
    json_schema: JsonSchema = field(default_factory=dict)

    @property
    def beside(self) -> Scores:
        """The scores beside, over all articles."""
        return total(self.article_beside)

    @property
    def values(self) -> ValueCounts:
        """What the values of the records rest on."""
        return count_values(self.results)

    @property
    def problems(self) -> tuple[ProblemCount, ...]:
        """The problems of all articles by code, the most frequent first."""
        return count_problems(self.results)
