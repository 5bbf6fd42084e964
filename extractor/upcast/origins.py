"""Where the values of an upcast record come from.

Strings and numbers are marked with the place that they come from, without being other
strings and numbers; a boolean is turned, to see what turns with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from extractor.errors import InvalidSchema
from extractor.tree import pointer

Json = dict[str, Any]


class _Text(str):
    origin: str


class _Whole(int):
    origin: str


class _Real(float):
    origin: str


def scalars(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """What is neither null nor holds other values, each with its JSON pointer."""
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from scalars(child, pointer(path, key))
    elif value is not None:
        yield path, value


def marked(value: Any, path: str = "") -> Any:
    """A copy whose strings and numbers know their place; null and booleans cannot."""
    if isinstance(value, dict):
        return {key: marked(child, pointer(path, key)) for key, child in value.items()}
    if isinstance(value, list):
        return [marked(child, pointer(path, i)) for i, child in enumerate(value)]
    for plain, kind in ((str, _Text), (int, _Whole), (float, _Real)):
        if type(value) is plain:
            found = kind(value)
            found.origin = path
            return found
    return value


def unmarked(value: Any) -> Any:
    """The JSON value without marks. Raises `InvalidSchema` for what is no JSON."""
    if isinstance(value, dict):
        return {str(key): unmarked(child) for key, child in value.items()}
    if isinstance(value, list):
        return [unmarked(child) for child in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # of an enumeration's member too
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    raise InvalidSchema(
        f"an upcast returned {value!r}, which is no JSON value",
        hint="return dicts, lists, strings, numbers, True, False and None",
    )


def origins_of(after: Json, before: Json, again: Callable[[Json], Json]) -> dict[str, str]:
    """Place after → place before, of the values that came along as they were.

    A value that was not seen to move comes from its own place if it is the same there.
    `again` upcasts another record in the same way.
    """
    found = {path: v.origin for path, v in scalars(after) if isinstance(v, _Text | _Whole | _Real)}
    found |= _origins_of_booleans(after, before, again)
    same = dict(scalars(before))
    for path, value in scalars(after):
        if path not in found and path in same and same[path] == value:
            found[path] = path
    return found


def _origins_of_booleans(
    after: Json, before: Json, again: Callable[[Json], Json]
) -> dict[str, str]:
    """A boolean is an old one when it turns with it, and with no other."""
    new = {path: value for path, value in scalars(after) if isinstance(value, bool)}
    found: dict[str, list[str]] = {path: [] for path in new}
    for path, value in scalars(before) if new else ():
        if isinstance(value, bool):
            turned = dict(scalars(again(_turned(before, path))))
            for place, now in new.items():
                if now is value and turned.get(place) is (not value):
                    found[place].append(path)
    return {place: origins[0] for place, origins in found.items() if len(origins) == 1}


def _turned(value: Any, path: str, here: str = "") -> Any:
    """A copy in which the boolean at `path` is the other one."""
    if isinstance(value, dict):
        return {key: _turned(child, path, pointer(here, key)) for key, child in value.items()}
    if isinstance(value, list):
        return [_turned(child, path, pointer(here, i)) for i, child in enumerate(value)]
    return not value if here == path else value
