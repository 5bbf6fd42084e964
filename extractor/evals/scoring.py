"""Scoring files: how the fields of a data set are compared, and what they weigh.

`scoring.toml` lies beside the cases: in their folder, or in that of their file. A table names a
field as the tables of `eval run` do:

    ["main_event/time/earliest"]
    metric = "date"       # or exact, folded, tokens, number; left out: by the field's type
    tolerance = 1         # days; of numbers the difference, of tokens the share that may differ
    weight = 2            # how often it counts among all values together; 0: not there
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field, ValidationError, model_validator

from extractor.errors import InputError
from extractor.evals.metrics import Metric, Rule
from extractor.evals.pairing import Rules, nodes_at
from extractor.records import Frozen
from extractor.shape import JsonSchema

FILE = "scoring.toml"
_TOLERANT = ("tokens", "number", "date")


class _Stated(Frozen):
    """A table of the file."""

    metric: Metric | None = None
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    weight: Annotated[int, Field(ge=0, strict=True)] = 1

    @model_validator(mode="after")
    def _means_something(self) -> _Stated:
        if self.tolerance and self.metric not in _TOLERANT:
            raise ValueError(f"a tolerance needs a metric of {', '.join(_TOLERANT)}")
        if self.metric == "tokens" and self.tolerance >= 1:
            raise ValueError("the tolerance of tokens is a share below 1")
        return self


def read_scoring(cases: Path, schema: JsonSchema) -> Rules:
    """The rules beside the cases at a path, by field; none where there is no file.

    Raises `InputError` for a file that is no TOML, an unknown field, key or metric, and a value
    that means nothing.
    """
    file = (cases if cases.is_dir() else cases.parent) / FILE
    if not file.exists():
        return {}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"{file}: cannot be read: {error}", hint="see docs/evaluation.md"
        ) from error
    return {path: _rule(file, path, table, schema) for path, table in tables.items()}


def _rule(file: Path, path: str, table: Any, schema: JsonSchema) -> Rule:
    _check_path(file, path, schema)
    try:
        stated = _Stated.model_validate(table)
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" if e["loc"] else e["msg"]
            for e in error.errors()
        )
        raise InputError(
            f"{file}: {path}: {reasons}",
            hint=f"keys: metric ({', '.join(get_args(Metric))}), tolerance, weight",
        ) from error
    return Rule(stated.metric, stated.tolerance, stated.weight)


def _check_path(file: Path, path: str, schema: JsonSchema) -> None:
    """Raise `InputError` for a path at which the schema has no single values."""
    steps = path.split("/")
    for place in range(len(steps) + 1):
        inside = _inside(schema, steps[:place])
        above = "/".join(steps[:place]) or "a record"
        if place == len(steps):
            if inside:
                raise InputError(
                    f"{file}: {path} holds other values", hint=_there_is(above, inside)
                )
        elif steps[place] not in inside:
            raise InputError(
                f"{file}: the schema has no field {path!r}",
                hint=_there_is(above, inside)
                if inside
                else f"{above} has no fields that are known",
            )


def _there_is(above: str, inside: list[str]) -> str:
    return f"{above} has {', '.join(inside)}"


def _inside(schema: JsonSchema, steps: list[str]) -> list[str]:
    """The steps that lead on from a path: names of fields, and `*` for the items of a list."""
    nodes = nodes_at(schema, "".join(f"/{step}" for step in steps))
    names = [name for node in nodes for name in node.get("properties", {})]
    items = ["*"] if any(isinstance(node.get("items"), dict) for node in nodes) else []
    return list(dict.fromkeys([*names, *items]))


def scoring_json(rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The rules as JSON values, by field."""
    return {path: asdict(rule) for path, rule in sorted(rules.items())}
