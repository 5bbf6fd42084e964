"""Whether the intervals and tests of `extractor.evals.statistics` keep what they promise.

    python -m benchmarks.statistics [SIMULATIONS]

Articles are drawn from an invented world whose true F1 is known: some articles are easy and some
hard, so that the values of one go wrong together. An interval of 95 % has to hold the true F1 in
94 to 96 % of the simulations; of two runs that differ by nothing, a test at the 5 % level has to
find a difference in 4.3 to 5.7 %. At last, how long a large evaluation takes.
"""

from __future__ import annotations

import sys
from time import process_time

import numpy as np

from extractor.evals.statistics import SAMPLES, Counts, differences, f1, intervals

ARTICLES = 50
SIMULATIONS = 10_000
COVERAGE = (0.94, 0.96)
FALSE_POSITIVES = (0.043, 0.057)


def world(rng: np.random.Generator, articles: int, fields: int = 1) -> Counts:
    """The counts of one run over articles that were drawn anew."""
    gold = 1 + rng.poisson(4, (articles, fields))
    skill = rng.beta(3, 2, (articles, 1))
    right = rng.binomial(gold, np.broadcast_to(skill, gold.shape))
    spurious = rng.binomial(gold, np.broadcast_to((1 - skill) / 2, gold.shape))
    return np.stack([right, gold, right + spurious], axis=2)


def coverage(simulations: int) -> float:
    """The share of simulations whose interval holds the true F1."""
    rng = np.random.default_rng(1)
    truth = float(f1(world(rng, 1_000_000))[0])
    held = 0
    for number in range(simulations):
        [interval] = intervals(world(rng, ARTICLES), seed=number)
        held += interval is not None and interval.low <= truth <= interval.high
    return held / simulations


def false_positives(simulations: int) -> float:
    """The share of simulations in which two runs of one skill are said to differ."""
    rng = np.random.default_rng(2)
    found = 0
    for number in range(simulations):
        first, second = world(rng, ARTICLES), world(rng, ARTICLES)
        [difference] = differences(first, second, seed=number)
        found += difference.p is not None and difference.p < 0.05
    return found / simulations


def seconds(articles: int, fields: int) -> tuple[float, float]:
    """Of the intervals, and of a comparison, of a large evaluation."""
    rng = np.random.default_rng(3)
    first, second = world(rng, articles, fields), world(rng, articles, fields)
    start = process_time()
    intervals(first)
    middle = process_time()
    differences(first, second)
    return middle - start, process_time() - middle


def _said(name: str, rate: float, bounds: tuple[float, float]) -> bool:
    low, high = bounds
    kept = low <= rate <= high
    print(f"{name:42} {rate:7.2%}   {low:.1%} to {high:.1%}   {'kept' if kept else 'MISSED'}")
    return kept


def main(simulations: int) -> int:
    """Prints the figures; 1 when a promise is not kept."""
    print(f"{simulations:,} simulations of {ARTICLES} articles, {SAMPLES:,} samples each")
    kept = [
        _said("95 % intervals that hold the true F1", coverage(simulations), COVERAGE),
        _said("tests at 5 % that err", false_positives(simulations), FALSE_POSITIVES),
    ]
    bootstrap, comparison = seconds(1_000, 30)
    print(f"1,000 articles, 30 fields: intervals {bootstrap:.2f} s, comparison {comparison:.2f} s")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIMULATIONS))
