"""Recording, replaying and auditing. What is recorded here comes from a server on loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any, Literal

import openai
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI
from pydantic import BaseModel

from extractor.cases import Case
from extractor.cassettes import cassette_path, record, recorder, recording, replaying, status
from extractor.catalog import Prompt, Recipe, Schema
from extractor.catalog.prompt import Section
from extractor.errors import CassetteError, CassetteMiss, SecretFound
from extractor.evals import Run, run
from extractor.model import Completion, Decoding, Heard, Parameters, Request
from extractor.openai_model import OpenAIModel
from extractor.pace import Pace
from extractor.pipeline import extract_one
from extractor.recordings import Answer, Exchange, Sent, changes, json_body, load, save
from extractor.records import Article, Extraction, Verbatim
from tests.replay_server import ReplayServer
from tests.small_context import SmallContext

KEY = "local-key-0123456789"
UNREACHABLE = "http://127.0.0.1:9/v1"


@dataclass
class Server:
    """An endpoint that says how often it was asked; `body` is its answer, if it is to be fixed."""

    asked: int = 0
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def reply(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": json.dumps({"answer": self.asked})}
        return json.dumps(
            {
                "id": f"chatcmpl-{self.asked}",
                "object": "chat.completion",
                "created": 1700000000 + self.asked,
                "model": "tiny",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
            }
        ).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            state.asked += 1
            body = state.reply()
            self.send_response(state.status)
            if "gzip" in self.headers.get("accept-encoding", ""):
                body = gzip.compress(body)
                self.send_header("content-encoding", "gzip")
            sent = {"content-type": "application/json", "content-length": str(len(body))}
            for name, value in {**sent, **state.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{http.server_port}/v1"
        yield state
        http.shutdown()
        thread.join()


async def ask(url: str, *texts: str, system: str = "Be brief.", **options: Any) -> list[str]:
    """The replies to several questions, asked at the same time."""
    chat = {"model": "tiny", "max_tokens": 20, **options}
    async with AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
        calls = [
            client.chat.completions.create(
                messages=[
                    {"role": "system", "content": system},
                    {"role": "user", "content": text},
                ],
                **chat,
            )
            for text in texts
        ]
        return [(await reply).to_json() for reply in [asyncio.ensure_future(c) for c in calls]]


def asked(url: str, *texts: str, **options: Any) -> list[str]:
    return asyncio.run(ask(url, *texts, **options))


@pytest.fixture
def cassette(server: Server, tmp_path: Path) -> Path:
    """A recording of one question."""
    path = tmp_path / "one.yaml"
    with recording(path):
        asked(server.url, "What happened?")
    return path


# Recording and replaying


def test_what_was_recorded_is_replayed_without_the_server(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.yaml"
    text = "“Quoted” – naïve\u0301 …\r\n\u2028😀\u00ad\ttab\x85"
    with recording(path):
        recorded = asked(server.url, text)
    with replaying(path):
        assert asked(UNREACHABLE, text) == recorded
    assert server.asked == 1
    assert [p.name for p in path.parent.iterdir()] == ["a.yaml"]


def test_a_cassette_is_readable_and_holds_no_key_cookie_or_address(
    server: Server, tmp_path: Path
) -> None:
    server.headers = {
        "set-cookie": "session=1",
        "openai-organization": "org-1",
        "x-ratelimit-remaining-requests": "41",
        "retry-after": "3",
    }
    path = tmp_path / "a.yaml"
    with recording(path):
        asked(server.url, "First line.\nSecond line.")
    text = path.read_text(encoding="utf-8")
    assert "          First line.\n          Second line.\n" in text
    for unwanted in (KEY, "authorization", "cookie", "org-1", "127.0.0.1", "user-agent", "gzip"):
        assert unwanted not in text.lower()
    [exchange] = load(path)
    assert exchange.sent.headers.keys() == {"accept", "content-type"}
    assert exchange.answer.headers.keys() == {
        "content-type",
        "retry-after",
        "x-ratelimit-remaining-requests",
    }
    assert json.loads(exchange.answer.body)["created"] == 1700000001


def test_calls_of_one_recording_may_be_concurrent(server: Server, tmp_path: Path) -> None:
    texts = [f"Question {n}" for n in range(8)]
    path = tmp_path / "a.yaml"
    with recording(path):
        recorded = dict(zip(texts, asked(server.url, *texts), strict=True))
    with replaying(path):
        backwards = texts[::-1]
        assert asked(UNREACHABLE, *backwards) == [recorded[text] for text in backwards]


def test_a_refusal_is_replayed_as_one(server: Server, tmp_path: Path) -> None:
    server.status, server.body = 429, b'{"error": {"message": "slow down"}}'
    path = tmp_path / "a.yaml"
    with recording(path), suppress(openai.RateLimitError):
        asked(server.url, "x")
    with replaying(path), pytest.raises(openai.RateLimitError, match="slow down"):
        asked(UNREACHABLE, "x")


@pytest.mark.parametrize("body", [b"<html>no model here</html>", b"\xff\xfe\x00binary", b""])
def test_answers_that_are_not_json_are_kept_as_they_are(
    server: Server, tmp_path: Path, body: bytes
) -> None:
    server.status, server.body = 502, body
    path = tmp_path / "a.yaml"
    with recording(path), suppress(openai.InternalServerError):
        asked(server.url, "x")
    assert load(path)[0].answer.body == body


CHANGES: list[tuple[str, dict[str, Any]]] = [
    (r"the prompt \(message 1: content, character 3: recorded 'Be brief.'", {"system": "Be kind."}),
    (r"the model \(recorded 'tiny', now 'huge'\)", {"model": "huge"}),
    (r"the parameter max_tokens \(recorded 20, now 30\)", {"max_tokens": 30}),
    (r"the parameter seed \(recorded nothing, now 1\)", {"seed": 1}),
    (r"the schema \(", {"response_format": {"type": "json_object"}}),
]


@pytest.mark.parametrize(("message", "options"), CHANGES)
def test_a_miss_says_what_changed(cassette: Path, message: str, options: dict[str, Any]) -> None:
    with pytest.raises(CassetteMiss, match=message) as caught, replaying(cassette):
        asked(UNREACHABLE, "What happened?", **options)
    assert str(cassette) in str(caught.value)
    assert "make record" in caught.value.hint


def test_a_miss_names_a_changed_article(cassette: Path) -> None:
    article = "the article, or the prompt around it"
    with pytest.raises(CassetteMiss, match=article), replaying(cassette):
        asked(UNREACHABLE, "What else happened?")


def test_a_miss_comes_out_even_when_the_caller_swallows_it(cassette: Path) -> None:
    swallowed = suppress(openai.APIConnectionError)
    with pytest.raises(CassetteMiss, match="the prompt"), replaying(cassette), swallowed:
        asked(UNREACHABLE, "What happened?", system="Else.")


def test_an_answer_is_replayed_once(cassette: Path) -> None:
    with pytest.raises(CassetteMiss, match="more often than it is recorded"), replaying(cassette):
        asked(UNREACHABLE, "What happened?", "What happened?")


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    nothing = pytest.raises(CassetteMiss, match=r"none\.yaml: there is no such recording")
    with nothing as caught, replaying(path):
        pytest.fail("the block must not run")
    assert "make record" in caught.value.hint


def test_half_played_recordings_fail(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with recording(path):
        asked(server.url, "one", "two")
    half = "recorded but never asked: request [12] of 2"  # they were asked at the same time
    with pytest.raises(CassetteError, match=half), replaying(path):
        asked(UNREACHABLE, "one")


def test_another_error_of_the_block_is_passed_on(cassette: Path) -> None:
    with pytest.raises(ZeroDivisionError), replaying(cassette):
        _ = 1 / 0


def test_every_other_connection_is_blocked_while_replaying(cassette: Path, server: Server) -> None:
    before = server.asked
    blocked = "GET /elsewhere is not recorded, only POST /v1/chat"
    with pytest.raises(CassetteMiss, match=blocked), replaying(cassette):
        urllib.request.urlopen(f"{server.url.removesuffix('/v1')}/elsewhere")
    assert server.asked == before


def test_after_a_replay_connections_are_real_again(cassette: Path, server: Server) -> None:
    with pytest.raises(CassetteMiss), replaying(cassette):
        asked(UNREACHABLE, "unknown")
    assert asked(server.url, "real")
    assert server.asked == 2


# What is saved and what is not


def test_an_interrupted_recording_leaves_the_old_one(cassette: Path, server: Server) -> None:
    old = cassette.read_bytes()

    def interrupted() -> None:
        asked(server.url, "new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), recording(cassette):
        interrupted()
    assert cassette.read_bytes() == old
    assert [path.name for path in cassette.parent.iterdir()] == [cassette.name]


def test_a_recording_without_traffic_is_an_error(cassette: Path) -> None:
    old = cassette.read_bytes()
    with pytest.raises(CassetteError, match="nothing was sent"), recording(cassette):
        pass
    assert cassette.read_bytes() == old


# Put together here, so that no scanner takes this file for a leak.
SECRETS = [
    "sk-" + "proj-abcdefghij0123456789",
    "Authorization: Bear" + "er abcdefghij0123456789",
    '"api_' + 'key": "abcdefgh12345678"',
    "AK" + "IAABCDEFGHIJKLMNOP",
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "gh" + "p_abcdefghijklmnopqrstuvwxyz0123456789",
]


@pytest.mark.parametrize("secret", [*SECRETS, f"it is {KEY}."])
@pytest.mark.parametrize("side", ["request", "response"])
def test_nothing_is_saved_when_there_is_a_secret_in_it(
    server: Server, cassette: Path, secret: str, side: str
) -> None:
    old = cassette.read_bytes()
    if side == "response":
        server.body = json.dumps({"object": "x", "choices": [], "note": f"a {secret} b"}).encode()
    question = f"a\n{secret}" if side == "request" else "question"
    found = pytest.raises(SecretFound, match=f"the {side} holds what looks like")
    with found as caught, recording(cassette, secrets=[KEY]):
        asked(server.url, question)
    assert secret not in str(caught.value)
    assert cassette.read_bytes() == old
    assert asked(server.url, "and connections are real again")


@pytest.mark.parametrize(
    "prose",
    [
        "The bearer of internationally agreed documents",
        "The task-force-on-the-environment met; risk-assessments followed",
        "An API key was stolen, the ministry said. The api_key: {x}",
    ],
)
def test_prose_is_no_secret(server: Server, tmp_path: Path, prose: str) -> None:
    with recording(tmp_path / "a.yaml", secrets=["x"]):
        asked(server.url, prose)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(alphabet="\n\r\t \x85\u2028\ufeff\u00ad'\"\\#:-|>&*!%@😀a1"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(value=JSON)
def test_json_bodies_come_back_equal(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    body = json.dumps(value).encode()
    again = stored(tmp_path_factory, body)
    assert json.dumps(json.loads(again)) == json.dumps(value)


@given(body=st.binary() | st.text().map(str.encode) | st.sampled_from([b"{", b'{"a":1,"a":2}']))
def test_other_bodies_come_back_byte_by_byte(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    again = stored(tmp_path_factory, body)
    assert again == body or json.loads(again) == json.loads(body)


def stored(folders: pytest.TempPathFactory, body: bytes) -> bytes:
    path = folders.mktemp("stored") / "a.yaml"
    sent = Sent("POST", "/v1/chat/completions", {"Content-Type": ["application/json"]}, body)
    save(path, [Exchange(sent, Answer(200, "OK", {}, body))])
    [exchange] = load(path)
    assert exchange.sent.body == exchange.answer.body
    return exchange.answer.body


@pytest.mark.parametrize("content", ["", "]", "version: 2\nexchanges: []", "version: 1", "- 1"])
def test_a_file_that_is_no_cassette_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(content)
    with pytest.raises(CassetteError, match=r"broken\.yaml: not a cassette of format 1"):
        load(path)


def test_changes_of_the_conversation() -> None:
    turn = {"role": "user", "content": "a"}
    two, three = {"messages": [turn] * 2}, {"messages": [turn] * 3}
    assert changes(three, two) == ("the prompt (recorded 2 messages, now 3)",)
    assert changes(two, {}) == ("the prompt (recorded no messages, now 2)",)
    spoken = {"messages": [{**turn, "role": "system"}, turn]}
    [change] = changes(spoken, two)
    assert change.startswith("the prompt (message 1: role, character 0: recorded 'user'")


@pytest.mark.parametrize(
    ("now", "then", "difference"),
    [
        ({"a": {"b": 1}}, {"a": {}}, "a/b is new"),
        ({"a": {}}, {"a": {"b": 1}}, "a/b is gone"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "a/1: recorded 3, now 2"),
        ({"a": [1]}, {"a": [1, 3]}, "a: recorded [1, 3], now [1]"),
    ],
)
def test_a_changed_schema_is_located(now: object, then: object, difference: str) -> None:
    found = changes({"response_format": now}, {"response_format": then})
    assert found == (f"the schema (response_format/{difference})",)


@given(value=JSON, other=JSON)
def test_changes_are_empty_only_for_equal_bodies(value: object, other: object) -> None:
    assert changes(value, value) == ()
    assert bool(changes(value, other)) == (value != other)


# Where recordings stand, and what they are worth


class Answered(BaseModel):
    """The schema of these tests."""

    answer: int


def recipe(system: str = "Be brief.", schema: type[BaseModel] = Answered) -> Recipe:
    prompt = Prompt(
        name="ask",
        version=1,
        status="draft",
        digest="",
        path=Path("ask/v1.md"),
        parent=None,
        changelog="",
        schema_name="Answered",
        parameters=Parameters(max_tokens=50),
        inputs=("text",),
        sections=(Section("system", system, 1), Section("user", "{{ text }}", 2)),
    )
    return Recipe(prompt, Schema.of_model(schema))


@dataclass(frozen=True)
class Named:
    """Whom to ask: all that the place of a recording depends on."""

    name: str
    endpoint: Literal["embedded", "remote"] = "remote"
    decoding: Decoding = "schema"


TINY = Named("tiny")


def case(name: str, text: str = "Something happened.") -> Case:
    return Case(article=Article(id=name, text=text), schema_id="Answered", gold={"answer": 1})


def test_the_path_names_everything_that_a_recording_depends_on() -> None:
    path = cassette_path(Path("cassettes"), recipe(), Named("qwen2.5-coder"), "visit")
    assert path.as_posix() == "cassettes/ask@1/Answered/qwen2.5-coder/plain/visit.yaml"


def test_recordings_of_both_decodings_stand_side_by_side() -> None:
    under = replace(TINY, decoding="grammar")
    paths = [cassette_path(Path(), recipe(), asked, "a").parts[-2:] for asked in (TINY, under)]
    assert paths == [("plain", "a.yaml"), ("grammar", "a.yaml")]


@given(model=st.text(min_size=1), article=st.text(min_size=1))
def test_names_cannot_leave_the_folder(model: str, article: str) -> None:
    path = cassette_path(Path("root"), recipe(), Named(model), article)
    assert path.parts[:3] == ("root", "ask@1", "Answered")
    assert len(path.parts) == 6
    assert ".." not in path.parts
    assert all(len(part) < 120 for part in path.parts)


def test_names_that_had_to_be_changed_stay_apart() -> None:
    names = {
        cassette_path(Path(), recipe(), Named("m"), name) for name in ("a/b", "a b", "a-b", "a\\b")
    }
    assert len(names) == 4


def record_all(server: Server, cases: list[Case], root: Path) -> list[tuple[int, int]]:
    progress: list[tuple[int, int]] = []

    async def main() -> None:
        model = OpenAIModel("tiny", base_url=server.url, api_key=KEY, endpoint="remote")
        try:
            pace = Pace(on_progress=lambda *n: progress.append(n))
            await record(cases, recipe(), model, root, secrets=[KEY], pace=pace)
        finally:
            await model.aclose()

    asyncio.run(main())
    return progress


def test_status_tells_fresh_stale_missing_and_orphan(server: Server, tmp_path: Path) -> None:
    cases = [case("a"), case("b", "Something else.")]
    assert record_all(server, [*cases, case("old")], tmp_path) == [(1, 3), (2, 3), (3, 3)]
    found = status([*cases, case("new")], recipe(), TINY, tmp_path)
    assert [(item.article_id, item.state) for item in found] == [
        ("a", "fresh"),
        ("b", "fresh"),
        ("new", "missing"),
        ("old", "orphan"),
    ]
    [edited] = status([case("a", "Something happens.")], recipe(), TINY, tmp_path)[:1]
    assert edited.state == "stale"
    assert "the article" in edited.changes[0]
    assert edited.path == cassette_path(tmp_path, recipe(), TINY, "a")


def test_status_says_which_part_changed(server: Server, tmp_path: Path) -> None:
    class Other(BaseModel):
        answer: str

    Other.__name__ = "Answered"
    record_all(server, [case("a")], tmp_path)
    [prompt] = status([case("a")], recipe("Be long."), TINY, tmp_path)
    assert (prompt.state, prompt.changes[0][:10]) == ("stale", "the prompt")
    [schema] = status([case("a")], recipe(schema=Other), TINY, tmp_path)
    assert (schema.state, schema.changes[0][:10]) == ("stale", "the schema")


def test_a_recording_of_more_than_the_code_sends_is_stale(server: Server, tmp_path: Path) -> None:
    record_all(server, [case("a")], tmp_path)
    path = cassette_path(tmp_path, recipe(), TINY, "a")
    save(path, load(path) * 2)
    [found] = status([case("a")], recipe(), TINY, tmp_path)
    assert found.changes == (f"{path}: recorded but never asked: request 2 of 2",)


LONG = " ".join(f"Story {n} happened." for n in range(60))


def record_long(root: Path) -> Path:
    """Records an article that is read in windows, and returns its cassette."""
    with SmallContext(600, '{"answer": 1}') as endpoint:

        async def main() -> list[Path]:
            async with OpenAIModel("tiny", base_url=endpoint.url) as model:
                return await record([case("a", LONG)], recipe(), model, root)

        [path] = asyncio.run(main())
    return path


def test_an_article_read_in_windows_is_recorded_and_replayed_whole(tmp_path: Path) -> None:
    path = record_long(tmp_path)
    assert [exchange.answer.status for exchange in load(path)][:2] == [400, 200]
    assert status([case("a", LONG)], recipe(), TINY, tmp_path)[0].state == "fresh"

    async def main() -> Run:
        async with OpenAIModel("tiny", base_url=UNREACHABLE) as model:
            return await run([case("a", LONG)], recipe(), model, replay_root=tmp_path)

    [result] = asyncio.run(main()).results
    assert result.provenance is not None
    assert result.provenance.windows == len(load(path)) - 1 > 1


def test_recordings_that_overlap_hold_their_own_traffic(tmp_path: Path) -> None:
    cases = [case(str(n), LONG.replace("Story", f"Tale {n},")) for n in range(6)]
    with SmallContext(600, '{"answer": 1}') as endpoint:

        async def main() -> list[Path]:
            async with OpenAIModel("tiny", base_url=endpoint.url) as model:
                return await record(cases, recipe(), model, tmp_path, pace=Pace(concurrency=3))

        paths = asyncio.run(main())
    assert [path.stem for path in paths] == [each.id for each in cases]
    assert all(len(load(path)) > 2 for path in paths)
    assert {item.state for item in status(cases, recipe(), TINY, tmp_path)} == {"fresh"}


def test_the_inner_recording_of_two_has_its_own_traffic(server: Server, tmp_path: Path) -> None:
    with recorder() as studio, studio.recording(tmp_path / "outer.yaml"):
        asked(server.url, "One?")
        with studio.recording(tmp_path / "inner.yaml"):
            asked(server.url, "Two?", "Three?")
        asked(server.url, "Four?")
    assert len(load(tmp_path / "outer.yaml")) == len(load(tmp_path / "inner.yaml")) == 2


def test_what_is_sent_beside_all_recordings_is_an_error(server: Server) -> None:
    with recorder(), pytest.raises(openai.APIConnectionError) as caught:
        asked(server.url, "One?")
    assert "while nothing was being recorded" in str(caught.value.__cause__)


class Signed(BaseModel):
    name: Annotated[str | None, Verbatim]


SIGNED = replace(recipe(schema=Signed), repair=1)


def record_signed(root: Path) -> Path:
    """Records an article whose name is misspelt, and asked for again; returns its cassette."""
    with SmallContext(10_000, '{"name": "Annn", "name_1": "Ann"}') as endpoint:

        async def main() -> list[Path]:
            async with OpenAIModel("tiny", base_url=endpoint.url) as model:
                return await record([case("a", "Ann signed.")], SIGNED, model, root)

        [path] = asyncio.run(main())
    return path


def test_a_repair_is_recorded_and_replayed(tmp_path: Path) -> None:
    path = record_signed(tmp_path)
    assert len(load(path)) == 2
    assert status([case("a", "Ann signed.")], SIGNED, TINY, tmp_path)[0].state == ("fresh")

    async def main() -> Extraction[Any]:
        async with OpenAIModel("tiny", base_url=UNREACHABLE) as model:
            return await extract_one(Article(id="a", text="Ann signed."), SIGNED, model)

    with replaying(path):
        result = asyncio.run(main())
    assert result.record == Signed(name="Ann")


def test_a_recording_without_its_repair_is_stale(tmp_path: Path) -> None:
    path = record_signed(tmp_path)
    save(path, load(path)[:1])
    [found] = status([case("a", "Ann signed.")], SIGNED, TINY, tmp_path)
    assert found.state == "stale"


def test_other_numbers_of_repairs_have_folders_of_their_own() -> None:
    twice = replace(recipe(), repair=2)
    assert cassette_path(Path(), twice, TINY, "a").parts[-2] == "plain-repair-2"


def test_a_recording_of_other_windows_is_stale(tmp_path: Path) -> None:
    path = record_long(tmp_path)
    exchanges = load(path)
    for kept, reason in ((exchanges[:-1], "What changed"), ((*exchanges, exchanges[1]), "never")):
        save(path, kept)
        [found] = status([case("a", LONG)], recipe(), TINY, tmp_path)
        assert (found.state, reason in found.changes[0]) == ("stale", True)
    save(path, exchanges[:1])
    [found] = status([case("a", LONG)], recipe(), TINY, tmp_path)
    assert found.state == "stale"
    save(path, exchanges)
    [found] = status([case("a", LONG)], replace(recipe(), long="refuse"), TINY, tmp_path)
    assert (found.state, "600 fit" in found.changes[0]) == ("stale", True)


def test_a_broken_recording_is_stale(tmp_path: Path) -> None:
    path = cassette_path(tmp_path, recipe(), TINY, "a")
    path.parent.mkdir(parents=True)
    path.write_text("?")
    [found] = status([case("a")], recipe(), TINY, tmp_path)
    assert (found.state, "not a cassette" in found.changes[0]) == ("stale", True)


def test_recording_stops_at_a_failure_and_keeps_what_it_has(server: Server, tmp_path: Path) -> None:
    record_all(server, [case("a")], tmp_path)
    server.status, server.body = 401, b'{"error": {"message": "wrong key"}}'
    with pytest.raises(CassetteError, match="recording b: "):
        record_all(server, [case("b"), case("c")], tmp_path)
    states = [item.state for item in status([case("a"), case("b")], recipe(), TINY, tmp_path)]
    assert states == ["fresh", "missing"]


def test_an_answer_at_the_second_attempt_is_not_kept(tmp_path: Path, server: Server) -> None:
    class Tried(OpenAIModel):
        async def complete(self, request: Request, heard: Heard | None = None) -> Completion:
            completion = await super().complete(request, heard)
            return completion.model_copy(update={"attempts": 2})

    async def main() -> None:
        async with Tried("tiny", base_url=server.url) as model:
            await record([case("a")], recipe(), model, tmp_path)

    with pytest.raises(CassetteError, match="recording a: the endpoint answered only at attempt 2"):
        asyncio.run(main())
    assert not list(tmp_path.rglob("*.yaml"))


def test_an_evaluation_from_cassettes_equals_the_one_that_was_recorded(
    server: Server, tmp_path: Path
) -> None:
    cases = [case("a"), case("b", "Something else.")]
    record_all(server, cases, tmp_path)
    server.asked = 0  # it counts its answers, and so gives the same ones again

    async def evaluate(url: str, root: Path | None) -> Run:
        async with OpenAIModel("tiny", base_url=url) as model:
            return await run(cases, recipe(), model, replay_root=root)

    live, replayed = (
        asyncio.run(evaluate(u, r)) for u, r in ((server.url, None), (UNREACHABLE, tmp_path))
    )
    assert (live.replayed, replayed.replayed) == (False, True)
    assert live.scores == replayed.scores
    assert [r.record for r in live.results] == [r.record for r in replayed.results]
    assert [r.status for r in live.results] == [r.status for r in replayed.results]


# The server for other processes


def test_the_replay_server_answers_as_recorded_and_counts(cassette: Path) -> None:
    recorded = json_body(load(cassette)[0].answer.body)
    with ReplayServer(cassette.parent, delay=0.01) as replay:
        replies = asked(replay.base_url, "What happened?", "What happened?")
    assert [json.loads(reply) for reply in replies] == [recorded, recorded]
    assert [entry.article for entry in replay.requests] == ["one", "one"]
    assert sorted(replay.answered, key=lambda entry: entry.time) == replay.requests
    assert replay.requests[0].digest == replay.requests[1].digest


def test_the_replay_server_says_what_it_does_not_know(cassette: Path) -> None:
    unknown = pytest.raises(openai.NotFoundError, match="differs in: the model")
    with ReplayServer(cassette.parent) as replay, unknown as caught:
        asked(replay.base_url, "What happened?", model="huge")
    assert "nothing is recorded" in str(caught.value)
    assert [entry.article for entry in replay.requests] == [None]


def test_the_yaml_needs_no_loader_of_ours(cassette: Path) -> None:
    data = yaml.safe_load(cassette.read_text(encoding="utf-8"))
    request = data["exchanges"][0]["request"]
    assert request["uri"] == "http://model.local/v1/chat/completions"
    assert request["json"]["messages"][1]["content"] == "What happened?"
