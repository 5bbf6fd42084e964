"""What an endpoint's errors mean, in words of ours that never hold the key."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from typing import Any

import httpx2
import openai

from extractor import errors

_SHOWN = 300

# In the code, type or message of the error for a request longer than the context.
_TOO_LONG = re.compile(
    r"context[ _](length|size|window)|(prompt|input|request) is too (long|large)|input token count",
    re.IGNORECASE,
)

# Both lengths, as vLLM and OpenAI, llama.cpp, Anthropic and Google word them; best first.
_ASKED = (
    re.compile(r"(\d[\d,]*) (?:tokens )?in the messages"),
    re.compile(r"(?:resulted in|requested|request has|request \(|too long:|count \() ?(\d[\d,]*)"),
)
_FITS = (re.compile(r"(?:length is|size \(|tokens >|exceeds the maximum[a-z ]* \() ?(\d[\d,]*)"),)


@dataclass(frozen=True)
class Refusals:
    """Errors of the endpoint at `address`, asked for `model` with `key`; a connection may take
    `connect_seconds`."""

    address: str
    key: str | None = field(repr=False)
    model: str
    connect_seconds: float

    def too_slow(self, seconds: float) -> errors.EndpointTimeout:
        """There was no answer in so many seconds."""
        return errors.EndpointTimeout(
            f"{self.address} gave no answer within {seconds:g} s",
            hint="try again later, or raise the time budget",
        )

    def no_endpoint(self, answer: str) -> errors.NotAModelEndpoint:
        """There was an answer, and not that of such an API."""
        return errors.NotAModelEndpoint(
            f"{self.address} answered something that is not a chat completion: "
            f"{self.quote(answer) or 'nothing'}",
            hint="is the base URL that of an OpenAI-compatible API? It often ends in /v1",
        )

    def of(self, error: openai.OpenAIError) -> errors.ExtractorError:
        """What an error of the SDK means."""
        if isinstance(error, openai.APIStatusError):
            return self._of_status(error)
        *_, root = causes = [*_causes(error)]
        if isinstance(root, errors.ExtractorError):
            return root  # a replayed cassette speaks through the SDK's transport
        # Not by the SDK's kind: over aiohttp, a connection that was cut is a timeout to it.
        if any(isinstance(cause, TimeoutError) for cause in causes):
            said = f"no connection within {self.connect_seconds:g} s"
        else:
            said = self.quote(getattr(root, "message", "") or str(root)) or type(root).__name__
        return errors.EndpointUnreachable(
            f"no answer from {self.address}: {said}",
            hint="is the server running, and the base URL right?",
        )

    def _of_status(self, error: openai.APIStatusError) -> errors.ExtractorError:
        status = error.status_code
        said = self.quote(_message(error) or error.response.reason_phrase)
        answered = f"{self.address} answered HTTP {status}"
        if status in {401, 403}:
            done = "refused the key" if self.key else "wants a key"
            return errors.AccessDenied(
                f"{self.address} {done} (HTTP {status})",
                hint="check OPENAI_API_KEY and that it may use this model",
            )
        if status == 402 or (status == 429 and _is_used_up(error)):
            return errors.QuotaExhausted(
                f"{answered}: {said}",
                hint="the account's quota or credit is used up; raise it, and run the same again",
            )
        if status in {408, 409, 429} or status >= 500:
            kind = errors.RateLimited if status == 429 else errors.EndpointOverloaded
            return kind(
                f"{answered}: {said}",
                hint="it is overloaded or broken; try again later",
                retry_after=_retry_after(error.response.headers),
            )
        if _is_html(error):
            return self.no_endpoint(f"HTTP {status}, {said}")
        if status in {400, 413, 422} and _is_too_long(error):
            return self._too_long(error, said)
        return errors.RequestRefused(
            f"{answered}, refusing the request: {said}",
            hint="check the model's name, the base URL (it often ends in /v1), and that the "
            "endpoint supports JSON schema output",
        )

    def of_line(self, status: int | None, body: object) -> errors.ExtractorError:
        """What it means that a line of a batch has this in place of a reply; None where no HTTP
        status is told."""
        request = httpx2.Request("POST", self.address)
        response = httpx2.Response(status or 400, request=request, json=body)
        error = openai.APIStatusError("", response=response, body=body)
        if status is not None:
            return self._of_status(error)
        said = self.quote(_message(error))
        if _is_too_long(error):
            return self._too_long(error, said)
        return errors.RequestRefused(
            f"no reply came from the batch at {self.address}: {said}",
            hint="run the same command again to have it asked once more",
        )

    def _too_long(self, error: openai.APIStatusError, said: str) -> errors.ArticleTooLong:
        asked, fits = _lengths(error)
        if fits and "n_ctx" in _details(error):
            said = f"with its prompt it has {asked} tokens, and {fits} fit"
        return errors.ArticleTooLong(
            f"the article does not fit the context of {self.model}: {said}",
            hint="split the article, or use a model with a longer context",
            asked=asked,
            fits=fits,
        )

    def quote(self, text: str) -> str:
        """What somebody else says, fit for one line of a message; never with our key."""
        if self.key and len(self.key) >= 8:  # shorter ones are dummies, and parts of words
            text = text.replace(self.key, "***")
        line = " ".join(text.split())
        return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, its cause, and so on to the root."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


# What an error response says


def _is_html(error: openai.APIStatusError) -> bool:
    return "html" in error.response.headers.get("content-type", "")


def _details(error: openai.APIStatusError) -> dict[str, Any]:
    """The error object of the body; servers disagree on whether it is wrapped."""
    body = error.body
    inner = body.get("error", body) if isinstance(body, dict) else body
    return inner if isinstance(inner, dict) else {"message": inner}


def _message(error: openai.APIStatusError) -> str:
    if _is_html(error):
        return "an HTML page"
    details = _details(error)
    said = details.get("message") or details.get("detail")
    return said if isinstance(said, str) else error.response.text


def _is_too_long(error: openai.APIStatusError) -> bool:
    details = _details(error)
    said = f"{details.get('code')} {details.get('type')} {_message(error)}"
    return "n_ctx" in details or _TOO_LONG.search(said) is not None


def _is_used_up(error: openai.APIStatusError) -> bool:
    """Whether a 429 is for good: OpenAI's `insufficient_quota`, or another word for it."""
    details = _details(error)
    said = f"{details.get('code')} {details.get('type')}"
    return "insufficient_quota" in said or "billing" in said


def _lengths(error: openai.APIStatusError) -> tuple[int | None, int | None]:
    """How many tokens were asked and how many fit, where the endpoint says both."""
    details = _details(error)
    asked, fits = details.get("n_prompt_tokens"), details.get("n_ctx")
    if isinstance(asked, int) and isinstance(fits, int):
        return asked, fits
    asked, fits = (_number(patterns, _message(error)) for patterns in (_ASKED, _FITS))
    return (asked, fits) if asked and fits else (None, None)


def _number(patterns: Iterable[re.Pattern[str]], text: str) -> int | None:
    """The number that the first pattern finds."""
    found = (match for pattern in patterns if (match := pattern.search(text)))
    return next((int(match[1].replace(",", "")) for match in found), None)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the endpoint asks to wait, said as a number or as a date."""
    asked = headers.get("retry-after", "")
    for value, unit in ((headers.get("retry-after-ms", ""), 0.001), (asked, 1.0)):
        try:
            seconds = float(value) * unit
        except ValueError:
            continue
        return max(0.0, seconds) if math.isfinite(seconds) else None
    date = parsedate_tz(asked)
    return max(0.0, mktime_tz(date) - time.time()) if date else None
