"""The flat tables of a backfill: events, spans and problems, for any schema.

An *event* is an object that stands directly in a record: the value of a field, or an item of a
list. `main_event` is one, and each of `attributions`. Objects inside of it become columns
(`time.value`), lists inside of it one cell of JSON. What stands in the record beside events
(`record.genre`) is repeated with each of them; a record without any has one row with that
alone. In a schema without such fields, the record is the event.

The columns follow from the JSON Schema, never from the values, so all parts have the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from extractor.shape import JsonSchema, branches, resolve

Kind = Literal["string", "date", "integer", "number", "boolean", "json"]
"""What a column holds; `json` is text, the JSON of the value."""
Table = Mapping[str, Kind]
Row = tuple[Any, ...]
"""The cells of a row, in the order of its table's columns; null for none."""

OF_ARTICLE: dict[str, Kind] = {"article_id": "string", "article_digest": "string"}
"""What each table begins with."""
_OF_EVENT: dict[str, Kind] = {
    **OF_ARTICLE,
    "article_published": "date",
    "article_outlet": "string",
    "article_language": "string",
    "record_status": "string",
    "record_field": "string",
    "record_path": "string",
}
SPANS: Table = {
    **OF_ARTICLE,
    "path": "string",
    "value": "string",
    "support": "string",
    "number": "integer",
    "start": "integer",
    "end": "integer",
    "text": "string",
    "alignment": "string",
}
PROBLEMS: Table = {
    **OF_ARTICLE,
    "record_status": "string",
    "severity": "string",
    "code": "string",
    "path": "string",
    "message": "string",
    "quote": "string",
}
RECORDS: Table = {
    **OF_ARTICLE,
    "article_title": "string",
    "article_published": "date",
    "article_outlet": "string",
    "article_language": "string",
    "status": "string",
    "record": "json",
    "evidence": "json",
    "problems": "json",
    "provenance": "json",
}
"""A record a row, as Parquet has it: what JSON lines say, the nested parts as JSON."""


@dataclass(frozen=True)
class _Field:
    """Where a column of an event is found: the keys that lead to its value."""

    keys: tuple[str, ...]
    column: str
    kind: Kind


@dataclass(frozen=True)
class Events:
    """The table of events of one schema: `columns`, and how the rows are read off a record."""

    columns: Table
    _events: Mapping[str, tuple[_Field, ...]]
    _record: tuple[_Field, ...]

    @classmethod
    def of(cls, schema: JsonSchema) -> Events:
        """The table that a JSON Schema has."""
        root = resolve(schema, schema)
        events: dict[str, tuple[_Field, ...]] = {}
        beside: list[_Field] = []
        for name, child in root.get("properties", {}).items():
            objects = _objects(_items(child, schema), schema)
            if objects:
                events[name] = tuple(_fields(objects, schema, (), _names(child)))
            else:
                beside.append(_Field((name,), f"record.{name}", _kind(child, schema)))
        if not events:
            beside = list(_fields((root,), schema, (), frozenset()))
        columns: dict[str, Kind] = dict(_OF_EVENT)
        for field in (*(each for fields in events.values() for each in fields), *beside):
            columns[field.column] = _common(columns.get(field.column, field.kind), field.kind)
        return cls(columns, events, tuple(beside))

    def rows(self, extraction: Mapping[str, Any]) -> Iterator[Row]:
        """The events of an extraction (its JSON); none where it has no record."""
        record = extraction["record"]
        if record is None:
            return
        article = extraction["article"]
        shared = {
            **{f"article_{name}": article[name] for name in _TOLD},
            "record_status": extraction["status"],
            **self._cells(record, self._record),
        }
        found = False
        for name, fields in self._events.items():
            value = record.get(name)
            items = value if isinstance(value, list) else [value]
            for number, item in enumerate(items):
                if isinstance(item, dict):
                    found = True
                    path = f"/{name}/{number}" if isinstance(value, list) else f"/{name}"
                    place = {"record_field": name, "record_path": path}
                    yield self._row({**shared, **place, **self._cells(item, fields)})
        if not found:
            yield self._row({**shared, "record_field": "", "record_path": ""})

    def _row(self, cells: Mapping[str, Any]) -> Row:
        return tuple(map(cells.get, self.columns))

    def _cells(self, value: Mapping[str, Any], fields: tuple[_Field, ...]) -> dict[str, Any]:
        return {f.column: _cell(_at(value, f.keys), self.columns[f.column]) for f in fields}


_TOLD = ("id", "digest", "published", "outlet", "language")
"""What an event's row says of its article."""


def span_rows(extraction: Mapping[str, Any]) -> Iterator[Row]:
    """The places in the article that support a value, numbered from 0 for each value."""
    article = extraction["article"]
    name, digest = article["id"], article["digest"]
    around: dict[str, Any] = {"": extraction["record"]}
    for path, evidence in extraction["evidence"].items():
        if not (spans := evidence["spans"]):
            continue
        value, support = _cell(_pointed(path, around), "string"), evidence["support"]
        for number, span in enumerate(spans):
            place = span["start"], span["end"], span["text"], span["alignment"]
            yield name, digest, path, value, support, number, *place


def problem_rows(extraction: Mapping[str, Any]) -> Iterator[Row]:
    """All that a reader of the record must know."""
    article = extraction["article"]
    shared = article["id"], article["digest"], extraction["status"]
    for problem in extraction["problems"]:
        yield *shared, *map(problem.get, ("severity", "code", "path", "message", "quote"))


def record_row(extraction: Mapping[str, Any]) -> Row:
    """The extraction itself."""
    article = ("id", "digest", "title", "published", "outlet", "language")
    nested = ("record", "evidence", "problems", "provenance")
    return (
        *map(extraction["article"].get, article),
        extraction["status"],
        *(_cell(extraction[name], "json") for name in nested),
    )


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _pointed(path: str, around: dict[str, Any]) -> Any:
    """The value that a JSON pointer leads to; None where it leads nowhere.

    `around` has the whole, by the empty pointer; what values stand in is added to it.
    """
    if path in around:
        return around[path]
    above, _, step = path.rpartition("/")
    if above not in around:
        around[above] = _pointed(above, around)
    value = around[above]
    if isinstance(value, dict):
        return value.get(step.replace("~1", "/").replace("~0", "~") if "~" in step else step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _cell(value: Any, kind: Kind) -> Any:
    if value is None or (kind not in ("json", "string")) or (kind == "string" and _is_text(value)):
        return value
    return _JSON.encode(value)


_JSON = json.JSONEncoder(ensure_ascii=False)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


# ---------------------------------------------------------------- columns of a schema


def _options(schema: JsonSchema, root: JsonSchema) -> tuple[JsonSchema, ...]:
    """The branches of a schema, without null."""
    return tuple(each for each in branches(schema, root) if each.get("type") != "null")


def _items(schema: JsonSchema, root: JsonSchema) -> tuple[JsonSchema, ...]:
    """What a field may hold; of a list, what its items may be."""
    options = _options(schema, root)
    if options and all(each.get("type") == "array" and each.get("items") for each in options):
        return tuple(item for each in options for item in _options(each["items"], root))
    return options


def _objects(options: tuple[JsonSchema, ...], root: JsonSchema) -> tuple[JsonSchema, ...]:
    """The options, if each is an object with fields of its own and no free keys; else none."""
    fit = all(
        each.get("properties")
        and not each.get("additionalProperties")
        and not each.get("patternProperties")
        for each in options
    )
    return options if fit else ()


def _fields(
    objects: tuple[JsonSchema, ...],
    root: JsonSchema,
    keys: tuple[str, ...],
    above: frozenset[str],
) -> Iterator[_Field]:
    """The columns of an object. `above` are the definitions it stands in, so that one that
    holds itself ends as a cell of JSON."""
    for schema in objects:
        for name, child in schema.get("properties", {}).items():
            here, names = (*keys, name), _names(child)
            inner = () if names & above else _objects(_options(child, root), root)
            if inner:
                yield from _fields(inner, root, here, above | names)
            else:
                yield _Field(here, _column(here), _kind(child, root))


def _column(keys: tuple[str, ...]) -> str:
    name = ".".join(keys)
    return f"{name}_" if name in _OF_EVENT else name


def _names(schema: JsonSchema) -> frozenset[str]:
    """The definitions that a schema refers to by itself, as an option or as its items."""
    found = {schema["$ref"]} if "$ref" in schema else set()
    for key in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(key, ()):
            found |= _names(option)
    if isinstance(items := schema.get("items"), dict):
        found |= _names(items)
    return frozenset(found)


_TYPES: dict[object, Kind] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}


def _kind(schema: JsonSchema, root: JsonSchema) -> Kind:
    """What a column of such values holds."""
    kinds = [_kind_of(option) for option in _options(schema, root)]
    if not kinds:
        return "json"
    found = kinds[0]
    for kind in kinds[1:]:
        found = _common(found, kind)
    return found


def _kind_of(schema: JsonSchema) -> Kind:
    if "type" in schema:
        kind = schema["type"]
        return _TYPES.get(kind, "json") if isinstance(kind, str) else "json"
    values = schema.get("enum", [schema["const"]] if "const" in schema else [None])
    return "string" if all(map(_is_text, values)) else "json"


def _common(one: Kind, other: Kind) -> Kind:
    """A kind that holds both."""
    if one == other:
        return one
    return "number" if {one, other} == {"integer", "number"} else "json"
