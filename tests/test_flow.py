"""Flow control: budgets a minute, concurrency, pauses, the circuit; all without a clock."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import AccessDenied, EndpointDown
from extractor.flow import (
    LONGEST_TOLD,
    ROUNDS_IN_VAIN,
    TRIPS,
    Allowance,
    Bucket,
    Call,
    Flow,
    Gate,
    Limits,
    Outcome,
    allowances,
    duration,
)


def started(flow: Flow, now: float, tokens: float = 0) -> Call:
    call = flow.admit(tokens, now)
    assert isinstance(call, Call), f"{call} s to wait"
    return call


def answered(flow: Flow, times: int, now: float, seconds: float = 1.0) -> float:
    """So many answers, one after the other; the time after them."""
    for _ in range(times):
        call = started(flow, now)
        now += seconds
        flow.ended(call, "answered", now)
    return now


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360), ("20ms", 0.02), ("1s", 1), ("1.5s", 1.5), ("1h2m3s", 3723), ("17", 17),
        ("0", 0), (" 59.9 ", 59.9), ("1d", 86_400), ("1d1s", None), ("1764320000", None),
        ("", None), ("soon", None), ("-1", None), ("inf", None), ("nan", None), ("5m 3", None),
    ],
)  # fmt: skip
def test_the_seconds_of_a_reset(text: str, seconds: float | None) -> None:
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


@given(st.text("0123456789.smhd -", max_size=12))
def test_a_reset_is_never_more_than_a_day(text: str) -> None:
    seconds = duration(text)
    assert seconds is None or 0 <= seconds <= 86_400


def test_the_headers_of_limits() -> None:
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert allowances(headers) == {
        "requests": Allowance(60, 59, 1),
        "tokens": Allowance(150_000, 149_984, 360),
    }
    for name in headers:
        resource = name.rpartition("-")[2]
        assert resource not in allowances({**headers, name: "?"})
        assert resource not in allowances({k: v for k, v in headers.items() if k != name})


@given(
    limit=st.integers(1, 300),
    steps=st.lists(st.floats(0, 40), min_size=1, max_size=200),
)
def test_no_minute_holds_more_requests_than_allowed(limit: int, steps: Sequence[float]) -> None:
    flow, now, starts = Flow(Limits(1000, requests=limit), 0.0), 0.0, []
    for step in steps:
        now += step
        while isinstance(call := flow.admit(0, now), Call):
            starts.append(now)
            flow.ended(call, "answered", now)
    for n, start in enumerate(starts):
        assert sum(1 for other in starts[n:] if other < start + 60) <= limit


@given(
    limit=st.integers(100, 100_000),
    calls=st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 9000)), min_size=5, max_size=60),
)
def test_tokens_are_settled_with_what_they_really_were(
    limit: int, calls: Sequence[tuple[int, int]]
) -> None:
    """In any minute no more than allowed, but for a single call and what the estimates missed."""
    flow, now = Flow(Limits(1, tokens=limit), 0.0), 0.0
    taken: list[tuple[float, int]] = []
    for estimate, real in calls:
        while not isinstance(call := flow.admit(estimate, now), Call):
            assert math.isfinite(call)
            now += max(call, 1e-6)
        flow.ended(call, "answered", now, tokens=real)
        taken.append((now, real))
    most = max(max(call) for call in calls)
    for start, _ in taken:
        within = sum(tokens for at, tokens in taken if start <= at < start + 60)
        assert within <= limit + 2 * most


def test_an_estimate_that_is_off_is_learnt() -> None:
    flow, now = Flow(Limits(1, tokens=6100), 0.0), 0.0
    for _ in range(200):
        while not isinstance(call := flow.admit(1000, now), Call):
            now += call
        flow.ended(call, "answered", now, tokens=100)
    begun = now
    for _ in range(61):
        while not isinstance(call := flow.admit(1000, now), Call):
            now += call
        flow.ended(call, "answered", now, tokens=100)
    assert now - begun == pytest.approx(61, abs=2), "6,100 tokens are a minute's"


@given(st.floats(0.1, 100), st.floats(1, 50), st.lists(st.floats(0.1, 60), max_size=50))
def test_a_bucket_is_waited_for_as_long_as_it_says(
    rate: float, capacity: float, needs: Sequence[float]
) -> None:
    bucket, now = Bucket(rate, capacity, capacity, 0.0), 0.0
    for need in needs:
        wait = bucket.wait(need, now)
        if wait > 1e-6:
            assert bucket.wait(need, now + wait / 2) > 0
        now += wait
        assert bucket.wait(need, now) == pytest.approx(0, abs=1e-6)
        bucket.add(-need, now)
    assert bucket.wait(0, now + 1e6) == 0
    assert bucket.level == capacity


def test_what_the_endpoint_says_is_left_is_shared_out_over_the_time() -> None:
    flow = Flow(Limits(100), 0.0)
    flow.hear({"requests": Allowance(60, 2, 58)}, 0.0)
    for _ in range(2):
        started(flow, 0.0)
    assert flow.admit(0, 0.0) == pytest.approx(1.0), "58 in 58 s come back"
    # A later answer that knows of less lowers it, one that knows of more does not raise it.
    flow.hear({"requests": Allowance(60, 50, 10)}, 0.5)
    assert isinstance(flow.admit(0, 0.5), float)
    flow.hear({"requests": Allowance(60, 60, 0)}, 0.6)
    started(flow, 0.6)


def test_retry_after_is_for_all_and_obeyed_above_two_minutes() -> None:
    flow = Flow(Limits(8), 0.0)
    first, second = started(flow, 0.0), started(flow, 0.0)
    flow.ended(first, "limited", 1.0, told=600.0)
    assert flow.admit(0, 1.0) == pytest.approx(600)
    flow.ended(second, "limited", 2.0, told=10.0)
    assert flow.admit(0, 2.0) == pytest.approx(599), "the longer wait counts"
    started(flow, 601.0)


def test_a_wait_of_hours_stops_the_run() -> None:
    flow = Flow(Limits(8), 0.0)
    flow.ended(started(flow, 0.0), "limited", 1.0, told=LONGEST_TOLD + 1)
    with pytest.raises(EndpointDown, match="asks to wait 3,601 s"):
        flow.admit(0, 1e6)


def test_calls_that_fail_together_count_once() -> None:
    flow = Flow(Limits(64), 0.0)
    calls = [started(flow, 0.0) for _ in range(64)]
    for call in calls:
        flow.ended(call, "limited", 1.0)
    assert flow.limit == 32
    assert flow.admit(0, 1.0) == pytest.approx(1.0), "one pause, of the first length"


def test_concurrency_comes_back_with_answers_up_to_the_ceiling() -> None:
    flow = Flow(Limits(64), 0.0)
    flow.ended(started(flow, 0.0), "limited", 0.0)
    now = answered(flow, 40, 10.0)
    assert 32 < flow.limit < 64
    answered(flow, 2000, now)
    assert flow.limit == 64


def test_answers_that_take_twice_as_long_lower_it_and_it_finds_back() -> None:
    flow = Flow(Limits(32), 0.0)
    now = answered(flow, 100, 0.0, seconds=1)
    assert flow.limit == 32
    now = answered(flow, 70, now, seconds=3)
    assert flow.limit < 32
    answered(flow, 600, now, seconds=1)
    assert flow.limit == 32


def test_an_endpoint_that_stays_slower_becomes_the_usual_one() -> None:
    flow = Flow(Limits(32), 0.0)
    now = answered(flow, 100, 0.0, seconds=1)
    answered(flow, 3000, now, seconds=3)
    assert flow.limit == 32


def broken(flow: Flow, times: int, now: float) -> None:
    for _ in range(times):
        flow.ended(started(flow, now), "broken", now)


def test_the_circuit_opens_probes_and_closes() -> None:
    flow = Flow(Limits(8), 0.0)
    broken(flow, TRIPS - 1, 0.0)
    assert not flow.is_open
    flow.ended(started(flow, 0.0), "refused", 0.0)
    broken(flow, TRIPS, 1.0)
    assert flow.is_open, "a refusal was an answer"
    assert flow.admit(0, 1.0) == pytest.approx(1.0)
    probe = started(flow, 2.0)
    assert flow.admit(0, 2.0) == math.inf, "one probe at a time"
    flow.ended(probe, "broken", 3.0)
    assert flow.admit(0, 3.0) == pytest.approx(2.0), "twice as long"
    flow.ended(started(flow, 5.0), "answered", 6.0)
    assert not flow.is_open
    started(flow, 6.0)
    started(flow, 6.0)


def test_an_endpoint_that_stays_away_stops_the_run() -> None:
    flow, now, calls = Flow(Limits(8), 0.0), 0.0, 0
    while flow.stopped is None:
        turn = flow.admit(0, now)
        if isinstance(turn, Call):
            calls += 1
            flow.ended(turn, "broken", now)
        else:
            now += turn
    with pytest.raises(EndpointDown, match="no answer between 10 pauses"):
        flow.admit(0, now + 1e6)
    assert calls == TRIPS + ROUNDS_IN_VAIN
    assert 240 < now < 600


OUTCOMES: list[Outcome] = ["answered", "refused", "limited", "broken", "unknown"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(OUTCOMES),
            st.floats(0, 5),
            st.none() | st.floats(0, 30),
            st.none() | st.integers(0, 5000),
        ),
        max_size=200,
    ),
    st.integers(1, 20),
)
def test_whatever_happens_it_goes_on(
    events: Sequence[tuple[Outcome, float, float | None, int | None]], ceiling: int
) -> None:
    """Calls at a time stay between 1 and the ceiling, and none is kept waiting for ever."""
    flow, now = Flow(Limits(ceiling, requests=600, tokens=60_000), 0.0), 0.0
    calls: list[Call] = []
    for outcome, step, told, tokens in events:
        now += step
        try:
            while isinstance(turn := flow.admit(800, now), Call):
                calls.append(turn)
        except EndpointDown:
            return
        assert 1 <= flow.limit <= ceiling
        assert flow.in_flight == len(calls) <= ceiling
        assert turn > 0
        if turn == math.inf:
            assert calls, "somebody's end is waited for"
        if calls:
            flow.ended(calls.pop(0), outcome, now, told=told, tokens=tokens)
        else:
            now += turn


@given(st.integers(1, 200), st.integers(1, 16), st.none() | st.integers(1, 10_000))
def test_the_shares_of_processes_add_up(concurrency: int, of: int, rate: int | None) -> None:
    of = min(of, concurrency)
    shares = [Limits(concurrency, rate, rate).share(n, of) for n in range(of)]
    assert sum(share.concurrency for share in shares) == concurrency
    assert min(share.concurrency for share in shares) >= 1
    for each in ("requests", "tokens"):
        values = [getattr(share, each) for share in shares]
        assert values == [None] * of if rate is None else sum(values) == pytest.approx(rate)


class Clock:
    """Goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_calls_start_in_the_order_of_their_coming() -> None:
    async def main() -> None:
        gate, order = Gate(Limits(1)), list[int]()
        first = await gate.enter(0)

        async def one(number: int) -> None:
            call = await gate.enter(0)
            order.append(number)
            gate.leave(call, "answered")

        tasks = [asyncio.create_task(one(n)) for n in range(5)]
        await settled()
        assert not order
        gate.leave(first, "answered")
        await asyncio.gather(*tasks)
        assert order == [0, 1, 2, 3, 4]

    asyncio.run(main())


def test_a_stop_reaches_those_who_wait() -> None:
    async def main() -> None:
        gate = Gate(Limits(1))
        await gate.enter(0)
        waiting = [asyncio.create_task(gate.enter(0)) for _ in range(3)]
        await settled()
        gate.stop(AccessDenied("the key is wrong"))
        for end in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(end, AccessDenied)
        with pytest.raises(AccessDenied):
            await gate.enter(0)

    asyncio.run(main())


def test_who_waits_can_be_cancelled_and_holds_up_nobody() -> None:
    async def main() -> None:
        gate = Gate(Limits(1))
        first = await gate.enter(0)
        waiting = asyncio.create_task(gate.enter(0))
        next_one = asyncio.create_task(gate.enter(0))
        await settled()
        waiting.cancel()
        gate.leave(first, "answered")
        assert isinstance(await next_one, Call)
        assert gate.flow.in_flight == 1

    asyncio.run(main())


def test_a_long_pause_is_said_once() -> None:
    async def main() -> None:
        clock, said = Clock(), list[str]()
        gate = Gate(Limits(4), say=said.append, clock=clock)
        first, second = await gate.enter(0), await gate.enter(0)
        gate.leave(first, "limited", told=600.0)
        waiting = [asyncio.create_task(gate.enter(0)) for _ in range(2)]
        await settled()
        gate.leave(second, "unknown")
        await settled()
        assert not any(task.done() for task in waiting)
        clock.now = 601.0
        for task in waiting:
            task.cancel()
        assert said == ["the endpoint gets no requests for 600 s: it is asked too much"]

    asyncio.run(main())
