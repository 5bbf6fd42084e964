"""The last word on a record: the schema itself, over what grounding left standing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any, Generic

from pydantic import AliasChoices, BaseModel, RootModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from extractor.checks import check_derived, check_value
from extractor.records import Article, Evidence, Problem, RecordT, Status, record_json
from extractor.shape import JsonSchema
from extractor.tree import MISSING, Missing, Tree, Value, kept, plain, pointer, prune

__all__ = [
    "Validated",
    "check_value",
    "evidence_map",
    "in_draft",
    "status_of",
    "validate",
]

MAX_ROUNDS = 1_000
"""How many values may be left out one by one before the record is given up."""

Steps = tuple[int | str, ...]
Scalar = tuple[str, object, Value | None]
"""A value of a record: its pointer, itself, what it was made from."""


@dataclass(frozen=True)
class Validated(Generic[RecordT]):
    """A record that its schema accepts, or None, with the tree that it was made from.

    `json` is the record as it is written (`record_json`), `scalars` its values but null, each
    with its pointer and what it was made from.
    """

    record: RecordT | None
    tree: Tree | None
    problems: tuple[Problem, ...]
    json: Any = None
    scalars: tuple[Scalar, ...] = ()

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        """What supports the record's values (`evidence_map`); none without a record."""
        if self.record is None or self.tree is None:
            return {}
        return _evidence_of(self.scalars)


def validate(tree: Tree, model: type[RecordT], json_schema: JsonSchema) -> Validated[RecordT]:
    """Let the schema judge; what it refuses is left out and reported, and it judges again.

    What the schema adds by itself (a default) is reported too: no words support it.
    """
    problems: list[Problem] = []
    for _ in range(MAX_ROUNDS):
        try:
            record = model.model_validate(plain(tree))
            written = record_json(record)
        except ValidationError as error:
            steps, problem = _first_refused(tree, error)
        except Exception as error:  # a schema's own code fails in as many ways as Python
            return Validated(None, None, (*problems, _broken(error)))
        else:
            scalars = _scalars_of(written, tree, record)
            return Validated(record, tree, (*problems, *_added(scalars)), written, scalars)
        problems.append(problem)
        smaller = prune(_without(tree, steps), json_schema, json_schema, problems)
        if isinstance(smaller, Missing) or smaller == tree:
            break
        tree = smaller
    return Validated(None, None, tuple(problems))


def _broken(error: Exception) -> Problem:
    message = f"the schema's own code failed: {type(error).__name__}: {error}"
    return Problem(code="schema_failed", path="", message=message, severity="error")


def _added(scalars: Iterable[Scalar]) -> Iterator[Problem]:
    message = "filled in by the schema; nothing says which words support this"
    for path, _, source in scalars:
        if source is None or source.value is None:
            yield Problem(code="uncited", path=path, message=message, severity="info")


_MOST_BRANCHES = 20
"""How many errors can be about one value, which several branches of a union refuse."""

_LONGEST_PATTERN = 120
"""Characters of a message that holds a pattern; longer ones say nothing to anybody."""


def _first_refused(tree: Tree, error: ValidationError) -> tuple[Steps, Problem]:
    """What is to be left out, and why.

    Where all branches of a union complain, the one that got furthest counts, unless
    the value contradicts its constant.
    """
    errors = error.errors(include_url=False, include_context=False)[:_MOST_BRANCHES]
    steps, first = max(
        ((_known_steps(tree, found["loc"]), found) for found in errors),
        key=lambda each: (each[1]["type"] != "literal_error", len(each[0])),
    )
    message, place = first["msg"], steps
    if first["type"] == "missing":
        place = (*steps, first["loc"][-1])
    elif first["type"] == "too_long" and (parts := _children(_at(tree, steps))):
        steps = place = (*steps, list(parts)[-1])
    else:
        if first["type"] == "string_pattern_mismatch" and len(message) > _LONGEST_PATTERN:
            message = "These words have not the form that the schema asks for"
        message = f"{message} (found {_shown(first['input'])})"
    path = ""
    for step in place:
        path = pointer(path, step)
    return steps, Problem(code="invalid", path=path, message=f"{message}; left out")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _children(tree: Tree) -> dict[int | str, Tree]:
    """What is directly in a tree, by key or by place in the draft."""
    if isinstance(tree, dict):
        return dict(tree.items())
    return dict(kept(tree)) if isinstance(tree, list) else {}


def _at(tree: Tree, steps: Steps) -> Tree:
    for step in steps:
        tree = _children(tree)[step]
    return tree


def _known_steps(tree: Tree, location: Sequence[int | str]) -> Steps:
    """The part of an error's location that is a path; Pydantic adds names of union branches.

    Pydantic counts the items that are left, the steps count those of the draft.
    """
    steps: list[int | str] = []
    for part in location:
        inside = _children(tree)
        names = enumerate(inside) if isinstance(tree, list) else zip(inside, inside, strict=True)
        step = dict[int | str, int | str](names).get(part)
        if step is not None:
            tree = inside[step]
            steps.append(step)
    return tuple(steps)


def _without(tree: Tree, steps: Steps) -> Tree:
    """`tree` with `MISSING` at `steps`; a null that the schema refuses goes with its key."""
    if not steps:
        return MISSING
    step, rest = steps[0], steps[1:]
    if isinstance(tree, list):
        return [_without(item, rest) if i == step else item for i, item in enumerate(tree)]
    inside = _children(tree)
    if not rest and inside[step] == Value(None):
        return {str(key): child for key, child in inside.items() if key != step}
    return {str(key): _without(c, rest) if key == step else c for key, c in inside.items()}


def evidence_map(record: BaseModel, tree: Tree) -> dict[str, Evidence]:
    """Evidence by JSON pointer over the record's emitted JSON; null has none.

    A quotation that the schema rewrote (trimmed, split, turned into a number) is no
    quotation any more: its value is derived from the words.
    """
    return _evidence_of(_scalars_of(record_json(record), tree, record))


def _evidence_of(scalars: Iterable[Scalar]) -> dict[str, Evidence]:
    found: dict[str, dict[str, object]] = {}
    for path, value, source in scalars:
        if source is None:
            found[path] = {"support": "none"}
            continue
        rewritten = source.support == "quoted" and source.value != value
        support = "derived" if rewritten else source.support
        found[path] = {"support": support, "spans": source.spans}
    return _EVIDENCE.validate_python(found)


_EVIDENCE = TypeAdapter(dict[str, Evidence])
"""Makes all of a record's at once."""


def _scalars_of(value: object, tree: Tree, record: BaseModel) -> tuple[Scalar, ...]:
    """Each scalar of a record but null: its pointer, itself, what it was made from."""
    found: list[Scalar] = []
    _add_scalars(value, tree, "", record, found)
    return tuple(found)


def _add_scalars(
    value: object, tree: Tree | None, path: str, made: object, found: list[Scalar]
) -> None:
    """Adds those of a part; `value` is the JSON of `made`, as far as that can be followed."""
    made = made.root if isinstance(made, RootModel) else made
    if isinstance(value, dict):
        for key, child, names, part in _fields(value, made):
            source = _named(tree, names) if isinstance(tree, dict) else tree
            if isinstance(child, dict | list):
                _add_scalars(child, source, pointer(path, key), part, found)
            else:
                made_from = source if isinstance(source, Value) else None
                found.append((pointer(path, key), child, made_from))
    elif isinstance(value, list):
        items = [item for _, item in kept(tree)] if isinstance(tree, list) else []
        parts_made = list(made) if isinstance(made, list | tuple | set | frozenset) else []
        for i, child in enumerate(value):
            source = _counterpart(child, i, items) if isinstance(tree, list) else tree
            part = parts_made[i] if len(parts_made) == len(value) else None
            _add_scalars(child, source, pointer(path, i), part, found)
    elif value is not None:
        found.append((path, value, tree if isinstance(tree, Value) else None))


def _named(tree: dict[str, Tree], names: Sequence[str]) -> Tree | None:
    """What a draft calls by one of the names."""
    for name in names:
        if name in tree:
            return tree[name]
    return None


def _fields(
    value: dict[str, Any], made: object
) -> Iterator[tuple[str, object, tuple[str, ...], object]]:
    """For each key of an object's JSON that is not null its value, what a draft may call it, and
    what it is the JSON of.

    A field may be read under one name and written under another (Pydantic's validation and
    serialization aliases).
    """
    if isinstance(made, Mapping):
        parts = made.values() if len(made) == len(value) else repeat(None)
        for (key, child), part in zip(value.items(), parts, strict=False):
            if child is not None:
                yield key, child, (key,), part
        return
    kind: Any = type(made)
    known = _names_of(kind)
    for key, child in value.items():
        if child is None:
            continue
        names = known.get(key)
        part = getattr(made, names[-1], None) if names and isinstance(child, dict | list) else None
        yield key, child, names or (key,), part


# A pure function of a class, which nobody changes.
@lru_cache(maxsize=256)
def _names_of(made: type) -> dict[str, tuple[str, ...]]:
    """For each key of a model's JSON what a draft may call it, the attribute's name last."""
    fields: dict[str, FieldInfo] = getattr(made, "__pydantic_fields__", {})
    return {
        field.serialization_alias or name: (*_read_as(field), name)
        for name, field in fields.items()
    }


def _read_as(field: FieldInfo) -> Iterator[str]:
    """The names that a field's value is read under."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    yield from (choice for choice in choices if isinstance(choice, str))


def _counterpart(child: object, place: int, items: Sequence[Tree]) -> Tree | None:
    """What a list's item was made from: a set, or a validator that sorts, moves items about."""
    likely = items[place : place + 1]
    equal = (item for item in (*likely, *items) if plain(item) == child)
    return next(equal, likely[0] if likely else None)


def contradictions(
    checked: Validated[Any], json_schema: JsonSchema, article: Article
) -> Iterator[Problem]:
    """Derived values that their words contradict (`checks.check_derived`), by their places in
    the draft; none without a record."""
    if checked.record is None or checked.tree is None:
        return
    for problem in check_derived(checked.json, checked.evidence, json_schema, article):
        place = in_draft(problem.path, checked.tree)
        yield problem if place == problem.path else problem.model_copy(update={"path": place})


def in_draft(path: str, tree: Tree) -> str:
    """Where a value of a record stood in the draft, whose lists may have been longer."""
    found = ""
    for step in path.split("/")[1:]:
        key: int | str = step.replace("~1", "/").replace("~0", "~")
        inside = _children(tree)
        if isinstance(tree, list) and int(key) < len(inside):
            key = list(inside)[int(key)]
        tree = inside.get(key, MISSING)
        found = pointer(found, key)
    return found


def status_of(record: BaseModel | None, problems: Sequence[Problem]) -> Status:
    """`complete` without warnings, `partial` with some, `rejected` without a record."""
    if record is None or any(problem.severity == "error" for problem in problems):
        return "rejected"
    return "partial" if any(p.severity == "warning" for p in problems) else "complete"
