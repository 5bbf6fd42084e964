"""Prompts and schemas by name: references, labels, the user's folders, listings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import catalog as catalog_module
from extractor.catalog import (
    Catalog,
    Entry,
    Recipe,
    check_prompts,
    is_floating,
)
from extractor.errors import (
    CatalogError,
    InvalidPrompt,
    UnknownVersion,
)
from tests.catalog_files import (
    catalog_of,
    drafts_in,
    released_in,
    write_labels,
    write_prompt,
    write_schema,
)


@pytest.fixture
def drafts(tmp_path: Path) -> Catalog:
    return drafts_in(tmp_path)


@pytest.fixture
def released(tmp_path: Path) -> Catalog:
    return released_in(tmp_path)


def test_the_public_names_are_stable() -> None:
    assert catalog_module.__all__ == [
        "Catalog",
        "Cite",
        "Entry",
        "Finding",
        "Long",
        "Policy",
        "Prompt",
        "Recipe",
        "Schema",
        "check_prompts",
        "check_schemas",
        "is_floating",
        "lock_prompts",
        "lock_schemas",
        "write_json_schema",
    ]


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("event@1", 1),
        ("event@2", 2),
        ("event@production", 1),
        ("event@staging", 2),
        ("event", 1),
        ("event@latest", 2),
    ],
)
def test_references(drafts: Catalog, reference: str, number: int) -> None:
    assert drafts.prompt(reference).id == f"event@{number}"
    assert drafts.schema(reference).id == f"event@{number}"


def test_only_latest_floats() -> None:
    assert is_floating("event@latest")
    assert not any(map(is_floating, ["event", "event@1", "event@production", "latest"]))


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("evnt@1", "no prompt named 'evnt'", "did you mean 'event'? there is: brief@1, event@1"),
        ("zzz", "no prompt named 'zzz'", "there is: brief@1, event@1, event@2 (in "),
        ("", "no prompt named ''", "there is: brief@1"),
        ("event@7", "no prompt 'event@7'", "event@1, event@2, event@production, event@staging"),
        ("event@v1", "no prompt 'event@v1'", "did you mean 'event@1'?"),
        ("event@01", "no prompt 'event@01'", "did you mean 'event@1'?"),
        ("event@prodution", "no prompt 'event@prodution'", "did you mean 'event@production'?"),
        ("event@", "no prompt 'event@'", "there is: event@1"),
        ("event@1@2", "no prompt 'event@1@2'", "there is: event@1"),
        ("brief", "'brief' alone means the prompt brief@production", "production = 1 in "),
    ],
)
def test_an_unknown_reference_is_told_what_there_is(
    drafts: Catalog, reference: str, message: str, hint: str
) -> None:
    with pytest.raises(UnknownVersion) as caught:
        drafts.prompt(reference)
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(st.text())
def test_no_reference_breaks_the_catalog(reference: str) -> None:
    with pytest.raises(UnknownVersion):
        catalog_of().schema(reference)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("production = 7\n", "production is 7: expected one of 1, 2"),
        ("production = '1'\n", "production is '1'"),
        ("production = true\n", "production is True"),
        ("latest = 1\n", "'latest' cannot be the name of a label"),
        ("'1' = 1\n", "'1' cannot be the name of a label"),
        ("production: 1\n", "not TOML"),
    ],
)
def test_wrong_labels(drafts: Catalog, tmp_path: Path, text: str, said: str) -> None:
    path = write_labels(tmp_path / "prompts", text)
    with pytest.raises(InvalidPrompt) as caught:
        drafts.prompt("event")
    assert said in caught.value.message
    assert str(path) in caught.value.message
    [finding] = check_prompts(drafts)
    assert (finding.file, finding.message) == (path, caught.value.message)
    assert drafts.prompt("event@2").version == 2, "a number needs no label"


def test_user_folders_come_first_and_join_a_name(drafts: Catalog, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    write_prompt(mine / "prompts", "event", 3)
    write_prompt(mine / "prompts", "mine", 1)
    write_labels(mine / "prompts", "trial = 3\n")
    joined = catalog_of(mine, tmp_path)
    ids = [entry.id for entry in joined.prompts()]
    assert ids == ["event@3", "mine@1", "brief@1", "event@1", "event@2"]
    assert joined.prompt("event@trial").version == 3
    assert joined.prompt("event").version == 1
    assert drafts.prompt_shelf.numbers("event") == [1, 2]


def test_two_definitions_are_an_error_that_names_both(drafts: Catalog, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    paths = [write_prompt(mine / "prompts"), tmp_path / "prompts" / "event" / "v1.md"]
    with pytest.raises(CatalogError) as caught:
        catalog_of(mine, tmp_path)
    assert all(f"{path}" in caught.value.message for path in paths)
    assert "event@1" in caught.value.message
    assert drafts.prompts()


def test_a_label_in_two_folders_is_an_error(drafts: Catalog, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    write_prompt(mine / "prompts", number=3)
    write_labels(mine / "prompts", "production = 3\n")
    with pytest.raises(InvalidPrompt, match="'production' stands in another root too"):
        catalog_of(mine, tmp_path).prompt("event")
    assert drafts.prompt("event").version == 1


def test_a_folder_named_twice_is_one(drafts: Catalog, tmp_path: Path) -> None:
    again = tmp_path / "mine" / ".."
    (tmp_path / "mine").mkdir()
    assert len(catalog_of(tmp_path, again).prompts()) == len(drafts.prompts())


def test_a_root_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="not a folder of prompts"):
        Catalog.open(prompts=[tmp_path / "nowhere"])


def test_the_users_folders_stand_beside_extractors_own(tmp_path: Path) -> None:
    write_prompt(tmp_path, "mine")
    opened = Catalog.open(prompts=[tmp_path])
    assert opened.prompts()[0].id == "mine@1"
    assert opened.prompt("event@1").id == "event@1"
    assert opened.prompt("mine@1").path.parent == tmp_path / "mine"


def test_listing_tells_status_labels_and_what_is_wrong(released: Catalog, tmp_path: Path) -> None:
    write_prompt(tmp_path / "prompts", number=2, model="m")
    write_labels(tmp_path / "prompts", "production = 1\nold = 1\n")
    write_schema(tmp_path / "schemas", number=2)
    listed = catalog_of(tmp_path)
    first, second = listed.prompts()
    assert first == Entry("event@1", first.path, "released", ("production", "old"))
    assert (second.status, second.labels) == ("invalid", ())
    assert "unknown key 'model'" in second.problem
    assert [entry.status for entry in listed.schemas()] == ["released", "draft"]
    assert released.prompt("event@1").status == "released"


def test_a_recipe_takes_the_schema_that_its_prompt_is_written_for(drafts: Catalog) -> None:
    recipe = drafts.recipe("event@2")
    assert (recipe.prompt.id, recipe.schema.id, recipe.policy) == (
        "event@2",
        "event@1",
        "leave_out",
    )
    assert drafts.recipe("event", "brief@1").schema.id == "brief@1"
    assert recipe == Recipe(drafts.prompt("event@2"), drafts.schema("event@1"))
