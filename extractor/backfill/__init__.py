"""The batch face: files of articles in, files of records out, and a ledger between them.

The ledger alone counts. The output is made from it at the end of every run, also of one
that was stopped, and is the same to the byte when nothing new was learnt.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from extractor.articles import STDIN, SUFFIXES, read_articles
from extractor.asking import recipe_identity
from extractor.backfill.parts import is_part, write_parts
from extractor.backfill.progress import shown, summary
from extractor.errors import EmbeddedModelError, InputError, ModelError
from extractor.model import Model
from extractor.shards import GRACE_SECONDS, Counts, run_shard
from extractor.store import Source, Store

if TYPE_CHECKING:
    from extractor.catalog import Recipe

CONCURRENCY = 16
LEDGER = "ledger.sqlite"

__all__ = ["CONCURRENCY", "LEDGER", "Counts", "run"]


async def run(
    inputs: Sequence[Path],
    out: Path,
    recipe: Recipe,
    model: Model,
    *,
    concurrency: int = CONCURRENCY,
    console: Console,
) -> Counts:
    """Brings every article of `inputs` to a record in `out`; goes on where a run ended.

    `console` (standard error) shows the progress. The first Ctrl-C stops in good order
    (`Counts.interrupted` is then true), the second at once.

    Raises `InputError` for inputs that cannot be read, `StoreError` when the ledger or
    the output cannot be written or another backfill works there, and what no article
    would survive (`shards.STOPS_THE_RUN`). What was answered until then is kept.
    """
    if concurrency < 1:
        raise InputError(f"concurrency is {concurrency}", hint="expected 1 or more")
    sources = [_source(path, out) for path in inputs]
    started = time.monotonic()
    with Store.open(out / LEDGER) as store:
        work = store.begin(sources, recipe_identity(recipe, model))
        if work.others():
            _say(
                console,
                f"{out} was used with another input, prompt, schema or model before: its "
                "records-*.jsonl become those of this run; the earlier answers stay in the ledger",
            )
        total = await asyncio.to_thread(_count, inputs)
        try:
            with _stopping(console) as stop, shown(console, total) as on_progress:
                counts = await run_shard(
                    read_articles(inputs),
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
    for reason in reasons:
        _say(console, f"{reason.articles:,} failed, for example: {reason.example}")
    if counts.interrupted:
        _say(
            console,
            f"stopped with {counts.done:,} of {total:,} articles done; to go on, run "
            "the same command again: nothing that was answered is asked twice",
        )
    elif parts:
        _say(console, f"records: {parts[0]}" + (f" to {parts[-1].name}" if parts[1:] else ""))
    return counts


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _source(path: Path, out: Path) -> Source:
    """An input that can be read, and read again. Raises `InputError`."""
    if path == STDIN:
        raise InputError(
            "a backfill cannot read standard input, for it reads its input again to go on",
            hint="save the articles to a .jsonl file first",
        )
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: not one of {', '.join(SUFFIXES)}", hint="is it the right file?")
    if is_part(path) and path.resolve().parent == out.resolve():
        raise InputError(
            f"{path}: an output of this backfill, which would take its place",
            hint="choose another folder for --out",
        )
    try:
        with path.open("rb"):
            state = path.stat()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="check the path") from error
    return Source(str(path), state.st_size, state.st_mtime_ns)


def _count(inputs: Sequence[Path]) -> int:
    """How many articles the inputs will give, broken ones included."""
    total = 0
    for path in inputs:
        if path.suffix.lower() != ".jsonl":
            total += 1
            continue
        with path.open("rb") as stream:
            # An empty file gives one error.
            total += max(1, sum(1 for line in stream if not line.isspace()))
    return total


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
