"""The batch face: files of articles in, files of records out, and a ledger between them.

The ledger alone counts. The output is made from it at the end of every run, also of one
that was stopped, and is the same to the byte when nothing new was learnt.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from extractor.asking import recipe_identity
from extractor.backfill.batch_api import BatchRun
from extractor.backfill.batch_post import BatchApi
from extractor.backfill.choice import Choice, read_only
from extractor.backfill.course import Course
from extractor.backfill.estimate import CountTokens, Estimate
from extractor.backfill.estimate import estimate as estimated
from extractor.backfill.inputs import Reading, source_of
from extractor.backfill.manifest import manifest
from extractor.backfill.parts import Form, Part, write_manifest, write_parts
from extractor.backfill.plan import CONCURRENCY, Plan
from extractor.backfill.processes import (
    Crew,
    Goal,
    as_many_as_help,
    run_processes,
)
from extractor.backfill.progress import Note, of_total, shown, summary
from extractor.backfill.reports import Reports, reported
from extractor.backfill.spending import Budget, Budgeted, Spending, read_budget
from extractor.backfill.tables import Events
from extractor.errors import (
    BatchStopped,
    BudgetReached,
    EmbeddedModelError,
    InputError,
    ModelError,
)
from extractor.flow import KnowsTraffic, Traffic
from extractor.making import spare_the_collector
from extractor.model import Model
from extractor.prices import Prices
from extractor.reading import Asked
from extractor.records import Usage
from extractor.shards import GRACE_SECONDS, Counts, Place, run_shard
from extractor.store import Batches, Ledger, Reason, Run, Store, View, locked, patiently

if TYPE_CHECKING:
    from extractor.catalog import Recipe

LEDGER = "ledger.sqlite"
_PLAIN = Plan()

__all__ = [
    "CONCURRENCY",
    "LEDGER",
    "BatchApi",
    "Budget",
    "Choice",
    "Counts",
    "Crew",
    "Estimate",
    "Form",
    "Plan",
    "Reports",
    "as_many_as_help",
    "estimate",
    "read_budget",
    "read_only",
    "run",
]


async def run(
    inputs: Sequence[str],
    out: Path,
    recipe: Recipe,
    model: Model,
    plan: Plan = _PLAIN,
    *,
    crew: Crew | None = None,
    console: Console,
) -> Counts:
    """Brings the articles of `inputs` to records in `out`; goes on where a run ended.

    `inputs` are those of `sources.read_inputs`. What is no article in them is
    counted by reason. With a `crew`, other processes do the work; with `plan.via`, a provider's
    batches do, and Ctrl-C leaves them to themselves. `console` (standard error)
    shows the progress. The first Ctrl-C stops in good order (`Counts.interrupted` is then true),
    the second at once.

    Raises `InputError` for inputs that cannot be read, `StoreError` when the ledger or
    the output cannot be written or another backfill works there (several may share a ledger on
    a server, each with a folder of its own), `BudgetReached`, `BatchStopped`, and what no
    article would survive (`shards.STOPS_THE_RUN`). What was answered until then is kept.
    """
    _check(plan, crew)
    sources = [source_of(name, out) for name in inputs]
    identity = recipe_identity(recipe, model)
    with _held(out, plan), Store.open(_ledger(out, plan), partial(_say, console)) as store:
        if plan.choice.retry:
            again = store.ask_again(sources, identity, plan.choice.retry, plan.choice.only)
            _say(console, f"{again:,} are asked again")
        work = store.begin(sources, identity)
        if work.others():
            _say(
                console,
                f"{out} was used with another input, prompt, schema or model before: its "
                "output becomes that of this run; the earlier answers stay in the ledger",
            )
        if plan.via is None and (opened := Batches(store).open()):
            _say(
                console,
                f"{sum(batch.requests for batch in opened):,} requests of this folder are in "
                "batches at a provider: what is asked online now is paid twice "
                "(--via batch-api waits for them)",
            )
        if plan.prices is not None:
            work.keep_prices(asdict(plan.prices))
        return await _Backfill(inputs, out, recipe, model, plan, console, work).done(crew)


def _check(plan: Plan, crew: Crew | None) -> None:
    """Whether all that is asked for goes together. Raises `InputError`."""
    one_knows = "one process alone knows what is spent: leave out one of the two"
    if plan.concurrency < 1:
        raise InputError(f"concurrency is {plan.concurrency}", hint="expected 1 or more")
    if crew is not None and plan.budget is not None:
        raise InputError(f"a budget, and {crew.number} processes", hint=one_knows)
    if plan.server is None and crew is not None and crew.engine == "ray":
        raise InputError(
            "the engine ray needs a ledger that several machines can share",
            hint="name a PostgreSQL database: --ledger postgresql://user@host/database",
        )
    if plan.server is not None and plan.budget is not None:
        raise InputError("a budget, and a ledger that others may share", hint=one_knows)
    if crew is not None and plan.via is not None:
        raise InputError(f"batches, and {crew.number} processes", hint="leave out one of the two")
    if plan.server is not None and plan.via is not None:
        raise InputError(
            "batches, and a ledger that others may share",
            hint="batches are known to one folder alone: leave out one of the two",
        )


async def estimate(
    inputs: Sequence[str],
    out: Path,
    recipe: Recipe,
    asked: Asked,
    plan: Plan = _PLAIN,
    count_tokens: CountTokens | None = None,
) -> Estimate:
    """What `run` would still have to do, and what that takes; nothing is asked or written.

    Raises `InputError` and `StoreError`, and what `count_tokens` raises.
    """
    for name in inputs:
        source_of(name, out)
    read = Reading(inputs, plan)
    return await estimated(read.places(), _ledger(out, plan), recipe, asked, plan, count_tokens)


def _traffic_of(model: Model) -> Traffic | None:
    return model.traffic if isinstance(model, KnowsTraffic) else None


def _engine(crew: Crew) -> Callable[..., Awaitable[Counts]]:
    if crew.engine == "processes":
        return run_processes
    from extractor.backfill.engine import run_ray  # Ray takes a second to import

    return run_ray


def _ledger(out: Path, plan: Plan) -> Ledger:
    return plan.server or out / LEDGER


@contextmanager
def _held(out: Path, plan: Plan) -> Iterator[None]:
    """A lock on the folder, which a ledger in it has by itself. Raises `StoreError`."""
    lock = -1 if plan.server is None else locked(out / LEDGER)
    try:
        yield
    finally:
        if lock >= 0:
            os.close(lock)


class _Backfill:
    """A run in its folder."""

    def __init__(
        self,
        inputs: Sequence[str],
        out: Path,
        recipe: Recipe,
        model: Model,
        plan: Plan,
        console: Console,
        work: Run,
    ) -> None:
        self._out = out
        self._recipe = recipe
        self._plan = plan
        self._console = console
        self._work = work
        self._inputs = inputs
        self._reading = Reading(inputs, plan)
        self._batches = ""
        kept = work.facts().prices
        self._prices = None if kept is None else Prices(**kept)
        self._spending: Spending | None = None
        self._model = model
        if plan.budget is not None:
            paid = View(_ledger(out, plan)).paid().usage
            self._spending = Spending(plan.budget, self._prices, paid)
            if plan.via is None:
                self._model = Budgeted(model, self._spending)
        self._course = Course(model.name, self._prices, traffic=partial(_traffic_of, model))

    async def done(self, crew: Crew | None) -> Counts:
        """The work, the output, and what is said of them."""
        with reported(self._plan.reports, self._course, self._about(crew)):
            return await self._done(crew)

    async def _done(self, crew: Crew | None) -> Counts:
        started = time.monotonic()
        total = self._course.total = await asyncio.to_thread(self._reading.total)
        try:
            counts = await self._asked(total, crew)
        except (BudgetReached, BatchStopped):
            self._write()
            self._sum_up(self._course.counts, started)
            raise
        except (ModelError, EmbeddedModelError):
            self._write()
            raise
        self._course.counts = counts
        if not counts.interrupted and self._plan.choice.limit is None:
            patiently(self._work.store, partial(self._work.trim, self._reading.number))
        parts = self._write()
        self._sum_up(counts, started)
        if counts.interrupted:
            done = of_total(counts, total)
            _say(self._console, f"stopped with {done} articles done; {_TO_GO_ON}")
        elif parts:
            self._say_where(parts)
        return counts

    async def _asked(self, total: int | None, crew: Crew | None) -> Counts:
        with (
            _stopping(self._console, _LEFT if self._plan.via else _AWAITED) as stop,
            shown(self._console, total, self._note()) as on_progress,
        ):

            def told(counts: Counts) -> None:
                self._course.counts = counts
                on_progress(counts)

            spare_the_collector()
            if self._plan.via is not None:
                return await self._in_batches(self._plan.via, told, stop)
            if crew is not None:
                return await _engine(crew)(
                    self._reading.places(),
                    Goal(
                        self._work,
                        _ledger(self._out, self._plan),
                        recipe_identity(self._recipe, self._model),
                    ),
                    crew,
                    on_progress=told,
                    on_traffic=partial(setattr, self._course, "traffic"),
                    say=partial(_say, self._console),
                    stop=stop,
                )
            return await run_shard(
                self._reading.places(),
                self._recipe,
                self._model,
                self._work,
                concurrency=self._plan.concurrency,
                on_progress=told,
                stop=stop,
            )

    async def _in_batches(
        self, via: BatchApi, told: Callable[[Counts], None], stop: asyncio.Event
    ) -> Counts:
        def places() -> Iterator[Place]:
            self._reading = Reading(self._inputs, self._plan)
            return self._reading.places()

        def heard(counts: Counts, batches: str) -> None:
            self._batches = batches
            told(counts)

        work = BatchRun(
            via,
            self._recipe,
            self._model,
            self._work,
            self._out,
            self._spending,
            self._plan.concurrency,
            partial(_say, self._console),
        )
        return await work.done(places, heard, stop)

    def _about(self, crew: Crew | None) -> dict[str, Any]:
        """What the log says of this run. Inputs are counted: an address may hold a key."""
        identity = recipe_identity(self._recipe, self._model)
        return {
            "inputs": len(self._inputs),
            **{name: identity[name] for name in ("prompt", "schema", "model", "extractor")},
            "concurrency": self._plan.concurrency,
            "processes": 1 if crew is None else crew.number,
            "via": "online" if self._plan.via is None else "batch-api",
        }

    def _note(self) -> Note:
        """What is shown beside the counts: what it costs, and what bounds it."""
        spending = self._spending

        def note(counts: Counts) -> str:
            limits = f"at most {self._plan.concurrency} at once"
            if self._plan.via is not None:
                limits = self._batches or "reading"
            cost = self._cost(counts.usage)
            parts = [] if cost is None else [f"cost {cost:,.4f}"]
            if spending is not None:
                parts.append(f"{spending.said(spending.spent)} of {self._plan.budget} spent")
            return ", ".join([*parts, limits])

        return note

    def _cost(self, usage: Usage) -> float | None:
        return None if self._prices is None else self._prices.cost(usage)

    def _write(self) -> tuple[Part, ...]:
        """Makes the output of what the ledger holds; the manifest comes last."""
        return patiently(self._work.store, self._written)

    def _written(self) -> tuple[Part, ...]:
        with self._console.status("writing the records"):
            events = Events.of(self._recipe.schema.json_schema)
            form = self._plan.form
            written = write_parts(self._work.results(), self._out, events, form)
            paid = View(_ledger(self._out, self._plan)).paid()
            write_manifest(self._out, manifest(self._work.facts(), paid, written, form))
        return written.parts

    def _sum_up(self, counts: Counts, started: float) -> None:
        seconds = time.monotonic() - started
        _say(self._console, summary(counts, seconds, self._cost(counts.usage)))
        reasons = patiently(self._work.store, self._work.reasons)
        _say_left_out(self._console, reasons, self._reading.dropped)
        failed = {reason.code: reason.articles for reason in reasons}
        self._course.left_out = {**failed, **self._reading.dropped}
        missing = sorted(self._reading.unknown)
        if missing and not counts.interrupted and self._plan.choice.limit is None:
            some = ", ".join(missing[:5]) + (", …" if missing[5:] else "")
            _say(self._console, f"{len(missing):,} ids of --only were not met: {some}")

    def _say_where(self, parts: Sequence[Part]) -> None:
        """Where the records are, and what lies beside them."""
        first = Path(parts[0].name)
        kin = (Path(part.name) for part in parts if part.name.startswith("records-"))
        names = [path.name for path in kin if path.suffix == first.suffix]
        more = f" to {names[-1]}" if names[1:] else ""
        _say(self._console, f"records: {self._out / first}{more}")
        _say(self._console, f"tables and manifest: {len(parts) - len(names) + 1} files beside")


_TO_GO_ON = "to go on, run the same command again: nothing that was answered is asked twice"


_AWAITED = f"up to {GRACE_SECONDS:.0f} s for the answers that are under way"
_LEFT = "batches go on at the provider"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _say_left_out(console: Console, failed: Sequence[Reason], dropped: Counter[str]) -> None:
    for reason in failed:
        _say(console, f"{reason.articles:,} failed, for example: {reason.example}")
    for why, number in sorted(dropped.items(), key=lambda one: (-one[1], one[0])):
        _say(console, f"{number:,} dropped: {why}")


@contextmanager
def _stopping(console: Console, what: str) -> Iterator[asyncio.Event]:
    """An event that the first Ctrl-C sets, which says `what` comes now; the second one then has
    its usual effect."""
    stop = asyncio.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread of a program is told of signals
        return
    loop = asyncio.get_running_loop()
    usual = signal.getsignal(signal.SIGINT)

    def asked() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)
        _say(
            console,
            f"stopping: {what}; Ctrl-C again stops at once",
        )

    loop.add_signal_handler(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        if not stop.is_set():
            signal.signal(signal.SIGINT, usual)
