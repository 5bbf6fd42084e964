"""Small archives of articles, as files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def jsonl(path: Path, texts: Iterable[str]) -> Path:
    """A file of articles `a0`, `a1` and so on with these texts, one a line."""
    lines = (json.dumps({"id": f"a{n}", "text": text}) for n, text in enumerate(texts))
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
