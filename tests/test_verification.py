"""Stored records re-checked without a model: what holds passes, and no edit goes unnoticed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator

from extractor.articles import parse_article, read_articles, read_at, read_spots
from extractor.catalog import Catalog, Schema
from extractor.errors import EmptyInput, InputError
from extractor.extractions import ArticleIndex, parse_extraction, read_extraction, verify_files
from extractor.extractions.grounds import differences, ground_problems
from extractor.pipeline import failure, info_of
from extractor.records import Article, ArticleInfo, Computed, Derived, Verbatim
from tests.recorded import EVALS, command, recorded_case, recordings, replayed
from tests.stored import extraction
from tests.test_long_articles import STORIES, Shipping, extracted, model

FOLDERS = [EVALS / "articles", EVALS / "attributions", EVALS / "incidents"]
ARTICLES = [argument for folder in FOLDERS for argument in ("--articles", str(folder))]
CATALOG = Catalog.open()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of all our articles, as they are stored."""
    lines = [replayed(each, case).to_json() for each in recordings() for case in each.cases]
    path = tmp_path_factory.mktemp("records") / "records-00001.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def index() -> ArticleIndex:
    return ArticleIndex(FOLDERS)


def findings(lines: list[str], index: ArticleIndex, folder: Path) -> list[list[str]]:
    """What is found on each of these lines, as `code path`."""
    path = folder / "edited.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    verified = list(verify_files([path], index, CATALOG))
    assert [each.line for each in verified] == list(range(1, len(lines) + 1))
    return [[f"{p.code} {p.path}" for p in each.problems] for each in verified]


# ---------------------------------------------------------------- what holds


def test_the_records_of_all_our_articles_hold(records: Path, index: ArticleIndex) -> None:
    found = list(verify_files([records], index, CATALOG))
    assert len(found) == sum(len(each.cases) for each in recordings())
    assert [each for each in found if each.problems] == []


def grounds(result: Any, schema: type[BaseModel], article: Article) -> list[str]:
    stored = parse_extraction(result.to_json())
    problems = ground_problems(stored, Schema.of_model(schema), article)
    return [f"{p.code} {p.path}: {p.message}" for p in problems]


def test_a_record_of_windows_holds() -> None:
    """A name that stands in two windows was found in each of them once."""
    result = extracted(STORIES, model())
    assert result.provenance is not None
    assert result.provenance.windows > 1
    assert grounds(result, Shipping, Article(text=STORIES)) == []


def first_word(value: object) -> object:
    return value.split()[0] if isinstance(value, str) else value


def in_parts(value: object) -> object:
    return value.split(" and ") if isinstance(value, str) else value


class Deal(BaseModel):
    """Validators of a user's own, a default, an unmarked number and unmarked words."""

    buyer: Annotated[str, Verbatim, BeforeValidator(first_word)]
    sellers: Annotated[list[str], Verbatim, BeforeValidator(in_parts)]
    friendly: Annotated[bool, Derived("deal")]
    deal: Annotated[str, Verbatim]
    day: Annotated[str | None, Verbatim]
    date: Annotated[str | None, Computed("day", by="time.value")]
    price: int
    note: str
    kind: Annotated[str, Derived("why")] = "none"
    why: Annotated[str | None, Verbatim]


DEAL = Article(
    text="Norlin Group agreed to buy Ostmark\nfrom Ada Vik and Bo Vik on Friday, a letter says.",
    published="2026-03-10",  # type: ignore[arg-type]
)
DEAL_DRAFT = {
    "buyer": "Norlin Group",
    "sellers": "Ada Vik and Bo Vik",
    "friendly": True,
    "deal": "agreed to buy Ostmark",
    "day": "on Friday",
    "price": 12,
    "note": "a letter",
    "kind": "none",
    "why": None,
}


def test_a_record_that_the_users_own_validators_rewrote_holds() -> None:
    result = extraction(DEAL_DRAFT, DEAL, Schema.of_model(Deal))
    assert result.evidence["/sellers/1"].support == "derived"
    assert result.evidence["/price"].support == "none"
    assert result.record is not None
    assert result.record.date == "2026-03-06"
    assert grounds(result, Deal, DEAL) == []


def test_what_was_upcast_holds() -> None:
    article = Article(text="“We\ngo,” Ann said.", id="one")
    draft = {"attributions": [{"source": "Ann", "cue": "said", "content": "We go"}]}
    old = extraction(draft, article, CATALOG.schema("attributions@1")).to_json()
    for known in (None, article):
        new = read_extraction(old, CATALOG, "attributions@2", article=known)
        schema = CATALOG.schema("attributions@2")
        assert [*ground_problems(parse_extraction(new.to_json()), schema, article)] == []


# ---------------------------------------------------------------- single-character edits

TOKENS = {
    "text of a span": r'"text":"((?:[^"\\]|\\.)+)","start"',
    "offset": r'"(?:start|end)":(\d+)',
    "digest": r'"(?:article_)?digest":"([0-9a-f]+)"',
}
CHARACTERS = '0123456789abefAZ .,-’"\\{é雨'


def places_to_edit(line: str) -> dict[str, list[tuple[int, int]]]:
    """By kind, where a line has what must not change."""
    found = {kind: [m.span(1) for m in re.finditer(form, line)] for kind, form in TOKENS.items()}
    stored = json.loads(line)
    start, end = line.index('"record":'), line.index(',"evidence":')
    quotations = [
        json.dumps(span, ensure_ascii=False)
        for each in stored["evidence"].values()
        if each["support"] == "quoted"
        for span in [" ".join(each["spans"][0]["text"].split())]
    ]
    found["quoted value"] = [
        (match.start() + 2, match.end() - 1)
        for quotation in set(quotations)
        for match in re.finditer(re.escape(f":{quotation}"), line[:end])
        if match.start() > start
    ]
    return {kind: spans for kind, spans in found.items() if spans}


def edits(lines: list[str], number: int, seed: int) -> Iterator[tuple[str, str]]:
    """Lines in which one character was replaced, inserted or deleted, each with its kind."""
    chance = random.Random(seed)
    targets = [places_to_edit(line) for line in lines]
    while number:
        line, kinds = chance.choice(list(zip(lines, targets, strict=True)))
        kind = chance.choice(list(kinds))
        start, end = chance.choice(kinds[kind])
        at = chance.randrange(start, end)
        put = chance.choice(CHARACTERS)
        edited = chance.choice(
            [
                line[:at] + put + line[at + 1 :],
                line[:at] + put + line[at:],
                line[:at] + line[at + 1 :],
            ]
        )
        if _differ(line, edited):  # a blank between two values edits nothing
            number -= 1
            yield f"{kind}: {line[at - 30 : at + 30]!r} → {edited[at - 30 : at + 30]!r}", edited


def test_every_single_character_edit_is_caught(
    records: Path, index: ArticleIndex, tmp_path: Path
) -> None:
    lines = records.read_text(encoding="utf-8").splitlines()
    made = list(edits(lines, 1_000, seed=20_261_125))
    assert {kind.partition(":")[0] for kind, _ in made} == {*TOKENS, "quoted value"}
    found = findings([line for _, line in made], index, tmp_path)
    assert [kind for (kind, _), wrong in zip(made, found, strict=True) if not wrong] == []


def test_every_edit_of_a_record_and_of_its_evidence_is_caught(
    records: Path, index: ArticleIndex, tmp_path: Path
) -> None:
    """Anywhere in them: keys, punctuation, computed and derived values, alignments."""
    chance = random.Random(7)
    made = []
    for line in chance.choices(records.read_text(encoding="utf-8").splitlines(), k=200):
        at = chance.randrange(line.index('"record":'), line.index(',"problems":'))
        edited = line[:at] + chance.choice(CHARACTERS) + line[at + chance.choice([0, 1]) :]
        if _differ(line, edited):
            made.append((edited[at - 30 : at + 30], edited))
    found = findings([line for _, line in made], index, tmp_path)
    assert [where for (where, _), wrong in zip(made, found, strict=True) if not wrong] == []


def _differ(line: str, edited: str) -> bool:
    try:
        return bool(list(differences(json.loads(line), json.loads(edited))))
    except ValueError:
        return True


# ---------------------------------------------------------------- edits of more than one character

TWICE = Article(
    text="Ann Vik spoke in Oslo. The mayor, Bo Lie, left. Later Ann Vik flew home with Bo Lie.",
    id="twice",
    published="2026-03-10",  # type: ignore[arg-type]
)


class Person(BaseModel):
    who: Annotated[str, Verbatim]


class Meeting(BaseModel):
    who: Annotated[str, Verbatim]
    where: Annotated[str | None, Verbatim]
    official: Annotated[bool, Derived("where")]
    country: Annotated[str | None, Computed("where", by="country.of_place")]


def tampered(change: Callable[[dict[str, Any]], object], **draft: Any) -> list[str]:
    """What is found after a change to the record of a meeting."""
    schema = Schema.of_model(Meeting)
    result = extraction(
        {"who": "Ann Vik", "where": "Oslo", "official": True, **draft}, TWICE, schema
    )
    assert grounds(result, Meeting, TWICE) == []
    stored = json.loads(result.to_json())
    change(stored)
    problems = ground_problems(parse_extraction(stored), schema, TWICE)
    return [f"{p.code} {p.path}: {p.message}" for p in problems]


def spans(stored: dict[str, Any], path: str) -> Any:
    return stored["evidence"][path]["spans"]


def test_a_mention_moved_to_another_place_of_the_same_words_is_found() -> None:
    """Ann Vik was told apart by Oslo, which stands in the sentence of the first one."""
    found = tampered(lambda e: spans(e, "/who")[0].update(start=54, end=61))
    assert found == [
        "alignment /evidence//who: it stands at 0-7, 54-61; nothing singles this one out"
    ]


class Toll(BaseModel):
    words: Annotated[str, Verbatim]
    dead: Annotated[int, Derived("words")]


def test_what_its_words_contradict_is_found_unless_a_problem_tells_it() -> None:
    article = Article(text="At least 14 people died in Vik on Monday.")
    schema = Schema.of_model(Toll)
    result = extraction({"words": "14 people died", "dead": 14}, article, schema)
    assert grounds(result, Toll, article) == []
    stored = json.loads(result.to_json())
    stored["record"]["dead"] = 74
    [problem] = ground_problems(parse_extraction(stored), schema, article)
    assert (problem.code, problem.path) == ("contradicted.number", "/record/dead")
    stored["problems"] = [{"code": problem.code, "path": "/dead", "message": "told"}]
    assert list(ground_problems(parse_extraction(stored), schema, article)) == []


def test_a_sentence_that_the_model_named_tells_mentions_apart() -> None:
    """It is not stored, so either place can be the one that it singled out."""
    schema = Schema.of_model(Person)
    stored = json.loads(extraction({"who": "Ann Vik"}, TWICE, schema).to_json())
    del spans(stored, "/who")[0]
    spans(stored, "/who")[0]["alignment"] = "exact"
    parsed = parse_extraction(stored)
    assert len(list(ground_problems(parsed, schema, TWICE))) == 1
    assert list(ground_problems(parsed, schema, TWICE, "sentence")) == []


def test_words_that_were_repaired_may_have_told_mentions_apart() -> None:
    """What was right stays where it stood, though its neighbour is another one now."""
    schema = Schema.of_model(Person)
    stored = json.loads(extraction({"who": "Ann Vik"}, TWICE, schema).to_json())
    del spans(stored, "/who")[0]
    spans(stored, "/who")[0]["alignment"] = "exact"
    assert len(list(ground_problems(parse_extraction(stored), schema, TWICE))) == 1
    problem = {"code": "repaired", "path": "/where", "message": "told", "severity": "info"}
    stored["problems"].append(problem)
    assert list(ground_problems(parse_extraction(stored), schema, TWICE)) == []


def test_the_pieces_of_a_quotation_are_found_together() -> None:
    schema = Schema.of_model(Person)
    result = extraction({"who": "Ann Vik … in Oslo"}, TWICE, schema)
    assert result.record is not None
    assert result.record.who == "Ann Vik … in Oslo"
    assert grounds(result, Person, TWICE) == []
    stored = json.loads(result.to_json())
    spans(stored, "/who")[0].update(start=54, end=61)
    [problem] = ground_problems(parse_extraction(stored), schema, TWICE)
    assert problem.code == "alignment"


def test_an_ambiguous_mention_lists_all_its_places_and_no_other() -> None:
    schema = Schema.of_model(Person)
    result = extraction({"who": "Bo Lie"}, TWICE, schema)
    assert grounds(result, Person, TWICE) == []
    stored = json.loads(result.to_json())
    assert [span["alignment"] for span in spans(stored, "/who")] == ["ambiguous"] * 2
    del spans(stored, "/who")[1]
    [problem] = ground_problems(parse_extraction(stored), schema, TWICE)
    assert problem.message == "it stands at 34-40, 77-83"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: e["record"].update(country="SWE"), "it is 'SWE'; from its words comes 'NOR'"),
        (lambda e: e["record"].update(country=None), "it is None; from its words comes 'NOR'"),
        (
            lambda e: spans(e, "/official").append(spans(e, "/who")[0]),
            "it is derived at 17-21, 0-7; it would be derived at 17-21",
        ),
        (
            lambda e: e["evidence"]["/official"].update(support="quoted"),
            "it is quoted at 17-21; it would be derived at 17-21",
        ),
        (
            lambda e: e["evidence"]["/country"].update(support="derived"),
            "it is derived at 17-21; it would be computed at 17-21",
        ),
        (
            lambda e: e["evidence"].update({"/who": {"support": "none", "spans": []}}),
            "it has no words, and no problem says so",
        ),
    ],
)
def test_what_does_not_come_out_again_is_found(
    change: Callable[[dict[str, Any]], object], said: str
) -> None:
    found = tampered(change)
    assert any(line.endswith(said) for line in found), found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: e.update(status="complete"), "status /status"),
        (lambda e: e["article"].update(id="other"), "article_changed /article/id"),
        (lambda e: e["article"].update(title="Other"), "article_changed /article/title"),
        (lambda e: e["provenance"]["prompt"].update(id="event@99"), "catalog.unknown"),
        (lambda e: e["provenance"]["parameters"].update(seed=99), "prompt_changed"),
        (lambda e: e["provenance"]["usage"].update(cached_tokens=10**6), "provenance"),
        (lambda e: e["provenance"].update(attempts=0), "provenance /provenance/attempts"),
        (lambda e: e["problems"][0].update(path="a"), "problem /problems/0/path"),
        (lambda e: e["problems"][0].update(code="No code"), "problem /problems/0/code"),
        (lambda e: e.update(record=None, status="failed"), "evidence /evidence"),
        (lambda e: e.update(record=None, evidence={}), "status /status"),
        (lambda e: e["article"].update(id="no", digest="no"), "article_missing /article"),
    ],
)
def test_what_is_said_about_a_record_must_fit(
    records: Path,
    index: ArticleIndex,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    said: str,
) -> None:
    lines = records.read_text(encoding="utf-8").splitlines()
    stored = next(s for line in lines if (s := json.loads(line))["status"] == "partial")
    assert stored["problems"]
    change(stored)
    [found] = findings([json.dumps(stored)], index, tmp_path)
    assert any(line.startswith(said) for line in found)


def test_an_article_that_could_not_be_read_has_nothing_to_hold(
    index: ArticleIndex, tmp_path: Path
) -> None:
    unread = failure(info_of(EmptyInput("a.txt: the file is empty")), EmptyInput("a.txt: empty"))
    unanswered = failure(ArticleInfo.of(recorded_case("flood-two-tolls").article), InputError("no"))
    lines = [unread.to_json(), unanswered.to_json()]
    assert findings(lines, index, tmp_path) == [[], []]


# ---------------------------------------------------------------- the command


def test_the_command_says_what_holds(records: Path) -> None:
    """A file, a folder of parts, standard input."""
    lines = records.read_text(encoding="utf-8").splitlines()
    for path, stdin, count in ((str(records.parent), "", len(lines)), ("-", lines[0], 1)):
        done = command("verify", path, *ARTICLES, stdin=stdin)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
        assert done.stderr.startswith(f"{count} of {count} records hold; ")


def test_a_finding_is_a_line(records: Path, tmp_path: Path) -> None:
    first, second, third, *_ = records.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "records.jsonl"
    stored = json.loads(second)
    stored["provenance"]["prompt"]["digest"] = "0" * 64
    broken = third.replace('"status"', '"status', 1)
    path.write_bytes(f"{first}\n\n{json.dumps(stored)}\n{broken}\n".encode() + b"\xff\n")
    done = command("verify", str(path), *ARTICLES)
    assert done.returncode == 1
    assert done.stderr.startswith("1 of 4 records hold")
    changed, unreadable, undecodable = done.stdout.splitlines()
    name = stored["article"]["id"]
    assert changed.startswith(f"{path}:3 {name} /provenance/prompt prompt_changed: event@2 (")
    assert unreadable.startswith(f"{path}:4 - / unreadable: the line: not usable JSON: ")
    assert undecodable.startswith(f"{path}:5 - / unreadable: the line: not UTF-8")
    done = command("verify", str(path), *ARTICLES, "--format", "json")
    finding = json.loads(done.stdout.splitlines()[0])
    assert {**finding, "message": ""} == {
        "file": str(path),
        "line": 3,
        "article": name,
        "code": "prompt_changed",
        "path": "/provenance/prompt",
        "message": "",
    }


def test_articles_that_changed_or_are_gone_are_named(records: Path, tmp_path: Path) -> None:
    line = records.read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "records.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    name = json.loads(line)["article"]["id"]
    article = json.loads((EVALS / "articles" / f"{name}.json").read_text(encoding="utf-8"))[
        "article"
    ]
    archive = tmp_path / "archive.jsonl"
    for change, code in (
        ({"text": article["text"].upper()}, "article_changed"),
        ({"text": article["text"].upper(), "id": "other"}, "article_missing"),
    ):
        archive.write_text(json.dumps({**article, **change}) + "\n", encoding="utf-8")
        done = command("verify", str(path), "--articles", str(archive))
        assert done.returncode == 1
        assert f"{path}:1 {name} /article" in done.stdout
        assert f" {code}: " in done.stdout


def test_options_of_extract_are_given_again(records: Path, tmp_path: Path) -> None:
    """A date that the article's file does not have is part of its digest."""
    line = records.read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "records.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    info = json.loads(line)["article"]
    file = EVALS / "articles" / f"{info['id']}.json"
    article = json.loads(file.read_text(encoding="utf-8"))["article"]
    dated = ("published", "outlet")
    bare = {key: value for key, value in article.items() if key not in dated}
    archive = tmp_path / "archive.jsonl"
    archive.write_text(json.dumps(bare) + "\n", encoding="utf-8")
    options = [f"--{key}={info[key]}" for key in dated if info[key]]
    assert options
    assert command("verify", str(path), "--articles", str(archive)).returncode == 1
    assert command("verify", str(path), "--articles", str(archive), *options).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.jsonl", *ARTICLES],
        ["-"],
        ["-", "--articles", "nowhere"],
        ["-", "--published", "1"],
    ],
    ids=["no records", "no articles", "no such articles", "no date"],
)
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    done = command("verify", *arguments)
    assert (done.returncode, done.stdout) == (2, "")


def test_no_records_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    for path, said in (
        (tmp_path / "empty.jsonl", "no records"),
        (EVALS / "articles", "no records"),
    ):
        done = command("verify", str(path), *ARTICLES)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr


# ---------------------------------------------------------------- articles found again


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=6))
def test_articles_are_found_again_where_they_were_read(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("articles") / "archive.jsonl"
    lines = [json.dumps({"text": f"a{text}"}, ensure_ascii=False) for text in texts]
    path.write_bytes("\n\r\n".join(lines).encode())
    spots = list(read_spots([path]))
    wanted = [parse_article({"text": f"a{text}"}, where="") for text in texts]
    assert [item for _, item in spots] == wanted
    assert [read_at(spot) for spot, _ in spots] == wanted


def test_a_folder_of_cases_is_articles_too() -> None:
    files = sorted(FOLDERS[0].glob("*.json"))
    assert [item for _, item in read_spots([FOLDERS[0]])] == list(read_articles(files))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_value_is_the_same_as_itself_and_as_no_other(value: Any) -> None:
    assert list(differences({"a": value}, {"a": value})) == []
    assert list(differences({"a": [value]}, {"a": [value, value]})) == ["/a"]
    assert list(differences({"a": 1}, {"a": True})) == ["/a"]
    assert list(differences({"a": 1, "b": 2}, {"a": 1.0})) == ["/b"]
