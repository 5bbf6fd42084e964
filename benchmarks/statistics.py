"""Whether the intervals and tests of `extractor.evals.statistics` keep what they promise.

    python -m benchmarks.statistics [SIMULATIONS]

Articles are drawn from an invented world whose true F1 is known: some articles are easy and some
hard, so that the values of one go wrong together. An interval of 95 % has to hold the true F1 in
94 to 96 % of the simulations; of two runs that differ by nothing, a test at the 5 % level has to
find a difference in 4.3 to 5.7 %. At last, how long a large evaluation takes: the records of a
thousand articles scored against gold, intervals, and a comparison of two runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from extractor.cases import read_cases
from extractor.catalog import Catalog
from extractor.evals.pairing import pairs_each
from extractor.evals.scores import count_pairs, total
from extractor.evals.statistics import SAMPLES, Counts, differences, f1, intervals

CASES = Path("evals/articles")
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


def seconds_of_scoring(articles: int) -> tuple[float, int]:
    """Of scoring so many records against gold, and how many fields they have.

    Gold is that of our own articles, again and again. A record has its lists in another order,
    one value in four changed and one in eight missing.
    """
    cases = read_cases(CASES)
    schema = Catalog.open().schema(cases[0].schema_id).json_schema
    rng = np.random.default_rng(4)
    golds = [cases[number % len(cases)].gold for number in range(articles)]
    records = [_changed(gold, rng) for gold in golds]
    start = process_time()
    scores = total(
        count_pairs(pairs) for pairs in pairs_each(zip(golds, records, strict=True), schema)
    )
    return process_time() - start, len(scores.fields)


def _changed(gold: Any, rng: np.random.Generator) -> Any:
    if isinstance(gold, dict):
        return {key: _changed(child, rng) for key, child in gold.items()}
    if isinstance(gold, list):
        return [_changed(gold[place], rng) for place in rng.permutation(len(gold))]
    chance = rng.random()
    if chance < 1 / 8:
        return None
    return f"{gold} or other" if isinstance(gold, str) and chance < 3 / 8 else gold


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
    scoring, fields = seconds_of_scoring(1_000)
    print(f"1,000 articles: scoring {scoring:.2f} s ({fields} fields)")
    print(f"                intervals {bootstrap:.2f} s, comparison {comparison:.2f} s (30 fields)")
    print(f"                {scoring + bootstrap + comparison:.2f} s together, of 10 allowed")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIMULATIONS))
