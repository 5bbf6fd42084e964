"""Which item of one list belongs to which of another."""

from __future__ import annotations

from collections.abc import Sequence

LARGEST_EXACT = 10
"""Above this many items on the shorter side, pairs are chosen greedily: exact is 2^n."""


def assign(weights: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Pairs (row, column), each used once, with the largest sum; weight 0 is no pair.

    The rows of `weights` are of one length. Optimal while the shorter side has at most
    `LARGEST_EXACT` items.
    """
    columns = len(weights[0]) if weights else 0
    if columns > len(weights):
        turned = [[row[j] for row in weights] for j in range(columns)]
        return [(i, j) for j, i in assign(turned)]
    if columns > LARGEST_EXACT:
        return _assign_greedily(weights)
    # The best choice for every set of columns in use (bits), row after row.
    best: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {0: (0, ())}
    for i, row in enumerate(weights):
        for used, (total, pairs) in list(best.items()):
            for j, weight in enumerate(row):
                now = used | 1 << j
                if weight and now != used and total + weight > best.get(now, (0, ()))[0]:
                    best[now] = (total + weight, (*pairs, (i, j)))
    return list(max(best.values())[1])


def _assign_greedily(weights: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The best pair first, then the best of what is left."""
    ranked = sorted(
        ((weight, i, j) for i, row in enumerate(weights) for j, weight in enumerate(row) if weight),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for _, i, j in ranked:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return list(pairs.items())
