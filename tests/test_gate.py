"""The gate over recorded answers: a harmless word, a spoiled prompt, and too few articles."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from extractor import evals
from extractor.api import recipe_for
from extractor.cases import check_gold, read_cases
from extractor.cassettes import cassette_path, status
from extractor.catalog import Catalog, Recipe
from extractor.cli import app
from extractor.evals.comparison import SIGNIFICANT, compare, read_run
from extractor.evals.report import run_json
from tests.recorded import CASES, CASSETTES, EVALS, ROOT, recorded_model

GATE = EVALS / "gate"
PLAIN, REWORDED, SPOILED = "incident@1", "incident-reworded@1", "incident-spoiled@1"


def recipe_of(prompt: str) -> Recipe:
    return recipe_for(None, prompt, catalog=Catalog.open([GATE / "prompts"]))


def is_recorded() -> bool:
    """Whether `make record-gate` has been run; all of its three prompts, or it counts as not."""
    folders = (
        cassette_path(GATE / "cassettes", recipe_of(prompt), recorded_model(), "any").parent
        for prompt in (PLAIN, REWORDED, SPOILED)
    )
    return all(folder.is_dir() for folder in folders)


recorded = pytest.mark.skipif(not is_recorded(), reason="not recorded yet: make record-gate")


def write_run(path: Path, prompt: str, cases: Path, root: Path, limit: int | None = None) -> Path:
    """A run from cassettes, as `eval run --format json` prints it."""
    model = recorded_model()

    async def work() -> evals.Run:
        async with model:
            found = read_cases(cases)[:limit]
            return await evals.run(
                found, recipe_of(prompt), model, catalog=Catalog.open(), replay_root=root
            )

    path.write_text(json.dumps(run_json(asyncio.run(work()))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def gate_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The three runs over the cases of the gate, by prompt."""
    folder = tmp_path_factory.mktemp("gate")
    return {
        prompt: write_run(
            folder / f"{prompt}.json", prompt, GATE / "cases.jsonl", GATE / "cassettes"
        )
        for prompt in (PLAIN, REWORDED, SPOILED)
    }


def gate(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["eval", "gate", *map(str, arguments)])


@recorded
def test_a_harmless_word_changes_no_field_significantly(gate_runs: dict[str, Path]) -> None:
    compared = compare(read_run(gate_runs[PLAIN]), read_run(gate_runs[REWORDED]))
    sure = [each.path for each in compared if each.p is not None and each.p < SIGNIFICANT]
    assert sure == []
    assert gate(gate_runs[PLAIN], gate_runs[REWORDED]).exit_code != 1


@recorded
def test_a_spoiled_prompt_is_worse(gate_runs: dict[str, Path]) -> None:
    done = gate(gate_runs[PLAIN], gate_runs[SPOILED])
    assert (done.exit_code, done.stdout[:18]) == (1, "all values: worse ")


@recorded
@pytest.mark.parametrize("prompt", [PLAIN, REWORDED, SPOILED])
def test_what_is_recorded_is_what_the_code_would_ask(prompt: str) -> None:
    cases = read_cases(GATE / "cases.jsonl")
    found = status(cases, recipe_of(prompt), recorded_model(), GATE / "cassettes")
    assert [f"{item.state} {item.article_id}" for item in found if item.state != "fresh"] == []


def test_too_few_articles_cannot_tell_two_prompts_apart(tmp_path: Path) -> None:
    """Three articles, asked with quotations and with numbers of sentences."""
    one = write_run(tmp_path / "one.json", "event@2", CASES, CASSETTES, limit=3)
    other = write_run(tmp_path / "other.json", "event-sentences@1", CASES, CASSETTES, limit=3)
    done = gate(one, other)
    assert done.exit_code == 3, done.output
    assert "all values: cannot tell" in done.stdout


def test_the_cases_of_the_gate_fit_their_schema() -> None:
    schema = recipe_of(PLAIN).schema
    cases = read_cases(GATE / "cases.jsonl")
    for case in cases:
        check_gold(case, schema.model)
        for value in (case.gold.get("trigger"), *case.gold.get("victims", ())):
            assert value is None or value in case.article.text
    assert len(cases) == 12


def words(path: Path) -> Sequence[str]:
    return path.read_text(encoding="utf-8").split("---\n", 2)[2].split()


def test_the_reworded_prompt_has_one_other_word() -> None:
    plain = words(ROOT / "prompts/incident/v1.md")
    reworded = words(GATE / "prompts/incident-reworded/v1.md")
    different = [pair for pair in zip(plain, reworded, strict=True) if pair[0] != pair[1]]
    assert different == [("article", "report")]


def test_the_baseline_of_the_workflow_is_what_the_cassettes_give(tmp_path: Path) -> None:
    workflow = (ROOT / "docs/examples/eval-gate.yml").read_text(encoding="utf-8")
    assert "evals/baseline.json" in workflow
    now = write_run(tmp_path / "now.json", "event@production", CASES, CASSETTES)
    before = read_run(EVALS / "baseline.json")
    for each in compare(before, read_run(now)):
        assert each.difference.change in {None, 0.0}, f"{each.path}: run `make baseline`"
    assert gate(EVALS / "baseline.json", now, "--field", "main_event/type=0.05").exit_code == 0
