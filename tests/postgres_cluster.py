"""A PostgreSQL server of the tests' own: in a temporary folder, on loopback, gone afterwards.

PostgreSQL refuses to run as root, so a root's cluster belongs to the system's user `postgres`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

PASSWORD = "the-sea-is-wide"
PATIENCE = 60


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, of the newest version that is installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in versions), key=lambda p: int(p.parent.name), default=None)


def need_programs() -> Path:
    """Skips the test where PostgreSQL is not installed; CI installs it, so there it fails."""
    found = programs()
    if found is not None:
        return found
    why = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


class Cluster:
    """A server that can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(folder, who.pw_uid, who.pw_gid)
            self._user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._databases = 0
        word = folder / "password"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        self._run(
            "initdb", "--no-sync", "--encoding=UTF8", "--locale=C", "--username=extractor",
            "--auth=scram-sha-256", f"--pwfile={word}",
        )  # fmt: skip

    def start(self, *, fsync: bool = False, mending: int = 0) -> None:
        """Starts it, and waits until it is there; it mends its tables for so many seconds first."""
        options = {
            "port": self.port, "listen_addresses": "127.0.0.1", "fsync": "on" if fsync else "off",
            "unix_socket_directories": self._folder, "max_connections": 60,
        }  # fmt: skip
        if mending:
            options |= {"restore_command": "false", "hot_standby": "off",
                        "recovery_end_command": f"'sleep {mending}'"}  # fmt: skip
            self._recovers()
        told = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", told)

    def stop(self) -> None:
        """As a power cut would: without a word to anybody."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def _recovers(self) -> None:
        """The next start is that of a server that was brought back from a copy."""
        signal = self._folder / "data" / "recovery.signal"
        signal.touch()
        if self._user:
            os.chown(signal, self._user["user"], self._user["group"])

    def address(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://extractor:{password}@127.0.0.1:{self.port}/{database}"

    def database(self, options: str = "") -> str:
        """The address of a new database."""
        self._databases += 1
        name = f"ledger{self._databases}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name} {options}".encode())
        return self.address(name)

    def _run(self, program: str, *arguments: str) -> None:
        # Into files: the server would keep a pipe open.
        with (self._folder / "said").open("a+") as said:
            done = subprocess.run(
                [self._programs / program, "-D", self._folder / "data", *arguments],
                stdout=said,
                stderr=said,
                timeout=PATIENCE,
                cwd=self._folder,
                check=False,
                **self._user,
            )
            said.seek(0)
            assert done.returncode == 0, said.read()


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server, for as long as the context lasts. Skips the test where there is none."""
    found = need_programs()
    folder = Path(tempfile.mkdtemp(prefix="extractor-postgres-"))
    try:
        folder.chmod(0o755)
        cluster = Cluster(found, folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
