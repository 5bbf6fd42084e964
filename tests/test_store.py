"""The ledger: what is written stays, in the order of the input, for one program at a time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import StoreError
from extractor.model import Completion
from extractor.records import Article, ArticleInfo, Extraction, Problem, Status, Usage
from extractor.store import Entry, Run, Source, Store, View

RECIPE = {"prompt": ["event@1", "abc"], "model": ["remote", "m"]}
SOURCE = Source("news.jsonl", 10, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / "ledger.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def completion(content: str = "{}") -> Completion:
    return Completion(
        content=content,
        finish_reason="stop",
        refusal=None,
        model="m-2026",
        usage=Usage(input_tokens=7, output_tokens=3),
        attempts=1,
        seconds=0.25,
        time="2026-11-22T07:00:00+00:00",
        raw={"choices": [{"message": {"content": content}}]},
    )


def extraction(
    id: str = "a", status: Status = "complete", quote: str | None = None
) -> Extraction[Any]:
    article = Article(id=id, text="A ferry sank.")
    problem = Problem(code="test", path="", message="as it is", quote=quote)
    return Extraction(ArticleInfo.of(article), status, None, {}, (problem,), None)


def lines(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.results()]


def test_a_reply_comes_back_as_it_was_received(store: Store, path: Path) -> None:
    kept = completion("Ünicode, \N{LEFT DOUBLE QUOTATION MARK}quoted\u2028 and \0")
    store.save_reply("k", kept)
    store.close()
    with Store.open(path) as again:
        assert again.reply("k") == kept
        assert again.reply("other") is None


def test_a_reply_with_half_a_character_is_kept(store: Store) -> None:
    """A reply that was cut inside an emoji; UTF-8 cannot hold it, and it was paid for."""
    kept = completion('{"text": "cut \ud83d')
    store.save_reply("k", kept)
    assert store.reply("k") == kept


def test_a_record_that_quotes_half_a_character_is_kept(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k"), Entry(1, "b", "k")])
    store.save_record("k", extraction("a", quote="cut \ud83d"))
    for line in run.results():
        assert json.loads(line.encode())["problems"][0]["quote"] == "cut \ud83d"


def test_what_was_paid_for_is_waited_for_to_reach_the_disk(store: Store) -> None:
    """A record can be made again of its reply, without paying: of it a commit is enough."""
    said: list[str] = []
    with store.transaction() as db:
        driver = db.connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(said.append)
    store.save_record("k", extraction())
    store.save_reply("k", completion())
    store.save_record("k", extraction())
    store.replace_reply("k", completion())
    driver.set_trace_callback(None)
    level, commits = "FULL", []
    for statement in said:
        if statement.startswith("PRAGMA synchronous="):
            level = statement.partition("=")[2]
        elif statement.startswith("INSERT INTO"):
            commits.append((statement.split()[2], level))
        elif statement == "COMMIT":
            assert commits[-1][1] == level
    assert commits == [
        ("records", "NORMAL"), ("replies", "FULL"), ("records", "NORMAL"), ("replies", "FULL")
    ]  # fmt: skip


def test_the_first_reply_stays(store: Store) -> None:
    store.save_reply("k", completion("first"))
    store.save_reply("k", completion("second"))
    found = store.reply("k")
    assert found is not None
    assert found.content == "first"


def test_a_reply_that_was_asked_for_anew_takes_the_place_of_the_first(store: Store) -> None:
    for content in ("first", "second"):
        store.replace_reply("k", completion(content))
        found = store.reply("k")
        assert found is not None
        assert found.content == content


def test_a_record_takes_the_place_of_the_one_before(store: Store) -> None:
    store.save_record("k", extraction(status="failed"))
    store.save_record("k", extraction(status="complete"))
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k")])
    assert store.statuses(["k", "none"]) == {"k": "complete"}
    assert list(run.results()) == [extraction(status="complete").to_json()]


def test_results_stand_in_the_order_of_the_input(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter(Entry(n, f"a{n}", f"k{n}") for n in (2, 0, 1, 3))
    for n in (3, 1, 0):
        store.save_record(f"k{n}", extraction(f"a{n}"))
    assert [line["article"]["id"] for line in lines(run)] == ["a0", "a1", "a3"]


def test_an_article_under_two_ids_comes_out_under_both(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k"), Entry(1, "ø", "k"), Entry(2, "a", "k")])
    store.save_record("k", extraction("a"))
    found = list(run.results())
    assert [json.loads(line)["article"]["id"] for line in found] == ["a", "ø", "a"]
    assert found[1] == found[0].replace('"a"', '"ø"', 1)


def test_the_same_run_goes_on_and_another_recipe_is_another_run(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k")])
    store.save_record("k", extraction("a"))
    other = store.begin([SOURCE], {**RECIPE, "prompt": ["event@2", "def"]})
    assert other != run
    assert lines(other) == []
    assert store.begin([SOURCE], RECIPE) == run
    assert len(lines(run)) == 1


def test_a_changed_input_loses_its_places_and_no_record(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter([Entry(0, "a", "k")])
    store.save_record("k", extraction("a"))
    changed = store.begin([Source("news.jsonl", 11, 2)], RECIPE)
    assert changed == run
    assert lines(changed) == []
    assert store.statuses(["k"]) == {"k": "complete"}


def test_trimming_forgets_what_the_input_no_longer_has(store: Store) -> None:
    run = store.begin([SOURCE], RECIPE)
    run.enter(Entry(n, f"a{n}", "k") for n in range(4))
    store.save_record("k", extraction("a0"))
    run.trim(2)
    assert [line["article"]["id"] for line in lines(run)] == ["a0", "a1"]


def test_going_over_known_places_writes_nothing(store: Store, path: Path) -> None:
    """So that going on after a kill costs reading, not one wait for the disk a chunk."""
    run = store.begin([SOURCE], RECIPE)
    entries = [Entry(n, f"a{n}", f"k{n}") for n in range(50)]
    run.enter(entries)
    log = path.with_name(path.name + "-wal")
    before = log.stat().st_size
    run.enter(entries)
    assert log.stat().st_size == before


def test_what_was_written_is_there_without_closing(store: Store, path: Path) -> None:
    store.save_reply("k", completion())
    other = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        assert other.execute("SELECT key FROM replies").fetchall() == [("k",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        other.close()
    with store.transaction() as db:
        assert db.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL


def test_a_second_opener_is_told_who_has_the_ledger(store: Store, path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from extractor.store import Store\n"
        "try: Store.open(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("StoreError")
    assert "another extractor (process " in done.stdout
    with pytest.raises(StoreError, match="another extractor"):
        Store.open(path)


def test_a_closed_ledger_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.reply("k")


def test_another_layout_is_refused(store: Store, path: Path) -> None:
    with store.transaction() as db:
        db.exec_driver_sql("PRAGMA user_version=99")
    store.close()
    with pytest.raises(StoreError, match="layout 99; this extractor knows 3"):
        Store.open(path)


def test_a_ledger_that_was_laid_out_in_part_is_finished(path: Path) -> None:
    Store.open(path).close()
    db = sqlite3.connect(path)
    db.executescript("DROP TABLE records; PRAGMA user_version=0;")
    db.close()
    with Store.open(path) as store:
        store.save_record("k", extraction())
        assert store.statuses(["k"]) == {"k": "complete"}


def test_another_program_s_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE invoices (id)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a ledger of extractor"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("these are the accounts of the year\n" * 100)
    with pytest.raises(StoreError, match="not a database") as raised:
        Store.open(path)
    assert str(path) in str(raised.value)
    assert "choose another folder" in raised.value.hint


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match="out"):
        Store.open(tmp_path / "out" / "ledger.sqlite")


def test_a_full_disk_loses_nothing_of_what_was_stored(store: Store) -> None:
    store.save_reply("kept", completion())
    with store.transaction() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match="full") as raised:
        store.save_reply("lost", completion("x" * 100_000))
    assert "make room" in raised.value.hint
    assert store.reply("kept") is not None
    assert store.reply("lost") is None
    with store.transaction() as db:
        db.exec_driver_sql("PRAGMA max_page_count=1000000")
    store.save_reply("lost", completion("x" * 100_000))
    assert store.reply("lost") is not None


def test_another_program_that_holds_the_file_is_named_as_the_cause(
    store: Store, path: Path
) -> None:
    with store.transaction() as db:
        db.exec_driver_sql("PRAGMA busy_timeout=10")
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked") as raised:
            store.save_reply("k", completion())
        assert "another program" in raised.value.hint
    finally:
        other.close()
    store.save_reply("k", completion())


def test_a_ledger_of_the_first_layout_is_brought_on(path: Path) -> None:
    with Store.open(path) as store:
        run = store.begin([SOURCE], RECIPE)
        run.enter([Entry(0, "a", "k")])
        store.save_record("k", extraction("a"))
    db = sqlite3.connect(path)
    for table, column in (("runs", "prices"), ("records", "tries"), ("records", "afresh"),
                          ("records", "due")):  # fmt: skip
        db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    db.executescript("DROP TABLE batch_lines; DROP TABLE batches; PRAGMA user_version=1;")
    db.commit()
    db.close()
    with pytest.raises(StoreError, match="older layout"):
        View(path).runs()
    with Store.open(path) as store:
        run = store.begin([SOURCE], RECIPE)
        assert [line["article"]["id"] for line in lines(run)] == ["a"]
        store.save_record("k", extraction("a"))
        assert run.facts().tries == 2
    with Store.open(path) as store:
        assert store.statuses(["k"]) == {"k": "complete"}


def layout(path: Path) -> dict[str, list[str]]:
    """The columns of each table and its indices, as SQLite understood them."""
    db = sqlite3.connect(path)
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for name in sorted(names):
        columns = [row[1:] for row in db.execute(f"PRAGMA table_info({name})")]
        indices = [row[1:4] for row in db.execute(f"PRAGMA index_list({name})")]
        found[name] = sorted(map(repr, columns)) + sorted(map(repr, indices))
    db.close()
    return found


def test_an_older_ledger_comes_to_the_layout_of_a_new_one(path: Path, tmp_path: Path) -> None:
    Store.open(path).close()
    older = tmp_path / "older.sqlite"
    Store.open(older).close()
    db = sqlite3.connect(older)
    db.executescript("DROP TABLE batch_lines; DROP TABLE batches; PRAGMA user_version=2;")
    db.close()
    Store.open(older).close()
    assert layout(older) == layout(path)
    assert {"batches", "batch_lines"} <= set(layout(older))
