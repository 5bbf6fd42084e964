"""Random sentences of the part of LLGuidance's Lark that `extractor.grammar` writes.

Rules, literals, alternation, groups, `{m,n}`, `&`, `%json` leaves and `%regex` substrings
(github.com/guidance-ai/llguidance, docs/syntax.md). What is in no rule of this module is
refused, so that nothing in a grammar goes untested.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import regex
from hypothesis import strategies as st

Draw = Callable[..., Any]

_TOKEN = regex.compile(r'\s*(?:(?P<mark>%json|%regex)|(?P<name>\w+)|(?P<sign>[|&(){},"/]))')
_REPEAT = regex.compile(r"\s*\{(\d+),(\d+)\}")
_STRING = json.JSONDecoder()
_MOST_REPEATS = 3
_DEEP = 30

# LLGuidance's words: runs of blanks, of letters, digits and `_`, and of all else.
_WORDS = regex.compile(
    r"\p{White_Space}+|[\p{Alphabetic}\p{N}_]+|[^\p{White_Space}\p{Alphabetic}\p{N}_]+"
)


@dataclass(frozen=True)
class Literal:
    """These very characters."""

    text: str


@dataclass(frozen=True)
class Pattern:
    """Characters that a regular expression matches: of use as a condition only."""

    text: str


@dataclass(frozen=True)
class Name:
    """What the rule of that name says."""

    name: str


@dataclass(frozen=True)
class Leaf:
    """A JSON scalar."""

    schema: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """Any run of these pieces, the empty one too."""

    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Repeat:
    """The part, so many times."""

    part: Node
    least: int
    most: int


@dataclass(frozen=True)
class Row:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Both:
    """The first part, where it is what the conditions match."""

    part: Node
    conditions: tuple[Pattern, ...]


Node = Literal | Pattern | Name | Leaf | Run | Repeat | Row | Choice | Both


@dataclass
class _Parser:
    """Reads one rule's body."""

    body: str
    at: int = 0

    def whole(self) -> Node:
        node = self.choice()
        assert self.at == len(self.body.rstrip()), f"cannot be read: {self.body[self.at :]!r}"
        return node

    def choice(self) -> Node:
        parts = [self.both()]
        while self._take("|"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def both(self) -> Node:
        part = self.row()
        conditions = []
        while self._take("&"):
            condition = self.row()
            assert isinstance(condition, Pattern)
            conditions.append(condition)
        return Both(part, tuple(conditions)) if conditions else part

    def row(self) -> Node:
        parts = list(self._parts())
        assert parts, f"an empty row in {self.body!r}"
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _parts(self) -> Iterator[Node]:
        while (token := _TOKEN.match(self.body, self.at)) and token["sign"] not in {"|", "&", ")"}:
            self.at = token.end()
            node = self._node(token)
            if repeat := _REPEAT.match(self.body, self.at):
                self.at = repeat.end()
                node = Repeat(node, int(repeat[1]), int(repeat[2]))
            yield node

    def _node(self, token: regex.Match[str]) -> Node:
        if token["name"]:
            return Name(token["name"])
        if token["mark"] == "%json":
            return Leaf(self._json())
        if token["mark"] == "%regex":
            return _run(self._json())
        if token["sign"] == '"':
            self.at -= 1
            return Literal(self._json())
        if token["sign"] == "/":
            end = self.body.index("/", self.at)
            self.at, start = end + 1, self.at
            return Pattern(self.body[start:end])
        assert token["sign"] == "(", f"cannot be read: {self.body!r}"
        node = self.choice()
        assert self._take(")")
        return node

    def _json(self) -> Any:
        start = self.at + len(self.body[self.at :]) - len(self.body[self.at :].lstrip())
        value, self.at = _STRING.raw_decode(self.body, start)
        return value

    def _take(self, sign: str) -> bool:
        token = _TOKEN.match(self.body, self.at)
        if token is None or token["sign"] != sign:
            return False
        self.at = token.end()
        return True


def _run(value: dict[str, Any]) -> Run:
    [(kind, text)] = value.items()
    match kind:
        case "substring_words":
            return Run(tuple(_WORDS.findall(text)))
        case "substring_chars" | "substring_chunks":
            return Run(tuple(text))
    raise AssertionError(f"no such regex: {kind}")


@dataclass
class Lark:
    """A grammar, and how deep the shallowest sentence of each rule is."""

    rules: dict[str, Node]
    depths: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, grammar: str) -> Lark:
        first, *lines = grammar.removesuffix("\n").split("\n")
        assert first == "%llguidance {}"
        split = [line.partition(": ") for line in lines]
        assert len({name for name, _, _ in split}) == len(split), "a rule is there twice"
        lark = cls({name: _Parser(body).whole() for name, _, body in split})
        lark._measure()
        return lark

    def _measure(self) -> None:
        """Fails where a rule has no sentence, for it needs itself."""
        for _ in self.rules:
            for name, node in self.rules.items():
                if (depth := self.depth(node)) is not None:
                    self.depths[name] = depth + 1
        endless = self.rules.keys() - self.depths.keys()
        assert not endless, f"rules without an end: {endless}"

    def depth(self, node: Node) -> int | None:
        match node:
            case Name(name):
                assert name in self.rules, f"no rule {name}"
                return self.depths.get(name)
            case Repeat(part, least, most):
                assert least <= most, "a list that no list can be"
                return self.depth(part) if least else 0
            case Both(part, _):
                return self.depth(part)
            case Row(parts):
                found = [self.depth(part) for part in parts]
                return None if None in found else max(d for d in found if d is not None)
            case Choice(parts):
                return min((d for p in parts if (d := self.depth(p)) is not None), default=None)
        return 0

    def sentence(self, draw: Draw, name: str = "start") -> str:
        """A random sentence of a rule; the deeper it is, the sooner it ends."""
        return self._say(self.rules[name], draw, _DEEP)

    def every(self, name: str) -> set[str]:
        """All sentences of a rule that has neither lists nor JSON in it."""
        return set(self._all(self.rules[name]))

    def _all(self, node: Node) -> Iterator[str]:
        match node:
            case Literal(text):
                yield text
            case Name(name):
                yield from self._all(self.rules[name])
            case Row(parts):
                yield from map("".join, product(*map(self._all, parts)))
            case Both(part, conditions):
                yield from (text for text in self._all(part) if _fits(text, conditions))
            case Run(pieces):
                yield ""
                for start, end in combinations(range(len(pieces) + 1), 2):
                    yield "".join(pieces[start:end])
            case _:
                raise AssertionError(f"its sentences are not counted: {node}")

    def _say(self, node: Node, draw: Draw, left: int) -> str:
        match node:
            case Literal(text):
                return text
            case Name(name):
                return self._say(self.rules[name], draw, left - 1)
            case Row(parts):
                return "".join(self._say(part, draw, left) for part in parts)
            case Repeat(part, least, most):
                most = min(most, least + _MOST_REPEATS) if left > 0 else least
                times = draw(st.integers(least, most))
                return "".join(self._say(part, draw, left) for _ in range(times))
            case Choice(parts):
                depths = [self.depth(part) for part in parts]
                open_ = [p for p, d in zip(parts, depths, strict=True) if d is not None]
                if left <= 0:
                    open_ = [min(open_, key=lambda part: self.depth(part) or 0)]
                return self._say(draw(st.sampled_from(open_)), draw, left)
            case Both(part, conditions):
                said = st.composite(lambda draw: self._say(part, draw, left))()
                return str(draw(said.filter(lambda text: _fits(text, conditions))))
            case Run(pieces):
                start = draw(st.integers(0, len(pieces)))
                return "".join(pieces[start : draw(st.integers(start, len(pieces)))])
            case Leaf(schema):
                return json.dumps(draw(_scalar(schema)), ensure_ascii=False)
        raise AssertionError(f"a condition alone: {node}")


def _fits(text: str, conditions: tuple[Pattern, ...]) -> bool:
    return all(regex.fullmatch(condition.text, text) for condition in conditions)


def _scalar(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    least, most = schema.get("minimum"), schema.get("maximum")
    match schema["type"]:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(least, most)
        case "number":
            return st.floats(least, most, allow_nan=False, allow_infinity=False)
        case "string":
            return st.dates().map(str) if schema.get("format") == "date" else st.text(max_size=9)
    raise AssertionError(f"no scalar: {schema}")
