"""The format of gold cases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from extractor.cases import Case, check_gold, migrate, read_cases
from extractor.catalog import Catalog
from extractor.errors import CatalogError, InputError

ARTICLE = {"id": "one", "text": "Ann met Bob.", "published": "2026-03-09"}
CASE: dict[str, Any] = {"article": ARTICLE, "schema": "event@1", "gold": {"type": "CONSULT"}}


def write(path: Path, *cases: object) -> Path:
    path.write_text("\n".join(json.dumps(case) for case in cases), encoding="utf-8")
    return path


def test_a_case_alone_in_a_file(tmp_path: Path) -> None:
    [case] = read_cases(write(tmp_path / "one.json", {**CASE, "notes": "a visit"}))
    assert (case.id, case.schema_id, case.gold) == ("one", "event@1", {"type": "CONSULT"})
    assert (case.article.published, case.notes) == (date(2026, 3, 9), "a visit")


def test_a_case_file_may_be_indented(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(CASE, indent=2))
    assert len(read_cases(path)) == 1


def test_lines_and_folders(tmp_path: Path) -> None:
    second = {**CASE, "article": {**ARTICLE, "id": "two\u2028"}}
    write(tmp_path / "b.jsonl", CASE, second)
    write(tmp_path / "a.json", {**CASE, "article": {**ARTICLE, "id": "zero"}})
    (tmp_path / "README.md").write_text("not a case")
    assert [case.id for case in read_cases(tmp_path)] == ["zero", "one", "two\u2028"]
    assert [case.id for case in read_cases(tmp_path / "b.jsonl")] == ["one", "two\u2028"]


def test_an_article_without_id_is_called_after_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "visit.json", {**CASE, "article": {"text": "Ann met Bob."}})
    assert read_cases(path)[0].id == "visit"


WRONG: list[tuple[object, str]] = [
    ([], "not a case: there is no 'article'"),
    ({"schema": "event@1", "gold": {}}, "there is no 'article'"),
    ({"article": ARTICLE, "gold": {}}, "schema: Field required"),
    ({"article": ARTICLE, "schema": "event@1"}, "gold: Field required"),
    ({**CASE, "gold": []}, "gold: Input should be"),
    ({**CASE, "schema": 1}, "schema: Input should be"),
    ({**CASE, "golden": {}}, "golden: Extra inputs"),
    ({**CASE, "article": "Ann met Bob."}, "article: expected an article object"),
    ({**CASE, "article": {"id": "x"}}, "article: the field 'text' is missing"),
    ({**CASE, "article": {**ARTICLE, "published": "soon"}}, "article: published"),
]


@pytest.mark.parametrize(("content", "message"), WRONG)
def test_what_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_cases(write(tmp_path / "bad.jsonl", CASE, content))
    assert str(caught.value).startswith(f"{tmp_path}/bad.jsonl:2: ")
    assert message in str(caught.value)
    with pytest.raises(InputError) as caught:
        read_cases(write(tmp_path / "bad.json", content))
    assert f"{tmp_path}/bad.json: " in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"article": ')
    (tmp_path / "twice.json").write_text('{"article": {}, "article": {}}')
    (tmp_path / "folder").mkdir()
    for name, message in {
        "broken.json": "not usable JSON",
        "twice.json": "stands twice",
        "none.json": "No such file",
        "cases.txt": "not a file of cases",
        "folder": "there are no cases",
    }.items():
        with pytest.raises(InputError, match=message) as caught:
            read_cases(tmp_path / name)
        assert name in str(caught.value)


def test_two_articles_with_one_id(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 cases have the article id 'one'"):
        read_cases(write(tmp_path / "a.jsonl", CASE, CASE))


class Person(BaseModel):
    name: str
    role: Literal["actor", "recipient"]


class Meeting(BaseModel):
    model_config = ConfigDict(strict=True)

    day: date
    people: list[Person]
    place: Person | None


def gold(**fields: Any) -> Case:
    return Case.model_validate({**CASE, "schema": "meeting@1", "gold": fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"day": "2026-03-09"},
        {"people": [{"name": "Ann"}, {"role": "actor"}], "place": None},
        {"people": [], "place": {"name": "Bob"}},
    ],
)
def test_gold_may_be_partial(fields: dict[str, Any]) -> None:
    check_gold(gold(**fields), Meeting)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"dya": "2026-03-09"}, "dya"),
        ({"day": "9 March"}, "day"),
        ({"people": [{"name": "Ann", "roel": "actor"}]}, "people/0/roel"),
        ({"people": [{"role": "witness"}]}, "people/0/role"),
        ({"people": None}, "people"),
    ],
)
def test_gold_that_the_schema_cannot_hold(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(InputError, match=f"case one does not fit meeting@1: {place}: "):
        check_gold(gold(**fields), Meeting)


# ---------------------------------------------------------------- older versions

CATALOG = Catalog.open()


@pytest.mark.parametrize(
    "gold",
    [
        {},
        {"attributions": []},
        {"attributions": [{"source": None, "cue": "said"}, {"content": "Ann met Bob"}]},
    ],
)
def test_gold_of_an_older_version_is_migrated(gold: dict[str, Any]) -> None:
    """What the newer version adds stays absent, which is: not scored."""
    case = Case.model_validate({**CASE, "schema": "attributions@1", "gold": gold})
    found = migrate(case, "attributions@2", CATALOG)
    assert (found.schema_id, found.gold) == ("attributions@2", gold)
    assert found.article == case.article
    assert migrate(found, "attributions@2", CATALOG) == found


def test_gold_is_not_migrated_back_nor_across() -> None:
    case = Case.model_validate({**CASE, "schema": "attributions@2", "gold": {}})
    with pytest.raises(CatalogError, match="attributions@2 cannot be read as attributions@1"):
        migrate(case, "attributions@1", CATALOG)
    with pytest.raises(CatalogError, match="different schemas"):
        migrate(case, "event@1", CATALOG)


def test_gold_that_was_wrong_before_is_wrong_after() -> None:
    wrong = {"attributions": [{"sauce": "Ann"}]}
    case = Case.model_validate({**CASE, "schema": "attributions@1", "gold": wrong})
    with pytest.raises(InputError, match=r"case one does not fit attributions@2: .*sauce"):
        migrate(case, "attributions@2", CATALOG)
