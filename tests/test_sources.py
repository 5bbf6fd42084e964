"""The inputs of a backfill: tables, pages, archives, packed or not; what is broken is told."""

from __future__ import annotations

import asyncio
import bz2
import csv
import gzip
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastwarc.stream_io import BrotliWriter
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from benchmarks.web_archive import Answer, our_articles, page_of, warc, warc_gz, web_page
from extractor import backfill
from extractor.articles import MAX_BYTES
from extractor.backfill import progress
from extractor.errors import EmptyInput, InputError, InvalidArticle, NotText
from extractor.records import Article
from extractor.sources import (
    OTHER_KIND,
    Dropped,
    Item,
    check_input,
    count_items,
    read_columns,
    read_inputs,
    state_of,
)
from extractor.sources.archives import (
    CUT_BY_CRAWLER,
    NOT_200,
    NOT_HTML,
    NOT_HTTP,
    NOT_UNPACKED,
    REVISIT,
)
from extractor.sources.packed import MAX_RATIO
from extractor.sources.webpages import MAX_PAGE, NO_TEXT, TOO_LARGE
from tests.fake_model import FakeModel, sinking

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = our_articles()


def read(*inputs: Path | str, **columns: str) -> list[Item]:
    return list(read_inputs([str(name) for name in inputs], columns))


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def article(item: Item) -> Article:
    assert isinstance(item, Article), item
    return item


def texts(found: Iterable[Item]) -> list[str]:
    return [each.text if isinstance(each, Article) else f"! {each}" for each in found]


def refused(item: Item, kind: type[InputError] = InputError) -> str:
    assert type(item) is kind, item
    assert item.hint, "what is to be done?"
    return str(item)


def csv_of(rows: Iterable[Iterable[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    return stream.getvalue()


def parquet(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


# ---------------------------------------------------------------- the text stays as it is


HARD = [
    "One.\r\nTwo.\r\n",
    "\rOne\r",
    "e\u0301 \u2028\u0085\u00a0x\t",
    "😀 👩\u200d👧",
    "\ufeffone",
    'a "b", c',
    "שלום (news) עולם\u200f",
    "ends in \\",
    "x\x1cy\x0bz",
    ";",
    "\n\n  One.\n\n",
]
TEXT = st.sampled_from(HARD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
).filter(str.strip)


@given(st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_every_table_gives_the_text_to_the_code_point(
    tmp_path_factory: pytest.TempPathFactory, given_texts: list[str], end: str
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    lines = "".join(json.dumps({"text": text}) + end for text in given_texts).encode()
    rows = csv_of([["id", "text"], *(["x", text] for text in given_texts)], end=end).encode()
    files = [
        written(folder, "a.jsonl", lines),
        written(folder, "a.jsonl.gz", gzip.compress(lines)),
        written(folder, "a.csv", rows),
        written(folder, "a.csv.bz2", bz2.compress(rows)),
        parquet(folder / "a.parquet", {"text": given_texts}),
    ]
    for file in files:
        assert texts(read(file)) == given_texts, file


@pytest.mark.parametrize(("text", "reason"), [("a\0b", "null character"), ("a\ud800", "surrogate")])
def test_what_is_no_text_is_refused_in_every_table(text: str, reason: str, tmp_path: Path) -> None:
    lines = written(tmp_path, "a.jsonl", json.dumps({"text": text}))
    assert reason in refused(read(lines)[0], InvalidArticle)
    rows = written(tmp_path, "a.csv", b"text\n" + text.encode("utf-8", "surrogatepass") + b"\nok\n")
    broken, good = read(rows)
    assert isinstance(broken, InvalidArticle | NotText)
    assert f"{rows}:2: " in str(broken)
    assert article(good).text == "ok"
    column = pa.array([text.encode("utf-8", "surrogatepass"), b"ok"]).view(pa.utf8())
    broken, good = read(parquet(tmp_path / "a.parquet", {"text": column}))
    assert "a.parquet, row 1: " in refused(broken, InvalidArticle)
    assert article(good).text == "ok"


# ---------------------------------------------------------------- CSV


def test_a_table_has_all_fields(tmp_path: Path) -> None:
    row = {"id": "7", "title": "A", "text": "Ann met Bob.", "published": "2026-03-09 10:00:00",
           "outlet": "The Gazette", "language": "en", "url": ""}  # fmt: skip
    (found,) = read(written(tmp_path, "a.csv", csv_of([row, row.values()])))
    assert article(found).model_dump() == {
        **row,
        "published": date(2026, 3, 9),
        "url": None,
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header(delimiter: str, tmp_path: Path) -> None:
    data = "\ufeff" + csv_of([["n", "text"], ["1", "a,b;c\td|e"]], delimiter)
    assert texts(read(written(tmp_path, "a.csv", data))) == ["a,b;c\td|e"]


def test_columns_are_named(tmp_path: Path) -> None:
    columns = read_columns(["text=body", "published=published at"])
    rows = csv_of([["body", "published at", "tittle"], ["words", "2026-03-09", "t"]])
    lines = json.dumps({"body": "words", "published at": "2026-03-09", "tittle": "t"})
    table = {"body": ["words"], "published at": [date(2026, 3, 9)], "tittle": ["t"]}
    for file in (
        written(tmp_path, "a.csv", rows),
        written(tmp_path, "a.jsonl", lines),
        parquet(tmp_path / "a.parquet", table),
    ):
        (found,) = read(file, **columns)
        assert article(found) == Article(text="words", published=date(2026, 3, 9)), file


@pytest.mark.parametrize(
    ("pair", "message"),
    [("body", "expected FIELD=COLUMN"), ("text=", "expected"), ("txt=body", "'txt=body'"),
     ("text=b", "text is named twice")],
)  # fmt: skip
def test_columns_that_cannot_be_meant(pair: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_columns(["text=a", pair])


@pytest.mark.parametrize(
    ("header", "columns", "message"),
    [
        ("id,body", {}, "no column 'text'"),
        ("text,published_at", {}, "'published_at' is not read; is it 'published'"),
        ("text,id", {"title": "headline"}, "no column 'headline' for 'title'"),
        ("text,text", {}, "two columns are called 'text'"),
        ('"text', {}, "a quote opens here"),
        ("te\rxt", {}, "not a header"),
    ],
)
def test_a_header_that_does_not_fit_is_one_error(
    header: str, columns: dict[str, str], message: str, tmp_path: Path
) -> None:
    file = written(tmp_path, "a.csv", f"{header}\n1,one\n2,two\n")
    (found,) = read(file, **columns)
    assert message in refused(found, InvalidArticle)
    if '"' not in header and "\r" not in header:
        names = header.split(",")
        if len(set(names)) == len(names):
            table = parquet(tmp_path / "a.parquet", {name: ["x"] for name in names})
            assert message in refused(read(table, **columns)[0], InvalidArticle)


def test_broken_rows_are_told_with_their_lines_and_the_rest_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "a.csv",
        b'id,text\n1,"two\nlines"\n2,a,b\n\n3,caf\xe9\n4,\n5,"open\n6,5" disk\n7,"x"y\n8,last\n',
    )
    found = read(file)
    assert [str(item).partition(": ")[0] for item in found if isinstance(item, InputError)] == [
        f"{file}:{line}" for line in (4, 6, 7, 8, 10)
    ]
    kinds = [InvalidArticle, NotText, EmptyInput, InvalidArticle, InvalidArticle]
    assert [type(item) for item in found if isinstance(item, InputError)] == kinds
    assert [a.text for a in found if isinstance(a, Article)] == ["two\nlines", '5" disk', "last"]
    stray = written(tmp_path, "b.csv", 'id,text\n1,5" disk\n2,two\n')
    assert texts(read(stray)) == ['5" disk', "two"]


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    rows = "".join(f"{n},text {n}\n" for n in range(1000))
    file = written(tmp_path, "a.csv", f'id,text\nx,"oops\n{rows}')
    broken, *good = read(file)
    assert f"{file}:2: a quote opens here" in refused(broken, InvalidArticle)
    assert texts(good) == [f"text {n}" for n in range(1000)]


def test_a_line_of_50_mb_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    long = b"x" * (50 * 1024 * 1024)
    rows = written(tmp_path, "a.csv", b"text\n" + long + b"\nshort\n")
    lines = written(tmp_path, "a.jsonl", b'{"text": "' + long + b'"}\n{"text": "short"}\n')
    for file, line in ((rows, 2), (lines, 1)):
        broken, good = read(file)
        assert f"{file}:{line}: longer than {MAX_BYTES} bytes" in refused(broken)
        assert article(good).text == "short"
    cell = parquet(tmp_path / "a.parquet", {"text": [long[: MAX_BYTES + 1].decode(), "short"]})
    broken, good = read(cell)
    assert f"row 1: longer than {MAX_BYTES} characters" in refused(broken)
    assert article(good).text == "short"


# ---------------------------------------------------------------- Parquet


def test_parquet_has_types_of_its_own(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 9, 10, tzinfo=UTC)
    for number, published in enumerate(
        (
            pa.array([date(2026, 3, 9)]),
            pa.array(["2026-03-09"]),
            pa.array([moment], pa.timestamp("us", "UTC")),
            pa.array([1773050400000000001], pa.timestamp("ns")),
            pa.array(["2026-03-09"]).dictionary_encode(),
        )
    ):
        table = {"id": [17], "text": ["words"], "published": published, "title": [None]}
        (found,) = read(parquet(tmp_path / f"{number}.parquet", table))
        assert article(found) == Article(id="17", text="words", published=date(2026, 3, 9))


def test_a_broken_row_group_costs_no_other(tmp_path: Path) -> None:
    names = [f"text {n} {os.urandom(50).hex()}" for n in range(300)]
    path = parquet(
        tmp_path / "a.parquet", {"text": names}, row_group_size=100, compression="zstd",
        use_dictionary=False,
    )  # fmt: skip
    place = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[place : place + 400] = b"\xff" * 400
    path.write_bytes(data)
    found = read(path)
    assert texts(found[:100] + found[101:]) == names[:100] + names[200:]
    assert f"{path}, row 101: broken from here to row 200" in refused(found[100])
    path.write_bytes(data[:-100])
    (cut,) = read(path)
    assert "not a whole Parquet file" in refused(cut)


# ---------------------------------------------------------------- web archives


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but white space and invisible hyphens. (So there is
    nothing of the navigation in them.)"""
    shown = (unicodedata.normalize("NFC", text).replace("\xad", "") for text in (one, other))
    first, second = ("".join(text.split()) for text in shown)
    return first == second


@pytest.mark.parametrize(("name", "write"), [("a.warc", warc), ("a.warc.gz", warc_gz)])
def test_our_articles_come_out_of_a_web_archive(name: str, write: Any, tmp_path: Path) -> None:
    found = read(written(tmp_path, name, write(map(page_of, ARTICLES))))
    assert len(found) == len(ARTICLES) == 27
    for item, ours in zip(map(article, found), ARTICLES, strict=True):
        assert item.url == item.id == f"https://gazette.example/{ours.id}"
        assert (item.published, item.outlet) == (ours.published, "The Gazette")
        assert item.language == (ours.language or "en")
        assert same_words(item.title or "", ours.title or "")
        assert same_words(item.text, f"{ours.title} {ours.text}")


def test_each_page_that_is_no_article_is_dropped_with_its_reason(tmp_path: Path) -> None:
    page = web_page(ARTICLES[0]).encode()
    answers = {
        Answer("u:warcinfo", b"", record="warcinfo"): None,
        Answer("u:request", b"", record="request"): None,
        Answer("u:redirect", b"", status="301 Moved"): NOT_200,
        Answer("u:missing", page, status="404 Not Found"): NOT_200,
        Answer("u:image", b"\x89PNG", kind="image/png"): NOT_HTML,
        Answer("u:revisit", b"", record="revisit"): REVISIT,
        Answer("u:resource", page, record="resource", block_kind="text/html"): NOT_HTTP,
        Answer("u:cut", page, warc_headers=("WARC-Truncated: length",)): CUT_BY_CRAWLER,
        Answer("u:large", page + b" " * MAX_PAGE): TOO_LARGE,
        Answer("u:swells", gzip.compress(page + b" " * MAX_PAGE),
               headers=("Content-Encoding: gzip",)): TOO_LARGE,
        Answer("u:garbled", b"oops", headers=("Content-Encoding: br",)): NOT_UNPACKED,
        Answer("u:unknown", b"oops", headers=("Content-Encoding: rot13",)): NOT_UNPACKED,
        Answer("u:half", gzip.compress(page)[:-20], headers=("Content-Encoding: gzip",)):
            NOT_UNPACKED,
        Answer("u:empty", b"<html><body></body></html>"): NO_TEXT,
        Answer("u:nothing", b""): NO_TEXT,
        Answer("u:good", page): None,
    }  # fmt: skip
    *dropped, good = read(written(tmp_path, "a.warc", warc(answers)))
    assert [item.reason for item in dropped if isinstance(item, Dropped)] == [
        reason for reason in answers.values() if reason
    ]
    assert len(dropped) == 13
    assert all("a.warc, byte " in item.where for item in dropped if isinstance(item, Dropped))
    assert article(good).id == "u:good"


def test_pages_that_were_packed_for_the_way(tmp_path: Path) -> None:
    page = web_page(ARTICLES[0]).encode()
    brotli = io.BytesIO()
    writer = BrotliWriter(brotli)
    writer.write(page)
    writer.close()
    chunked = f"{len(page):x}\r\n".encode() + page + b"\r\n0\r\n\r\n"
    answers = [
        Answer("gzip", gzip.compress(page), headers=("Content-Encoding: gzip",)),
        Answer("br", brotli.getvalue(), headers=("Content-Encoding: br",)),
        Answer("chunked", chunked, headers=("Transfer-Encoding: chunked",)),
        Answer("unpacked", page, headers=("Content-Encoding: gzip", "Transfer-Encoding: chunked")),
    ]
    found = [article(item) for item in read(written(tmp_path, "a.warc", warc(answers)))]
    assert [item.id for item in found] == ["gzip", "br", "chunked", "unpacked"]
    assert {item.digest for item in found} == {found[0].digest}, "the id and the URL do not count"


@pytest.mark.parametrize(
    ("kind", "head", "encoding"),
    [
        ("text/html; charset=windows-1251", "", "windows-1251"),
        ("text/html; charset=ISO-8859-1", "", "windows-1252"),
        ("text/html", '<meta charset="iso-8859-2">', "iso-8859-2"),
        ("text/html; charset=nonsense", "", "utf-8"),
        ("text/html; charset=us-ascii", "", "utf-8-sig"),
        ("text/html", "", "utf-16"),
    ],
)
def test_a_page_says_how_its_characters_are_written(
    kind: str, head: str, encoding: str, tmp_path: Path
) -> None:
    words = {
        "windows-1251": "Президент прибыл в Софию",
        "windows-1252": "“Präsident” – he said",
        "iso-8859-2": "Prezident přijel do Plzně",
    }.get(encoding, "“Ž” 😀 said")
    if encoding == "utf-8-sig":
        words = "plain words"
    page = (
        f"<html><head>{head}<title>t</title></head><body><article><p>{words}. It was said on "
        "Monday, in the town.</p><p>More of it here.</p></article></body></html>"
    )
    (found,) = read(
        written(tmp_path, "a.warc", warc([Answer("u", page.encode(encoding), kind=kind)]))
    )
    assert words in article(found).text


@pytest.mark.parametrize("cut", [10, 600, 1200])
def test_an_archive_that_was_cut_off_gives_what_is_whole(cut: int, tmp_path: Path) -> None:
    answers = [page_of(each) for each in ARTICLES[:3]]
    whole = warc(answers)
    file = written(tmp_path, "a.warc", whole[: len(whole) - cut])
    *found, last = read(file)
    assert [article(item).url for item in found] == [a.url for a in answers[:2]]
    assert "cut off within the page" in refused(last)
    packed = warc_gz(answers)
    *found, last = read(written(tmp_path, "a.warc.gz", packed[: len(packed) - cut]))
    # Of the last 10 bytes of a member most are a checksum: the page before them is whole.
    whole_pages = answers if cut == 10 else answers[:2]
    assert [article(item).url for item in found] == [a.url for a in whole_pages]
    assert "cut off" in refused(last)


def test_what_is_no_archive(tmp_path: Path) -> None:
    (junk,) = read(written(tmp_path, "a.warc", b"hello\n" * 100))
    assert "broken about byte" in refused(junk)
    (empty,) = read(written(tmp_path, "b.warc", b""))
    refused(empty, EmptyInput)
    one = page_of(ARTICLES[0])
    good, broken = read(written(tmp_path, "c.warc", one.to_bytes() + b"junk\r\n" + one.to_bytes()))
    assert article(good).url == one.url
    assert "broken" in refused(broken)


# ---------------------------------------------------------------- pages and folders


def test_a_folder_holds_files_of_all_kinds(tmp_path: Path) -> None:
    ours = ARTICLES[0]
    written(tmp_path, "b/2.html", web_page(ours))
    written(tmp_path, "b/1.txt", "one")
    written(tmp_path, "b/3.HTM.gz", gzip.compress(web_page(ours).encode()))
    written(tmp_path, "a.jsonl", '{"text": "zero"}\n{"text": "half"}\n')
    written(tmp_path, "c.json", '{"text": "last"}')
    written(tmp_path, "photo.jpg", b"\xff\xd8")
    written(tmp_path, ".hidden/x.txt", "never")
    written(tmp_path, ".x.txt", "never")
    found = read(tmp_path)
    titled = [article(item) for item in found if not isinstance(item, Dropped)]
    assert [item.text for item in titled[:3]] == ["zero", "half", "one"]
    assert [(item.id, item.title) for item in titled[3:5]] == [
        ("2", ours.title),
        ("3", ours.title),
    ]
    assert titled[5].text == "last"
    assert found[-1] == Dropped(str(tmp_path / "photo.jpg"), OTHER_KIND)
    assert count_items([str(tmp_path / "b/1.txt"), str(tmp_path / "a.jsonl")]) == 3
    assert count_items([str(tmp_path)]) is None, "a packed file is not read to count"


def test_a_page_says_its_date_or_has_none(tmp_path: Path) -> None:
    day = f"{ARTICLES[0].published}T08:00:00Z"
    stated = web_page(ARTICLES[0]).replace("</h1>", "</h1><p>On 5 May 2019 they met.</p>")
    silent = stated.replace(day, "")
    (found,) = read(written(tmp_path, "a.html", stated))
    assert article(found).published == ARTICLES[0].published
    (found,) = read(written(tmp_path, "a.html", silent))
    assert article(found).published is None, "a date of the prose is not the page's"


@pytest.mark.parametrize("data", [b"", b"\0\1\2" * 100, b"no markup", b"<" * 5000, b"<div>" * 9000])
def test_a_page_of_nothing_is_dropped(data: bytes, tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.html", data)) == [Dropped(str(tmp_path / "a.html"), NO_TEXT)]


def test_patterns_are_files_by_name(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.json", "d[1].txt"):
        written(tmp_path, name, '{"text": "c"}' if name.endswith("json") else name)
    assert texts(read(tmp_path / "?.txt")) == ["a.txt", "b.txt"]
    assert texts(read(tmp_path / "[ac].*")) == ["a.txt", "c"]
    assert texts(read(tmp_path / "d[1].txt")) == ["d[1].txt"], "a file of that very name"


def test_urls_of_fsspec(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    rows = pa.table({"text": ["row"]})
    for name, data in (("b/2.txt", b"two"), ("b/1.jsonl", b'{"text": "one"}\n'), ("c.txt", b"x")):
        memory.pipe(f"/sources/{name}", data)
    with memory.open("/sources/b/0.parquet", "wb") as stream:
        pq.write_table(rows, stream)
    assert texts(read("memory://sources/b")) == ["row", "one", "two"]
    assert texts(read("memory://sources/*.txt")) == ["x"]
    assert texts(read("memory://sources/b/2.txt")) == ["two"]
    before = state_of("memory://sources/b")
    memory.pipe("/sources/b/2.txt", b"three")
    assert state_of("memory://sources/b") != before
    lines = gzip.compress(b'{"text": "packed"}\n')
    file = written(tmp_path, "a.jsonl.gz", lines)
    assert texts(read(f"file://{file}")) == ["packed"]
    assert state_of(f"file://{file}").size == len(lines)
    for url, message in (
        ("memory://sources/none.txt", "none.txt"),
        ("nosuch://a/b.txt", "nosuch"),
        ("memory://sources/none*.txt", "no file fits"),
    ):
        with pytest.raises(InputError, match=message):
            check_input(url)


def test_a_connection_that_breaks_is_an_error_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = fsspec.filesystem("memory")
    lines = b"".join(b'{"text": "%d"}\n' % n for n in range(200_000))
    memory.pipe({"/broken/a.jsonl": lines, "/broken/b.txt": b"whole"})

    class Breaking(io.BytesIO):
        """The libraries of object stores raise errors of their own."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 2**20:
                raise RuntimeError("the session is over")
            return super().read(size)

    opens = type(memory).open

    def opened(self: Any, path: str, mode: str = "rb", **options: Any) -> Any:
        return Breaking(lines) if path.endswith(".jsonl") else opens(self, path, mode, **options)

    monkeypatch.setattr(type(memory), "open", opened)
    *found, broken, last = read("memory://broken")
    assert texts(found) == [str(n) for n in range(len(found))]
    assert len(found) > 50_000, "what was read before is not lost"
    assert refused(broken) == "memory:///broken/a.jsonl: RuntimeError: the session is over"
    assert article(last).text == "whole"


def test_inputs_that_are_not_there(tmp_path: Path) -> None:
    for name, message in (("a.txt", "No such file"), ("*.txt", "no file fits"),
                          ("a.doc", "not a file that can be read"),
                          ("a.parquet.gz", "not a file that can be read")):  # fmt: skip
        with pytest.raises(InputError, match=message):
            check_input(str(tmp_path / name))
    check_input(str(tmp_path))


# ---------------------------------------------------------------- packed files


def packed_as(suffix: str, data: bytes) -> bytes:
    if suffix == ".zst":
        found: bytes = pa.compress(data, codec="zstd", asbytes=True)
        return found
    return gzip.compress(data) if suffix == ".gz" else bz2.compress(data)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_a_packed_file_that_was_cut_off_gives_its_whole_lines(suffix: str, tmp_path: Path) -> None:
    lines = [json.dumps({"text": os.urandom(500).hex()}) for _ in range(2000)]
    data = packed_as(suffix, "\n".join(lines).encode())
    file = written(tmp_path, f"a.jsonl{suffix}", data)
    assert texts(read(file)) == [json.loads(line)["text"] for line in lines]
    file.write_bytes(data[: len(data) // 2])
    *found, last = read(file)
    assert texts(found) == [json.loads(line)["text"] for line in lines[: len(found)]]
    assert found or suffix == ".bz2", "bzip2 packs 900 kB at once"
    assert "a.jsonl" in refused(last)
    assert "broken or cut off after" in str(last)
    file.write_bytes(b"never packed\n")
    (wrong,) = read(file)
    assert "after 0 unpacked bytes" in refused(wrong)


def test_a_bomb_is_left_alone(tmp_path: Path) -> None:
    zeros = io.BytesIO()
    with gzip.GzipFile(fileobj=zeros, mode="wb", compresslevel=9) as stream:
        stream.write(b'{"text": "first"}\n')
        for _ in range(200):
            stream.write(b" " * 1_000_000)
    for name in ("a.jsonl.gz", "a.warc.gz"):
        *found, last = read(written(tmp_path, name, zeros.getvalue()))
        assert texts(found) == (["first"] if name == "a.jsonl.gz" else [])
        message = refused(last)
        if name == "a.jsonl.gz":
            assert f"unpacks to more than {MAX_RATIO} times its size" in message
    text = written(tmp_path, "a.txt.gz", zeros.getvalue())
    assert f"larger than {MAX_BYTES} bytes" in refused(read(text)[0])
    record = Answer("u", b"<p>" + b" " * 100_000_000, kind="video/mp4").to_bytes()
    assert "times its size" in str(read(written(tmp_path, "b.warc.gz", gzip.compress(record)))[-1])


# ---------------------------------------------------------------- memory


def peak(program: str, *arguments: str) -> float:
    """The most memory that a program had, in MB."""
    end = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", program + end, *arguments],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return float(done.stdout) / 1024


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv", "a.parquet"])
def test_memory_is_flat(name: str, tmp_path: Path) -> None:
    """30 MB of text in one row group, one packed stream, one table."""
    rows = [" ".join(str(n * m) for m in range(700)) for n in range(6_000)]
    if name == "a.parquet":
        parquet(tmp_path / name, {"text": rows}, row_group_size=len(rows), use_dictionary=False)
    elif name == "a.csv":
        written(tmp_path, name, "text\n" + "".join(f'"{row}"\n' for row in rows))
    else:
        lines = "".join(f'{{"text": "{row}"}}\n' for row in rows)
        written(tmp_path, name, gzip.compress(lines.encode(), compresslevel=1))
    program = (
        "import sys; from extractor.sources import read_inputs; "
        "assert sum(1 for _ in read_inputs(sys.argv[1:])) == {}"
    )
    small = parquet(tmp_path / "small.parquet", {"text": ["x"]})
    nothing = peak(program.format(1), str(small))
    assert peak(program.format(len(rows)), str(tmp_path / name)) - nothing < 20


# ---------------------------------------------------------------- the backfill of them


def run(out: Path, *inputs: Path, model: FakeModel | None = None, **options: Any) -> str:
    console = Console(file=io.StringIO(), width=200)
    names = [str(path) for path in inputs]
    plan = backfill.Plan(**options)
    work = backfill.run(names, out, sinking(), model or FakeModel(), plan, console=console)
    asyncio.run(work)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def records(out: Path) -> list[dict[str, Any]]:
    parts = sorted(out.glob("records-*.jsonl"))
    return [json.loads(line) for part in parts for line in part.read_text().splitlines()]


def test_a_backfill_of_an_archive_says_what_it_dropped(tmp_path: Path) -> None:
    pages = [page_of(each) for each in ARTICLES]
    extra = [Answer("a", b"", status="302 Found"), Answer("b", b"x", kind="image/png"),
             Answer("c", b"x", kind="image/png"), pages[0]]  # fmt: skip
    file = written(tmp_path, "news.warc.gz", warc_gz([*pages, *extra]))
    model = FakeModel()
    said = run(tmp_path / "out", file, model=model)
    assert "28 articles: 27 complete, 1 partial" in said
    assert f"2 dropped: {NOT_HTML}\n1 dropped: {NOT_200}\n" in said
    assert Counter(record["status"] for record in records(tmp_path / "out")) == {
        "complete": 27,
        "partial": 1,  # the page with instructions in it
    }
    assert len(model.asked) == 27, "the page that is there twice was asked once"
    first = records(tmp_path / "out")
    assert "28 known before, 0 now" in run(tmp_path / "out", file, model=model)
    assert records(tmp_path / "out") == first
    assert len(model.asked) == 27


def test_a_folder_that_grows_is_gone_on_with(tmp_path: Path) -> None:
    written(tmp_path, "news/a.txt", "ship one")
    model = FakeModel()
    run(tmp_path / "out", tmp_path / "news", model=model)
    written(tmp_path, "news/b.csv", "text\nship two\n")
    said = run(tmp_path / "out", tmp_path / "news", model=model)
    assert "2 articles" in said
    assert "1 known before" in said
    assert "was used with another input" not in said


@pytest.mark.parametrize("name", ["news", "news/*.jsonl", "news/out", "news/out/r*.jsonl"])
def test_an_output_is_never_an_input(name: str, tmp_path: Path) -> None:
    written(tmp_path, "news/a.jsonl", '{"text": "ship"}')
    written(tmp_path, "news/out/r.jsonl", '{"text": "ship"}')
    if name == "news/*.jsonl":
        run(tmp_path / "news/out", tmp_path / name)
        return
    with pytest.raises(InputError, match="an output of this backfill"):
        run(tmp_path / "news/out", tmp_path / name)


def test_a_total_that_is_not_known_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    file = written(tmp_path, "a.jsonl.gz", gzip.compress(b'{"text": "ship"}\n'))
    said = run(tmp_path / "out", file)
    assert "1 articles, " in said
    assert "None" not in said


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = parquet(tmp_path / "a.parquet", {"text": ["ship"]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        read(file)
    assert caught.value.name == "pyarrow.parquet"
