"""An archive as large as wanted, made of our own articles, and a recorded reply to each.

Every copy of an article is another text: a mark at its end says which copy, of which article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from pathlib import Path

from extractor.cases import read_cases
from extractor.recordings import load
from extractor.records import Article

ROOT = Path(__file__).resolve().parent.parent
RECORDED = ROOT / "cassettes" / "event@2" / "event@2"
MARK = re.compile(rb"Ref-\d+-\d+")


@cache
def originals() -> tuple[Article, ...]:
    """The articles that a reply is recorded of, in the order of their ids."""
    found = {path.stem for path in RECORDED.rglob("*.yaml")}
    cases = read_cases(ROOT / "evals" / "articles")
    return tuple(case.article for case in cases if case.id in found)


def replies() -> list[bytes]:
    """The endpoint's whole answer to each of `originals`."""
    by_id = {path.stem: path for path in RECORDED.rglob("*.yaml")}
    return [load(by_id[article.id])[0].answer.body for article in originals()]


def copies(number: int) -> Iterator[Article]:
    """So many articles, each of another text."""
    return islice(_copies(), number)


def _copies() -> Iterator[Article]:
    for copy in count(1):
        for index, article in enumerate(originals()):
            mark = f"Ref-{copy}-{index}"
            text = f"{article.text}\n\n{mark}"
            yield article.model_copy(update={"id": f"{article.id}-{copy}", "text": text})


def original_of(mark: str) -> int:
    """The place in `originals` of the article that a mark is of."""
    return int(mark.rpartition("-")[2])
