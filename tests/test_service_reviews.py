"""Reviews over HTTP: what was decided becomes gold, and what cannot be is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from extractor.cases import read_cases
from extractor.catalog import Catalog
from extractor.errors import InvalidArticle
from extractor.records import Article
from extractor.service import create_app
from extractor.service.review import Review, gold_of
from tests.recorded import recorded_model

TEXT = "\U0001f389 Ann met Bob. Cy said so\u0301 twice."
RECORD: dict[str, Any] = {
    "lead": "Ann met Bob",
    "main_event": {
        "actors": [{"name": "Ann", "country": None}, {"name": "Bob", "country": None}],
        "trigger": "met",
    },
    "tags": ["Ann", "Cy"],
    "attributions": [],
}
ACCEPT, REJECT = {"verdict": "accepted"}, {"verdict": "rejected"}


def gold(decisions: dict[str, Any], record: dict[str, Any] = RECORD) -> dict[str, Any]:
    review = {"article": {"text": TEXT}, "schema": "any@1", "record": record}
    return gold_of(Review.model_validate({**review, "decisions": decisions}))


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ({}, {}),
        ({"/lead": ACCEPT}, {"lead": "Ann met Bob"}),
        ({"/lead": REJECT}, {"lead": None}),
        ({"/lead": {"verdict": "corrected", "start": 2, "end": 5}}, {"lead": "Ann"}),
        ({"/lead": {"verdict": "corrected", "value": "x"}}, {"lead": "x"}),
        ({"/main_event/trigger": ACCEPT}, {"main_event": {"trigger": "met"}}),
        ({"/main_event/actors/0/name": ACCEPT}, {}),
        (
            {"/main_event/actors/0/name": ACCEPT, "/main_event/actors/1/name": REJECT},
            {"main_event": {"actors": [{"name": "Ann"}]}},
        ),
        (
            {"/main_event/actors/0/name": REJECT, "/main_event/actors/1/name": REJECT},
            {"main_event": {"actors": []}},
        ),
        ({"/tags/0": ACCEPT}, {}),
        ({"/tags/0": ACCEPT, "/tags/1": REJECT}, {"tags": ["Ann"]}),
    ],
)
def test_what_was_decided_is_gold(decisions: dict[str, Any], expected: dict[str, Any]) -> None:
    assert gold(decisions) == expected


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ({"/nothing": ACCEPT}, "no value at '/nothing'"),
        ({"/main_event": ACCEPT}, "no value at '/main_event'"),
        ({"/main_event/actors/7/name": ACCEPT}, "no value at"),
        ({"/lead": {"verdict": "corrected", "start": 5, "end": 5}}, "no words from 5 to 5"),
        ({"/lead": {"verdict": "corrected", "start": 1, "end": 9999}}, "no words from 1 to 9999"),
        ({"/lead": {"verdict": "corrected", "start": 1, "end": 2}}, "no words from 1 to 2"),
    ],
)
def test_a_decision_that_cannot_be(decisions: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidArticle, match=said):
        gold(decisions)


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    st.data(),
)
def test_a_correction_is_the_words_of_the_article(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if not text[start:end].strip():
        return
    review = Review.model_validate(
        {
            "article": Article.model_construct(text=text, id="a"),
            "schema": "any@1",
            "record": {"lead": "x"},
            "decisions": {"/lead": {"verdict": "corrected", "start": start, "end": end}},
        }
    )
    assert gold_of(review) == {"lead": text[start:end]}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    model = recorded_model("http://127.0.0.1:9/v1")
    with TestClient(create_app(Catalog.open(), model, reviews=tmp_path / "gold")) as client:
        yield client


def posted(client: TestClient, **changes: Any) -> Any:
    review = {
        "article": {"id": "one", "text": TEXT},
        "schema": "event@production",
        "record": {"lead": "Ann met Bob", "genre": "report"},
        "decisions": {"/lead": ACCEPT},
    }
    return client.post("/v1/cases", json={**review, **changes})


def test_a_case_is_kept_and_a_later_review_takes_its_place(
    client: TestClient, tmp_path: Path
) -> None:
    assert posted(client).status_code == 201
    assert posted(client, decisions={"/genre": ACCEPT}).json()["gold"] == {"genre": "report"}
    assert posted(client, article={"id": "../../../etc", "text": TEXT}).status_code == 201
    names = client.get("/v1/cases").json()["cases"]
    assert "one" in names
    assert len(names) == 2
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "gold"}
    cases = {case.id: case for case in read_cases(tmp_path / "gold")}
    assert cases["one"].gold == {"genre": "report"}
    assert cases["one"].schema_id.startswith("event@")
    assert cases["one"].schema_id != "event@production"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"decisions": {}}, 400, "nothing was decided"),
        ({"decisions": {"/lead": {"verdict": "maybe"}}}, 400, "verdict"),
        ({"schema": "nothing@1"}, 404, "no schema named"),
        ({"record": []}, 400, "record"),
        ({"record": {"lead": "a", "x": 1}, "decisions": {"/x": ACCEPT}}, 400, "does not fit"),
        (
            {"decisions": {"/genre": {"verdict": "corrected", "value": "poem"}}},
            400,
            "does not fit event@",
        ),
        ({"article": {"text": " "}}, 422, "the text is empty"),
        ({"article": None}, 400, "expected an article"),
    ],
)
def test_a_review_that_cannot_be_kept(
    client: TestClient, tmp_path: Path, changes: dict[str, Any], status: int, said: str
) -> None:
    answer = posted(client, **changes)
    assert (answer.status_code, said in json.dumps(answer.json())) == (status, True), answer.text
    assert not (tmp_path / "gold").exists()
