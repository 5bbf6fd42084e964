"""`extractor backfill --dry-run`: what a run would take, before anything is paid."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.api import choose_weights
from extractor.cli.parts import opened_model, stderr
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.backfill import Estimate, Plan
    from extractor.catalog import Recipe


def estimate(
    inputs: Sequence[str],
    out: Path,
    recipe: Recipe,
    settings: Settings,
    plan: Plan,
    *,
    in_batches: bool,
) -> None:
    """Says what a run would take. The embedded model is not even loaded."""
    from extractor import backfill as face

    console = stderr()
    with console.status("reading the input"):
        if settings.base_url is None:
            name = choose_weights(settings.model).name
            held = "grammar" if settings.decoding == "auto" else settings.decoding
            embedded = _Embedded(name, "embedded", held)
            found = asyncio.run(face.estimate(inputs, out, recipe, embedded, plan))
        else:
            with opened_model(settings, console) as opened:

                async def work() -> Estimate:
                    async with opened:
                        count = opened.count_tokens
                        return await face.estimate(inputs, out, recipe, opened, plan, count)

                found = asyncio.run(work())
    for line in _told(found, in_batches=in_batches):
        print(line)


class _Embedded(NamedTuple):
    """The embedded model as records name it, without its engine."""

    name: str
    endpoint: Literal["embedded", "remote"]
    decoding: Literal["schema", "grammar"]


def _told(found: Estimate, *, in_batches: bool) -> Iterator[str]:
    """An estimate in a few lines, each with how it is known."""
    from extractor.backfill.progress import spoken

    done = ", ".join(f"{number:,} {name}" for name, number in sorted(found.outcomes.items()))
    yield f"done:    {found.outcomes.total():,}" + (f" ({done})" if done else "")
    again = f", {found.again:,} of them again" if found.again else ""
    yield f"to ask:  {found.waiting:,}{again}"
    for number, what in (
        (found.repeated, "the same as another, asked once"),
        (found.unusable, "cannot be read"),
        (found.passed, "not chosen"),
    ):
        if number:
            yield f"         {number:,} {what}"
    yield f"input:   {found.usage.input_tokens:,} tokens ({found.input_from})"
    yield f"output:  {found.usage.output_tokens:,} tokens ({found.output_from})"
    if found.cost is None:
        yield "cost:    not known (--price-in and --price-out, for a million tokens)"
    else:
        yield f"cost:    {found.cost:,.4f}"
    if in_batches:
        yield "time:    up to a day for each round of batches"
    elif found.seconds is None:
        yield "time:    not known before some articles are answered (--limit 20, say)"
    else:
        yield f"time:    {spoken(found.seconds)}, from the replies so far"
    yield "nothing was asked, nothing was paid"
