"""The Batch API against servers that we did not write: aimock, whose batches end as a header says,
and ogx, which carries batches out. `make servers` installs both and runs this.

What neither of them plays is in `tests/test_batch_api.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extractor import backfill
from extractor.backfill import Plan
from extractor.errors import BatchStopped
from extractor.openai_batches import OpenAIBatches
from extractor.openai_model import OpenAIModel
from extractor.shards import Counts
from extractor.store import Batches, View
from tests.archives import jsonl
from tests.batch_provider import SERIOUS, BatchProvider, Refused
from tests.fake_model import sinking
from tests.recorded import ROOT
from tests.test_backfill import quiet, records, said
from tests.test_batch_api import online, statuses, waiting, without_times

SERVERS = ROOT / ".servers"
AIMOCK = SERVERS / "node_modules" / "@copilotkit" / "aimock"
OGX = SERVERS / "ogx" / "bin" / "ogx"
PATIENCE = 60
POLL = 0.1
N = 6

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("_few_tries")]
needs_aimock = pytest.mark.skipif(
    not AIMOCK.is_dir(),
    reason="aimock is not installed: `make servers` needs node 20 and npm for it",
)
needs_ogx = pytest.mark.skipif(
    not OGX.is_file(), reason="ogx is not installed: `make servers` needs Python 3.12 for it"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "news.jsonl", [f"ship {n}" for n in range(N)])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


@contextmanager
def serving(command: list[str], port: int, folder: Path) -> Iterator[str]:
    """The base URL of a server, as long as it runs; its log is in the folder."""
    url = f"http://127.0.0.1:{port}/v1"
    environ = {**os.environ, "HOME": str(folder), "OTEL_SDK_DISABLED": "true"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environ)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                asked(f"{url}/batches")
                break
            except OSError:
                told = (folder / "log").read_text()[-3000:]
                assert process.poll() is None, f"the server ended: {told}"
                assert time.monotonic() < deadline, f"the server does not answer: {told}"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE)


def run(
    source: Path,
    out: Path,
    url: str,
    outcome: str | None = None,
    console: Console | None = None,
    model: str = "m",
) -> Counts:
    """`outcome` is how aimock is to end the batches."""
    headers = {} if outcome is None else {"X-AIMock-Batch-Outcome": outcome}

    async def work() -> Counts:
        async with OpenAIModel(model, base_url=url) as asked:
            asked.before_each_attempt(lambda: headers)
            plan = Plan(via=backfill.BatchApi(OpenAIBatches(asked), POLL))
            return await backfill.run(
                [str(source)], out, sinking(), asked, plan, console=console or quiet()
            )

    return asyncio.run(work())


def crash_when_made(monkeypatch: pytest.MonkeyPatch, again: Callable[[], object]) -> None:
    """Ends a run when a batch is made, and nobody has written that down yet."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Batches, "created", crash)
        with pytest.raises(KeyboardInterrupt):
            again()


# aimock


def aimock(folder: Path, port: int) -> Any:
    folder.mkdir(exist_ok=True)
    program = ["node", str(AIMOCK / "dist" / "cli.js"), "--port", str(port), "--host", "127.0.0.1"]
    options = ["--fixtures", str(AIMOCK / "fixtures"), "--log-level", "warn"]
    return serving([*program, *options], port, folder)


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[str]:
    with aimock(tmp_path / "aimock", free_port()) as url:
        yield url


@needs_aimock
def test_aimock_completes(source: Path, out: Path, mock: str) -> None:
    console = quiet()
    counts = run(source, out, mock, "completed", console)
    assert (counts.done, counts.usage.input_tokens) == (N, N)
    assert f"completed: {N} replies, 0 refused, 0 unanswered" in said(console)
    # Its replies are the same English words each time: they go through the same reading as any.
    assert {r["problems"][0]["code"] for r in records(out)} == {"reply.malformed"}
    assert View(out / backfill.LEDGER).paid().replies == N
    [batch] = asked(f"{mock}/batches")["data"]
    assert batch["request_counts"] == {"total": N, "completed": N, "failed": 0}
    run(source, out, mock, "completed")
    assert len(asked(f"{mock}/batches")["data"]) == 1


@needs_aimock
def test_aimock_fails_and_says_so_of_each_line(source: Path, out: Path, mock: str) -> None:
    console = quiet()
    assert run(source, out, mock, "failed", console).failed == N
    assert f"failed: 0 replies, {N} refused, 0 unanswered" in said(console)
    messages = {record["problems"][0]["message"] for record in records(out)}
    assert all("Mock batch failure" in message for message in messages)


@needs_aimock
@pytest.mark.parametrize(
    ("outcome", "message"),
    [("expired", f"{N} requests were not answered"), ("cancelled", "was cancelled")],
)
def test_aimock_ends_early(source: Path, out: Path, mock: str, outcome: str, message: str) -> None:
    with pytest.raises(BatchStopped, match=message):
        run(source, out, mock, outcome)
    assert (waiting(out), records(out)) == (N, [])
    assert len(asked(f"{mock}/batches")["data"]) == 1
    assert run(source, out, mock, "completed").done == N
    assert waiting(out) == 0


@needs_aimock
def test_a_batch_of_aimock_is_found_again(
    source: Path, out: Path, mock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_when_made(monkeypatch, lambda: run(source, out, mock))
    console = quiet()
    assert run(source, out, mock, None, console).done == N
    assert "was sent by a run that ended then" in said(console)
    assert len(asked(f"{mock}/batches")["data"]) == 1


@needs_aimock
def test_a_batch_that_aimock_forgot(
    source: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with monkeypatch.context() as patch, aimock(tmp_path / "aimock", port) as url:

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(OpenAIBatches, "state", crash)
        with pytest.raises(KeyboardInterrupt):
            run(source, out, url)
    assert len(View(out / backfill.LEDGER).batches()) == 1
    with aimock(tmp_path / "aimock", port) as url:
        with pytest.raises(BatchStopped, match="is not known at"):
            run(source, out, url)
        assert waiting(out) == N
        assert run(source, out, url).done == N


# ogx


class Upstream(BatchProvider):
    """The model that ogx asks, request by request."""

    def refuse(self, *numbers: int) -> None:
        """What it refuses from now on, by the numbers of the ships."""

        def says(body: dict[str, Any]) -> str:
            number = int(body["messages"][-1]["content"].rpartition(" ")[2])
            if number in numbers:
                raise Refused(400, message=f"ship {number} is refused")
            return SERIOUS if number % 2 else '{"serious": true}'

        self._says = says


@pytest.fixture(scope="module")
def ogx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Upstream]]:
    folder = tmp_path_factory.mktemp("ogx")
    with Upstream() as upstream:
        settings = (ROOT / "tests" / "servers" / "ogx.yaml").read_text()
        settings = settings.replace("UPSTREAM", upstream.url).replace("FOLDER", str(folder))
        (folder / "config.yaml").write_text(settings)
        port = free_port()
        program = [str(OGX), "run", str(folder / "config.yaml"), "--port", str(port), "--insecure"]
        with serving(program, port, folder) as url:
            yield url, upstream


OGX_MODEL = "upstream/played"


def batches_of(url: str) -> int:
    return len(asked(f"{url}/batches?limit=100")["data"])


@needs_ogx
def test_ogx_carries_a_batch_out(
    source: Path, out: Path, tmp_path: Path, ogx: tuple[str, Upstream]
) -> None:
    url, upstream = ogx
    upstream.refuse()
    before, paid = batches_of(url), upstream.paid.total()
    counts = run(source, out, url, model=OGX_MODEL)
    assert (counts.complete, counts.usage.input_tokens) == (N, 10 * N)
    assert (batches_of(url) - before, upstream.paid.total() - paid) == (1, N)
    online(source, tmp_path / "online", upstream)
    told, expected = without_times(out), without_times(tmp_path / "online")
    for record in (*told, *expected):
        for name in ("model_asked", "model_answered"):
            record["provenance"].pop(name)
    assert told == expected
    assert run(source, out, url, model=OGX_MODEL).known == N
    assert batches_of(url) - before == 1


@needs_ogx
@pytest.mark.parametrize("refused", [(2,), tuple(range(N))])
def test_lines_that_fail_at_ogx(
    source: Path, out: Path, ogx: tuple[str, Upstream], refused: tuple[int, ...]
) -> None:
    url, upstream = ogx
    upstream.refuse(*refused)
    counts = run(source, out, url, model=OGX_MODEL)
    assert (counts.complete, counts.failed) == (N - len(refused), len(refused))
    assert [statuses(out)[f"a{n}"] for n in refused] == ["failed"] * len(refused)
    told = {r["article"]["id"]: r["problems"] for r in records(out)}
    assert f"ship {refused[0]} is refused" in told[f"a{refused[0]}"][0]["message"]
    paid = upstream.paid.total()
    upstream.refuse()
    assert run(source, out, url, model=OGX_MODEL).complete == N
    assert upstream.paid.total() - paid == len(refused)


@needs_ogx
def test_a_batch_of_ogx_is_found_again(
    source: Path, out: Path, ogx: tuple[str, Upstream], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, upstream = ogx
    upstream.refuse()
    before, paid = batches_of(url), upstream.paid.total()
    crash_when_made(monkeypatch, lambda: run(source, out, url, model=OGX_MODEL))
    console = quiet()
    assert run(source, out, url, None, console, OGX_MODEL).complete == N
    assert "was sent by a run that ended then" in said(console)
    assert (batches_of(url) - before, upstream.paid.total() - paid) == (1, N)


@needs_ogx
def test_a_model_that_ogx_does_not_know(source: Path, out: Path, ogx: tuple[str, Upstream]) -> None:
    url, _ = ogx
    with pytest.raises(BatchStopped, match="Model 'nobody' does not exist"):
        run(source, out, url, model="nobody")
    assert waiting(out) == N
