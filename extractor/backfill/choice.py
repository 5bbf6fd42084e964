"""Which articles of the inputs are asked about now; the others keep their places."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractor.errors import InputError
from extractor.pipeline import info_of
from extractor.records import Article, Status
from extractor.shards import Passed, Place


@dataclass(frozen=True)
class Choice:
    """`only` these ids; of them a `sample` of so many articles, drawn with `seed`; of them the
    first `limit` places. None takes all. `retry`: those with such an outcome are asked
    again, whatever was answered."""

    only: frozenset[str] | None = None
    sample: int | None = None
    seed: int = 0
    limit: int | None = None
    retry: frozenset[Status] = frozenset()

    def __post_init__(self) -> None:
        """Raises `InputError` for what cannot be meant together."""
        if self.retry and not (self.sample is None and self.limit is None):
            raise InputError(
                "--retry goes with --only, not with --sample or --limit",
                hint="extractor backfill failures DIR lists the ids",
            )


ALL = Choice()


def read_only(values: Iterable[str]) -> frozenset[str]:
    """Ids as they are given: separated by commas, or `@FILE` with one a line.

    Raises `InputError`.
    """
    found: set[str] = set()
    for value in values:
        if value.startswith("@"):
            try:
                lines = Path(value[1:]).read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not UTF-8"
                raise InputError(
                    f"{value[1:]}: {reason}", hint="a file of ids, a line each"
                ) from None
            found.update(line.strip() for line in lines)
        else:
            found.update(each.strip() for each in value.split(","))
    found.discard("")
    if not found:
        raise InputError("no id is named", hint="for example a17,a18 or @ids.txt")
    return frozenset(found)


def draw(article: Article, seed: int) -> int:
    """A number of 64 bits that an article's digest and a seed determine; the least are drawn."""
    made = hashlib.sha256(f"{seed} {article.digest}".encode()).digest()
    return int.from_bytes(made[:8], "big")


def bound(items: Iterable[Article | InputError], choice: Choice) -> int | None:
    """The greatest number that is drawn into the sample; None takes all.

    Reads all items and keeps as many numbers as the sample has. The same article, however
    often it is there, counts once.
    """
    if choice.sample is None:
        return None
    least: list[int] = []  # a heap of negatives: the greatest is on top
    members: set[int] = set()
    for item in items:
        if not isinstance(item, Article) or not _is_named(item, choice):
            continue
        number = draw(item, choice.seed)
        if number in members or (len(least) == choice.sample and number > -least[0]):
            continue
        members.add(number)
        heapq.heappush(least, -number)
        if len(least) > choice.sample:
            members.discard(-heapq.heappop(least))
    return -least[0] if least else -1


def chosen(
    items: Iterable[Article | InputError], choice: Choice, most: int | None
) -> Iterator[Place]:
    """The items, those that are not chosen as `Passed`; ends behind the last of the limit.

    `most` is the `bound` of the same items.
    """
    taken = 0
    if choice.limit == 0:
        return
    for item in items:
        drawn = most is None or (isinstance(item, Article) and draw(item, choice.seed) <= most)
        if not drawn or not _is_named(item, choice):
            yield Passed(item)
            continue
        yield item
        taken += 1
        if taken == choice.limit:
            return


def _is_named(item: Article | InputError, choice: Choice) -> bool:
    return choice.only is None or info_of(item).id in choice.only
