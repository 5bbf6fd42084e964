"""Who takes part in an event against where it takes place, and when against who says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extractor.records import Problem
from extractor.shape import (
    JsonSchema,
    branches,
    child_schema,
    choose,
    computed_fields,
    remembered_in,
)
from extractor.text import folded_text
from extractor.tree import pointer

OF_PARTICIPANT = "country.of_participant"
OF_PLACE = "country.of_place"


def check_participants(
    value: dict[str, Any], schema: JsonSchema, root: JsonSchema, path: str
) -> Iterator[Problem]:
    """Participants that cannot be what they are said to be, `contradicted.participant`.

    Participants and places are told by their resolvers (`country.of_participant`,
    `country.of_place`). Proves that the same words are a place of the event too (who acts
    there, a government say, has words of its own), or that the same name stands in two lists
    of participants, there with words before it perhaps: nobody attacks or meets himself.
    """
    if not _has_participants(schema, root):
        return
    named = list(_named(value, schema, root, path))
    places = {_plain(words) for resolver, _, words in named if resolver == OF_PLACE}
    sides: dict[str, list[str]] = {}
    for resolver, place, words in named:
        if resolver != OF_PARTICIPANT:
            continue
        side = place.removeprefix(f"{path}/").partition("/")[0]
        others = [name for other, names in sides.items() if other != side for name in names]
        sides.setdefault(side, []).append(words)
        if _plain(words) in places:
            beside = f"; somebody other than {', '.join(others)} did" if others else ""
            message = f"{words!r} is a place of the event and did not take part{beside}"
        elif any(_ends_alike(words, other) for other in others):
            message = f"{words!r} is on the other side already; somebody else is on this one"
        else:
            continue
        yield Problem(code="contradicted.participant", path=place, message=message, quote=words)


def _ends_alike(one: str, other: str) -> bool:
    """Whether both are the same words, or one is a name that the other ends with."""
    shorter, longer = sorted((one, other), key=len)
    if _plain(shorter) == _plain(longer):
        return True
    return shorter[:1].isupper() and _plain(longer).endswith(f" {_plain(shorter)}")


def _plain(words: str) -> str:
    return folded_text(words).strip().casefold().removeprefix("the ")


def _named(
    value: dict[str, Any], schema: JsonSchema, root: JsonSchema, path: str
) -> Iterator[tuple[str, str, str]]:
    """What the two resolvers read in the objects of a value: by which, the words' place, and
    the words."""
    for key, child in value.items():
        if not isinstance(child, dict | list):
            continue
        held = child_schema(schema, key, root)
        items = enumerate(child) if isinstance(child, list) else [(None, child)]
        for number, item in items:
            if not isinstance(item, dict):
                continue
            outer = (
                held if number is None else child_schema(choose(held, child, root), number, root)
            )
            for resolver, source in _sources(choose(outer, item, root), root):
                if isinstance(item.get(source), str):
                    held_at = pointer(path, key)
                    place = held_at if number is None else pointer(held_at, number)
                    yield resolver, pointer(place, source), item[source]


@remembered_in
def _has_participants(schema: JsonSchema, root: JsonSchema) -> bool:
    """Whether there may be participants among an object's values, or in lists among them."""
    if schema.get("patternProperties") or schema.get("additionalProperties"):
        return True
    held = [child_schema(schema, key, root) for key in schema.get("properties", {})]
    options = [option for each in held for option in branches(each, root)]
    if any("prefixItems" in option for option in options):
        return True
    items = [option["items"] for option in options if isinstance(option.get("items"), dict)]
    options += [option for each in items for option in branches(each, root)]
    read = (by for option in options for by, _ in _sources(option, root))
    return OF_PARTICIPANT in read


@remembered_in
def _sources(schema: JsonSchema, root: JsonSchema) -> tuple[tuple[str, str], ...]:
    """The fields of an object whose words are read by one of the two resolvers, and by which."""
    markers = (marker for _, marker in computed_fields(schema, root))
    known = (OF_PARTICIPANT, OF_PLACE)
    return tuple((each["by"], each["from"][0]) for each in markers if each["by"] in known)
