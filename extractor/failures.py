"""Which fields of a draft failed, such that asking for them again can help."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extractor.records import X_SUPPORT, Problem
from extractor.shape import JsonSchema, child_schema, choose, is_computed, resolve
from extractor.tree import pointer

ASKED_AGAIN = frozenset(
    {"ungrounded", "furniture", "instruction", "invalid", "missing", "uncited", "contradicted"}
)
"""What the codes of problems with a field itself begin with. `unsupported` is one with the
quotations that the value follows from; what is `left_out` comes back with the part that it
could not stand without."""
NOT_ASKED_AGAIN = frozenset({"contradicted.type"})
"""Codes of problems that are reported alone: no recorded repair asks for such a field, so that
nobody has measured what asking for it again brings."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")
_DESCRIPTION = 200

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Failure:
    """A field of a draft that is to be asked again: where it stands, and what is wrong.

    `schema` is that of its value, with the markers; `around` the scalars beside it; `code`
    that of the problem.
    """

    steps: Steps
    schema: JsonSchema
    value: Any
    around: dict[str, Any]
    description: str
    code: str
    message: str

    @property
    def path(self) -> str:
        """Its JSON pointer."""
        return path_of(self.steps)

    @property
    def place(self) -> str:
        """Its path, for a reader."""
        return "/".join(map(str, self.steps))

    def holds(self, path: str) -> bool:
        """Whether a place is in this field."""
        return f"{path}/".startswith(f"{self.path}/")

    def name(self, number: int) -> str:
        """What a form calls it: names that any endpoint takes, no two alike."""
        last = next((step for step in reversed(self.steps) if isinstance(step, str)), "")
        return f"{last if _NAME.fullmatch(last) else 'field'}_{number}"


def failures(
    draft: dict[str, Any], schema: JsonSchema, problems: Sequence[Problem]
) -> tuple[Failure, ...]:
    """The fields that problems are about, in the draft's order of problems; of two, one
    inside the other, the outer one.

    A field that is in no draft's reach (the root itself, a computed value, an item too many
    of a list) is none.
    """
    found: dict[Steps, Problem] = {}
    for problem in problems:
        if problem.severity == "info":
            continue
        for steps in _targets(draft, schema, problem):
            found.setdefault(steps, problem)
    outer = [s for s in found if not any(s != o and s[: len(o)] == o for o in found)]
    return tuple(_failure(draft, schema, steps, found[steps]) for steps in outer)


def _targets(draft: Any, schema: JsonSchema, problem: Problem) -> Iterator[Steps]:
    steps = _steps(draft, problem.path)
    if not steps or not _reachable(draft, schema, steps):
        return
    if problem.code in NOT_ASKED_AGAIN:
        return
    if problem.code.partition(".")[0] in ASKED_AGAIN:
        yield steps
    elif problem.code == "unsupported":
        for source in _sources(draft, schema, steps):
            if _reachable(draft, schema, source):
                yield source


def path_of(steps: Steps) -> str:
    """The JSON pointer of a place."""
    path = ""
    for step in steps:
        path = pointer(path, step)
    return path


def _steps(draft: Any, path: str) -> Steps | None:
    """A JSON pointer's steps through the draft; the last one may be of a key that is missing."""
    steps: list[str | int] = []
    for part in path.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(draft, list):
            if not key.isdecimal() or int(key) >= len(draft):
                return None
            steps.append(int(key))
            draft = draft[int(key)]
        elif isinstance(draft, dict):
            steps.append(key)
            draft = draft.get(key)
        else:
            return None
    return tuple(steps)


def _at(draft: Any, steps: Steps) -> Any:
    for step in steps:
        draft = draft.get(step) if isinstance(draft, dict) else draft[step]
    return draft


def _chain(draft: Any, root: JsonSchema, steps: Steps) -> list[JsonSchema]:
    """The schemas from the root to a place, as chosen for the values that are there."""
    chain = [choose(root, draft, root)]
    for number, step in enumerate(steps, start=1):
        inner = child_schema(chain[-1], step, root)
        last = number == len(steps)
        chain.append(inner if last else choose(inner, _at(draft, steps[:number]), root))
    return chain


def _reachable(draft: Any, root: JsonSchema, steps: Steps) -> bool:
    """Whether the schema has such a field, the model fills it, and its list has room for it."""
    if not isinstance(_at(draft, steps[:-1]), dict | list):
        return False
    *_, outer, inner = _chain(draft, root, steps)
    step = steps[-1]
    if isinstance(step, int) and step >= outer.get("maxItems", step + 1):
        return False
    return bool(inner) and not is_computed(inner, root)


def _sources(draft: Any, root: JsonSchema, steps: Steps) -> Iterator[Steps]:
    """The places of what a derived value follows from, as far as its objects are there."""
    marker = _chain(draft, root, steps)[-1].get(X_SUPPORT, {})
    scopes = [s for n in range(len(steps)) if isinstance(_at(draft, s := steps[:n]), dict)]
    for source in marker.get("from", ()):
        parts = source.split("/")
        up = parts.count("..")
        if up >= len(scopes):
            continue
        place = (*scopes[len(scopes) - 1 - up], *(part for part in parts if part != ".."))
        if isinstance(_at_or_none(draft, place[:-1]), dict):
            yield place


def _at_or_none(draft: Any, steps: Steps) -> Any:
    for step in steps:
        if not isinstance(draft, dict | list):
            return None
        draft = draft.get(step) if isinstance(draft, dict) else draft[int(step)]
    return draft


def _failure(draft: Any, root: JsonSchema, steps: Steps, problem: Problem) -> Failure:
    *_, outer, inner = _chain(draft, root, steps)
    holder = next(
        (
            here
            for n in range(len(steps) - 1, -1, -1)
            if isinstance(here := _at(draft, steps[:n]), dict)
        ),
        {},
    )
    around = {
        key: value
        for key, value in holder.items()
        if value is not None and not isinstance(value, dict | list) and key != steps[-1]
    }
    said = inner.get("description") or resolve(outer, root).get("description") or ""
    described = " ".join(str(said).split()).partition(". ")[0].removesuffix(".")[:_DESCRIPTION]
    reason = problem.message.removesuffix("; left out").removesuffix("; kept")
    return Failure(steps, inner, _at(draft, steps), around, described, problem.code, reason)


def put(draft: Any, steps: Steps, value: object) -> Any:
    """A draft with `value` at a place; what is not on the way there is the same."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(draft, list):
        return [put(item, rest, value) if i == step else item for i, item in enumerate(draft)]
    return {**draft, step: put(draft.get(step), rest, value)}
