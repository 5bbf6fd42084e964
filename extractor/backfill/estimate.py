"""What a backfill would take, before anything is paid.

How many tokens the input has comes from the best of three: what the ledger's replies to articles
of the same input and recipe took, which knows of repairs and windows too; the endpoint's own
tokenizer, over a sample of the requests; or a stated number of characters a token. What the output
is, and how long it takes, only the ledger knows; without it, the output is the most that the
prompt allows.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from extractor.asking import recipe_identity, record_key
from extractor.backfill.choice import Choice, draw
from extractor.backfill.plan import Plan
from extractor.model import Request
from extractor.reading import Asked, build_request
from extractor.records import Article, Usage
from extractor.shards import Passed, Place
from extractor.store import Known, Ledger, Server, View

if TYPE_CHECKING:
    from extractor.catalog import Recipe

CHARACTERS_A_TOKEN = 3.5
"""Where nothing better is known; English news has about 4, JSON and other languages fewer."""
SAMPLE = 100
"""Of how many articles the requests are made."""
COUNTED = 20
"""How many requests a tokenizer gets."""
_AT_ONCE = 500
_TOLD_APART = 1_000_000
"""So many articles are looked at for repetitions; memory is bounded."""

T = TypeVar("T")

CountTokens = Callable[[Request], Awaitable[int | None]]
"""The tokens of a request by the endpoint's tokenizer; None when it has none."""


@dataclass(frozen=True)
class Estimate:
    """What is left to do, and what it would take.

    `outcomes` are articles that have an outcome already, by status; `waiting` are to be asked,
    of which `again` failed before, and `unusable` cannot be read. An article that stands in
    several places is asked once: `waiting` counts it once, and `repeated` the other places.
    `passed` are places that are not chosen. `usage` is what the waiting ones take;
    `seconds` None means that it is not known.
    """

    outcomes: Counter[str]
    waiting: int
    again: int
    repeated: int
    unusable: int
    passed: int
    usage: Usage
    input_from: str
    output_from: str
    seconds: float | None
    cost: float | None


class _Sample(Generic[T]):
    """Of many, the few whose numbers are least: the same ones in whatever order they come."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self.values: dict[str, T] = {}

    def add(self, number: int, key: str, value: T) -> None:
        """One more, unless its key is there."""
        if key in self.values:
            return
        self.values[key] = value
        heapq.heappush(self._heap, (-number, key))
        if len(self._heap) > SAMPLE:
            del self.values[heapq.heappop(self._heap)[1]]


@dataclass
class _Seen:
    """What a pass over the input found; of the articles themselves, small samples are kept."""

    outcomes: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    again: int = 0
    repeated: int = 0
    unusable: int = 0
    passed: int = 0
    characters: int = 0
    keys: set[int] = field(default_factory=set)
    asked: _Sample[Article] = field(default_factory=_Sample)
    answered: _Sample[tuple[Article, Known]] = field(default_factory=_Sample)

    def see(self, place: Place, key: str, known: Known | None, choice: Choice) -> None:
        """One more place; `key` is that of an article's record."""
        if isinstance(place, Passed):
            self.passed += 1
        elif not isinstance(place, Article):
            self.unusable += 1
        else:
            if known is not None and known.usage is not None and known.usage.input_tokens:
                self.answered.add(draw(place, 0), key, (place, known))
            # What failed with a reply, fails with it again: only `retry` asks for another.
            fails = known is not None and known.status == "failed" and known.usage is None
            if known is not None and not fails and known.status not in choice.retry:
                self.outcomes[known.status] += 1
            else:
                self._ask(place, key, again=known is not None)

    def _ask(self, article: Article, key: str, *, again: bool) -> None:
        short = int(key[:16], 16)
        if short in self.keys:
            self.repeated += 1
            return
        if len(self.keys) < _TOLD_APART:
            self.keys.add(short)
        self.waiting += 1
        self.again += again
        self.characters += len(article.text)
        self.asked.add(draw(article, 0), key, article)


async def estimate(
    places: Iterable[Place],
    ledger: Ledger,
    recipe: Recipe,
    asked: Asked,
    plan: Plan,
    count_tokens: CountTokens | None = None,
) -> Estimate:
    """Reads the input and the ledger, where there is one; asks no model and changes nothing.

    Raises `StoreError` for a ledger that cannot be read, and what `count_tokens` raises.
    """
    seen = await asyncio.to_thread(_seen, places, ledger, recipe, asked, plan.choice)
    learnt = await asyncio.to_thread(_learnt, seen, recipe)
    requests = await asyncio.to_thread(_requests, seen.asked.values.values(), recipe)
    inputs, input_from = await _input(seen, requests, learnt, count_tokens)
    if learnt is None:
        output = seen.waiting * recipe.prompt.parameters.max_tokens
        output_from = "at most: what the prompt allows, for no reply is known"
    else:
        output = round(seen.waiting * learnt.output)
        output_from = f"the mean of {learnt.articles} answered before"
    usage = Usage(input_tokens=inputs, output_tokens=output)
    return Estimate(
        outcomes=seen.outcomes,
        waiting=seen.waiting,
        again=seen.again,
        repeated=seen.repeated,
        unusable=seen.unusable,
        passed=seen.passed,
        usage=usage,
        input_from=input_from,
        output_from=output_from,
        # Replies that came in batches took no time of their own.
        seconds=learnt.seconds * seen.waiting / plan.concurrency
        if learnt is not None and learnt.seconds
        else None,
        cost=None if plan.prices is None else plan.prices.cost(usage),
    )


@dataclass(frozen=True)
class _Learnt:
    """What articles that were answered took: output tokens and seconds each, and how many
    characters of a first request came to a token of all the input."""

    articles: int
    characters_a_token: float
    output: float
    seconds: float


def _seen(
    places: Iterable[Place], ledger: Ledger, recipe: Recipe, asked: Asked, choice: Choice
) -> _Seen:
    view = View(ledger) if isinstance(ledger, Server) or ledger.is_file() else None
    identity = recipe_identity(recipe, asked)
    seen = _Seen()
    stream = iter(places)
    while chunk := list(islice(stream, _AT_ONCE)):
        keys = [record_key(p, identity) if isinstance(p, Article) else "" for p in chunk]
        known = view.known(keys) if view else {}
        for place, key in zip(chunk, keys, strict=True):
            seen.see(place, key, known.get(key), choice)
    return seen


def _requests(articles: Iterable[Article], recipe: Recipe) -> list[tuple[Article, Request]]:
    return [(article, build_request(article, recipe)) for article in articles]


def _characters(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


def _learnt(seen: _Seen, recipe: Recipe) -> _Learnt | None:
    found = list(seen.answered.values.values())
    if not found:
        return None
    usages = [known.usage or Usage() for _, known in found]
    requests = _requests((article for article, _ in found), recipe)
    return _Learnt(
        len(found),
        sum(_characters(request) for _, request in requests) / sum(u.input_tokens for u in usages),
        sum(u.output_tokens for u in usages) / len(found),
        sum(known.seconds for _, known in found) / len(found),
    )


async def _input(
    seen: _Seen,
    requests: list[tuple[Article, Request]],
    learnt: _Learnt | None,
    count_tokens: CountTokens | None,
) -> tuple[int, str]:
    """The tokens of all that is to be asked, and how that is known."""
    if not requests:
        return 0, "nothing is to be asked"
    beside = sum(_characters(request) - len(article.text) for article, request in requests)
    characters = seen.characters + beside / len(requests) * seen.waiting
    if learnt is not None:
        return round(characters / learnt.characters_a_token), (
            f"the usage of {learnt.articles} answered before"
        )
    counted = []
    for _, request in requests[:COUNTED] if count_tokens else ():
        assert count_tokens is not None
        tokens = await count_tokens(request)
        if tokens is None:
            break
        counted.append((_characters(request), tokens))
    if counted:
        ratio = sum(each for each, _ in counted) / sum(tokens for _, tokens in counted)
        return round(characters / ratio), (
            f"the endpoint's tokenizer, over {len(counted)} requests"
        )
    return round(characters / CHARACTERS_A_TOKEN), (
        f"{CHARACTERS_A_TOKEN} characters a token, for nothing better is known"
    )
