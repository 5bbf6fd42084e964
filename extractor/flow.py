"""Flow control: how many requests are on their way to an endpoint, and how fast they follow.

`Flow` decides, for one endpoint and one model. It is pure: it is told the time (in seconds, of
any clock that never goes back) and what came of each call. `Gate` waits, and knows nothing.

* Requests and tokens a minute are buckets. A call takes what it is estimated to need before it
  starts; what it really took is settled when it ends. The `x-ratelimit-*` headers are buckets
  of the endpoint's, of which it said how full they are.
* The number of calls at a time falls by half where the endpoint is overloaded, and by a fifth
  where answers take twice as long as they did; it grows by a sixteenth of the ceiling with
  every round of answers (additive increase, multiplicative decrease: Chiu and Jain, 1989).
* One pause is for all: as long as the endpoint says (Retry-After), else longer each time.
* Failures of the endpoint in a row open the circuit (Nygard, Release It!): a pause, and then one
  call at a time until there is an answer.
* What no other call would survive (a wrong key, an exhausted quota, an endpoint that stays away)
  stops all of them.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, Protocol, runtime_checkable

from extractor.errors import EndpointDown, ModelError

TRIPS = 10
"""Failures of the endpoint in a row that open the circuit."""
ROUNDS_IN_VAIN = 10
"""Pauses in a row without an answer in between, after which the endpoint counts as down."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds; of pauses whose length the endpoint does not say. They double from the first."""
LONGEST_TOLD = 3600.0
"""Seconds that are waited when the endpoint says so; for more, the run is to be stopped."""
_SLOW = 2.0
_LEAST_ROUND = 8
_DAY = 86_400.0
_UNITS = {"d": _DAY, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[dhms]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")

Resource = Literal["requests", "tokens"]
Outcome = Literal["answered", "refused", "limited", "broken", "unknown"]
"""What came of a call: an answer; a refusal of this request alone; a rate limit; a failure on
the endpoint's side (5xx, a time-out, no connection); or nobody knows, for it was cancelled."""


@dataclass(frozen=True)
class Limits:
    """What a run may do: calls at a time, and requests and tokens a minute (None: any number)."""

    concurrency: int
    requests: float | None = None
    tokens: float | None = None

    def share(self, number: int, of: int) -> Limits:
        """The part of process `number` (from 0) of so many; the parts add up to the whole.

        Each has at least one call at a time, so ask for no more parts than `concurrency`.
        """
        each, more = divmod(self.concurrency, of)
        return Limits(
            each + (number < more),
            None if self.requests is None else self.requests / of,
            None if self.tokens is None else self.tokens / of,
        )


@dataclass(frozen=True)
class Traffic:
    """What came of the requests to an endpoint so far, by `Outcome`; those that are on their way,
    and how many may be (`most`). `again` are those that were sent because another had failed."""

    answered: int = 0
    refused: int = 0
    limited: int = 0
    broken: int = 0
    unknown: int = 0
    again: int = 0
    in_flight: int = 0
    most: int = 0

    def __add__(self, other: Traffic) -> Traffic:
        names = [each.name for each in fields(Traffic)]
        return Traffic(**{name: getattr(self, name) + getattr(other, name) for name in names})


@runtime_checkable
class KnowsTraffic(Protocol):
    """Who counts what is asked of an endpoint."""

    @property
    def traffic(self) -> Traffic | None:
        """None where nothing is counted."""
        ...


@dataclass(frozen=True)
class Allowance:
    """What an endpoint says of one of its limits: how much is left, and the seconds until it
    is whole again."""

    limit: float
    remaining: float
    reset: float


def allowances(headers: Mapping[str, str]) -> dict[Resource, Allowance]:
    """What the `x-ratelimit-*` headers say; a limit that they say only in part is none."""
    found: dict[Resource, Allowance] = {}
    resources: tuple[Resource, ...] = ("requests", "tokens")
    headers = dict(headers.items())  # in httpx2's, each look goes over all of them
    for resource in resources:
        limit = _number(headers.get(f"x-ratelimit-limit-{resource}"))
        remaining = _number(headers.get(f"x-ratelimit-remaining-{resource}"))
        reset = duration(headers.get(f"x-ratelimit-reset-{resource}", ""))
        if limit and remaining is not None and reset is not None:
            found[resource] = Allowance(limit, min(remaining, limit), reset)
    return found


def duration(text: str) -> float | None:
    """The seconds of `6m0s`, `20ms`, `1.5s` or a bare number of seconds.

    None for anything else, and for more than a day: that is no time to wait, but a date.
    """
    text = text.strip()
    if _DURATION.fullmatch(text):
        seconds: float | None = sum(float(n) * _UNITS[unit] for n, unit in _PART.findall(text))
    else:
        seconds = _number(text)
    return seconds if seconds is not None and seconds <= _DAY else None


def _number(text: str | None) -> float | None:
    """A finite number from 0 on."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


class Bucket:
    """An amount that refills at `rate` a second up to `capacity`. It may fall below nothing:
    what was taken too little of is owed."""

    def __init__(self, rate: float, capacity: float, level: float, now: float) -> None:
        self.rate = rate
        self.capacity = capacity
        self.level = level
        self._at = now

    @classmethod
    def a_minute(cls, limit: float, now: float) -> Bucket:
        """No 60 seconds, wherever they begin, hold more than the limit.

        So the bucket holds a second's worth (at least 1), and its rate is a 61st.
        """
        rate = limit / 61
        capacity = max(1.0, rate)
        return cls(rate, capacity, capacity, now)

    def wait(self, need: float, now: float) -> float:
        """Seconds until so much may be taken. More than it ever holds may be taken when full."""
        self._refill(now)
        lacking = min(need, self.capacity) - self.level
        return lacking / self.rate if lacking > 1e-9 else 0.0

    def add(self, amount: float, now: float) -> None:
        """Gives back, or takes what is below 0."""
        self._refill(now)
        self.level = min(self.capacity, self.level + amount)

    def _refill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self._at) * self.rate)
        self._at = now


@dataclass(frozen=True)
class Call:
    """A call on its way: when it began, and the tokens that it was estimated and let to take."""

    began: float
    estimate: float
    reserved: float


class Flow:
    """Decides when the next call may start; see the module."""

    def __init__(self, limits: Limits, now: float, *, first_pause: float = FIRST_PAUSE) -> None:
        self.ceiling = limits.concurrency
        self.limit = float(limits.concurrency)
        self.in_flight = 0
        self.paused_until = -math.inf
        self.stopped: ModelError | None = None
        self.answers = 0
        self._first_pause = first_pause
        given = {"requests": limits.requests, "tokens": limits.tokens}
        self._own = {r: Bucket.a_minute(n, now) for r, n in given.items() if n is not None}
        self._theirs: dict[str, Bucket] = {}
        self._ratio = 1.0
        self._failures = 0
        self._vain = 0
        self._round_began = -math.inf
        self._answers: list[float] = []
        self._usual: float | None = None
        self._outcomes: Counter[Outcome] = Counter()
        self.again = 0
        """Requests that were sent because another had failed."""

    @property
    def traffic(self) -> Traffic:
        """What came of all calls so far."""
        most = 1 if self.is_open else int(self.limit)
        numbers = {"again": self.again, "in_flight": self.in_flight, "most": most}
        return Traffic(**{str(each): n for each, n in self._outcomes.items()}, **numbers)

    @property
    def is_open(self) -> bool:
        """Whether the circuit is open: nothing is sent but a probe, after the pause."""
        return self._failures >= TRIPS

    def admit(self, estimate: float, now: float) -> Call | float:
        """A call that may start now, or the seconds until it is worth to ask again.

        Infinite seconds mean: when another call has ended. `estimate` is in tokens. Raises
        what stopped all calls.
        """
        if self.stopped is not None:
            raise self.stopped
        if now < self.paused_until:
            return self.paused_until - now
        if self.in_flight >= (1 if self.is_open else int(self.limit)):
            return math.inf
        needs = {"requests": 1.0, "tokens": estimate * self._ratio}
        buckets = [(r, b) for group in (self._own, self._theirs) for r, b in group.items()]
        if wait := max((bucket.wait(needs[r], now) for r, bucket in buckets), default=0.0):
            return wait
        for resource, bucket in buckets:
            bucket.add(-needs[resource], now)
        self.in_flight += 1
        return Call(now, estimate, needs["tokens"])

    def hear(self, said: Mapping[Resource, Allowance], now: float) -> None:
        """What the endpoint said of its limits; calls on their way may not be in it yet."""
        for resource, allowance in said.items():
            used = allowance.limit - allowance.remaining
            if used <= 0 or allowance.reset <= 0:
                self._theirs.pop(resource, None)
                continue
            known = self._theirs.get(resource)
            level = allowance.remaining
            if known is not None:
                known.add(0.0, now)
                level = min(level, known.level)
            rate = used / allowance.reset
            self._theirs[resource] = Bucket(rate, allowance.limit, level, now)

    def ended(
        self,
        call: Call,
        outcome: Outcome,
        now: float,
        *,
        tokens: float | None = None,
        told: float | None = None,
    ) -> None:
        """What came of a call: the tokens that it took, the seconds that all are to wait."""
        self.in_flight -= 1
        self._outcomes[outcome] += 1
        if tokens is not None:
            self._settle(call, tokens, now)
        if outcome in ("answered", "refused"):
            self._failures = self._vain = 0
        if outcome == "answered":
            self.answers += 1
            self._learn(call, now)
        elif outcome == "limited":
            self._pause(call, now, told)
        elif outcome == "broken":
            self._failures += 1
            if self.is_open or told is not None:
                self._pause(call, now, told)

    def stop(self, error: ModelError) -> None:
        """No call starts any more; who waits for one is told why. The first reason stays."""
        self.stopped = self.stopped or error

    def _settle(self, call: Call, tokens: float, now: float) -> None:
        for group in (self._own, self._theirs):
            if bucket := group.get("tokens"):
                bucket.add(call.reserved - tokens, now)
        if call.estimate > 0:
            self._ratio += (tokens / call.estimate - self._ratio) / 16

    def _pause(self, call: Call, now: float, told: float | None) -> None:
        """All wait; calls that were on their way when the last pause began add no new one."""
        if told is not None and told > LONGEST_TOLD:
            self.stop(_down(f"asks to wait {told:,.0f} s"))
        if call.began >= self._round_began:
            self._round_began = math.nextafter(now, math.inf)
            self._vain += 1
            self.limit = max(1.0, self.limit / 2)
            self._answers.clear()
            if told is None:
                told = min(LONGEST_PAUSE, self._first_pause * 2.0 ** (self._vain - 1))
            if self._vain > ROUNDS_IN_VAIN:
                self.stop(_down(f"gave no answer between {ROUNDS_IN_VAIN} pauses"))
        if told is not None:
            self.paused_until = max(self.paused_until, now + told)

    def _learn(self, call: Call, now: float) -> None:
        """More calls at a time after a round of answers, fewer where these were slow."""
        if call.began < self._round_began:
            return
        self._answers.append(now - call.began)
        if len(self._answers) < max(_LEAST_ROUND, int(self.limit)):
            return
        mean = sum(self._answers) / len(self._answers)
        self._answers.clear()
        # What was usual is forgotten slowly, for an endpoint may have become another.
        self._usual = mean if self._usual is None else min(mean, self._usual * 1.02)
        if mean > _SLOW * self._usual:
            self.limit = max(1.0, self.ceiling / 8, self.limit * 0.8)
            self._round_began = now
        else:
            self.limit = min(self.ceiling, self.limit + max(1.0, self.ceiling / 16))


def _down(what: str) -> EndpointDown:
    return EndpointDown(
        f"the endpoint {what}",
        hint="run the same command again when it is back: what was answered is kept",
    )


class Gate:
    """Lets calls start when `flow` does, in the order of their coming.

    Use one in one event loop. `clock` is in seconds; `say` is told of long pauses.
    """

    SAID_SECONDS = 10.0

    def __init__(
        self,
        limits: Limits,
        *,
        say: Callable[[str], None] = lambda text: None,
        clock: Callable[[], float] = time.monotonic,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.flow = Flow(limits, clock(), first_pause=first_pause)
        self._clock = clock
        self._say = say
        self._said = -math.inf
        self._line = asyncio.Lock()
        self._changed = asyncio.Event()

    async def enter(self, estimate: float) -> Call:
        """Waits for the turn of a call of so many tokens. Raises what stopped all calls."""
        async with self._line:
            while True:
                self._changed.clear()
                turn = self.flow.admit(estimate, self._clock())
                if isinstance(turn, Call):
                    return turn
                self._tell()
                try:
                    async with asyncio.timeout(None if turn == math.inf else turn):
                        await self._changed.wait()
                except TimeoutError:
                    pass

    def leave(
        self,
        call: Call,
        outcome: Outcome,
        *,
        tokens: float | None = None,
        told: float | None = None,
    ) -> None:
        """The call is over: `Flow.ended`."""
        self.flow.ended(call, outcome, self._clock(), tokens=tokens, told=told)
        self._changed.set()

    def hear(self, headers: Mapping[str, str]) -> None:
        """The headers of an answer, or of an error in its place."""
        self.flow.hear(allowances(headers), self._clock())

    def stop(self, error: ModelError) -> None:
        """No call starts any more, and those that wait raise the error."""
        self.flow.stop(error)
        self._changed.set()

    def _tell(self) -> None:
        until = self.flow.paused_until
        left = until - self._clock()
        if until > self._said and left >= self.SAID_SECONDS:
            self._said = until
            why = "it failed too often" if self.flow.is_open else "it is asked too much"
            self._say(f"the endpoint gets no requests for {left:,.0f} s: {why}")
