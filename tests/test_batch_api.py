"""Backfills through a provider's Batch API, against a provider whose batches end as we say.

Whatever happens: no request is paid for twice, what was paid for is kept, and what was not
answered waits.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extractor import backfill
from extractor.backfill import Choice, Plan
from extractor.backfill.outgoing import RequestFile
from extractor.backfill.spending import Budget
from extractor.catalog import Recipe
from extractor.errors import (
    AccessDenied,
    BatchStopped,
    BudgetReached,
    InputError,
    NotAModelEndpoint,
    StoreError,
)
from extractor.openai_batches import OpenAIBatches
from extractor.openai_model import OpenAIModel
from extractor.records import Usage
from extractor.repair import INSTRUCTION
from extractor.shards import Counts
from extractor.store import Batches, Server, Store, View
from tests.archives import jsonl
from tests.batch_provider import SERIOUS, BatchProvider, Ending, Refused
from tests.fake_model import sinking
from tests.recorded import command
from tests.test_backfill import quiet, records, said
from tests.test_repair import GOOD, TEXT, dealing

POLL = 0.03

pytestmark = pytest.mark.usefixtures("_few_tries")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "news.jsonl", [f"ship {n}" for n in range(8)])


@pytest.fixture
def provider() -> Iterator[BatchProvider]:
    with BatchProvider() as started:
        yield started


def run(
    source: Path,
    out: Path,
    provider: BatchProvider,
    console: Console | None = None,
    *,
    recipe: Recipe | None = None,
    repairs: Any = "batch-api",
    **options: Any,
) -> Counts:
    async def work() -> Counts:
        async with OpenAIModel("m", base_url=provider.url, api_key="key-of-the-test") as model:
            via = backfill.BatchApi(OpenAIBatches(model), POLL, repairs)
            return await backfill.run(
                [str(source)], out, recipe or sinking(), model, Plan(via=via, **options),
                console=console or quiet(),
            )  # fmt: skip

    return asyncio.run(work())


def online(source: Path, out: Path, provider: BatchProvider, recipe: Recipe | None = None) -> None:
    async def work() -> None:
        async with OpenAIModel("m", base_url=provider.url, api_key="key-of-the-test") as model:
            await backfill.run([str(source)], out, recipe or sinking(), model, console=quiet())

    asyncio.run(work())


def without_times(out: Path) -> list[dict[str, Any]]:
    """The records, but for when they were made and how long that took."""
    found = records(out)
    for record in found:
        for name in ("seconds", "time"):
            record["provenance"].pop(name)
    return found


def statuses(out: Path) -> dict[str, str]:
    return {record["article"]["id"]: record["status"] for record in records(out)}


def waiting(out: Path) -> int:
    return json.loads((out / "manifest.json").read_text())["articles"]["waiting"]  # type: ignore[no-any-return]


def even(number: int) -> bool:
    return number % 2 == 0


@pytest.mark.parametrize("body", ["object", "string"])
def test_the_records_are_those_of_an_online_run(
    source: Path, out: Path, tmp_path: Path, body: Any
) -> None:
    def says(asked: dict[str, Any]) -> str:
        number = int(asked["messages"][-1]["content"][-1])
        return SERIOUS if even(number) else '{"serious": true}'

    with BatchProvider(says, Ending(body=body)) as provider:
        console = quiet()
        counts = run(source, out, provider, console)
        assert (counts.done, counts.known, counts.interrupted) == (8, 0, False)
        assert counts.usage.input_tokens == 80
        assert provider.online == []
        [sent] = provider.lines.values()
        online(source, tmp_path / "online", provider)
    bodies = sorted(json.dumps(line["body"], sort_keys=True) for line in sent)
    assert bodies == sorted(json.dumps(body, sort_keys=True) for body in provider.online)
    assert without_times(out) == without_times(tmp_path / "online")
    assert "batch batch-0 sent (8 requests)" in said(console)
    assert "batch batch-0 completed: 8 replies, 0 refused, 0 unanswered" in said(console)
    assert "8 articles: 8 complete" in said(console)
    assert not (out / "batches").exists()


def test_a_ledger_that_others_share_knows_no_batches(
    source: Path, out: Path, provider: BatchProvider
) -> None:
    with pytest.raises(InputError, match="batches, and a ledger that others may share"):
        run(source, out, provider, server=Server.at("postgresql://127.0.0.1:9/news"))
    assert not out.exists()


def test_again_sends_nothing(source: Path, out: Path, provider: BatchProvider) -> None:
    run(source, out, provider)
    before = {path.name: path.read_bytes() for path in out.glob("*-0*")}
    assert run(source, out, provider).known == 8
    assert len(provider.made) == 1
    assert {path.name: path.read_bytes() for path in out.glob("*-0*")} == before


def test_the_same_article_is_sent_once(out: Path, tmp_path: Path, provider: BatchProvider) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["one", "two", "one", "one"])
    assert run(source, out, provider).done == 4
    assert len(provider.texts()) == 2
    assert len(records(out)) == 4


@pytest.mark.parametrize(
    ("name", "limit", "files"), [("MOST_LINES", 3, 3), ("MOST_BYTES", 1_800, None)]
)
def test_files_are_no_larger_than_a_provider_takes(
    source: Path,
    out: Path,
    provider: BatchProvider,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    limit: int,
    files: int | None,
) -> None:
    monkeypatch.setattr(f"extractor.backfill.outgoing.{name}", limit)
    assert run(source, out, provider, concurrency=3).done == 8
    sizes = [len(provider.lines[made.file]) for made in provider.made]
    assert sum(sizes) == 8
    if files is not None:
        assert sizes == [3, 3, 2]
    else:
        assert len(sizes) > 1
        assert all(len(provider._files[made.file]) <= limit for made in provider.made)
    assert set(provider.paid.values()) == {1}


def test_the_limits_are_those_of_openai(tmp_path: Path) -> None:
    file = RequestFile(tmp_path, "0" * 32)
    for number in range(50_000):
        assert file.has_room(b"{}\n")
        file.add(str(number), b"{}\n", Usage())
    assert not file.has_room(b"{}\n")
    file.close()
    assert file.path.read_bytes().count(b"\n") == len(file.keys) == 50_000
    file.drop()
    large = RequestFile(tmp_path, "1" * 32)
    assert large.has_room(b"x" * 200_000_000)
    assert not large.has_room(b"x" * 200_000_001)
    large.drop()
    assert list(tmp_path.iterdir()) == []


# How batches end


@pytest.mark.parametrize("line", ["nothing", "expired"])
def test_what_expired_is_kept_and_the_rest_is_sent_again(
    source: Path, out: Path, line: Any
) -> None:
    ending = Ending("expired", lambda n: "reply" if even(n) else line)
    with BatchProvider(lambda _: SERIOUS, ending) as provider:
        console = quiet()
        assert run(source, out, provider, console).complete == 8
    assert [len(provider.lines[made.file]) for made in provider.made] == [8, 4]
    assert "batch batch-0 expired: 4 replies, 0 refused, 4 unanswered" in said(console)
    assert set(provider.paid.values()) == {1}


def test_what_was_cancelled_keeps_its_replies_and_is_not_sent_again_by_itself(
    source: Path, out: Path
) -> None:
    ending = Ending("cancelled", lambda n: "reply" if n < 3 else "nothing")
    with BatchProvider(lambda _: SERIOUS, ending) as provider:
        with pytest.raises(BatchStopped, match="batch batch-0 was cancelled") as told:
            run(source, out, provider)
        assert "run the same command again" in told.value.hint
        assert (len(records(out)), waiting(out)) == (3, 5)
        assert len(provider.made) == 1
        assert run(source, out, provider).complete == 8
    assert [len(provider.lines[made.file]) for made in provider.made] == [8, 5]
    assert set(provider.paid.values()) == {1}


def test_a_batch_that_failed_says_why_and_everything_waits(source: Path, out: Path) -> None:
    why = {"code": "token_limit_exceeded", "message": "too many tokens in line", "line": 7}
    with BatchProvider(lambda _: SERIOUS, Ending("failed", lambda _: "nothing", errors=[why])) as p:
        with pytest.raises(BatchStopped, match=r"8 requests were not answered: line 7: too many"):
            run(source, out, p)
        assert records(out) == []
        assert run(source, out, p).complete == 8


def test_a_batch_that_failed_beside_others_is_sent_again_after_them(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extractor.backfill.outgoing.MOST_LINES", 4)
    with BatchProvider(lambda _: SERIOUS, Ending(), Ending("failed", lambda _: "nothing")) as p:
        assert run(source, out, p).complete == 8
        assert [len(p.lines[made.file]) for made in p.made] == [4, 4, 4]
        assert set(p.paid.values()) == {1}


@pytest.mark.parametrize("no_file", [None, ""])
def test_all_lines_failed(source: Path, out: Path, no_file: str | None) -> None:
    """`completed`, and no file of replies."""
    with BatchProvider(lambda _: SERIOUS, Ending(line=lambda _: "failed", no_file=no_file)) as p:
        assert run(source, out, p).failed == 8
        assert p.made[0].state["output_file_id"] == no_file
        found = [record["problems"][0] for record in records(out)]
        assert {problem["code"] for problem in found} == {"model.request_refused"}
        assert "refusing the request: line 0 is bad" in sorted(p["message"] for p in found)[0]
        assert len(p.made) == 1, "what failed is asked again by the next run, as it is online"
        assert run(source, out, p).complete == 8


@pytest.mark.parametrize("no_file", [None, ""])
def test_a_line_that_failed_costs_its_article_alone(
    source: Path, out: Path, no_file: str | None
) -> None:
    ending = Ending(line=lambda n: "failed" if n == 2 else "reply", no_file=no_file)
    with BatchProvider(lambda _: SERIOUS, ending) as provider:
        counts = run(source, out, provider)
        assert (counts.complete, counts.failed) == (7, 1)
        assert sorted(statuses(out).values()) == ["complete"] * 7 + ["failed"]
        assert run(source, out, provider).complete == 8
    assert [len(provider.lines[made.file]) for made in provider.made] == [8, 1]


def test_results_that_are_refused_for_a_moment_are_waited_for(source: Path, out: Path) -> None:
    with BatchProvider(lambda _: SERIOUS, Ending(forbidden=2)) as provider:
        assert run(source, out, provider).complete == 8


def test_results_that_stay_refused_are_left_for_the_next_run(source: Path, out: Path) -> None:
    with BatchProvider(lambda _: SERIOUS, Ending(forbidden=6)) as provider:
        with pytest.raises(BatchStopped, match=r"does not give the results .*HTTP 403"):
            run(source, out, provider)
        assert waiting(out) == 8
        assert run(source, out, provider).complete == 8
    assert len(provider.made) == 1
    assert set(provider.paid.values()) == {1}


def test_results_that_are_gone(source: Path, out: Path) -> None:
    with BatchProvider(lambda _: SERIOUS, Ending(missing=True)) as provider:
        with pytest.raises(BatchStopped, match="results batch-0-output are not there"):
            run(source, out, provider)
        assert waiting(out) == 8
        assert len(provider.made) == 1
        assert run(source, out, provider).complete == 8


def test_a_batch_that_vanished(source: Path, out: Path, provider: BatchProvider) -> None:
    provider.lost.add("batch-0")
    with pytest.raises(BatchStopped, match="batch batch-0 is not known") as told:
        run(source, out, provider)
    assert "run the same command again" in told.value.hint
    assert (waiting(out), len(provider.made)) == (8, 1)
    assert run(source, out, provider).complete == 8


def test_a_key_that_is_refused_in_a_batch_is_not_the_articles_fault(
    source: Path, out: Path
) -> None:
    def says(asked: dict[str, Any]) -> str:
        if asked["messages"][-1]["content"].endswith("3"):
            raise Refused(429, code="insufficient_quota", message="no money left")
        return SERIOUS

    with BatchProvider(says) as provider:
        with pytest.raises(BatchStopped, match="no money left"):
            run(source, out, provider)
        assert (len(records(out)), waiting(out)) == (7, 1)
        provider._says = lambda _: SERIOUS
        assert run(source, out, provider).complete == 8
    assert set(provider.paid.values()) == {1}


def test_lines_that_nobody_can_use(source: Path, out: Path) -> None:
    """Cut off, blank, twice, of a stranger: the others are taken, and the first of two."""
    with BatchProvider(lambda _: SERIOUS) as provider:

        def spoil(step: str) -> None:
            if step == "looked" and "batch-0-output" in provider._files:
                lines = provider._files["batch-0-output"].splitlines()
                stranger = b'{"custom_id": "nobody", "response": {"status_code": 200}}'
                kept = [*lines[:6], lines[0].replace(b"null", b"true"), stranger, b"7", b""]
                provider._files["batch-0-output"] = b"\n".join([*kept, lines[7][:40]])
                provider.happened = lambda _: None

        provider.happened = spoil
        console = quiet()
        assert run(source, out, provider, console).complete == 8
    assert "4 lines of results are of no request that waits" in said(console)
    assert [len(provider.lines[made.file]) for made in provider.made] == [8, 2]


# Nothing is sent twice


@pytest.mark.parametrize("fault", ["made, then cut", "cut", "overloaded"])
def test_a_batch_of_which_nobody_knows_whether_it_was_made(
    source: Path, out: Path, provider: BatchProvider, fault: Any
) -> None:
    provider.faults = [fault, fault] if fault != "made, then cut" else [fault]
    assert run(source, out, provider).complete == 8
    assert len(provider.made) == 1
    assert set(provider.paid.values()) == {1}


def test_a_batch_that_is_refused_says_so(source: Path, out: Path, provider: BatchProvider) -> None:
    provider.faults = ["refused"]
    with pytest.raises(BatchStopped, match=r"8 requests was not made: .*this model has no batches"):
        run(source, out, provider)
    assert View(out / backfill.LEDGER).batches() == ()
    assert run(source, out, provider).complete == 8


def test_an_endpoint_without_batches_is_named(source: Path, out: Path, tmp_path: Path) -> None:
    with BatchProvider() as provider:
        provider.url += "/elsewhere"
        with pytest.raises(NotAModelEndpoint, match="HTTP 404") as told:
            run(source, out, provider)
    assert "Batch API" in told.value.hint


def script(source: Path, out: Path, url: str) -> str:
    """A run in a process of its own, for a program that is killed."""
    return (
        "import asyncio, io\n"
        "from pathlib import Path\n"
        "from rich.console import Console\n"
        "from extractor import backfill\n"
        "from extractor.openai_batches import OpenAIBatches\n"
        "from extractor.openai_model import OpenAIModel\n"
        "from tests.fake_model import sinking\n"
        "async def work():\n"
        f"    async with OpenAIModel('m', base_url={url!r}) as model:\n"
        f"        plan = backfill.Plan(via=backfill.BatchApi(OpenAIBatches(model), {POLL}))\n"
        f"        await backfill.run([{str(source)!r}], Path({str(out)!r}), sinking(), model, plan,"
        " console=Console(file=io.StringIO()))\n"
        "asyncio.run(work())\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("step", ["uploaded", "created", "looked", "fetched"])
def test_a_run_that_is_killed_is_gone_on_with(
    source: Path, out: Path, provider: BatchProvider, step: str
) -> None:
    program = subprocess.Popen([sys.executable, "-c", script(source, out, provider.url)])

    def kill(happened: str) -> None:
        if happened == step:
            os.kill(program.pid, signal.SIGKILL)
            program.wait()

    provider.happened = kill
    assert program.wait(60) == -signal.SIGKILL
    provider.happened = lambda _: None
    console = quiet()
    assert run(source, out, provider, console).complete == 8
    assert len(provider.made) == 1
    assert set(provider.paid.values()) == {1}
    if step == "created":
        assert "batch batch-0 was sent by a run that ended then" in said(console)
    elif step != "uploaded":
        assert "batch batch-0 is gone on with (8 requests)" in said(console)


def test_a_batch_that_was_intended_and_never_made(
    source: Path, out: Path, provider: BatchProvider
) -> None:
    provider.faults = ["cut"] * 4
    with pytest.raises(BatchStopped):
        run(source, out, provider)
    [intended] = View(out / backfill.LEDGER).batches()
    assert (intended.provider, intended.requests) == (None, 8)
    assert run(source, out, provider).complete == 8
    assert len(provider.made) == 1


def test_batches_at_another_endpoint_are_not_forgotten(
    source: Path, out: Path, provider: BatchProvider
) -> None:
    provider.endings = [Ending(forbidden=99)]
    with pytest.raises(BatchStopped):
        run(source, out, provider)
    with (
        BatchProvider() as other,
        pytest.raises(InputError, match=f"8 requests .* in a batch at {provider.url}"),
    ):
        run(source, out, other)


def test_an_online_run_beside_open_batches_is_warned(
    source: Path, out: Path, provider: BatchProvider
) -> None:
    provider.endings = [Ending(forbidden=99)]
    with pytest.raises(BatchStopped):
        run(source, out, provider)
    console = quiet()

    async def work() -> None:
        async with OpenAIModel("m", base_url=provider.url) as model:
            plan = Plan(choice=Choice(limit=1))
            await backfill.run([str(source)], out, sinking(), model, plan, console=console)

    asyncio.run(work())
    assert "8 requests of this folder are in batches" in said(console)


def test_replies_that_were_half_stored_are_counted_once(
    source: Path, out: Path, provider: BatchProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between two transactions of the same results."""
    monkeypatch.setattr("extractor.backfill.harvest._AT_ONCE", 3)
    keep = Batches.keep
    kept: list[Any] = []

    def keep_twice(self: Batches, *values: Any) -> None:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(values)
        keep(self, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Batches, "keep", keep_twice)
        with pytest.raises(KeyboardInterrupt):
            run(source, out, provider)
    assert View(out / backfill.LEDGER).paid().replies == 6
    counts = run(source, out, provider)
    assert (counts.complete, counts.usage.input_tokens) == (8, 20)
    assert len(provider.made) == 1


def test_a_disk_that_is_full_leaves_the_batch_for_the_next_run(
    source: Path, out: Path, provider: BatchProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out / "batches").mkdir(parents=True)
    (out / "batches" / "mine.jsonl").write_text("a file of somebody's own")
    (out / "batches" / f"{'0' * 32}.results").write_text("left by a run that was killed")

    async def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(OpenAIBatches, "fetch", full)
        with pytest.raises(StoreError, match="No space left") as told:
            run(source, out, provider)
    assert "run the same command again" in told.value.hint
    assert run(source, out, provider).complete == 8
    assert len(provider.made) == 1
    assert [path.name for path in (out / "batches").iterdir()] == ["mine.jsonl"]


# A person


def test_ctrl_c_leaves_the_batches_to_themselves(
    source: Path, out: Path, provider: BatchProvider
) -> None:
    provider.endings = [Ending(looks=3)]

    def press(step: str) -> None:
        if step == "looked":
            provider.happened = lambda _: None
            os.kill(os.getpid(), signal.SIGINT)

    provider.happened = press
    console = quiet()
    assert run(source, out, provider, console).interrupted
    told = said(console)
    assert "stopping: batches go on at the provider; Ctrl-C again stops at once" in told
    assert "1 batches with 8 requests go on at the provider" in told
    assert "stopped with 0 of 8 articles done; to go on, run the same command again" in told
    assert View(out / backfill.LEDGER).batches()[0].provider == "batch-0"
    shown = command("backfill", "status", str(out)).stdout
    assert f"batch batch-0 at {provider.url}" in shown.replace("\n", " ")
    assert "8 requests" in shown
    again = quiet()
    counts = run(source, out, provider, again)
    assert (counts.complete, counts.interrupted, len(provider.made)) == (8, False, 1)
    assert "batch batch-0 is gone on with" in said(again)


def test_how_far_the_batches_are_is_shown(
    source: Path, out: Path, provider: BatchProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extractor.backfill.progress.LINE_SECONDS", 0.0)
    provider.endings = [Ending(looks=4)]
    console = quiet()
    run(source, out, provider, console)
    assert "waiting for 8 requests in 1 batches" in said(console)
    assert "batches: 1 in_progress; 0 of 0 answered" in said(console)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--via", "batch-api"], "needs an endpoint"),
        (["--poll", "5"], "go with --via batch-api"),
        (["--via", "batch-api", "--base-url", "http://127.0.0.1:9/v1", "--processes", "2"],
         "leave out --processes"),
        (["--via", "batch-api", "--base-url", "http://127.0.0.1:9/v1", "--engine", "ray"],
         "leave out --engine"),
        (["--via", "batch-api", "--base-url", "http://127.0.0.1:9/v1", "--tokens-per-minute", "9"],
         "--repair-via online"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_meant(
    source: Path, out: Path, options: list[str], message: str
) -> None:
    done = command("backfill", str(source), "--out", str(out), *options)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert not out.exists()


def test_the_command(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["A ferry sank on Monday.", "Nobody was hurt."])
    out = tmp_path / "out"
    with BatchProvider(lambda _: "{}") as provider:
        options = ("--out", str(out), "--via", "batch-api", "--base-url", provider.url, "--poll",
                   "1", "--model", "m", "--repair", "0")  # fmt: skip
        dry = command("backfill", str(source), *options, "--dry-run")
        assert "to ask:  2" in dry.stdout
        assert "up to a day for each round of batches" in dry.stdout
        assert provider.made == []
        done = command("backfill", str(source), *options)
    assert "batch batch-0 completed: 2 replies" in done.stderr
    assert len(records(out)) == 2
    assert len(provider.made) == 1


# Choices and budgets


def test_chosen_articles_alone_are_sent(source: Path, out: Path, provider: BatchProvider) -> None:
    run(source, out, provider, choice=Choice(limit=2))
    run(source, out, provider, choice=Choice(only=frozenset({"a5"})))
    assert [text[-6:] for text in provider.texts()] == ["ship 0", "ship 1", "ship 5"]
    assert run(source, out, provider).known == 3
    assert set(provider.paid.values()) == {1}


def test_what_is_asked_afresh_goes_into_a_batch_too(out: Path, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", ["one", "two"])
    with BatchProvider(lambda _: "no JSON") as provider:
        assert run(source, out, provider).complete == 0
        provider._says = lambda _: SERIOUS
        assert run(source, out, provider).complete == 0
        assert len(provider.made) == 1
        retry = Choice(retry=frozenset({"failed", "rejected"}))
        assert run(source, out, provider, choice=retry).complete == 2
    assert View(out / backfill.LEDGER).paid().replies == 4


def test_a_budget_bounds_what_is_sent(source: Path, out: Path, provider: BatchProvider) -> None:
    """A request may take 72 tokens (a byte each, and 50), and takes 15."""
    with pytest.raises(BudgetReached, match="is reached"):
        run(source, out, provider, budget=Budget(tokens=160))
    assert len(provider.lines[provider.made[0].file]) == 2
    sent = len(provider.texts())
    assert 2 < sent < 8, "what was not taken is free for the next batch"
    assert len(records(out)) == sent
    assert View(out / backfill.LEDGER).paid().usage.input_tokens == sent * 10
    assert run(source, out, provider, budget=Budget(tokens=2_000)).complete == 8
    assert set(provider.paid.values()) == {1}


def test_open_batches_count_against_the_budget(
    source: Path, out: Path, provider: BatchProvider
) -> None:
    provider.endings = [Ending(forbidden=5)]
    with pytest.raises(BatchStopped):
        run(source, out, provider, choice=Choice(limit=4))
    [opened] = View(out / backfill.LEDGER).batches()
    most = opened.most.input_tokens + opened.most.output_tokens
    provider.made[0].ending.forbidden = 99
    with pytest.raises(BatchStopped):
        run(source, out, provider, budget=Budget(tokens=most + most // 4))
    assert [len(provider.lines[made.file]) for made in provider.made] == [4, 1]


# What comes after the first reply


def dealing_says(asked: dict[str, Any]) -> str:
    if asked["messages"][0]["content"] == INSTRUCTION:
        return '{"buyer_1": "Arne Bakke"}'
    return json.dumps({**GOOD, "buyer": "Arne Bakker"})


@pytest.mark.parametrize("repairs", ["batch-api", "online"])
def test_repairs_go_where_they_are_to_go(out: Path, tmp_path: Path, repairs: str) -> None:
    source = jsonl(tmp_path / "news.jsonl", [TEXT])
    recipe = dealing()
    with BatchProvider(dealing_says) as provider:
        counts = run(source, out, provider, recipe=recipe, repairs=repairs)
        batches, asked = len(provider.made), len(provider.online)
        online(source, tmp_path / "online", provider, recipe)
    assert (batches, asked) == ((2, 0) if repairs == "batch-api" else (1, 1))
    assert (counts.complete, counts.usage.input_tokens) == (1, 20)
    [record] = records(out)
    assert record["record"]["buyer"] == "Arne Bakke"
    assert record["provenance"]["repairs"] == 1
    assert without_times(out) == without_times(tmp_path / "online")


def test_a_text_that_is_too_long_is_read_in_windows_of_the_next_batch(
    out: Path, tmp_path: Path
) -> None:
    def says(asked: dict[str, Any]) -> str:
        length = sum(len(message["content"]) for message in asked["messages"])
        if length > 500:
            raise Refused(400, code="context_length_exceeded",
                          message=f"maximum context length is 500 tokens. However, you requested "
                          f"{length} tokens ({length} in the messages)")  # fmt: skip
        return SERIOUS

    source = jsonl(tmp_path / "news.jsonl", ["A ferry sank near the harbour. " * 40, "short"])
    with BatchProvider(says) as provider:
        counts = run(source, out, provider)
        assert counts.complete == 2
        assert len(provider.made) == 2
        online(source, tmp_path / "online", provider)
        assert without_times(out) == without_times(tmp_path / "online")
        assert records(out)[0]["provenance"]["windows"] > 1
        assert run(source, out, provider).known == 2


def test_a_wrong_key_stops_at_once(source: Path, out: Path, provider: BatchProvider) -> None:
    def refuse(content: bytes) -> dict[str, Any]:
        raise Refused(401, message="wrong key")

    provider.upload = refuse  # type: ignore[method-assign]
    with pytest.raises(AccessDenied):
        run(source, out, provider)
    assert provider.made == []
    assert View(out / backfill.LEDGER).batches() == ()


def test_batches_of_a_ledger(tmp_path: Path) -> None:
    """Which request is where, from the intent on to the end."""
    with Store.open(tmp_path / "ledger.sqlite") as store:
        batches = Batches(store)
        batch = batches.intend("mark", "http://e", ["k1", "k2", "k3"], Usage(input_tokens=9))
        assert batches.open() == (batch,)
        batches.created(batch, "b1")
        assert batches.awaited(batch, ["k1", "k3", "k9"]) == {"k1", "k3"}
        batches.keep({}, {"k1": "why", "k2": "too long"}, ["k2"])
        assert batches.end(batch, "completed") == 1
        assert batches.open() == ()
        assert (batches.line("k1") is not None, batches.line("k3")) == (True, None)
        batches.forget_outcomes()
        assert batches.line("k1") is None
        assert batches.line("k2") is not None
        with pytest.raises(Exception, match="UNIQUE"):
            batches.intend("mark", "http://e", ["k4"], Usage())
    assert sqlite3.connect(tmp_path / "ledger.sqlite").execute(
        "SELECT count(*) FROM batch_lines WHERE key = 'k4'"
    ).fetchone() == (0,)
