"""Intervals and tests of F1s, against cases worked by hand and worlds with a known answer."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from benchmarks.statistics import COVERAGE, FALSE_POSITIVES, coverage, false_positives, world
from extractor.evals.statistics import (
    Counts,
    Interval,
    differences,
    f1,
    holm,
    intervals,
    mean_interval,
)

RIGHT, WRONG = (1, 1, 1), (0, 1, 1)


def run(*articles: tuple[int, int, int]) -> Counts:
    """A run with one field."""
    return np.array([[article] for article in articles])


def test_an_f1_is_a_ratio_of_sums_and_no_mean() -> None:
    assert f1(run((4, 4, 4), (0, 1, 1))) == pytest.approx([8 / 10])
    assert np.isnan(f1(run((0, 0, 0)))).all()


def test_where_nothing_varies_the_interval_is_a_point() -> None:
    assert intervals(run(RIGHT, RIGHT, RIGHT)) == [Interval(1.0, 1.0)]
    assert intervals(run(WRONG, WRONG)) == [Interval(0.0, 0.0)]


def test_without_an_f1_or_with_one_article_there_is_no_interval() -> None:
    assert intervals(run((0, 0, 0), (0, 0, 0))) == [None]
    assert intervals(run(RIGHT)) == [None]


def test_an_interval_holds_its_f1_and_shrinks_with_the_articles() -> None:
    rng = np.random.default_rng(5)
    few, many = world(rng, 20), world(rng, 2_000)
    [wide], [narrow] = intervals(few), intervals(many)
    assert wide is not None
    assert narrow is not None
    assert 0 <= wide.low <= f1(few)[0] <= wide.high <= 1
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5


def test_the_interval_of_a_mean_is_over_the_fields_that_gold_has() -> None:
    """Two classes, F1 1 and 0 in every article, and a third that gold never has."""
    alike = np.array([[RIGHT, WRONG, (0, 0, 1)]] * 4)
    assert mean_interval(alike) == Interval(0.5, 0.5)
    assert mean_interval(alike[:1]) is None
    assert mean_interval(alike[:, 2:]) is None
    apart = np.array([[RIGHT, (0, 0, 0)], [(0, 0, 0), WRONG]])
    # A sample of the first article alone has gold of one class, and its mean is that class's.
    assert mean_interval(apart) == Interval(0.0, 1.0)


def test_the_same_counts_give_the_same_figures() -> None:
    counts = world(np.random.default_rng(6), 30, fields=3)
    assert intervals(counts) == intervals(counts)
    assert differences(counts, counts[:, :, :]) == differences(counts, counts)


def test_a_run_does_not_differ_from_itself() -> None:
    counts = world(np.random.default_rng(7), 40)
    [same] = differences(counts, counts)
    assert same.change == 0
    assert same.interval == Interval(0.0, 0.0)
    assert same.p == 1
    assert same.smallest == 0


def test_few_articles_are_exchanged_in_every_way() -> None:
    """Eight articles, all wrong and then all right: two of 256 ways differ as much."""
    [difference] = differences(run(*[WRONG] * 8), run(*[RIGHT] * 8))
    assert difference.change == 1
    assert difference.p == pytest.approx(2 / 2**8)


def test_the_exact_p_is_that_of_a_sign_test() -> None:
    """Ten articles of one value each, nine better and one worse: a binomial tail, both sides."""
    [difference] = differences(run(*[WRONG] * 9, RIGHT), run(*[RIGHT] * 9, WRONG))
    assert difference.p == pytest.approx(2 * (comb(10, 0) + comb(10, 1)) / 2**10)


def test_a_p_is_never_0() -> None:
    [difference] = differences(run(*[WRONG] * 200), run(*[RIGHT] * 200))
    assert difference.p == pytest.approx(1 / 2_001)


def test_more_articles_show_smaller_changes() -> None:
    rng = np.random.default_rng(8)
    [few] = differences(world(rng, 20), world(rng, 20))
    [many] = differences(world(rng, 2_000), world(rng, 2_000))
    assert few.smallest is not None
    assert many.smallest is not None
    assert many.smallest < few.smallest / 5


def test_runs_of_other_articles_are_refused() -> None:
    with pytest.raises(ValueError, match="different articles"):
        differences(run(RIGHT), run(RIGHT, RIGHT))


def test_the_correction_of_holm() -> None:
    """Step down: 0.01 * 4, 0.02 * 3, 0.03 * 2, 0.04 * 1, each at least the one before."""
    assert holm([0.04, 0.01, None, 0.03, 0.02]) == pytest.approx([0.06, 0.04, None, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.slow
def test_worlds_with_a_known_answer() -> None:
    """As `python -m benchmarks.statistics` does over 10,000; the bounds are four times as wide."""
    number = 400
    for rate, (low, high) in (
        (coverage(number), COVERAGE),
        (false_positives(number), FALSE_POSITIVES),
    ):
        middle, room = (low + high) / 2, 2 * (high - low)
        assert abs(rate - middle) <= room
