"""What batches brought: the files of their results, read into the ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.asking import STOPS_THE_RUN
from extractor.errors import ArticleTooLong, ExtractorError, ModelError
from extractor.model import Completion
from extractor.records import Usage
from extractor.store import Batch, Batches

if TYPE_CHECKING:
    from extractor.openai_batches import OpenAIBatches

_AT_ONCE = 500


@dataclass(frozen=True)
class Harvest:
    """What batches brought: replies with what they took, requests that have none for a reason,
    and requests that wait again. `why` is what the provider says of those; `stops` is why nothing
    more is to be sent by itself; `strangers` are lines of no request that waits for one."""

    replies: int = 0
    refused: int = 0
    unanswered: int = 0
    usage: Usage = field(default_factory=Usage)
    why: str = ""
    stops: tuple[str, ...] = ()
    strangers: int = 0

    def __add__(self, other: Harvest) -> Harvest:
        return Harvest(
            self.replies + other.replies,
            self.refused + other.refused,
            self.unanswered + other.unanswered,
            self.usage + other.usage,
            self.why or other.why,
            self.stops + other.stops,
            self.strangers + other.strangers,
        )


async def kept(batch: Batch, path: Path, batches: Batches, provider: OpenAIBatches) -> Harvest:
    """Puts what a file of results says into the ledger, by the keys of the requests."""
    harvest = Harvest()
    with path.open("rb") as lines:
        while chunk := list(islice(lines, _AT_ONCE)):
            found = _by_key(chunk)
            awaited = batches.awaited(batch, found)
            strangers = sum(not line.isspace() for line in chunk) - len(awaited)
            known = {key: found[key] for key in found if key in awaited}
            harvest += replace(_kept(known, batches, provider), strangers=strangers)
            await asyncio.sleep(0)
    return harvest


def _kept(
    found: Mapping[str, dict[str, Any]], batches: Batches, provider: OpenAIBatches
) -> Harvest:
    replies: dict[str, Completion] = {}
    outcomes: dict[str, str] = {}
    lasting: list[str] = []
    stops: tuple[str, ...] = ()
    for key, line in found.items():
        match provider.read(line):
            case Completion() as reply:
                replies[key] = reply
            case ModelError() as error if isinstance(error, STOPS_THE_RUN):
                stops = (error.message,)  # it is not the request's fault, which waits again
            case ExtractorError() as reason:
                outcomes[key] = json.dumps(line)
                lasting += [key] if isinstance(reason, ArticleTooLong) else []
    batches.keep(replies, outcomes, lasting)
    usage = sum((reply.usage for reply in replies.values()), Usage())
    return Harvest(len(replies), len(outcomes), usage=usage, stops=stops)


def _by_key(lines: Iterable[bytes]) -> dict[str, dict[str, Any]]:
    """The lines of results that can be read, by the keys of their requests; of two, the first."""
    found: dict[str, dict[str, Any]] = {}
    for raw in lines:
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        match line:
            case {"custom_id": str(key)}:
                found.setdefault(key, line)
    return found
