"""Recording, replaying and auditing model traffic. The only module that knows vcrpy.

A recording is matched by method, path and body. While one is replayed, every other
HTTP connection of the process is blocked; so replays must overlap neither each other nor
recordings, but calls inside one may be concurrent, and so may the recordings of a `Recorder`.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from extractor.cases import Case
from extractor.catalog import Recipe
from extractor.errors import CassetteError, CassetteMiss, ExtractorError
from extractor.model import Completion, Decoding, Model
from extractor.numbering import EvidenceStyle
from extractor.openai_model import OpenAIModel
from extractor.pace import ONE_BY_ONE, Pace, paced
from extractor.reading import Asked, Readings, answer, asks_citations, build_request
from extractor.recordings import (
    HOST,
    MAKE_RECORD,
    Answer,
    Exchange,
    Sent,
    changes,
    json_body,
    load,
    save,
)
from extractor.request_body import request_body

VARIANTS: Mapping[tuple[EvidenceStyle, Decoding], str] = {
    ("quotation", "schema"): "plain",
    ("quotation", "grammar"): "grammar",
    ("sentence", "schema"): "sentence",
    ("sentence", "grammar"): "sentence",  # no grammar is sent: words are not copied
    ("both", "schema"): "both-plain",
    ("both", "grammar"): "both-grammar",
}
"""How the model is asked; where fields are asked again, their number is added to the name."""

State = Literal["fresh", "stale", "missing", "orphan"]
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._+-]{0,99}")


def cassette_path(root: Path, recipe: Recipe, asked: Asked, article_id: str) -> Path:
    """Where the recording of one article stands under `root`."""
    return _folder(root, recipe, asked) / f"{_file_name(article_id)}.yaml"


def _folder(root: Path, recipe: Recipe, asked: Asked) -> Path:
    variant = VARIANTS[recipe.prompt.evidence, asked.decoding]
    variant += "-cited" if asks_citations(recipe) else ""
    variant += f"-repair-{recipe.repair}" if recipe.repair else ""
    names = (recipe.prompt.id, recipe.schema.id, asked.name, variant)
    return root.joinpath(*map(_file_name, names))


def _file_name(name: str) -> str:
    """`name` itself where it can be a file's; else made so, with a digest to keep it apart."""
    if _SAFE_NAME.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    cleaned = re.sub(r"[^A-Za-z0-9@._+-]+", "-", name).strip("-.")[:80]
    return f"{cleaned or 'unnamed'}-{digest}"


class Recorder:
    """Takes down the HTTP traffic of several recordings, which may overlap in time.

    A recording holds what was sent in the block (and the tasks) that opened it.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        """`secrets` are the values of keys in use."""
        self._secrets = secrets
        self._open: ContextVar[list[Exchange] | None] = ContextVar("open recording", default=None)

    @contextmanager
    def recording(self, path: Path) -> Iterator[None]:
        """Record the HTTP traffic of the block into `path`, in place of what was there.

        Nothing is written when the block fails: an older recording stays. Raises
        `SecretFound` when the traffic holds something secret, and `CassetteError` when there
        was no traffic.
        """
        exchanges: list[Exchange] = []
        before = self._open.set(exchanges)
        try:
            yield
        finally:
            self._open.reset(before)
        if not exchanges:
            raise CassetteError(f"{path}: nothing was sent, so there is nothing to record")
        save(path, exchanges, secrets=self._secrets)

    def heard(self, exchange: Exchange) -> None:
        """Take down one exchange; for the tape."""
        exchanges = self._open.get()
        if exchanges is None:
            raise CassetteError(f"{exchange.sent.path} was asked while nothing was being recorded")
        exchanges.append(exchange)


@contextmanager
def recorder(*, secrets: Sequence[str] = ()) -> Iterator[Recorder]:
    """A recorder, for as long as the block lasts; all that is sent meanwhile must be recorded."""
    studio = Recorder(secrets)
    with _tape(Path("recorder"), (), mode="all", misses=[], heard=studio.heard):
        yield studio


@contextmanager
def recording(path: Path, *, secrets: Sequence[str] = ()) -> Iterator[None]:
    """One recording alone; see `Recorder.recording`."""
    with recorder(secrets=secrets) as studio, studio.recording(path):
        yield


@contextmanager
def replaying(path: Path) -> Iterator[None]:
    """Answer the HTTP requests of the block from the recording `path`, and only from it.

    A request without a recording raises `CassetteMiss`, which says what changed. The
    block ends with that error even if the caller turned it into a value; and with
    `CassetteError` when something recorded was never asked for. When the block fails
    for another reason, that error is passed on.
    """
    exchanges = load(path)
    misses: list[CassetteMiss] = []
    with _tape(path, exchanges, mode="none", misses=misses) as cassette:
        try:
            yield
        except Exception as error:
            if misses and error is not misses[0]:
                # Clients wrap what their transport raises; the cause is what helps.
                raise CassetteMiss(misses[0].message, hint=misses[0].hint) from error
            raise
    if misses:
        raise misses[0]
    unplayed = [n for n in range(len(exchanges)) if not cassette.play_counts[n]]
    if unplayed:
        numbers = ", ".join(str(n + 1) for n in unplayed)
        raise CassetteError(
            f"{path}: recorded but never asked: request {numbers} of {len(exchanges)}",
            hint=MAKE_RECORD,
        )


def _tape(
    path: Path,
    exchanges: tuple[Exchange, ...],
    *,
    mode: Literal["all", "none"],
    misses: list[CassetteMiss],
    heard: Callable[[Exchange], None] = lambda exchange: None,
) -> Any:
    """vcrpy's context manager for these exchanges; it reads and writes no file.

    `mode` is to record all that is sent, or none. What is recorded goes to `heard`. What has
    no recording goes to `misses` as well as being raised, for callers may swallow what is raised.
    """
    try:
        from vcr import VCR
        from vcr.cassette import Cassette
        from vcr.record_mode import RecordMode
        from vcr.request import Request
    except ImportError as error:
        raise CassetteError(
            "recording and replaying need the package vcrpy",
            hint="pip install 'extractor[eval]'",
        ) from error

    class Tape(Cassette):  # type: ignore[misc]  # vcrpy is not typed
        """vcrpy's own error is about its options; ours says what changed in the request."""

        def can_play_response_for(self, request: Any) -> bool:
            if mode == "all":
                return False
            if super().can_play_response_for(request):
                return True
            miss = _miss(path, exchanges, _sent(request))
            misses.append(miss)
            raise miss

        def append(self, request: Any, response: Any) -> None:
            super().append(request, response)
            if mode == "all":  # else it is what was loaded
                heard(_exchange(*self.data.pop()))

    class Loaded:
        """Stands where vcrpy reads and writes files. Files are ours: see `recordings`."""

        @staticmethod
        def load_cassette(*_: Any, **__: Any) -> tuple[list[Any], list[dict[str, Any]]]:
            requests = [_vcr_request(Request, exchange.sent) for exchange in exchanges]
            return requests, [_vcr_response(exchange.answer) for exchange in exchanges]

        @staticmethod
        def save_cassette(*_: Any, **__: Any) -> None:
            """Saving here would leave the patches on when it fails; see `recording`."""

    options = VCR(decode_compressed_response=True, match_on=("method", "path", "body"))
    config = options.get_merged_config(
        path=str(path), record_mode=RecordMode(mode), persister=Loaded
    )
    return Tape.use(**config)


def _vcr_request(kind: Any, sent: Sent) -> Any:
    headers = {name: list(values) for name, values in sent.headers.items()}
    return kind(sent.method, HOST + sent.path, sent.body, headers)


def _vcr_response(answer: Answer) -> dict[str, Any]:
    return {
        "status": {"code": answer.status, "message": answer.reason},
        "headers": {name: list(values) for name, values in answer.headers.items()},
        "body": {"string": answer.body},
    }


def _sent(request: Any) -> Sent:
    headers = {name: [value] for name, value in request.headers.items()}
    return Sent(request.method, request.path, headers, request.body_bytes or b"")


def _exchange(request: Any, response: dict[str, Any]) -> Exchange:
    status = response["status"]
    answer = Answer(
        status["code"], status["message"] or "", response["headers"], response["body"]["string"]
    )
    return Exchange(_sent(request), answer)


def _miss(path: Path, exchanges: Sequence[Exchange], sent: Sent) -> CassetteMiss:
    places = {(e.sent.method, e.sent.path) for e in exchanges}
    if (sent.method, sent.path) not in places:
        recorded = ", ".join(" ".join(place) for place in sorted(places))
        reason = f"{sent.method} {sent.path} is not recorded, only {recorded}"
    elif changed := _closest_changes(json_body(sent.body), exchanges):
        reason = f"the request is not the recorded one. What changed: {'; '.join(changed)}"
    else:
        reason = "the request was sent more often than it is recorded"
    return CassetteMiss(f"{path}: {reason}", hint=f"if that is meant, {MAKE_RECORD}")


def _closest_changes(body: Any, exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """What differs from the recorded request that differs in the fewest parts."""
    return min((changes(body, json_body(e.sent.body)) for e in exchanges), key=len)


# The recordings of a set of cases


@dataclass(frozen=True)
class CassetteStatus:
    """What one recording is worth: `changes` says why it is stale."""

    article_id: str
    path: Path
    state: State
    changes: tuple[str, ...] = ()


def status(cases: Sequence[Case], recipe: Recipe, asked: Asked, root: Path) -> list[CassetteStatus]:
    """Compare what is recorded with what the code would send now, case by case.

    Recordings of this recipe and model that belong to no case come last, as orphans.
    """
    found = [_status(case, recipe, asked, root) for case in cases]
    wanted = {item.path for item in found}
    others = sorted(_folder(root, recipe, asked).glob("*.yaml"))
    orphans = [CassetteStatus(p.stem, p, "orphan") for p in others if p not in wanted]
    return found + orphans


def _status(case: Case, recipe: Recipe, asked: Asked, root: Path) -> CassetteStatus:
    path = cassette_path(root, recipe, asked, case.id)
    try:
        exchanges = load(path)
    except CassetteMiss:
        return CassetteStatus(case.id, path, "missing")
    except CassetteError as error:
        return CassetteStatus(case.id, path, "stale", (error.message,))
    body = request_body(build_request(case.article, recipe), asked.name, asked.decoding)
    changed = _closest_changes(body, exchanges[:1]) if exchanges else ("it holds no request",)
    is_one = len(exchanges) == 1 and exchanges[0].answer.status == HTTPStatus.OK
    if not changed and (recipe.repair or not is_one):
        changed = _played(case, recipe, asked, path)
    return CassetteStatus(case.id, path, "stale" if changed else "fresh", changed)


def _played(case: Case, recipe: Recipe, asked: Asked, path: Path) -> tuple[str, ...]:
    """Why a recording is stale though its first request is not: which windows and repairs
    are asked for after it depends on the answers."""

    async def play() -> None:
        async with OpenAIModel(asked.name, base_url=f"{HOST}/v1", decoding=asked.decoding) as model:
            _replies(await answer(case.article, recipe, model))

    try:
        with replaying(path):
            asyncio.run(play())
    except ExtractorError as error:
        return (error.message,)
    return ()


def _replies(readings: Readings) -> list[Completion]:
    """The replies, if there is one to each request; raises the error that stands for one."""
    for reading in readings:
        for outcome in (reading.reply, *reading.repairs):
            if isinstance(outcome, ExtractorError):
                raise outcome
    return [reply for reading in readings for reply in reading.completions]


async def record(
    cases: Sequence[Case],
    recipe: Recipe,
    model: Model,
    root: Path,
    *,
    secrets: Sequence[str] = (),
    pace: Pace = ONE_BY_ONE,
) -> list[Path]:
    """Record every case from the real server behind `model`, and say where.

    Raises `CassetteError`, naming the article, at the first failure; what was recorded before
    it stays.
    """
    with recorder(secrets=secrets) as studio:

        async def work(case: Case) -> Path:
            path = cassette_path(root, recipe, model, case.id)
            try:
                with studio.recording(path):
                    _all_at_once(_replies(await answer(case.article, recipe, model)))
            except ExtractorError as error:
                raise CassetteError(f"recording {case.id}: {error}", hint=error.hint) from error
            return path

        return await paced(cases, work, pace)


def _all_at_once(replies: Sequence[Completion]) -> None:
    """Raises `CassetteError` for a reply that took several attempts: replayed, the failed ones
    would be waited out again."""
    attempts = max(reply.attempts for reply in replies)
    if attempts > 1:
        raise CassetteError(
            f"the endpoint answered only at attempt {attempts}",
            hint="record again when it answers at once",
        )
