"""A ledger that is looked at while somebody else writes it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import EndpointTimeout, StoreError
from extractor.model import Completion
from extractor.pipeline import failure, info_of
from extractor.records import Article, Extraction, Usage
from extractor.store import Entry, Run, Source, Store, View

RECIPE = {
    "prompt": ["event@1", "p"],
    "schema": ["event@2", "s"],
    "model": ["remote", "m", "schema"],
}
ARTICLES = [Article(id=f"a{n}", text=f"ship {n}") for n in range(4)]


def record(article: Article, status: str) -> Extraction[Any]:
    if status == "failed":
        return failure(info_of(article), EndpointTimeout(f"no answer about {article.id}"))
    return Extraction(info_of(article), status, None, {}, (), None)  # type: ignore[arg-type]


def entered(store: Store, name: str, number: int) -> Run:
    run = store.begin([Source(name, 1, 1)], RECIPE)
    run.enter(Entry(n, a.id, f"{name} {a.id}") for n, a in enumerate(ARTICLES[:number]))
    return run


def reply(tokens: int, arrived: str) -> Completion:
    return Completion(
        content="{}",
        finish_reason="stop",
        refusal=None,
        model="m",
        raw={},
        usage=Usage(input_tokens=tokens, output_tokens=1),
        attempts=1,
        seconds=1.0,
        time=arrived,
    )


def test_it_sees_what_was_written_so_far(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Store.open(path) as store:
        view = View(path)
        assert view.runs() == ()
        assert view.paid().replies == 0
        run = entered(store, "news.jsonl", 4)
        for article, status in zip(ARTICLES, ["partial", "failed", "failed"], strict=False):
            store.save_record(f"news.jsonl {article.id}", record(article, status))
        [state] = view.runs()
        assert (state.inputs, state.prompt, state.schema, state.model) == (
            ("news.jsonl",),
            "event@1",
            "event@2",
            "m",
        )
        assert (state.reached, state.done) == (4, 3)
        assert state.statuses == {"partial": 1, "failed": 2}
        entered(store, "more.jsonl", 1)
        assert [each.reached for each in view.runs()] == [4, 1]
        store.save_reply("one", reply(10, "2026-01-01T00:00:00+00:00"))
        store.save_reply("two", reply(5, "2026-01-02T00:00:00+00:00"))
        paid = view.paid()
        assert (paid.replies, paid.usage) == (2, Usage(input_tokens=15, output_tokens=2))
        assert (paid.first or "") < (paid.last or "")
        found = list(view.unusable(run.id))
        assert [each.article_id for each in found] == ["a1", "a2"]
        assert found[0].code == "model.timeout"
        assert "no answer about a1" in found[0].message


def test_it_says_who_is_at_work(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Store.open(path):
        assert View(path).worker() == os.getpid()
    assert View(path).worker() is None


def test_looking_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Store.open(path) as store:
        entered(store, "news.jsonl", 2)
    before = path.read_bytes()
    assert View(path).runs()[0].reached == 2
    assert path.read_bytes() == before
    with Store.open(path):
        assert View(path).runs()[0].reached == 2


@pytest.mark.parametrize("content", [None, b"no database", b""])
def test_what_is_no_ledger(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ledger.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        View(path).runs()
    assert str(path) in caught.value.message
    assert caught.value.hint
