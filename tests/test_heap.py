"""What a process does with the memory that it begins with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractor import heap

HELD = """
from pathlib import Path
from extractor.heap import use_large_pages

held = [str(n) for n in range(2_000_000)]
moved = use_large_pages()
told = Path("/proc/self/smaps_rollup").read_text().splitlines()
large = next(int(line.split()[1]) * 1024 for line in told if line.startswith("AnonHugePages"))
assert held == [str(n) for n in range(2_000_000)]
print(moved, large)
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no such file here")
def test_what_was_moved_is_on_large_pages_and_as_it_was() -> None:
    """In a process of its own: that of the tests has nothing to gain."""
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    moved, large = map(int, done.stdout.split())
    assert moved % (2 << 20) == 0
    assert large >= moved, "a machine that forbids it moves nothing"


def test_elsewhere_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_MAPS", tmp_path / "none")
    assert heap.use_large_pages() == 0


def test_only_the_heap_is_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither files, nor stacks, nor what cannot be written; of the rest what 2 MB fit into."""
    asked: list[tuple[int, int, int]] = []

    class Library:
        def __init__(self, _: None) -> None:
            self.madvise = Advise()

    class Advise:
        def __call__(self, start: int, length: int, what: int) -> int:
            asked.append((start, length, what))
            return 0 if len(asked) == 1 else -1

    maps = tmp_path / "maps"
    maps.write_text(
        "00100000-00700000 rw-p 00000000 00:00 0                          [heap]\n"
        "10000000-10200000 rw-p 00000000 00:00 0 \n"
        "20000000-20800000 rw-p 00000000 08:01 17                         /lib/a library.so\n"
        "30000000-30800000 r--p 00000000 00:00 0 \n"
        "40000000-40100000 rw-p 00000000 00:00 0 \n"
        "50000000-50800000 rw-p 00000000 00:00 0                          [stack]\n"
    )
    monkeypatch.setattr(heap, "_MAPS", maps)
    monkeypatch.setattr("ctypes.CDLL", Library)
    assert heap.use_large_pages() == 0x400000
    assert asked == [(0x200000, 0x400000, 25), (0x10000000, 0x200000, 25)]


def test_the_collector_leaves_alone_what_is_there() -> None:
    code = "import gc; from extractor.heap import settle; settle(); print(gc.get_freeze_count())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 1_000
