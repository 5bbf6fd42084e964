"""Runs, comparisons and gates for other programs: read back as these read them."""

from __future__ import annotations

import csv
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from extractor.cli import app
from extractor.errors import InputError
from extractor.evals import Run
from extractor.evals.comparison import ALL, Gated, StoredRun, compare, hold
from extractor.evals.exports import (
    COMPARISON_COLUMNS,
    RUN_COLUMNS,
    comparison_csv,
    comparison_markdown,
    junit,
    run_csv,
    run_markdown,
)
from extractor.evals.replies import ReplyCounts
from extractor.evals.scores import FieldScore, Scores, total
from extractor.pipeline import failure
from extractor.records import Article, ArticleInfo
from tests.recorded import ROOT

ODD = 'names/a|b, "c"'
"""A path that means something in both formats."""


@pytest.fixture
def run() -> Run:
    first = Scores((FieldScore("type", right=1, wrong=1), FieldScore(ODD, spurious=2)))
    second = Scores((FieldScore("type", right=3, missing=1), FieldScore(ODD)))
    beside = Scores((FieldScore("accuracy", right=1),))
    article = ArticleInfo.of(Article(text="Ann met Bob."))
    return Run(
        prompt="event@1",
        schema="event@1",
        model="m",
        replayed=True,
        results=(failure(article, InputError("none")),) * 2,
        scores=total([first, second]),
        article_scores=(first, second),
        replies=ReplyCounts(),
        article_beside=(beside, beside),
    )


def test_a_run_in_csv(run: Run) -> None:
    rows = list(csv.DictReader(run_csv(run).splitlines()))
    assert tuple(rows[0]) == RUN_COLUMNS
    assert [(row["part"], row["path"]) for row in rows] == [
        ("field", ODD),
        ("field", "type"),
        ("all", ""),
        ("figure", "micro-F1"),
        ("beside", "accuracy"),
    ]
    odd, kind, everything, figure, _ = rows
    assert (odd["gold"], odd["predicted"], odd["recall"]) == ("0", "2", "")  # undefined: empty
    assert (kind["right"], kind["wrong"], kind["missing"]) == ("4", "1", "1")
    assert float(kind["precision"]) == 4 / 5
    assert float(everything["f1"]) == float(figure["f1"]) == 8 / 13
    assert float(everything["low"]) <= 8 / 13 <= float(everything["high"])


def cells(line: str) -> list[str]:
    """The cells of a line of a Markdown table, as GitHub reads them."""
    found = re.split(r"(?<!\\)\|", line)[1:-1]
    return [re.sub(r"\\(.)", r"\1", cell).strip() for cell in found]


def test_a_run_in_markdown(run: Run) -> None:
    heading, empty, head, rule, *lines = run_markdown(run).splitlines()
    assert (heading, empty) == ("event@1 · event@1 · m, 2 articles", "")
    assert cells(head) == ["field", "gold", "right", "P", "R", "F1", "from", "to"]
    assert set(cells(rule)) == {":--", "--:"}
    assert {len(cells(line)) for line in lines} == {8}
    assert [cells(line)[0] for line in lines] == [ODD, "type", "all values", "accuracy"]
    assert cells(lines[1])[:6] == ["type", "6", "4", "0.800", "0.667", "0.727"]
    classes = run_markdown(replace(run, figure="macro")).splitlines()
    assert cells(classes[-2])[:6] == ["macro-F1", "", "", "", "", "0.727"]


def stored(name: str, rights: list[int], *, failed: tuple[str, ...] = ()) -> StoredRun:
    """A run with so many right values of four in each article."""
    counts = np.array([[right, 4, 4] for right in rights])
    articles = tuple(f"a{place}" for place in range(len(rights)))
    return StoredRun(name, articles, {ALL: counts, "type": counts}, failed)


GOOD, SPOILED = stored("good*", [4, 3, 4, 4] * 8), stored("spoiled", [1, 0, 2, 1] * 8)


def test_a_comparison_in_csv_and_markdown() -> None:
    compared = compare(GOOD, SPOILED)
    rows = list(csv.DictReader(comparison_csv(compared).splitlines()))
    assert tuple(rows[0]) == COMPARISON_COLUMNS
    assert [row["path"] for row in rows] == [ALL, "type"]
    assert float(rows[1]["change"]) == pytest.approx(1 / 4 - 15 / 16)
    assert float(rows[1]["low"]) < float(rows[1]["change"]) < float(rows[1]["high"])
    lines = comparison_markdown(GOOD, SPOILED, compared).splitlines()
    assert lines[:3] == ["1: good\\*  ", "2: spoiled  ", "32 articles"]
    assert [cells(line)[0] for line in lines[6:]] == ["all values", "type"]
    assert cells(lines[-1])[1:4] == ["0.938", "0.250", "-0.688"]


def test_a_gate_in_junit() -> None:
    gated = [
        *hold(compare(GOOD, GOOD), {ALL: 0.02}),
        *hold(compare(GOOD, SPOILED), {"type": 0.1}),
        Gated("size\x00", 0.1, None, "cannot tell"),
    ]
    suite = ElementTree.fromstring(junit(gated, []))
    assert suite.attrib.items() >= {
        *(("tests", "3"), ("failures", "1"), ("skipped", "1"), ("errors", "0"))
    }
    found = {case.get("name"): [each.tag for each in case] for case in suite}
    assert found == {"all values": [], "type": ["failure"], "size\ufffd": ["skipped"]}
    failed = suite.find(".//failure")
    assert failed is not None
    assert failed.get("message") == "type: worse (-0.688, margin 0.1)"
    unanswered = ElementTree.fromstring(junit(gated, ["a1", "a2"]))
    assert [error.get("message") for error in unanswered.iter("error")] == [
        "articles without an answer: a1, a2"
    ] * 3


def extractor(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write_run(path: Path, *, status: str = "complete") -> Path:
    field = {"path": "type", "right": 1, "wrong": 0, "missing": 0, "spurious": 0}
    articles = [{"id": f"a{n}", "status": status, "fields": [field]} for n in range(3)]
    run: dict[str, Any] = {"prompt": "p@1", "schema": "s@1", "model": "m", "articles": articles}
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


def test_the_gate_writes_its_file_whatever_it_says(tmp_path: Path) -> None:
    good = write_run(tmp_path / "good.json")
    failed = write_run(tmp_path / "failed.json", status="failed")
    file = tmp_path / "gate.xml"
    assert (
        extractor("eval", "gate", good, good, "--field", "type=0", "--junit", file).exit_code == 0
    )
    suite = ElementTree.parse(file).getroot()
    assert [case.get("name") for case in suite] == ["all values", "type"]
    assert extractor("eval", "gate", good, failed, "--junit", file).exit_code == 4
    assert ElementTree.parse(file).getroot().get("errors") == "1"
    nowhere = extractor("eval", "gate", good, good, "--junit", tmp_path / "none" / "gate.xml")
    assert isinstance(nowhere.exception, InputError)
    assert "gate.xml: cannot be written" in nowhere.exception.message


@pytest.mark.parametrize(
    ("form", "start"),
    [("csv", "path,first,"), ("markdown", "1: p@1 · s@1 · m"), ("json", '{"first"')],
)
def test_the_formats_of_a_comparison(tmp_path: Path, form: str, start: str) -> None:
    good = write_run(tmp_path / "good.json")
    done = extractor("eval", "diff", good, good, "--format", form)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(start)


def test_the_workflow_uses_commands_that_there_are() -> None:
    workflow = yaml.safe_load((ROOT / "docs/examples/eval-gate.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["gate"]["steps"] if "run" in step]
    asked = [shlex.split(step) for step in steps if "extractor" in step]
    command: Any = typer.main.get_command(app)
    assert [words[2] for words in asked] == ["run", "diff", "gate"]
    for words in asked:
        end = next((at for at, word in enumerate(words) if word.startswith(">")), len(words))
        command.commands["eval"].commands[words[2]].make_context(words[2], words[3:end])
