"""The files that are meant by an input: a file, a folder, a pattern, here or behind a URL.

URLs are fsspec's (`s3://bucket/news/*.warc.gz`, `file://`, `memory://`); everything without
`://` is a path here. Order is by name, folder by folder, so the same input is read the same.
"""

from __future__ import annotations

import glob
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from extractor.errors import InputError
from extractor.sources.packed import PACKINGS, unpacked

KINDS = (".txt", ".json", ".jsonl", ".html", ".htm", ".csv", ".tsv", ".parquet", ".warc")
"""Suffixes of the files that can be read, without that of the packing."""
_REMOTE_BUFFER = 1 << 20
_CHECK = "check the path"
_READABLE = f"expected {', '.join(KINDS)}, all but .parquet also {', '.join(PACKINGS)}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is, by its name: one of `KINDS`, and one of `PACKINGS` or nothing."""

    suffix: str
    packing: str
    stem: str


@dataclass(frozen=True, slots=True)
class State:
    """How an input is now, to see later whether it changed.

    `size` in bytes and, of several files, of all together; `modified` in nanoseconds since
    1970, of the newest. Where a file system knows no times it is another number that
    changes with the file.
    """

    size: int
    modified: int


def kind_of(name: str) -> Kind | None:
    """What a file of this name is; None for one that cannot be read."""
    if is_url(name):
        # What is behind `?` and `::` says how to get at the file, not what it is.
        name = name.partition("::")[0].partition("?")[0]
    path = PurePosixPath(name)
    packing = path.suffix.lower() if path.suffix.lower() in PACKINGS else ""
    if packing:
        path = path.with_suffix("")
    suffix = path.suffix.lower()
    if suffix not in KINDS or (packing and suffix == ".parquet"):
        return None
    return Kind(suffix, packing, path.stem)


def is_url(name: str) -> bool:
    """Whether an input is for fsspec."""
    return "://" in name


def check_input(name: str) -> None:
    """Raises `InputError` for an input that is not there, or that cannot be read."""
    if name == "-":
        raise InputError(
            "a backfill cannot read standard input, for it reads its input again to go on",
            hint="save the articles to a .jsonl file first",
        )
    if _is_folder(name):
        return
    if _is_pattern(name):
        if next(files_of(name), None) is None:
            raise InputError(f"{name}: no file fits the pattern", hint=_CHECK)
        return
    if kind_of(name) is None:
        raise InputError(f"{name}: not a file that can be read", hint=_READABLE)
    with opened(name):
        pass


def files_of(name: str) -> Iterator[str]:
    """The files that an input means, lazily, hidden ones left out. Raises `InputError`."""
    with _told(name):
        if _is_folder(name):
            yield from _below(name)
        elif not _is_pattern(name):
            yield name
        elif is_url(name):
            yield from _matching(name)
        else:
            yield from sorted(filter(os.path.isfile, glob.iglob(name, recursive=True)))


def state_of(name: str) -> State:
    """The state of an input; looks at each of its files. Raises `InputError`."""
    size = modified = 0
    for file in files_of(name):
        with _told(file):
            state = _remote_state(file) if is_url(file) else _local_state(file)
        size += state.size
        modified = max(modified, state.modified)
    return State(size, modified)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file as they are stored, to be read at any place.

    Raises `InputError` for a file that cannot be opened or read.
    """
    with _told(name):
        if is_url(name):
            with _reached(name):
                system, path = _file_system(name)
                remote = _Remote(system.open(path, "rb"), name)
            with remote:
                yield io.BufferedReader(remote, _REMOTE_BUFFER)
        else:
            with open(name, "rb") as stream:
                yield stream


@contextmanager
def opened_unpacked(name: str, packing: str) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where it is packed (see `packed`)."""
    with opened(name) as stream:
        yield unpacked(stream, packing, name) if packing else stream


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Says which file an error of the system is about."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise InputError(f"{name}: {reason}", hint=_CHECK) from error


@contextmanager
def _reached(url: str) -> Iterator[None]:
    """Says which URL an error is about, for file systems of others raise what they like."""
    try:
        yield
    except (InputError, ModuleNotFoundError):
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"{url}: {reason}", hint="is it there, and may you read it?") from error


class _Remote(io.RawIOBase):
    """A file of another file system."""

    def __init__(self, stream: BinaryIO, url: str) -> None:
        self._stream = stream
        self._url = url

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _reached(self._url):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _reached(self._url):
            return self._stream.seek(offset, whence)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _file_system(url: str) -> tuple[Any, str]:
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise InputError(f"{url}: {error}", hint="fsspec reaches it by a package more") from error
    except ValueError as error:
        raise InputError(f"{url}: {error}", hint="expected a URL that fsspec knows") from error
    return system, str(path)


def _is_folder(name: str) -> bool:
    if not is_url(name):
        return os.path.isdir(name)
    with _reached(name):
        system, path = _file_system(name)
        return bool(system.isdir(path))


def _matching(pattern: str) -> list[str]:
    with _reached(pattern):
        system, path = _file_system(pattern)
        return [system.unstrip_protocol(found) for found in sorted(system.glob(path))]


def _is_pattern(name: str) -> bool:
    """Whether an input stands for the files whose names fit; a file of just that name is meant
    itself. In a URL `?` begins a query."""
    if is_url(name):
        return any(sign in name for sign in "*[")
    return glob.has_magic(name) and not os.path.exists(name)


def _below(folder: str) -> Iterator[str]:
    for name, is_folder in _entries(folder):
        if is_folder:
            yield from _below(name)
        else:
            yield name


def _entries(folder: str) -> list[tuple[str, bool]]:
    """What stands in a folder, by name, each with whether it is a folder."""
    if is_url(folder):
        with _reached(folder):
            system, path = _file_system(folder)
            found = [
                (system.unstrip_protocol(entry["name"]), entry["type"] == "directory")
                for entry in system.ls(path, detail=True)
                # Object stores list a folder among what is in it.
                if entry["name"].rstrip("/") != path.rstrip("/")
            ]
    else:
        with os.scandir(folder) as entries:
            # A link to a folder may lead in a circle.
            found = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in entries]
    shown = [one for one in found if not PurePosixPath(one[0]).name.startswith(".")]
    return sorted(shown)


def _local_state(file: str) -> State:
    found = os.stat(file)
    return State(found.st_size, found.st_mtime_ns)


def _remote_state(url: str) -> State:
    with _reached(url):
        system, path = _file_system(url)
        size = int(system.info(path).get("size") or 0)
        try:
            return State(size, int(system.modified(path).timestamp() * 1e9))
        except NotImplementedError:
            # What fsspec tells versions of a file apart by; 15 digits of its hash fit a number.
            version = hashlib.sha256(str(system.ukey(path)).encode()).hexdigest()
            return State(size, int(version[:15], 16))
