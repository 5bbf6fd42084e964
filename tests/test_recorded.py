"""The committed cassettes are what the code would send now, and the gold is in the schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from extractor import evals
from extractor.cases import Case, check_gold
from extractor.cassettes import cassette_path, replaying, status
from extractor.openai_model import OpenAIModel
from extractor.pipeline import extract_one
from extractor.records import Article
from tests.recorded import CASSETTES, MODEL, recorded_cases, recorded_recipe

CASES = recorded_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_gold_is_an_instance_of_its_schema(case: Case) -> None:
    check_gold(case, recorded_recipe().schema.model)


def test_every_case_is_recorded_as_the_code_would_ask_it() -> None:
    found = status(CASES, recorded_recipe(), MODEL, CASSETTES)
    wrong = [
        f"{item.state}: {item.path.relative_to(CASSETTES.parent)}"
        + "".join(f"\n    {change}" for change in item.changes)
        for item in found
        if item.state != "fresh"
    ]
    assert not wrong, "cassettes that do not fit (make record):\n" + "\n".join(wrong)


def test_the_recordings_are_a_real_models() -> None:
    """The server's own marks are in them: its timings, and tokens that it counted."""
    for case in CASES:
        path = cassette_path(CASSETTES, recorded_recipe(), MODEL, case.id)
        text = path.read_text(encoding="utf-8")
        assert "predicted_per_second" in text
        assert "completion_tokens" in text


def replayed(case: Case, article: Article) -> str:
    async def work() -> str:
        path = cassette_path(CASSETTES, recorded_recipe(), MODEL, case.id)
        model = OpenAIModel(MODEL, base_url="http://model.local/v1", endpoint="embedded")
        async with model:
            with replaying(path):
                result = await extract_one(article, recorded_recipe(), model)
        return result.to_json()

    return asyncio.run(work())


def test_a_replay_is_deterministic() -> None:
    first, second = (replayed(CASES[0], CASES[0].article) for _ in range(2))
    cut = '"seconds"'
    assert first.split(cut)[0] == second.split(cut)[0]


def test_the_evaluation_replays_without_a_model() -> None:
    async def work() -> evals.Run:
        model = OpenAIModel(MODEL, base_url="http://model.local/v1", endpoint="embedded")
        async with model:
            return await evals.run(CASES, recorded_recipe(), model, replay_root=CASSETTES)

    run = asyncio.run(work())
    assert len(run.results) == len(CASES)
    f1 = run.scores.micro.f1
    assert f1 is not None
    assert 0 < f1 < 1


def test_a_cassette_that_is_gone_says_so(tmp_path: Path) -> None:
    found = status(CASES, recorded_recipe(), MODEL, tmp_path)
    assert [item.state for item in found] == ["missing"] * len(CASES)
