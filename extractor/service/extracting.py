"""`/v1/extract`, `/v1/articles` and `/v1/records`: one article in, its record out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor.articles import decode, parse_article, parse_json
from extractor.catalog import Recipe
from extractor.errors import EmptyInput, InputError
from extractor.records import Article
from extractor.service.account import account
from extractor.service.admission import Admission, Limits
from extractor.service.answers import Direct, Kept
from extractor.service.bodies import media_type, read_body
from extractor.service.problems import described
from extractor.service.telemetry import Telemetry
from extractor.store import Store

MAX_BODY = 5 * 1024 * 1024
"""The most bytes that an article may have as JSON."""

_KINDS = ("application/json", "text/plain")
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
    admission: Admission,
    telemetry: Telemetry,
) -> None:
    """`POST /v1/extract`. Where records are kept, the headers of the answer tell which it is
    (`Extractor-Record`) and whether it was there (`Extractor-Answer: stored` or `new`)."""

    @app.post("/v1/extract", summary="The record of one article", openapi_extra=_openapi())
    async def extract(
        request: Request,
        prompt: str | None = None,
        schema: str | None = None,
        published: str | None = None,
        outlet: str | None = None,
        title: str | None = None,
    ) -> Response:
        async with admission.place():
            body = await read_body(
                request, kinds=_KINDS, most=MAX_BODY, seconds=limits.body_seconds
            )
            told = _said(published=published, outlet=outlet, title=title)
            article = _article(decode(body, where="body"), media_type(request), told)
            account().article = article.digest
            chosen = await run_in_threadpool(recipe, prompt, schema)
            anew = "no-cache" in request.headers.get("cache-control", "").lower()
            with telemetry.extraction(article, chosen):
                found = await source.answer(article, chosen, admission.turn, anew=anew)
        if found.stored:
            account().record = "stored"
        headers = {}
        if found.record is not None:
            headers["Extractor-Record"] = found.record
            headers["Extractor-Answer"] = "stored" if found.stored else "new"
        return Response(found.json, media_type="application/json", headers=headers)


def _said(**parameters: str | None) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value is not None}


def _article(text: str, kind: str, told: Mapping[str, str]) -> Article:
    """The article of a body; `told` is what the address says of it, where the body does not."""
    if kind == "text/plain":
        return parse_article({"text": text, **told}, where="body")
    found = parse_json(text, where="body")
    if isinstance(found, dict):
        found = {**found, **{k: v for k, v in told.items() if found.get(k) is None}}
    return parse_article(found, where="body")


def add_pages_read(app: FastAPI, limits: Limits) -> None:
    """`POST /v1/articles`: the article of a web page, to be sent to `/v1/extract` as it is.

    That is a step of its own, because the offsets of a record count in the article's text.
    """

    @app.post("/v1/articles", summary="The article of a web page", openapi_extra=_of_page())
    async def page(request: Request) -> dict[str, Any]:
        from extractor.sources.webpages import Page, read_page

        body = await read_body(
            request, kinds=["text/html"], most=MAX_BODY, seconds=limits.body_seconds
        )
        charset = request.headers.get("content-type", "").lower().partition("charset=")[2]
        given = Page(where="body", id="", data=body, charset=charset.strip(' "') or None)
        found = await run_in_threadpool(read_page, given)
        if isinstance(found, InputError):
            raise found
        if not isinstance(found, Article):
            raise EmptyInput(f"body: {found.reason}", hint="is it the page of an article?")
        return found.model_dump(mode="json")


def add_records(app: FastAPI, store: Store) -> None:
    """`GET /v1/records/{id}`."""

    @app.get("/v1/records/{record_id}", summary="A record that was made before", responses=_UNKNOWN)
    async def record(record_id: str) -> Response:
        found = store.record(record_id)
        if found is None:
            raise HTTPException(404, f"there is no record {record_id!r}")
        return Response(found, media_type="application/json")


_UNKNOWN = described({404: "no such record"})


def _of_page() -> dict[str, Any]:
    problems = {
        400: "the page cannot be read",
        408: "the body did not arrive in time",
        413: "the body is too large",
        415: "the body is not HTML",
        422: "there is no text in the page",
    }
    return {
        "requestBody": {"required": True, "content": {"text/html": {"schema": {"type": "string"}}}},
        "responses": described(problems),
    }


def _openapi() -> dict[str, Any]:
    content = {"schema": Article.model_json_schema(), "example": _EXAMPLE}
    problems = {
        400: "the body is not an article",
        401: "a key is needed, where the service has keys",
        403: "the key may not extract",
        404: "no such prompt or schema",
        408: "the body did not arrive in time",
        413: "the body is too large",
        415: "the body is neither JSON nor plain text",
        422: "the article cannot be used",
        429: "too many requests at once, or of this key",
        502: "the model's endpoint failed",
        503: "the model's endpoint is overloaded",
        504: "the model's endpoint gave no answer in time",
    }
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": content, "text/plain": {"schema": {"type": "string"}}},
        },
        "responses": described(problems),
    }
