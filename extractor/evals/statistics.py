"""How sure an F1 is, and whether two runs over the same articles differ.

Articles are drawn, never values: the values of one article go wrong together. Counts are arrays
of integers `[article, field, (right, gold, predicted)]`; an F1 is a ratio of sums over articles.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

LEVEL: Final = 0.95
SAMPLES: Final = 2_000
SEED: Final = 20_261_125
POWER: Final = 0.8
_EXACT: Final = 12
"""Up to so many articles, all ways to swap two runs' records are tried, and none is drawn."""


@dataclass(frozen=True)
class Interval:
    """Where an F1, or a difference of two, lies with the confidence `LEVEL`."""

    low: float
    high: float


def f1(counts: Counts) -> Numbers:
    """The F1 of each field over all articles, NaN where nothing is in gold or predicted."""
    above, below = _parts(counts)
    return _ratio(above.sum(axis=0), below.sum(axis=0))


def intervals(counts: Counts, *, samples: int = SAMPLES, seed: int = SEED) -> list[Interval | None]:
    """A confidence interval of each field's F1; None where there is no F1, or one article.

    Bootstrap-t over articles (Efron and Tibshirani 1993, chapter 12), the standard error of
    the ratio by linearization. Where every article is right, or every one wrong, nothing
    varies and the interval is a point.
    """
    above, below = _parts(counts)
    weights = _weights(len(counts), samples, seed)
    value, error = _with_error(np.ones((1, len(counts))), above, below)
    drawn, errors = _with_error(weights, above, below)
    found: list[Interval | None] = []
    for field in range(counts.shape[1]):
        centre, width = value[0, field], error[0, field]
        if np.isnan(centre) or len(counts) < 2:
            found.append(None)
            continue
        spread = errors[:, field]
        usable = (spread > 0) & ~np.isnan(drawn[:, field])
        if not usable.any() or width == 0:
            found.append(Interval(float(centre), float(centre)))
            continue
        pulls = (drawn[usable, field] - centre) / spread[usable]
        low, high = np.quantile(pulls, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        found.append(
            Interval(
                float(np.clip(centre - high * width, 0, 1)),
                float(np.clip(centre - low * width, 0, 1)),
            )
        )
    return found


def mean_interval(counts: Counts, *, samples: int = SAMPLES, seed: int = SEED) -> Interval | None:
    """A confidence interval of the mean F1 of the fields that have values in gold.

    Bootstrap over articles, percentiles; a sample's mean is over the fields that it has gold of.
    None where no field has any, or with one article.
    """
    held = counts[:, counts[:, :, 1].sum(axis=0) > 0]
    if len(counts) < 2 or not held.size:
        return None
    weights = _weights(len(counts), samples, seed)
    has_gold = weights @ held[:, :, 1] > 0
    sums = np.where(has_gold, np.nan_to_num(_of_weights(weights, held)), 0).sum(axis=1)
    number = has_gold.sum(axis=1)
    means = sums[number > 0] / number[number > 0]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


@dataclass(frozen=True)
class Difference:
    """How the F1 of a field changed from one run to another, over the same articles.

    `interval` is that of `second - first` (bootstrap over articles, percentiles). `p` is the
    two-sided one of a paired permutation test, before any correction. `smallest` is the smallest
    difference that these articles would have shown four times out of five (at the 5 % level).
    All are None where a run has no F1 in the field, or with one article.
    """

    first: float | None
    second: float | None
    interval: Interval | None = None
    p: float | None = None
    smallest: float | None = None

    @property
    def change(self) -> float | None:
        """What the second has more."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


def differences(
    first: Counts, second: Counts, *, samples: int = SAMPLES, seed: int = SEED
) -> list[Difference]:
    """Field by field, how two runs over the same articles (in the same order) differ.

    Raises `ValueError` when the arrays have different shapes.
    """
    if first.shape != second.shape:
        raise ValueError(f"runs of different articles or fields: {first.shape}, {second.shape}")
    weights = _weights(len(first), samples, seed)
    drawn = _of_weights(weights, second) - _of_weights(weights, first)
    p = _permutation(first, second, samples, seed)
    error = _error_of_difference(first, second)
    before, after = f1(first), f1(second)
    found = []
    for field in range(first.shape[1]):
        one, other = _or_none(before[field]), _or_none(after[field])
        usable = drawn[~np.isnan(drawn[:, field]), field]
        if one is None or other is None or len(first) < 2 or not len(usable):
            found.append(Difference(one, other))
            continue
        low, high = np.quantile(usable, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        found.append(
            Difference(
                one,
                other,
                Interval(float(low), float(high)),
                float(p[field]),
                float(error[field]) * _DETECTABLE,
            )
        )
    return found


_DETECTABLE = NormalDist().inv_cdf((1 + LEVEL) / 2) + NormalDist().inv_cdf(POWER)


def holm(p_values: list[float | None]) -> list[float | None]:
    """The p values corrected for their number (Holm 1979); None stays None."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        corrected[place] = highest
    return corrected


# ------------------------------------------------------------------------------ sums over articles


def _parts(counts: Counts) -> tuple[Numbers, Numbers]:
    """What is above and below the line of an F1, by article and field."""
    right, gold, predicted = np.moveaxis(counts.astype(float), 2, 0)
    return 2 * right, gold + predicted


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    missing = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    return np.asarray(np.divide(above, below, out=missing, where=below > 0))


def _weights(articles: int, samples: int, seed: int) -> Numbers:
    """How often each article is drawn in each sample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(articles, np.full(articles, 1 / articles), size=samples).astype(float)


def _of_weights(weights: Numbers, counts: Counts) -> Numbers:
    above, below = _parts(counts)
    return _ratio(weights @ above, weights @ below)


def _with_error(weights: Numbers, above: Numbers, below: Numbers) -> tuple[Numbers, Numbers]:
    """The ratio of each sample and its standard error, by linearization."""
    total = weights @ below
    value = _ratio(weights @ above, total)
    squares = (
        weights @ above**2
        - 2 * value * (weights @ (above * below))
        + value**2 * (weights @ below**2)
    )
    number = weights.sum(axis=1, keepdims=True)
    factor = np.sqrt(number / np.maximum(number - 1, 1))
    return value, _ratio(factor * np.sqrt(np.maximum(squares, 0)), total)


def _error_of_difference(first: Counts, second: Counts) -> Numbers:
    influence = _influence(second) - _influence(first)
    number = len(first)
    return np.asarray(np.sqrt(number / max(number - 1, 1) * (influence**2).sum(axis=0)))


def _influence(counts: Counts) -> Numbers:
    above, below = _parts(counts)
    total = below.sum(axis=0)
    return _ratio(
        above - _ratio(above.sum(axis=0), total) * below, np.broadcast_to(total, below.shape)
    )


def _permutation(first: Counts, second: Counts, samples: int, seed: int) -> Numbers:
    """The share of ways to swap records between the runs that differ at least as much.

    That of all ways where these are few, else of some that are drawn; then the runs as they
    are count as one more, so that no p is 0 (Phipson and Smyth 2010).
    """
    number = len(first)
    exact = number <= _EXACT
    if exact:
        ways = (np.arange(2**number)[:, None] >> np.arange(number)) & 1
    else:
        ways = np.random.default_rng(seed + 1).integers(0, 2, size=(samples, number))
    swapped = ways.astype(float)
    kept = 1 - swapped
    (one_above, one_below), (other_above, other_below) = _parts(first), _parts(second)
    one = _ratio(kept @ one_above + swapped @ other_above, kept @ one_below + swapped @ other_below)
    other = _ratio(
        swapped @ one_above + kept @ other_above, swapped @ one_below + kept @ other_below
    )
    seen = np.abs(f1(second) - f1(first))
    as_far = (np.abs(np.nan_to_num(other - one)) >= seen - 1e-12).sum(axis=0)
    return np.asarray(as_far / len(ways) if exact else (as_far + 1) / (len(ways) + 1))


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
