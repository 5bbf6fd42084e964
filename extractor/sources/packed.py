"""Packed files (gzip, bzip2, Zstandard) unpacked as they are read, and no further than is sane."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from extractor.errors import InputError

MAX_RATIO = 200
"""A file that unpacks to more than this many times its size is refused; news packs to 3 to 10."""
FREE_BYTES = 32 * 1024 * 1024
"""Up to this many bytes the ratio is not looked at: a short file may be all one letter."""


def unpacked(packed: BinaryIO, packing: str, where: str) -> BinaryIO:
    """The bytes that are packed in a stream; `packing` is one of `PACKINGS`.

    Reading raises `InputError` where the packed bytes are broken or end too soon, and when
    they swell beyond `MAX_RATIO`. What was unpacked until then can be read before.
    """
    return io.BufferedReader(_Unpacked(packed, packing, where), 1 << 16)


def _zstandard(packed: BinaryIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(packed, "zstd")


PACKINGS: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".bz2": bz2.BZ2File,
    ".zst": _zstandard,
}
"""Last suffixes of packed files."""


class _Unpacked(io.RawIOBase):
    """Unpacked bytes that are counted."""

    def __init__(self, packed: BinaryIO, packing: str, where: str) -> None:
        self._packed = packed
        self._stream = PACKINGS[packing](packed)
        self._where = where
        self._length = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._length

    def readinto(self, buffer: Any) -> int:
        try:
            # One step at a time: a longer read would lose what came before the broken place.
            data = self._stream.read1(len(buffer))
        except (EOFError, OSError, ValueError, zlib.error) as error:
            raise InputError(
                f"{self._where}: broken or cut off after {self._length} unpacked bytes: {error}",
                hint="what comes before was read; fetch or pack the file again",
            ) from error
        self._length += len(data)
        if self._length > max(FREE_BYTES, MAX_RATIO * self._packed.tell()):
            raise InputError(
                f"{self._where}: unpacks to more than {MAX_RATIO} times its size "
                f"({self._length} bytes so far)",
                hint="no news archive does; if it is one, unpack it first",
            )
        buffer[: len(data)] = data
        return len(data)
