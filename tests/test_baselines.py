"""Answers of other programs to MUC-4, as runs beside ours; on invented cases worked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from extractor.cli import app
from extractor.errors import InputError
from extractor.evals import Run
from extractor.evals.baselines import import_baseline
from extractor.evals.benchmarks import read_benchmark

TEXT = "BRENNA, 4 May - Two gunmen of the Red Delta shot Mayor Olav Renn in the market hall."
SHOT: dict[str, Any] = {
    "relevant": True,
    "roles": {
        "PerpInd": [["two gunmen", "gunmen"]],
        "PerpOrg": [["red delta", "delta"]],
        "Target": [["market hall"]],
        "Victim": [["olav renn", "mayor olav renn"]],
        "Weapon": [],
    },
    "templates": [{"incident_type": "attack"}],
}
CALM: dict[str, Any] = {"relevant": False, "roles": {}, "templates": []}
ANSWERS: list[dict[str, Any]] = [
    {
        "id": "shot",
        "pred": {"PerpInd": [["Gunmen"]], "Victim": [["Olav Renn"], ["a guard"]], "Weapon": []},
        "type": "attack",
        "seconds": 2.5,
        "tokens": 60,
        "error": None,
    },
    {"id": "calm", "pred": {}, "type": "none", "seconds": 1.5, "tokens": 40, "error": None},
]


def lines(path: Path, values: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return lines(
        tmp_path / "muc4.jsonl",
        [
            {"id": "shot", "text": TEXT, "published": "1989-05-04", "gold": SHOT},
            {"id": "calm", "text": "It rained in Brenna.", "gold": CALM},
        ],
    )


def imported(cases: Path, answers: list[dict[str, Any]]) -> Run:
    benchmark = read_benchmark(cases)
    assert benchmark is not None
    baseline = lines(cases.parent / "answers.jsonl", answers)
    return import_baseline(baseline, benchmark, name="theirs", model="m")


def beside(run: Run) -> dict[str, tuple[int, int]]:
    return {field.path: (field.right, field.gold) for field in run.beside.fields}


def test_answers_are_scored_as_records_are(cases: Path) -> None:
    """Two of four entities found, one too many; in the order of the data set."""
    run = imported(cases, list(reversed(ANSWERS)))
    micro = run.scores.micro
    assert (micro.right, micro.gold, micro.predicted) == (2, 4, 3)
    assert [result.article.id for result in run.results] == ["shot", "calm"]
    assert beside(run) == {"incident type": (2, 2), "roles, relevant articles": (2, 4)}
    assert (run.replies.replies, run.replies.output_tokens) == (2, 100)


def test_a_program_that_gives_no_type_is_not_asked_for_it(cases: Path) -> None:
    untyped = [{**answer, "type": None} for answer in ANSWERS]
    assert beside(imported(cases, untyped)) == {"roles, relevant articles": (2, 4)}


def test_an_error_is_an_empty_answer_and_an_endpoint_that_was_not_there_is_none(
    cases: Path,
) -> None:
    def status(error: str) -> str:
        broken = {**ANSWERS[0], "pred": {}, "type": None, "tokens": None, "error": error}
        run = imported(cases, [broken, ANSWERS[1]])
        assert run.scores.micro.missing == 4
        assert beside(run)["incident type"] == (1, 2)
        assert run.results[0].problems[0].message == error
        return run.results[0].status

    assert status("IncompleteOutputException: the output was cut off") == "rejected"
    assert status("APITimeoutError: Request timed out.") == "failed"
    assert status("InstructorRetryException: Connection error.") == "failed"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (ANSWERS[:1], "there is no answer to calm"),
        ([*ANSWERS, {**ANSWERS[0], "id": "other"}], "the data set does not have other"),
        ([*ANSWERS, ANSWERS[0]], r"answers\.jsonl:3: shot was answered before"),
        ([{**ANSWERS[0], "pred": {"Thief": []}}], "unknown role 'Thief'; there are PerpInd"),
        ([{"id": "shot"}], r"answers\.jsonl:1: not an answer of a baseline: pred: Field required"),
    ],
)
def test_what_is_no_baseline_of_these_articles_is_refused(
    cases: Path, answers: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        imported(cases, answers)


def extractor(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_an_imported_run_passes_the_gate_of_itself(cases: Path, tmp_path: Path) -> None:
    baseline = lines(tmp_path / "instructor.jsonl", ANSWERS)
    done = extractor("eval", "import", baseline, cases, "--format", "json")
    assert done.exit_code == 0, done.output
    run = tmp_path / "run.json"
    run.write_text(done.stdout, encoding="utf-8")
    assert json.loads(done.stdout)["prompt"] == "instructor"
    assert extractor("eval", "gate", run, run).exit_code == 0
    table = extractor("eval", "import", baseline, cases, "--name", "plain", "--model", "small")
    assert table.stdout.startswith("plain · muc4 · small\n2 articles")


def test_an_answer_that_never_came_is_said(cases: Path, tmp_path: Path) -> None:
    silent = {**ANSWERS[0], "pred": {}, "error": "APIConnectionError: Connection error."}
    done = extractor("eval", "import", lines(tmp_path / "l.jsonl", [silent, ANSWERS[1]]), cases)
    assert done.exit_code == 1
    assert "shot: APIConnectionError" in done.stderr


def test_baselines_are_of_muc4(tmp_path: Path) -> None:
    baseline = lines(tmp_path / "answers.jsonl", ANSWERS)
    events = {"id": "a", "text": TEXT, "gold": {"events": []}}
    done = extractor("eval", "import", baseline, lines(tmp_path / "casie.jsonl", [events]))
    assert isinstance(done.exception, InputError)
    assert done.exception.message == "a baseline of casie cannot be read"


def test_attributions_of_another_program_are_looked_up_as_ours_are(tmp_path: Path) -> None:
    text = "“We go,” Renn said. Police denied it. Renn said no."

    def spans(*words: str) -> list[dict[str, Any]]:
        return [{"start": text.index(w), "end": text.index(w) + len(w), "text": w} for w in words]

    gold = [
        {"source": spans("Renn"), "cue": spans("said"), "content": spans("“We go,”")},
        {"source": spans("Police"), "cue": spans("denied"), "content": spans("it")},
    ]
    cases = lines(
        tmp_path / "polnear.jsonl", [{"id": "a", "text": text, "gold": {"attributions": gold}}]
    )
    answers = [
        {"source": "Renn", "cue": "said", "content": '"We go,"', "parent": None},
        {"source": None, "cue": "denied", "content": "it was him"},
    ]
    benchmark = read_benchmark(cases)
    assert benchmark is not None
    baseline = lines(tmp_path / "said.jsonl", [{"id": "a", "attributions": answers, "tokens": 9}])
    run = import_baseline(baseline, benchmark, name="plain", model="m")
    found = {
        field.path: (field.right, field.missing, field.spurious) for field in run.scores.fields
    }
    assert found == {"source": (1, 1, 0), "cue": (2, 0, 0), "content": (1, 1, 0)}
    [beside] = run.article_beside
    [whole] = beside.fields
    assert (whole.path, whole.right, whole.missing, whole.spurious) == ("attribution", 1, 1, 1)


def record_cases(tmp_path: Path, *schemas: str) -> Path:
    gold = {"genre": "report", "lead": None, "main_event": None}
    return lines(
        tmp_path / "cases.jsonl",
        [
            {"article": {"id": str(n), "text": TEXT}, "schema": schema, "gold": gold}
            for n, schema in enumerate(schemas)
        ],
    )


def test_records_of_another_program_are_scored_against_gold(tmp_path: Path) -> None:
    answers: list[dict[str, Any]] = [
        {"id": "0", "record": {"genre": "report", "lead": "Gunmen"}, "tokens": 9, "error": None},
        {"id": "1", "record": None, "tokens": None, "error": "ValidationError: no record"},
    ]
    done = extractor(
        *("eval", "import", lines(tmp_path / "answers.jsonl", answers)),
        *(record_cases(tmp_path, "event@2", "event@2"), "--format", "json"),
    )
    run = json.loads(done.stdout)
    genre = next(field for field in run["fields"] if field["path"] == "genre")
    assert (genre["right"], genre["missing"]) == (1, 1)
    assert run["schema"] == "event@2"
    assert [article["status"] for article in run["articles"]] == ["complete", "rejected"]


def test_records_are_of_one_schema(tmp_path: Path) -> None:
    answers = lines(tmp_path / "answers.jsonl", [{"id": "0", "record": {}}])
    done = extractor("eval", "import", answers, record_cases(tmp_path, "event@1", "event@2"))
    assert isinstance(done.exception, InputError)
    assert "cases of event@1 and event@2" in done.exception.message
