"""The HTTP face: one article in, the same JSON as the command line out; a page to look at it.

Errors are RFC 9457 problem documents (`application/problem+json`).
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor import errors
from extractor.api import REPAIRS, pinned_recipe
from extractor.articles import decode, parse_article, parse_json
from extractor.catalog import Catalog, Cite, Long, Recipe
from extractor.openai_model import OpenAIModel
from extractor.pipeline import answer, assemble
from extractor.records import Article
from extractor.service.catalogue import add_catalogue
from extractor.service.pages import add_pages
from extractor.service.problems import problem_of
from extractor.version import __version__

MAX_BODY = 5 * 1024 * 1024
"""The most bytes that a request may hold; what comes after is not read."""

_EXAMPLE = {
    "text": "Lisbon, 9 March. Two people were injured when a tram left its rails on Monday.",
    "published": "2026-03-09",
    "outlet": "Example Gazette",
}


def create_app(
    catalog: Catalog,
    model: OpenAIModel,
    *,
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> FastAPI:
    """The service over one catalog and one model, which it closes at the end.

    `long` says what becomes of a text over the model's context (`Recipe.long`), `cite`
    which values have their words asked (`Recipe.cite`), `repair` how many times failed fields
    are asked again (`Recipe.repair`).
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with model:
            yield

    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(
        title="extractor", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    add_pages(app)
    add_catalogue(app, catalog)

    @lru_cache(maxsize=64)
    def recipe(prompt: str | None, schema: str | None) -> Recipe:
        return pinned_recipe(schema, prompt, catalog=catalog, long=long, cite=cite, repair=repair)

    @app.get("/healthz", summary="Whether the process is up")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__, "model": model.name}

    @app.post("/v1/extract", summary="The record of one article", openapi_extra=_openapi())
    async def extract(
        request: Request, prompt: str | None = None, schema: str | None = None
    ) -> Response:
        article = await _article(request)
        chosen = await run_in_threadpool(recipe, prompt, schema)
        readings = await answer(article, chosen, model)
        extraction = await run_in_threadpool(assemble, article, chosen, readings, model)
        return Response(extraction.to_json(), media_type="application/json")

    app.add_exception_handler(errors.ExtractorError, problem_of)
    app.add_exception_handler(HTTPException, problem_of)
    app.add_exception_handler(Exception, problem_of)
    return app


async def _article(request: Request) -> Article:
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"the body is {kind}; expected application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"the body is larger than {MAX_BODY} bytes")
    text = decode(bytes(body), where="body")
    return parse_article(parse_json(text, where="body"), where="body")


def _openapi() -> dict[str, Any]:
    content = {"schema": Article.model_json_schema(), "example": _EXAMPLE}
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    described = {
        "400": "the body is not an article",
        "404": "no such prompt or schema",
        "413": "the body is too large",
        "415": "the body is not JSON",
        "422": "the article cannot be used",
        "502": "the model's endpoint failed",
        "503": "the model's endpoint is overloaded",
        "504": "the model's endpoint gave no answer in time",
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {
            code: {"description": text, "content": problem} for code, text in described.items()
        },
    }


def run(
    catalog: Catalog,
    model: OpenAIModel,
    *,
    host: str,
    port: int,
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> None:
    """Serve until interrupted; the log goes to standard error."""
    log = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    log["handlers"]["access"]["stream"] = "ext://sys.stderr"
    app = create_app(catalog, model, long=long, cite=cite, repair=repair)
    uvicorn.run(app, host=host, port=port, log_config=log)
