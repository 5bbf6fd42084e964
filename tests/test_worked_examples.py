"""The worked examples in prompts: what they show the model must pass as an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from extractor.catalog import Catalog
from extractor.catalog.prompt import Prompt
from extractor.compact import compact, expand
from extractor.evidence import Hints, ground_draft
from extractor.numbering import number_sentences
from extractor.records import Article
from extractor.references import take_references, with_references
from extractor.resolve import RESOLVERS
from extractor.validation import validate
from extractor.wire import wire_form

CATALOG = Catalog.open()
PROMPTS = [
    entry.id
    for entry in CATALOG.prompts()
    if entry.id.startswith(("attributions@", "incident@", "realis@"))
]


NUMBERED = [
    entry.id for entry in CATALOG.prompts() if CATALOG.prompt(entry.id).evidence != "quotation"
]
_NUMBER = re.compile(r"\[[0-9]+\] ")


def examples(prompt: Prompt) -> Iterator[tuple[str, dict[str, Any]]]:
    """The article of each worked example as it is shown, and the answer."""
    for asked, answered in pairwise(prompt.render(Article(text="Rain fell."))):
        if answered.role == "assistant":
            text = asked.content.removeprefix("<article>\n").removesuffix("\n</article>")
            yield text, json.loads(answered.content)


@pytest.mark.parametrize("id_", PROMPTS)
def test_examples_are_right_answers(id_: str) -> None:
    """Every quotation stands in the example's article, and every field is in its place."""
    prompt = CATALOG.prompt(id_)
    schema = CATALOG.schema(prompt.schema_name)
    found = list(examples(prompt))
    assert len(found) >= 2
    for text, said in found:
        draft = said
        if prompt.names is not None:
            asked = wire_form(compact(schema.json_schema, prompt.names)).schema["properties"]
            assert list(said) == [name for name in asked if name in said], "in the schema's order"
            draft = expand(said, schema.json_schema, prompt.names)
        else:
            assert list(draft) == list(wire_form(schema.json_schema).schema["properties"])
        grounded = ground_draft(draft, schema.json_schema, Article(text=text), RESOLVERS)
        assert grounded.tree is not None
        checked = validate(grounded.tree, schema.model, schema.json_schema)
        problems = [*grounded.problems, *checked.problems]
        # The examples have no date of publication, so that some times stay open.
        wrong = [p for p in problems if p.code != "unresolved" and p.severity != "info"]
        assert not wrong


def test_there_are_prompts_for_numbered_sentences() -> None:
    assert {CATALOG.prompt(id_).evidence for id_ in NUMBERED} == {"sentence", "both"}


@pytest.mark.parametrize("id_", NUMBERED)
def test_examples_are_numbered_and_refer_as_the_core_does(id_: str) -> None:
    """The article is shown as the core would show it, and each object's words stand in the
    sentence that it names."""
    prompt = CATALOG.prompt(id_)
    schema = CATALOG.schema(prompt.schema_name).json_schema
    found = list(examples(prompt))
    assert found
    for shown, draft in found:
        text = _NUMBER.sub("", shown)
        numbered = number_sentences(text)
        assert numbered.text == shown
        asked = wire_form(with_references(schema, len(numbered.places))).schema
        assert list(draft) == list(asked["properties"])
        referred = take_references(draft, schema, numbered.places)
        grounded = ground_draft(
            referred.draft,
            schema,
            Article(text=text),
            {},
            hints=Hints(sentences=referred.sentences),
        )
        problems = [*referred.problems, *grounded.problems]
        assert [problem for problem in problems if problem.code != "unresolved"] == []
