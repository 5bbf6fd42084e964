"""OpenAI's Batch API at any endpoint that has it, by the SDK's own `files` and `batches`.

Each method is one step over HTTP, and nothing is tried twice here. `read` says what a line of the
results amounts to. Answers are looked at as JSON, for providers differ: what is missing or of a
wrong type is taken as absent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx2
import openai

from extractor import errors
from extractor.model import Completion, Request
from extractor.openai_model import OpenAIModel
from extractor.reply import completion_of
from extractor.request_body import request_body

URL: Literal["/v1/chat/completions"] = "/v1/chat/completions"
MARK = "extractor_batch"
"""The name in a batch's metadata under which its marker stands."""
CALL_SECONDS = 60.0
TRANSFER_SECONDS = 1_800.0
"""How long one step may take; transfers are of up to 200 MB."""
PAGE = 100
_CLOCKS_DIFFER = timedelta(hours=1)
_UNANSWERED = {"batch_expired", "batch_cancelled"}
"""Codes of lines that were not even begun."""


@dataclass(frozen=True)
class BatchState:
    """What a provider says of a batch: how many requests it has, has answered, could not answer.

    `files` are those of the results that are there: of replies, then of errors. `why` is what it
    says of a batch that failed as a whole.
    """

    id: str
    status: str
    requests: int
    answered: int
    failed: int
    files: tuple[str, ...]
    why: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in {"completed", "failed", "expired", "cancelled"}


class OpenAIBatches:
    """The batches of a model's endpoint. Raises `ModelError`."""

    def __init__(self, model: OpenAIModel) -> None:
        self._model = model
        self._refusals = model.refusals

    @property
    def address(self) -> str:
        """The base URL of the endpoint."""
        return self._model.base_url

    def line(self, key: str, request: Request) -> bytes:
        """A request as a line of a batch's file: what would be sent by itself, under its key.

        In ASCII, so that nothing in a text is taken for the end of a line.
        """
        body = request_body(request, self._model.name, self._model.decoding)
        line = {"custom_id": key, "method": "POST", "url": URL, "body": body}
        return json.dumps(line, separators=(",", ":")).encode() + b"\n"

    async def upload(self, file: Path) -> str:
        """Sends a file of requests; returns the provider's name for it."""
        with file.open("rb") as lines:
            found = await self._json(
                self._sdk.files.with_raw_response.create(
                    file=(file.name, lines, "application/jsonl"),
                    purpose="batch",
                    extra_headers=self._model.headers(),
                ),
                TRANSFER_SECONDS,
            )
        match found:
            case {"id": str(name)} if name:
                return name
        raise self._strange(found)

    async def create(self, file: str, marker: str) -> BatchState:
        """Makes a batch of a file that was sent. From here on it costs money."""
        found = await self._json(
            self._sdk.batches.with_raw_response.create(
                input_file_id=file,
                endpoint=URL,
                completion_window="24h",
                metadata={MARK: marker},
                extra_headers=self._model.headers(),
            )
        )
        return self._state(found)

    async def find(self, marker: str, since: datetime) -> BatchState | None:
        """The batch with this marker, which was made at that time or later, if there is one."""
        oldest = (since - _CLOCKS_DIFFER).timestamp()
        after: str | openai.Omit = openai.omit
        while True:
            page = await self._json(
                self._sdk.batches.with_raw_response.list(
                    limit=PAGE, after=after, extra_headers=self._model.headers()
                )
            )
            found = page.get("data")
            batches = [each for each in found if isinstance(each, dict)] if found else []
            for each in batches:
                if _object(each.get("metadata")).get(MARK) == marker:
                    return self._state(each)
            # The newest come first, as a rule; where they do not, a page is rarely all old.
            if not page.get("has_more") or all(_count(b, "created_at") < oldest for b in batches):
                return None
            after = str(batches[-1].get("id"))

    async def state(self, name: str) -> BatchState:
        """How far a batch is. Raises `BatchLost` where nobody knows of it."""
        call = self._sdk.batches.with_raw_response.retrieve(
            name, extra_headers=self._model.headers()
        )
        return self._state(
            await self._json(call, lost=f"the batch {name} is not known at {self.address}")
        )

    async def fetch(self, file: str, to: Path) -> None:
        """Writes a file of results to a place here.

        Raises `BatchLost` where there is none, and `EndpointOverloaded` where it is refused: for
        a moment after a batch has ended, that happens with the right key too.
        """
        content = self._sdk.files.with_streaming_response.content
        with self._told(lost=f"the results {file} are not there at {self.address}"):
            try:
                async with asyncio.timeout(TRANSFER_SECONDS):
                    async with content(file, extra_headers=self._model.headers()) as response:
                        with to.open("wb") as results:
                            async for chunk in response.iter_bytes():
                                results.write(chunk)
            except TimeoutError:
                raise self._refusals.too_slow(TRANSFER_SECONDS) from None
            except openai.PermissionDeniedError:
                raise errors.EndpointOverloaded(
                    f"{self.address} does not give the results {file} (HTTP 403)",
                    hint="run the same command again later: the replies are paid for",
                ) from None

    def read(self, line: dict[str, Any]) -> Completion | errors.ExtractorError | None:
        """What a line of the results says of its request: the reply, why there is none, or None
        when it was not begun."""
        response = _object(line.get("response"))
        body = _body(response.get("body"))
        status = response.get("status_code")
        if line.get("error"):
            if _object(line["error"]).get("code") in _UNANSWERED:
                return None
            return self._refusals.of_line(None, {"error": line["error"]})
        if isinstance(status, int) and status >= 400:
            return self._refusals.of_line(status, body)
        match body:
            case {"choices": [{"message": dict()}, *_]}:
                return completion_of(body, attempts=1, seconds=0.0)
        return errors.EndpointUnreachable(
            f"a batch at {self.address} answered something that is not a chat completion: "
            f"{self._refusals.quote(json.dumps(body))}",
            hint="run the same command again to have it asked once more",
        )

    @property
    def _sdk(self) -> openai.AsyncOpenAI:
        return self._model.connected()

    async def _json(
        self, call: Awaitable[_Raw], seconds: float = CALL_SECONDS, lost: str = ""
    ) -> dict[str, Any]:
        """The JSON object that a call gives."""
        with self._told(lost):
            try:
                async with asyncio.timeout(seconds):
                    response = await call
            except TimeoutError:
                raise self._refusals.too_slow(seconds) from None
        try:
            found = json.loads(response.content)
        except (ValueError, RecursionError):
            raise self._strange(response.content.decode(errors="replace")) from None
        if not isinstance(found, dict):
            raise self._strange(found)
        return found

    @contextmanager
    def _told(self, lost: str = "") -> Iterator[None]:
        """Errors of the SDK become ours; a 404 says that something is lost, if it can be."""
        try:
            yield
        except openai.NotFoundError as error:
            if not lost:
                raise self._strange(f"HTTP 404, {error.response.text}") from None
            raise errors.BatchLost(
                lost, hint="was it deleted, or made with the key of another project?"
            ) from None
        except openai.OpenAIError as error:
            raise self._refusals.of(error) from None
        except httpx2.HTTPError as error:  # the SDK translates none of what comes so late
            raise errors.EndpointUnreachable(
                f"no whole answer from {self.address}: {self._refusals.quote(str(error))}",
                hint="something on the way cut it off; try again later",
            ) from None

    def _state(self, batch: dict[str, Any]) -> BatchState:
        match batch:
            case {"id": str(name), "status": str(status)} if name:
                pass
            case _:
                raise self._strange(batch)
        counts = _object(batch.get("request_counts"))
        files = (batch.get("output_file_id"), batch.get("error_file_id"))
        return BatchState(
            id=name,
            status=status,
            requests=_count(counts, "total"),
            answered=_count(counts, "completed"),
            failed=_count(counts, "failed"),
            files=tuple(file for file in files if isinstance(file, str) and file),
            why=self._refusals.quote(_why(_object(batch.get("errors")))),
        )

    def _strange(self, found: object) -> errors.NotAModelEndpoint:
        said = found if isinstance(found, str) else json.dumps(found)
        return errors.NotAModelEndpoint(
            f"{self.address} answered something that is not of a Batch API: "
            f"{self._refusals.quote(said) or 'nothing'}",
            hint="does this endpoint have OpenAI's Batch API (/v1/files and /v1/batches)?",
        )


class _Raw(Protocol):
    """An answer as the SDK received it."""

    @property
    def content(self) -> bytes: ...


def _body(body: Any) -> Any:
    """The JSON of a response, which some write as a text of JSON."""
    if not isinstance(body, str):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {"message": body}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(values: dict[str, Any], name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


def _why(told: dict[str, Any]) -> str:
    """The first of the errors of a batch, with its line where it has one."""
    found = told.get("data")
    first = _object(found[0]) if isinstance(found, list) and found else {}
    said = first.get("message") or first.get("code") or ""
    return f"line {first['line']}: {said}" if first.get("line") else str(said)
