"""The worked examples in prompts: what they show the model must pass as an answer."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from extractor.catalog import Catalog
from extractor.evidence import ground_draft
from extractor.records import Article
from extractor.shape import wire_form
from extractor.validation import validate

CATALOG = Catalog.open()
PROMPTS = [
    entry.id for entry in CATALOG.prompts() if entry.id.startswith(("attributions@", "incident@"))
]


@pytest.mark.parametrize("id_", PROMPTS)
def test_examples_are_right_answers(id_: str) -> None:
    """Every quotation stands in the example's article, and every field is in its place."""
    prompt = CATALOG.prompt(id_)
    schema = CATALOG.schema(prompt.schema_name)
    messages = prompt.render(Article(text="Rain fell."))
    examples = [(a, b) for a, b in pairwise(messages) if b.role == "assistant"]
    assert len(examples) == 2
    for asked, answered in examples:
        text = asked.content.removeprefix("<article>\n").removesuffix("\n</article>")
        draft = json.loads(answered.content)
        assert list(draft) == list(wire_form(schema.json_schema).schema["properties"])
        grounded = ground_draft(draft, schema.json_schema, Article(text=text), {})
        assert grounded.tree is not None
        checked = validate(grounded.tree, schema.model, schema.json_schema)
        problems = [*grounded.problems, *checked.problems]
        # Here nothing is computed, and a default needs no words.
        wrong = [p for p in problems if p.code != "unresolved" and p.severity != "info"]
        assert not wrong
