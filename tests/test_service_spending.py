"""What a client may spend in a day, and what it is told when that is spent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from extractor.catalog import Catalog
from extractor.errors import SettingsError, SpendingLimit
from extractor.prices import Prices
from extractor.records import Usage
from extractor.service import create_app
from extractor.service.admission import Limits
from extractor.service.keys import Client, Keys, hash_of, new_key, read_keys
from extractor.service.memory import Memory
from extractor.service.spending import Spending
from tests.recorded import CASSETTES, command, recorded_cases, recorded_model
from tests.replay_server import ReplayServer
from tests.running import events_in

POOR, RICH = new_key(), new_key()
KEYS = Keys(
    {
        "poor": Client(sha256=(hash_of(POOR),), tokens_per_day=10),
        "rich": Client(sha256=(hash_of(RICH),), tokens_per_day=10_000_000),
    }
)
FIRST, SECOND = (case.article.model_dump(mode="json") for case in recorded_cases()[:2])


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


def service(server: ReplayServer, keep: Path) -> TestClient:
    """One article at a time, so that it is known when what is spent is spent."""
    model = recorded_model(server.base_url)
    limits = Limits(at_work=1)
    app = create_app(Catalog.open(), model, keep=keep, keys=KEYS, limits=limits, repair=0)
    return TestClient(app)


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **more}


def test_who_has_spent_the_day_is_told_when_the_next_begins(
    tmp_path: Path, server: ReplayServer
) -> None:
    with service(server, tmp_path) as client:
        first = client.post("/v1/extract", json=FIRST, headers=bearer(POOR))
        spent = client.post("/v1/extract", json=SECOND, headers=bearer(POOR))
        stored = client.post("/v1/extract", json=FIRST, headers=bearer(POOR))
        other = client.post("/v1/extract", json=SECOND, headers=bearer(RICH))
    assert [each.status_code for each in (first, spent, stored, other)] == [200, 429, 200, 200]
    problem = spent.json()
    assert problem["type"] == "urn:extractor:problem:access.spent"
    assert "10 tokens of poor" in problem["detail"]
    assert "T00:00:00+00:00" in problem["hint"]
    assert 1 <= int(spent.headers["retry-after"]) <= 24 * 60 * 60
    assert len(server.requests) == 2


def test_a_restart_makes_nobody_richer(tmp_path: Path, server: ReplayServer) -> None:
    with service(server, tmp_path) as client:
        client.post("/v1/extract", json=FIRST, headers=bearer(POOR))
    with service(server, tmp_path) as client:
        watching = bearer(POOR, Accept="text/event-stream")
        spent = client.post("/v1/extract", json=SECOND, headers=watching)
    name, data = events_in(spent.text)[-1]
    assert (name, json.loads(data)["status"]) == ("problem", 429)


def test_a_job_ends_where_the_money_does(tmp_path: Path, server: ReplayServer) -> None:
    articles = [case.article.model_dump(mode="json") for case in recorded_cases()[:6]]
    with service(server, tmp_path) as client:
        begun = client.post("/v1/jobs", json=articles, headers=bearer(POOR))
        location = begun.headers["location"]
        events = client.get(f"{location}/events", headers=bearer(POOR))
        job = client.get(location, headers=bearer(POOR)).json()
        results = client.get(f"{location}/results", headers=bearer(POOR)).text
    assert events_in(events.text)[-1][0] == "failed"
    assert "10 tokens of poor a day (UTC) are spent" in job["reason"]
    assert "client" not in job
    assert len(results.splitlines()) == len(server.answered) > 0


def test_a_day_and_its_prices() -> None:
    now = datetime(2026, 3, 9, 23, 59, 30, tzinfo=UTC)
    clients = {"a": Client(sha256=("0" * 64,), cost_per_day=3.0)}
    with Memory() as memory:
        spending = Spending(memory, clients, Prices(input=1, output=10), clock=lambda: now)
        spending.check("a")
        spending.add("a", Usage(input_tokens=900_000, output_tokens=200_000))
        spending.check("a")
        spending.add("a", Usage(input_tokens=100_000))
        with pytest.raises(SpendingLimit, match=r"the 3\.0 that a may cost") as caught:
            spending.check("a")
        assert caught.value.retry_after == 30
        spending.check("somebody without limits")
        now = datetime(2026, 3, 10, tzinfo=UTC)
        spending.check("a")


def test_money_needs_prices() -> None:
    keys = Keys({"a": Client(sha256=("0" * 64,), cost_per_day=3.0)})
    with pytest.raises(SettingsError, match="a has a cost_per_day, and there are no prices"):
        create_app(Catalog.open(), recorded_model(), keys=keys)


@pytest.mark.parametrize("prices", [["--price-in", "1"], ["--price-out", "1"]])
def test_one_price_alone_is_refused(prices: list[str]) -> None:
    done = command("serve", *prices)
    assert (done.returncode, "go together" in done.stderr) == (2, True)


def test_a_new_key_is_made_with_its_limits(tmp_path: Path) -> None:
    limits: dict[str, Any] = {
        "requests_per_minute": 60,
        "tokens_per_day": 1_000_000,
        "cost_per_day": 2.5,
    }
    options = [each for name, n in limits.items() for each in (f"--{name.replace('_', '-')}", n)]
    done = command("keys", "new", "analysts", *map(str, options))
    _, *lines = done.stdout.splitlines()
    path = tmp_path / "keys.toml"
    path.write_text("\n".join(lines))
    client = read_keys(path).clients["analysts"]
    assert {name: getattr(client, name) for name in limits} == limits
    assert command("keys", "new", "a", "--cost-per-day", "0").returncode == 2
