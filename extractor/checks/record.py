"""The derived values of a finished record against their words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from extractor.checks.claim import claim_at
from extractor.checks.cues import CERTAINTIES, POLARITIES
from extractor.checks.numbers import number_of
from extractor.checks.occasions import check_occasion
from extractor.checks.participants import check_participants
from extractor.checks.sources import check_speaker
from extractor.checks.tense import TENSES
from extractor.checks.trigger_words import TYPES
from extractor.checks.values import judge
from extractor.records import X_SUPPORT, Article, Evidence, Problem, Span
from extractor.shape import (
    JsonSchema,
    branches,
    child_schema,
    choose,
    held_fields,
    remembered,
    remembered_in,
    underived_fields,
)
from extractor.text import sentences
from extractor.tree import pointer

_BEFORE, _AFTER = 1_500, 700  # characters around a quotation in which its sentences are sought
_SHORT = 20_000  # characters of an article whose sentences are found once for all
Place = tuple[int, int]
_SENTENCES_BEFORE_A_CUE = 2
_MOST_PLACES = 8  # of a quotation that stands in many


def check_derived(
    record: Any, evidence: Mapping[str, Evidence], json_schema: JsonSchema, article: Article
) -> list[Problem]:
    """Derived values that their words contradict, with the codes of `check_value`.

    Compared are values whose marker names a check (`Derived("text", check="country")`), and
    those that are known by their type: numbers; strings of the format `date`; enumerations of
    FactBank's certainties or polarities, of ACE's tenses, or of all types of `trigger_words`.
    An object with the quotations `source` and `cue` (PolNeAR) is compared as a source;
    participants with the places beside them (`check_participants`); a time with the verb
    before it (`check_occasion`). A value
    stands when one of the places of its words supports it.
    """
    known = tuple(sentences(article.text)) if len(article.text) <= _SHORT else ()
    found: list[Problem] = []
    _Derived(json_schema, evidence, article, known, found).node(record, json_schema, "")
    return found


# ------------------------------------------------------------------------------ derived values


def kind_of(schema: JsonSchema, root: JsonSchema, value: object) -> str | None:
    """The check that fits a derived value by its schema, which may be a union; None for none."""
    chosen = choose(schema, value, root)
    marker = chosen.get(X_SUPPORT, {})
    if marker.get("kind") != "derived":
        return None
    if named := marker.get("check"):
        return None if named == "none" else str(named)
    if chosen.get("enum"):
        return _kind_of_choices(chosen)
    if chosen.get("format") == "date":
        return "date"
    if chosen.get("type") in _NUMBERS:
        return "number"
    # It may be written as a string.
    return "number" if _may_be_number(schema, root) and number_of(value) is not None else None


@remembered
def _kind_of_choices(schema: JsonSchema) -> str | None:
    """The check that fits an enumeration by what is listed in it."""
    known = (("certainty", CERTAINTIES), ("polarity", POLARITIES), ("tense", TENSES))
    choices = set(schema["enum"])
    if choices == set(TYPES):  # of a part, another type may stand for those that are missing
        return "type"
    return next((kind for kind, values in known if choices <= set(values)), None)


_NUMBERS = frozenset({"integer", "number"})


@remembered_in
def _may_be_number(schema: JsonSchema, root: JsonSchema) -> bool:
    return any(option.get("type") in _NUMBERS for option in branches(schema, root))


@dataclass(frozen=True)
class _Derived:
    """A walk over a record that adds what it finds wrong to `found`."""

    root: JsonSchema
    evidence: Mapping[str, Evidence]
    article: Article
    sentences: tuple[Place, ...]
    found: list[Problem]

    def node(self, value: Any, schema: JsonSchema, path: str) -> None:
        if isinstance(value, dict):
            self._object(value, choose(schema, value, self.root), path)
        elif isinstance(value, list):
            chosen = choose(schema, value, self.root)
            for number, child in enumerate(value):
                self.node(child, child_schema(chosen, number, self.root), pointer(path, number))
        else:
            self.found.extend(self._value(value, schema, path))

    def _object(self, value: dict[str, Any], schema: JsonSchema, path: str) -> None:
        self.found.extend(self._source(value, path))
        self.found.extend(check_participants(value, schema, self.root, path))
        occasions = check_occasion(value, schema, self.root, path, self.evidence, self.article)
        self.found.extend(occasions)
        known, underived = held_fields(schema, self.root), underived_fields(schema, self.root)
        for key, child in value.items():
            if key not in underived or isinstance(child, dict | list):
                here = known.get(key) or child_schema(schema, key, self.root)
                self.node(child, here, pointer(path, key))

    def _value(self, value: Any, schema: JsonSchema, path: str) -> Iterator[Problem]:
        evidence = self.evidence.get(path)
        if value is None or evidence is None or evidence.support != "derived":
            return
        if (kind := kind_of(schema, self.root, value)) is not None:
            yield from self._judge(kind, value, path, evidence.spans, 0)

    def _source(self, value: dict[str, Any], path: str) -> Iterator[Problem]:
        """Who says it, and the word that ties him to what he says."""
        if "source" not in value or "cue" not in value:
            return
        source, cue = (self.evidence.get(pointer(path, key)) for key in ("source", "cue"))
        if source is None or cue is None or {source.support, cue.support} != {"quoted"}:
            return
        place = pointer(path, "source")
        before = _SENTENCES_BEFORE_A_CUE
        content = self.evidence.get(pointer(path, "content"))
        told, wrong = self._speaker(value["source"], content)
        if told:
            if wrong:
                words = value["source"]
                yield Problem(code="contradicted.source", path=place, message=wrong, quote=words)
            return
        spans = (*cue.spans, *self._beside(source, cue))
        yield from self._judge("source", value["source"], place, spans, before)

    def _speaker(self, source: str, content: Evidence | None) -> tuple[bool, str | None]:
        """Whether the sentence of what is said tells who says it, and if so, what is wrong."""
        if content is None or content.support != "quoted" or len(content.spans) != 1:
            return False, None
        [span] = content.spans
        around = self._around(span, _SENTENCES_BEFORE_A_CUE)
        return check_speaker(claim_at((span.start, span.end), around, source, self.article))

    def _beside(self, source: Evidence, cue: Evidence) -> Iterator[Span]:
        """Where the cue stands in the source's own sentences: of a word that stands in many,
        another place may have been taken for the one that is meant."""
        text = self.article.text
        for span in source.spans[:_MOST_PLACES]:
            for start, end in self._around(span, 0):
                for match in re.finditer(rf"\b{re.escape(cue.spans[0].text)}\b", text[start:end]):
                    found = Span(
                        text=match.group(),
                        start=start + match.start(),
                        end=start + match.end(),
                        alignment="exact",
                    )
                    if found.start not in {one.start for one in cue.spans}:
                        yield found

    def _judge(
        self, kind: str, value: Any, path: str, spans: tuple[Span, ...], before: int
    ) -> Iterator[Problem]:
        """The problem with the first place of the words, if no place supports the value."""
        found: list[Problem] = []
        for span in spans[:_MOST_PLACES]:
            around = self._around(span, before)
            place = (span.start, span.end)
            made = claim_at(place, around, value, self.article)
            problems = judge(kind, made, span.text)
            if not problems:
                return
            found += problems
        if found and len(spans) <= _MOST_PLACES:
            yield found[0].model_copy(update={"path": path})

    def _around(self, span: Span, before: int) -> Sequence[Place]:
        """The sentences that a span stands in, and some before them."""
        found = self.sentences or _sentences_near(self.article.text, span)
        # The sentences are in order and apart.
        first = bisect_right(found, span.start, key=_end_of)
        after = bisect_left(found, span.end, key=_start_of)
        if first >= after:
            return [(span.start, span.end)]
        return found[max(first - before, 0) : after]


_start_of, _end_of = itemgetter(0), itemgetter(1)


def _sentences_near(text: str, span: Span) -> Sequence[Place]:
    low, high = max(span.start - _BEFORE, 0), min(span.end + _AFTER, len(text))
    return [(low + start, low + end) for start, end in sentences(text[low:high])]
