"""The ledger on a real PostgreSQL server: one for all, leases, and what goes wrong with it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from extractor import backfill
from extractor.asking import recipe_identity, record_key
from extractor.backfill import processes
from extractor.errors import InputError, LeaseLost, LedgerAway, StoreError
from extractor.flow import Limits
from extractor.records import Article, Status, Usage
from extractor.shards import Counts
from extractor.store import (
    LEDGER_VERSION,
    Entry,
    Server,
    Source,
    Standing,
    Store,
    View,
    patiently,
    present,
)
from tests.archives import jsonl
from tests.fake_model import FakeModel, open_noting, sinking
from tests.ledger_worker import Task
from tests.postgres_cluster import PASSWORD, Cluster, running_cluster
from tests.test_backfill import files, quiet, said
from tests.test_store import RECIPE, SOURCE, completion, extraction, lines
from tests.waiting import wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
PATIENCE = 90
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as found:
        yield found


@pytest.fixture
def address(cluster: Cluster) -> str:
    return cluster.database()


@pytest.fixture
def server(address: str) -> Server:
    return Server.at(address)


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    with Store.open(server) as opened:
        yield opened


@pytest.fixture
def other(server: Server, store: Store) -> Iterator[Store]:
    """A second one on the same ledger, on a machine of another name."""
    with Store.open(replace(server, machine="elsewhere")) as opened:
        yield opened


def fences(store: Store, *keys: str) -> dict[str, int | None]:
    return {key: found.fence for key, found in store.standing(keys).items()}


def execute(address: str, statement: str) -> list[Any]:
    with psycopg.connect(address, autocommit=True) as db:
        found = db.execute(statement.encode())
        return found.fetchall() if found.description else []


# What a ledger is for


def test_what_is_kept_comes_back(store: Store, server: Server) -> None:
    kept = completion("Ünicode, \N{LEFT DOUBLE QUOTATION MARK}quoted\u2028 and \0 cut \ud83d")
    store.save_reply("k", kept)
    store.save_reply("k", completion("second"))
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k"), Entry(1, "b\0\x1ac", "k"), Entry(2, "late", "none")])
    store.save_record("k", extraction("a", quote="cut \ud83d and \0, \\u0000 \\\ud83d, whole 🚢"))
    store.close()
    with Store.open(server) as again:
        assert again.reply("k") == kept
        assert again.begin([SOURCE], RECIPE).id == run.id
        found = lines(replace(run, store=again))
        assert [line["article"]["id"] for line in found] == ["a", "b\0\x1ac"]
        assert found[0]["problems"][0]["quote"].startswith("cut \ud83d and \0, \\u0000")
        facts = replace(run, store=again).facts()
        assert (facts.reached, facts.waiting, dict(facts.statuses)) == (3, 1, {"complete": 2})
        assert again.begin([SOURCE], {**RECIPE, "prompt": ["event@2", "def"]}).others() == 1
    paid = View(server).paid()
    assert (paid.replies, paid.attempts, paid.usage.input_tokens) == (1, 1, 7)
    assert isinstance(paid.attempts, int)


def test_reasons_are_read_where_null_characters_and_halves_are_quoted(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter(Entry(n, f"a{n}", f"k{n}") for n in range(3))
    for n in range(3):
        store.save_record(f"k{n}", extraction(f"a{n}", "failed", quote="\0 \ud83d"))
    [reason] = run.reasons()
    assert (reason.code, reason.articles, reason.example) == ("test", 3, "as it is")


def test_retries_are_due_as_in_a_file(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter(Entry(n, f"a{n}", f"k{n}") for n in range(3))
    for n, status in enumerate(("failed", "rejected", "complete")):
        store.save_record(f"k{n}", extraction(f"a{n}", status))  # type: ignore[arg-type]
    assert store.ask_again([SOURCE], RECIPE, ["rejected", "complete"], ["a1", "a7"]) == 1
    assert store.standing(["k1"])["k1"].status is None
    assert run.facts().waiting == 1
    run.trim(1)
    assert run.facts().reached == 1


def test_an_output_is_that_of_a_file(server: Server, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", [f"ship {n}" for n in range(70)])
    with source.open("a") as stream:
        stream.write("no JSON\n" + '{"id": "twice", "text": "ship 3"}\n')
    outs = [tmp_path / "file", tmp_path / "server"]
    for out, plan in zip(outs, (backfill.Plan(), backfill.Plan(server=server)), strict=True):
        for _ in range(2):
            work = backfill.run([str(source)], out, sinking(), FakeModel(), plan, console=quiet())
            assert asyncio.run(work).done == 72
    assert files(outs[0]) == files(outs[1])
    assert PASSWORD.encode() not in b"".join(files(outs[1]).values())
    found = asyncio.run(
        backfill.estimate(
            [str(source)], outs[1], sinking(), FakeModel(), backfill.Plan(server=server)
        )
    )
    assert (found.waiting, found.outcomes["complete"]) == (0, 71)


def test_processes_share_it_with_the_command(server: Server, tmp_path: Path) -> None:
    texts = [f"ship {n % 40}" for n in range(60)]
    source = jsonl(tmp_path / "news.jsonl", texts)
    (tmp_path / "notes").mkdir()
    opens = partial(open_noting, tmp_path / "notes", None, {}, 0.0)
    crew = processes.Crew(2, Limits(4), sinking, opens)
    plan = backfill.Plan(server=server)
    work = backfill.run(
        [str(source)], tmp_path / "out", sinking(), FakeModel(), plan, crew=crew, console=quiet()
    )
    assert asyncio.run(work).complete == 60
    assert sorted(asked(tmp_path / "notes")) == sorted(set(texts))
    assert View(server).workers() == ()


# Layouts


def test_a_ledger_of_the_first_layout_is_brought_on(address: str) -> None:
    server = Server.at(address)
    with Store.open(server) as store:
        run = store.begin([SOURCE], RECIPE)
        run.enter([Entry(0, "a", "k")])
        store.save_record("k", extraction("a"))
    for table, column in (("runs", "prices"), ("records", "tries"), ("records", "afresh"),
                          ("records", "due")):  # fmt: skip
        execute(address, f"ALTER TABLE extractor.{table} DROP COLUMN {column}")
    execute(address, "DROP TABLE extractor.batch_lines, extractor.batches")
    execute(address, "UPDATE extractor.layout SET version = 1")
    with pytest.raises(StoreError, match="older layout"):
        View(server).runs()
    with Store.open(server) as store:
        store.save_record("k", extraction("a"))
        assert store.begin([SOURCE], RECIPE).facts().tries == 2
    assert execute(address, "SELECT version FROM extractor.layout") == [(LEDGER_VERSION,)]


def test_a_newer_layout_and_another_program_s_tables_are_refused(cluster: Cluster) -> None:
    address = cluster.database()
    Store.open(Server.at(address)).close()
    execute(address, "UPDATE extractor.layout SET version = 99")
    with pytest.raises(StoreError, match=f"layout 99; this extractor knows {LEDGER_VERSION}"):
        Store.open(Server.at(address))
    with pytest.raises(StoreError, match="layout 99"):
        View(Server.at(address)).runs()
    address = cluster.database()
    execute(address, "CREATE SCHEMA extractor CREATE TABLE invoices (id int)")
    with pytest.raises(StoreError, match="not a ledger of extractor"):
        Store.open(Server.at(address))
    address = cluster.database("ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(StoreError, match="encoded in SQL_ASCII"):
        Store.open(Server.at(address))


def test_several_begin_at_once_and_one_lays_it_out(server: Server) -> None:
    ended: list[Exception | None] = []

    def begin() -> None:
        try:
            Store.open(server).close()
            ended.append(None)
        except Exception as error:
            ended.append(error)

    threads = [threading.Thread(target=begin) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert ended == [None] * 5


# Leases


def test_a_record_is_leased_once_and_its_fences_rise(store: Store, other: Store) -> None:
    first = fences(store, "k", "l")["k"]
    assert first is not None
    assert store.standing(["k"])["k"].is_elsewhere, "not even the owner gets it twice"
    assert fences(other, "k", "l", "m").keys() == {"k", "l", "m"}
    assert other.standing(["k"])["k"] == Standing(None)
    store.release(["k"])
    second = fences(other, "k")["k"]
    assert second is not None
    assert second > first


def test_a_write_with_an_old_fence_is_refused_and_told(store: Store, other: Store) -> None:
    old = fences(store, "k")["k"]
    store.release(["k"])
    new = fences(other, "k")["k"]
    with pytest.raises(LeaseLost) as raised:
        store.save_record("k", extraction("old"), old)
    assert f"lease {old} of it is over, lease {new} of process {os.getpid()} on elsewhere" in str(
        raised.value
    )
    assert store.statuses(["k"]) == {}
    other.save_record("k", extraction("new"), new)
    with pytest.raises(LeaseLost, match="it is free again, or done"):
        store.save_record("k", extraction("old"), old)
    assert json.loads(store.record("k") or "")["article"]["id"] == "new"
    assert store.standing(["k"])["k"].status == "complete"


def test_a_write_that_arrived_without_word_of_it_may_be_repeated(store: Store) -> None:
    fence = fences(store, "k")["k"]
    for _ in range(2):
        store.save_record("k", extraction("a"), fence)
    assert store.standing(["k"])["k"].tries == 1


def test_what_failed_is_not_tried_by_others_as_long_as_its_owner_works(
    store: Store, other: Store
) -> None:
    store.save_record("k", extraction("a", "failed"), fences(store, "k")["k"])
    assert other.standing(["k"])["k"].status == "failed"
    store.close()
    found = other.standing(["k"])["k"]
    assert found.status is None
    assert found.fence is not None


def test_what_failed_and_cannot_be_asked_is_an_outcome(store: Store) -> None:
    store.save_record("k", extraction("a", "failed"))
    assert store.standing(["k"], {"k"})["k"].status == "failed"
    assert not store.standing(["k"])["k"].is_elsewhere


def test_another_machine_s_lease_ends_with_its_time_and_not_while_it_works(
    server: Server,
) -> None:
    short = replace(server, lease=0.8)
    with Store.open(short) as store, Store.open(replace(short, machine="elsewhere")) as other:
        old = fences(other, "k")["k"]
        # The server itself was not there before: nobody's time is up until it is.
        end = time.monotonic() + 2
        while time.monotonic() < end:
            store.take_back()
            assert store.standing(["k"])["k"].is_elsewhere, "it is renewed"
            time.sleep(0.1)
        leases = other._base.leases
        assert leases is not None
        leases._ended.set()  # as if the machine stood still
        leases._thread.join()
        assert store.take_back() == 0, "it was heard of a moment ago"
        time.sleep(1.0)
        assert store.take_back() == 1
        assert fences(store, "k")["k"] is not None
        with pytest.raises(LeaseLost):
            other.save_record("k", extraction("old"), old)
        assert fences(other, "l")["l"] is not None, "it is there again when it goes on"


def test_a_dead_run_on_this_machine_loses_its_leases_at_once(server: Server, store: Store) -> None:
    program = (
        "import os, signal, sys\nfrom extractor.store import Server, Store\n"
        "found = Store.open(Server.at(sys.stdin.readline().strip())).standing(['k'])\n"
        "print(found['k'].fence, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=server.url.set(drivername="postgresql").render_as_string(hide_password=False) + "\n",
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.stdout.strip().isdecimal(), done.stderr
    assert store.standing(["k"])["k"].is_elsewhere
    assert store.take_back() == 1
    assert (fences(store, "k")["k"] or 0) > int(done.stdout)


def test_others_at_work_keep_the_places_of_a_copy_and_refuse_another_size(
    store: Store, other: Store
) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k")])
    same = other.begin([Source(SOURCE.path, SOURCE.size, SOURCE.modified + 5)], RECIPE)
    assert same.facts().reached == 1
    with pytest.raises(StoreError, match=r"news\.jsonl has 11 bytes here; process \d+ on "):
        other.begin([Source(SOURCE.path, 11, 5)], RECIPE)
    store.close()
    assert other.begin([Source(SOURCE.path, 11, 5)], RECIPE).facts().reached == 0


# Two machines


def asked(notes: Path, process: int | None = None) -> list[str]:
    """What was asked, by all or by one process."""
    found = notes.glob("*.txt" if process is None else f"{process}.txt")
    return [line for note in found for line in note.read_text().splitlines()]


def ended(process: subprocess.Popen[str]) -> dict[str, int]:
    out, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert PASSWORD not in out + told
    return json.loads(out)  # type: ignore[no-any-return]


def alone(source: Path, folder: Path) -> dict[str, bytes]:
    asyncio.run(backfill.run([str(source)], folder, sinking(), FakeModel(), console=quiet()))
    return files(folder)


def test_two_machines_share_the_work_and_pay_for_nothing_twice(
    address: str, tmp_path: Path
) -> None:
    texts = [f"ship {n % 150}" for n in range(180)]
    source = jsonl(tmp_path / "news.jsonl", texts)
    tasks = [
        Task(
            str(source),
            str(tmp_path / f"out{n}"),
            str(tmp_path / f"notes{n}"),
            machine=f"m{n}",
            slow=0.2,
        )
        for n in range(2)
    ]
    both = [task.started(address) for task in tasks]
    for process in both:
        assert ended(process)["done"] == 180
    by_each = [asked(Path(task.notes)) for task in tasks]
    assert Counter(by_each[0] + by_each[1]) == Counter(set(texts))
    assert min(map(len, by_each)) >= 30, "both worked"
    mine, others = (files(Path(task.out)) for task in tasks)
    assert mine == others == alone(source, tmp_path / "alone")


def test_of_two_one_is_killed_and_the_other_does_its_work(address: str, tmp_path: Path) -> None:
    texts = [f"ship {n}" for n in range(120)]
    source = jsonl(tmp_path / "news.jsonl", texts)
    notes = tmp_path / "notes"
    notes.mkdir()
    tasks = [Task(str(source), str(tmp_path / f"out{n}"), str(notes), slow=0.2) for n in range(2)]
    first, second = (task.started(address) for task in tasks)
    wait_for(lambda: all(len(asked(notes, each.pid)) >= 10 for each in (first, second)))
    first.kill()
    first.communicate(timeout=PATIENCE)
    assert ended(second)["done"] == 120
    assert len(asked(notes, first.pid)) < 110, "it was in the middle of its work"
    times = Counter(asked(notes))
    assert set(times) == set(texts)
    again = sum(times.values()) - 120
    assert 1 <= again <= tasks[0].concurrency, "what was in flight when it was killed"
    assert records_of(tmp_path / "out1") == alone(source, tmp_path / "alone")[RECORDS]


RECORDS = "records-00001.jsonl"


def records_of(out: Path) -> bytes:
    return files(out)[RECORDS]


class Taken(FakeModel):
    """While it answers to a text, somebody else is given the article of `ship 1`, and ends with a
    status a second later, or at once without one."""

    def __init__(
        self, address: str, other: Store, status: Status | None, *, during: str = "ship 1"
    ) -> None:
        super().__init__()
        self._during = during
        self._address = address
        self._other = other
        self._status = status
        article = Article(id="a1", text="ship 1")
        self.key = record_key(article, recipe_identity(sinking(), self))

    async def complete(self, request: Any) -> Any:
        answer = await super().complete(request)
        if self.asked[-1] == self._during:
            execute(self._address, f"DELETE FROM extractor.leases WHERE record = '{self.key}'")
            fence = self._other.standing([self.key])[self.key].fence
            if self._status is None:
                self._other.close()
            else:
                asyncio.get_running_loop().call_later(1.0, self.end, self._status, fence)
        return answer

    def end(self, status: Status, fence: int | None) -> None:
        self._other.save_record(self.key, extraction("a1", status), fence)
        self._other.close()


@pytest.mark.parametrize("status", ["partial", "failed"])
def test_who_was_slow_leaves_the_article_to_who_has_it(
    address: str, other: Store, tmp_path: Path, status: Status
) -> None:
    """And what failed there while it was waited for, is not tried here once more."""
    source = jsonl(tmp_path / "news.jsonl", ["ship 0", "ship 1"])
    model = Taken(address, other, status)
    plan = backfill.Plan(server=Server.at(address), concurrency=1)
    work = backfill.run([str(source)], tmp_path / "o", sinking(), model, plan, console=quiet())
    counts = asyncio.run(work)
    assert (counts.done, counts.known, getattr(counts, status)) == (2, 1, 1)
    assert model.asked == ["ship 0", "ship 1"]
    assert View(Server.at(address)).paid().replies == 2, "what was paid is kept"
    found = [json.loads(line) for line in records_of(tmp_path / "o").splitlines()]
    assert [each["status"] for each in found] == ["complete", status]


def test_what_became_another_s_before_it_was_asked_about_is_not_asked_about(
    address: str, other: Store, tmp_path: Path
) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["ship 0", "ship 1", "ship 2"])
    model = Taken(address, other, "partial", during="ship 0")
    plan = backfill.Plan(server=Server.at(address), concurrency=1)
    work = backfill.run([str(source)], tmp_path / "o", sinking(), model, plan, console=quiet())
    counts = asyncio.run(work)
    assert (counts.done, counts.known, counts.partial) == (3, 1, 1)
    assert model.asked == ["ship 0", "ship 2"]


def test_what_failed_before_and_comes_back_undone_is_tried(
    address: str, other: Store, tmp_path: Path
) -> None:
    """It has no fewer tries than when it was lost, and no more."""
    source = jsonl(tmp_path / "news.jsonl", ["ship 0", "ship 1"])
    model = Taken(address, other, None, during="ship 0")
    other.save_record(model.key, extraction("a1", "failed"))
    plan = backfill.Plan(server=Server.at(address), concurrency=1)
    work = backfill.run([str(source)], tmp_path / "o", sinking(), model, plan, console=quiet())
    assert asyncio.run(work).complete == 2
    assert model.asked == ["ship 0", "ship 1"]


# What goes wrong


def test_a_wrong_password_is_told_without_it(cluster: Cluster, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["ship 1"])
    done = subprocess.run(
        [sys.executable, "-m", "extractor", "backfill", str(source), "--out", str(tmp_path / "o"),
         "--base-url", "http://127.0.0.1:9/v1", "--model", "m"],
        cwd=ROOT,
        env={
            **os.environ, "PYTHONPATH": str(ROOT),
            "EXTRACTOR_LEDGER": cluster.address("postgres", "my-dear-secret"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 1
    told = " ".join(done.stderr.split())
    assert f"postgresql://127.0.0.1:{cluster.port}/postgres: " in told
    assert "password authentication failed" in told
    assert "my-dear-secret" not in done.stdout + done.stderr
    assert "my-dear-secret" not in repr(Server.at(cluster.address("postgres", "my-dear-secret")))


def test_no_server_at_all_is_told_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(LedgerAway, match="the server of the ledger is away") as raised:
        Store.open(Server.at(f"postgresql://me:{PASSWORD}@127.0.0.1:9/ledger"))
    assert time.monotonic() - began < 10
    assert PASSWORD not in str(raised.value)


def test_status_and_failures_look_at_it(server: Server, address: str, store: Store) -> None:
    run = store.begin([SOURCE], {**RECIPE, "schema": ["event@2", "s"]})
    run.enter([Entry(0, "a", "k"), Entry(1, "b", "l")])
    store.save_record("k", extraction("a", "failed"))

    def command(name: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "extractor", "backfill", name, "nowhere", "--format", "json"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "EXTRACTOR_LEDGER": address},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    state = json.loads(command("status"))
    assert len(state["workers"]) == 1
    assert state["workers"][0].startswith(f"process {os.getpid()} on ")
    assert (state["runs"][0]["reached"], state["runs"][0]["waiting"]) == (2, 1)
    assert json.loads(command("failures"))["article_id"] == "a"
    assert View(server).known(["k"])["k"].usage is None


def test_a_budget_is_for_who_is_alone(server: Server, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["ship 1"])
    plan = backfill.Plan(server=server, budget=backfill.read_budget("2Mtokens"))
    work = backfill.run(
        [str(source)], tmp_path / "o", sinking(), FakeModel(), plan, console=quiet()
    )
    with pytest.raises(InputError, match="a budget, and a ledger that others may share"):
        asyncio.run(work)


def test_two_on_one_folder(server: Server, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["ship 1"])
    plan = backfill.Plan(server=server)

    class Twice(FakeModel):
        async def complete(self, request: Any) -> Any:
            with pytest.raises(StoreError, match=r"another extractor .process \d+."):
                await backfill.run([str(source)], tmp_path, sinking(), self, plan, console=quiet())
            return await super().complete(request)

    work = backfill.run([str(source)], tmp_path, sinking(), Twice(), plan, console=quiet())
    assert asyncio.run(work) == Counts(complete=1, usage=Usage(input_tokens=10, output_tokens=5))


def test_a_server_that_stays_away_is_waited_for_so_long_and_no_longer(
    cluster: Cluster, server: Server
) -> None:
    told: list[str] = []
    with Store.open(replace(server, patience=3.0), told.append) as store:
        cluster.stop()
        try:
            began = time.monotonic()

            async def work() -> None:
                await present(store, lambda: store.save_reply("k", completion()))

            with pytest.raises(StoreError, match="it was waited for 3 s") as raised:
                asyncio.run(work())
            assert not isinstance(raised.value, LedgerAway)
            assert 3 <= time.monotonic() - began < 12
            assert len(told) == 1
            assert told[0].endswith("waiting for up to 3 s")
        finally:
            cluster.start()


def test_a_restart_in_the_middle_loses_nothing_and_pays_nothing_twice(
    cluster: Cluster, address: str, tmp_path: Path
) -> None:
    """Both are in the middle of their work; their leases run out while there is no server.

    There is so much work that the first is not done with it when the other one begins.
    """
    cluster.stop()
    cluster.start(fsync=True)
    texts = [f"ship {n}" for n in range(300)]
    source = jsonl(tmp_path / "news.jsonl", texts)
    notes = tmp_path / "notes"
    notes.mkdir()
    tasks = [
        Task(
            str(source), str(tmp_path / f"out{n}"), str(notes), machine=f"m{n}", slow=0.1, lease=10
        )
        for n in range(2)
    ]
    both = [task.started(address) for task in tasks]
    wait_for(lambda: all(len(asked(notes, process.pid)) >= 8 for process in both))
    cluster.stop()
    time.sleep(12)  # so long that the leases are over; after it a busy machine has one lease's time
    before = len(asked(notes))
    assert before < len(texts), "they are not done"
    cluster.start(fsync=True)
    for process in both:
        assert ended(process)["done"] == len(texts)
    assert sorted(asked(notes)) == sorted(texts)
    assert files(tmp_path / "out0") == files(tmp_path / "out1") == alone(source, tmp_path / "alone")


def test_a_server_that_mends_its_tables_for_longer_than_a_lease_ends_none(
    cluster: Cluster, server: Server
) -> None:
    """By its own word it is there from the start of the mending on."""
    short = replace(server, lease=2.0)
    with Store.open(short) as store, Store.open(replace(short, machine="elsewhere")) as other:
        held = fences(other, "k")["k"]
        fences(other, "l")
        leases = other._base.leases
        assert leases is not None
        leases._ended.set()  # as if the machine were slow to notice that the server is back
        leases._thread.join()
        cluster.stop()
        cluster.start(mending=4)
        assert patiently(store, store.take_back) == 0
        assert store.standing(["k"])["k"].is_elsewhere
        patiently(other, lambda: other.save_record("k", extraction("a"), held))
        wait_for(store.take_back)  # nothing more was heard of it
        assert fences(store, "l")["l"] is not None


def test_what_was_said_of_waiting(cluster: Cluster, server: Server, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", [f"ship {n}" for n in range(8)])
    console = quiet()

    class Restarting(FakeModel):
        async def complete(self, request: Any) -> Any:
            if len(self.asked) == 3:
                cluster.stop()
                threading.Timer(3, cluster.start).start()
            return await super().complete(request)

    model = Restarting()
    plan = backfill.Plan(server=server, concurrency=1)
    work = backfill.run([str(source)], tmp_path / "o", sinking(), model, plan, console=console)
    assert asyncio.run(work).complete == 8
    assert len(model.asked) == 8
    assert "the server of the ledger is away" in said(console)
    assert "waiting for up to 120 s" in said(console)
