"""Any OpenAI-compatible endpoint, through openai and instructor, with one policy of retries.

Neither the SDK nor instructor retries here: each would multiply the other's attempts. The
endpoint's whole answer is kept before anybody looks into it. Where many requests share an
endpoint, each attempt goes through one gate (`flow`), which then does the waiting for all.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import httpx2
import instructor
import openai
from openai.types.chat import ChatCompletionChunk
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_exponential_jitter,
)

from extractor import errors
from extractor.chunks import Chunks
from extractor.flow import Gate, Outcome, Traffic
from extractor.model import Completion, Decoding, Heard, Request
from extractor.refusals import Refusals
from extractor.reply import completion_of
from extractor.request_body import request_body, written

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Budget:
    """What one request may cost.

    `attempts`, `seconds` and `tokens` are in all; `call_seconds` is for one call. Tokens
    are reckoned before another attempt, since a failed one does not tell what it cost: a
    token a character of the prompt, and the most that the reply may have. `longest_wait`
    is in seconds, before another attempt, when the endpoint does not say how long to wait.
    """

    attempts: int = 4
    seconds: float = 900.0
    call_seconds: float = 600.0
    tokens: int = 200_000
    longest_wait: float = 30.0


AMONG_MANY = Budget(attempts=8)
"""For requests behind a gate: of calls of which 30 % fail at random, 1 in 15,000 fails eight
times. The waits at the gate are no part of the seconds."""


@dataclass(frozen=True)
class _Line:
    """The SDK's client of an endpoint, the connections that it uses, and what requests for a chat
    completion have in common: address and headers."""

    sdk: openai.AsyncOpenAI
    http: httpx2.AsyncClient
    address: httpx2.URL
    headers: httpx2.Headers

    @classmethod
    def of(cls, sdk: openai.AsyncOpenAI, http: httpx2.AsyncClient) -> _Line:
        headers = {**sdk.default_headers, **sdk.auth_headers, "x-stainless-retry-count": "0"}
        merged = httpx2.Headers(http.headers)
        merged.update({name: value for name, value in headers.items() if isinstance(value, str)})
        base = sdk.base_url
        return cls(sdk, http, base.copy_with(raw_path=base.raw_path + b"chat/completions"), merged)

    def request(self, own: Mapping[str, str], content: bytes) -> httpx2.Request:
        """A request with headers of its own. (The client's own `build_request` puts all of them
        together anew each time.)"""
        headers = self.headers
        if own:
            headers = headers.copy()
            headers.update(own)
        return httpx2.Request("POST", self.address, headers=headers, content=content)


class OpenAIModel:
    """A model behind an OpenAI-compatible endpoint. Use it as an async context manager.

    Raises `SettingsError` for a key that cannot be sent.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        api_key: str | None = None,
        endpoint: Literal["embedded", "remote"] = "remote",
        decoding: Decoding | None = None,
        budget: Budget | None = None,
    ) -> None:
        if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
            # The SDK would fail with an error that shows the key.
            raise errors.SettingsError(
                "the API key holds a character that no key has",
                hint="copy it again: is there a space, a line break or a typographic sign in it?",
            )
        self.name = name
        self.endpoint: Literal["embedded", "remote"] = endpoint
        self.decoding: Decoding = decoding or ("grammar" if endpoint == "embedded" else "schema")
        self._address = base_url
        self._key = api_key
        self.refusals = Refusals(base_url, api_key, name, CONNECT_SECONDS)
        self._budget = budget or Budget()
        self._gate: Gate | None = None
        self._open: _Line | None = None
        self.headers: Callable[[], dict[str, str]] = dict

    @cached_property
    def _create(self) -> Any:
        # Once a model, and not before it asks: until then it can go to another process.
        return instructor.patch(create=self._ask, mode=instructor.Mode.JSON_SCHEMA)

    @property
    def base_url(self) -> str:
        """Where the endpoint is."""
        return self._address

    def before_each_attempt(self, headers: Callable[[], dict[str, str]]) -> None:
        """Has `headers` called whenever a request is about to be sent, which then carries them."""
        self.headers = headers

    @property
    def traffic(self) -> Traffic | None:
        """What came of its requests; None without a gate."""
        return None if self._gate is None else self._gate.flow.traffic

    def behind(self, gate: Gate, budget: Budget = AMONG_MANY) -> OpenAIModel:
        """The same model, whose requests wait for their turn at the gate."""
        other = OpenAIModel(
            self.name,
            base_url=self._address,
            api_key=self._key,
            endpoint=self.endpoint,
            decoding=self.decoding,
            budget=budget,
        )
        other._gate = gate
        other.headers = self.headers
        return other

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; the next request opens new ones.

        Connections belong to an event loop: close them before it ends.
        """
        line, self._open = self._open, None
        if line is not None:
            await line.sdk.close()

    def connected(self) -> openai.AsyncOpenAI:
        """The SDK's client of this endpoint, which tries nothing twice."""
        return self._line().sdk

    def _line(self) -> _Line:
        if self._open is None:
            timeout = openai.Timeout(None, connect=CONNECT_SECONDS)
            # A proxy of the user's must not come between us and our own process.
            direct = self.endpoint == "embedded"
            # The SDK's other transport takes a core a third less for a request.
            http = openai.DefaultAioHttpClient(trust_env=not direct, timeout=timeout)
            # An endpoint without keys still gets one: the SDK insists, and sends it along.
            sdk = openai.AsyncOpenAI(
                base_url=self._address,
                api_key=self._key or "none",
                max_retries=0,
                timeout=timeout,
                http_client=http,
            )
            self._open = _Line.of(sdk, http)
        return self._open

    async def complete(self, request: Request, heard: Heard | None = None) -> Completion:
        """One reply, within the budget. Raises `ModelError` or `ArticleTooLong`.

        With `heard` it is asked for piece by piece. An endpoint that refuses that is asked for
        all at once, and one that answers all at once nevertheless is taken at its word.
        """
        budget = self._budget
        start = time.monotonic()
        attempts = 0
        most = _characters(request) + request.parameters.max_tokens
        try:
            async with asyncio.timeout(budget.seconds) as limit:
                policy = AsyncRetrying(
                    retry=retry_if_exception(_worth_another_try),
                    stop=lambda state: (
                        state.attempt_number >= budget.attempts
                        or state.upcoming_sleep >= _left(limit)
                        or (state.attempt_number + 1) * most > budget.tokens
                    ),
                    wait=self._wait,
                    reraise=True,
                )
                async for attempt in policy:
                    with attempt:
                        attempts += 1
                        if self._gate is None:
                            answer = await self._call(request, heard)
                        else:
                            self._gate.flow.again += attempts > 1
                            answer = await self._behind(self._gate, request, heard, limit)
        except TimeoutError:
            raise self.refusals.too_slow(budget.seconds) from None
        return completion_of(answer, attempts=attempts, seconds=time.monotonic() - start)

    async def _behind(
        self, gate: Gate, request: Request, heard: Heard | None, limit: asyncio.Timeout
    ) -> dict[str, Any]:
        """One attempt in its turn. The time budget stands still until that comes."""
        left = _left(limit)
        limit.reschedule(None)
        # As a rule a token is some four characters; the gate learns how far that is off.
        call = await gate.enter(_characters(request) / 4 + request.parameters.max_tokens)
        limit.reschedule(asyncio.get_running_loop().time() + left)
        outcome: Outcome = "unknown"
        tokens = told = None
        try:
            answer = await self._call_known(gate, request, heard)
            outcome, tokens = "answered", _tokens(answer)
        except errors.ExtractorError as error:
            outcome, told = _outcome(error), getattr(error, "retry_after", None)
            if isinstance(error, errors.AccessDenied | errors.QuotaExhausted):
                gate.stop(error)
            raise
        finally:
            gate.leave(call, outcome, tokens=tokens, told=told)
        return answer

    async def _call_known(
        self, gate: Gate, request: Request, heard: Heard | None
    ) -> dict[str, Any]:
        """One attempt. Who has answered as an API does has failed when it does not."""
        try:
            return await self._call(request, heard)
        except errors.NotAModelEndpoint as error:
            if not gate.flow.answers:
                raise
            raise errors.EndpointUnreachable(
                error.message, hint="it answered properly before; try again later"
            ) from None

    async def listing(self) -> object:
        """The JSON of the endpoint's list of models (`/models`). Raises `ModelError`."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self.connected().get("/models", cast_to=object)
        except TimeoutError:
            raise self.refusals.too_slow(CONNECT_SECONDS) from None
        except openai.OpenAIError as error:
            raise self._refusal(error) from None
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self.refusals.no_endpoint(f"unreadable JSON ({error})") from None

    async def count_tokens(self, request: Request) -> int | None:
        """The tokens of a request's messages by the endpoint's own tokenizer (`/tokenize` of
        llama.cpp and vLLM); None when it has none. Costs nothing. Raises `ModelError`."""
        text = "\n".join(message.content for message in request.messages)
        address = self._address.rstrip("/").removesuffix("/v1") + "/tokenize"
        body = {"model": self.name, "content": text, "prompt": text}
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                found = await self.connected().post(address, cast_to=object, body=body)
        except TimeoutError:
            raise self.refusals.too_slow(CONNECT_SECONDS) from None
        except openai.APIStatusError as error:
            if error.status_code in {400, 404, 405, 422, 501}:
                return None
            raise self._refusal(error) from None
        except openai.OpenAIError as error:
            raise self._refusal(error) from None
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            return None
        match found:
            case {"count": int(count)}:
                return count
            case {"tokens": list(tokens)}:
                return len(tokens)
        return None

    def _wait(self, state: RetryCallState) -> float:
        """As long as the endpoint asked for, else longer each time; in seconds.

        The waits that are for all requests are those of the gate, where there is one.
        """
        error = state.outcome.exception() if state.outcome else None
        if self._gate is not None and isinstance(error, errors.RateLimited):
            return 0.0
        if isinstance(error, errors.EndpointOverloaded) and error.retry_after is not None:
            return error.retry_after if self._gate is None else 0.0
        return wait_exponential_jitter(initial=1, max=self._budget.longest_wait)(state)

    async def _call(self, request: Request, heard: Heard | None) -> dict[str, Any]:
        """One attempt, which is made again when it was refused for its `stream`."""
        try:
            return await self._once(request, heard)
        except errors.RequestRefused as refused:
            if heard is None or "stream" not in refused.message:
                raise
            return await self._once(request, None)

    async def _once(self, request: Request, heard: Heard | None) -> dict[str, Any]:
        """The endpoint's JSON.

        instructor passes it on as it is, for there is no `response_model`: what is in a reply is
        judged later, value by value, and the whole answer is kept before anybody looks into it.
        """
        body = request_body(request, self.name, self.decoding)
        extra = {key: body.pop(key) for key in ("response_format", "grammar") if key in body}
        answer: dict[str, Any] = await self._create(
            **body, heard=heard, extra_body=extra, response_model=None, max_retries=0
        )
        return answer

    async def _ask(self, *, heard: Heard | None, **body: Any) -> dict[str, Any]:
        """One request over HTTP, answered with a chat completion of one message at least.

        Errors become ours here, before anyone logs them, and have no `__cause__`: its text
        is the endpoint's, which may repeat the key.
        """
        try:
            async with asyncio.timeout(self._budget.call_seconds):
                answer: Any = await (
                    self._posted(body) if heard is None else self._heard(heard, body)
                )
        except TimeoutError:
            raise self.refusals.too_slow(self._budget.call_seconds) from None
        except openai.OpenAIError as error:
            raise self._refusal(error) from None
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self.refusals.no_endpoint(f"unreadable JSON ({error})") from None
        match answer:
            case {"choices": [{"message": dict()}, *_]}:
                whole: dict[str, Any] = answer
                return whole
        raise self.refusals.no_endpoint(json.dumps(answer))

    async def _posted(self, body: dict[str, Any]) -> object:
        """The JSON of an answer. Raises `EndpointUnreachable` for one that breaks off.

        Over the SDK's connections and with its headers, but not by way of its methods. These find
        out of which of the API's types each message is, copy the options for tries that are not
        made, and put the address together anew: more work than all the rest of a request.
        """
        extra = body.pop("extra_body", {})
        line = self._line()
        request = line.request(self.headers(), written({**body, **extra}))
        try:
            reply = await line.http.send(request)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=request) from error
        except Exception as error:
            raise openai.APIConnectionError(request=request) from error
        if not reply.is_success:
            raise openai.APIStatusError("", response=reply, body=_body(reply))
        self._hear(reply)
        if "json" not in reply.headers.get("content-type", "json"):
            raise self.refusals.no_endpoint(reply.text)
        try:
            return reply.json()
        except json.JSONDecodeError as error:
            if not reply.content.startswith(b'{"'):
                raise
            raise errors.EndpointUnreachable(
                f"no whole answer from {self._address}: {error}",
                hint="something on the way cut it off; try again later",
            ) from None

    def _refusal(self, error: openai.OpenAIError) -> errors.ExtractorError:
        """Ours for an error of the SDK's; what its headers say of limits is heard."""
        if isinstance(error, openai.APIStatusError):
            self._hear(error.response)
        return self.refusals.of(error)

    def _hear(self, reply: httpx2.Response) -> None:
        if self._gate is not None:
            self._gate.hear(reply.headers)

    async def _heard(self, heard: Heard, body: dict[str, Any]) -> object:
        """The reply to a request for a stream, as JSON."""
        stream = await self.connected().chat.completions.create(
            **body,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=self.headers(),
        )
        self._hear(stream.response)
        chunks = Chunks()
        try:
            async with stream:
                if "event-stream" not in stream.response.headers.get("content-type", ""):
                    return json.loads(await stream.response.aread())
                async for chunk in stream:
                    if isinstance(chunk, ChatCompletionChunk):
                        chunks.add(chunk.to_dict(warnings=False))
                        heard(chunks.text, chunks.pieces)
        except httpx2.RequestError as error:  # the SDK translates no error that comes so late
            raise openai.APIConnectionError(request=stream.response.request) from error
        whole = chunks.whole()
        if whole is None:
            raise errors.EndpointUnreachable(
                f"the reply of {self._address} broke off after {chunks.pieces} pieces",
                hint="is the server running, and the base URL right?",
            )
        return whole


def _body(reply: httpx2.Response) -> object:
    """What the body of an error says: JSON, as a rule."""
    try:
        return json.loads(reply.text)
    except (ValueError, RecursionError):
        return reply.text.strip()


def _characters(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


def _left(limit: asyncio.Timeout) -> float:
    """The seconds until a time-out; none is never."""
    when = limit.when()
    return math.inf if when is None else when - asyncio.get_running_loop().time()


def _tokens(answer: dict[str, Any]) -> float | None:
    """What an answer says that it took in all."""
    usage = answer.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return float(total) if isinstance(total, int) and total > 0 else None


def _outcome(error: errors.ExtractorError) -> Outcome:
    if isinstance(error, errors.RateLimited):
        return "limited"
    return "broken" if error.retryable else "refused"


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, errors.ExtractorError) and error.retryable
