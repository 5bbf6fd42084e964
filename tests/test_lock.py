"""What is released stays as it is: the lock, and what check says of a file that moved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from extractor.catalog import (
    Catalog,
    check_prompts,
    check_schemas,
    lock_prompts,
    lock_schemas,
    write_json_schema,
)
from extractor.errors import (
    CatalogError,
    ReleaseChanged,
)
from tests.catalog_files import (
    BODY,
    catalog_of,
    drafts_in,
    released_in,
    write_labels,
    write_prompt,
)


@pytest.fixture
def drafts(tmp_path: Path) -> Catalog:
    return drafts_in(tmp_path)


@pytest.fixture
def released(tmp_path: Path) -> Catalog:
    return released_in(tmp_path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_drafts_are_free(drafts: Catalog, tmp_path: Path) -> None:
    assert lock_prompts(drafts) == []
    assert check_prompts(drafts) == check_schemas(drafts) == []
    write_prompt(tmp_path / "prompts", body=BODY.replace("Fill in", "Complete"))
    assert check_prompts(drafts) == []


def test_a_release_writes_the_digests(released: Catalog, tmp_path: Path) -> None:
    prompts, schemas = tmp_path / "prompts", tmp_path / "schemas"
    assert json.loads((prompts / "lock.json").read_bytes()) == {
        "event@1": {"prompt": sha256(prompts / "event" / "v1.md")}
    }
    assert json.loads((schemas / "lock.json").read_bytes()) == {
        "event@1": {
            "source": sha256(schemas / "event" / "v1.py"),
            "json_schema": sha256(schemas / "event" / "v1.json"),
        }
    }
    assert json.loads((schemas / "event" / "v1.json").read_bytes()) == (
        released.schema("event@1").json_schema
    )
    assert check_prompts(released) == check_schemas(released) == []
    assert lock_prompts(released) == lock_schemas(released, ["event@1", "event@1"]) == []


def test_locking_adds_and_keeps(released: Catalog, tmp_path: Path) -> None:
    before = json.loads((tmp_path / "prompts" / "lock.json").read_bytes())
    write_prompt(tmp_path / "prompts", number=2, status="released")
    write_prompt(tmp_path / "prompts", number=3)
    grown = catalog_of(tmp_path)
    assert lock_prompts(grown) == ["event@2"]
    after = json.loads((tmp_path / "prompts" / "lock.json").read_bytes())
    assert after.keys() == {"event@1", "event@2"}
    assert after["event@1"] == before["event@1"]
    assert released.prompt("event@1")


def test_an_edited_released_prompt(released: Catalog, tmp_path: Path) -> None:
    path = write_prompt(
        tmp_path / "prompts", status="released", body=BODY.replace("Fill in", "Complete")
    )
    with pytest.raises(ReleaseChanged) as caught:
        released.prompt("event@1")
    assert f"{path}: this file of the released prompt event@1 was changed" in caught.value.message
    assert sha256(path)[:12] in caught.value.message
    assert f"new version, {path.with_name('v2.md')}" in caught.value.hint
    [finding] = check_prompts(released)
    assert (finding.file, finding.id) == (path, "event@1")
    assert (finding.message, finding.hint) == (caught.value.message, caught.value.hint)
    lock = (tmp_path / "prompts" / "lock.json").read_bytes()
    with pytest.raises(ReleaseChanged):
        lock_prompts(released)
    assert (tmp_path / "prompts" / "lock.json").read_bytes() == lock


def test_calling_it_a_draft_again_does_not_help(released: Catalog, tmp_path: Path) -> None:
    write_prompt(tmp_path / "prompts", status="draft")
    with pytest.raises(ReleaseChanged):
        released.prompt("event@1")


def test_line_ends_of_a_checkout_are_no_change(released: Catalog, tmp_path: Path) -> None:
    for path in tmp_path.glob("*/event/v1.*"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_prompts(released) == check_schemas(released) == []
    assert lock_schemas(released, ["event@1"]) == []


def test_a_released_prompt_that_is_not_locked(released: Catalog, tmp_path: Path) -> None:
    path = write_prompt(tmp_path / "prompts", number=2, status="released")
    grown = catalog_of(tmp_path)
    with pytest.raises(ReleaseChanged, match="the lock does not name it"):
        grown.prompt("event@2")
    [finding] = check_prompts(grown)
    assert (finding.file, finding.id) == (path, "event@2")
    assert "prompts lock" in finding.hint
    assert check_prompts(released) == []


def test_a_lock_entry_without_a_file(released: Catalog, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "event" / "v1.md").unlink()
    [finding] = check_prompts(catalog_of(tmp_path))
    assert (finding.file, finding.id) == (tmp_path / "prompts" / "lock.json", "event@1")
    assert "there is no such file" in finding.message
    assert check_schemas(released) == []


@pytest.mark.parametrize(
    ("suffix", "old", "new", "said"),
    [
        (".py", "what:", "how:", "v1.json and the model differ first at /properties/what"),
        (
            ".py",
            "class Part",
            "# No more than a comment.\nclass Part",
            "v1.json and the model agree",
        ),
        (".json", '"Name"', '"Title"', "differ first at /$defs/Part/properties/name/title"),
        (".json", "{", "[", "the two cannot be compared"),
        (".py", "SCHEMA =", "SHEMA =", "the two cannot be compared"),
    ],
)
def test_an_edited_released_schema(
    released: Catalog, tmp_path: Path, suffix: str, old: str, new: str, said: str
) -> None:
    path = tmp_path / "schemas" / "event" / f"v1{suffix}"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ReleaseChanged, match="of the released schema event@1 was changed"):
        released.schema("event@1")
    [finding] = check_schemas(released)
    assert (finding.file, finding.id) == (path, "event@1")
    assert said in finding.message
    with pytest.raises(ReleaseChanged):
        lock_schemas(released, ["event@1"])


def test_a_lost_json_schema(released: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "schemas" / "event" / "v1.json"
    path.unlink()
    [finding] = check_schemas(released)
    assert finding.file == path
    assert "is missing" in finding.message


def test_another_pydantic_does_not_break_the_check(
    released: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generated JSON Schema may be worded anew; only writing it would change a release."""
    model = released.schema("event@1").model
    monkeypatch.setattr(model, "model_json_schema", lambda **_: {"title": "Worded anew"})
    assert released.schema("event@1").json_schema == {"title": "Worded anew"}
    assert check_schemas(released) == []
    with pytest.raises(ReleaseChanged, match="another JSON Schema"):
        write_json_schema(released.schema("event@1"))


def test_a_draft_gets_its_json_schema_written(drafts: Catalog, tmp_path: Path) -> None:
    path = write_json_schema(drafts.schema("event@2"))
    assert path == tmp_path / "schemas" / "event" / "v2.json"
    assert json.loads(path.read_bytes()) == drafts.schema("event@2").json_schema
    assert path.read_bytes().endswith(b"}\n")
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "labels.toml",
        "v1.py",
        "v2.json",
        "v2.py",
    ]


@pytest.mark.parametrize("text", ["{", "[]", '{"event@1": 3}', '{"a@1": {}, "a@1": {}}'])
def test_a_broken_lock(released: Catalog, tmp_path: Path, text: str) -> None:
    path = tmp_path / "prompts" / "lock.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match="lock"):
        released.prompt("event@1")
    [finding] = check_prompts(released)
    assert finding.file == path
    assert "version control" in finding.hint


def test_check_finds_everything_at_once(released: Catalog, tmp_path: Path) -> None:
    write_prompt(tmp_path / "prompts", status="released", changelog="Edited.")
    write_prompt(tmp_path / "prompts", number=2, model="m")
    write_prompt(tmp_path / "prompts", number=3, schema="event@9")
    write_labels(tmp_path / "prompts", "production = 8\n")
    findings = check_prompts(catalog_of(tmp_path))
    assert [finding.id for finding in findings] == ["", "event@1", "event@2", "event@3"]
    assert "no schema 'event@9'" in findings[-1].message
    assert all(finding.hint for finding in findings)
    assert check_schemas(released) == []


def test_a_prompt_for_a_model_of_the_users_own_names_no_version(tmp_path: Path) -> None:
    write_prompt(tmp_path / "prompts", schema="Invoice")
    assert check_prompts(catalog_of(tmp_path)) == []


def test_a_lock_that_cannot_be_written(tmp_path: Path) -> None:
    write_prompt(tmp_path / "prompts", status="released")
    (tmp_path / "prompts" / "lock.json").mkdir()
    with pytest.raises(CatalogError, match="cannot be written"):
        lock_prompts(catalog_of(tmp_path))
    assert sorted(path.name for path in (tmp_path / "prompts").iterdir()) == ["event", "lock.json"]
