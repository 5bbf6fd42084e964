"""A grammar under which a model can quote nothing but words of the article.

Endpoints that decode under LLGuidance grammars (llama.cpp's server; ours is one) are given
one that is compiled from the schema: its objects, lists, unions and enumerations, and for
each quotation a run of words of the text. Lark syntax as LLGuidance reads it
(github.com/guidance-ai/llguidance, docs/syntax.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from extractor.grounding import source_index
from extractor.haystack import Haystack
from extractor.records import X_SUPPORT
from extractor.shape import (
    JsonSchema,
    child_schema,
    is_computed,
    is_quotation,
    omittable,
    remembered,
    resolve,
)
from extractor.wire import wire_form

LONGEST_TEXT = 100_000
"""Characters; LLGuidance refuses the grammar of twice as much. No window is that long."""
_MOST_ITEMS = 50
"""How many items a list without a bound of its own may have; it could go on for ever."""
_LONGEST_RUN = 24
"""Words and marks; how long a quotation may be for which the schema has a pattern."""
_MOST_RUNS = 2_000
"""Matches; a pattern that more runs of words match than this leads nobody."""
_LEAF = ("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format")

# A quotation says something; blanks and punctuation alone are found nowhere. A sign that is written
# as a reference has letters (`&ap;`): alone it can be quoted all the same, and is found nowhere.
_SAYING = r"/(?s:.*)[\p{L}\p{N}\p{So}](?s:.*)/"


def grammar(schema: JsonSchema, text: str, *, compact: bool = False) -> str | None:
    """The grammar of a draft whose quotations are words of `text`.

    Fields stand in the schema's order; in a compact draft, which has no blanks either, those
    are left out that say nothing. None for a schema that strict mode cannot express
    either, and for a text that is too long: the form is left to the endpoint.
    """
    if not wire_form(schema).strict or len(text) > LONGEST_TEXT:
        return None
    pieces = _pieces(text)
    matches = {pattern: _matches(pieces, pattern) for pattern in sorted(_patterns(schema))}
    absent = frozenset(pattern for pattern, found in matches.items() if found == [])
    form = _form(schema, compact, absent)
    run = {"substring_chunks": _escaped(pieces)}
    return "\n".join(
        [
            *form.lines,
            *(_terminal(name, matches[pattern]) for pattern, name in form.patterns.items()),
            *(
                line
                for pattern, name in form.ordered.items()
                for line in _ordered(name, pieces, pattern, matches[pattern], form.between)
            ),
            r'QUOTE: "\"" WORDS "\""',
            f"WORDS: RUN & {_SAYING}",
            f"RUN: %regex {_json(run)}",
            "",
        ]
    )


@dataclass(frozen=True)
class _Form:
    """What is the same for many texts: the lines of the schema's rules; by pattern the terminal of
    the quotations that match it, and the rule of those in their order in the text; and what
    stands between the items of a list."""

    lines: tuple[str, ...]
    patterns: Mapping[str, str]
    ordered: Mapping[str, str]
    between: str


@remembered
def _form(schema: JsonSchema, compact: bool, absent: frozenset[str]) -> _Form:
    """The rules for texts in which nothing matches the `absent` patterns."""
    rules = _Rules(schema, compact, absent)
    start = rules.of(schema)
    lines = ("%llguidance {}", f"start: {start}", *rules.lines)
    return _Form(lines, rules.patterns, rules.ordered, rules.between)


@remembered
def _patterns(schema: JsonSchema) -> frozenset[str]:
    """The patterns of the schema's quotations."""
    found: set[str] = set()
    waiting: list[Any] = [schema]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
            if _pattern(here) is not None:
                found.add(here["pattern"])
        elif isinstance(here, list):
            waiting.extend(here)
    return frozenset(found)


def _pattern(schema: JsonSchema) -> str | None:
    pattern = schema.get("pattern")
    return pattern if isinstance(pattern, str) and is_quotation(schema) else None


def _matches(pieces: Sequence[str], pattern: str) -> list[str] | None:
    """The runs of words in which the pattern is found, each once; None when it leads nobody:
    too many do, or it is no pattern of Python's (validation has the last word)."""
    try:
        wanted = re.compile(pattern)
    except re.error:
        return None
    found: dict[str, None] = {}
    for _, _, run in _runs(pieces, wanted):
        found[run] = None
        if len(found) > _MOST_RUNS:
            return None
    return list(found)


def _ordered(
    name: str, pieces: Sequence[str], pattern: str, runs: Sequence[str] | None, between: str
) -> Iterator[str]:
    """The rule of a list whose items are all different: as they stand in the text."""
    if runs:
        yield from _in_order(name, _places(pieces, pattern), between)
    else:
        yield f"{name}: QUOTE ({_json(between)} QUOTE){{0,{_MOST_ITEMS - 1}}}"


def _runs(pieces: Sequence[str], wanted: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    """The runs that match, each with the numbers of its first piece and of the one behind it."""
    for start in (at for at, piece in enumerate(pieces) if not piece.isspace()):
        run = ""
        for at in range(start, min(start + _LONGEST_RUN, len(pieces))):
            run += pieces[at]
            if not pieces[at].isspace() and wanted.search(run):
                yield start, at + 1, run


def _places(pieces: Sequence[str], pattern: str) -> list[list[str]]:
    """The runs that match, those together that overlap, in the order of the text."""
    places: list[list[str]] = []
    end = 0
    for first, behind, run in _runs(pieces, re.compile(pattern)):
        if first >= end or not places:
            places.append([])
        end = max(end, behind)
        places[-1].append(run)
    return places


def _in_order(name: str, places: Sequence[Sequence[str]], between: str) -> Iterator[str]:
    """The rule of one or more quotations, of each place one at most, in the order of the text."""
    last = len(places) - 1
    for at, runs in enumerate(places):
        yield f"{name.upper()}P{at}: " + " | ".join(map(_literal, dict.fromkeys(runs)))
        here = f"{name.upper()}P{at} {name}m{at + 1}"
        later = f" | {name}f{at + 1}" if at < last else ""
        yield f"{name if at == 0 else f'{name}f{at}'}: {here}{later}"
        if at > 0:
            yield f"{name}m{at}: {_json(between)} {here} | {name}m{at + 1}"
    yield f'{name}m{last + 1}: ""'


def _terminal(name: str, runs: Sequence[str] | None) -> str:
    """The quotations of a pattern: one of these, or any run of words."""
    return f"{name}: " + (" | ".join(map(_literal, runs)) if runs else "QUOTE")


def _pieces(text: str) -> list[str]:
    """The text, cut wherever grounding lets a quotation begin or end; blanks are one each."""
    found = source_index(text).folded
    starts, ends = found.folded.starts, found.folded.ends
    pieces: list[str] = []
    begun = 0
    for looked_at, run in _stretches(found):
        places = [*looked_at]
        parts: list[str] = []
        if run is not None:
            parts = _PART.findall(run.group())
            source = text[starts[run.start()] : ends[run.end() - 1]]
            if " ".join(source.split()) == run.group():
                # The parts are those of the source, but for blanks, and need not be cut out of it.
                places.append(run.start() + len(parts[0]))
            else:
                places += _between(run, parts)
                parts = []
        for cut in map(starts.__getitem__, places):
            pieces.append(text[begun:cut])
            begun = cut
        if run is not None and parts:
            pieces += parts[1:-1]
            begun = starts[run.end() - len(parts[-1])]
    pieces.append(text[begun:])
    # Half of them are words, and most of the others the same few.
    forms = {piece: _SPACES.sub(" ", piece) for piece in set(pieces) if not piece.isalnum()}
    return [forms.get(piece, piece) for piece in pieces]


def _escaped(pieces: Sequence[str]) -> list[str]:
    """As JSON writes them within quotation marks."""
    forms = {piece: _json(piece)[1:-1] for piece in set(pieces) if _ESCAPED.search(piece)}
    return [forms.get(piece, piece) for piece in pieces]


def openings(found: Haystack) -> list[int]:
    """The positions inside a folded text that cut nothing; within a word there are none."""
    places: list[int] = []
    for looked_at, run in _stretches(found):
        places += looked_at
        if run is not None:
            places += _between(run, _PART.findall(run.group()))
    return places


def _stretches(found: Haystack) -> Iterator[tuple[Iterator[int], re.Match[str] | None]]:
    """A folded text's plain runs, each with the openings before it that are looked for one by one;
    at the end those behind the last."""
    at = 1
    for run in () if found.broken else _PLAIN.finditer(found.text):
        yield _looked_at(found, at, run.start() + 1), run
        at = run.end()
    yield _looked_at(found, at, len(found.text)), None


def _between(run: re.Match[str], parts: Sequence[str]) -> list[int]:
    """The openings between the parts of a plain run."""
    return [*accumulate(map(len, parts), initial=run.start())][1:-1]


def _looked_at(found: Haystack, at: int, end: int) -> Iterator[int]:
    """The same of the positions from `at` to before `end`, each looked at by itself."""
    while at < end:
        if found.cuts(at):
            at = max(at + 1, found.word_end(at, end))
        else:
            yield at
            at += 1


# Words in plain letters, a space and perhaps a mark or two between them, are most of a text, and to
# look at each position took half of a request's making. Nothing goes on across such a gap, unless
# a line end parts a word there; nor where digits stand between two of them, for no more digits are
# near. Marks that stand together may be one in the source (an ellipsis), an apostrophe or a hyphen
# may belong to a word.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿ"
_PLAIN = re.compile(
    rf'[{_LETTERS}]+(?:[,.;:!?")]? ["(]?(?:[{_LETTERS}]+|\d+(?=[,.;:!?")]? ["(]?[{_LETTERS}])))+',
    re.ASCII,
)
_PART = re.compile(rf"[{_LETTERS}]+|\d+|[^{_LETTERS}\d]", re.ASCII)
_SPACES = re.compile(r"\s+")
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class _Field:
    """A field of an object: its name and the colon, the rule of its value."""

    name: str
    value: str
    omittable: bool


class _Rules:
    """The grammar's rules; parts of a schema that are alike share one."""

    def __init__(self, root: JsonSchema, compact: bool, absent: frozenset[str]) -> None:
        self._root = root
        self._compact = compact
        self._absent = absent
        self.patterns: dict[str, str] = {}
        self.ordered: dict[str, str] = {}
        self._between, self._after = (",", ":") if compact else (", ", ": ")
        self._bodies: dict[str, str] = {}
        self._known: dict[str, str] = {}

    @property
    def between(self) -> str:
        """What stands between two items."""
        return self._between

    @property
    def lines(self) -> list[str]:
        """The rules, one a line."""
        return [f"{name}: {body}" for name, body in self._bodies.items()]

    def of(self, schema: JsonSchema) -> str:
        """The name of the rule for a schema, or a literal."""
        if "$ref" in schema:
            return self._referred(schema)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            shared = {X_SUPPORT: schema[X_SUPPORT]} if X_SUPPORT in schema else {}
            whole = [{**shared, **option} for option in options]
            sayable = [option for option in whole if self._is_sayable(option)] or whole
            return self._rule(" | ".join(map(self.of, sayable)))
        return self._one(resolve(schema, self._root))

    def _referred(self, schema: JsonSchema) -> str:
        """Named before it is made, for it may refer to itself."""
        key = _json(schema)
        if key not in self._known:
            self._known[key] = name = self._new("")
            self._bodies[name] = self.of(resolve(schema, self._root))
        return self._known[key]

    def _rule(self, body: str) -> str:
        if body not in self._known:
            self._known[body] = self._new(body)
        return self._known[body]

    def _new(self, body: str) -> str:
        name = f"r{len(self._bodies)}"
        self._bodies[name] = body
        return name

    def _one(self, schema: JsonSchema) -> str:
        if "const" in schema:
            return _literal(schema["const"])
        if "enum" in schema:
            return self._rule(" | ".join(map(_literal, schema["enum"])))
        if "properties" in schema:
            return self._object(schema)
        if schema.get("type") == "array":
            return self._list(schema)
        if schema.get(X_SUPPORT, {}).get("kind") == "verbatim":
            return self._quotation(schema.get("pattern"))
        return self._rule(f"%json {_json({key: schema[key] for key in _LEAF if key in schema})}")

    def _quotation(self, pattern: str | None) -> str:
        if pattern is None or pattern in self._absent:
            return "QUOTE"
        return self.patterns.setdefault(pattern, f"QUOTE{len(self.patterns)}")

    def _is_sayable(self, schema: JsonSchema) -> bool:
        """Whether the text has words for a quotation, or for that of an object of one."""
        here = resolve(schema, self._root)
        if len(here.get("properties", ())) == 1:
            [(name, child)] = here["properties"].items()
            return self._is_sayable(self._child(here, name, child))
        return _pattern(here) not in self._absent

    def _object(self, schema: JsonSchema) -> str:
        fields = [
            field
            for name, child in schema["properties"].items()
            if not is_computed(child, self._root)
            for field in self._field(name, self._child(schema, name, child))
        ]
        needed = next((i for i, field in enumerate(fields) if not field.omittable), None)
        # One alternative for each field that can be the first.
        firsts = fields if needed is None else fields[: needed + 1]
        bodies = [self._from(fields[i:]) for i in range(len(firsts))]
        return self._rule(" | ".join(bodies if needed is not None else ['"{}"', *bodies]))

    def _field(self, name: str, schema: JsonSchema) -> Iterator[_Field]:
        """The field; none where a compact draft could only say nothing in it."""
        may_go = self._compact and omittable(schema, self._root)
        asked = self._saying(schema) if may_go else schema
        if asked is not None:
            yield _Field(f"{_json(name)}{self._after}", self.of(asked), may_go)

    def _saying(self, schema: JsonSchema) -> JsonSchema | None:
        """What a field says that could also be left out: no null, no empty list."""
        if schema.get("type") == "array":
            is_sayable = schema.get("maxItems") != 0 and self._is_sayable(schema["items"])
            return {**schema, "minItems": max(1, schema.get("minItems", 0))} if is_sayable else None
        if "anyOf" not in schema:
            return schema if self._is_sayable(schema) else None
        options = [o for o in schema["anyOf"] if o.get("type") != "null"]
        found = [made for option in options if (made := self._saying(option)) is not None]
        return {**schema, "anyOf": found} if found else None

    def _from(self, fields: Sequence[_Field]) -> str:
        """An object whose first field is the first of these."""
        first, *others = fields
        parts = [f"{_json('{' + first.name)} {first.value}"]
        for field in others:
            part = f"{_json(self._between + field.name)} {field.value}"
            parts.append(f"({part}){{0,1}}" if field.omittable else part)
        return " ".join([*parts, '"}"'])

    def _list(self, schema: JsonSchema) -> str:
        child = self._child(schema, 0, schema["items"])
        item = self.of(child)
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, _MOST_ITEMS))
        if most == 0 or (least == 0 and not self._is_sayable(child)):
            return '"[]"'
        pattern = _pattern(child)
        if schema.get("uniqueItems") and pattern is not None and pattern not in self._absent:
            name = self.ordered.setdefault(pattern, f"ordered{len(self.ordered)}")
            return self._rule(f'"[" {name} "]"' if least else f'"[]" | "[" {name} "]"')
        more = f"({_json(self._between)} {item}){{{max(least - 1, 0)},{most - 1}}}"
        some = f'"[" {item} {more} "]"'
        return self._rule(some if least else f'"[]" | {some}')

    def _child(self, schema: JsonSchema, key: str | int, child: JsonSchema) -> JsonSchema:
        """The child as it stands, so that references are seen, unless it inherits a marker."""
        return child_schema(schema, key, self._root) if X_SUPPORT in schema else child


def _literal(value: Any) -> str:
    return _json(_json(value))
