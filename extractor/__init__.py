"""Turn a news article into a structured record in which every value is tied to its words.

```python
from extractor import Article, extract

result = extract(Article(text=..., published="2026-03-09"))
result.record.main_event.actors[0].name
result.evidence["/main_event/actors/0/name"].spans
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.errors import ExtractorError
from extractor.records import (
    Article,
    Computed,
    Derived,
    Evidence,
    Extraction,
    Problem,
    Span,
    Verbatim,
)
from extractor.version import __version__

if TYPE_CHECKING:
    from extractor.api import aextract, extract, open_model

__all__ = [
    "Article",
    "Computed",
    "Derived",
    "Evidence",
    "Extraction",
    "ExtractorError",
    "Problem",
    "Span",
    "Verbatim",
    "__version__",
    "aextract",
    "extract",
    "open_model",
]

_LATE = ("aextract", "extract", "open_model")


def __getattr__(name: str) -> Any:
    # These bring openai and instructor along: only who calls them pays for it.
    if name in _LATE:
        from extractor import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
