"""What a backfill takes on, asks again and may spend; and what it says before it spends."""

from __future__ import annotations

import asyncio
import io
import json
import random
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extractor import backfill
from extractor.asking import STOPS_THE_RUN
from extractor.backfill import Budget, Choice, Plan
from extractor.backfill.choice import bound, chosen
from extractor.errors import BudgetReached, EmptyInput, EndpointUnreachable, InputError
from extractor.openai_model import OpenAIModel
from extractor.prices import Prices
from extractor.reading import build_request
from extractor.records import Article
from extractor.shards import Passed
from extractor.store import View
from tests.archives import jsonl
from tests.fake_model import FakeModel, sinking
from tests.loopback import Handler, LoopbackServer


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "news.jsonl", [f"ship {n}" for n in range(20)])


def run(source: Path, out: Path, model: FakeModel, **plan: Any) -> str:
    console = Console(file=io.StringIO(), width=200)
    work = backfill.run([str(source)], out, sinking(), model, Plan(**plan), console=console)
    asyncio.run(work)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def ids(out: Path) -> list[str]:
    return [each["article"]["id"] for each in records(out)]


def records(out: Path) -> list[dict[str, Any]]:
    parts = sorted(out.glob("records-*.jsonl"))
    return [json.loads(line) for part in parts for line in part.read_text().splitlines()]


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return found


# ---------------------------------------------------------------- choosing


def test_only_some_are_asked_and_all_keep_their_places(source: Path, out: Path) -> None:
    model = FakeModel()
    said = run(source, out, model, choice=Choice(only=frozenset({"a17", "a3", "b1"})))
    assert sorted(model.asked) == ["ship 17", "ship 3"]
    assert ids(out) == ["a3", "a17"]
    assert "1 ids of --only were not met: b1" in said
    articles = manifest(out)["articles"]
    assert (articles["reached"], articles["waiting"], articles["done"]) == (20, 18, 2)
    run(source, out, model)
    assert sorted(model.asked) == sorted(f"ship {n}" for n in range(20))
    assert ids(out) == [f"a{n}" for n in range(20)]


def test_a_limit_is_where_the_reading_ends(source: Path, out: Path) -> None:
    source.write_text(source.read_text() + "not JSON\n")
    model = FakeModel()
    run(source, out, model, choice=Choice(limit=5))
    assert sorted(model.asked) == [f"ship {n}" for n in range(5)]
    assert manifest(out)["articles"]["reached"] == 5
    run(source, out, model)
    run(source, out, model, choice=Choice(limit=2))
    assert len(model.asked) == 20
    assert len(ids(out)) == 21, "what is behind the limit is kept"


def test_a_sample_is_drawn_by_what_the_articles_say() -> None:
    articles: list[Article | InputError] = [Article(text=f"ship {n}") for n in range(200)]
    shuffled = [*articles, *articles[:50], EmptyInput("broken")]
    random.Random(1).shuffle(shuffled)

    def drawn(items: list[Article | InputError], choice: Choice) -> set[str]:
        found = chosen(items, choice, bound(items, choice))
        return {each.text for each in found if isinstance(each, Article)}

    ten = drawn(articles, Choice(sample=10))
    assert len(ten) == 10
    assert drawn(shuffled, Choice(sample=10)) == ten
    assert ten < drawn(articles, Choice(sample=20))
    assert drawn(articles, Choice(sample=10, seed=1)) != ten
    assert len(drawn(articles, Choice(sample=500))) == 200
    assert drawn([EmptyInput("broken")], Choice(sample=10)) == set()
    named = frozenset(each.id for each in articles[:3] if isinstance(each, Article))
    assert drawn(articles, Choice(sample=10, only=named)) == {"ship 0", "ship 1", "ship 2"}
    rest = [each for each in chosen(shuffled, Choice(sample=0), -1) if isinstance(each, Passed)]
    assert len(rest) == len(shuffled)


def test_ids_come_as_a_list_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("a,b\n\n c \r\n")
    assert backfill.read_only(["x, y", f"@{tmp_path / 'ids.txt'}"]) == {"x", "y", "a,b", "c"}
    for wrong, message in ((["@nowhere"], "nowhere: No such file"), ([","], "no id is named")):
        with pytest.raises(InputError, match=message):
            backfill.read_only(wrong)


# ---------------------------------------------------------------- asking again


class Unsure(FakeModel):
    """Its first reply to each article is no JSON."""

    def __init__(self) -> None:
        super().__init__(
            says=lambda text: "no" if self.asked.count(text) == 1 else '{"serious": true}'
        )


def test_what_failed_with_an_answer_is_asked_again_when_that_is_wanted(
    source: Path, out: Path
) -> None:
    model = Unsure()
    run(source, out, model)
    assert {each["status"] for each in records(out)} == {"failed"}
    run(source, out, model)
    assert len(model.asked) == 20, "the same answers fail again, and cost nothing"
    some = Choice(retry=frozenset({"failed"}), only=frozenset({"a3", "a5"}))
    said = run(source, out, model, choice=some)
    assert "2 are asked again" in said
    assert sorted(model.asked[20:]) == ["ship 3", "ship 5"]
    assert [each["article"]["id"] for each in records(out) if each["record"]] == ["a3", "a5"]
    assert manifest(out)["ledger"]["replies"] == 22, "the first answers stay"
    run(source, out, model)
    assert len(model.asked) == 22


def test_a_retry_that_was_stopped_goes_on_and_keeps_the_old_records(
    source: Path, out: Path
) -> None:
    class Broken(Unsure):
        async def complete(self, request: Any) -> Any:
            if len(self.asked) >= 25:
                raise BudgetReached("enough")
            return await super().complete(request)

    assert BudgetReached in STOPS_THE_RUN
    model = Broken()
    run(source, out, model)
    with pytest.raises(BudgetReached):
        run(source, out, model, choice=Choice(retry=frozenset({"failed"})), concurrency=1)
    assert len(records(out)) == 20
    assert sum(each["record"] is not None for each in records(out)) == 5
    assert manifest(out)["articles"]["waiting"] == 15
    after = FakeModel()
    run(source, out, after)
    assert len(after.asked) == 15
    assert all(each["record"] for each in records(out))


def test_what_failed_without_an_answer_is_asked_again_by_any_run(source: Path, out: Path) -> None:
    lost = FakeModel(errors={"ship 3": EndpointUnreachable("no connection")})
    run(source, out, lost)
    model = FakeModel()
    run(source, out, model)
    assert model.asked == ["ship 3"]
    assert manifest(out)["taken"]["tries"] == 21


def test_a_retry_of_a_part_that_cannot_be_named_is_refused() -> None:
    with pytest.raises(InputError, match="--retry goes with --only"):
        Choice(retry=frozenset({"failed"}), limit=3)


# ---------------------------------------------------------------- money


def test_a_budget_of_tokens_is_never_passed(source: Path, out: Path) -> None:
    model = FakeModel(delay=0.001)
    for budget, asked in ((300, 16), (300, 16), (330, 18)):
        with pytest.raises(
            BudgetReached, match=f"the budget of {budget} tokens is reached"
        ) as told:
            run(source, out, model, budget=Budget(tokens=budget), concurrency=4)
        assert len(model.asked) == len(records(out)) == asked
        assert View(out / backfill.LEDGER).paid().usage.input_tokens == 10 * asked
    assert "higher --budget" in told.value.hint
    run(source, out, model, budget=Budget(tokens=1_000))
    assert len(model.asked) == len(records(out)) == 20
    assert model.most > 1


def test_a_budget_in_money_needs_prices_and_they_are_kept(source: Path, out: Path) -> None:
    with pytest.raises(InputError, match="needs prices"):
        run(source, out, FakeModel(), budget=Budget(money=1.0))
    model = FakeModel()
    prices = Prices(input=1_000_000, output=2_000_000)  # 20 an article
    with pytest.raises(BudgetReached, match=r"the budget of 300\.00 is reached"):
        run(source, out, model, budget=Budget(money=300), prices=prices, concurrency=1)
    spent = 20 * len(model.asked)
    assert 100 < spent <= 300
    said = run(source, out, model)
    assert manifest(out)["ledger"]["cost"] == manifest(out)["taken"]["cost"] == 20 * 20
    assert manifest(out)["prices"] == {"input": 1_000_000, "output": 2_000_000}
    assert f"cost {400 - spent}.0000" in said


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("5.00", Budget(money=5.0)),
        ("2Mtokens", Budget(tokens=2_000_000)),
        ("1.5k tokens", Budget(tokens=1_500)),
        (" 700 tokens", Budget(tokens=700)),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget) -> None:
    assert backfill.read_budget(text) == budget


@pytest.mark.parametrize("text", ["", "2M", "-1", "5 EUR", "tokens", "nan"])
def test_a_budget_that_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected money or tokens"):
        backfill.read_budget(text)


# ---------------------------------------------------------------- before anything is paid


def estimated(source: Path, out: Path, **plan: Any) -> backfill.Estimate:
    work = backfill.estimate([str(source)], out, sinking(), FakeModel(), Plan(**plan))
    return asyncio.run(work)


def test_an_estimate_says_how_it_is_known_and_leaves_no_trace(source: Path, out: Path) -> None:
    source.write_text(source.read_text() + '{"text": "ship 1"}\nnot JSON\n')
    found = estimated(source, out, prices=Prices(1.0, 2.0))
    assert not out.exists()
    assert (found.waiting, found.repeated, found.unusable) == (20, 1, 1)
    assert "3.5 characters a token" in found.input_from
    assert found.usage.output_tokens == 20 * 50
    assert found.output_from.startswith("at most")
    assert found.cost == pytest.approx((found.usage.input_tokens + 2 * 1000) / 1e6)
    assert found.seconds is None
    some = estimated(source, out, choice=Choice(only=frozenset({"a1"})))
    assert (some.waiting, some.passed) == (1, 21)


def test_an_estimate_learns_from_what_was_paid(source: Path, out: Path) -> None:
    run(source, out, FakeModel(), choice=Choice(limit=8))
    before = (out / backfill.LEDGER).read_bytes()
    found = estimated(source, out, concurrency=4)
    assert (found.outcomes, found.waiting) == ({"complete": 8}, 12)
    assert found.usage.output_tokens == 12 * 5
    assert abs(found.usage.input_tokens - 12 * 10) < 10
    assert found.input_from == "the usage of 8 answered before"
    assert found.seconds == pytest.approx(12 * 0.5 / 4)
    assert (out / backfill.LEDGER).read_bytes() == before
    assert estimated(source, out, choice=Choice(retry=frozenset({"failed"}))).waiting == 12


class Tokenizer(LoopbackServer):
    """An endpoint with a tokenizer: a token a word."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.paths: list[str] = []
        super().__init__()

    def handler(self) -> type[Handler]:
        server = self

        class Answering(Handler):
            def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.paths.append(self.path)
                words = body["content"].split()
                assert body["prompt"] == body["content"]
                found = {"tokens": {"tokens": [1] * len(words)}, "count": {"count": len(words)}}
                known = server.answer in found
                text = json.dumps(found.get(server.answer, {"error": "no"})).encode()
                self.send_response(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        return Answering


@pytest.mark.parametrize(("answer", "expected"), [("tokens", 5), ("count", 5), ("none", None)])
def test_the_endpoint_s_tokenizer_counts(answer: str, expected: int | None) -> None:
    async def counted(url: str) -> int | None:
        async with OpenAIModel("m", base_url=url) as model:
            return await model.count_tokens(build_request(Article(text="ship 1"), sinking()))

    with Tokenizer(answer) as server:
        assert asyncio.run(counted(server.url)) == expected
        assert server.paths == ["/tokenize"], "beside /v1, where llama.cpp and vLLM have it"


def test_an_estimate_by_the_tokenizer(source: Path, out: Path) -> None:
    async def count(request: Any) -> int:
        return 10 * len(request.messages[-1].content)

    work = backfill.estimate([str(source)], out, sinking(), FakeModel(), Plan(), count)
    found = asyncio.run(work)
    characters = sum(len(f"Was it serious? ship {n}") for n in range(20))
    assert found.usage.input_tokens == 10 * characters
    assert found.input_from == "the endpoint's tokenizer, over 20 requests"
