"""Which item of one list belongs to which of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

LARGEST_SUM = 2**53
"""Below it, sums of weights are exact in the floating point numbers that they are added in."""


def assign(weights: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Pairs (row, column), each used once, with the largest sum; weight 0 is no pair.

    The rows of `weights` are of one length, and their sums below `LARGEST_SUM`. Optimal (Crouse
    2016, a shortest augmenting path algorithm, as scipy has it).
    """
    if not weights or not weights[0]:
        return []
    if len(weights) == len(weights[0]) == 1:  # what most lists are, and scipy takes its time for
        return [(0, 0)] if weights[0][0] else []
    rows, columns = linear_sum_assignment(np.array(weights, dtype=float), maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(i, j) for i, j in pairs if weights[i][j]]
