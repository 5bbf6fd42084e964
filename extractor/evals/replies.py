"""What models wrote, before anything is left out of it: quotations, references, tokens, time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from extractor.catalog import Recipe
from extractor.evidence import Hints, ground_draft
from extractor.model import Completion
from extractor.reading import Readings, part_of, read_draft, referred
from extractor.records import Article
from extractor.shape import JsonSchema, child_schema, choose, is_quotation
from extractor.text import flatten
from extractor.tree import pointer

_NOT_FOUND = frozenset({"ungrounded", "furniture", "instruction"})


@dataclass(frozen=True)
class ReplyCounts:
    """Counts over replies; `+` adds them up.

    Of the `quotations` that were written, `found` stand in their articles, and `verbatim` of these
    to the character, white space apart; `referred` of those found stand in an object that names a
    sentence, and `placed` of these stand in that sentence. Tokens are the endpoint's own count.
    `seconds` is the server's own time for reading and writing where it tells it (llama.cpp's
    does), for `timed` of the `replies`.
    """

    replies: int = 0
    quotations: int = 0
    found: int = 0
    verbatim: int = 0
    referred: int = 0
    placed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    timed: int = 0
    seconds: float = 0.0

    def __add__(self, other: ReplyCounts) -> ReplyCounts:
        names = [each.name for each in fields(self)]
        return ReplyCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def grounded_share(self) -> float | None:
        """How many of the quotations stand in their articles; None without quotations."""
        return self.found / self.quotations if self.quotations else None

    @property
    def verbatim_share(self) -> float | None:
        """How many of the quotations stand there to the character; None without quotations."""
        return self.verbatim / self.quotations if self.quotations else None

    @property
    def placed_share(self) -> float | None:
        """How many of those found stand in the sentence named; None where none was named."""
        return self.placed / self.referred if self.referred else None


def count_replies(article: Article, recipe: Recipe, readings: Readings) -> ReplyCounts:
    """What the replies to one article hold; a reply without a draft has no quotations."""
    counts = ReplyCounts()
    for reading in readings:
        if isinstance(reading.reply, Completion):
            counts += _cost(reading.reply)
            draft = read_draft(reading.reply, recipe)
            if isinstance(draft, dict):
                counts += _quotations(draft, recipe, part_of(article, reading.window))
    return counts


def _cost(reply: Completion) -> ReplyCounts:
    timings = reply.raw.get("timings")
    times = [timings.get(f"{part}_ms") for part in ("prompt", "predicted")] if timings else [None]
    known = [time for time in times if isinstance(time, int | float)]
    timed = len(known) == len(times)
    return ReplyCounts(
        replies=1,
        input_tokens=reply.usage.input_tokens,
        cached_tokens=reply.usage.cached_tokens,
        output_tokens=reply.usage.output_tokens,
        timed=int(timed),
        seconds=sum(known) / 1000 if timed else 0.0,
    )


def _quotations(draft: Any, recipe: Recipe, part: Article) -> ReplyCounts:
    schema = recipe.schema.json_schema
    split = referred(draft, schema, part, recipe)
    problems = ground_draft(
        split.draft, schema, part, {}, hints=Hints(sentences=split.sentences)
    ).problems
    lost = {problem.path for problem in problems if problem.code in _NOT_FOUND}
    elsewhere = {problem.path for problem in problems if problem.code == "elsewhere"}
    text = flatten(part.text)
    quotations = list(written(split.draft, schema, schema))
    found = [each for each in quotations if each.path not in lost]
    named = [each for each in found if each.holder in split.sentences]
    return ReplyCounts(
        quotations=len(quotations),
        found=len(found),
        verbatim=len([each for each in found if flatten(each.words) in text]),
        referred=len(named),
        placed=len([each for each in named if each.path not in elsewhere]),
    )


@dataclass(frozen=True)
class Written:
    """A quotation of a draft: its pointer, its words, and the pointer of the object around."""

    path: str
    words: str
    holder: str


def written(
    draft: Any, schema: JsonSchema, root: JsonSchema, path: str = "", holder: str = ""
) -> Iterator[Written]:
    """The quotations in a draft; what the schema has no field for is none."""
    schema = choose(schema, draft, root)
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(draft, str) and schema and is_quotation(schema):
        yield Written(path, draft, holder)
    elif isinstance(draft, dict):
        inside, holder = draft.items(), path
    elif isinstance(draft, list):
        inside = enumerate(draft)
    for key, child in inside:
        yield from written(child, child_schema(schema, key, root), root, pointer(path, key), holder)
