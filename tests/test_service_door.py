"""Who gets into the service, how many at once, and what is said to those who do not."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.errors import ServiceBusy, SettingsError
from extractor.service import check_reach, create_app
from extractor.service.admission import Admission, Limits
from extractor.service.guard import OPEN
from extractor.service.keys import Client, Keys, Rates, hash_of, new_key, read_keys
from tests.recorded import CASSETTES, command, recorded_case, recorded_model
from tests.replay_server import ReplayServer

READER, ASKER, OLD, SLOW = (new_key() for _ in range(4))
KEYS = Keys(
    {
        "reader": Client(sha256=(hash_of(READER),), scopes=frozenset({"read"})),
        "asker": Client(sha256=(hash_of(OLD), hash_of(ASKER)), scopes=frozenset({"extract"})),
        "slow": Client(sha256=(hash_of(SLOW),), requests_per_minute=2),
    }
)
ARTICLE = recorded_case("bus-bombing-claim").article.model_dump(mode="json")


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with ReplayServer(CASSETTES) as server:
        app = create_app(
            Catalog.open(),
            recorded_model(server.base_url),
            keys=KEYS,
            keep=tmp_path_factory.mktemp("kept"),
            reviews=tmp_path_factory.mktemp("reviews"),
            repair=0,
        )
        with TestClient(app) as client:
            yield client


def routes(client: TestClient) -> list[tuple[str, str]]:
    """Every route that the description of the service names, and what it does not name."""
    described = client.get("/openapi.json", headers=bearer(READER)).json()["paths"]
    named = [(method.upper(), path) for path, each in described.items() for method in each]
    pages = [
        (("GET"), path) for path in ("/", "/health", "/viewer.js", "/openapi.json", "/nothing")
    ]
    return [*named, *pages]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("xk_wrong"),
        bearer(hash_of(ASKER)),
        bearer(""),
        {"Authorization": "Basic !!"},
        {"Authorization": "Basic " + base64.b64encode(b"asker:wrong").decode()},
        {"Authorization": f"Digest {ASKER}"},
        {"X-Api-Key": ASKER},
    ],
)
def test_without_a_key_there_is_nothing_but_health(
    client: TestClient, headers: dict[str, str]
) -> None:
    found = routes(client)
    assert ("POST", "/v1/extract") in found
    assert {("DELETE", "/v1/jobs/{job_id}"), ("POST", "/v1/cases")} < set(found)
    for method, path in found:
        answer = client.request(method, path, headers=headers, json=ARTICLE)
        if path in OPEN:
            assert answer.status_code == 200, path
        else:
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert "WWW-Authenticate" in answer.headers
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("key", [OLD, ASKER], ids=["old", "new"])
def test_a_key_extracts_and_so_does_the_one_that_takes_its_place(
    client: TestClient, key: str
) -> None:
    answer = client.post("/v1/extract", json=ARTICLE, headers=bearer(key))
    assert answer.status_code == 200
    password = base64.b64encode(f"anybody:{key}".encode()).decode()
    basic = {"Authorization": f"Basic {password}"}
    assert client.post("/v1/extract", json=ARTICLE, headers=basic).status_code == 200


def test_a_key_does_what_its_scopes_say(client: TestClient) -> None:
    refused = client.post("/v1/extract", json=ARTICLE, headers=bearer(READER))
    assert refused.status_code == 403
    assert "may not extract" in refused.json()["detail"]
    assert client.get("/v1/prompts", headers=bearer(READER)).status_code == 200
    assert client.get("/v1/prompts", headers=bearer(ASKER)).status_code == 403


def test_who_asks_too_often_is_told_when_to_come_again(client: TestClient) -> None:
    answers = [client.get("/v1/prompts", headers=bearer(SLOW)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 30


def test_a_rate_fills_again() -> None:
    now = 0.0
    rates = Rates(KEYS, clock=lambda: now)
    assert [rates.wait("slow") for _ in range(3)] == [0, 0, 30]
    now = 29.0
    assert rates.wait("slow") == 1
    now = 30.0
    assert [rates.wait("slow") for _ in range(2)] == [0, 30]
    now = 1000.0
    assert [rates.wait("slow") for _ in range(3)] == [0, 0, 30]
    assert [rates.wait("reader") for _ in range(99)] == [0] * 99


def test_keys_are_in_no_answer_and_no_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = new_key()
    with caplog.at_level("DEBUG"):
        answers = [
            client.post("/v1/extract", json={"text": ""}, headers=bearer(ASKER)),
            client.post("/v1/extract?prompt=nothing@1", json=ARTICLE, headers=bearer(ASKER)),
            client.get("/v1/prompts", headers=bearer(ASKER)),
            client.get("/v1/prompts", headers=bearer(wrong)),
        ]
    told = caplog.text + "".join(answer.text + str(answer.headers) for answer in answers)
    assert [answer.status_code for answer in answers] == [422, 404, 403, 401]
    assert ASKER not in told
    assert wrong not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no client"),
        ("[a]\n", "a.sha256: Field required"),
        ("[a]\nsha256 = []\n", "at least 1 item"),
        ("[a]\nsha256 = ['xk_this-is-the-key-itself']\n", "a.sha256.0: String should match"),
        (f"[a]\nsha256 = ['{'0' * 64}']\nscopes = ['all']\n", "a.scopes"),
        (f"[a]\nsha256 = ['{'0' * 64}']\n[b]\nsha256 = ['{'0' * 64}']\n", "stands there twice"),
        (f"[a]\nsha256 = ['{'0' * 64}']\nrequests_per_minute = 0\n", "greater than or equal"),
        ("[a\n", "not a file of keys"),
    ],
)
def test_a_file_of_keys_that_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(said)) as caught:
        read_keys(path)
    assert str(path) in caught.value.message
    assert "xk_this" not in caught.value.message
    assert "extractor keys new" in caught.value.hint or "own key" in caught.value.hint


def test_a_new_key_opens_with_the_file_that_the_command_gives(tmp_path: Path) -> None:
    done = command("keys", "new", "analysts")
    key, *lines = done.stdout.splitlines()
    path = tmp_path / "keys.toml"
    path.write_text("\n".join(lines))
    keys = read_keys(path)
    assert keys.holder(key) == "analysts"
    assert keys.holder(key + "x") is None
    assert key not in path.read_text()
    assert command("keys", "new", "no name").returncode == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])
def test_without_keys_it_listens_to_this_machine_alone(host: str) -> None:
    with pytest.raises(SettingsError, match="there are no keys"):
        check_reach(host, None)
    check_reach(host, KEYS)
    for own in ("127.0.0.1", "::1", "localhost"):
        check_reach(own, None)


# How many at once


def test_who_finds_no_place_is_told_to_wait() -> None:
    async def work() -> float:
        admission = Admission(Limits(at_work=1, in_line=1))
        done = asyncio.Event()

        async def stay() -> None:
            async with admission.place(), admission.turn():
                await done.wait()

        inside = [asyncio.create_task(stay()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ServiceBusy, match="all 2 places") as caught:
            async with admission.place():
                pass
        done.set()
        await asyncio.gather(*inside)
        async with admission.place(), admission.turn():
            return caught.value.retry_after or 0

    assert asyncio.run(work()) >= 1


def test_the_excess_gets_429_and_the_others_their_records() -> None:
    with ReplayServer(CASSETTES, delay=2.0) as server:
        limits = Limits(at_work=2, in_line=1)
        app = create_app(Catalog.open(), recorded_model(server.base_url), limits=limits, repair=0)
        with TestClient(app) as client:
            answers: list[Any] = []
            threads = [
                threading.Thread(
                    target=lambda: answers.append(client.post("/v1/extract", json=ARTICLE))
                )
                for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            after = client.post("/v1/extract", json=ARTICLE)
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 3
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert {answer.json()["type"] for answer in refused} == {"urn:extractor:problem:service.busy"}
    assert after.status_code == 200


def test_a_body_that_does_not_arrive_keeps_no_place() -> None:
    with ReplayServer(CASSETTES) as server:
        limits = Limits(at_work=1, in_line=0, body_seconds=0.2)
        app = create_app(Catalog.open(), recorded_model(server.base_url), limits=limits, repair=0)

        messages: list[Any] = []
        arrived = iter([{"type": "http.request", "body": b'{"text": ', "more_body": True}])

        async def receive() -> dict[str, Any]:
            for message in arrived:
                return message
            await asyncio.sleep(60)
            raise AssertionError("nothing more arrives")

        async def send(message: Any) -> None:
            messages.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/extract",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }
        asyncio.run(asyncio.wait_for(app(scope, receive, send), 30))
    assert messages[0]["status"] == 408
    assert json.loads(messages[1]["body"])["status"] == 408
