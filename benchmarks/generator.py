"""All cases of a seed: as many of each class as are asked for, each checked by `selfcheck`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from benchmarks.carriers import Carriers
from benchmarks.cases import Case
from benchmarks.cuts import CUTS
from benchmarks.folds import FOUND, Maker
from benchmarks.places import PLACES
from benchmarks.selfcheck import complaint
from benchmarks.swaps import SWAPS

TO_BE_FOUND: dict[str, Maker] = {**FOUND, **PLACES}
TO_BE_REFUSED: dict[str, Maker] = {**SWAPS, **CUTS}
CLASSES: dict[str, Maker] = {**TO_BE_FOUND, **TO_BE_REFUSED}

SEED = 20261125
SIZE = 270
_SHARE = {"in 100 KB": 0.5, "in 1 MB": 0.2}  # their texts are large


class TooFewCases(Exception):
    """A class cannot be filled: its texts do not have what it looks for."""


def cases_of(name: str, size: int, carriers: Carriers) -> Iterator[Case]:
    """Up to `size` different cases of the class; at least a quarter of it.

    Raises TooFewCases when 60 attempts a case do not give as many.
    """
    rng = Random(f"{carriers.seed}/{name}")
    wanted = max(1, round(size * _SHARE.get(name, 1.0)))
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for _ in range(60 * wanted):
        if len(seen) == wanted:
            return
        case = CLASSES[name](rng, carriers)
        if case is None or (case.text, case.quotes) in seen or complaint(case):
            continue
        seen.add((case.text, case.quotes))
        yield case
    if len(seen) * 4 < wanted:
        raise TooFewCases(f"{name}: {len(seen)} cases of {wanted}")


def generate(
    seed: int = SEED, size: int = SIZE, names: Sequence[str] = ()
) -> dict[str, list[Case]]:
    """The cases of each class that is named, or of all, in the order of CLASSES."""
    carriers = Carriers(seed)
    return {name: list(cases_of(name, size, carriers)) for name in names or CLASSES}
