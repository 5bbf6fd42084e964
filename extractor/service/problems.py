"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from extractor import errors
from extractor.service.account import account

MEDIA_TYPE = "application/problem+json"


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
"""A problem document."""


def described(problems: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Problems by status, with what they mean, as OpenAPI's responses."""
    content = {MEDIA_TYPE: {"schema": dict(SCHEMA)}}
    return {code: {"description": text, "content": content} for code, text in problems.items()}


# The most particular class first.
_STATUS: tuple[tuple[type[errors.ExtractorError], int], ...] = (
    (errors.ServiceBusy, 429),
    (errors.SpendingLimit, 429),
    (errors.IdempotencyKeyReused, 422),
    (errors.IdempotencyKeyInUse, 409),
    (errors.IdempotencyError, 400),
    (errors.ArticleTooLong, 422),
    (errors.EmptyInput, 422),
    (errors.InputError, 400),
    (errors.UnknownVersion, 404),
    (errors.EndpointTimeout, 504),
    (errors.EndpointOverloaded, 503),
    (errors.ModelError, 502),
    (errors.StoreError, 503),
)


async def problem_of(request: Request, error: Exception) -> JSONResponse:
    """The response for what went wrong with a request."""
    response = _response(error)
    if response.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def problem_document(error: Exception) -> str:
    """The problem document alone, as JSON in one line."""
    return bytes(_response(error).body).decode()


def _response(error: Exception) -> JSONResponse:
    if isinstance(error, errors.ExtractorError):
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        headers = {}
        if isinstance(error, errors.TellsWhen) and error.retry_after:
            headers["Retry-After"] = str(math.ceil(error.retry_after))
        return problem_response(status, error.message, error.code, error.hint, headers)
    if isinstance(error, HTTPException):
        return problem_response(
            error.status_code, str(error.detail), "http", "", dict(error.headers or {})
        )
    if isinstance(error, RequestValidationError):
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return problem_response(422, said, "input.invalid_parameter", "see /openapi.json", {})
    return unforeseen()


def unforeseen() -> JSONResponse:
    """The response for what nobody foresaw, which tells nothing."""
    hint = "see its log, under this request's id"
    return problem_response(500, "an error inside the service", "internal", hint, {})


def _methods(request: Request) -> set[str]:
    """What may be asked of a path; the framework names the methods of one route alone."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return found


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
