"""Small files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from extractor.errors import StoreError


def write_whole(path: Path, text: str) -> None:
    """Writes a file, in place of an earlier one, and waits until it is on the disk.

    Its folder is made when there is none. Raises `StoreError`.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}", hint="see to the disk") from error
