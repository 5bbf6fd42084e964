"""A file of requests on its way into a batch, no larger than a provider takes."""

from __future__ import annotations

import re
from pathlib import Path

from extractor.errors import StoreError
from extractor.records import Usage
from extractor.store.file import advice

MOST_LINES = 50_000
MOST_BYTES = 200_000_000
"""What OpenAI takes in one file."""
_OURS = re.compile(r"[0-9a-f]{32}\.(jsonl|results)")


class RequestFile:
    """Requests, a line each, under the keys that their answers will have. Raises `StoreError`."""

    def __init__(self, folder: Path, marker: str) -> None:
        self.marker = marker
        self.path = folder / f"{marker}.jsonl"
        self.most = Usage()
        """What all its requests can take at the most."""
        self._keys: dict[str, None] = {}
        self._size = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        except OSError as error:
            raise self._cannot(error) from error

    @property
    def keys(self) -> list[str]:
        """In the order of the lines."""
        return list(self._keys)

    @property
    def size(self) -> int:
        """In bytes."""
        return self._size

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    @classmethod
    def sweep(cls, folder: Path) -> None:
        """Removes what a run that was killed left there; no file that is not its own."""
        for path in folder.glob("*"):
            if _OURS.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def has_room(self, line: bytes) -> bool:
        """Whether one more line fits."""
        return len(self._keys) < MOST_LINES and self._size + len(line) <= MOST_BYTES

    def add(self, key: str, line: bytes, most: Usage) -> None:
        """One more request, which can take so much."""
        try:
            self._file.write(line)
        except OSError as error:
            raise self._cannot(error) from error
        self._keys[key] = None
        self._size += len(line)
        self.most += most

    def close(self) -> None:
        """All of it is in the file when this returns."""
        try:
            self._file.close()
        except OSError as error:
            raise self._cannot(error) from error

    def drop(self) -> None:
        """The file is not wanted any more."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _cannot(self, error: OSError) -> StoreError:
        return StoreError(f"{self.path}: {error.strerror}", hint=advice(str(error)))
