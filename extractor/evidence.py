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

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from extractor.catalog import Policy
from extractor.furniture import WITHHELD, withheld_as
from extractor.grounding import Grounding, SourceIndex, ground_quotes, source_index
from extractor.haystack import Place
from extractor.records import X_SUPPORT, Alignment, Article, Problem, Severity, Span
from extractor.resolve import Resolver, Words
from extractor.shape import (
    JsonSchema,
    asked_fields,
    asked_or_null,
    child_schema,
    choose,
    computed_together,
    held_fields,
    is_computed,
    is_quotation,
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
    leaves,
    plain,
    pointer,
    prune,
    quoted_text,
    texts,
)


@dataclass(frozen=True)
class GroundedDraft:
    """A draft with its evidence. `tree` is None when nothing usable is left."""

    tree: Tree | None
    problems: tuple[Problem, ...]


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


def ground_draft(
    draft: Any,
    json_schema: JsonSchema,
    article: Article,
    resolvers: Mapping[str, Resolver],
    policy: Policy = "leave_out",
    hints: Hints | None = None,
) -> GroundedDraft:
    """Tie every value of `draft` to the words of `article`, or say why it cannot be."""
    problems = _Problems(policy)
    index = source_index(article.text)
    tree = _Quoter(json_schema, problems, index, hints or Hints()).draft(draft)
    tree = prune(tree, json_schema, json_schema, problems.found)
    tree = _without_repeats(tree, json_schema, json_schema, problems)
    tree = _supported(tree, json_schema, article, resolvers, problems)
    return GroundedDraft(None if isinstance(tree, Missing) else tree, tuple(problems.found))


def quote_again(draft: Any, json_schema: JsonSchema, index: SourceIndex) -> Tree:
    """The first walk alone, for words that were looked up before."""
    return _Quoter(json_schema, _Problems("flag"), index).draft(draft)


def support_again(
    tree: Tree, json_schema: JsonSchema, article: Article, resolvers: Mapping[str, Resolver]
) -> Tree:
    """The walks after the first, over a tree that has its quotations; `Missing` for nothing.

    What has no words is kept, since it was kept before.
    """
    return _supported(tree, json_schema, article, resolvers, _Problems("flag"))


def _supported(
    tree: Tree,
    json_schema: JsonSchema,
    article: Article,
    resolvers: Mapping[str, Resolver],
    problems: _Problems,
) -> Tree:
    tree = _Deriver(json_schema, problems).node(tree, json_schema, "", ())
    tree = prune(tree, json_schema, json_schema, problems.found)
    return _Computer(json_schema, problems, article, resolvers).node(tree, json_schema, "", ())


@dataclass
class _Problems:
    """What was found wrong so far, and what the policy makes of a value without words."""

    policy: Policy
    found: list[Problem] = field(default_factory=list)

    def report(
        self,
        code: str,
        path: str,
        message: str,
        quote: str | None = None,
        severity: Severity = "warning",
    ) -> None:
        problem = Problem(code=code, path=path, message=message, severity=severity, quote=quote)
        self.found.append(problem)

    def without_support(
        self, value: Any, code: str, path: str, message: str, quote: str | None = None
    ) -> Tree:
        """The value itself if it is to be kept, else `MISSING`; reported in any case."""
        if self.policy == "flag":
            self.report(code, path, f"{message}; kept", quote)
            return Value(value)
        severity: Severity = "error" if self.policy == "reject" else "warning"
        self.report(code, path, f"{message}; left out", quote, severity)
        return MISSING


@dataclass
class _Quoter:
    """The first walk: a tree of the draft, with its quotations looked up in the article."""

    root: JsonSchema
    problems: _Problems
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
        known = asked_fields(schema, self.root)
        asked = {
            key: (draft[key], known.get(key) or child_schema(schema, key, self.root), place)
            for key in draft
            if key in known or self._is_asked(key, schema, path)
            for place in (pointer(path, key),)
        }
        strings = {place: quote for each in asked.values() for place, quote in self._strings(*each)}
        self._look_up(strings, around, self.hints.sentences.get(path))
        own = [place for _, _, place in asked.values()]
        if self.hints.citations:
            own = [each for place in own for each in (place, _cited(place))]
        inner = (*around, *(strings[place] for place in own if place in strings))
        done = {key: self.node(*each, inner) for key, each in asked.items()}
        for key in asked_or_null(schema, self.root):
            if key not in done:
                message = f"{key!r} was not given; taken as null"
                self.problems.report("missing", pointer(path, key), message)
                done[key] = NULL
        return _in_order(done, schema)

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
                return Missing(_spans(self.index.text, [self.named[path]], "exact"))
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
        return _spans(self.index.text, grounding.spans, grounding.alignment)


def _cited(path: str) -> str:
    """Where the words that were cited for a value stand among those looked up."""
    return f"{path}/"


def _is_within(grounding: Grounding, sentence: Place) -> bool:
    """Whether the words stand in the sentence, at least in part; each place of several must."""
    inside = (_meet(place, sentence) for place in grounding.spans)
    return all(inside) if grounding.alignment == "ambiguous" else any(inside)


def _meet(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _spans(text: str, places: Iterable[tuple[int, int]], alignment: Alignment) -> tuple[Span, ...]:
    return tuple(
        Span(text=text[start:end], start=start, end=end, alignment=alignment)
        for start, end in places
    )


def _distinct(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Each of them once."""
    return tuple(dict.fromkeys(spans) if len(spans) > 1 else spans)


def _nearest(grounding: Grounding) -> str:
    """A hint where the words that are most alike stand, and what is different there."""
    return f" ({grounding.near_miss})" if grounding.near_miss else ""


def _in_order(fields: dict[str, Tree], schema: JsonSchema) -> dict[str, Tree]:
    """The fields in the schema's order, then the others."""
    declared = [key for key in schema.get("properties", ()) if key in fields]
    if declared == list(fields):
        return fields
    return {key: fields[key] for key in (*declared, *fields)}


def _without_repeats(
    tree: Tree, schema: JsonSchema, root: JsonSchema, problems: _Problems, path: str = ""
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
        return _without_repeats(child, inner, root, problems, pointer(path, key))

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


@dataclass
class _Walk:
    """A later walk; `scopes` are the enclosing objects, as far as they are done."""

    root: JsonSchema
    problems: _Problems

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
        for source in (follow(source, scopes) for source in marker["from"]):
            if isinstance(source, Value):
                said.append(source)
            else:
                said += (leaf for leaf in leaves(source) if leaf.support == "quoted")
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
            first, *others = (follow(source, scopes) for source in sources)
            if not isinstance(first, Value) or first.value is None or not first.spans:
                computed |= dict.fromkeys((key for key, _ in those), NULL)
                continue
            places = tuple((span.start, span.end) for span in first.spans)
            words = Words(str(first.value), places, self.article, texts(others))
            for key, by in those:
                computed[key] = self._compute(by, words, first.spans, pointer(path, key))
        properties = schema.get("properties", {})
        found = {
            key: value
            for key, value in computed.items()
            if value.value is not None or "default" not in properties[key]
        }
        return _in_order({**scopes[-1], **found}, schema)

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
        spans = (*own, *_spans(self.article.text, resolution.spans, "exact"))
        return Value(resolution.value, "computed", _distinct(spans))
