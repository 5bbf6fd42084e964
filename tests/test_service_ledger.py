"""Services that keep replies and records in one ledger on a PostgreSQL server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.errors import StoreError
from extractor.service import create_app
from extractor.store import Server
from tests.postgres_cluster import PASSWORD, Cluster, running_cluster
from tests.recorded import CASSETTES, recorded_case, recorded_cases, recorded_model
from tests.replay_server import ReplayServer
from tests.test_service_jobs import LINES, as_lines, followed

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
ARTICLE = recorded_case("bus-bombing-claim").article.model_dump(mode="json")
SEVERAL = [case.article.model_dump(mode="json") for case in recorded_cases()[:3]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as found:
        yield found


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


@contextmanager
def service(ledger: Server, server: ReplayServer, keep: Path | None = None) -> Iterator[TestClient]:
    model = recorded_model(server.base_url)
    with TestClient(
        create_app(Catalog.open(), model, keep=keep, ledger=ledger, repair=0)
    ) as client:
        yield client


def test_what_one_service_made_another_has(cluster: Cluster, server: ReplayServer) -> None:
    ledger = Server.at(cluster.database())
    with service(ledger, server) as one, service(ledger, server) as other:
        first = one.post("/v1/extract", json=ARTICLE)
        second = other.post("/v1/extract", json=ARTICLE)
        assert first.headers["Extractor-Answer"] == "new"
        assert second.headers["Extractor-Answer"] == "stored"
        assert second.text == first.text
        record = first.headers["Extractor-Record"]
        assert other.get(f"/v1/records/{record}").text == first.text
        assert one.post("/v1/jobs", content=as_lines(SEVERAL), headers=LINES).status_code == 404
    assert len(server.requests) == 1


def test_jobs_are_done_on_it_each_service_its_own(
    tmp_path: Path, cluster: Cluster, server: ReplayServer
) -> None:
    ledger = Server.at(cluster.database())
    with (
        service(ledger, server, tmp_path / "one") as one,
        service(ledger, server, tmp_path / "other") as other,
    ):
        begun = [
            each.post("/v1/jobs", content=as_lines(SEVERAL), headers=LINES) for each in (one, other)
        ]
        for client, answer in zip((one, other), begun, strict=True):
            assert answer.status_code == 202
            assert followed(client, answer.headers["Location"])[-1]["state"] == "done"
            results = client.get(f"{answer.headers['Location']}/results").text
            assert len(results.splitlines()) == len(SEVERAL)
            assert "extractor_records_total" in client.get("/metrics").text
        assert other.get(begun[0].headers["Location"]).status_code == 404
    assert len(server.requests) == len(SEVERAL)


def test_a_folder_is_one_services_whatever_the_ledger(
    tmp_path: Path, cluster: Cluster, server: ReplayServer
) -> None:
    ledger = Server.at(cluster.database())
    with service(ledger, server, tmp_path), pytest.raises(StoreError, match="another extractor"):
        create_app(Catalog.open(), recorded_model(server.base_url), keep=tmp_path, ledger=ledger)
    with service(ledger, server, tmp_path):
        pass


def test_a_server_that_is_away_is_waited_for_and_then_told(server: ReplayServer) -> None:
    with running_cluster() as cluster:
        ledger = replace(Server.at(cluster.database()), patience=1.0)
        with service(ledger, server) as client:
            record = client.post("/v1/extract", json=ARTICLE).headers["Extractor-Record"]
            cluster.stop()
            looked = client.get(f"/v1/records/{record}")
            began = time.monotonic()
            asked = client.post("/v1/extract", json=ARTICLE)
            waited = time.monotonic() - began
            cluster.start()
            assert (looked.status_code, asked.status_code) == (503, 503)
            assert waited >= 1.0
            assert PASSWORD not in looked.text + asked.text
            assert client.post("/v1/extract", json=ARTICLE).headers["Extractor-Answer"] == "stored"
