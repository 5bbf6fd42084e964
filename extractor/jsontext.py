"""Strict JSON: what Python's parser lets through and other readers choke on is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

MAX_DEPTH = 100
"""Levels of objects and lists: what is walked recursively must not exhaust the stack."""
_HELD = 20_000
"""The most characters of a string whose JSON is held on to."""


def loads(text: str) -> Any:
    """The JSON value of `text`.

    Raises `ValueError` (with line and column where there is one) also for a key that
    stands twice in an object, NaN, numbers beyond what a float holds, nesting deeper than
    `MAX_DEPTH`, and strings that hold half a character (a lone surrogate).
    """
    try:
        value = json.loads(
            text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{error.msg} at {place}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(value)
    if "\\u" in text:
        _check_surrogates(json.dumps(value, ensure_ascii=False))
    elif not text.isascii():
        _check_surrogates(text)
    return value


def quoted(text: str) -> str:
    """A string as JSON, and not in ASCII alone.

    That of the last few is remembered: a prompt's instructions, worked examples and schema are
    the same for each article, and most of what is sent.
    """
    return _quoted_held(text) if len(text) <= _HELD else _quoted(text)


def object_of(fields: Mapping[str, str]) -> str:
    """The JSON of an object without spaces, made of that of its values."""
    return f"{{{','.join(f'{quoted(key)}:{text}' for key, text in fields.items())}}}"


def list_of(items: Iterable[str]) -> str:
    """The JSON of a list without spaces, made of that of its items."""
    return f"[{','.join(items)}]"


_quoted = json.JSONEncoder(ensure_ascii=False).encode
_quoted_held = lru_cache(maxsize=256)(_quoted)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")


def _finite(number: str) -> float:
    if math.isinf(value := float(number)):
        raise ValueError(f"{number[:20]} is too large a number")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise ValueError(f"the key {counts.most_common(1)[0][0]!r} stands twice in one object")
    return found


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in _inside(each)]
        if not level:
            return
    raise ValueError(f"nested too deeply: more than {MAX_DEPTH} levels")


def _inside(value: Any) -> list[Any]:
    """The objects and lists directly in a value."""
    if not isinstance(value, dict | list):
        return []
    children = value.values() if isinstance(value, dict) else value
    return [child for child in children if isinstance(child, dict | list)]


def _check_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a string holds half a character (a lone surrogate)") from error
