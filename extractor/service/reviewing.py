"""`/v1/cases`: what readers decided, kept as gold cases in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from extractor.articles import decode, parse_article, parse_json
from extractor.cases import Case, check_gold
from extractor.catalog import Catalog
from extractor.errors import InvalidArticle
from extractor.service.admission import Limits
from extractor.service.bodies import read_body
from extractor.service.problems import described
from extractor.service.review import Review, gold_of, save_case

MAX_REVIEW_BODY = 20 * 1024 * 1024
"""The most bytes that an article, its record and the decisions may have together."""


def add_reviewing(app: FastAPI, folder: Path, catalog: Catalog, limits: Limits) -> None:
    """`GET /v1/cases` names the cases there are, `POST` adds one or takes an old one's place."""

    @app.get("/v1/cases", summary="The articles that were reviewed")
    async def cases() -> dict[str, list[str]]:
        return {"cases": sorted(path.stem for path in folder.glob("[!.]*.json"))}

    @app.post("/v1/cases", status_code=201, summary="A reviewed record", openapi_extra=_OPENAPI)
    async def review(request: Request) -> JSONResponse:
        body = await read_body(
            request, kinds=["application/json"], most=MAX_REVIEW_BODY, seconds=limits.body_seconds
        )
        found = _parsed(parse_json(decode(body, where="body"), where="body"))
        path, gold = await run_in_threadpool(_saved, found, folder, catalog)
        return JSONResponse({"case": path.stem, "gold": gold}, status_code=201)


def _parsed(data: Any) -> Review:
    if not isinstance(data, dict):
        raise InvalidArticle("body: expected an object", hint="see /openapi.json")
    article = parse_article(data.get("article"), where="body: article")
    try:
        return Review.model_validate({**data, "article": article})
    except ValidationError as error:
        reasons = "; ".join(f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidArticle(f"body: {reasons}", hint="see /openapi.json") from error


def _saved(review: Review, folder: Path, catalog: Catalog) -> tuple[Path, dict[str, Any]]:
    schema = catalog.schema(review.record_schema)
    gold = gold_of(review)
    if not gold:
        raise InvalidArticle("body: nothing was decided", hint="accept, reject or correct a value")
    case = Case(
        article=review.article, schema_id=schema.id, gold=gold, notes="reviewed in the viewer"
    )
    check_gold(case, schema.model)
    return save_case(folder, case), gold


_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Review.model_json_schema()}},
    },
    "responses": described(
        {
            400: "the body is no review, or decides on what the record has not",
            404: "no such schema",
            408: "the body did not arrive in time",
            413: "the body is too large",
            415: "the body is not JSON",
            422: "the article cannot be used",
        }
    ),
}
