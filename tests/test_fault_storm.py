"""A backfill through a storm: 30 % of the calls fail, in every way that is known.

What a call meets is a matter of its article and of how often that was asked, so the test knows
what each article is to come to, and how many requests that may take.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from llmock.pytest_plugin import LLMock

from benchmarks.archive import copies, original_of, replies
from benchmarks.instant import SILENCE, Script, response
from extractor import backfill
from extractor.api import recipe_for
from extractor.errors import AccessDenied, EndpointDown, ExtractorError, QuotaExhausted
from extractor.flow import Gate, Limits
from extractor.openai_model import AMONG_MANY, Budget, OpenAIModel
from extractor.shards import Counts
from tests.scripted_server import scripted
from tests.test_backfill import quiet, records

ARTICLES = 150
CONCURRENCY = 16
BUDGET = Budget(attempts=AMONG_MANY.attempts, call_seconds=1.0, longest_wait=0.02)
RECORDED = replies()


def said(content: str | None, finish: str = "stop", **message: Any) -> bytes:
    answer = {"content": content, "role": "assistant", **message}
    choice = {"index": 0, "finish_reason": finish, "message": answer}
    return response(json.dumps({"choices": [choice], "usage": {"total_tokens": 40}}).encode())


def failed(status: str, headers: str = "") -> bytes:
    return response(b'{"error": {"message": "no"}}', status, headers)


# With what becomes of an article that meets it: None is another attempt.
FAULTS: dict[str, tuple[bytes | None, str | None]] = {
    "429": (failed("429 Too Many Requests"), None),
    "429, seconds": (failed("429 Too Many Requests", "retry-after: 0.03\r\n"), None),
    "429, date": (
        failed("429 Too Many Requests", "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
        None,
    ),
    "500": (failed("500 Internal Server Error"), None),
    "503": (failed("503 Service Unavailable", "retry-after: 0\r\n"), None),
    "time-out": (SILENCE, None),
    "cut": (None, None),
    "cut within": (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", None),
    "broken HTTP body": (response(b'{"choices": [{"mess'), None),
    "truncated": (said('{"main_event": {"ty', "length"), "reply.truncated"),
    "invalid": (said("I think that"), "reply.malformed"),
    "empty": (said(""), "reply.empty"),
    "refused": (said(None, refusal="I cannot help with that."), "reply.refused"),
}


def fault(mark: str, nth: int) -> str | None:
    """What the nth request for an article meets."""
    chance = Random(f"storm 2 {mark} {nth}")
    return chance.choice(list(FAULTS)) if chance.random() < 0.3 else None


def storm(mark: str, nth: int) -> bytes | None:
    met = fault(mark, nth)
    return response(RECORDED[original_of(mark)]) if met is None else FAULTS[met][0]


def expected(mark: str) -> tuple[int, str]:
    """How many requests an article takes, and its end: a code, or "" for an answer."""
    for nth in range(1, BUDGET.attempts + 1):
        met = fault(mark, nth)
        if met is None or FAULTS[met][1] is not None:
            return nth, (met and FAULTS[met][1]) or ""
    return BUDGET.attempts, "model"


def archive(folder: Path, number: int = ARTICLES) -> Path:
    path = folder / "archive.jsonl"
    path.write_text("".join(f"{article.model_dump_json()}\n" for article in copies(number)))
    return path


def marks() -> list[str]:
    return [article.text.rpartition("\n")[2] for article in copies(ARTICLES)]


def run(source: Path, out: Path, url: str, *, first_pause: float = 0.01) -> Counts:
    async def work() -> Counts:
        gate = Gate(Limits(CONCURRENCY), first_pause=first_pause)
        async with OpenAIModel("some-model", base_url=url).behind(gate, BUDGET) as model:
            return await backfill.run(
                [str(source)],
                out,
                recipe_for(None, None),
                model,
                backfill.Plan(concurrency=CONCURRENCY),
                console=quiet(),
            )

    return asyncio.run(work())


@pytest.mark.slow
def test_every_article_comes_through_or_says_why(tmp_path: Path) -> None:
    ends = {mark: expected(mark) for mark in marks()}
    assert {fault(mark, 1) for mark in ends} == {None, *FAULTS}, "the storm has every fault"
    with scripted(storm, latency=0.001) as (url, asked):
        counts = run(archive(tmp_path), tmp_path / "out", url)
    found = records(tmp_path / "out")
    assert counts.done == len(found) == ARTICLES
    for mark, record in zip(ends, found, strict=True):
        requests, code = ends[mark]
        assert asked.by_mark[mark] <= requests, f"{mark}: more requests than it met faults"
        if code:
            assert record["status"] == "failed"
            assert record["problems"][-1]["code"].startswith(code)
        else:
            assert record["status"] in {"complete", "partial", "rejected"}
    attempts = sum(asked.by_mark.values())
    assert attempts == sum(requests for requests, _ in ends.values())
    assert attempts <= 1.5 * ARTICLES, "no retry storm: on average 1 / (1 - 0.3) a call"
    assert asked.most <= CONCURRENCY


def stopping(answer: bytes, after: int) -> Script:
    """Answers so many times, and then always the same."""
    given = Counter[str]()

    def script(mark: str, _: int) -> bytes:
        given["all"] += 1
        return storm_free(mark) if given["all"] <= after else answer

    return script


def storm_free(mark: str) -> bytes:
    return response(RECORDED[original_of(mark)])


QUOTA = b'{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed("401 Unauthorized"), AccessDenied),
        (failed("403 Forbidden"), AccessDenied),
        (failed("402 Payment Required"), QuotaExhausted),
        (response(QUOTA, "429 Too Many Requests", "retry-after: 1\r\n"), QuotaExhausted),
    ],
    ids=["401", "403", "402", "insufficient_quota"],
)
def test_what_no_article_would_survive_stops_at_once(
    tmp_path: Path, answer: bytes, kind: type[ExtractorError]
) -> None:
    source = archive(tmp_path, 60)
    with scripted(stopping(answer, after=10)) as (url, asked), pytest.raises(kind):
        run(source, tmp_path / "out", url)
    assert asked.by_mark.total() <= 10 + CONCURRENCY
    assert set(asked.by_mark.values()) == {1}
    found = records(tmp_path / "out")
    assert len(found) == 10
    assert "failed" not in {record["status"] for record in found}


def test_an_endpoint_that_goes_away_stops_the_run_and_fails_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = archive(tmp_path, 60)
    gone = failed("503 Service Unavailable")
    monkeypatch.setattr("extractor.flow.LONGEST_PAUSE", 0.02)
    with (
        scripted(stopping(gone, after=10)) as (url, asked),
        pytest.raises(EndpointDown, match="gave no answer between 10 pauses"),
    ):
        run(source, tmp_path / "out", url, first_pause=0.001)
    assert asked.by_mark.total() <= 10 + 2 * CONCURRENCY + 10
    assert len(records(tmp_path / "out")) < 20
    with scripted(lambda mark, _: storm_free(mark)) as (url, asked):
        assert run(source, tmp_path / "out", url).done == 60
    assert asked.by_mark.total() == 50, "what was answered is not asked again"


def test_another_server_finds_it_resilient(llmock: LLMock, tmp_path: Path) -> None:
    """llmock's judgement of the requests: Retry-After kept, no hammering, no hopeless retry."""
    llmock.rate_limit(times=3, retry_after=0.2)
    llmock.fail(500, times=2)
    llmock.fail(503, times=1, retry_after=0.1)
    counts = run(archive(tmp_path, 12), tmp_path / "out", llmock.base_url())
    assert counts.done == 12
    assert counts.failed == 0
    assert len(llmock.requests) == 12 + 6
    llmock.assert_resilient(strict=True)
