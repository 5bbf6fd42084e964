"""The remote path: `OpenAIModel` against servers, over real sockets on loopback.

`llmock` is a server that we did not write: its idea of the protocol is not ours. What it
cannot do (HTML, broken connections, a key that it checks, refusals, llama.cpp's errors)
`Loopback` answers, which tests our handling of such answers, not that servers give them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from llmock.pytest_plugin import LLMock
from llmock.scenarios import Reply
from pydantic import BaseModel

from extractor.cassettes import recording, replaying
from extractor.catalog import Catalog, Recipe, Schema
from extractor.errors import (
    AccessDenied,
    ArticleTooLong,
    CassetteMiss,
    EndpointOverloaded,
    EndpointTimeout,
    EndpointUnreachable,
    ExtractorError,
    NotAModelEndpoint,
    RequestRefused,
    SettingsError,
)
from extractor.model import Completion, Decoding, Heard, Message, Parameters, Request
from extractor.openai_model import Budget, OpenAIModel
from extractor.pipeline import assemble
from extractor.reading import Reading, build_request
from extractor.records import Article, Problem, Usage
from extractor.reply import read_reply
from extractor.request_body import request_body
from extractor.windows import Window
from tests.loopback import Handler, LoopbackServer

ROOT = Path(__file__).resolve().parent.parent
KEY = "key-that-nobody-may-see"
MODEL = "some-model"
ARTICLE = Article(text="Ministers met in Oslo on Monday.")
RECIPE = Catalog.open().recipe("event@1", "event@1")
REQUEST = build_request(ARTICLE, RECIPE)
QUICK = Budget(attempts=3, seconds=20, longest_wait=0.01)
JSON = "application/json"
PATIENCE = 60.0
"""Seconds that only a process that hangs takes."""
CUT = '{"main_event": {"type": "meet'


class Free(BaseModel):
    """What strict mode cannot express, and so no grammar of ours."""

    counts: dict[str, int] = {}


def ask(
    base_url: str,
    *,
    request: Request = REQUEST,
    key: str | None = KEY,
    budget: Budget = QUICK,
    endpoint: Literal["embedded", "remote"] = "remote",
    decoding: Decoding = "schema",
    heard: Heard | None = None,
) -> Completion:
    async def work() -> Completion:
        model = OpenAIModel(
            MODEL,
            base_url=base_url,
            api_key=key,
            endpoint=endpoint,
            decoding=decoding,
            budget=budget,
        )
        async with model:
            return await model.complete(request, heard)

    return asyncio.run(work())


@dataclass(frozen=True)
class Answer:
    """`body` None closes the connection; `pause` is in seconds, before each byte."""

    status: int = 200
    body: bytes | None = b""
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0


def chat(message: dict[str, Any], finish: str | None = "stop", **changes: Any) -> Answer:
    """A chat completion that says `message`, with fields replaced by `changes`."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "some-model-2026",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
        ],
        "usage": {
            "prompt_tokens": 30,
            "completion_tokens": 4,
            "total_tokens": 34,
            "prompt_tokens_details": {"cached_tokens": 20},
        },
    }
    return Answer(body=json.dumps(body | changes).encode())


def failed(status: int, error: object, **headers: str) -> Answer:
    return Answer(status, json.dumps({"error": error}).encode(), headers=headers)


class Loopback(LoopbackServer):
    """Gives the answers that it was told, the last one for ever; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [chat({"content": "{}"})]
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self._closing = threading.Event()
        super().__init__()

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        super().__exit__()

    def handler(self) -> type[Handler]:
        server = self

        class Answering(Handler, BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append((self.path, headers, body))
                answers = server.answers
                self._give(answers.pop(0) if len(answers) > 1 else answers[0])

            def _give(self, answer: Answer) -> None:
                if answer.body is None:
                    return
                self.send_response(answer.status)
                headers = {"content-type": answer.kind, "content-length": str(len(answer.body))}
                for name, value in (headers | answer.headers).items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                parts = [bytes([b]) for b in answer.body] if answer.pause else [answer.body]
                try:
                    for part in parts:
                        server._closing.wait(answer.pause)
                        self.wfile.write(part)
                except ConnectionError:
                    pass  # the client did not wait

        return Answering


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def shown(error: BaseException) -> str:
    """All that a user or a log could see of an error."""
    hint = getattr(error, "hint", "")
    return "\n".join([*traceback.format_exception(error), repr(error), repr(vars(error)), hint])


# An answer


def test_output_for_the_schema(llmock: LLMock) -> None:
    completion = ask(llmock.base_url())
    assert completion.content is not None
    draft = json.loads(completion.content)
    assert list(draft) == list(REQUEST.wire_schema["properties"])
    assert completion.usage.input_tokens > 0
    assert completion.usage.output_tokens > 0
    assert (completion.attempts, completion.finish_reason) == (1, "stop")
    assert completion.model == MODEL
    assert completion.raw["choices"][0]["message"]["content"] == completion.content
    assert completion.raw["id"].startswith("chatcmpl-")
    assert read_reply(completion) == draft
    assert len(llmock.requests) == 1


def test_the_answer_goes_through_the_core(llmock: LLMock) -> None:
    """It is made up, so nothing of it is grounded, and that is said."""
    asked = OpenAIModel(MODEL, base_url=llmock.base_url())
    reading = Reading(Window(0, len(ARTICLE.text)), ask(llmock.base_url()))
    extraction = assemble(ARTICLE, RECIPE, (reading,), asked)
    assert extraction.status in {"partial", "rejected"}
    assert extraction.problems
    assert extraction.provenance is not None
    assert (extraction.provenance.endpoint, extraction.provenance.wire) == ("remote", "strict")


def test_the_answer_is_kept_as_it_came(loopback: Loopback) -> None:
    loopback.answers = [chat({"content": "{}"}, timings={"predicted_per_second": 17.5})]
    completion = ask(loopback.url)
    sent = loopback.answers[0].body
    assert sent is not None
    assert completion.raw == json.loads(sent)
    assert completion.model == "some-model-2026"
    assert completion.usage == Usage(input_tokens=30, cached_tokens=20, output_tokens=4)


# What is sent


@pytest.mark.parametrize("seed", [None, 7])
def test_the_body_is_exactly_what_request_body_says(loopback: Loopback, seed: int | None) -> None:
    request = replace(
        REQUEST,
        # What templating or image detection in a client would change.
        messages=(*REQUEST.messages, Message(role="user", content=" {{ 1 }} “x”\u00ad\r\n😀 ")),
        parameters=Parameters(temperature=0.2, max_tokens=77, seed=seed),
    )
    ask(loopback.url, request=request)
    [(path, headers, body)] = loopback.asked
    assert (path, headers["authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    sent = json.loads(body)
    assert sent == request_body(request, MODEL, "schema")
    assert sent["max_tokens"] == 77
    assert sent.get("seed") == seed
    form = sent["response_format"]["json_schema"]
    assert form == {"name": "event", "strict": True, "schema": REQUEST.wire_schema}
    assert set(sent["response_format"]) == {"type", "json_schema"}
    assert "grammar" not in sent


def test_an_endpoint_is_given_the_grammar_in_place_of_the_schema(loopback: Loopback) -> None:
    assert REQUEST.grammar is not None
    ask(loopback.url, decoding="grammar")
    sent = json.loads(loopback.asked[0][2])
    assert sent == request_body(REQUEST, MODEL, "grammar")
    assert sent["grammar"] == REQUEST.grammar
    assert sent["response_format"] == {"type": "text"}
    rest = {"grammar", "response_format"}
    told = request_body(REQUEST, MODEL, "schema")
    assert {k: v for k, v in sent.items() if k not in rest} == {
        k: v for k, v in told.items() if k not in rest
    }


def test_what_no_grammar_can_say_is_left_to_the_endpoint(loopback: Loopback) -> None:
    loose = replace(REQUEST, grammar=None, strict=False)
    ask(loopback.url, request=loose, decoding="grammar")
    assert json.loads(loopback.asked[0][2]) == request_body(loose, MODEL, "schema")


@pytest.mark.parametrize(("endpoint", "decoding"), [("embedded", "grammar"), ("remote", "schema")])
def test_only_the_embedded_endpoint_is_known_to_obey_grammars(
    endpoint: Literal["embedded", "remote"], decoding: Decoding
) -> None:
    model = OpenAIModel(MODEL, base_url="http://127.0.0.1:9/v1", endpoint=endpoint)
    assert model.decoding == decoding
    for told in ("grammar", "schema"):
        model = OpenAIModel(MODEL, base_url="http://h/v1", endpoint=endpoint, decoding=told)
        assert model.decoding == told


@pytest.mark.parametrize("decoding", ["grammar", "schema"])
def test_the_record_says_how_the_reply_was_held_to_its_form(
    loopback: Loopback, decoding: Decoding
) -> None:
    asked = OpenAIModel(MODEL, base_url=loopback.url, decoding=decoding)
    reading = Reading(Window(0, len(ARTICLE.text)), ask(loopback.url, decoding=decoding))
    provenance = assemble(ARTICLE, RECIPE, (reading,), asked).provenance
    assert provenance is not None
    assert provenance.decoding == decoding


def test_a_record_does_not_claim_a_grammar_that_there_was_none_of(loopback: Loopback) -> None:
    recipe = Recipe(Catalog.open().prompt("any@1"), Schema.of_model(Free))
    assert build_request(ARTICLE, recipe).grammar is None
    asked = OpenAIModel(MODEL, base_url=loopback.url, decoding="grammar")
    reading = Reading(Window(0, len(ARTICLE.text)), ask(loopback.url))
    provenance = assemble(ARTICLE, recipe, (reading,), asked).provenance
    assert provenance is not None
    assert (provenance.wire, provenance.decoding) == ("loose", "schema")


def test_another_server_reads_the_same_body(llmock: LLMock) -> None:
    ask(llmock.base_url())
    assert llmock.last_request.body == request_body(REQUEST, MODEL, "schema")
    assert llmock.last_request.body["max_tokens"] == REQUEST.parameters.max_tokens


@pytest.mark.parametrize("name", ["Page[Item]", "Überfall", "x" * 80, "a.b c"])
def test_any_class_name_becomes_one_that_providers_take(name: str) -> None:
    body = request_body(replace(REQUEST, schema_name=name), MODEL, "schema")
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", body["response_format"]["json_schema"]["name"])


# Attempts


def test_429_is_waited_out_as_told(llmock: LLMock) -> None:
    llmock.rate_limit(retry_after=1)
    completion = ask(llmock.base_url())
    assert completion.attempts == 2
    assert completion.usage.output_tokens > 0
    assert completion.seconds > 0
    assert [record.status for record in llmock.requests] == [429, 200]
    llmock.assert_resilient(strict=True)  # the server's judgement, Retry-After included


def test_the_wait_may_be_said_in_milliseconds_or_as_a_date(loopback: Loopback) -> None:
    past = "Sun, 06 Nov 1994 08:49:37 GMT"
    loopback.answers = [
        failed(429, "slow down", retry_after="600", retry_after_ms="10"),
        failed(503, "loading", retry_after=past),
        chat({"content": "{}"}),
    ]
    assert ask(loopback.url).attempts == 3


def test_a_wait_beyond_the_budget_is_not_waited(llmock: LLMock) -> None:
    llmock.rate_limit(times=None, retry_after=60)
    with pytest.raises(EndpointOverloaded) as caught:
        ask(llmock.base_url(), budget=Budget(attempts=9, seconds=30))
    assert caught.value.retry_after == 60
    assert len(llmock.requests) == 1


@pytest.mark.parametrize("date", ["Fri, 01 Jan 2100 00:00:00 GMT", "inf", "soon", ""])
def test_a_wait_that_cannot_be_waited(loopback: Loopback, date: str) -> None:
    loopback.answers = [failed(429, "slow down", retry_after=date)]
    with pytest.raises(EndpointOverloaded) as caught:
        ask(loopback.url)
    asked = caught.value.retry_after
    assert (asked is not None and asked > 1e6) if "2100" in date else asked is None


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_failure_for_ever_costs_the_attempts_of_the_budget(llmock: LLMock, status: int) -> None:
    llmock.fail(status, times=None, retry_after=0.01)
    with pytest.raises(EndpointOverloaded, match=f"answered HTTP {status}: ") as caught:
        ask(llmock.base_url())
    assert len(llmock.requests) == QUICK.attempts
    assert {record.sdk_retry_count for record in llmock.requests} == {0}
    assert caught.value.retry_after == 0.01
    assert caught.value.retryable
    assert llmock.base_url() in caught.value.message
    assert caught.value.hint


def test_without_a_wait_told_it_waits_of_its_own_and_comes_through(llmock: LLMock) -> None:
    llmock.fail(500, times=2)
    completion = ask(llmock.base_url())
    assert completion.attempts == 3
    assert [record.retry_after for record in llmock.requests] == [None] * 3
    llmock.assert_resilient()


def test_a_page_of_a_gateway_is_an_overload_and_no_wrong_address(loopback: Loopback) -> None:
    page = Answer(502, b"<html><h1>Bad Gateway</h1></html>", "text/html")
    loopback.answers = [page, chat({"content": "{}"})]
    assert ask(loopback.url).attempts == 2


def test_no_attempt_is_begun_that_could_cost_too_many_tokens(llmock: LLMock) -> None:
    llmock.outage(status=500)
    one = sum(len(m.content) for m in REQUEST.messages) + REQUEST.parameters.max_tokens
    for tokens, attempts in ((one, 1), (2 * one, 2), (9 * one, 3)):
        before = len(llmock.requests)
        with pytest.raises(EndpointOverloaded):
            ask(llmock.base_url(), budget=replace(QUICK, tokens=tokens))
        assert len(llmock.requests) - before == attempts


@pytest.fixture
def silent(loopback: Loopback) -> Loopback:
    """Takes every request, and never gets to the end of its answer."""
    loopback.answers = [replace(chat({"content": "{}"}), pause=PATIENCE)]
    return loopback


def test_an_answer_that_comes_too_late(silent: Loopback) -> None:
    with pytest.raises(EndpointTimeout, match=r"gave no answer within 1\.2 s") as caught:
        ask(silent.url, budget=replace(QUICK, attempts=2, call_seconds=1.2))
    assert silent.url in caught.value.message
    assert len(silent.asked) == 2


def test_an_answer_that_trickles_in_is_late_too(loopback: Loopback) -> None:
    loopback.answers = [replace(chat({"content": "{}"}), pause=0.05)]
    with pytest.raises(EndpointTimeout):
        ask(loopback.url, budget=replace(QUICK, attempts=1, call_seconds=0.2))


def test_the_seconds_are_for_all_attempts(silent: Loopback) -> None:
    budget = Budget(attempts=99, seconds=2.1, call_seconds=1.4, longest_wait=0.01)
    with pytest.raises(EndpointTimeout, match=r"within 2\.1 s"):
        ask(silent.url, budget=budget)
    assert len(silent.asked) == 2


def test_who_cancels_is_obeyed(silent: Loopback) -> None:
    async def asked() -> None:
        while not silent.asked:
            await asyncio.sleep(0.01)

    async def work() -> None:
        async with OpenAIModel(MODEL, base_url=silent.url, budget=QUICK) as model:
            task = asyncio.create_task(model.complete(REQUEST))
            await asyncio.wait_for(asked(), PATIENCE)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(work())
    assert len(silent.asked) == 1


# Replies that are none: paid for, so completions


@pytest.mark.parametrize(
    ("text", "finish", "code"),
    [
        (CUT, "length", "reply.truncated"),
        ("", "content_filter", "reply.filtered"),
        ("", None, "reply.empty"),
        (" \n", None, "reply.empty"),
        ("I think that the event is", None, "reply.malformed"),
        (CUT, None, "reply.malformed"),
        ("[1]", None, "reply.malformed"),
        ('{"a": 1, "a": 2}', None, "reply.malformed"),
        ("[" * 5000, None, "reply.malformed"),
    ],
)
def test_a_reply_that_is_no_draft_is_kept(
    llmock: LLMock, text: str, finish: str | None, code: str
) -> None:
    llmock.add(Reply(text=text, finish_reason=finish, times=None))
    completion = ask(llmock.base_url())
    problem = read_reply(completion)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.severity) == (code, "error")
    assert completion.content == text
    assert completion.usage.output_tokens > 0
    assert len(llmock.requests) == 1  # nothing is asked again


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"content": None, "refusal": "I cannot help with that."}, "reply.refused"),
        ({"content": None}, "reply.empty"),
        ({}, "reply.empty"),
        ({"content": [{"type": "text", "text": "{}"}]}, "reply.empty"),
        ({"content": '{"a": "\ud83d"}'}, None),
    ],
)
def test_messages_that_llmock_does_not_give(
    loopback: Loopback, message: dict[str, Any], code: str | None
) -> None:
    loopback.answers = [chat(message)]
    completion = ask(loopback.url)
    reply = read_reply(completion)
    assert (reply.code if isinstance(reply, Problem) else None) == code
    assert completion.usage.output_tokens == 4
    assert Completion.model_validate_json(completion.model_dump_json()) == completion
    assert len(loopback.asked) == 1


def test_a_fence_around_the_reply_is_taken_off(llmock: LLMock) -> None:
    llmock.reply('```json\n{"a": 1}\n```')
    assert read_reply(ask(llmock.base_url())) == {"a": 1}


@pytest.mark.parametrize(
    "usage", [None, "much", {}, {"prompt_tokens": None, "completion_tokens": "4"}]
)
def test_usage_that_makes_no_sense_loses_no_reply(loopback: Loopback, usage: object) -> None:
    loopback.answers = [chat({"content": "{}"}, finish=None, usage=usage)]
    completion = ask(loopback.url)
    assert (completion.content, completion.usage) == ("{}", Usage())
    assert completion.raw["usage"] == usage


# Endpoints that are none


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<!doctype html><title>Hello</title>", "text/html"),
        Answer(404, b"<html>nothing here</html>", "text/html; charset=utf-8"),
        Answer(200, b"<html>", JSON),
        Answer(200, b""),
        Answer(200, b'{"hello": "world"}'),
        Answer(200, b'{"a": "\xff"}'),
        Answer(200, b"[1, 2]"),
        Answer(200, b"null"),
        Answer(200, b"[" * 9000),
        chat({}, choices=[]),
        chat({}, choices=None),
        chat({}, choices=[{"message": None}]),
    ],
    ids=lambda answer: f"{answer.status} {(answer.body or b'').decode(errors='replace')[-30:]}",
)
def test_what_is_not_a_chat_completion(loopback: Loopback, answer: Answer) -> None:
    loopback.answers = [answer]
    with pytest.raises(NotAModelEndpoint, match=r"not a chat completion: .") as caught:
        ask(loopback.url)
    assert loopback.url in caught.value.message
    assert "/v1" in caught.value.hint
    assert len(caught.value.message) < 500
    assert KEY not in shown(caught.value)
    assert len(loopback.asked) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(body=None), "disconnected"),
        (Answer(body=b"{}", headers={"content-length": "9"}), "Not enough data"),
        (Answer(body=b"no gzip", headers={"content-encoding": "gzip"}), "decompressing"),
    ],
)
def test_a_connection_that_breaks(loopback: Loopback, answer: Answer, said: str) -> None:
    loopback.answers = [answer]
    with pytest.raises(EndpointUnreachable, match=f"no answer from {loopback.url}: .*{said}"):
        ask(loopback.url)
    assert len(loopback.asked) == QUICK.attempts
    loopback.answers = [answer, chat({"content": "{}"})]
    assert ask(loopback.url).attempts == 2


def test_nobody_listens() -> None:
    with Loopback() as server:
        url = server.url
    with pytest.raises(EndpointUnreachable, match=f"no answer from {url}: .") as caught:
        ask(url)
    assert "server running" in caught.value.hint
    assert KEY not in shown(caught.value)


def test_nobody_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that swallows packets; here, a queue of connections that is full."""
    monkeypatch.setattr("extractor.openai_model.CONNECT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        with pytest.raises(EndpointUnreachable, match=r"no connection within 0\.1 s"):
            ask(f"http://127.0.0.1:{server.getsockname()[1]}/v1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (failed(400, {"message": "no such format"}), "no such format"),
        (failed(404, "no such model"), "no such model"),
        (Answer(404, b'{"detail": "Not Found"}'), "Not Found"),
        (Answer(422, b'{"detail": [{"msg": "extra field"}]}'), "extra field"),
        (Answer(413, b"", "text/plain"), "Request Entity Too Large"),
    ],
)
def test_a_request_that_is_refused(loopback: Loopback, answer: Answer, said: str) -> None:
    loopback.answers = [answer]
    with pytest.raises(RequestRefused, match=f"HTTP {answer.status}, refusing.*: .*{said}") as got:
        ask(loopback.url)
    assert loopback.url in got.value.message
    assert "model's name" in got.value.hint
    assert len(loopback.asked) == 1


# An article that is too long


def test_the_article_does_not_fit(llmock: LLMock) -> None:
    """llmock refuses as OpenAI does: both lengths stand in its message."""
    llmock.limits(context_window=50)
    with pytest.raises(ArticleTooLong, match=f"does not fit the context of {MODEL}") as caught:
        ask(llmock.base_url())
    assert re.search(r"\b50 tokens.* \d{3,} tokens", caught.value.message)
    assert len(llmock.requests) == 1


# The first was copied from a server of llama.cpp, asked with 9,030 tokens in November 2026;
# its message was without the numbers before. The others are known of vLLM, Anthropic, Google.
TOO_LONG = [
    (
        {
            "code": 400,
            "message": "request (9030 tokens) exceeds the available context size (8192 tokens),"
            " try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 9030,
            "n_ctx": 8192,
        },
        "9030 tokens, and 8192 fit",
    ),
    (
        {
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 10,
            "n_ctx": 8,
        },
        "10 tokens, and 8 fit",
    ),
    ({"message": "8 tokens were asked", "code": "context_length_exceeded"}, "8 tokens were"),
    ({"message": "This model's maximum context length is 8 tokens."}, "length is 8"),
    ({"message": "prompt is too long: 10 tokens > 8 maximum"}, "10 tokens > 8"),
    ({"message": "The input token count (10) exceeds the maximum (8)."}, r"\(10\) exceeds"),
]


@pytest.mark.parametrize(
    ("message", "asked", "fits"),
    [
        (
            "This model's maximum context length is 8192 tokens. However, your messages "
            "resulted in 9030 tokens. Please reduce the length of the messages.",
            9030,
            8192,
        ),
        (
            "This model's maximum context length is 8192 tokens. However, you requested 10230 "
            "tokens (9030 in the messages, 1200 in the completion).",
            9030,
            8192,
        ),
        (
            "'max_tokens' is too large: 1200. This model's maximum context length is 8192 tokens "
            "and your request has 9030 input tokens (1200 > 8192 - 9030).",
            9030,
            8192,
        ),
        ("request (9030 tokens) exceeds the available context size (8192 tokens)", 9030, 8192),
        ("prompt is too long: 213,462 tokens > 200,000 maximum", 213_462, 200_000),
        ("The input token count (10) exceeds the maximum (8).", 10, 8),
        (
            "The input token count (1048580) exceeds the maximum number of tokens allowed "
            "(1048576).",
            1_048_580,
            1_048_576,
        ),
        ("8 tokens are more than the context size allows", None, None),
    ],
)
def test_the_lengths_are_read_where_they_are_said(
    loopback: Loopback, message: str, asked: int | None, fits: int | None
) -> None:
    """The words of OpenAI, vLLM, llama.cpp, Anthropic and Google; windows are sized by them."""
    loopback.answers = [failed(400, {"message": message})]
    with pytest.raises(ArticleTooLong) as caught:
        ask(loopback.url)
    assert (caught.value.asked, caught.value.fits) == (asked, fits)


@pytest.mark.parametrize(("error", "said"), TOO_LONG)
def test_both_lengths_are_named(loopback: Loopback, error: dict[str, Any], said: str) -> None:
    loopback.answers = [failed(400, error)]
    with pytest.raises(ArticleTooLong, match=f"does not fit the context of {MODEL}: .*{said}"):
        ask(loopback.url)
    assert len(loopback.asked) == 1


# The key


class KeyedLoopback(Loopback):
    """Knows one key; says in its refusal which other one it was given, as some servers do."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.answers = [failed(status, {"message": f"bad key {KEY}"}, x_given=KEY)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefused),
        (401, AccessDenied),
        (403, AccessDenied),
        (429, EndpointOverloaded),
    ],
)
def test_nobody_sees_the_key(
    caplog: pytest.LogCaptureFixture, status: int, kind: type[ExtractorError]
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "instructor")
    with KeyedLoopback(status) as server, pytest.raises(kind) as caught:
        ask(server.url)
    assert KEY in server.asked[0][1]["authorization"]
    assert len(server.asked) == (QUICK.attempts if status == 429 else 1)
    assert server.url in caught.value.message
    assert KEY not in shown(caught.value)
    assert f"POST {server.url}" in caplog.text  # what the libraries say is heard here
    assert KEY not in caplog.text


def test_a_wrong_key_is_tried_once(llmock: LLMock, caplog: pytest.LogCaptureFixture) -> None:
    """llmock knows no keys, only how OpenAI refuses one."""
    caplog.set_level(logging.DEBUG)
    llmock.fail(401, times=None)
    with pytest.raises(AccessDenied, match=r"refused the key \(HTTP 401\)") as caught:
        ask(llmock.base_url())
    assert "OPENAI_API_KEY" in caught.value.hint
    assert len(llmock.requests) == 1
    assert KEY not in shown(caught.value) + caplog.text
    llmock.assert_resilient(strict=True)


def test_a_missing_key_is_not_called_wrong(llmock: LLMock) -> None:
    llmock.fail(401)
    with pytest.raises(AccessDenied, match="wants a key"):
        ask(llmock.base_url(), key=None)


def test_a_dummy_key_leaves_words_alone(llmock: LLMock) -> None:
    llmock.fail(400, message="an axe")
    with pytest.raises(RequestRefused, match="an axe"):
        ask(llmock.base_url(), key="x")


@pytest.mark.parametrize("key", ["secret\n", "sec ret", "secret”", "secret\0"])
def test_a_key_that_cannot_be_sent(key: str) -> None:
    with pytest.raises(SettingsError, match="the API key holds a character") as caught:
        OpenAIModel(MODEL, base_url="http://127.0.0.1:9/v1", api_key=key)
    assert "sec" not in shown(caught.value).replace(__file__, "")


def test_the_model_does_not_show_its_key() -> None:
    model = OpenAIModel(MODEL, base_url="http://127.0.0.1:9/v1", api_key=KEY)
    assert KEY not in f"{model} {model!r}"


PROGRAM = """
import asyncio, sys
from extractor.errors import ExtractorError
from extractor.model import Message, Parameters, Request
from extractor.openai_model import Budget, OpenAIModel

request = Request((Message(role="user", content="Hello"),), "any", {}, False, Parameters())

async def main(url, key):
    budget = Budget(attempts=2, longest_wait=0.01)
    async with OpenAIModel("m", base_url=url, api_key=key, budget=budget) as model:
        for _ in range(4):
            try:
                print((await model.complete(request)).content)
            except ExtractorError as error:
                print(error.code)

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_program_sees_nothing_on_its_standard_error(llmock: LLMock) -> None:
    """Python prints what a library logs as an error when nobody else does."""
    llmock.fail(401, message=f"bad key {KEY}").fail(500, times=2)
    llmock.fail(400, message=f"bad {KEY}").reply("no JSON")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, llmock.base_url(), KEY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n") == [
        "model.access_denied",
        "model.overloaded",
        "model.request_refused",
        "no JSON",
        "",
    ]


# Between us and the endpoint


def test_the_embedded_engine_is_not_asked_through_a_proxy(
    llmock: LLMock, monkeypatch: pytest.MonkeyPatch, loopback: Loopback
) -> None:
    monkeypatch.setenv("HTTP_PROXY", loopback.url)
    loopback.answers = [failed(503, "I am the proxy")]
    assert ask(llmock.base_url(), endpoint="embedded").content
    with pytest.raises(EndpointOverloaded, match="I am the proxy"):
        ask(llmock.base_url(), endpoint="remote")


def test_a_cassette_speaks_for_itself(loopback: Loopback, tmp_path: Path) -> None:
    """The SDK takes what its transport raises for a broken connection, worth another try."""
    path = tmp_path / "one.yaml"
    with recording(path):
        ask(loopback.url)
    changed = replace(REQUEST, messages=REQUEST.messages[:-1])
    start = time.monotonic()
    with pytest.raises(CassetteMiss, match="What changed"), replaying(path):
        ask(loopback.url, request=changed, budget=Budget(longest_wait=60))
    assert time.monotonic() - start < 1


# Piece by piece


def pieces(*deltas: dict[str, Any], finish: str | None = "stop", cut: bytes = b"") -> Answer:
    """A stream of these deltas with the usage behind them."""
    around = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m-2"}
    said: list[dict[str, Any]]
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    details = {"cached_tokens": 20}
    usage = {"prompt_tokens": 30, "completion_tokens": 4, "prompt_tokens_details": details}
    said = [*chunks, last, {"choices": [], "usage": usage, "timings": {"predicted_n": 4}}]
    lines = [f"data: {json.dumps(around | each)}\n\n" for each in said]
    return Answer(
        body="".join(lines).encode() + (cut or b"data: [DONE]\n\n"), kind="text/event-stream"
    )


def listening(url: str, **options: Any) -> tuple[Completion, list[str]]:
    """The reply, and each text that was heard before it was there."""
    heard: list[str] = []
    reply = ask(url, heard=lambda text, _: heard.append(text), **options)
    return reply, heard


def test_a_reply_is_heard_while_it_comes(llmock: LLMock) -> None:
    reply, heard = listening(llmock.base_url())
    assert len(set(heard)) > 2
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    assert heard[-1] == reply.content
    assert isinstance(read_reply(reply), dict)
    assert reply.usage.output_tokens > 0
    streaming = {"stream": True, "stream_options": {"include_usage": True}}
    assert llmock.last_request.body == request_body(REQUEST, MODEL, "schema") | streaming


def test_a_reply_in_pieces_is_the_reply_in_one(loopback: Loopback) -> None:
    role = {"role": "assistant"}
    deltas = ({**role, "content": None}, {**role, "content": "{"}, {"content": "}"})
    loopback.answers = [pieces(*deltas)]
    reply, heard = listening(loopback.url)
    assert heard[-1] == reply.content == "{}"
    assert (reply.model, reply.finish_reason, reply.attempts) == ("m-2", "stop", 1)
    assert reply.usage == Usage(input_tokens=30, cached_tokens=20, output_tokens=4)
    assert reply.raw["timings"] == {"predicted_n": 4}
    assert reply.raw["object"] == "chat.completion"
    assert reply.raw["choices"] == [
        {"index": 0, "message": {**role, "content": "{}"}, "finish_reason": "stop"}
    ]


@pytest.mark.parametrize("broken", [pieces({"content": '{"a'}, finish=None), Answer(body=None)])
def test_a_stream_that_breaks_off_is_asked_for_again(loopback: Loopback, broken: Answer) -> None:
    loopback.answers = [broken, pieces({"content": "{}"})]
    reply, heard = listening(loopback.url)
    assert (reply.content, reply.attempts, heard[-1]) == ("{}", 2, "{}")
    loopback.answers = [broken]
    with pytest.raises(EndpointUnreachable):
        listening(loopback.url)


def test_an_error_inside_a_stream_does_not_show_the_key(loopback: Loopback) -> None:
    told = f'data: {{"error": {{"message": "no such key {KEY}"}}}}\n\n'.encode()
    loopback.answers = [pieces({"content": "{"}, finish=None, cut=told)]
    with pytest.raises(EndpointUnreachable, match="no such key") as caught:
        listening(loopback.url)
    assert KEY not in shown(caught.value)


def test_who_cannot_stream_is_asked_for_all_at_once(loopback: Loopback) -> None:
    loopback.answers = [failed(400, "unknown field stream_options"), chat({"content": "{}"})]
    assert listening(loopback.url)[0].content == "{}"
    assert [b'"stream"' in body for _, _, body in loopback.asked] == [True, False]
    loopback.answers = [failed(400, "unknown field response_format")]
    with pytest.raises(RequestRefused, match="response_format"):
        listening(loopback.url)
    assert len(loopback.asked) == 3


def test_who_does_not_stream_is_taken_at_its_word(loopback: Loopback) -> None:
    loopback.answers = [chat({"content": "{}"})]
    reply, heard = listening(loopback.url)
    assert (reply.content, heard, len(loopback.asked)) == ("{}", [], 1)
    loopback.answers = [Answer(body=b"<html>", kind="text/html")]
    with pytest.raises(NotAModelEndpoint):
        listening(loopback.url)
