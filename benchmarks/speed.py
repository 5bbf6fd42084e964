"""How long ours takes: a quotation on an index, the index, growth with the text, hostile texts.

Seconds of processor time, so that other work on the machine counts as little as it can.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from random import Random
from statistics import median
from time import process_time, process_time_ns

from benchmarks.briefs import briefs
from benchmarks.cases import words
from extractor.grounding import SourceIndex, ground_quotes

MILLION = 1_000_000
PATIENCE = 300  # seconds of processor time for one hostile text


def text_of(size: int) -> str:
    """Invented briefs of that many characters."""
    return briefs(Random(size), "en", size // 80 + 20)[:size]


def quotations(text: str, number: int) -> list[str]:
    """Runs of six words from all over the text."""
    rng = Random(number)
    drawn: list[str] = []
    while len(drawn) < number:
        at = rng.randrange(len(text) - 300)
        run = words(text, at, at + 200)[1:7]
        drawn.append(text[run[0][0] : run[-1][1]])
    return drawn


def altered(quotes: Sequence[str]) -> list[str]:
    """The same with one word that stands nowhere."""
    return [f"{quote[: quote.rindex(' ')]} zeppelins" for quote in quotes]


def microseconds(index: SourceIndex, quotes: Sequence[str]) -> float:
    """The median of the quotations, each asked by itself and once: an index remembers answers."""
    times = []
    for quote in dict.fromkeys(quotes):
        start = process_time_ns()
        ground_quotes(index, [quote])
        times.append(process_time_ns() - start)
    return median(times) / 1000


def index_milliseconds(text: str, times: int) -> float:
    """Making the index and asking it once, since parts of it are made at the first question.

    Each time another text: what was made of the last short texts is remembered.
    """
    taken = []
    for number in range(times):
        another = f"{number} {text}"
        start = process_time_ns()
        ground_quotes(SourceIndex(another), ["zeppelins"])
        taken.append(process_time_ns() - start)
    return median(taken) / 1_000_000


def hostile() -> Iterator[tuple[str, str, list[str]]]:
    """Texts of 5 MB that punish whatever looks at a place twice, and what is asked of them."""
    size = 5 * MILLION
    runs = {
        "a": "a",
        "one word": "aa ",
        "spaces": " ",
        "line breaks": "\n",
        "broken words": "a-\n",
        "soft hyphens": "a\u00ad",
        "accents": "a\u0301",
        "marks on one letter": "\u0301",
        "joined emoji": "👩\u200d",
        "half flags": "🇰",
        "ampersands": "&",
        "entities": "&amp;",
        "dots": ".",
        "ellipses": "a … ",
        "quotation marks": "“’",
        "digits": "1",
        "spaced digits": "1 ",
        "brackets": "[",
        "isolates": "\u2067א\u2069",
    }
    for name, run in runs.items():
        text = run * (size // len(run))
        yield name, text, [run * 40, run * 5_000 + "z", f"{run * 3} … {run * 3}", f"a … {run * 9}z"]
    sentence = "The ferry left the harbour on Monday. "
    yield "10,000 repeats", sentence * 10_000, ["The ferry", "on Monday", "The ferry … on Tuesday"]
    yield "repeats, 5 MB", sentence * (size // len(sentence)), ["harbour", "left … Monday", "x"]


def _ground(text: str, quotes: Sequence[str]) -> None:
    ground_quotes(SourceIndex(text), quotes)


def seconds(work: Callable[..., None], *arguments: object) -> str:
    """Seconds of the work in a process of its own, or how it ended before it was done."""
    results: multiprocessing.SimpleQueue[float] = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=_timed, args=(results, work, arguments))
    process.start()
    process.join()
    if not process.exitcode:
        return f"{results.get():.1f}"
    return f"not within {PATIENCE}" if process.exitcode == -signal.SIGXCPU else "failed"


def _timed(
    results: multiprocessing.SimpleQueue[float],
    work: Callable[..., None],
    arguments: Sequence[object],
) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, 2 * PATIENCE))
    start = process_time()
    work(*arguments)
    results.put(process_time() - start)


def report() -> Iterator[str]:
    """The lines of the report, each when it is known."""
    yield "processor time                     found  not found  (us a quotation, median)"
    for name, size, number in (("3 KB", 3_000, 2_000), ("1 MB", MILLION, 200)):
        text = text_of(size)
        index, quotes = SourceIndex(text), quotations(text, number)
        found, lost = microseconds(index, quotes), microseconds(index, altered(quotes))
        yield f"  on an index of {name:18}{found:7.0f}{lost:11.0f}"
    yield "index and first question, ms       (ratio to a tenth of the text)"
    before = 0.0
    for size in (3_000, 30_000, 300_000, 3_000_000):
        taken = index_milliseconds(text_of(size), max(1, 90_000 // size))
        ratio = f"  x {taken / before:.1f}" if before else ""
        yield f"  {size:9,} characters {taken:18.2f}{ratio}"
        before = taken
    yield "hostile texts of 5 MB, index and questions, s"
    for name, text, quotes in hostile():
        yield f"  {name:24}{seconds(_ground, text, quotes):>14}"
