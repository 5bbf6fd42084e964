"""The output of a backfill: files of bounded size that appear whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from extractor.errors import StoreError

PART_RECORDS = 10_000
_PART = re.compile(r"records-\d{5,}\.jsonl(\.tmp)?")


def is_part(path: Path) -> bool:
    """Whether a file has the name of a part, finished or not."""
    return _PART.fullmatch(path.name) is not None


def write_parts(records: Iterable[str], folder: Path, *, size: int = PART_RECORDS) -> list[Path]:
    """Writes the records (JSON in one line each) as `records-00001.jsonl` and so on.

    A part takes the place of the one before it in one step, when it is safely on the
    disk; parts that are left over from a longer output go. Raises `StoreError`.
    """
    written: list[Path] = []
    try:
        for number, lines in enumerate(_split(records, size), start=1):
            written.append(_write(folder / f"records-{number:05d}.jsonl", lines))
        for old in sorted(folder.iterdir()):
            if is_part(old) and old not in written:
                old.unlink()
        _sync(folder)
    except OSError as error:
        raise StoreError(
            f"{error.filename or folder}: {error.strerror}",
            hint="see to the disk and run the same command again: the records are in the ledger",
        ) from error
    return written


def _split(records: Iterable[str], size: int) -> Iterator[Iterator[str]]:
    rest = iter(records)
    for first in rest:
        yield chain([first], islice(rest, size - 1))


def _write(path: Path, lines: Iterable[str]) -> Path:
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("w", encoding="utf-8", newline="\n") as stream:
        for line in lines:
            stream.write(line)
            stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
    return path


def _sync(folder: Path) -> None:
    """Makes the new names last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
