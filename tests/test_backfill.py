"""The batch face: what comes out, what a person sees, and how it stops."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extractor import backfill
from extractor.backfill import progress
from extractor.backfill.parts import write_parts
from extractor.backfill.tables import Events
from extractor.errors import (
    AccessDenied,
    EmptyInput,
    EndpointUnreachable,
    InputError,
    StoreError,
)
from extractor.pipeline import failure, info_of
from extractor.prices import Prices
from extractor.records import Article, Usage
from extractor.shards import Counts
from extractor.store import Store
from tests.archives import jsonl
from tests.fake_model import FakeModel, sinking


def quiet() -> Console:
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "news.jsonl", [f"ship {n}" for n in range(20)])


def run(
    source: Path, out: Path, model: FakeModel, console: Console | None = None, **options: Any
) -> Counts:
    return asyncio.run(
        backfill.run(
            [str(source)],
            out,
            sinking(),
            model,
            backfill.Plan(**options),
            console=console or quiet(),
        )
    )


def records(out: Path) -> list[dict[str, Any]]:
    parts = sorted(out.glob("records-*.jsonl"))
    return [json.loads(line) for part in parts for line in part.read_text().splitlines()]


def files(out: Path) -> dict[str, bytes]:
    """All that a backfill made of its ledger."""
    return {
        path.name: path.read_bytes()
        for path in out.iterdir()
        if not path.name.startswith(backfill.LEDGER)
    }


def test_records_come_out_in_the_order_of_the_input(source: Path, out: Path) -> None:
    counts = run(source, out, FakeModel())
    assert (counts.done, counts.complete, counts.interrupted) == (20, 20, False)
    assert [r["article"]["id"] for r in records(out)] == [f"a{n}" for n in range(20)]
    assert set(records(out)[0]) == {
        "article", "status", "record", "evidence", "problems", "provenance",
    }  # fmt: skip


def test_again_asks_nothing_and_writes_the_same_bytes(source: Path, out: Path) -> None:
    model = FakeModel()
    run(source, out, model)
    before = files(out)
    assert set(before) == {
        "records-00001.jsonl", "events-00001.csv", "spans-00001.csv", "problems-00001.csv",
        "manifest.json",
    }  # fmt: skip
    (out / "records-00001.jsonl").unlink()
    assert run(source, out, model).known == 20
    assert len(model.asked) == 20
    assert files(out) == before


def test_a_grown_input_is_gone_on_with(source: Path, out: Path) -> None:
    model = FakeModel()
    run(source, out, model)
    jsonl(source, [f"ship {n}" for n in range(25)])
    counts = run(source, out, model)
    assert (counts.done, counts.known) == (25, 20)
    assert len(model.asked) == 25
    assert len(records(out)) == 25
    jsonl(source, ["ship 3", "ship 1"])
    run(source, out, model)
    assert len(model.asked) == 25
    assert [r["article"]["id"] for r in records(out)] == ["a0", "a1"]


def test_broken_lines_stand_in_their_place_as_failed(source: Path, out: Path) -> None:
    source.write_text('{"text": "one"}\n\n{"text": ""}\nnot JSON\n{"text": "two"}\n')
    counts = run(source, out, FakeModel())
    assert (counts.done, counts.failed) == (4, 2)
    assert [r["status"] for r in records(out)] == ["complete", "failed", "failed", "complete"]
    assert [r["article"]["id"] for r in records(out)[1:3]] == [f"{source}:3", f"{source}:4"]
    assert "JSON" in records(out)[2]["problems"][0]["message"]


def test_another_recipe_is_new_work_and_the_old_is_kept(source: Path, out: Path) -> None:
    model = FakeModel()
    run(source, out, model)
    before = files(out)

    class Other(FakeModel):
        name = "other"

    other = Other()
    run(source, out, other)
    assert len(other.asked) == 20
    assert {r["provenance"]["model_asked"] for r in records(out)} == {"other"}
    run(source, out, model)
    assert len(model.asked) == 20
    after = files(out)
    # What the whole ledger took stands in the manifest, and is more now.
    paid = [json.loads(each.pop("manifest.json"))["ledger"]["replies"] for each in (before, after)]
    assert paid == [20, 40]
    assert after == before


EVENTS = Events.of(sinking().schema.json_schema)


def failed(id: str) -> str:
    """An extraction, as a ledger has it."""
    return failure(info_of(Article(id=id, text="A ferry sank.")), EmptyInput("none")).to_json()


def test_parts_are_bounded_and_left_over_ones_go(tmp_path: Path) -> None:
    lines = [failed(f"Ünicode\u2028 {n}") for n in range(7)]
    (tmp_path / "records-00009.jsonl").write_text("old")
    (tmp_path / "records-00002.jsonl.tmp").write_text("half")
    (tmp_path / "records-of-mine.jsonl").write_text("mine")
    (tmp_path / "events-00001.parquet").write_text("old")
    written = write_parts(lines, tmp_path, EVENTS, size=3)
    found = sorted(tmp_path.glob("records-0*"))
    assert [part.name for part in found] == [f"records-0000{n}.jsonl" for n in (1, 2, 3)]
    assert [part.read_bytes().count(b"\n") for part in found] == [3, 3, 1]
    assert b"".join(part.read_bytes() for part in found).decode().split("\n") == [*lines, ""]
    assert {path.name for path in tmp_path.iterdir()} == {
        *(part.name for part in written.parts),
        "records-of-mine.jsonl",
    }
    write_parts([], tmp_path, EVENTS)
    assert [path.name for path in tmp_path.iterdir()] == ["records-of-mine.jsonl"]


def test_a_part_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "records-00001.jsonl").write_text("old")
    (tmp_path / "records-00001.jsonl.tmp").mkdir()
    with pytest.raises(StoreError, match=r"records-00001\.jsonl\.tmp"):
        write_parts([failed("a")], tmp_path, EVENTS)
    assert (tmp_path / "records-00001.jsonl").read_text() == "old"


def test_a_wrong_key_stops_and_what_was_done_comes_out(source: Path, out: Path) -> None:
    model = FakeModel(delay=0.001, errors={"ship 7": AccessDenied("the key is wrong")})
    with pytest.raises(AccessDenied):
        run(source, out, model, concurrency=2)
    assert 6 <= len(records(out)) <= 8
    assert {r["status"] for r in records(out)} == {"complete"}
    right = FakeModel()
    run(source, out, right)
    assert len(right.asked) == 20 - (len(model.asked) - 1)


def test_two_at_once_on_one_folder(source: Path, out: Path) -> None:
    with (
        Store.open(out / backfill.LEDGER),
        pytest.raises(StoreError, match=f"another extractor .process {os.getpid()}."),
    ):
        run(source, out, FakeModel())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("-", "standard input"),
        ("missing.jsonl", "No such file"),
        ("news.docx", "not a file that can be read"),
        ("out/records-00001.jsonl", "an output of this backfill"),
    ],
)
def test_inputs_that_cannot_be_used(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news.docx").write_text("id,text\n")
    with pytest.raises(InputError, match=message):
        run(Path(name), Path("out"), FakeModel())
    assert not (tmp_path / "out").exists(), "nothing is made for a wrong command"


def test_why_articles_failed_is_said(source: Path, out: Path) -> None:
    error = EndpointUnreachable("no connection", hint="is the server running?")
    model = FakeModel(errors={"ship 3": error, "ship 5": error})
    source.write_text(source.read_text() + "oops\n")
    console = quiet()
    run(source, out, model, console)
    assert "2 failed, for example: no connection (is the server running?)\n" in said(console)
    assert f"1 failed, for example: {source}:21: not usable JSON" in said(console)


def test_a_concurrency_of_none_is_refused(source: Path, out: Path) -> None:
    with pytest.raises(InputError, match="concurrency is 0"):
        run(source, out, FakeModel(), concurrency=0)


def interrupting(times: int) -> FakeModel:
    """A model during whose sixth answer Ctrl-C is pressed."""

    class Interrupting(FakeModel):
        async def complete(self, request: Any) -> Any:
            if len(self.asked) == 5:
                for _ in range(times):
                    os.kill(os.getpid(), signal.SIGINT)
                    await asyncio.sleep(0.01)
            return await super().complete(request)

    return Interrupting(delay=0.02)


def test_ctrl_c_finishes_what_is_in_flight_and_says_how_to_go_on(source: Path, out: Path) -> None:
    console, model = quiet(), interrupting(1)
    counts = run(source, out, model, console, concurrency=3)
    assert counts.interrupted
    assert counts.done == len(model.asked) == len(records(out)) < 20
    assert "stopping: up to 10 s" in said(console)
    assert f"stopped with {counts.done} of 20 articles done; to go on, run the same" in said(
        console
    )
    assert run(source, out, model).done == 20
    assert len(model.asked) == 20
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_ends_it_at_once(source: Path, out: Path) -> None:
    model = interrupting(2)
    with pytest.raises(KeyboardInterrupt):
        run(source, out, model, concurrency=3)
    assert not records(out)
    after = FakeModel()
    assert run(source, out, after).done == 20
    assert len(after.asked) < 20


def test_a_bar_on_a_terminal_and_lines_elsewhere(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    lines = quiet()
    run(source, out, FakeModel(), lines)
    assert "20 of 20 articles, " in said(lines)
    assert "300 tokens" in said(lines)
    assert f"records: {out / 'records-00001.jsonl'}" in said(lines)
    assert "\x1b" not in said(lines)
    assert "20 complete, 0 partial, 0 rejected, 0 failed; " in said(lines)
    assert "at most 16 at once, 0:00:00 left" in said(lines)
    bar = Console(file=io.StringIO(), force_terminal=True, width=80)
    run(source, out, FakeModel(), bar, prices=Prices(1.0, 2.0))
    assert "20/20" in said(bar)
    assert "20 complete, 0 partial, 0 rejected, 0 failed\x1b" in said(bar).replace("\n", "\x1b")
    assert "cost 0.0000, at most 16 at once" in said(bar)
    assert "20 known before, 0 now" in said(bar)


def test_no_color_is_respected(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    run(source, out, FakeModel(), console)
    assert "\x1b[3" not in said(console)


def test_the_summary_counts_everything() -> None:
    counts = Counts(
        complete=1200, partial=30, rejected=4, failed=5, known=239,
        usage=Usage(input_tokens=1_000_000, cached_tokens=10, output_tokens=234_567),
    )  # fmt: skip
    assert progress.summary(counts, 100) == (
        "1,239 articles: 1,200 complete, 30 partial, 4 rejected, 5 failed; 239 known before, "
        "1,000 now (10.0 a second), 1,234,567 tokens"
    )
