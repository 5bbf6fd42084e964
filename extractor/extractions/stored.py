"""An extraction as it was written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from extractor import jsontext
from extractor.errors import InputError
from extractor.records import ArticleInfo, Evidence, Frozen, Problem, Provenance, Status

_SHAPE = "expected a line of extractor extract --format json"


class Stored(Frozen):
    """An extraction as it was written down: its record is JSON, and nothing is verified."""

    article: ArticleInfo
    status: Status
    record: Any
    evidence: dict[str, Evidence]
    problems: tuple[Problem, ...]
    provenance: Provenance | None


def parse_extraction(line: str | Mapping[str, Any], *, where: str = "extraction") -> Stored:
    """A stored extraction from its JSON; `where` names it in errors. Raises `InputError`."""
    try:
        return Stored.model_validate(jsontext.loads(line) if isinstance(line, str) else line)
    except ValidationError as error:
        reasons = (f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputError(
            f"{where}: not an extraction: {'; '.join(reasons)}", hint=_SHAPE
        ) from error
    except ValueError as error:
        raise InputError(f"{where}: not usable JSON: {error}", hint=_SHAPE) from error
