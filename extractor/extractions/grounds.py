"""A record grounded once more, from the words that it names: does the same come out?

What the model wrote is not stored, but the article's own words are. They are looked up
again (is this the only place, or are these all the places?), and what follows from them
and what resolvers read off them is made anew by the same code that made it then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from extractor.catalog import Schema
from extractor.checks import check_derived
from extractor.evidence import quote_again, support_again
from extractor.excerpts import chains
from extractor.extractions.stored import Stored
from extractor.grounding import SourceIndex, ground_quotes, source_index
from extractor.haystack import Place
from extractor.numbering import EvidenceStyle
from extractor.records import X_SUPPORT, Article, Evidence, Problem, Span, record_json
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema, child_schema, choose, is_computed
from extractor.text import comparable
from extractor.tree import Missing, Tree, Value, pointer, quoted_text
from extractor.upcast import scalars
from extractor.validation import evidence_map, validate

Places = tuple[Place, ...]


def ground_problems(
    stored: Stored, schema: Schema, article: Article, evidence: EvidenceStyle = "quotation"
) -> Iterator[Problem]:
    """What comes out otherwise. The evidence must be whole (`verify` finds nothing).

    `evidence` is what the prompt asked for.
    """
    planted = _planted(stored, stored.record, schema.json_schema, schema.json_schema, "")
    yield from _support_problems(stored, planted, schema, article)
    # Sentences and citations are of the model's reply, and no part of the record.
    told_apart = evidence != "quotation" or _is_cited(stored) or _windows(stored) > 1
    told_apart = told_apart or bool(_codes(stored) & _LOSES_QUOTATIONS)
    index = source_index(article.text)
    yield from _place_problems(stored, planted, schema, index, told_apart=told_apart)
    contradicted = check_derived(stored.record, stored.evidence, schema.json_schema, article)
    yield from _silent_problems(stored, contradicted)


def _windows(stored: Stored) -> int:
    return 1 if stored.provenance is None else stored.provenance.windows


def _is_cited(stored: Stored) -> bool:
    return stored.provenance is not None and stored.provenance.citations


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
    is gone, but not what had been read off it. A sentence that the model named may stand in
    for words that stand nowhere.
    """
    if support == "computed" and _windows(stored) > 1:
        return True
    codes = _codes(stored)
    if support == "derived" and "sentence_only" in codes:
        return True
    return (support != "quoted" and "upcast" in codes) or ("invalid" in codes and not comes_again)


# ---------------------------------------------------------------- where the words stand

_LOSES_QUOTATIONS = frozenset(
    {"furniture", "instruction", "invalid", "left_out", "not_merged", "repaired", "upcast"}
)
"""Problems that tell of quotations which the record has lost, and which may have singled
out a place before they went."""


def _place_problems(
    stored: Stored, planted: Tree, schema: Schema, index: SourceIndex, *, told_apart: bool
) -> Iterator[Problem]:
    """What is not true of the alignments.

    `told_apart` says whether what singled out a place may be in the record no more.
    """
    again = dict(_values(quote_again(_draft(planted), schema.json_schema, index)))
    for path, value in _values(planted):
        if value.support != "quoted" or _alike(again.get(path, Value(None)).spans, value.spans):
            continue
        if message := _misplaced(value.spans, index, told_apart=told_apart):
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


def _places(spans: tuple[Span, ...]) -> Places:
    return tuple((span.start, span.end) for span in spans)


def _misplaced(spans: tuple[Span, ...], index: SourceIndex, *, told_apart: bool) -> str:
    """Why the words cannot have been found like this, "" when they can."""
    places, kinds = _places(spans), {span.alignment for span in spans}
    if len(kinds) > 1 or list(places) != sorted(set(places)):
        return "the places are of different kinds, twice the same, or out of order"
    readings = _readings(spans, index)
    every = tuple(sorted({place for reading in readings for one in reading for place in one}))
    if not set(every).issuperset(places):
        return "the words do not stand there whole, or only in furniture"
    if kinds != {"ambiguous"}:
        if not any(places in reading for reading in readings):
            return f"the pieces do not stand there together, but at {_listed(every)}"
        if told_apart or any(len(reading) == 1 for reading in readings):
            return ""
        return f"it stands at {_listed(every)}; nothing singles this one out"
    whole = [tuple(sorted({place for one in reading for place in one})) for reading in readings]
    if len(places) > 1 and (told_apart or places in (*whole, every)):
        return ""
    return f"it stands at {_listed(every)}"


def _readings(spans: tuple[Span, ...], index: SourceIndex) -> list[list[Places]]:
    """Where a quotation stands, by what the model may have written; of each place, its pieces.

    It was as it stands in the article, or without typography of its own.
    """
    pieces = [span.text for span in spans]
    if spans[0].alignment == "ambiguous":
        pieces = list({_words(text): text for text in reversed(pieces)}.values())[::-1]
    if len(pieces) > 1:
        standing = [list(_standing(index, piece)) for piece in pieces]
        return [list(chains(index.text, standing, index.sentences_of))]
    texts = dict.fromkeys(
        form for span in spans for form in (span.text, comparable(span.text).text)
    )
    found = [[(place,) for place in _standing(index, text)] for text in texts]
    return [list[Places](reading) for reading in found if reading]


def _words(text: str) -> str:
    """The words alone: houses differ in the marks that they put around and between them."""
    return " ".join(_WORDS.findall(comparable(text).text))


_WORDS = re.compile(r"\w+")


def _listed(places: Places) -> str:
    return ", ".join(f"{start}-{end}" for start, end in places) or "no place"


def _standing(index: SourceIndex, quote: str) -> Places:
    """All the places of a quotation that nothing else tells apart."""
    return ground_quotes(index, [quote])[0].spans


# ---------------------------------------------------------------- what is told

_INDEX = re.compile(r"/\d+(?=/|$)")


def _silent_problems(stored: Stored, contradicted: Sequence[Problem]) -> Iterator[Problem]:
    """Values without words, or against them, that no problem tells of.

    Problems tell the place in the draft, where lists may have had more items.
    """
    if "upcast" in _codes(stored):
        return
    told = {_INDEX.sub("/*", problem.path) for problem in stored.problems}
    for path, evidence in stored.evidence.items():
        if evidence.support == "none" and not _is_told(path, told):
            message = "it has no words, and no problem says so"
            yield _wrong("support", f"/evidence/{path}", message)
    for problem in contradicted:
        of_kind = {_INDEX.sub("/*", p.path) for p in stored.problems if p.code == problem.code}
        if not _is_told(problem.path, of_kind):
            yield _wrong(problem.code, f"/record{problem.path}", problem.message)


def _is_told(path: str, told: set[str]) -> bool:
    parts = _INDEX.sub("/*", path).split("/")
    return any("/".join(parts[:length]) in told for length in range(2, len(parts) + 1))
