"""The first walk: a draft's quotations, looked up in the article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from extractor.evidence.findings import Findings
from extractor.furniture import WITHHELD, withheld_as
from extractor.grounding import Grounding, SourceIndex, ground_quotes
from extractor.haystack import Place
from extractor.records import X_SUPPORT, Span, spans_at
from extractor.shape import (
    JsonSchema,
    asked_fields,
    asked_or_null,
    child_schema,
    choose,
    is_computed,
    is_quotation,
)
from extractor.tree import NULL, Missing, Tree, Value, in_order, pointer, quoted_text


@dataclass(frozen=True)
class Hints:
    """What is known of a draft's words beside the draft, by JSON pointer into it.

    `citations` are the words that the model cited for values without a marker, None when it
    was not asked for any; `sentences` the places of the sentences that objects name
    (`references.take_references`); `settled` values whose words are known: these are not
    looked up again, whatever has changed beside them.
    """

    citations: Mapping[str, str] | None = None
    sentences: Mapping[str, Place] = field(default_factory=dict)
    settled: Mapping[str, Value] = field(default_factory=dict)


@dataclass
class Quoter:
    """The first walk: a tree of the draft, with its quotations looked up in the article."""

    root: JsonSchema
    problems: Findings
    index: SourceIndex
    hints: Hints = field(default_factory=Hints)
    found: dict[str, Grounding] = field(default_factory=dict)
    named: dict[str, Place] = field(default_factory=dict)

    def draft(self, draft: Any) -> Tree:
        self._look_up(dict(self._strings(draft, self.root, "")), (), None)
        return self.node(draft, self.root, "", ())

    def node(self, draft: Any, schema: JsonSchema, path: str, around: tuple[str, ...]) -> Tree:
        """`around` are the quotations of the enclosing objects, which tell mentions apart."""
        schema = choose(schema, draft, self.root)
        if isinstance(draft, dict):
            return self._object(draft, schema, path, around)
        if isinstance(draft, list):
            return [
                self.node(item, child_schema(schema, i, self.root), pointer(path, i), around)
                for i, item in enumerate(draft)
            ]
        return self._scalar(draft, schema, path)

    def _object(
        self, draft: dict[str, Any], schema: JsonSchema, path: str, around: tuple[str, ...]
    ) -> Tree:
        done: dict[str, Tree] = {}
        given: list[tuple[str, Any, JsonSchema, str]] = []
        strings: dict[str, str] = {}
        known = asked_fields(schema, self.root)
        for key, value in draft.items():
            if key not in known and not self._is_asked(key, schema, path):
                continue
            done[key] = NULL  # its place among the others
            if value is None and not self.hints.citations:
                continue
            here, place = known.get(key) or child_schema(schema, key, self.root), pointer(path, key)
            given.append((key, value, here, place))
            if self.hints.citations or isinstance(value, list):
                strings.update(self._strings(value, here, place))
            elif isinstance(value, str) and is_quotation(choose(here, value, self.root)):
                strings[place] = value
        self._look_up(strings, around, self.hints.sentences.get(path))
        own = [place for _, _, _, place in given]
        if self.hints.citations:
            own = [each for place in own for each in (place, _cited(place))]
        inner = (*around, *[strings[place] for place in own if place in strings])
        for key, value, here, place in given:
            done[key] = self.node(value, here, place, inner)
        for key in asked_or_null(schema, self.root):
            if key not in done:
                message = f"{key!r} was not given; taken as null"
                self.problems.report("missing", pointer(path, key), message)
                done[key] = NULL
        return in_order(done, schema)

    def _is_asked(self, key: str, schema: JsonSchema, path: str) -> bool:
        properties = schema.get("properties")
        if properties is None or (
            key in properties and not is_computed(properties[key], self.root)
        ):
            return True
        if key in properties:
            message = "computed here, not asked; ignored"
        elif schema.get("additionalProperties") or "patternProperties" in schema:
            return True
        else:
            message = f"the schema has no field {key!r}; left out"
        self.problems.report("unexpected", pointer(path, key), message)
        return False

    def _strings(self, draft: Any, schema: JsonSchema, path: str) -> Iterator[tuple[str, str]]:
        """The quotations of a value that are in no further object, with their places."""
        if isinstance(draft, str) and is_quotation(choose(schema, draft, self.root)):
            yield path, draft
        if self.hints.citations and path in self.hints.citations:
            yield _cited(path), self.hints.citations[path]
        if isinstance(draft, list):
            schema = choose(schema, draft, self.root)
            for i, item in enumerate(draft):
                yield from self._strings(item, child_schema(schema, i, self.root), pointer(path, i))

    def _look_up(
        self, strings: Mapping[str, str], around: tuple[str, ...], sentence: Place | None
    ) -> None:
        if not strings:
            return
        found = ground_quotes(self.index, [*strings.values()], beside=around)
        self.found.update(zip(strings, found, strict=True))
        if sentence is not None:
            self.named.update(dict.fromkeys(strings, sentence))
            for path, quote in strings.items():
                self.found[path] = self._in_sentence(quote, path, sentence)

    def _in_sentence(self, quote: str, path: str, sentence: Place) -> Grounding:
        """Where the words stand in the sentence that was named, or wherever they do stand."""
        grounding = self.found[path]
        if grounding.alignment is None or _is_within(grounding, sentence):
            return grounding
        [alone] = ground_quotes(self.index, [quote])  # all its places, whatever stands near
        places = tuple(place for place in alone.spans if _meet(place, sentence))
        if not places:
            message = "these words do not stand in the sentence that was named, but elsewhere"
            self.problems.report("elsewhere", path.removesuffix("/"), message, quote, "info")
            return grounding
        if len(places) > 1:
            return replace(alone, spans=places)
        same = self.index.text[slice(*places[0])] == quote.strip()
        return replace(alone, alignment="exact" if same else "folded", spans=places)

    def _scalar(self, draft: Any, schema: JsonSchema, path: str) -> Tree:
        if draft is None:
            return NULL
        if path in self.hints.settled:
            return self.hints.settled[path]
        if X_SUPPORT not in schema:
            return self._unmarked(draft, path)
        if path in self.found:
            return self._quotation(draft, self.found[path], path)
        if schema[X_SUPPORT]["kind"] == "derived":
            return Value(draft)  # its words are found in the second walk
        message = f"expected words of the article, found {draft!r}"
        return self.problems.without_support(draft, "invalid", path, message)

    def _quotation(self, quote: str, grounding: Grounding, path: str) -> Tree:
        if (code := self._withheld(grounding)) is not None:
            message = f"these words stand only in {WITHHELD[code]}"
            return self.problems.without_support(quote, code, path, message, quote)
        if grounding.alignment is None:
            message = f"these words do not stand in the article{_nearest(grounding)}"
            left = self.problems.without_support(quote, "ungrounded", path, message, quote)
            if isinstance(left, Missing) and path in self.named:
                return Missing(spans_at(self.index.text, [self.named[path]], "exact"))
            return left
        spans = self._spans(grounding)
        return Value(quoted_text(spans), "quoted", spans)

    def _unmarked(self, draft: Any, path: str) -> Tree:
        """A value of a plain model, which promises no words: it stays, and what is wanting is
        reported."""
        itself, cited = self.found.get(path), self.found.get(_cited(path))
        if itself is not None and itself.alignment is not None:
            spans = self._spans(itself)
            return Value(quoted_text(spans), "quoted", spans)
        if cited is not None and cited.alignment is not None and self._withheld(cited) is None:
            return Value(draft, "derived", self._spans(cited))
        if cited is not None:
            code = self._withheld(cited) or "ungrounded"
            where = f"only in {WITHHELD[code]}" if code in WITHHELD else "nowhere in the article"
            message = f"the words that were cited for this stand {where}"
            self.problems.report(code, path, message, (self.hints.citations or {})[path])
        elif itself is not None:
            message = f"the article does not say this in these words{_nearest(itself)}"
            self.problems.report("ungrounded", path, message, draft)
        elif self.hints.citations is not None:
            self.problems.report("uncited", path, "no words were cited for this")
        else:
            message = "nothing says which words support this"
            self.problems.report("uncited", path, message, severity="info")
        return Value(draft)

    def _withheld(self, grounding: Grounding) -> str | None:
        """The code of what words stand in, if they stand only in what is kept from models."""
        known, spans = self.index.withheld, grounding.spans
        if not (known and spans and all(map(self.index.is_withheld, spans))):
            return None
        return withheld_as(self.index.text, spans[0])

    def _spans(self, grounding: Grounding) -> tuple[Span, ...]:
        assert grounding.alignment is not None
        return spans_at(self.index.text, grounding.spans, grounding.alignment)


def _cited(path: str) -> str:
    """Where the words that were cited for a value stand among those looked up."""
    return f"{path}/"


def _is_within(grounding: Grounding, sentence: Place) -> bool:
    """Whether the words stand in the sentence, at least in part; each place of several must."""
    inside = (_meet(place, sentence) for place in grounding.spans)
    return all(inside) if grounding.alignment == "ambiguous" else any(inside)


def _meet(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _nearest(grounding: Grounding) -> str:
    """A hint where the words that are most alike stand, and what is different there."""
    return f" ({grounding.near_miss})" if grounding.near_miss else ""
