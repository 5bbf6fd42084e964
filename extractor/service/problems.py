"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from extractor import errors
from extractor.service.account import account

MEDIA_TYPE = "application/problem+json"


def described(problems: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Problems by status, with what they mean, as OpenAPI's responses."""
    content = {MEDIA_TYPE: {"schema": {"type": "object"}}}
    return {code: {"description": text, "content": content} for code, text in problems.items()}


# The most particular class first.
_STATUS: tuple[tuple[type[errors.ExtractorError], int], ...] = (
    (errors.ServiceBusy, 429),
    (errors.ArticleTooLong, 422),
    (errors.EmptyInput, 422),
    (errors.InputError, 400),
    (errors.UnknownVersion, 404),
    (errors.EndpointTimeout, 504),
    (errors.EndpointOverloaded, 503),
    (errors.ModelError, 502),
)


async def problem_of(_: Request, error: Exception) -> JSONResponse:
    """The response for what went wrong with a request."""
    if isinstance(error, errors.ExtractorError):
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        headers = {}
        if isinstance(error, errors.EndpointOverloaded | errors.ServiceBusy) and error.retry_after:
            headers["Retry-After"] = str(math.ceil(error.retry_after))
        return problem_response(status, error.message, error.code, error.hint, headers)
    assert isinstance(error, HTTPException)
    return problem_response(
        error.status_code, str(error.detail), "http", "", dict(error.headers or {})
    )


def problem_response(
    status: int, detail: str, code: str, hint: str, headers: dict[str, str]
) -> JSONResponse:
    """A problem document; its `type` is made from `code`, and `request_id` is the request's."""
    account().problem = f"http.{status}" if code == "http" else code
    document = {
        "type": f"urn:extractor:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": account().id,
    }
    if hint:
        document["hint"] = hint
    return JSONResponse(document, status_code=status, headers=headers, media_type=MEDIA_TYPE)
