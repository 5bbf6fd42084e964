"""What a process that makes many records does with the memory that it begins with.

Libraries, tables and compiled patterns take some hundred megabytes, stay as long as the process,
and are gone through for every record.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_YOUNG = 20_000
_LARGE = 2 << 20
_COLLAPSE = 25
_MAPS = Path("/proc/self/maps")


@cache
def settle() -> None:
    """Both of what is below, for what is there now. Once in a process: what comes later goes."""
    spare_the_collector()
    use_large_pages()


def spare_the_collector() -> None:
    """Keeps the collector from going over the same objects again and again.

    The libraries' hundreds of thousands are here to stay. The thousands that a record takes hold
    none of themselves, and go without it: it looks at the young ones when there are 20,000 of
    them, not 700 (some megabytes, should they stay until then).
    """
    gc.freeze()
    gc.set_threshold(_YOUNG)


def use_large_pages() -> int:
    """Moves the heap to pages of 2 MB, of which the processor can keep the addresses of all that
    a record takes; returns how many bytes were moved.

    Linux from 6.1 on does that when it is asked (`MADV_COLLAPSE`, madvise(2)); elsewhere, and
    where a machine forbids it, nothing changes.
    """
    if not _MAPS.exists():
        return 0
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    moved = 0
    for start, end in map(_whole_pages, _heap(_MAPS.read_text())):
        if start < end and advise(start, end - start, _COLLAPSE) == 0:
            moved += end - start
    return moved


def _heap(maps: str) -> Iterator[tuple[int, int]]:
    """The stretches of memory that can be written and are of no file, but for stacks (proc(5))."""
    for line in maps.splitlines():
        place, access, _, _, _, *name = line.split()
        if access == "rw-p" and name in ([], ["[heap]"]):
            start, end = place.split("-")
            yield int(start, 16), int(end, 16)


def _whole_pages(place: tuple[int, int]) -> tuple[int, int]:
    """What of a stretch large pages can take."""
    start, end = place
    return -(-start // _LARGE) * _LARGE, end // _LARGE * _LARGE
