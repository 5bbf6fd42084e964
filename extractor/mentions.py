"""Which of several mentions is meant: what the other quotations of the same object say."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence

from extractor.haystack import MOST_PLACES, Place

SentencesOf = Callable[[Place], range]
_MOST_NEIGHBOURS = 64
"""How many other quotations of an object are asked; so many no object has."""


def singled_out(
    places: Sequence[Place], neighbours: Sequence[Place], sentences_of: SentencesOf
) -> Place | None:
    """The place that most of the neighbours point to, each to the nearest one.

    A place in the neighbour's own sentence is nearer than any other. None if there is a
    tie, or if not all places are known (`MOST_PLACES`). `places` are in order; the neighbours
    are where other quotations surely stand.
    """
    if len(places) >= MOST_PLACES:
        return None
    votes: Counter[Place] = Counter()
    voters = 0
    for neighbour in neighbours[:_MOST_NEIGHBOURS]:
        voters += 1
        nearest = _nearest(places, neighbour, sentences_of)
        if nearest is not None:
            votes[nearest] += 1
    for place, count in votes.most_common(1):
        return place if 2 * count > voters else None
    return None


def _nearest(places: Sequence[Place], neighbour: Place, sentences_of: SentencesOf) -> Place | None:
    """The place nearest to the neighbour, its own sentence first; None if two are as near."""
    own = sentences_of(neighbour)
    around = _around(places, neighbour)
    inside = [place for place in around if _meet(sentences_of(place), own)]
    ranked = sorted((_distance(place, neighbour), place) for place in inside or around)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        return None
    return ranked[0][1] if ranked else None


def _around(places: Sequence[Place], neighbour: Place) -> Sequence[Place]:
    """The few places among which the nearest is: two before the neighbour, two in or after it."""
    at = bisect_left(places, neighbour)
    after = bisect_left(places, (neighbour[1], 0))
    return [*places[max(at - 2, 0) : at + 2], *places[max(after - 1, at + 2) : after + 2]]


def _distance(one: Place, other: Place) -> int:
    """Characters between two places; 0 if they touch or overlap."""
    return max(0, one[0] - other[1], other[0] - one[1])


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def shared_sentence(found: Sequence[Sequence[Place]], sentences_of: SentencesOf) -> int | None:
    """The number of the only sentence in which every one of several quotations has a place."""
    shared: set[int] | None = None
    for places in found:
        numbers = {number for place in places for number in sentences_of(place)}
        shared = numbers if shared is None else shared & numbers
    return shared.pop() if shared is not None and len(shared) == 1 else None
