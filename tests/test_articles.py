"""Articles from files, lines, objects and standard input; a clear word about unusable ones."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import articles
from extractor.articles import STDIN, decode, parse_article, parse_json, read_articles
from extractor.errors import EmptyInput, InputError, InvalidArticle, NotText
from extractor.records import Article

OBJECT = {
    "id": "a1",
    "title": "A meeting",
    "text": "Ann met Bob.",
    "published": "2026-03-09",
    "outlet": "The Gazette",
    "language": "en",
    "url": "https://example.org/a",
}


def line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def read(folder: Path, name: str, data: bytes) -> list[Article | InputError]:
    path = folder / name
    path.write_bytes(data)
    return list(read_articles([path]))


def only(found: list[Article | InputError]) -> Article:
    assert len(found) == 1
    assert isinstance(found[0], Article), found[0]
    return found[0]


def refused(found: list[Article | InputError], kind: type[InputError] = InputError) -> InputError:
    assert len(found) == 1
    assert type(found[0]) is kind, found[0]
    assert found[0].hint, "what is to be done?"
    return found[0]


def texts(found: list[Article | InputError]) -> list[str]:
    return [each.text if isinstance(each, Article) else f"! {each}" for each in found]


# ---------------------------------------------------------------- what can be read


def test_a_text_file_is_an_article_called_after_it(tmp_path: Path) -> None:
    article = only(read(tmp_path, "visit.txt", "Ann met Bob — gladly.\n".encode()))
    assert (article.id, article.text, article.published) == (
        "visit",
        "Ann met Bob — gladly.\n",
        None,
    )


def test_an_object_in_a_file(tmp_path: Path) -> None:
    article = only(read(tmp_path, "a.json", json.dumps(OBJECT, indent=2).encode()))
    assert article.model_dump(mode="json") == OBJECT


def test_fields_may_be_absent_or_null(tmp_path: Path) -> None:
    nulls = {**dict.fromkeys(OBJECT), "text": "Ann met Bob."}
    found = read(tmp_path, "a.jsonl", line({"text": "Ann met Bob."}) + line(nulls))
    assert found[0] == found[1] == Article(text="Ann met Bob.")


def test_a_case_file_holds_its_article_beside_the_gold_record(tmp_path: Path) -> None:
    case = {"article": OBJECT, "schema": "event@1", "gold": {}}
    assert only(read(tmp_path, "case.json", json.dumps(case).encode())).id == "a1"


def test_our_own_articles_can_be_read() -> None:
    folder = Path(__file__).resolve().parent.parent / "evals" / "articles"
    found = list(read_articles(sorted(folder.glob("*.json"))))
    assert len(found) == len(list(folder.glob("*.json")))
    assert all(isinstance(article, Article) and article.published for article in found)


def test_several_files_come_in_order_and_lazily(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.jsonl").write_bytes(
        line({"text": "second"}) + b"\n \n" + line({"text": "third"})
    )
    paths = iter([tmp_path / "a.txt", tmp_path / "b.jsonl"])
    found = read_articles(paths)
    assert texts([next(found)]) == ["first"]
    assert next(paths).name == "b.jsonl", "the second file was opened before it was needed"
    assert list(found) == []
    both = [tmp_path / "b.jsonl", tmp_path / "a.txt"]
    assert texts(list(read_articles(both))) == ["second", "third", "first"]


def test_suffixes_in_capitals(tmp_path: Path) -> None:
    assert only(read(tmp_path, "A.TXT", b"words")).id == "A"
    assert only(read(tmp_path, "A.JSON", line(OBJECT))).id == "a1"
    assert len(read(tmp_path, "A.JSONL", line(OBJECT) * 2)) == 2


# Offsets count from the first character of the file, so nothing may be evened out.
AS_IT_IS = ["One.\r\nTwo.\r\n", "\n\n  One.\n\n", "One.\rTwo.", "e\u0301 \u2028\u00a0x\t", "😀 one"]


@pytest.mark.parametrize("text", AS_IT_IS)
def test_the_text_is_kept_as_it_is(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert only(read(tmp_path, "a.txt", text.encode())).text == text
    assert only(read(tmp_path, "a.json", line({"text": text}))).text == text
    assert only(read(tmp_path, "a.jsonl", line({"text": text}))).text == text
    assert only(typed(monkeypatch, text.encode())).text == text


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_text(name: str, tmp_path: Path) -> None:
    data = b"words" if name == "a.txt" else line({"text": "words"})
    assert only(read(tmp_path, name, b"\xef\xbb\xbf" + data)).text == "words"


def test_a_row_number_is_an_id() -> None:
    assert parse_article({"text": "x", "id": 17}, where="w").id == "17"
    with pytest.raises(InvalidArticle, match="id is True"):
        parse_article({"text": "x", "id": True}, where="w")


# ---------------------------------------------------------------- fields


MISSPELT = [("tittle", "title"), ("Published", "published"), ("published_at", "published"),
            ("publishedAt", "published"), ("langauge", "language"), ("outlets", "outlet"),
            ("TITLE", "title")]  # fmt: skip


@pytest.mark.parametrize(("key", "meant"), MISSPELT)
def test_a_misspelt_field_is_named(key: str, meant: str) -> None:
    with pytest.raises(InvalidArticle) as caught:
        parse_article({"text": "x", key: "y"}, where="here")
    assert str(caught.value) == f"here: unknown field {key!r}"
    assert caught.value.hint == f"did you mean {meant!r}?"


def test_a_misspelt_text() -> None:
    with pytest.raises(InvalidArticle) as caught:
        parse_article({"texts": "x"}, where="here")
    assert caught.value.hint == "did you mean 'text'?"


@pytest.mark.parametrize(
    "key", ["_id", "uid", "uri", "publisher", "author", "date", "context", "body", "subtitle", ""]
)
def test_columns_of_an_archive_are_ignored(key: str) -> None:
    assert parse_article({"text": "x", key: {"any": ["thing"]}}, where="w") == Article(text="x")


def test_a_field_beside_a_similar_one_is_not_misspelt() -> None:
    article = parse_article({**OBJECT, "titles": ["x"], "published_": 1, "texts": []}, where="w")
    assert article == Article.model_validate(OBJECT)


WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"published": "2026-02-30"}, "published is '2026-02-30'"),
    ({"published": "last Monday"}, "published is 'last Monday'"),
    ({"published": 20260309}, "published is 20260309"),
    ({"published": ["2026-03-09"]}, "published is ['2026-03-09']"),
    ({"title": 5}, "title is 5"),
    ({"text": 5}, "text is 5"),
    ({"text": ["a", "b"]}, "text is ['a', 'b']"),
    ({"text": "a\0b"}, "null character at 1"),
    ({"text": "word " * 40_000 + "\0"}, "null character at 200000"),
    ({"outlet": {"name": "x" * 200}}, "..."),
]


@pytest.mark.parametrize(("fields", "message"), WRONG_FIELDS)
def test_a_wrong_field_is_shown_with_what_is_expected(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArticle) as caught:
        parse_article({**OBJECT, **fields}, where="body")
    assert str(caught.value).startswith("body: ")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300
    assert "YYYY-MM-DD" in caught.value.hint


def test_all_wrong_fields_are_reported_at_once() -> None:
    with pytest.raises(InvalidArticle, match=r"title is 5: .*; published is 'x': "):
        parse_article({"text": "t", "title": 5, "published": "x"}, where="body")


@pytest.mark.parametrize("value", [[], ["Ann met Bob."], "Ann met Bob.", 5, None, True])
def test_what_is_no_object_is_named(value: object) -> None:
    with pytest.raises(InvalidArticle, match="expected an article object, found") as caught:
        parse_article(value, where="body")
    assert '{"text"' in caught.value.hint


@pytest.mark.parametrize("text", ["", "  \n", "\u00a0\u2003"])
def test_an_empty_text(text: str) -> None:
    with pytest.raises(EmptyInput, match="body: the text is empty"):
        parse_article({"text": text}, where="body")


@pytest.mark.parametrize("value", [{}, {"text": None}, {"id": "x"}, {"content": "words"}])
def test_no_text(value: dict[str, Any]) -> None:
    with pytest.raises(InvalidArticle, match="the field 'text' is missing"):
        parse_article(value, where="body")


# ---------------------------------------------------------------- files that cannot be used


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.jsonl"])
@pytest.mark.parametrize("data", [b"", b" \n\r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file(name: str, data: bytes, tmp_path: Path) -> None:
    error = refused(read(tmp_path, name, data), EmptyInput)
    assert str(error).startswith(str(tmp_path / name))
    assert "the file is empty" in str(error)


@pytest.mark.parametrize("name", ["a.txt", "a.json"])
def test_a_binary_file(name: str, tmp_path: Path) -> None:
    error = refused(read(tmp_path, name, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(50)), NotText)
    assert "binary" in str(error)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_utf_16(encoding: str, tmp_path: Path) -> None:
    error = refused(read(tmp_path, "a.txt", "Ann met Bob.".encode(encoding)), NotText)
    assert ("UTF-16" if encoding == "utf-16" else "binary") in str(error)


def test_utf_16_lines_lose_nothing_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Ann"}\n{"text": "Bob"}\n', encoding="utf-16")
    (tmp_path / "b.txt").write_text("Carol")
    *wrong, last = read_articles([tmp_path / "a.jsonl", tmp_path / "b.txt"])
    assert all(isinstance(error, NotText) for error in wrong)
    assert isinstance(last, Article)


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
def test_another_encoding(encoding: str, tmp_path: Path) -> None:
    error = refused(read(tmp_path, "a.txt", "Ein Gespräch".encode(encoding)), NotText)
    assert "not UTF-8 (byte 0xe4 at 9)" in str(error)
    assert "iconv" in error.hint


def test_an_unknown_suffix(tmp_path: Path) -> None:
    for name, shown in [("a.pdf", ".pdf"), ("a", "a file without suffix"), ("a.txt.gz", ".gz")]:
        error = refused(read(tmp_path, name, b"words"))
        assert str(error) == f"{tmp_path / name}: cannot read {shown}"
        assert ".jsonl" in error.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in str(refused(list(read_articles([tmp_path / "a.txt"]))))
    (tmp_path / "folder.json").mkdir()
    assert "directory" in str(refused(list(read_articles([tmp_path / "folder.json"]))))
    assert "without suffix" in str(refused(list(read_articles([tmp_path]))))


BROKEN_JSON = [
    (b'{"text": "x"', "line 1"),
    (b'{"text": "x",\n "id" "y"}', "line 2, column 7"),
    (b'{"text": "x", "text": "y"}', "the key 'text' stands twice"),
    (b'{"text": "x", "score": NaN}', "NaN"),
    (b'{"text": "x", "score": 1e999}', "too large"),
    (b'{"text": "a\\ud83d"}', "half a character"),
    (b'{"text": "x", "deep": ' + b"[" * 9_000 + b"]" * 9_000 + b"}", "too deeply"),
    (b"Ann met Bob.", "line 1, column 1"),
    (b'[{"text": "x"}]', "expected an article object, found list"),
    (b'{"text": "x"}\n{"text": "y"}', "Extra data at line 2"),
]


@pytest.mark.parametrize(("data", "message"), BROKEN_JSON)
def test_broken_json(data: bytes, message: str, tmp_path: Path) -> None:
    error = refused(read(tmp_path, "a.json", data), InvalidArticle)
    assert str(error).startswith(f"{tmp_path}/a.json: ")
    assert message in str(error)


BROKEN_LINES = [
    b'{"text": "x"',
    b'{"text": "x", "text": "y"}',
    b'{"text": "x", "score": NaN}',
    b'{"text": "\\udfff"}',
    b'{"text": "Gespr\xe4ch"}',
    b'{"text": ""}',
    b'{"text": 5}',
    b'{"tekst": "x"}',
    b'{"text": "x", "published": "2026-02-30"}',
    b"[]",
    b"\0\0\0",
    b"[" * 100_000,
]


@pytest.mark.parametrize("broken", BROKEN_LINES)
def test_a_broken_line_loses_nothing_of_the_others(
    broken: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(3):
        lines = [line({"text": "Ann"}), line({"text": "Bob"})]
        lines.insert(place, broken + b"\n")
        expected = ["Ann", "Bob"]
        expected.insert(place, f"! {tmp_path}/a.jsonl:{place + 1}: ")
        found = texts(read(tmp_path, "a.jsonl", b"".join(lines)))
        assert [
            each[: len(wanted)] for each, wanted in zip(found, expected, strict=True)
        ] == expected
        if place or broken.startswith(b"{"):
            assert len(typed(monkeypatch, b"".join(lines))) == 3


def test_lines_are_counted_with_the_blank_ones(tmp_path: Path) -> None:
    found = read(tmp_path, "a.jsonl", b"\n\r\n" + line({"text": "x"}) + b"\n{\n")
    assert [str(each).split(": ")[0] for each in found[1:]] == [f"{tmp_path}/a.jsonl:5"]


def test_the_last_line_needs_no_line_break(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "a.jsonl", line({"text": "x"}) + b'{"text": "y"}')) == ["x", "y"]


def test_lines_end_at_line_breaks_only(tmp_path: Path) -> None:
    data = '{"text": "one\u2028two\u0085three\x0b"}\n'.replace("\x0b", "\\u000b").encode()
    assert only(read(tmp_path, "a.jsonl", data)).text == "one\u2028two\u0085three\x0b"


def test_what_is_too_large_is_refused_and_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "MAX_BYTES", 40)
    long = "x" * 100
    for name, data in [("a.txt", long.encode()), ("a.json", line({"text": long}))]:
        assert "larger than 40 bytes" in str(refused(read(tmp_path, name, data)))
        assert "larger than 40 bytes" in str(refused(typed(monkeypatch, data)))
    several = line({"text": "a"}) + line({"text": long}) + line({"text": "b" * 20})
    found = read(tmp_path, "a.jsonl", several)
    assert texts(found)[::2] == ["a", "b" * 20]
    assert f"{tmp_path}/a.jsonl:2: longer than 40 bytes" in str(found[1])
    assert texts(typed(monkeypatch, several))[::2] == ["a", "b" * 20]
    first = typed(monkeypatch, line({"text": long}) + line({"text": "b"}))
    assert "standard input:1: longer" in str(first[0])
    assert texts(first)[1:] == ["b"]
    assert only(read(tmp_path, "a.txt", b"x" * 40)).text == "x" * 40
    assert only(typed(monkeypatch, b"x\n" * 20)).text == "x\n" * 20
    assert "larger" in str(refused(typed(monkeypatch, b"x\n" * 21)))


# ---------------------------------------------------------------- standard input


def typed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> list[Article | InputError]:
    stdin = SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(data)))
    monkeypatch.setattr("sys.stdin", stdin)
    return list(read_articles([STDIN]))


def test_text_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    article = only(typed(monkeypatch, b"\n\nAnn met Bob.\r\n{\n"))
    assert article.text == "\n\nAnn met Bob.\r\n{\n"
    assert article.id == article.digest[:16]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n  \n", b"  "])
def test_an_object_from_standard_input(mark: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (
        json.dumps(OBJECT).encode(),
        line(OBJECT) + b"\n",
        json.dumps(OBJECT, indent=2).encode(),
        json.dumps({"places": [{"a": 1}, {"b": 2}], **OBJECT}, indent=0).encode(),
        json.dumps({"article": OBJECT, "gold": {}}).encode() + b"\n\n",
        b'{"a": [\n{"b": 1}, \n{}], ' + json.dumps(OBJECT).encode()[1:],
    ):
        assert only(typed(monkeypatch, mark + data)).id == "a1"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n  \n"])
def test_lines_from_standard_input(mark: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = mark + line({"text": "Ann"}) + b"\n" + line({"text": "Bob"}) + b"{\n"
    *found, error = typed(monkeypatch, data)
    assert texts(found) == ["Ann", "Bob"]
    assert str(error).startswith(f"standard input:{4 + mark.count(10)}: not usable JSON")


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_nothing_from_standard_input(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(refused(typed(monkeypatch, data), EmptyInput)).startswith("standard input: ")


def test_binary_and_broken_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    refused(typed(monkeypatch, b"\x89PNG\0\0"), NotText)
    refused(typed(monkeypatch, "Gespräch".encode("latin-1")), NotText)
    refused(typed(monkeypatch, b'{"text": "Ann"'), InvalidArticle)
    refused(typed(monkeypatch, b'{\n"text": "Ann",\n'), InvalidArticle)
    refused(typed(monkeypatch, b'{"a":' * 50_000), InvalidArticle)


# ---------------------------------------------------------------- whatever the bytes


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda s: s.encode("utf-8", "ignore")))
def test_bytes_are_text_or_refused(data: bytes) -> None:
    with suppress(InputError):
        text = decode(data, where="here")
        assert text.encode() in {data, data.removeprefix(b"\xef\xbb\xbf")}


@given(st.text('{}[]",:\\ud8tex 0\n', max_size=40))
def test_json_is_an_article_or_refused(text: str) -> None:
    with suppress(InputError):
        parse_article(parse_json(text, where="here"), where="here")


def test_a_date_comes_as_a_date() -> None:
    assert parse_article(OBJECT, where="w").published == date(2026, 3, 9)


@pytest.mark.parametrize("published", [0, -86400, 20250311, "0", "20250311", True, "soon"])
def test_a_number_is_no_date(published: object) -> None:
    with pytest.raises(InvalidArticle, match="YYYY-MM-DD"):
        parse_article({"text": "Rain.", "published": published}, where="a.json")
