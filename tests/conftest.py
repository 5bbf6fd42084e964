"""What holds for every test: no network but loopback, none of the user's settings."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# CI tries the same examples every time; a developer's machine tries new ones.
# No deadline: on a busy machine of two cores it would measure the neighbours.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


class ConnectionBlocked(RuntimeError):
    """A test tried to reach another machine. No OSError, so that no retry handles it."""


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def blocked_connections() -> Iterator[list[str]]:
    """Blocks every connection that is not loopback; the list holds what was tried.

    Clients wrap or swallow what a socket raises, so each attempt is written down too.
    """
    attempts: list[str] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    getaddrinfo = socket.getaddrinfo

    def check(family: int, host: object, port: object) -> None:
        if family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(host):
            attempts.append(f"{host}:{port}")
            raise ConnectionBlocked(f"tests reach no other machine; this one tried {host}:{port}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self.family, *address[:2])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self.family, *address[:2])
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        check(socket.AF_INET, host, port)
        return getaddrinfo(host, port, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield attempts


@pytest.fixture(autouse=True)
def _no_connection_was_blocked(blocked_connections: list[str]) -> Iterator[None]:
    """Fails the test that tried to reach another machine, whatever the code made of it."""
    yield
    tried = sorted(set(blocked_connections))
    blocked_connections.clear()
    if tried:
        pytest.fail(f"tried to connect to {', '.join(tried)}; tests reach no other machine")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of a backfill, which is not there yet."""
    return tmp_path / "out"


@pytest.fixture
def _few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider of batches that stays away is soon given up."""
    monkeypatch.setattr("extractor.backfill.batch_post.TRIES", 4)


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _settings_of_nobody(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _home: Path
) -> None:
    """Hides the user's keys, endpoints, proxies and weights (these only from tests not `live`)."""
    for name in list(os.environ):
        if name.startswith(("EXTRACTOR_", "OPENAI_")) or name.lower().endswith("_proxy"):
            if name == "EXTRACTOR_HOME" and "live" in request.keywords:
                continue
            monkeypatch.delenv(name)
    if "live" not in request.keywords:
        monkeypatch.setenv("EXTRACTOR_HOME", str(_home))
