"""Data sets of others: how they are read and scored, on invented cases worked by hand."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extractor import Article, extract
from extractor.api import recipe_for
from extractor.errors import InputError
from extractor.evals import run_benchmark
from extractor.evals.benchmarks import (
    CASIE_ARTICLES,
    POLNEAR_ARTICLES,
    ceaf_ree,
    mark_casie,
    mark_muc4,
    mark_polnear,
    normal,
    number_triggers,
    read_benchmark,
)
from extractor.evals.kept import KeptReplies, new_folder
from extractor.evals.overlap import overlap
from extractor.evals.report import run_json, show
from extractor.evals.scores import FieldScore, Scores
from extractor.records import Extraction
from tests.fake_model import FakeModel
from tests.recorded import command

TEXT = (
    "BRENNA, 4 May - Two gunmen of the Red Delta shot Mayor Olav Renn and a guard in the "
    "market hall with rifles. The Delta said it was not there."
)
DRAFT: dict[str, Any] = {
    "trigger": "shot",
    "incident_type": "attack",
    "stage": "accomplished",
    "time": None,
    "places": [],
    "perpetrator_individuals": ["Two gunmen"],
    "perpetrator_organizations": ["the Red Delta", "Red Delta"],
    "physical_targets": ["market hall"],
    "victims": ["Mayor Olav Renn"],
    "weapons": [],
}
GOLD: dict[str, Any] = {
    "relevant": True,
    "roles": {
        "PerpInd": [["two gunmen", "gunmen"]],
        "PerpOrg": [["red delta", "delta"]],
        "Target": [],
        "Victim": [["olav renn", "mayor olav renn"]],
        "Weapon": [["rifles"]],
    },
    "templates": [{"incident_type": "attack"}],
}


def test_mentions_are_compared_as_the_scorer_does() -> None:
    assert normal("The  U.S. Embassy, a church") == "us embassy church"
    assert normal("Anthem of an area") == "anthem of area"


@pytest.mark.parametrize(
    ("gold", "predicted", "counts"),
    [
        ([["the church", "chapel"]], [["Church"]], (1, 0, 0)),
        ([["church"]], [["church", "tower"]], (0, 1, 1)),  # every mention has to be the entity's
        ([["church"]], [["church"], ["a church"]], (1, 0, 1)),  # an entity is found once
        ([["a b"], ["a b", "c"]], [["c"], ["a b"]], (2, 0, 0)),  # the most matches in all
        ([["a b"], ["a b", "c"]], [["a b"], ["c"]], (2, 0, 0)),
        ([], [["bomb"]], (0, 0, 1)),
        ([["bomb"]], [], (0, 1, 0)),
        ([], [], (0, 0, 0)),
    ],
)
def test_entities_match_one_to_one(
    gold: list[list[str]], predicted: list[list[str]], counts: tuple[int, int, int]
) -> None:
    score = ceaf_ree("Target", gold, predicted)
    assert (score.right, score.missing, score.spurious) == counts


def extracted(draft: Any, prompt: str, text: str = TEXT) -> Extraction[Any]:
    model = FakeModel(says=lambda _: json.dumps(draft))
    return extract(Article(text=text), prompt=prompt, model=model, repair=0)


def test_a_document_of_muc4() -> None:
    """Three of five entities found, two too many: one role by hand, then all pooled."""
    marked = mark_muc4(GOLD, extracted(DRAFT, "incident@1"))
    by_role = {field.path: field for field in marked.scores.fields}
    assert (by_role["PerpOrg"].right, by_role["PerpOrg"].spurious) == (1, 1)
    assert (by_role["Weapon"].right, by_role["Weapon"].missing) == (0, 1)
    micro = marked.scores.micro
    assert (micro.right, micro.gold, micro.predicted) == (3, 4, 5)
    assert micro.f1 == pytest.approx(2 * 3 / 9)
    assert [field.path for field in marked.beside.fields] == [
        "incident type",
        "roles, relevant articles",
    ]
    assert marked.beside.fields[0].f1 == 1.0


def test_on_an_article_without_an_incident_every_answer_is_an_error() -> None:
    none = {"relevant": False, "roles": {}, "templates": []}
    marked = mark_muc4(none, extracted(DRAFT, "incident@1"))
    assert marked.scores.micro.spurious == 5
    assert [(f.path, f.right) for f in marked.beside.fields] == [("incident type", 0)]
    silent: dict[str, Any] = {
        key: [] if isinstance(value, list) else None for key, value in DRAFT.items()
    }
    right = mark_muc4(none, extracted({**silent, "incident_type": "none"}, "incident@1"))
    assert right.scores.micro.spurious == 0
    assert right.beside.fields[0].right == 1


def span(words: str) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def test_spans_overlap_by_characters() -> None:
    assert overlap(frozenset(range(10)), frozenset(range(5, 15))) == pytest.approx(5 / 15)
    assert overlap(frozenset(), frozenset()) == 1
    assert overlap(frozenset(), frozenset({1})) == 0


def test_a_document_of_polnear() -> None:
    said = {"source": [span("The Delta")], "cue": [span("said")], "content": [span("it was not")]}
    other = {"source": [], "cue": [span("shot")], "content": [span("a guard in")]}
    draft = {
        "attributions": [
            {
                "source": "Delta",
                "cue": "said",
                "content": "it was not there",
                "parent": None,
            },
            {"source": None, "cue": "shot", "content": "a guard", "parent": None},
        ]
    }
    marked = mark_polnear(
        {"attributions": [said, other]}, extracted(draft, "attributions@production")
    )
    counts = {
        field.path: (field.right, field.gold, field.predicted) for field in marked.scores.fields
    }
    # "Delta" stands twice, and one place of it is five of the nine characters of "The Delta".
    assert counts == {"source": (1, 1, 1), "cue": (2, 2, 2), "content": (2, 2, 2)}
    [whole] = marked.beside.fields
    assert (whole.right, whole.gold, whole.predicted) == (2, 2, 2)
    late = {**said, "content": [span("BRENNA")]}
    [whole] = mark_polnear(
        {"attributions": [late, other]}, extracted(draft, "attributions@production")
    ).beside.fields
    assert (whole.right, whole.missing, whole.spurious) == (1, 1, 1)


THEFTS = (
    "Thieves hacked the Velor bank [3] and hacked its app. They may hack more, for hacking pays."
)


def happening(words: str, realis: str, *, nth: int = 0) -> dict[str, Any]:
    start = -1
    for _ in range(nth + 1):
        start = THEFTS.index(words, start + 1)
    return {"realis": realis, "trigger": {"start": start, "end": start + len(words)}}


EVENTS = {
    "events": [
        happening("may hack", "Other"),
        happening("hacked", "Actual", nth=1),
        happening("hacked", "Actual"),
        happening("hacking", "Generic"),
    ]
}


def mentioned(*answers: tuple[str, str]) -> str:
    found = [{"trigger": words, "realis": realis} for words, realis in answers]
    return json.dumps({"mentions": found})


def asked_of_thefts(*answers: tuple[str, str]) -> Extraction[Any]:
    text = number_triggers(THEFTS, EVENTS)
    return extracted(json.loads(mentioned(*answers)), "realis@1", text)


def test_triggers_are_numbered_in_the_text_that_is_asked_about() -> None:
    assert number_triggers(THEFTS, EVENTS) == (
        "Thieves [1] hacked the Velor bank ［3］ and [2] hacked its app. "
        "They [3] may hack more, for [4] hacking pays."
    )


def test_a_document_of_casie() -> None:
    """Two of four classes right, one taken for another, one not answered: macro-F1 by hand."""
    marked = mark_casie(
        EVENTS,
        asked_of_thefts(
            ("[1] hacked", "actual"), ("[2] hacked", "generic"), ("[3] may hack", "other")
        ),
    )
    counts = {
        field.path: (field.right, field.missing, field.spurious) for field in marked.scores.fields
    }
    assert counts == {"Actual": (1, 1, 0), "Generic": (0, 1, 1), "Other": (1, 0, 0)}
    assert marked.scores.macro_of_gold == pytest.approx((2 / 3 + 0 + 1) / 3)
    [accuracy] = marked.beside.fields
    assert (accuracy.path, accuracy.right, accuracy.wrong) == ("accuracy", 2, 2)


def test_words_without_their_number_are_those_of_the_next_event_that_has_no_answer() -> None:
    marked = mark_casie(
        EVENTS, asked_of_thefts(("hacked", "actual"), ("hacked", "other"), ("hacked", "actual"))
    )
    assert marked.beside.fields[0].right == 1
    elsewhere = mark_casie(EVENTS, asked_of_thefts(("Velor bank", "actual")))
    assert elsewhere.beside.fields[0].wrong == 4
    assert elsewhere.scores.micro.predicted == 0


def test_a_class_that_gold_never_has_is_no_part_of_the_macro_f1() -> None:
    scores = Scores((FieldScore("Actual", right=2), FieldScore("Other", spurious=1)))
    assert scores.macro_of_gold == 1
    assert scores.macro.f1 == 0.5
    assert Scores((FieldScore("Other", spurious=1),)).macro_of_gold is None


def test_a_run_over_casie_is_known_by_its_macro_f1(tmp_path: Path) -> None:
    lines = [{"id": f"d{n}", "text": THEFTS, "gold": EVENTS} for n in range(CASIE_ARTICLES + 5)]
    benchmark = read_benchmark(write(tmp_path / "casie.jsonl", *lines))
    assert benchmark is not None
    assert len(benchmark.articles) == CASIE_ARTICLES
    model = FakeModel(says=lambda _: mentioned(("[1] hacked", "actual"), ("[4] hacking", "other")))
    run = asyncio.run(run_benchmark(benchmark.first(3), recipe_for(None, "realis@1"), model))
    figure = run_json(run)["figure"]
    assert figure["name"] == "macro-F1"
    assert figure["f1"] == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert figure["interval"] == pytest.approx([figure["f1"]] * 2)  # all articles alike
    told = io.StringIO()
    show(run, Console(file=told, width=80, no_color=True))
    assert [line.split() for line in told.getvalue().splitlines() if "macro-F1" in line] == [
        ["macro-F1", "0.222", "0.22-0.22"]
    ]


def test_an_event_of_an_unknown_class_is_refused(tmp_path: Path) -> None:
    line = {"id": "d1", "text": THEFTS, "gold": EVENTS}
    odd = {**line, "gold": {"events": [{**EVENTS["events"][0], "realis": "Maybe"}]}}
    with pytest.raises(InputError, match=r"casie\.jsonl:2: not of the form of the first line"):
        read_benchmark(write(tmp_path / "casie.jsonl", line, odd))


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_kind_of_a_file_is_told_by_its_gold(tmp_path: Path) -> None:
    line = {"id": "d1", "text": TEXT, "published": "1989-05-04", "outlet": None, "gold": GOLD}
    muc4 = read_benchmark(write(tmp_path / "muc4.jsonl", line))
    assert muc4 is not None
    assert (muc4.name, muc4.prompt, muc4.articles[0].id) == ("muc4", "incident@production", "d1")
    said: dict[str, Any] = {
        **line,
        "gold": {"attributions": [{"source": [], "cue": [], "content": []}]},
    }
    lines = [{**said, "id": f"d{n}", "text": "x" * (7_000 if n == 3 else 90)} for n in range(30)]
    polnear = read_benchmark(write(tmp_path / "polnear.jsonl", *lines))
    assert polnear is not None
    assert len(polnear.articles) == POLNEAR_ARTICLES
    assert "d3" not in [article.id for article in polnear.articles]
    case = {"article": {"id": "a", "text": TEXT}, "schema": "event@1", "gold": {}}
    assert read_benchmark(write(tmp_path / "cases.jsonl", case)) is None
    assert read_benchmark(tmp_path) is None


def test_a_file_of_two_kinds_is_refused(tmp_path: Path) -> None:
    line = {"id": "d1", "text": TEXT, "gold": GOLD}
    with pytest.raises(InputError, match=r"two\.jsonl:2: not of the form of the first line"):
        read_benchmark(write(tmp_path / "two.jsonl", line, {"id": "d2", "text": TEXT}))


def test_a_run_that_was_interrupted_asks_for_nothing_twice(tmp_path: Path) -> None:
    """What was answered before is taken from the folder, and the figures are the same."""
    lines = [{"id": f"d{n}", "text": f"{TEXT} {n}", "gold": GOLD} for n in range(4)]
    benchmark = read_benchmark(write(tmp_path / "muc4.jsonl", *lines))
    assert benchmark is not None
    recipe = recipe_for(None, benchmark.prompt)
    with new_folder(tmp_path / "kept") as folder:
        first = FakeModel(says=lambda _: json.dumps(DRAFT))
        asyncio.run(run_benchmark(benchmark.first(3), recipe, KeptReplies(first, folder)))
        second = FakeModel(says=lambda _: json.dumps(DRAFT))
        run = asyncio.run(run_benchmark(benchmark, recipe, KeptReplies(second, folder)))
    assert (len(first.asked), len(second.asked)) == (3, 1)
    assert run.scores.micro.right == 4 * 3
    assert [field.path for field in run.beside.fields] == [
        "incident type",
        "roles, relevant articles",
    ]


def test_there_are_no_cassettes_of_the_data_of_others(tmp_path: Path) -> None:
    path = write(tmp_path / "muc4.jsonl", {"id": "d1", "text": TEXT, "gold": GOLD})
    done = command("eval", "run", str(path), "--replay")
    assert done.returncode == 1
    assert "there are no cassettes" in done.stderr
