"""A record beside its article, for those who get its id: only where the service is told so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.records import Article
from extractor.service import create_app
from tests.recorded import CASSETTES, command, recorded_case, recorded_model
from tests.replay_server import ReplayServer

ARTICLE = recorded_case("bus-bombing-claim").article
BODY = ARTICLE.model_dump(mode="json")


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


def service(server: ReplayServer, keep: Path, *, articles: bool) -> TestClient:
    model = recorded_model(server.base_url)
    return TestClient(
        create_app(Catalog.open(), model, keep=keep, keep_articles=articles, repair=0)
    )


def test_the_article_of_a_record_is_found_where_articles_are_kept(
    tmp_path: Path, server: ReplayServer
) -> None:
    with service(server, tmp_path, articles=True) as client:
        name = client.post("/v1/extract", json=BODY).headers["extractor-record"]
    with service(server, tmp_path, articles=True) as client:
        record = client.get(f"/v1/records/{name}").json()
        article = Article.model_validate(client.get(f"/v1/records/{name}/article").json())
        assert client.get("/v1/records/0000/article").status_code == 404
    assert article == ARTICLE
    spans = [span for each in record["evidence"].values() for span in each["spans"]]
    assert spans
    assert all(article.text[span["start"] : span["end"]] == span["text"] for span in spans)


def test_no_text_is_kept_unless_the_service_is_told(tmp_path: Path, server: ReplayServer) -> None:
    with service(server, tmp_path, articles=False) as client:
        name = client.post("/v1/extract", json=BODY).headers["extractor-record"]
        answer = client.get(f"/v1/records/{name}/article")
    assert answer.status_code == 404
    assert "--keep-articles" in answer.json()["detail"]
    begin = ARTICLE.text[:40].encode()
    assert not any(begin in path.read_bytes() for path in tmp_path.rglob("service.sqlite*"))


def test_articles_are_kept_in_a_folder() -> None:
    done = command("serve", "--keep-articles")
    assert (done.returncode, "no folder to keep articles in" in done.stderr) == (2, True)
