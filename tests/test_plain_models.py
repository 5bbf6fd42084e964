"""Five plain models of users, end to end on what the embedded model answered."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from extractor.cassettes import cassette_path, status
from extractor.records import record_json
from tests.recorded import EVALS, ROOT
from tests.test_citations import scalars

TABLE: dict[str, Any] = runpy.run_path(str(EVALS / "plain" / "table.py"))
pytestmark = pytest.mark.skipif(
    not TABLE["CASSETTES"].is_dir(), reason="not recorded yet: make record-plain"
)
CASES = TABLE["plain_cases"]()
MODEL = TABLE["recorded_model"]()
EACH = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


@pytest.mark.parametrize("cite", TABLE["CITES"])
@EACH
def test_a_recording_is_what_the_code_would_send_now(case: Any, cite: str) -> None:
    (found,) = status([case], TABLE["plain_recipe"](case, cite), MODEL, TABLE["CASSETTES"])
    assert (found.state, found.changes) == ("fresh", ())


def test_nothing_is_recorded_that_nobody_asks() -> None:
    asked = {
        cassette_path(TABLE["CASSETTES"], TABLE["plain_recipe"](case, cite), MODEL, case.id)
        for case in CASES
        for cite in TABLE["CITES"]
    }
    assert set(TABLE["CASSETTES"].rglob("*.yaml")) == asked


@EACH
def test_every_value_has_its_words_or_says_that_it_has_none(case: Any) -> None:
    result = TABLE["replayed"](case, TABLE["plain_recipe"](case, "all"))
    assert result.record is not None
    assert set(result.evidence) == set(scalars(record_json(result.record)))
    reported = {problem.path for problem in result.problems}
    for path, evidence in result.evidence.items():
        assert bool(evidence.spans) == (evidence.support != "none")
        assert evidence.spans or path in reported
        for span in evidence.spans:
            assert case.article.text[span.start : span.end] == span.text


def test_the_table_in_the_documentation_is_what_the_command_prints() -> None:
    written = (ROOT / "docs" / "plain-models.md").read_text(encoding="utf-8")
    assert "\n".join(TABLE["lines"]()) in written
