"""`/v1/extract`, `/v1/articles` and `/v1/records`: one article in, its record out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor.articles import decode, parse_article, parse_json
from extractor.catalog import Recipe
from extractor.errors import EmptyInput, InputError
from extractor.model import Model, StreamingModel
from extractor.records import TEXT_PATTERN, Article
from extractor.service.account import account
from extractor.service.admission import Admission, Limits
from extractor.service.answers import Answer, Direct, Kept
from extractor.service.articles import Articles
from extractor.service.bodies import media_type, read_body
from extractor.service.events import MEDIA_TYPE as EVENTS
from extractor.service.events import EventStream, wants_events
from extractor.service.guard import client_of
from extractor.service.idempotency import HEADER, Claim, Given, Idempotency
from extractor.service.problems import described
from extractor.service.progress import Progress, Watched
from extractor.service.telemetry import Telemetry
from extractor.store import Store

MAX_BODY = 5 * 1024 * 1024
"""The most bytes that an article may have as JSON."""

RecipeOf = Callable[[str | None, str | None], Awaitable[Recipe]]
"""The recipe of a prompt's and a schema's version. Raises `CatalogError`."""
_KINDS = ("application/json", "text/plain")
_EXAMPLE = {
    "text": "Lisbon, 9 March. Two people were injured when a tram left its rails on Monday.",
    "published": "2026-03-09",
    "outlet": "Example Gazette",
}


@dataclass(frozen=True)
class Desk:
    """Who takes part in an answer: `account` is the model on the account of a client, `articles`
    where the articles of records are kept, if they are."""

    source: Direct | Kept
    account: Callable[[str], StreamingModel]
    recipe: RecipeOf
    idempotency: Idempotency
    articles: Articles | None
    admission: Admission
    telemetry: Telemetry
    limits: Limits

    async def answer(
        self, article: Article, recipe: Recipe, model: Model, claim: Claim, *, anew: bool
    ) -> Given:
        """The answer, which is kept for the claim."""
        with self.telemetry.extraction(article, recipe):
            found = await self.source.answer(article, recipe, model, self.admission.turn, anew=anew)
        if found.stored:
            account().record = "stored"
        if self.articles is not None and found.record is not None:
            self.articles.keep(found.record, article)
        given = _given(found)
        claim.keep(given)
        return given


def _given(found: Answer) -> Given:
    headers = {}
    if found.record is not None:
        headers["Extractor-Record"] = found.record
        headers["Extractor-Answer"] = "stored" if found.stored else "new"
    return Given(200, headers, found.json)


def add_extract(app: FastAPI, desk: Desk) -> None:
    """`POST /v1/extract`. Where records are kept, the headers of the answer tell which it is
    (`Extractor-Record`) and whether it was there (`Extractor-Answer: stored` or `new`)."""
    limits = desk.limits

    @app.post("/v1/extract", summary="The record of one article", openapi_extra=_openapi())
    async def extract(
        request: Request,
        prompt: str | None = None,
        schema: str | None = None,
        published: Annotated[str | None, Query(json_schema_extra={"format": "date"})] = None,
        outlet: str | None = None,
        title: str | None = None,
    ) -> Response:
        async with AsyncExitStack() as held:
            await held.enter_async_context(desk.admission.place())
            body = await read_body(
                request, kinds=_KINDS, most=MAX_BODY, seconds=limits.body_seconds
            )
            claim = held.enter_context(desk.idempotency.claim(request, body))
            # An empty name names nothing; an empty day is none.
            told = _said(published=published, outlet=outlet or None, title=title or None)
            article = _article(decode(body, where="body"), media_type(request), told)
            account().article = article.digest
            chosen = await desk.recipe(prompt, schema)
            anew = "no-cache" in request.headers.get("cache-control", "").lower()
            model = desk.account(client_of(request))
            progress = Progress() if wants_events(request) else None

            async def work() -> Given:
                if claim.given is not None:
                    return claim.given
                asked = model if progress is None else Watched(model, progress)
                return await desk.answer(article, chosen, asked, claim, anew=anew)

            if progress is None:
                return (await work()).response()
            progress.say("queued", inside=desk.admission.inside)
            return EventStream(
                work,
                progress,
                held.pop_all(),
                finish=desk.source.keeps or claim.keeps,
                heartbeat=limits.heartbeat_seconds,
            )


def _said(**parameters: str | None) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value is not None}


def _article(text: str, kind: str, told: Mapping[str, str]) -> Article:
    """The article of a body; `told` is what the address says of it, where the body does not.

    What the address says is to be right in any case."""
    parse_article({"text": "any", **told}, where="address")
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


def add_records(app: FastAPI, store: Store, articles: Articles | None) -> None:
    """`GET /v1/records/{id}`, and `/article`, which is there where articles are kept."""

    @app.get("/v1/records/{record_id}", summary="A record that was made before", responses=_UNKNOWN)
    async def record(record_id: str) -> Response:
        found = store.record(record_id)
        if found is None:
            raise HTTPException(404, f"there is no record {record_id!r}")
        return Response(found, media_type="application/json")

    @app.get(
        "/v1/records/{record_id}/article",
        summary="The article of a record",
        responses=described({404: "no such record, or its article is not kept"}),
    )
    async def article(record_id: str) -> Response:
        found = articles.find(record_id) if articles else None
        if found is None:
            why = "" if articles else ": the service keeps no articles (--keep-articles)"
            raise HTTPException(404, f"there is no article of a record {record_id!r}{why}")
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


_TEXT = {"type": "string", "pattern": TEXT_PATTERN}


def _openapi() -> dict[str, Any]:
    content = {"schema": Article.model_json_schema(), "example": _EXAMPLE}
    problems = {
        400: "the body is not an article, or the Idempotency-Key is no key",
        401: "a key is needed, where the service has keys",
        403: "the key may not extract",
        404: "no such prompt or schema",
        408: "the body did not arrive in time",
        409: "a request with this Idempotency-Key is being answered",
        413: "the body is too large",
        415: "the body is neither JSON nor plain text",
        422: "the article cannot be used, or the Idempotency-Key came with another request",
        429: "too many requests at once or of this key, or what it may spend today is spent",
        502: "the model's endpoint failed",
        503: "the model's endpoint is overloaded",
        504: "the model's endpoint gave no answer in time",
    }
    answered = {"200": {"content": {EVENTS: {"schema": {"type": "string"}}}}}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": content, "text/plain": {"schema": _TEXT}},
        },
        "parameters": [KEY_PARAMETER],
        "responses": {**described(problems), **answered},
    }


KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A request that is sent again with the same key gets the answer that it got.",
    "schema": {
        "type": "string",
        "pattern": r'^(?:"[!#-\[\]-~]{1,255}"|[!#-+\--:<-\[\]-~]{1,255})$',
    },
    "example": '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
}
