"""The batch face: files of articles in, files of records out, and a ledger between them.

The ledger alone counts. The output is made from it at the end of every run, also of one
that was stopped, and is the same to the byte when nothing new was learnt.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from extractor.articles import AS_NAMED, Columns
from extractor.asking import recipe_identity
from extractor.backfill.parts import is_part, write_parts
from extractor.backfill.progress import of_total, shown, summary
from extractor.errors import EmbeddedModelError, InputError, ModelError
from extractor.model import Model
from extractor.records import Article
from extractor.shards import GRACE_SECONDS, Counts, run_shard
from extractor.sources import (
    Dropped,
    Item,
    check_input,
    count_items,
    is_url,
    read_inputs,
    state_of,
)
from extractor.store import Reason, Source, Store

if TYPE_CHECKING:
    from extractor.catalog import Recipe

CONCURRENCY = 16
LEDGER = "ledger.sqlite"

__all__ = ["CONCURRENCY", "LEDGER", "Counts", "run"]


async def run(
    inputs: Sequence[str],
    out: Path,
    recipe: Recipe,
    model: Model,
    *,
    columns: Columns = AS_NAMED,
    concurrency: int = CONCURRENCY,
    console: Console,
) -> Counts:
    """Brings every article of `inputs` to a record in `out`; goes on where a run ended.

    `inputs` and `columns` are those of `sources.read_inputs`. What is no article in them is
    counted by reason. `console` (standard error) shows the progress. The first Ctrl-C stops
    in good order (`Counts.interrupted` is then true), the second at once.

    Raises `InputError` for inputs that cannot be read, `StoreError` when the ledger or
    the output cannot be written or another backfill works there, and what no article
    would survive (`shards.STOPS_THE_RUN`). What was answered until then is kept.
    """
    if concurrency < 1:
        raise InputError(f"concurrency is {concurrency}", hint="expected 1 or more")
    sources = [_source(name, out) for name in inputs]
    started = time.monotonic()
    with Store.open(out / LEDGER) as store:
        work = store.begin(sources, recipe_identity(recipe, model))
        if work.others():
            _say(
                console,
                f"{out} was used with another input, prompt, schema or model before: its "
                "records-*.jsonl become those of this run; the earlier answers stay in the ledger",
            )
        total = await asyncio.to_thread(count_items, inputs)
        dropped: Counter[str] = Counter()
        try:
            with _stopping(console) as stop, shown(console, total) as on_progress:
                counts = await run_shard(
                    _kept(read_inputs(inputs, columns), dropped),
                    recipe,
                    model,
                    work,
                    concurrency=concurrency,
                    on_progress=on_progress,
                    stop=stop,
                )
        except (ModelError, EmbeddedModelError):
            write_parts(work.results(), out)
            raise
        parts = write_parts(work.results(), out)
        reasons = work.reasons()
    _say(console, summary(counts, time.monotonic() - started))
    _say_left_out(console, reasons, dropped)
    if counts.interrupted:
        done = of_total(counts, total)
        _say(console, f"stopped with {done} articles done; {_TO_GO_ON}")
    elif parts:
        _say(console, f"records: {parts[0]}" + (f" to {parts[-1].name}" if parts[1:] else ""))
    return counts


_TO_GO_ON = "to go on, run the same command again: nothing that was answered is asked twice"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _say_left_out(console: Console, failed: Sequence[Reason], dropped: Counter[str]) -> None:
    for reason in failed:
        _say(console, f"{reason.articles:,} failed, for example: {reason.example}")
    for why, number in sorted(dropped.items(), key=lambda one: (-one[1], one[0])):
        _say(console, f"{number:,} dropped: {why}")


def _source(name: str, out: Path) -> Source:
    """An input that can be read, and read again. Raises `InputError`."""
    if not is_url(name) and _is_taken(Path(name), out):
        raise InputError(
            f"{name}: an output of this backfill, which would take its place, or their folder",
            hint="choose another folder for --out",
        )
    check_input(name)
    state = state_of(name)
    return Source(name, state.size, state.modified)


def _is_taken(path: Path, out: Path) -> bool:
    """Whether a file, a folder or a pattern means files that `out` is going to hold."""
    if path.is_dir():
        return out.resolve().is_relative_to(path.resolve())
    if is_part(path) and path.resolve().parent == out.resolve():
        return True
    return (out / "records-00001.jsonl").absolute().match(str(path.absolute()))


def _kept(items: Iterable[Item], dropped: Counter[str]) -> Iterator[Article | InputError]:
    """The items that want an outcome; of the others, `dropped` counts the reasons."""
    for item in items:
        if isinstance(item, Dropped):
            dropped[item.reason] += 1
        else:
            yield item


@contextmanager
def _stopping(console: Console) -> Iterator[asyncio.Event]:
    """An event that the first Ctrl-C sets; the second one then has its usual effect."""
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
            f"stopping: up to {GRACE_SECONDS:.0f} s for the answers that are under way; "
            "Ctrl-C again stops at once",
        )

    loop.add_signal_handler(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        if not stop.is_set():
            signal.signal(signal.SIGINT, usual)
