"""Runs: what is counted in them, and how they are shown to people and to programs."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel
from rich.console import Console

from extractor.cases import Case
from extractor.catalog import Prompt, Recipe, Schema
from extractor.catalog.prompt import Section
from extractor.errors import CassetteMiss, InputError
from extractor.evals import Run, run
from extractor.evals.counts import ProblemCount, count_problems, count_values
from extractor.evals.replies import ReplyCounts
from extractor.evals.report import run_json, show
from extractor.evals.scores import FieldScore, Scores, total
from extractor.model import Completion, Decoding, Parameters, Request
from extractor.pace import Pace
from extractor.records import (
    Alignment,
    Article,
    ArticleInfo,
    Evidence,
    Extraction,
    Problem,
    Span,
    Usage,
    Verbatim,
)


class Noted(BaseModel):
    trigger: Annotated[str | None, Verbatim]


def noted_recipe() -> Recipe:
    prompt = Prompt(
        name="note",
        version=1,
        status="draft",
        digest="",
        path=Path("note/v1.md"),
        parent=None,
        changelog="",
        schema_name="Noted",
        parameters=Parameters(max_tokens=50),
        inputs=("text",),
        sections=(Section("user", "{{ text }}", 1),),
    )
    return Recipe(prompt, Schema.of_model(Noted))


class Parrot:
    """A model that finds the second word to be the trigger, and does not know three words."""

    name = "parrot"
    endpoint: Literal["embedded", "remote"] = "embedded"
    decoding: Decoding = "schema"

    async def complete(self, request: Request) -> Completion:
        words = request.messages[-1].content.rstrip(".").split()
        content = json.dumps({"trigger": words[1]}) if len(words) != 3 else "no idea"
        return Completion(
            content=content,
            finish_reason="stop",
            refusal=None,
            model="parrot",
            usage=Usage(),
            attempts=1,
            seconds=0.1,
            time="2026-03-09T12:00:00+00:00",
            raw={},
        )


def noted(name: str, text: str, trigger: str | None) -> Case:
    return Case(article=Article(id=name, text=text), schema_id="Noted", gold={"trigger": trigger})


CASES = [
    noted("right", "Ann met Bob today.", "met"),
    noted("wrong", "Ann has met Bob.", "met"),
    noted("failed", "Ann met Bob.", "met"),
]


def test_a_run_scores_every_case_in_order() -> None:
    progress: list[tuple[int, int]] = []
    found = asyncio.run(
        run(CASES, noted_recipe(), Parrot(), pace=Pace(on_progress=lambda *n: progress.append(n)))
    )
    assert progress == [(1, 3), (2, 3), (3, 3)]
    assert [result.article.id for result in found.results] == ["right", "wrong", "failed"]
    [field] = found.scores.fields
    assert (field.right, field.wrong, field.missing) == (1, 1, 1)
    assert [scores.micro.f1 for scores in found.article_scores] == [1.0, 0.0, 0.0]
    assert total(found.article_scores) == found.scores
    assert not found.replayed


def test_a_case_for_another_schema_is_refused() -> None:
    other = CASES[0].model_copy(update={"schema_id": "event@7"})
    with pytest.raises(InputError, match="case right is for schema event@7, not Noted"):
        asyncio.run(run([other], noted_recipe(), Parrot()))


def test_a_replay_without_recording_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(CassetteMiss, match=r"right\.yaml: there is no such recording"):
        asyncio.run(run(CASES, noted_recipe(), Parrot(), replay_root=tmp_path))


@pytest.fixture(scope="module")
def parrots() -> Run:
    return asyncio.run(run(CASES, noted_recipe(), Parrot()))


# Counts


class Named(BaseModel):
    """Names, by kinds that are free text; so a kind may hold what a JSON pointer escapes."""

    names: dict[str, str | None]
    year: int | None = None
    tags: tuple[str, ...] = ()


def extraction(
    record: BaseModel | None, evidence: dict[str, Evidence], *codes: str
) -> Extraction[Any]:
    return Extraction(
        article=ArticleInfo.of(Article(text="Ann met Bob.")),
        status="failed" if record is None else "partial",
        record=record,
        evidence=evidence,
        problems=tuple(Problem(code=code, path="", message="m") for code in codes),
        provenance=None,
    )


def quoted(alignment: Alignment, places: int = 1) -> Evidence:
    span = Span(text="Ann", start=0, end=3, alignment=alignment)
    return Evidence(support="quoted", spans=(span,) * places)


def test_values_are_counted_by_their_support() -> None:
    names = {"a/b": "Ann", "c~d": "Ann", "e": "Ann", "f": None, "g": ""}
    evidence = {
        "/names/a~1b": quoted("exact"),
        "/names/c~0d": quoted("folded"),
        "/names/e": quoted("ambiguous", places=3),
        "/year": Evidence(support="computed", spans=quoted("exact").spans),
        "/tags/0": Evidence(support="derived", spans=quoted("exact").spans),
        "/tags/1": Evidence(support="none"),
        "/gone": quoted("exact"),
    }
    record = Named(names=names, year=0, tags=("x", "y", "z"))
    found = count_values([extraction(record, evidence), extraction(None, {})])
    assert found.support == {"quoted": 3, "derived": 1, "computed": 1, "none": 2}
    assert found.alignment == {"exact": 1, "folded": 1, "ambiguous": 1}
    assert found.total == 7


def test_without_values_every_kind_is_counted_and_none_has_a_share() -> None:
    found = count_values([])
    assert found.support == {"quoted": 0, "derived": 0, "computed": 0, "none": 0}
    assert found.share(0) is None


def test_problems_are_counted_by_code_and_by_article() -> None:
    results = [
        extraction(None, {}, "a", "b", "b"),
        extraction(None, {}, "b", "c"),
        extraction(None, {}),
    ]
    assert count_problems(results) == (
        ProblemCount("b", 3, 2),
        ProblemCount("a", 1, 1),
        ProblemCount("c", 1, 1),
    )


# Tables


def shown(found: Run, console: Console | None = None) -> str:
    console = console or Console(width=80, file=io.StringIO())
    show(found, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def with_fields(found: Run, *fields: FieldScore) -> Run:
    return replace(found, scores=Scores(fields))


def test_the_tables_fit_80_columns(parrots: Run) -> None:
    path = "main_event/" + "very_long_name/" * 7 + "*/name"
    found = with_fields(parrots, FieldScore(path, right=1000, wrong=1))
    [first, *others] = found.results
    info = first.article.model_copy(update={"id": "long-" * 30})
    long = Problem(code="very.long_code" * 5, path="", message="m")
    first = replace(first, article=info, problems=(long,))
    text = shown(replace(found, results=(first, *others)))
    assert max(map(len, text.splitlines())) <= 80


def test_what_was_run_stands_first(parrots: Run) -> None:
    lines = shown(parrots).splitlines()
    assert lines[:2] == [
        "note@1 · Noted · parrot",
        "3 articles answered by the model: 2 complete, 1 failed",
    ]


def test_the_worst_articles_stand_first(parrots: Run) -> None:
    undefined = replace(parrots, article_scores=(Scores(()), *parrots.article_scores[1:]))
    assert rows(shown(undefined))[3:7] == [
        ["article", "status", "problems", "gold", "right", "F1"],
        ["wrong", "complete", "0", "1", "0", "0.000"],
        ["failed", "failed", "1", "1", "0", "0.000"],
        ["right", "complete", "0", "0", "0", "–"],
    ]


def test_values_and_problems_are_shown(parrots: Run) -> None:
    [first, *_] = parrots.results
    record = Named(names={"a": "Ann", "b": "Ann", "c": "Ann"}, year=2026)
    evidence = {"/names/a": quoted("exact"), "/names/b": quoted("ambiguous")}
    one = extraction(record, evidence, "uncited", "uncited")
    found = rows(shown(replace(parrots, results=(one, first, first))))
    start = found.index(["values", "by", "support", "count", "share"])
    assert found[start + 1 : start + 9] == [
        ["quoted", "4", "66.7%"],
        ["exact", "3", "50.0%"],
        ["folded", "0", "0.0%"],
        ["ambiguous", "1", "16.7%"],
        ["derived", "0", "0.0%"],
        ["computed", "0", "0.0%"],
        ["none", "2", "33.3%"],
        ["all", "values", "6", "100.0%"],
    ]
    assert ["uncited", "2", "1"] in found
    assert "no problems" in shown(replace(parrots, results=(first, first, first)))


def test_fields_stand_under_the_objects_that_they_are_in(parrots: Run) -> None:
    paths = ["b/c/*/d/e", "b/c/*/f", "a", "b/x", "b/tags/*", "tags/*"]
    found = with_fields(parrots, *(FieldScore(path, right=1) for path in sorted(paths)))
    lines = shown(found).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("field"))
    names = [re.split(r" {3,}", line)[0].rstrip() for line in lines[start + 1 :]]
    assert names[: names.index("")] == [
        *("a", "tags/*"),
        *("b", "  tags/*", "  x"),
        *("b/c/*", "  d/e", "  f"),
    ]


def test_the_totals_stand_under_the_fields(parrots: Run) -> None:
    found = with_fields(parrots, *parrots.scores.fields, FieldScore("x", missing=1))
    table = rows(shown(found))
    assert ["trigger", "3", "1", "0.500", "0.333", "0.400"] in [row[:6] for row in table]
    assert ["x", "1", "0", "–", "0.000", "0.000", "–"] in table
    every = ["all", "values", "(micro)", "4", "1", "0.500", "0.250", "0.333"]
    assert every in [row[:8] for row in table]
    assert ["mean", "of", "fields", "(macro)", "0.500", "0.167", "0.200"] in table


def test_each_f1_has_its_interval(parrots: Run) -> None:
    [row] = [row for row in rows(shown(parrots)) if row[:1] == ["trigger"]]
    low, high = map(float, row[6].split("-"))
    assert 0 <= low <= 0.4 <= high <= 1


def test_names_are_no_markup(parrots: Run) -> None:
    assert "[red]a" in shown(with_fields(parrots, FieldScore("[red]a", right=1)))


def test_without_colour_there_are_no_escape_codes(parrots: Run) -> None:
    plain = Console(width=80, file=io.StringIO(), force_terminal=True, no_color=True)
    assert "\x1b" not in shown(parrots, plain)
    coloured = Console(width=80, file=io.StringIO(), force_terminal=True, no_color=False)
    assert "\x1b[" in shown(parrots, coloured)


def test_what_the_model_wrote_is_shown_before_anything_is_left_out(parrots: Run) -> None:
    replies = ReplyCounts(
        replies=3,
        quotations=8,
        found=6,
        verbatim=5,
        referred=4,
        placed=3,
        input_tokens=900,
        cached_tokens=500,
        output_tokens=70,
        timed=3,
        seconds=12.4,
    )
    found = rows(shown(replace(parrots, replies=replies)))
    start = found.index(["replies,", "as", "they", "were", "written", "count", "share"])
    assert found[start + 1 : start + 10] == [
        ["quotations", "8"],
        ["found", "6", "75.0%"],
        ["to", "the", "character", "5", "62.5%"],
        ["with", "a", "sentence", "named", "4"],
        ["found", "in", "it", "3", "75.0%"],
        ["input", "tokens", "900"],
        ["of", "them", "cached", "500"],
        ["output", "tokens", "70"],
        ["seconds,", "as", "the", "server", "timed", "12"],
    ]


def test_what_no_server_told_is_not_shown(parrots: Run) -> None:
    """Neither sentences, where none was named, nor seconds, where not every reply has them."""
    text = shown(replace(parrots, replies=ReplyCounts(replies=3, timed=2, seconds=9)))
    assert "sentence" not in text
    assert "seconds" not in text


# JSON


def test_the_json_form(parrots: Run) -> None:
    data = json.loads(json.dumps(run_json(parrots), allow_nan=False))
    third = data["articles"][2]
    assert (third["id"], third["status"]) == ("failed", "failed")
    assert third["problems"][0]["code"] == "reply.malformed"
    assert third["micro"]["missing"] == 1
    assert data["problems"] == [{"code": "reply.malformed", "count": 1, "articles": 1}]
    assert data["fields"] == [{"path": "trigger", **data["micro"]}]
    low, high = data["micro"].pop("interval")
    assert 0 <= low <= 0.4 <= high <= 1
    assert third["fields"] == [
        {"path": "trigger", "right": 0, "wrong": 0, "missing": 1, "spurious": 0}
    ]
    assert data["micro"] == {
        "right": 1,
        "wrong": 1,
        "missing": 1,
        "spurious": 0,
        "precision": 0.5,
        "recall": pytest.approx(1 / 3),
        "f1": 0.4,
    }
    assert data["replies"].items() >= {"replies": 3, "quotations": 2, "found": 2}.items()
    assert (data["replies"]["grounded_share"], data["replies"]["placed_share"]) == (1.0, None)
    nothing = {"count": 0, "share": 0.0}
    alignment = {"exact": 2, "folded": 0, "ambiguous": 0}
    assert data["values"] == {
        "count": 2,
        "support": {
            "quoted": {"count": 2, "share": 1.0, "alignment": alignment},
            "derived": nothing,
            "computed": nothing,
            "none": nothing,
        },
    }
