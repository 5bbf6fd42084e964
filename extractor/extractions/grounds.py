"""A record grounded once more, from the words that it names: does the same come out?

What the model wrote is not stored, but the article's own words are. They are looked up
again (is this the only place, or are these all the places?), and what follows from them
and what resolvers read off them is made anew by the same code that made it then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from extractor.catalog import Schema
from extractor.evidence import (
    Missing,
    Tree,
    Value,
    pointer,
    quote_again,
    quoted_text,
    support_again,
)
from extractor.extractions.stored import Stored
from extractor.grounding import SourceIndex, ground_quotes
from extractor.haystack import Place
from extractor.records import X_SUPPORT, Article, Evidence, Problem, Span, record_json
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema, child_schema, choose, is_computed
from extractor.text import fold
from extractor.upcast import scalars
from extractor.validation import evidence_map, validate


def ground_problems(stored: Stored, schema: Schema, article: Article) -> Iterator[Problem]:
    """What comes out otherwise. The evidence must be whole (`verify` finds nothing).

    Checks of derived values against what their words say belong here, beside these.
    """
    planted = _planted(stored, stored.record, schema.json_schema, schema.json_schema, "")
    yield from _support_problems(stored, planted, schema, article)
    yield from _place_problems(stored, planted, schema, SourceIndex(article.text))
    yield from _silent_problems(stored)


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two JSON values are not the same; 1 and 1.0 are one number, 1 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            if key in one and key in other:
                yield from differences(one[key], other[key], pointer(path, key))
            else:
                yield pointer(path, key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, theirs, pointer(path, place))
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield path


def _planted(stored: Stored, value: Any, schema: JsonSchema, root: JsonSchema, path: str) -> Tree:
    """The record as the tree that it was after its quotations had been found.

    Computed values are left out. A value that the schema made of a quotation, or whose
    words were cited beside it, stays as it is.
    """
    schema = choose(schema, value, root)
    if isinstance(value, dict):
        fields = ((key, child_schema(schema, key, root)) for key in value)
        return {
            key: _planted(stored, value[key], inner, root, pointer(path, key))
            for key, inner in fields
            if not is_computed(schema.get("properties", {}).get(key, {}), root)
        }
    if isinstance(value, list):
        return [
            _planted(stored, item, child_schema(schema, i, root), root, pointer(path, i))
            for i, item in enumerate(value)
        ]
    known = stored.evidence.get(path)
    marker = schema.get(X_SUPPORT, {}).get("kind")
    if known is None or known.support not in {"quoted", "derived"} or marker == "derived":
        return Value(value)
    if quoted_text(known.spans) == value:
        return Value(value, "quoted", known.spans)
    return Value(value, "derived", known.spans)


def _values(tree: Tree, path: str = "") -> Iterator[tuple[str, Value]]:
    if isinstance(tree, Value):
        yield path, tree
    elif not isinstance(tree, Missing):
        for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _values(child, pointer(path, key))


def _wrong(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, path=path, message=message, severity="error")


def _codes(stored: Stored) -> set[str]:
    return {problem.code for problem in stored.problems}


# ---------------------------------------------------------------- what follows from the words


def _support_problems(
    stored: Stored, planted: Tree, schema: Schema, article: Article
) -> Iterator[Problem]:
    tree = support_again(planted, schema.json_schema, article, RESOLVERS)
    checked = validate(tree, schema.model, schema.json_schema)
    if checked.record is None or checked.tree is None:
        message = "nothing of it comes out again from its words"
        yield _wrong("unsupported", "/record", message)
        return
    again = dict(scalars(record_json(checked.record)))
    evidence = evidence_map(checked.record, checked.tree)
    values = dict(scalars(stored.record))
    for path in dict.fromkeys([*values, *again]):
        value, known = values.get(path), stored.evidence.get(path)
        if list(differences(value, again.get(path))):
            message = f"it is {value!r}; from its words comes {again.get(path)!r}"
        elif not _agree(known, evidence.get(path)):
            message = f"it is {_said(known)}; it would be {_said(evidence.get(path))}"
        else:
            continue
        if not _explained(stored, (known or evidence[path]).support, path in again):
            yield _wrong("support", f"/record{path}", message)


def _agree(one: Evidence | None, other: Evidence | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.support == other.support and set(one.spans) == set(other.spans)


def _said(evidence: Evidence | None) -> str:
    if evidence is None:
        return "nothing"
    places = ", ".join(f"{span.start}-{span.end}" for span in evidence.spans)
    return f"{evidence.support} at {places}" if places else evidence.support


def _explained(stored: Stored, support: str, comes_again: bool) -> bool:
    """Whether what is stored tells why a value need not come out again as it is.

    Resolvers see one window of a long text at a time, and where windows lay is not stored.
    An upcast record keeps words whose quotations stayed behind. What the schema refused
    is gone, but not what had been read off it.
    """
    if support == "computed" and _windows(stored) > 1:
        return True
    codes = _codes(stored)
    return (support != "quoted" and "upcast" in codes) or ("invalid" in codes and not comes_again)


# ---------------------------------------------------------------- where the words stand

_LOSES_QUOTATIONS = frozenset({"furniture", "invalid", "left_out", "not_merged", "upcast"})
"""Problems that tell of quotations which the record has lost, and which may have singled
out a place before they went."""


def _place_problems(
    stored: Stored, planted: Tree, schema: Schema, index: SourceIndex
) -> Iterator[Problem]:
    """What is not true of the alignments."""
    again = dict(_values(quote_again(_draft(planted), schema.json_schema, index)))
    for path, value in _values(planted):
        if value.support != "quoted" or _alike(again[path].spans, value.spans):
            continue
        if message := _misplaced(stored, value.spans, index):
            yield _wrong("alignment", f"/evidence/{path}", message)


def _alike(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    """Exact and folded differ by what the model wrote, which is not known any more."""
    kinds = [{span.alignment == "ambiguous" for span in spans} for spans in (one, other)]
    return _places(one) == _places(other) and kinds[0] == kinds[1]


def _draft(tree: Tree) -> Any:
    """What a model would have written that copies the article's own characters."""
    if isinstance(tree, dict):
        return {key: _draft(child) for key, child in tree.items()}
    if isinstance(tree, list):
        return [_draft(child) for child in tree]
    assert isinstance(tree, Value)
    if tree.support != "quoted":
        return tree.value
    several = len(tree.spans) > 1 and tree.spans[0].alignment != "ambiguous"
    return quoted_text(tree.spans) if several else tree.spans[0].text


def _places(spans: tuple[Span, ...]) -> tuple[Place, ...]:
    return tuple((span.start, span.end) for span in spans)


def _misplaced(stored: Stored, spans: tuple[Span, ...], index: SourceIndex) -> str:
    """Why the words cannot have been found like this, "" when they can."""
    places, kinds = _places(spans), {span.alignment for span in spans}
    if len(kinds) > 1 or list(places) != sorted(set(places)):
        return "the places are of different kinds, twice the same, or out of order"
    if kinds != {"ambiguous"} and len(spans) > 1:
        lost = [s.text for s in spans if (s.start, s.end) not in _standing(index, s.text)]
        return f"{lost[0]!r} does not stand there in whole words" if lost else ""
    text = spans[0].text
    # As a model writes it that has no typography, and as it stands in the article.
    whole, same = _standing(index, fold(text).text), _standing(index, text)
    if kinds == {"ambiguous"}:
        part = _windows(stored) > 1 and {*whole, *same}.issuperset(places)
        right = len(places) > 1 and (part or places in (whole, same))
        return "" if right else f"it stands at {_listed(whole or same)}"
    if places[0] not in {*whole, *same}:
        return f"{text!r} does not stand there in whole words, or only in furniture"
    if min(len(whole or same), len(same or whole)) == 1 or _has_lost(stored):
        return ""
    return f"it stands at {_listed(whole or same)}; nothing singles this one out"


def _listed(places: tuple[Place, ...]) -> str:
    return ", ".join(f"{start}-{end}" for start, end in places) or "no place"


def _has_lost(stored: Stored) -> bool:
    """Whether words that are no quotation of the record may have singled out a place."""
    return _windows(stored) > 1 or bool(_codes(stored) & _LOSES_QUOTATIONS) or _cited(stored)


def _windows(stored: Stored) -> int:
    return 1 if stored.provenance is None else stored.provenance.windows


def _standing(index: SourceIndex, quote: str) -> tuple[Place, ...]:
    """All the places of a quotation that nothing else tells apart."""
    return ground_quotes(index, [quote])[0].spans


def _cited(stored: Stored) -> bool:
    """Whether a value may have words that are no value of the record."""
    said = {s for e in stored.evidence.values() if e.support == "quoted" for s in e.spans}
    return any(
        not said.issuperset(e.spans) for e in stored.evidence.values() if e.support == "derived"
    )


# ---------------------------------------------------------------- what is told

_INDEX = re.compile(r"/\d+(?=/|$)")


def _silent_problems(stored: Stored) -> Iterator[Problem]:
    """Values without words that no problem tells of.

    Problems tell the place in the draft, where lists may have had more items.
    """
    if "upcast" in _codes(stored):
        return
    told = {_INDEX.sub("/*", problem.path) for problem in stored.problems}
    for path, evidence in stored.evidence.items():
        if evidence.support == "none" and not _is_told(_INDEX.sub("/*", path), told):
            message = "it has no words, and no problem says so"
            yield _wrong("support", f"/evidence/{path}", message)


def _is_told(path: str, told: set[str]) -> bool:
    parts = path.split("/")
    return any("/".join(parts[:length]) in told for length in range(2, len(parts) + 1))
