"""Memory of the service under full load: does it grow?

As many callers as there are places at work ask again as soon as they have their answers; the
resident memory is read every ten seconds. Over the second half, when caches are full, a line is
fitted by least squares; the service passes when the 95 % interval of its slope holds a slope of
zero, or lies below `TOLERATED`.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Client, Target, in_turn
from benchmarks.serving import Recorded, Service, bodies, fixed_model, recorded, serving

LATENCY = 0.1
SLOTS = 16
EVERY = 10.0
TOLERATED = 20.0
"""MB an hour that are still no leak: half a gigabyte a day, of a process that is renewed with
each release."""
# Student's t at 97.5 %, by degrees of freedom.
_T = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 7: 2.36, 10: 2.23, 15: 2.13, 30: 2.04}


@dataclass(frozen=True)
class Slope:
    """MB an hour, and half the width of its 95 % interval."""

    value: float
    margin: float

    @property
    def holds(self) -> bool:
        """Whether nothing shows that the memory grows."""
        return self.value - self.margin <= 0 or self.value + self.margin <= TOLERATED


def fitted(points: Sequence[tuple[float, float]]) -> Slope:
    """The slope of points (seconds, MB) by least squares; at least three of them."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    left = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    free = count - 2
    t = next((value for most, value in reversed(_T.items()) if most <= free), 1.96)
    error = math.sqrt(left / free / spread)
    return Slope(slope * 3600, t * error * 3600)


def main() -> int:
    """Prints the samples and the slope; 1 when the memory grows, or a request failed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=20.0)
    minutes = options.parse_args().minutes
    if minutes < 1:
        options.error("--minutes: at least 1, for a line takes three samples")
    found = recorded()
    replies = [each.as_reply() for each in found]
    with (
        tempfile.TemporaryDirectory() as name,
        fixed_model(replies, Path(name), LATENCY) as model,
        serving(model, Path(name, "kept"), "--at-once", str(SLOTS), "--repair", "0") as service,
    ):
        samples, statuses = asyncio.run(_soaked(service, found, minutes * 60))
    slope = fitted(samples[len(samples) // 2 :])
    told = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
    print(f"\nanswers: {told}; {sum(statuses.values()) / (minutes * 60):.1f} a second")
    print(f"second half: {slope.value:+.1f} MB an hour, +- {slope.margin:.1f} (95 %)")
    print("no slope" if slope.holds else f"it grows by more than {TOLERATED:g} MB an hour")
    return 0 if slope.holds and set(statuses) == {200} else 1


async def _soaked(
    service: Service, found: Sequence[Recorded], seconds: float
) -> tuple[list[tuple[float, float]], Counter[int]]:
    began = time.monotonic()
    samples: list[tuple[float, float]] = []
    statuses: Counter[int] = Counter()
    client = Client(Target(service.port, "/v1/extract"))
    print(f"{'seconds':>8}{'requests':>10}{'memory, MB':>12}", flush=True)

    async def sample() -> None:
        while True:
            now = time.monotonic() - began
            samples.append((now, service.resident() / 1e6))
            print(f"{now:8.0f}{statuses.total():10}{samples[-1][1]:12.1f}", flush=True)
            await asyncio.sleep(EVERY)

    sampling = asyncio.create_task(sample())
    goes_on = lambda: time.monotonic() - began < seconds  # noqa: E731
    await in_turn(
        client, bodies(found), SLOTS, goes_on, lambda each: statuses.update([each.status])
    )
    sampling.cancel()
    return samples, statuses


if __name__ == "__main__":
    sys.exit(main())
