"""The committed cassettes are what the code would send now, and the gold is in the schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from extractor import evals
from extractor.cases import Case, migrate
from extractor.cassettes import cassette_path, status
from extractor.catalog import Catalog
from extractor.records import record_json
from tests.recorded import (
    CASSETTES,
    Recording,
    recorded_cases,
    recorded_model,
    recorded_recipe,
    recordings,
    replayed,
)

RECORDINGS = recordings()
EACH_RECORDING = pytest.mark.parametrize(
    "recording", RECORDINGS, ids=lambda recording: recording.name
)
EACH_CASE = pytest.mark.parametrize(
    ("recording", "case"),
    [
        pytest.param(recording, case, id=f"{recording.name}-{case.id}")
        for recording in RECORDINGS
        for case in recording.cases
    ],
)


def cassette_of(recording: Recording, case: Case) -> Path:
    return cassette_path(CASSETTES, recording.recipe, recorded_model(), case.id)


@EACH_CASE
def test_gold_is_an_instance_of_its_schema(recording: Recording, case: Case) -> None:
    """Older gold too, once it is migrated."""
    catalog = Catalog.open()
    assert migrate(case, case.schema_id, catalog) == case
    newest = catalog.schema(f"{recording.recipe.schema.name}@production")
    assert migrate(case, newest.id, catalog).schema_id == newest.id


@EACH_RECORDING
def test_every_case_is_recorded_as_the_code_would_ask_it(recording: Recording) -> None:
    found = status(recording.cases, recording.recipe, recorded_model(), CASSETTES)
    wrong = [
        f"{item.state}: {item.path.relative_to(CASSETTES.parent)}"
        + "".join(f"\n    {change}" for change in item.changes)
        for item in found
        if item.state != "fresh"
    ]
    assert not wrong, "cassettes that do not fit (make record):\n" + "\n".join(wrong)


def test_nothing_is_recorded_that_no_case_asks_for() -> None:
    """Neither for another model or schema, nor for another decoding."""
    asked = {cassette_of(recording, case) for recording in RECORDINGS for case in recording.cases}
    assert sorted(set(CASSETTES.rglob("*.yaml")) - asked) == []


@EACH_CASE
def test_the_recordings_are_a_real_models(recording: Recording, case: Case) -> None:
    """The server's own marks are in them: its timings, and tokens that it counted."""
    text = cassette_of(recording, case).read_text(encoding="utf-8")
    assert "predicted_per_second" in text
    assert "completion_tokens" in text


@EACH_CASE
def test_a_replay_is_a_valid_record_whose_spans_slice(recording: Recording, case: Case) -> None:
    result = replayed(recording, case)
    assert result.provenance is not None
    is_copied = recording.recipe.prompt.evidence != "sentence"
    assert result.provenance.decoding == ("grammar" if is_copied else "schema")
    assert (result.record is None) == (result.status in {"rejected", "failed"}), result.problems
    if result.record is not None:
        model = recording.recipe.schema.model
        assert model.model_validate(record_json(result.record)) == result.record
    for evidence in result.evidence.values():
        for span in evidence.spans:
            assert case.article.text[span.start : span.end] == span.text


NO_REPORT = [case for case in recorded_cases() if case.gold.get("main_event", 0) is None]


@pytest.mark.parametrize("case", NO_REPORT, ids=lambda case: case.id)
def test_a_text_without_an_event_has_no_main_event(case: Case) -> None:
    """A model may find one all the same, as in the explainer: then the record says so."""
    result = replayed(Recording(recorded_recipe(), (case,)), case)
    assert result.record is not None
    assert record_json(result.record)["main_event"] is None
    left_out = {p.path: p.message for p in result.problems if p.code == "invalid"}
    if case.id == "tides-explainer":
        assert "only a report has a main event" in left_out["/main_event"]


def test_there_are_texts_without_an_event() -> None:
    assert len(NO_REPORT) >= 4


@EACH_RECORDING
def test_a_replay_is_deterministic(recording: Recording) -> None:
    first, second = (replayed(recording, recording.cases[0]).to_json() for _ in range(2))
    cut = '"seconds"'
    assert first.split(cut)[0] == second.split(cut)[0]


@EACH_RECORDING
def test_the_evaluation_replays_without_a_model(recording: Recording) -> None:
    catalog = Catalog.open()
    # Gold may be newer than a prompt that is not in production any more, and has no way back.
    cases = [case for case in recording.cases if _is_scored(case, recording)]

    async def work() -> evals.Run:
        async with recorded_model() as model:
            return await evals.run(
                cases, recording.recipe, model, catalog=catalog, replay_root=CASSETTES
            )

    run = asyncio.run(work())
    assert len(run.results) == len(cases)
    f1 = run.scores.micro.f1
    assert (f1 is None) == (not cases)
    assert f1 is None or 0 < f1 < 1 or len(cases) < 10, "a real model is neither blind nor perfect"


def _is_scored(case: Case, recording: Recording) -> bool:
    version = int(case.schema_id.partition("@")[2])
    return version <= (recording.recipe.schema.version or 0)


@EACH_RECORDING
def test_a_cassette_that_is_gone_says_so(recording: Recording, tmp_path: Path) -> None:
    found = status(recording.cases, recording.recipe, recorded_model(), tmp_path)
    assert [item.state for item in found] == ["missing"] * len(recording.cases)
