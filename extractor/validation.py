"""The last word on a record: the schema itself, over what grounding left standing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from pydantic import BaseModel, ValidationError

from extractor.evidence import Missing, Tree, Value, leave_out, leaves, plain, pointer
from extractor.records import Evidence, Problem, RecordT, Status, record_json
from extractor.shape import JsonSchema

MAX_ROUNDS = 1_000
"""How many values may be left out one by one before the record is given up."""


@dataclass(frozen=True)
class Validated(Generic[RecordT]):
    """A record that its schema accepts, or None, with the tree that it was made from."""

    record: RecordT | None
    tree: Tree | None
    problems: tuple[Problem, ...]


def validate(tree: Tree, model: type[RecordT], json_schema: JsonSchema) -> Validated[RecordT]:
    """Let the schema judge; what it refuses is left out and reported, and it judges again."""
    problems: list[Problem] = []
    for _ in range(MAX_ROUNDS):
        try:
            return Validated(model.model_validate(plain(tree)), tree, tuple(problems))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
        steps = _known_steps(tree, first["loc"])
        path = ""
        for step in steps:
            path = pointer(path, step)
        problems.append(_invalid(path, first["msg"], first["input"], first["type"]))
        smaller = leave_out(tree, json_schema, json_schema, steps)
        if isinstance(smaller, Missing) or smaller == tree:
            return Validated(None, None, tuple(problems))
        tree = smaller
    return Validated(None, None, tuple(problems))


def _known_steps(tree: Tree, location: Sequence[int | str]) -> list[int | str]:
    """The part of an error's location that is a path; Pydantic adds names of union branches."""
    steps: list[int | str] = []
    here: Tree = tree
    for step in location:
        children = dict(enumerate(here)) if isinstance(here, list) else here
        if isinstance(children, dict) and step in children:
            here = children[step]
            steps.append(step)
    return steps


def _invalid(path: str, message: str, found: object, kind: str) -> Problem:
    shown = repr(found)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    where = f"{message} (found {shown})" if kind != "missing" else message
    return Problem(code="invalid", path=path, message=f"{where}; left out", severity="warning")


def evidence_map(record: BaseModel, tree: Tree) -> dict[str, Evidence]:
    """Evidence by JSON pointer over the record's emitted JSON; null has none."""
    known = dict(leaves(tree))
    found: dict[str, Evidence] = {}
    for path, value in _scalars(record_json(record), ""):
        leaf = known.get(path, Value(value))
        found[path] = Evidence(support=leaf.support, spans=leaf.spans)
    return found


def _scalars(value: object, path: str) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [s for key, child in value.items() for s in _scalars(child, pointer(path, key))]
    if isinstance(value, list):
        return [s for i, child in enumerate(value) for s in _scalars(child, pointer(path, i))]
    return [] if value is None else [(path, value)]


def status_of(record: BaseModel | None, problems: Sequence[Problem]) -> Status:
    """`complete` without warnings, `partial` with some, `rejected` without a record."""
    if record is None or any(problem.severity == "error" for problem in problems):
        return "rejected"
    return "partial" if any(p.severity == "warning" for p in problems) else "complete"
