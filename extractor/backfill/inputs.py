"""What a backfill reads: inputs that are there, and their places that are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from extractor.backfill.choice import bound, chosen
from extractor.backfill.parts import is_part
from extractor.backfill.plan import Plan
from extractor.errors import InputError
from extractor.pipeline import info_of
from extractor.records import Article
from extractor.shards import Passed, Place
from extractor.sources import (
    Dropped,
    Item,
    check_input,
    count_items,
    is_url,
    read_inputs,
    state_of,
)
from extractor.store import Source


@dataclass
class Reading:
    """The places of the inputs, in order, and what was met on the way."""

    inputs: Sequence[str]
    plan: Plan
    dropped: Counter[str] = field(default_factory=Counter)
    number: int = 0
    unknown: set[str] = field(default_factory=set)
    """Ids of `only` that were not met so far."""

    def places(self) -> Iterator[Place]:
        choice = self.plan.choice
        self.unknown = set(choice.only or ())
        most = bound(_kept(self._items(), Counter()), choice)
        for place in chosen(_kept(self._items(), self.dropped), choice, most):
            self.number += 1
            if self.unknown:
                item = place.item if isinstance(place, Passed) else place
                self.unknown.discard(info_of(item).id)
            yield place

    def total(self) -> int | None:
        """How many will be chosen, at most; None where only reading tells."""
        choice = self.plan.choice
        named = None if choice.only is None else len(choice.only)
        bounds = (choice.limit, choice.sample, named)
        total = count_items(self.inputs)
        return total if total is None else min([total, *(n for n in bounds if n is not None)])

    def _items(self) -> Iterator[Item]:
        return read_inputs(self.inputs, self.plan.columns)


def source_of(name: str, out: Path) -> Source:
    """An input that can be read, and read again. Raises `InputError`."""
    if not is_url(name) and _is_taken(Path(name), out):
        raise InputError(
            f"{name}: an output of this backfill, which would take its place, or their folder",
            hint="choose another folder for --out",
        )
    check_input(name)
    state = state_of(name)
    return Source(name, state.size, state.modified)


_OUTPUTS = (
    "manifest.json",
    *(f"records-00001.{suffix}" for suffix in ("jsonl", "parquet")),
    *(f"{table}-00001.csv" for table in ("events", "spans", "problems")),
    *(f"{table}-00001.parquet" for table in ("events", "spans", "problems")),
)


def _is_taken(path: Path, out: Path) -> bool:
    """Whether a file, a folder or a pattern means files that `out` is going to hold."""
    if path.is_dir():
        return out.resolve().is_relative_to(path.resolve())
    if is_part(path) and path.resolve().parent == out.resolve():
        return True
    return any((out / name).absolute().match(str(path.absolute())) for name in _OUTPUTS)


def _kept(items: Iterable[Item], dropped: Counter[str]) -> Iterator[Article | InputError]:
    """The items that want an outcome; of the others, `dropped` counts the reasons."""
    for item in items:
        if isinstance(item, Dropped):
            dropped[item.reason] += 1
        else:
            yield item
