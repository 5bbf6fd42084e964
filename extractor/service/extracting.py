"""`/v1/extract` and `/v1/records`: one article in, the same JSON as the command line out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor.articles import decode, parse_article, parse_json
from extractor.catalog import Recipe
from extractor.records import Article
from extractor.service.admission import Admission, Limits
from extractor.service.answers import Direct, Kept
from extractor.service.bodies import read_body
from extractor.store import Store

MAX_BODY = 5 * 1024 * 1024
"""The most bytes that an article may have as JSON."""

_EXAMPLE = {
    "text": "Lisbon, 9 March. Two people were injured when a tram left its rails on Monday.",
    "published": "2026-03-09",
    "outlet": "Example Gazette",
}


def add_extract(
    app: FastAPI,
    source: Direct | Kept,
    recipe: Callable[[str | None, str | None], Recipe],
    limits: Limits,
) -> None:
    """`POST /v1/extract`. Where records are kept, the headers of the answer tell which it is
    (`Extractor-Record`) and whether it was there (`Extractor-Answer: stored` or `new`)."""
    admission = Admission(limits)

    @app.post("/v1/extract", summary="The record of one article", openapi_extra=_openapi())
    async def extract(
        request: Request, prompt: str | None = None, schema: str | None = None
    ) -> Response:
        async with admission.place():
            body = await read_body(
                request, kinds=["application/json"], most=MAX_BODY, seconds=limits.body_seconds
            )
            article = parse_article(
                parse_json(decode(body, where="body"), where="body"), where="body"
            )
            chosen = await run_in_threadpool(recipe, prompt, schema)
            anew = "no-cache" in request.headers.get("cache-control", "").lower()
            found = await source.answer(article, chosen, admission.turn, anew=anew)
        headers = {}
        if found.record is not None:
            headers["Extractor-Record"] = found.record
            headers["Extractor-Answer"] = "stored" if found.stored else "new"
        return Response(found.json, media_type="application/json", headers=headers)


def add_records(app: FastAPI, store: Store) -> None:
    """`GET /v1/records/{id}`."""

    @app.get("/v1/records/{record_id}", summary="A record that was made before", responses=_UNKNOWN)
    async def record(record_id: str) -> Response:
        found = store.record(record_id)
        if found is None:
            raise HTTPException(404, f"there is no record {record_id!r}")
        return Response(found, media_type="application/json")


_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"description": "no such record", "content": _PROBLEM}
}


def _openapi() -> dict[str, Any]:
    content = {"schema": Article.model_json_schema(), "example": _EXAMPLE}
    described = {
        "400": "the body is not an article",
        "401": "a key is needed, where the service has keys",
        "403": "the key may not extract",
        "404": "no such prompt or schema",
        "408": "the body did not arrive in time",
        "413": "the body is too large",
        "415": "the body is not JSON",
        "422": "the article cannot be used",
        "429": "too many requests at once, or of this key",
        "502": "the model's endpoint failed",
        "503": "the model's endpoint is overloaded",
        "504": "the model's endpoint gave no answer in time",
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {
            code: {"description": text, "content": _PROBLEM} for code, text in described.items()
        },
    }
