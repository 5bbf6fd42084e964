"""One schema: its file, its module, its JSON Schema and digest."""

from __future__ import annotations

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from extractor.catalog import (
    Catalog,
    Schema,
    write_json_schema,
)
from extractor.catalog.schema import first_difference
from extractor.errors import (
    InvalidSchema,
)
from extractor.records import digest
from tests.catalog_files import (
    SCHEMA,
    drafts_in,
    write_schema,
)


@pytest.fixture
def drafts(tmp_path: Path) -> Catalog:
    return drafts_in(tmp_path)


def test_a_schema_is_its_model(drafts: Catalog) -> None:
    schema = drafts.schema("event@1")
    assert schema.model.__name__ == "Event"
    assert schema.model.model_validate({"what": "x", "parts": [{"name": "y"}]})
    assert schema.json_schema == schema.model.model_json_schema()
    assert schema.json_schema["properties"]["what"]["x-support"] == {"kind": "verbatim"}
    assert schema.digest == digest({"json_schema": schema.json_schema, "source": SCHEMA})
    assert (schema.name, schema.version, schema.status) == ("event", 1, "draft")


def test_a_schema_keeps_its_classes_and_pickles(drafts: Catalog) -> None:
    schema = drafts.schema("event@1")
    assert drafts.schema("event@production").model is schema.model
    record = schema.model.model_validate({"what": "x", "parts": []})
    assert pickle.loads(pickle.dumps(record)) == record


def test_threads_that_load_a_schema_at_once_get_the_same_classes(
    drafts: Catalog, tmp_path: Path
) -> None:
    slow = "import time\n" + SCHEMA.replace("SCHEMA =", "time.sleep(0.05)\nSCHEMA =")
    assert slow.count("time.sleep") == 1
    write_schema(tmp_path, source=slow)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(drafts.schema, ["event@1"] * 4))
    assert len({schema.model for schema in found}) == 1


def test_an_edited_draft_is_another_schema(drafts: Catalog, tmp_path: Path) -> None:
    before = drafts.schema("event@1")
    write_schema(tmp_path / "schemas", source=SCHEMA.replace("what:", "how:"))
    after = drafts.schema("event@1")
    assert "how" in after.json_schema["properties"]
    assert after.digest != before.digest
    assert "what" in before.json_schema["properties"]


def test_upcasts_are_within_reach(drafts: Catalog, tmp_path: Path) -> None:
    source = SCHEMA + "\n\ndef upcast_v1_to_v2(record: dict) -> dict:\n    return record\n"
    write_schema(tmp_path / "schemas", source=source)
    module = drafts.schema("event@1").module
    assert module is not None
    assert sys.modules[module].upcast_v1_to_v2({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "no SCHEMA"),
        ("SCHEMA = 3", "SCHEMA is 3: expected a class derived from pydantic.BaseModel"),
        ("class A: ...\nSCHEMA = A", "expected a class derived from pydantic.BaseModel"),
        ("from pydantic import BaseModel\nSCHEMA = BaseModel", "expected a class derived"),
        ("x = 1\ny = (", "v1.py:2: SyntaxError"),
        ("x = 1\n\nimport nowhere_to_be_found", "v1.py:3: ModuleNotFoundError"),
        (
            "from pydantic import BaseModel\nclass A(BaseModel):\n    b: Missing",
            "v1.py:3: NameError",
        ),
        ("def f():\n    return 1 / 0\n\nf()", "v1.py:2: ZeroDivisionError"),
        (
            "from pydantic import BaseModel\nclass A(BaseModel):\n    b: 'Missing'\nSCHEMA = A",
            "has no JSON Schema",
        ),
        (
            "from typing import Callable\nfrom pydantic import BaseModel\n"
            "class A(BaseModel):\n    b: Callable[[], int]\nSCHEMA = A",
            "has no JSON Schema",
        ),
    ],
)
def test_a_schema_file_that_cannot_be_used(
    drafts: Catalog, tmp_path: Path, source: str, said: str
) -> None:
    path = write_schema(tmp_path / "schemas", source=source)
    with pytest.raises(InvalidSchema) as caught:
        drafts.schema("event@1")
    assert said in caught.value.message
    assert str(path) in caught.value.message


def test_a_file_that_failed_leaves_no_module(drafts: Catalog, tmp_path: Path) -> None:
    write_schema(tmp_path / "schemas", source="left = 1\nraise ValueError('late')\n")
    with pytest.raises(InvalidSchema, match="ValueError: late"):
        drafts.schema("event@1")
    ours = [name for name in sys.modules if name.startswith("extractor_schema_event_v1")]
    assert not [name for name in ours if "left" in vars(sys.modules[name])]


def test_a_model_of_the_users_own() -> None:
    class Invoice(BaseModel):
        total: int

    schema = Schema.of_model(Invoice)
    assert (schema.id, schema.name, schema.version) == ("Invoice", "Invoice", None)
    assert schema.model is Invoice
    assert schema.digest == digest({"json_schema": Invoice.model_json_schema()})
    with pytest.raises(InvalidSchema, match="lies in no schema folder"):
        write_json_schema(schema)


@pytest.mark.parametrize("wrong", [3, dict, BaseModel])
def test_what_is_no_model_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidSchema, match="expected a class derived from"):
        Schema.of_model(wrong)


@pytest.mark.parametrize(
    ("left", "right", "pointer"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, None),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "/a/1/b"),
        ({"a": 1}, {"a": 1, "b": 2}, "/b"),
        ({"a": [1, 2]}, {"a": [1]}, "/a/1"),
        ({"a/b~": 1}, {"a/b~": True}, "/a~1b~0"),
        ([], {}, ""),
    ],
)
def test_the_first_difference(left: object, right: object, pointer: str | None) -> None:
    assert first_difference(left, right) == pointer
