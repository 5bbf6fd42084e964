"""The prompts and schemas of this repository: released ones unmoved, all of them usable."""

from __future__ import annotations

import json

import pytest

from extractor.catalog import Catalog, Finding, check_prompts, check_schemas
from extractor.catalog.schema import json_schema_text
from extractor.records import Article

CATALOG = Catalog.open()
PROMPTS = [entry.id for entry in CATALOG.prompts()]
SCHEMAS = [entry.id for entry in CATALOG.schemas()]


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{finding.message}\n    {finding.hint}" for finding in findings)


def test_there_is_something_to_check() -> None:
    assert PROMPTS
    assert SCHEMAS


def test_nothing_is_wrong_with_the_prompts() -> None:
    findings = check_prompts(CATALOG)
    assert not findings, told(findings)


def test_nothing_is_wrong_with_the_schemas() -> None:
    findings = check_schemas(CATALOG)
    assert not findings, told(findings)


@pytest.mark.parametrize("id_", SCHEMAS)
def test_the_committed_json_schema_is_the_models(id_: str) -> None:
    """Compared here and not at run time: a user's Pydantic may word a JSON Schema differently."""
    schema = CATALOG.schema(id_)
    assert schema.path is not None
    committed = schema.path.with_suffix(".json")
    assert committed.is_file(), f"{committed} is missing: extractor.catalog.write_json_schema"
    assert committed.read_text(encoding="utf-8") == json_schema_text(schema), (
        f"{committed} is not the JSON Schema of the model in {schema.path.name}; for a draft, "
        "write it anew with extractor.catalog.write_json_schema"
    )


@pytest.mark.parametrize("id_", PROMPTS)
def test_worked_examples_answer_in_json(id_: str) -> None:
    messages = CATALOG.prompt(id_).render(Article(text="Rain fell."))
    for message in messages:
        if message.role == "assistant":
            assert isinstance(json.loads(message.content), dict)


@pytest.mark.parametrize("kind", ["prompt", "schema"])
def test_every_name_has_a_production_version(kind: str) -> None:
    shelf = CATALOG.prompt_shelf if kind == "prompt" else CATALOG.schema_shelf
    for name in {version.name for version in shelf.versions}:
        assert shelf.find(name).number in shelf.numbers(name)
