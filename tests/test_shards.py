"""The row-level work of a batch: each article once, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count, groupby
from pathlib import Path
from threading import get_ident
from time import sleep
from typing import Annotated, Any

import pytest
import sqlalchemy as sa
from pydantic import BaseModel

from extractor import shards
from extractor.asking import recipe_identity, record_key, request_key
from extractor.backfill.parts import write_parts
from extractor.backfill.tables import Events
from extractor.catalog import Recipe, Schema
from extractor.errors import (
    AccessDenied,
    EmptyInput,
    EndpointUnreachable,
    ExtractorError,
    InputError,
    NotAModelEndpoint,
    RequestRefused,
    StoreError,
)
from extractor.model import Completion, Decoding, Parameters, Request
from extractor.pipeline import assemble
from extractor.reading import build_request
from extractor.records import Article, Extraction, Usage, Verbatim, digest
from extractor.shards import Counts, run_shard
from extractor.store import Run, Source, Store
from extractor.store.tables import REPLIES
from tests.fake_model import FakeModel, sinking


def news(*texts: str) -> list[Article | InputError]:
    return [Article(id=f"id-{n}", text=text) for n, text in enumerate(texts)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


def begin(store: Store, model: FakeModel, recipe: Recipe | None = None) -> Run:
    identity = recipe_identity(recipe or sinking(), model)
    return store.begin([Source("news.jsonl", 1, 1)], identity)


def work(
    store: Store,
    model: FakeModel,
    articles: Iterable[Article | InputError],
    *,
    concurrency: int = 2,
    on_progress: Callable[[Counts], None] = lambda _: None,
) -> Counts:
    return asyncio.run(
        run_shard(
            articles,
            sinking(),
            model,
            begin(store, model),
            concurrency=concurrency,
            on_progress=on_progress,
        )
    )


def results(store: Store, model: FakeModel) -> list[dict[str, Any]]:
    return [json.loads(line) for line in begin(store, model).results()]


def ids(store: Store, model: FakeModel) -> list[str]:
    return [line["article"]["id"] for line in results(store, model)]


def test_every_article_once_in_the_order_of_the_input(store: Store) -> None:
    model = FakeModel()
    articles = news(*(f"ship {n}" for n in range(100)))
    seen: list[Counts] = []
    counts = work(store, model, articles, concurrency=7, on_progress=seen.append)
    assert ids(store, model) == [f"id-{n}" for n in range(100)]
    assert sorted(model.asked) == sorted(f"ship {n}" for n in range(100))
    assert counts.done == 100
    assert counts.known == 0
    assert not counts.interrupted
    assert counts.usage == Usage(input_tokens=1000, output_tokens=500)
    assert [c.done for c in seen] == list(range(1, 101))


def test_a_second_run_asks_nothing_and_gives_the_same(store: Store) -> None:
    model = FakeModel()
    articles = news("one", "two", "three")
    first = work(store, model, articles)
    before = list(begin(store, model).results())
    second = work(store, model, articles)
    assert len(model.asked) == 3
    assert (second.done, second.known, second.usage) == (3, 3, Usage())
    assert replace(second, known=0, usage=first.usage) == first
    assert list(begin(store, model).results()) == before


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_never_more_at_a_time_than_allowed(store: Store, concurrency: int) -> None:
    model = FakeModel(delay=0.1)  # long enough for as many as may to come together
    work(store, model, news(*map(str, range(40))), concurrency=concurrency)
    assert model.most == concurrency


def test_one_thread_reads_the_input_whatever_others_are_at_work(store: Store) -> None:
    """Each one that reads has memory of its own, of which it gives none back."""
    readers: set[int] = set()
    others: set[int] = set()

    class Threaded(FakeModel):
        async def complete(self, request: Request) -> Completion:
            others.add(await asyncio.to_thread(get_ident))
            return await super().complete(request)

    def read() -> Iterator[Article | InputError]:
        for article in news(*map(str, range(5 * shards.LOOK_AHEAD))):
            readers.add(get_ident())
            yield article

    work(store, Threaded(), read(), concurrency=8)
    assert len(readers) == 1
    assert readers.isdisjoint(others)
    assert get_ident() not in readers


def told(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeModel, list[str]]:
    """A model, and what happens: each request that it is asked, each record that is made."""
    happened: list[str] = []

    class Told(FakeModel):
        async def complete(self, request: Request) -> Completion:
            happened.append("asked")
            return await super().complete(request)

    def made(*arguments: Any) -> Extraction[Any]:
        happened.append("made")
        return assemble(*arguments)

    monkeypatch.setattr(shards, "assemble", made)
    return Told(), happened


def test_the_next_article_is_asked_about_before_the_record_is_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model does not wait for the work on a reply that is safe."""
    model, happened = told(monkeypatch)
    work(store, model, news("one", "two", "three"), concurrency=1)
    assert happened == ["asked", "asked", "made", "asked", "made", "made"]


def test_tables_are_read_before_an_article_is_asked_about(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only where there is one to ask about."""
    model = FakeModel()
    asked: list[int] = []
    monkeypatch.setattr(shards, "prepare", lambda _: asked.append(len(model.asked)))
    work(store, model, news("one", "two"))
    assert asked == [0]
    work(store, model, news("one", "two"))
    assert asked == [0]


def test_replies_that_wait_for_their_records_are_few(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much faster the model is than the work on its replies."""

    def slow(*arguments: Any) -> Extraction[Any]:
        sleep(0.01)
        return assemble(*arguments)

    monkeypatch.setattr(shards, "assemble", slow)
    model = FakeModel()
    ahead: list[int] = []

    def progress(counts: Counts) -> None:
        ahead.append(len(model.asked) - counts.done)

    work(store, model, news(*map(str, range(60))), concurrency=4, on_progress=progress)
    assert 4 < max(ahead) <= shards.IN_FLIGHT * 4


def test_no_article_is_begun_while_records_wait(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests are made together, and records together."""
    model, happened = told(monkeypatch)
    work(store, model, news(*map(str, range(60))), concurrency=4)
    runs = [(what, len(list(those))) for what, those in groupby(happened)]
    longest = max(number for what, number in runs if what == "asked")
    assert longest > 4
    # By turns it would be 120.
    assert len(runs) < 60, runs


def test_after_the_error_of_all_no_other_article_is_asked_about(store: Store) -> None:
    """Not even by one that only waited for its turn."""
    model = FakeModel(errors={"0": AccessDenied("wrong key")})
    with pytest.raises(AccessDenied):
        work(store, model, news(*map(str, range(9))), concurrency=1)
    assert model.asked == ["0"]


def test_articles_are_read_only_a_little_ahead(store: Store) -> None:
    """An input of any size needs the same memory."""
    model = FakeModel()
    furthest = 0
    distance = 0

    def endless() -> Iterator[Article | InputError]:
        nonlocal furthest
        for furthest in range(1, 501):
            yield Article(text=f"ship {furthest}")

    def progress(counts: Counts) -> None:
        nonlocal distance
        distance = max(distance, furthest - counts.done)

    work(store, model, endless(), concurrency=4, on_progress=progress)
    assert distance <= 2 * shards.LOOK_AHEAD + shards.IN_FLIGHT * 4


def test_an_article_under_several_ids_is_asked_once(store: Store) -> None:
    model = FakeModel(delay=0.01)
    counts = work(store, model, news("same", "same", "other", "same"), concurrency=4)
    assert Counter(model.asked) == {"same": 1, "other": 1}
    assert ids(store, model) == ["id-0", "id-1", "id-2", "id-3"]
    assert counts.done == 4


def test_articles_that_make_the_same_request_are_asked_once(store: Store) -> None:
    """The prompt does not look at the outlet, so one reply serves both records."""
    model = FakeModel(delay=0.01)
    articles = [Article(id=o, outlet=o, text="same") for o in ("Agency", "Paper")]
    work(store, model, articles, concurrency=2)
    assert model.asked == ["same"]
    assert [line["article"]["outlet"] for line in results(store, model)] == ["Agency", "Paper"]


def test_one_failure_is_that_article_s_outcome_and_is_tried_again(store: Store) -> None:
    failing = FakeModel(errors={"two": EndpointUnreachable("no connection to the endpoint")})
    articles = news("one", "two", "three")
    counts = work(store, failing, articles)
    assert (counts.done, counts.failed) == (3, 1)
    failed = results(store, failing)[1]
    assert failed["status"] == "failed"
    assert failed["problems"][0]["code"] == "model.unreachable"

    model = FakeModel()
    again = work(store, model, articles)
    assert model.asked == ["two"]
    assert (again.failed, again.known) == (0, 2)
    assert [line["status"] for line in results(store, model)].count("failed") == 0


def test_the_same_failure_again_changes_nothing(store: Store) -> None:
    model = FakeModel(errors={"two": EndpointUnreachable("no connection to the endpoint")})
    articles = news("one", "two")
    work(store, model, articles)
    before = list(begin(store, model).results())
    work(store, model, articles)
    assert model.asked.count("two") == 2
    assert list(begin(store, model).results()) == before


def test_a_rejected_article_is_not_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rejected(*arguments: Any) -> Extraction[Any]:
        return replace(assemble(*arguments), status="rejected", record=None)

    monkeypatch.setattr("extractor.shards.assemble", rejected)
    model = FakeModel()
    assert work(store, model, news("one")).rejected == 1
    assert work(store, model, news("one")).known == 1
    assert model.asked == ["one"]


def test_unusable_lines_come_out_as_failed_in_their_place(store: Store) -> None:
    model = FakeModel()
    broken = EmptyInput("news.jsonl:2: the text is empty", hint="an article needs words")
    articles: list[Article | InputError] = [*news("one"), broken, *news("two")]
    counts = work(store, model, articles)
    assert (counts.done, counts.failed) == (3, 1)
    line = results(store, model)[1]
    assert line["article"]["id"] == "news.jsonl:2"
    assert (line["status"], line["record"]) == ("failed", None)
    assert line["problems"][0]["message"].startswith("news.jsonl:2: the text is empty")
    before = list(begin(store, model).results())
    assert work(store, model, articles).known == 3
    assert list(begin(store, model).results()) == before


@pytest.mark.parametrize("error", [AccessDenied("wrong key"), NotAModelEndpoint("HTML")])
def test_what_no_article_would_survive_stops_the_run(store: Store, error: ExtractorError) -> None:
    model = FakeModel(delay=0.001, errors={"3": error})
    with pytest.raises(type(error)):
        work(store, model, news(*map(str, range(1000))), concurrency=4)
    assert len(model.asked) < 20
    found = results(store, model)
    assert {line["status"] for line in found} == {"complete"}
    assert len(found) == len(model.asked) - 1, "what was in flight was waited for and kept"


def test_a_ledger_that_cannot_be_written_stops_the_run_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("ledger.sqlite: database or disk is full")

    class Stuck(FakeModel):
        async def complete(self, request: Request) -> Completion:
            if request.messages[-1].content.endswith("? 1"):
                await asyncio.sleep(60)
            return await super().complete(request)

    monkeypatch.setattr(store, "save_reply", full)
    with pytest.raises(StoreError, match="full"):
        work(store, Stuck(), news("1", "2", "3", "4"), concurrency=2)


def test_a_fault_in_the_program_is_not_an_outcome(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("extractor.shards.assemble", faulty)
    model = FakeModel()
    with pytest.raises(ZeroDivisionError):
        work(store, model, news("one"))
    monkeypatch.undo()
    work(store, model, news("one"))
    assert model.asked == ["one"], "the reply was stored before the fault"


def stopped_run(store: Store, model: FakeModel, after: int, grace: float) -> Counts:
    """A run of 50 articles that is asked to stop when `after` of them are done."""

    async def main() -> Counts:
        stop = asyncio.Event()
        return await run_shard(
            news(*map(str, range(50))),
            sinking(),
            model,
            begin(store, model),
            concurrency=4,
            on_progress=lambda counts: stop.set() if counts.done >= after else None,
            stop=stop,
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "GRACE_SECONDS", grace)
        return asyncio.run(main())


def test_a_stop_waits_for_what_is_in_flight(store: Store) -> None:
    model = FakeModel(delay=0.02)
    counts = stopped_run(store, model, after=5, grace=5)
    assert counts.interrupted
    assert 5 <= counts.done == len(model.asked) <= 5 + shards.IN_FLIGHT * 4
    assert len(results(store, model)) == counts.done
    rest = work(store, model, news(*map(str, range(50))))
    assert not rest.interrupted
    assert len(model.asked) == len(set(model.asked)) == 50


def test_a_stop_makes_records_of_all_that_was_answered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes: the grace is for answers that have not come."""

    def slow(article: Article, *arguments: Any) -> Any:
        sleep(0 if article.text == "0" else 0.5)
        return assemble(article, *arguments)

    monkeypatch.setattr(shards, "assemble", slow)
    model = FakeModel()
    counts = stopped_run(store, model, after=1, grace=0.01)
    assert counts.interrupted
    assert len(results(store, model)) == counts.done == len(model.asked) > 1


def test_a_stop_does_not_wait_for_ever(store: Store) -> None:
    class Stuck(FakeModel):
        async def complete(self, request: Request) -> Completion:
            if request.messages[-1].content.endswith("? 0"):
                self.asked.append("0")
                await asyncio.sleep(60)
            return await super().complete(request)

    counts = stopped_run(store, Stuck(), after=5, grace=0.05)
    assert counts.interrupted
    assert counts.done < 50


def test_a_stop_when_all_is_done_is_no_interruption(store: Store) -> None:
    counts = stopped_run(store, FakeModel(), after=50, grace=5)
    assert counts.done == 50
    assert not counts.interrupted


def test_a_stop_is_heard_while_known_articles_go_by(store: Store) -> None:
    articles = news(*map(str, range(200)))
    work(store, FakeModel(), articles, concurrency=16)

    async def main() -> Counts:
        stop = asyncio.Event()
        model = FakeModel()
        return await run_shard(
            articles,
            sinking(),
            model,
            begin(store, model),
            concurrency=4,
            on_progress=lambda _: stop.set(),
            stop=stop,
        )

    counts = asyncio.run(main())
    assert counts.interrupted
    assert counts.done == shards.LOOK_AHEAD
    assert len(results(store, FakeModel())) == 200, "what an earlier run did still comes out"


def test_a_new_version_of_extractor_makes_new_records_of_the_old_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FakeModel()
    articles = news("one", "two")
    work(store, model, articles)
    monkeypatch.setattr("extractor.asking.__version__", "99.0")
    counts = work(store, model, articles)
    assert (counts.done, counts.known) == (2, 0)
    assert len(model.asked) == 2


class Sunk(BaseModel):
    ship: Annotated[str | None, Verbatim]


class Mistaken(FakeModel):
    """Misspells the ship, and knows better when it is asked again; `lost` in the meantime."""

    def __init__(self, lost: ExtractorError | None = None) -> None:
        super().__init__(says=lambda text: '{"ship": "Auroras"}')
        self.again = 0
        self.lost = lost

    async def complete(self, request: Request) -> Completion:
        if "ship_1" not in request.wire_schema["properties"]:
            return await super().complete(request)
        if self.lost:
            raise self.lost
        self.again += 1
        self._says = lambda text: '{"ship_1": "Aurora"}'
        return await super().complete(request)


SUNK = replace(sinking(), schema=Schema.of_model(Sunk), repair=1)


def repaired_run(store: Store, model: Mistaken) -> Counts:
    """One article, whose failed field is asked again."""
    work = run_shard(
        news("The Aurora sank."),
        SUNK,
        model,
        begin(store, model, SUNK),
        concurrency=1,
        on_progress=lambda _: None,
    )
    return asyncio.run(work)


def test_a_repair_is_paid_once_whatever_happens_in_between(store: Store) -> None:
    broken = Mistaken(EndpointUnreachable("the connection broke"))
    assert repaired_run(store, broken).failed == 1
    mended = Mistaken()
    assert repaired_run(store, mended).complete == 1
    assert (len(mended.asked), mended.again) == (1, 1), "the first reply was in the ledger"
    once_more = Mistaken()
    assert repaired_run(store, once_more).known == 1
    assert (once_more.asked, once_more.again) == ([], 0)
    [line] = begin(store, once_more, SUNK).results()
    found = json.loads(line)
    assert found["record"] == {"ship": "Aurora"}
    assert found["provenance"]["repairs"] == 1


def test_a_repair_that_is_refused_costs_no_record(store: Store) -> None:
    model = Mistaken(RequestRefused("HTTP 400"))
    done = repaired_run(store, model)
    assert (done.partial, done.failed) == (1, 0)


def test_the_key_of_a_reply_is_all_that_is_sent() -> None:
    article = Article(text="A ferry sank.")
    request = build_request(article, sinking())
    key = request_key(request, FakeModel())
    assert key == request_key(build_request(article, sinking()), FakeModel())
    embedded = FakeModel()
    embedded.endpoint = "embedded"
    turned = dict(reversed(request.wire_schema.items()))
    others = [
        request_key(replace(request, messages=()), FakeModel()),
        request_key(replace(request, wire_schema=turned), FakeModel()),
        request_key(replace(request, strict=not request.strict), FakeModel()),
        request_key(replace(request, parameters=Parameters(seed=1)), FakeModel()),
        request_key(request, embedded),
    ]
    assert len({key, *others}) == 1 + len(others)


@pytest.mark.parametrize("repeat", [0, 2])
@pytest.mark.parametrize("decoding", ["schema", "grammar"])
def test_the_key_of_a_reply_is_the_digest_of_its_json(decoding: Decoding, repeat: int) -> None:
    """However it is put together: stored replies are found by it."""
    request = build_request(Article(text="A “ferry” sank;\n\tÅse\u2028 saw it."), sinking())
    model = FakeModel()
    model.decoding = decoding
    form = [request.schema_name, json.dumps(request.wire_schema), request.strict]
    sent = {
        "messages": [[m.role, m.content] for m in request.messages],
        "schema": [*form, request.grammar] if decoding == "grammar" else form,
        "parameters": request.parameters.model_dump(mode="json"),
        "model": [model.endpoint, model.name],
        **({"repeat": repeat} if repeat else {}),
    }
    assert request_key(request, model, repeat) == digest(sent)


def test_a_grammar_is_part_of_the_key_only_where_it_is_sent() -> None:
    request = build_request(Article(text="A ferry sank."), sinking())
    assert request.grammar is not None
    other, without = replace(request, grammar="other"), replace(request, grammar=None)
    plain, held = FakeModel(), FakeModel()
    held.decoding = "grammar"
    sent = [request_key(r, held) for r in (request, other, without)]
    assert len(set(sent)) == 3
    assert {request_key(r, plain) for r in (request, other, without)} == {sent[2]}
    # A record says how it was asked for, so it has a key of its own in either case.
    assert recipe_identity(sinking(), plain) != recipe_identity(sinking(), held)


def test_the_key_of_a_record_is_all_that_determines_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(article: Article | None = None, recipe: Recipe | None = None) -> str:
        given = article or Article(id="a", text="A ferry sank.")
        return record_key(given, recipe_identity(recipe or sinking(), FakeModel()))

    assert key() == key(Article(id="b", url="https://example.org", text="A ferry sank."))
    keys = [
        key(),
        key(Article(text="A ferry sank!")),
        key(recipe=sinking(digest="1" * 64)),
        key(recipe=sinking(parameters=Parameters(max_tokens=51))),
        key(recipe=replace(sinking(), policy="reject")),
        key(recipe=replace(sinking(), long="refuse")),
        key(recipe=replace(sinking(), repair=1)),
    ]
    monkeypatch.setattr("extractor.asking.__version__", "99.0")
    keys.append(key())
    assert len(set(keys)) == len(keys)


STORY = "".join(f"Ferry {n} sank off Oslo on Friday. " for n in range(100))


def replies(store: Store) -> int:
    with store.transaction() as db:
        return int(db.execute(sa.select(sa.func.count()).select_from(REPLIES)).scalar_one())


def test_an_article_in_windows_is_one_place_with_the_usage_of_all(store: Store) -> None:
    model = FakeModel(context=1_000)
    counts = work(store, model, news(STORY, "short"))
    windows = len(model.asked) - 1
    assert windows > 1
    asked = len(model.asked)
    assert counts.done == 2
    assert counts.usage == Usage(input_tokens=10 * asked, output_tokens=5 * asked)
    assert [line["provenance"]["windows"] for line in results(store, model)] == [windows, 1]
    again = FakeModel(context=1_000)
    assert work(store, again, news(STORY, "short")).known == 2
    assert not again.asked


def test_windows_that_were_answered_are_not_asked_again(store: Store) -> None:
    """An article that fails at its third window; the next run pays for the rest alone."""

    class Failing(FakeModel):
        async def complete(self, request: Request) -> Completion:
            if len(self.asked) == 2:
                raise EndpointUnreachable("no connection to the endpoint")
            return await super().complete(request)

    first, second = Failing(context=1_000), FakeModel(context=1_000)
    assert work(store, first, news(STORY)).failed == 1
    assert replies(store) == 2
    assert work(store, second, news(STORY)).complete == 1
    assert "".join(first.asked + second.asked) == STORY
    assert len(second.refused) == 1, "that costs nothing"


def test_after_a_crash_only_the_missing_windows_are_asked(tmp_path: Path) -> None:
    whole = FakeModel(context=1_000)
    with Store.open(tmp_path / "undisturbed.sqlite") as store:
        work(store, whole, news(STORY))
        expected = list(begin(store, whole).results())
    for writes in range(len(whole.asked) + 3):
        with Store.open(tmp_path / f"{writes}.sqlite") as store:
            begin(store, FakeModel())
            with pytest.MonkeyPatch.context() as patch, suppress(Crash):
                Crashing(patch, writes)
                work(store, FakeModel(context=1_000), news(STORY))
            known = replies(store)
            after = FakeModel(context=1_000)
            work(store, after, news(STORY))
            assert after.asked == whole.asked[known:] or not after.asked
            assert len(after.asked) + known == len(whole.asked)
            assert list(begin(store, after).results()) == expected


class Crash(BaseException):
    """The end of a process, as near as a test comes to it inside one."""


class Crashing:
    """Lets so many writes happen; from then on nothing is written any more."""

    def __init__(self, patch: pytest.MonkeyPatch, writes: int) -> None:
        self._left = writes
        for owner, name in (
            (Store, "save_reply"),
            (Store, "save_record"),
            (Run, "enter"),
        ):
            patch.setattr(owner, name, self._limited(getattr(owner, name)))

    def _limited(self, write: Callable[..., None]) -> Callable[..., None]:
        def limited(*arguments: Any) -> None:
            if self._left <= 0:
                raise Crash
            self._left -= 1
            write(*arguments)

        return limited


def broken_input() -> list[Article | InputError]:
    """Duplicates, a broken line, an article that fails: each kind of outcome."""
    broken = EmptyInput("news.jsonl:3: the text is empty")
    return [*news("one", "two"), broken, *news("three", "one", "fails")]


def exported(store: Store, model: FakeModel, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    events = Events.of(sinking().schema.json_schema)
    written = write_parts(begin(store, model).results(), folder, events, "both", size=2)
    return {part.name: (folder / part.name).read_bytes() for part in written.parts}


def failing_model() -> FakeModel:
    return FakeModel(errors={"fails": EndpointUnreachable("no connection to the endpoint")})


def is_stored(store: Store, text: str) -> bool:
    request = build_request(Article(text=text), sinking())
    return store.reply(request_key(request, FakeModel())) is not None


def crashes(store: Store, writes: int, concurrency: int) -> bool:
    """Whether a run that ends after so many writes came to its end."""
    model = failing_model()
    begin(store, model)
    with pytest.MonkeyPatch.context() as patch:
        Crashing(patch, writes)
        try:
            work(store, model, broken_input(), concurrency=concurrency)
        except Crash:
            return True
    return False


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_crash_after_any_write_changes_nothing_in_the_end(
    tmp_path: Path, concurrency: int
) -> None:
    with Store.open(tmp_path / "undisturbed.sqlite") as store:
        work(store, failing_model(), broken_input(), concurrency=concurrency)
        expected = exported(store, failing_model(), tmp_path / "undisturbed")
    assert len(expected) == 3 * 8

    for writes in count():
        path = tmp_path / f"{writes}.sqlite"
        with Store.open(path) as store:
            crashed = crashes(store, writes, concurrency)
        with Store.open(path) as store:
            stored = {text for text in ("one", "two", "three") if is_stored(store, text)}
            after = failing_model()
            work(store, after, broken_input(), concurrency=concurrency)
            assert sorted(after.asked) == sorted({"one", "two", "three", "fails"} - stored)
            assert exported(store, after, tmp_path / str(writes)) == expected
        if not crashed:
            break
    assert writes >= 10
