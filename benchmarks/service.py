"""What the service adds to the model's time, and what it does with five times too much.

Three processes: this one sends, one is the service (one worker, `--keep`), one an endpoint of
fixed latency that answers with recorded replies. Every article is another one, so that none is
answered from the store, and each record is made and committed as ever.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Answered, Client, Target, at_rate, in_turn
from benchmarks.serving import Recorded, Service, bodies, fixed_model, recorded, serving

LATENCY = 0.1
RATE = 50.0
SLOTS = 5
"""Articles at work when there is too much: with `LATENCY` a capacity of 50 a second."""
TIMES = 5
BARS = {50: 0.015, 99: 0.050}
LONGER = 2.0
_WARM = 5
_ALONE = 60


@dataclass(frozen=True)
class Overload:
    """Answers at several times the capacity, and of the same service when it is asked in turn."""

    alone: Sequence[Answered]
    crowded: Sequence[Answered]

    @property
    def accepted(self) -> list[Answered]:
        return [each for each in self.crowded if each.status == 200]

    @property
    def refused(self) -> list[Answered]:
        return [each for each in self.crowded if each.status == 429]

    @property
    def longer(self) -> float:
        """How many times as long the slowest hundredth takes as when nothing else is there."""
        return percentile(self.accepted, 99) / percentile(self.alone, 99)

    @property
    def holds(self) -> bool:
        told = all(int(each.headers.get("retry-after", 0)) >= 1 for each in self.refused)
        known = len(self.accepted) + len(self.refused) == len(self.crowded)
        return bool(self.refused) and told and known and self.longer <= LONGER


def percentile(found: Sequence[Answered], share: int) -> float:
    """Seconds that `share` percent of the answers took at most (nearest rank)."""
    times = sorted(each.seconds for each in found)
    return times[max(0, -(-len(times) * share // 100) - 1)]


def main() -> int:
    """Prints the table; 1 when a bar is missed or a request got no record."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60.0, help="of each measurement")
    options.add_argument("--workers", help="of the service; else its own default")
    options.add_argument("--latency-only", action="store_true", help="leave out the overload")
    options.add_argument("--rate", type=float, default=RATE, help="requests a second")
    seconds, rate = (given := options.parse_args()).seconds, given.rate
    workers = () if given.workers is None else ("--workers", given.workers)
    found = recorded()
    replies = [each.as_reply() for each in found]
    with (
        tempfile.TemporaryDirectory() as name,
        fixed_model(replies, Path(name), LATENCY) as model,
    ):
        print(
            f"{len(found)} articles, {seconds:g} s each; answers after {LATENCY * 1000:g} ms\n",
            flush=True,
        )
        direct = asyncio.run(_direct(model, found, rate, seconds / 4))
        with serving(model, Path(name, "kept"), "--repair", "0", *workers) as service:
            asyncio.run(_loaded(service, bodies(found), rate, _WARM))
            before = service.cpu_seconds()
            served = asyncio.run(_loaded(service, bodies(found, 1_000_000), rate, seconds))
            used = [now - then for now, then in zip(service.cpu_seconds(), before, strict=True)]
        lines, held = _latency(direct, served, rate)
        cpu = [f"{each / len(served) * 1000:.1f}" for each in (used[0], sum(used[1:]))]
        print("\n".join(lines))
        print(f"{'processor time, a request: HTTP, records':45}{cpu[0]:>16}{cpu[1]:>8}\n")
        if given.latency_only:
            return 0 if held else 1
        options_of = ("--at-once", str(SLOTS), "--repair", "0", *workers)
        with serving(model, Path(name, "again"), *options_of) as service:
            overload = asyncio.run(_overloaded(service, found, seconds))
    print("\n".join(_told(overload)))
    return 0 if held and overload.holds else 1


async def _direct(
    port: int, found: Sequence[Recorded], rate: float, seconds: float
) -> list[Answered]:
    client = Client(Target(port, "/v1/chat/completions"))
    return await at_rate(client, bodies(found), rate, seconds)


async def _loaded(
    service: Service, articles: Iterator[bytes], rate: float, seconds: float
) -> list[Answered]:
    client = Client(Target(service.port, "/v1/extract"))
    return await at_rate(client, articles, rate, seconds)


async def _overloaded(service: Service, found: Sequence[Recorded], seconds: float) -> Overload:
    client = Client(Target(service.port, "/v1/extract"))
    left = iter(range(_WARM + _ALONE))
    alone: list[Answered] = []
    await in_turn(client, bodies(found), 1, lambda: next(left, None) is not None, alone.append)
    rate = TIMES * SLOTS / LATENCY
    crowded = await at_rate(client, bodies(found, 1_000_000), rate, seconds)
    return Overload(alone[_WARM:], crowded)


def _latency(
    direct: Sequence[Answered], served: Sequence[Answered], rate: float
) -> tuple[list[str], bool]:
    wrong = Counter(each.status for each in served if each.status != 200)
    empty = sum(json.loads(each.body)["record"] is None for each in served if each.status == 200)
    added = {share: percentile(served, share) - LATENCY for share in (50, 90, 99)}
    held = not wrong and all(added[share] <= most for share, most in BARS.items())
    late = sorted(each.late for each in served)
    lines = [
        f"{'milliseconds':45}{'p50':>8}{'p90':>8}{'p99':>8}",
        _row("the endpoint alone", [percentile(direct, share) for share in (50, 90, 99)]),
        _row(f"the service at {rate:g}/s", [percentile(served, s) for s in (50, 90, 99)]),
        _row("added by the service", added.values()),
        _row("at most", [BARS[50], None, BARS[99]]),
        _row("sent after its time", [late[len(late) * s // 100] for s in (50, 90, 99)]),
        f"{len(served)} requests, {wrong.total()} without an extraction{_statuses(wrong)}, "
        f"{empty} without a record",
        _verdict(held),
    ]
    return lines, held


def _statuses(wrong: Counter[int]) -> str:
    """What was answered instead: how often each status; 0 is a connection that broke off."""
    told = ", ".join(f"{number} of {status}" for status, number in sorted(wrong.items()))
    return f" ({told})" if told else ""


def _row(name: str, seconds: Iterable[float | None]) -> str:
    cells = ("-" if each is None else f"{each * 1000:.1f}" for each in seconds)
    return f"{name:45}" + "".join(f"{cell:>8}" for cell in cells)


def _verdict(holds: bool) -> str:
    return "=> the bars hold" if holds else "=> a bar is missed"


def _told(overload: Overload) -> list[str]:
    sent, refused = len(overload.crowded), overload.refused
    told = sum(int(each.headers.get("retry-after", 0)) >= 1 for each in refused)
    rate = TIMES * SLOTS / LATENCY
    shares = (50, 90, 99)
    return [
        f"{TIMES} times the capacity of {SLOTS} at once: {rate:g} requests/s",
        _row("asked in turn, nothing else there", [percentile(overload.alone, s) for s in shares]),
        _row("accepted in the crowd", [percentile(overload.accepted, s) for s in shares]),
        f"{'p99 is so many times as long (at most 2)':45}{overload.longer:>24.2f}",
        f"{'answered 429 with Retry-After, % of all':45}{100 * told / sent:>24.1f}",
        f"{'accepted, % of all':45}{100 * len(overload.accepted) / sent:>24.1f}",
        f"{'neither':45}{sent - len(refused) - len(overload.accepted):>24}",
        _verdict(overload.holds),
    ]


if __name__ == "__main__":
    sys.exit(main())
