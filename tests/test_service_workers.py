"""Records that are made in processes beside the one that speaks HTTP."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import pickle
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from extractor import making
from extractor.catalog import Catalog
from extractor.errors import EndpointTimeout
from extractor.grounding import SourceIndex
from extractor.making import Made, Order, Recipes, Teller
from extractor.model import Completion
from extractor.reading import Reading, Readings
from extractor.records import Usage
from extractor.service import create_app, workers
from extractor.store import Store
from extractor.windows import Window
from tests.recorded import CASSETTES, recorded_case, recorded_cases, recorded_model
from tests.replay_server import ReplayServer
from tests.waiting import wait_for

CASE = recorded_case("bus-bombing-claim")
ARTICLE = CASE.article.model_dump(mode="json")
SEVERAL = [case.article.model_dump(mode="json") for case in recorded_cases()[:4]]
ASKED = Teller("m", "remote", "schema")


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(CASSETTES) as server:
        yield server


def service(
    server: ReplayServer, keep: Path | None = None, *, number: int = 1, repair: int = 0
) -> FastAPI:
    model = recorded_model(server.base_url)
    return create_app(Catalog.open(), model, keep=keep, repair=repair, workers=number)


def told(record: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from call to call."""
    return {**record, "provenance": record["provenance"] | {"seconds": 0, "time": ""}}


def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the articles whose records are made in this process from now on."""
    found: list[str] = []
    make = making.make

    def here(article: Any, *rest: Any) -> Any:
        found.append(article.id)
        return make(article, *rest)

    monkeypatch.setattr(workers, "make", here)
    return found


@pytest.mark.slow
def test_a_record_is_the_same_wherever_it_is_made(
    tmp_path: Path, server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = noted(monkeypatch)
    with TestClient(service(server, tmp_path)) as client:
        made = [client.post("/v1/extract", json=each).json() for each in SEVERAL]
        assert not here
        counted = client.get("/metrics").text
    with TestClient(service(server, number=0)) as client:
        alone = [client.post("/v1/extract", json=each).json() for each in SEVERAL]
        assert len(here) == len(SEVERAL)
        # Counted alike, too.
        lines = [line for line in client.get("/metrics").text.splitlines() if is_of_records(line)]
    assert [told(each) for each in made] == [told(each) for each in alone]
    assert lines
    assert lines == [line for line in counted.splitlines() if is_of_records(line)]


def is_of_records(line: str) -> bool:
    names = ("extractor_records_total", "extractor_values_total", "extractor_problems_total")
    return line.startswith(names)


@pytest.mark.slow
def test_a_process_that_was_killed_costs_no_answer(
    server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_AGAIN_SECONDS", 0.0)
    here = noted(monkeypatch)
    crews: list[workers.Workers] = []
    enter = workers.Workers.__aenter__

    async def entered(crew: workers.Workers) -> workers.Workers:
        crews.append(crew)
        return await enter(crew)

    monkeypatch.setattr(workers.Workers, "__aenter__", entered)
    with TestClient(service(server)) as client:
        assert client.post("/v1/extract", json=ARTICLE).status_code == 200
        [first] = crews[0].processes
        os.kill(first, signal.SIGKILL)
        answer = client.post("/v1/extract", json=ARTICLE)
        assert answer.status_code == 200
        assert here == [CASE.article.id]
        wait_for(lambda: crews[0].processes not in ([], [first]))
        assert client.post("/v1/extract", json=ARTICLE).status_code == 200
        assert here == [CASE.article.id]
        [second] = crews[0].processes
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("repair", "steps"), [(0, ["ordered", "stored"]), (1, ["stored", "ordered"])]
)
def test_a_record_is_begun_before_its_reply_is_stored_where_that_is_the_last(
    tmp_path: Path,
    server: ReplayServer,
    monkeypatch: pytest.MonkeyPatch,
    repair: int,
    steps: list[str],
) -> None:
    """And once only. With repairs, nobody knows yet what it will be made of."""
    done: list[str] = []
    save, begin = Store.save_reply, workers.Workers.begin

    def save_reply(store: Store, *given: Any) -> None:
        done.append("stored")
        save(store, *given)

    def begun(crew: workers.Workers, *given: Any) -> workers.Begun | None:
        done.append("ordered")
        return begin(crew, *given)

    monkeypatch.setattr(Store, "save_reply", save_reply)
    monkeypatch.setattr(workers.Workers, "begin", begun)
    with TestClient(service(server, tmp_path, repair=repair)) as client:
        made = client.post("/v1/extract", json=ARTICLE)
    assert made.status_code == 200
    assert (done[0], done[-1], done.count("ordered")) == (*steps, 1)
    with TestClient(service(server, number=0, repair=repair)) as client:
        alone = client.post("/v1/extract", json=ARTICLE)
    assert told(made.json()) == told(alone.json())


@pytest.mark.slow
def test_a_record_that_was_begun_of_other_replies_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = noted(monkeypatch)
    recipe = Recipes(Catalog.open()).read(None, None)
    one, other = readings(completion("{}")), readings(completion("no JSON"))

    async def several() -> list[Made]:
        async with workers.Workers(1, Recipes(Catalog.open())) as crew:
            begun = crew.begin(CASE.article, recipe, one, ASKED)
            assert begun is not None
            first = await crew.make(CASE.article, recipe, other, ASKED, begun)
            assert begun.made.done()  # in the order of their coming
            second = await crew.make(CASE.article, recipe, one, ASKED, begun)
            late = crew.begin(CASE.article, recipe, one, ASKED)
            for process in crew.processes:
                os.kill(process, signal.SIGKILL)
            assert not here
            return [first, second, await crew.make(CASE.article, recipe, one, ASKED, late)]

    made = asyncio.run(several())
    expected = [making.make(CASE.article, recipe, each, ASKED) for each in (other, one, one)]
    assert made == expected
    assert expected[0] != expected[1]


@pytest.mark.slow
def test_a_process_that_ended_leaves_nothing_open_even_if_the_service_ends_at_once() -> None:
    recipe = Recipes(Catalog.open()).read(None, None)

    async def killed_at_last() -> list[int]:
        async with workers.Workers(1, Recipes(Catalog.open())) as crew:
            begun = crew.begin(CASE.article, recipe, readings(completion("{}")), ASKED)
            processes = crew.processes
            for process in processes:
                os.kill(process, signal.SIGKILL)
            await crew.make(CASE.article, recipe, readings(completion("{}")), ASKED, begun)
            return processes

    [process] = asyncio.run(killed_at_last())
    gc.collect()  # a connection that was left open warns, and a warning is an error here
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.slow
def test_a_reply_that_no_process_can_be_told_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested deeper than pickle goes. What is ordered next gets its own record."""
    here = noted(monkeypatch)
    recipe = Recipes(Catalog.open()).read(None, None)
    nested = {"more": json.loads("[" * 600 + "]" * 600)}
    deep = readings(completion("{}").model_copy(update={"raw": nested}))
    after = readings(completion("no JSON"))

    async def both() -> list[Made]:
        async with workers.Workers(1, Recipes(Catalog.open())) as crew:
            assert crew.begin(CASE.article, recipe, deep, ASKED) is None
            return [
                await asyncio.wait_for(crew.make(CASE.article, recipe, each, ASKED, None), 60)
                for each in (deep, after)
            ]

    made = asyncio.run(both())
    assert here == [CASE.article.id]
    assert made == [making.make(CASE.article, recipe, each, ASKED) for each in (deep, after)]


def readings(reply: Completion | EndpointTimeout) -> Readings:
    return (Reading(Window(0, len(CASE.article.text)), reply),)


def completion(content: str) -> Completion:
    return Completion(
        content=content,
        finish_reason="stop",
        refusal=None,
        model=None,
        usage=Usage(),
        attempts=1,
        seconds=0.1,
        time="2026-03-09T12:00:00+00:00",
        raw={},
    )


def test_what_cannot_go_elsewhere_is_no_order() -> None:
    recipe = Recipes(Catalog.open()).read(None, None)
    order = Order.of(CASE.article, recipe, readings(completion("{}")), ASKED)
    assert order is not None
    failed = readings(EndpointTimeout("too slow"))
    assert Order.of(CASE.article, recipe, failed, ASKED) is None


@pytest.mark.slow
def test_a_text_is_told_while_the_model_thinks_and_not_before_it_is_asked(
    server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    tell, order = workers._Worker.tell, workers._Worker.order

    def telling(worker: workers._Worker, text: str) -> None:
        done.append(text)
        tell(worker, text)

    def ordered(worker: workers._Worker, *given: Any) -> Any:
        done.append("ordered")
        return order(worker, *given)

    def expected(crew: workers.Workers, text: str) -> None:
        expect(crew, text)
        assert not done, "a process that is told may take the processor of the one that asks"

    expect = workers.Workers.expect
    monkeypatch.setattr(workers._Worker, "tell", telling)
    monkeypatch.setattr(workers._Worker, "order", ordered)
    monkeypatch.setattr(workers.Workers, "expect", expected)
    server.delay = 1.0
    with TestClient(service(server)) as client:
        assert client.post("/v1/extract", json=ARTICLE).status_code == 200
    assert done == [CASE.article.text, "ordered"]


def test_a_text_that_is_read_ahead_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that cannot be read; the order that follows is made all the same."""
    read: list[str] = []

    def read_ahead(index: SourceIndex) -> None:
        read.append(index.text)
        raise RuntimeError(index.text)

    monkeypatch.setattr(SourceIndex, "read_ahead", read_ahead)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(making, "spare_the_collector", lambda: None)
    recipes = Recipes(Catalog.open())
    recipe = recipes.read(None, None)
    order = Order.of(CASE.article, recipe, readings(completion("{}")), ASKED)
    assert order is not None
    ours, other = socket.socketpair()
    with ours, ours.makefile("rb") as answers:
        ours.sendall(pickle.dumps(CASE.article.text) + pickle.dumps(order))
        ours.shutdown(socket.SHUT_WR)
        making.take_orders(other, recipes.unread())
        length = int.from_bytes(answers.read(4), "big")
        made = pickle.loads(answers.read(length))
        assert answers.read() == b""
    assert read == [CASE.article.text]
    assert made == making._done(order, recipes)


def test_a_draft_that_was_changed_since_is_not_used_elsewhere() -> None:
    recipes = Recipes(Catalog.open())
    recipe = recipes.read(None, None)
    order = Order.of(CASE.article, recipe, readings(completion("{}")), ASKED)
    assert order is not None
    made = making._done(order, recipes.unread())
    assert made is not None
    assert json.loads(made.line)["article"]["id"] == CASE.article.id
    changed = Order(order.article, (recipe.prompt.id, "0"), order.schema, order.readings, ASKED)
    assert making._done(changed, recipes.unread()) is None
