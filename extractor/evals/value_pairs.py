"""How well the value checks tell wrong values from right ones, on pairs written by hand.

A pair is a line of JSON: `{"kind", "quote", "value", "right", "why"}`, with `context`, `anchor`
(YYYY-MM-DD) and `language` where they matter (see `extractor.validation.check_value`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from extractor.errors import InputError
from extractor.records import Frozen
from extractor.validation import check_value


class Pair(Frozen):
    """A value and its words; `right` says whether the words support it, and `why`."""

    kind: str
    quote: str
    value: Any
    context: str | None = None
    anchor: date | None = None
    language: str | None = None
    right: bool
    why: str

    def is_found_wrong(self) -> bool:
        """Whether the check of the kind finds a problem."""
        found = check_value(
            self.kind,
            self.quote,
            self.value,
            context=self.context,
            anchor=self.anchor,
            language=self.language,
        )
        return bool(found)


@dataclass(frozen=True)
class Judged:
    """The pairs of one kind: `found` of the `wrong` ones were found, and `alarms` right ones."""

    kind: str
    pairs: int
    wrong: int
    found: int
    alarms: int

    @property
    def precision(self) -> float:
        """The share of wrong values among those that the check found; 1 when it found none."""
        return self.found / (self.found + self.alarms) if self.found + self.alarms else 1.0

    @property
    def recall(self) -> float:
        """The share of the wrong values that the check found; 1 when there are none."""
        return self.found / self.wrong if self.wrong else 1.0


def read_pairs(paths: Iterable[Path]) -> tuple[Pair, ...]:
    """The pairs of files, and of the `.jsonl` files of folders. Raises `InputError`."""
    found: list[Pair] = []
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            found += _read(file)
    return tuple(found)


def _read(path: Path) -> Iterator[Pair]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}", hint="pass files of pairs") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Pair.model_validate(json.loads(line))
        except (ValueError, ValidationError) as error:
            message = f"{path}:{number}: not a pair: {error}"
            raise InputError(message, hint="see extractor/evals/value_pairs.py") from error


def judge(pairs: Sequence[Pair]) -> tuple[Judged, ...]:
    """The checks over the pairs, kind by kind."""
    return tuple(
        _judge(kind, [pair for pair in pairs if pair.kind == kind])
        for kind in sorted({pair.kind for pair in pairs})
    )


def _judge(kind: str, pairs: Sequence[Pair]) -> Judged:
    flagged = [pair for pair in pairs if pair.is_found_wrong()]
    return Judged(
        kind=kind,
        pairs=len(pairs),
        wrong=sum(not pair.right for pair in pairs),
        found=sum(not pair.right for pair in flagged),
        alarms=sum(pair.right for pair in flagged),
    )


def mistakes(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs on which the check and the author of the pair differ."""
    return tuple(pair for pair in pairs if pair.is_found_wrong() == pair.right)
