"""A text cut where marks begin and end. Offsets are code points, as everywhere in records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

Kind = Literal["right", "elsewhere", "wrong", "missing", "spurious"]
"""What came of a value; "elsewhere" is a right value with the wrong words."""
_WORSE = {kind: place for place, kind in enumerate(get_args(Kind))}


@dataclass(frozen=True)
class Mark:
    """Words that a value rests on; `number` is that of the value among those of its article."""

    start: int
    end: int
    number: int
    kind: Kind


@dataclass(frozen=True)
class Piece:
    """A stretch of text with the values that rest on it, and the worst that came of them."""

    text: str
    numbers: tuple[int, ...] = ()
    kind: Kind | None = None


def pieces(text: str, marks: Sequence[Mark]) -> list[Piece]:
    """The text in pieces, which together are the text. Marks may overlap."""
    ends = {0, len(text), *(m.start for m in marks), *(m.end for m in marks)}
    cuts = sorted(cut for cut in ends if 0 <= cut <= len(text))
    found = []
    for start, end in pairwise(cuts):
        over = [mark for mark in marks if mark.start <= start and end <= mark.end]
        found.append(Piece(text[start:end], _numbers(over), _worst(over)))
    return found


def _numbers(marks: Iterable[Mark]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(mark.number for mark in marks))


def _worst(marks: Iterable[Mark]) -> Kind | None:
    return max((mark.kind for mark in marks), key=_WORSE.__getitem__, default=None)
