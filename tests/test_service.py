"""The service over HTTP: what it answers, and what it says when it cannot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.openai_model import Budget, OpenAIModel
from extractor.records import Article
from extractor.service import MAX_BODY, create_app
from tests.recorded import CASSETTES, MODEL, recorded_case, recorded_model
from tests.replay_server import ReplayServer
from tests.small_context import SmallContext

ARTICLE = recorded_case("bus-bombing-claim").article


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with ReplayServer(CASSETTES) as server:
        app = create_app(Catalog.open(), recorded_model(server.base_url), repair=0)
        with TestClient(app) as client:
            yield client


def test_an_article_becomes_a_record(client: TestClient) -> None:
    answer = client.post("/v1/extract", json=ARTICLE.model_dump(mode="json"))
    assert answer.status_code == 200
    result = answer.json()
    assert set(result) == {"article", "status", "record", "evidence", "problems", "provenance"}
    assert result["status"] in {"complete", "partial"}
    assert result["article"]["id"] == ARTICLE.id


def test_it_says_that_it_is_up(client: TestClient) -> None:
    assert client.get("/healthz").json()["model"] == MODEL


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("day", ["false", ""])
def test_a_day_in_the_address_is_a_day_also_when_the_body_has_one(
    client: TestClient, kind: str, day: str
) -> None:
    body = json.dumps({"text": "It rained.", "published": "2026-03-09"})
    headers = {"Content-Type": kind}
    answer = client.post("/v1/extract", content=body, headers=headers, params={"published": day})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"address: published is {day!r}")


def test_plain_text_is_an_article_too(client: TestClient) -> None:
    told = {"published": str(ARTICLE.published), "outlet": ARTICLE.outlet, "title": ARTICLE.title}
    answer = client.post(
        "/v1/extract",
        content=ARTICLE.text.encode(),
        headers={"Content-Type": "text/plain; charset=utf-8"},
        params={name: value for name, value in told.items() if value is not None},
    )
    assert answer.status_code == 200
    asked = client.post("/v1/extract", json=ARTICLE.model_dump(mode="json")).json()
    assert answer.json()["record"] == asked["record"]
    assert answer.json()["article"]["published"] == asked["article"]["published"]


PAGE = """<!doctype html><html lang="en"><head><title>Fire in the old mill</title>
<meta charset="utf-8"><meta property="article:published_time" content="2026-03-09"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Fire in the old mill</h1>
<p>A fire destroyed the old mill of Tarn on Sunday night, the fire brigade said.
Nobody was hurt \U0001f525.</p>
<p>The mill had stood empty since 2011, and the town had wanted to make it a library.</p></article>
<footer>All rights reserved</footer></body></html>"""


def test_a_page_becomes_an_article_whose_text_offsets_count_in(client: TestClient) -> None:
    answer = client.post(
        "/v1/articles", content=PAGE.encode(), headers={"Content-Type": "text/html; charset=utf-8"}
    )
    assert answer.status_code == 200
    article = Article.model_validate(answer.json())
    assert "old mill of Tarn on Sunday night" in article.text
    assert "\U0001f525" in article.text
    assert "Sport" not in article.text
    assert (str(article.published), article.language) == ("2026-03-09", "en")
    assert article.title == "Fire in the old mill"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "text/html", 422),
        (b"<html><body></body></html>", "text/html", 422),
        (PAGE.encode(), "application/json", 415),
        (PAGE.encode("utf-16"), "text/html", 200),
        (b"\xff\xfe\x00", "text/html; charset=utf-8", 422),
    ],
)
def test_a_page_that_is_none(client: TestClient, content: bytes, kind: str, status: int) -> None:
    answer = client.post("/v1/articles", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text


def test_prompts_and_schemas_are_listed(client: TestClient) -> None:
    [production] = [
        entry
        for entry in client.get("/v1/prompts").json()["prompts"]
        if entry["id"].startswith("event@") and "production" in entry["labels"]
    ]
    assert production["status"] == "released"
    found = client.get("/v1/prompts/event/production").json()
    assert found["id"] == production["id"]
    assert found["messages"][0]["role"] == "system"
    listed = {entry["id"] for entry in client.get("/v1/schemas").json()["schemas"]}
    schema = client.get("/v1/schemas/" + found["schema"].replace("@", "/")).json()
    assert schema["id"] in listed
    assert schema["json_schema"]["properties"]["main_event"]


@pytest.mark.parametrize("path", ["/v1/prompts/event/99", "/v1/schemas/nothing/1"])
def test_an_unknown_version_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["hint"]


def test_the_viewer_takes_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    files = re.findall(r'(?:href|src)="([^"#]+)"', page.text)
    scripts = re.findall(r'from "([^"]+)"', client.get("/viewer.js").text)
    assert {"viewer.css", "viewer.js"} <= set(files)
    assert "./spans.js" in scripts
    for name in {*files, *scripts} - {"data:,"}:
        assert client.get(f"/{name.removeprefix('./')}").status_code == 200, name
    for path in ("/", "/viewer.js", "/spans.js", "/viewer.css"):
        assert "://" not in client.get(path).text


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/prompts", "/nothing"])
def test_every_response_says_what_a_browser_may_do(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/viewer/index.html", "/../pyproject.toml"])
def test_there_are_no_other_pages(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_openapi_describes_the_article(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/extract"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    assert body["schema"]["required"] == ["text"]
    Article.model_validate(body["example"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "input.empty"),
        (b"[]", 400, "input.invalid_article"),
        (b"{", 400, "input.invalid_article"),
        (b'{"text": "a", "text": "b"}', 400, "input.invalid_article"),
        (b'{"text": NaN}', 400, "input.invalid_article"),
        (b'{"text": "\\ud800"}', 400, "input.invalid_article"),
        (b'{"text": "  "}', 422, "input.empty"),
        (b'{"text": "a", "published": "soon"}', 400, "input.invalid_article"),
        (b'{"text": "a", "publishd": "2026-03-09"}', 400, "input.invalid_article"),
        (b"[" * 100_000, 400, "input.invalid_article"),
        ('{"text": "é"}'.encode("latin-1"), 400, "input.not_text"),
        (b" " * (MAX_BODY + 1), 413, "http"),
    ],
    ids=[
        "nothing",
        "list",
        "cut",
        "twice",
        "nan",
        "surrogate",
        "blank",
        "date",
        "misspelt",
        "deep",
        "latin-1",
        "large",
    ],
)
def test_bad_bodies_are_problem_documents(
    client: TestClient, body: bytes, status: int, code: str
) -> None:
    answer = client.post("/v1/extract", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:extractor:problem:{code}"
    assert problem["status"] == status
    assert problem["detail"]


def test_another_media_type_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/extract", content="<p>", headers={"content-type": "text/html"})
    assert answer.status_code == 415


def test_an_unknown_prompt_lists_what_there_is(client: TestClient) -> None:
    answer = client.post("/v1/extract?prompt=event@99", json={"text": "a"})
    assert answer.status_code == 404
    assert "event@1" in json.dumps(answer.json())


def test_a_moving_version_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/extract?prompt=event@latest", json={"text": "a"})
    assert answer.status_code == 404


def test_a_text_over_the_context_is_read_in_windows_or_refused() -> None:
    body = {"text": "The ferry sank off Oslo on Friday. " * 1_500}
    with SmallContext(40_000) as endpoint:
        asked = OpenAIModel("small", base_url=endpoint.url)
        with TestClient(create_app(Catalog.open(), asked)) as client:
            answer = client.post("/v1/extract", json=body)
        told = answer.json()["provenance"]
        assert told["windows"] > 1
        assert told["windows"] + told["repairs"] == endpoint.answered
        with TestClient(create_app(Catalog.open(), asked, long="refuse")) as client:
            answer = client.post("/v1/extract", json=body)
    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:extractor:problem:input.too_long",
    )


def test_an_unknown_path_is_a_problem_document_too(client: TestClient) -> None:
    answer = client.get("/v2/extract")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_model_that_cannot_be_reached_is_a_bad_gateway() -> None:
    model = OpenAIModel("m", base_url="http://127.0.0.1:9/v1", budget=Budget(attempts=1))
    with TestClient(create_app(Catalog.open(), model)) as client:
        answer = client.post("/v1/extract", json={"text": "Rain fell."})
    assert answer.status_code == 502
    assert answer.json()["type"] == "urn:extractor:problem:model.unreachable"
