"""The numbers of a backfill in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from extractor.backfill.course import Course
from extractor.backfill.manifest import STATUSES
from extractor.flow import Traffic
from extractor.measures import INFO, TOKEN_KINDS, TOKENS
from extractor.version import __version__

if TYPE_CHECKING:
    from prometheus_client import Metric


OUTCOMES = ("answered", "refused", "limited", "broken", "unknown")


def registry_of(course: Course) -> CollectorRegistry:
    """What is asked for its numbers each time somebody wants them."""
    registry = CollectorRegistry()
    registry.register(_Numbers(course))
    return registry


class _Numbers(Collector):
    def __init__(self, course: Course) -> None:
        self._course = course

    def collect(self) -> Iterator[Metric]:
        course = self._course
        info = GaugeMetricFamily(*INFO, labels=["version", "model"])
        info.add_metric([__version__, course.model], 1)
        yield info
        yield from self._articles()
        tokens = CounterMetricFamily(*TOKENS, labels=["kind"])
        for kind in TOKEN_KINDS:
            tokens.add_metric([kind], getattr(course.counts.usage, f"{kind}_tokens"))
        yield tokens
        if course.cost is not None:
            yield CounterMetricFamily(
                "extractor_backfill_cost", "What this run paid, by the prices given.", course.cost
            )
        traffic = course.traffic()
        if traffic is not None:
            yield from _requests(traffic)

    def _articles(self) -> Iterator[Metric]:
        counts = self._course.counts
        articles = GaugeMetricFamily(
            "extractor_backfill_articles",
            "Articles of the input that have an outcome, by status.",
            labels=["status"],
        )
        for status in STATUSES:
            articles.add_metric([status], getattr(counts, status))
        yield articles
        yield GaugeMetricFamily(
            "extractor_backfill_known", "Those of them that had it before this run.", counts.known
        )
        if self._course.total is not None:
            yield GaugeMetricFamily(
                "extractor_backfill_input", "Articles of the input, at most.", self._course.total
            )


def _requests(traffic: Traffic) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "extractor_backfill_requests",
        "Requests to the endpoint that have ended, by outcome; limited: 429.",
        labels=["outcome"],
    )
    for outcome in OUTCOMES:
        requests.add_metric([outcome], getattr(traffic, outcome))
    yield requests
    yield CounterMetricFamily(
        "extractor_backfill_retries",
        "Requests that were sent because another had failed.",
        traffic.again,
    )
    yield GaugeMetricFamily(
        "extractor_backfill_in_flight", "Requests on their way.", traffic.in_flight
    )
    yield GaugeMetricFamily(
        "extractor_backfill_concurrency", "How many may be, for now.", traffic.most
    )
