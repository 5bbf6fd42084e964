"""What programs are told of a backfill at work: the log, and the numbers for Prometheus."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from benchmarks.archive import copies
from benchmarks.commands import backfill as command_on
from benchmarks.commands import check_end, started
from benchmarks.instant import Script, endpoint, response
from extractor import backfill
from extractor.backfill import Plan, Reports, reports
from extractor.errors import AccessDenied, InputError
from extractor.flow import Gate, Limits, Traffic
from extractor.openai_model import OpenAIModel
from extractor.prices import Prices
from tests.archives import jsonl
from tests.fake_model import FakeModel, sinking
from tests.scripted_server import scripted
from tests.test_backfill import quiet

KEY = "sk-nobody-must-read-this"
TEXTS = [f"The ferry Ref-{n}-0 sank." for n in range(6)]
ANSWER = response(
    json.dumps(
        {
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": '{"serious": null}'}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
    ).encode()
)  # fmt: skip
BUSY = response(b'{"error": {"message": "no"}}', "429 Too Many Requests")
DENIED = response(b'{"error": {"message": "the key is wrong"}}', "401 Unauthorized")


def with_one_limit(mark: str, nth: int) -> bytes:
    """One article is asked about too early."""
    return BUSY if mark == "Ref-3-0" and nth == 1 else ANSWER


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "news.jsonl", [*TEXTS, ""])


def run(source: Path, out: Path, script: Script, wanted: Reports, latency: float = 0.0) -> None:
    plan = Plan(concurrency=2, reports=wanted, prices=Prices(1.0, 2.0))

    async def work(url: str) -> None:
        async with OpenAIModel("m", base_url=url, api_key=KEY) as model:
            behind = model.behind(Gate(Limits(2), first_pause=0.02))
            await backfill.run([str(source)], out, sinking(), behind, plan, console=quiet())

    with scripted(script, latency) as (url, _):
        asyncio.run(work(url))


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def numbers(text: str) -> dict[str, float]:
    """What a page of Prometheus says, by names with labels."""
    found = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in found}


def test_the_log_says_how_it_begins_and_ends_and_nothing_of_articles(
    source: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "EVERY_SECONDS", 0.02)
    log = tmp_path / "backfill.log"
    run(source, out, with_one_limit, Reports(log=log), latency=0.1)
    begins, *goes_on, ends = lines(log)
    assert begins["event"] == "backfill begins"
    assert (begins["inputs"], begins["concurrency"], begins["processes"]) == (1, 2, 1)
    assert begins["prompt"][0] == "sinking@1"
    assert {line["event"] for line in goes_on} == {"backfill goes on"}
    assert [line["done"] for line in goes_on] == sorted(line["done"] for line in goes_on)
    assert (ends["done"], ends["complete"], ends["failed"]) == (7, 6, 1)
    assert (ends["input_tokens"], ends["output_tokens"]) == (60, 30)
    assert ends["cost"] == pytest.approx(120 / 1e6)
    assert ends["left_out"] == {"input.empty": 1}
    assert ends["requests"] == {
        "answered": 6, "refused": 0, "limited": 1, "broken": 0, "unknown": 0,
        "again": 1, "in_flight": 0, "most": 1,
    }  # fmt: skip
    run(source, out, with_one_limit, Reports(log=log))
    assert lines(log)[0] == begins, "a second run adds its lines"
    assert (lines(log)[-1]["event"], lines(log)[-1]["known"]) == ("backfill ends", 7)
    assert not re.search("ferry|Ref-|news.jsonl|sk-", log.read_text(encoding="utf-8"))


def test_the_log_says_why_a_run_stopped(source: Path, out: Path, tmp_path: Path) -> None:
    log = tmp_path / "backfill.log"
    with pytest.raises(AccessDenied):
        run(source, out, lambda *_: DENIED, Reports(log=log))
    last = lines(log)[-1]
    assert (last["level"], last["event"], last["code"]) == (
        "error", "backfill stopped", AccessDenied.code,
    )  # fmt: skip
    assert "key" not in log.read_text(encoding="utf-8"), "no message is told"


def test_a_file_of_metrics_is_left_as_the_run_ended(
    source: Path, out: Path, tmp_path: Path
) -> None:
    path = tmp_path / "extractor.prom"
    run(source, out, with_one_limit, Reports(metrics=path))
    found = numbers(path.read_text())
    assert found['extractor_backfill_articles{status="complete"}'] == 6
    assert found['extractor_backfill_articles{status="failed"}'] == 1
    assert found["extractor_backfill_input"] == 7
    assert found['extractor_model_tokens_total{kind="input"}'] == 60
    assert found["extractor_backfill_cost_total"] == pytest.approx(120 / 1e6)
    assert found['extractor_backfill_requests_total{outcome="answered"}'] == 6
    assert found['extractor_backfill_requests_total{outcome="limited"}'] == 1
    assert found["extractor_backfill_retries_total"] == 1
    assert found["extractor_backfill_in_flight"] == 0
    assert [name for name in found if name.startswith("extractor_info")]
    assert [each.name for each in tmp_path.glob("*.prom*")] == ["extractor.prom"]


def test_a_port_tells_how_far_it_is_for_as_long_as_it_runs(source: Path, out: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    seen: list[dict[str, float]] = []

    def looked(mark: str, nth: int) -> bytes:
        """Who answers looks at the metrics meanwhile."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            seen.append(numbers(page.read().decode()))
        return ANSWER

    run(source, out, looked, Reports(port=port))
    assert len(seen) == len(TEXTS)
    done = [each['extractor_backfill_articles{status="complete"}'] for each in seen]
    assert done == sorted(done)
    assert done[0] < done[-1] <= 6
    assert {each["extractor_backfill_in_flight"] for each in seen} <= {1, 2}
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)


@pytest.mark.parametrize("option", ["log", "metrics", "port"])
def test_what_cannot_be_had_is_said_before_anything_is_asked(
    source: Path, out: Path, tmp_path: Path, option: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        value: Any = tmp_path / "nowhere" / "file"
        wanted = Reports(**{option: taken.getsockname()[1] if option == "port" else value})
        model = FakeModel()
        work = backfill.run(
            [str(source)], out, sinking(), model, Plan(reports=wanted), console=quiet()
        )
        with pytest.raises(InputError):
            asyncio.run(work)
    assert not model.asked


def test_without_counted_requests_the_rest_is_told(source: Path, out: Path, tmp_path: Path) -> None:
    """The embedded model has no gate."""
    path = tmp_path / "extractor.prom"
    plan = Plan(reports=Reports(metrics=path))
    asyncio.run(backfill.run([str(source)], out, sinking(), FakeModel(), plan, console=quiet()))
    found = numbers(path.read_text())
    assert found['extractor_backfill_articles{status="complete"}'] == 6
    assert "extractor_backfill_in_flight" not in found
    assert "extractor_backfill_cost_total" not in found


def test_traffic_adds_up() -> None:
    assert Traffic(answered=2, most=3) + Traffic(answered=1, again=1, most=4) == Traffic(
        answered=3, again=1, most=7
    )


@pytest.mark.slow
def test_the_requests_of_all_processes_are_counted(out: Path, tmp_path: Path) -> None:
    source, log = tmp_path / "archive.jsonl", tmp_path / "log"
    source.write_text("".join(f"{a.model_dump_json()}\n" for a in copies(12)))
    path = tmp_path / "extractor.prom"
    with endpoint(latency=0.1) as server:
        command = [*command_on(source, out, 4, 2), "--metrics-file", str(path)]
        check_end(started(command, server.url, log), log)
        assert server.requests() == 12
    found = numbers(path.read_text())
    assert found['extractor_backfill_requests_total{outcome="answered"}'] == 12
    assert found["extractor_backfill_concurrency"] == 4
