"""`Idempotency-Key`: a request that is sent again gets the answer that it got
(draft-ietf-httpapi-idempotency-key-header-07).

A client cannot know whether a request whose answer it lost was done. It sends the same request
with the same key again; what was answered then is answered now, and nothing is done twice. Only
answers that were a success are kept: after an error the same request is another attempt.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

import sqlalchemy as sa
from fastapi import Request
from sqlalchemy.dialects.sqlite import insert
from starlette.responses import Response

from extractor.errors import IdempotencyKeyInUse, IdempotencyKeyReused, InvalidIdempotencyKey
from extractor.records import digest
from extractor.service.bodies import media_type
from extractor.service.guard import client_of
from extractor.service.memory import ANSWERS, Memory

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
"""The header of an answer that was given before."""
LONGEST_KEY = 255
"""The most characters that a key may have."""
KEPT_SECONDS = 24 * 60 * 60
"""How long an answer is kept."""
MOST_ANSWERS = 1_000
"""How many are kept for one client; then the oldest goes."""

# A string of RFC 9651, or what clients send instead: visible characters without quotation marks.
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-+\--:<-\[\]-~]*")


@dataclass(frozen=True)
class Given:
    """An answer as it was given: its body is JSON."""

    status: int
    headers: dict[str, str]
    body: str

    def response(self) -> Response:
        """The answer over HTTP."""
        return Response(self.body, self.status, headers=self.headers, media_type="application/json")


@dataclass(frozen=True)
class Claim:
    """A request that is the only one with its key now. `given` is what it was answered before;
    `keep` is for what it is answered now, and keeps it if `keeps`: if there is a key."""

    given: Given | None
    keep: Callable[[Given], None]
    keeps: bool


class Idempotency:
    """The keys of all clients; those of one client are no keys to another."""

    def __init__(
        self,
        memory: Memory,
        clock: Callable[[], float] = time.time,
        *,
        most: int = MOST_ANSWERS,
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._most = most
        self._in_flight: dict[tuple[str, str], str] = {}

    @contextmanager
    def claim(self, request: Request, body: bytes) -> Iterator[Claim]:
        """Claims the request's key, if it has one, until the end.

        Raises `InvalidIdempotencyKey`, `IdempotencyKeyReused` when it came with another request
        before, `IdempotencyKeyInUse` while its first one is not answered, and `StoreError`.
        """
        key = key_of(request.headers.getlist(HEADER))
        if key is None:
            yield Claim(None, lambda given: None, keeps=False)
            return
        name, asked = (client_of(request), key), _digest(request, body)
        if (first := self._in_flight.get(name)) is not None:
            _check_same(first, asked, key)
            raise IdempotencyKeyInUse(
                f"a request with the {HEADER} {key!r} is being answered",
                hint="wait for its answer, or send it again later",
            )
        given = self._given(name, asked)
        self._in_flight[name] = asked
        try:
            yield Claim(given, lambda now: self._keep(name, asked, now), keeps=True)
        finally:
            del self._in_flight[name]

    def _given(self, name: tuple[str, str], asked: str) -> Given | None:
        client, key = name
        with self._memory.transaction() as db:
            chosen = sa.select(ANSWERS).where(
                ANSWERS.c.client == client,
                ANSWERS.c.key == key,
                ANSWERS.c.given > self._clock() - KEPT_SECONDS,
            )
            found = db.execute(chosen).one_or_none()
        if found is None:
            return None
        _check_same(found.asked, asked, key)
        given = Given(found.status, found.headers, found.body)
        return replace(given, headers={**given.headers, REPLAYED: "true"})

    def _keep(self, name: tuple[str, str], asked: str, given: Given) -> None:
        client, key = name
        now = self._clock()
        row = {"asked": asked, "given": now, "status": given.status, "headers": given.headers,
               "body": given.body}  # fmt: skip
        statement = insert(ANSWERS).values(client=client, key=key, **row)
        own = sa.select(ANSWERS.c.key).where(ANSWERS.c.client == client)
        newest = own.order_by(ANSWERS.c.given.desc()).limit(self._most)
        beyond = (ANSWERS.c.client == client) & ANSWERS.c.key.not_in(newest)
        with self._memory.transaction() as db:
            db.execute(statement.on_conflict_do_update(index_elements=["client", "key"], set_=row))
            db.execute(ANSWERS.delete().where(ANSWERS.c.given <= now - KEPT_SECONDS))
            db.execute(ANSWERS.delete().where(beyond))


def key_of(values: Sequence[str]) -> str | None:
    """The key in these values of the header; None when there is none.

    Raises `InvalidIdempotencyKey`.
    """
    if not values:
        return None
    said = ", ".join(values).strip()
    if quoted := _STRING.fullmatch(said):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    elif _BARE.fullmatch(said):
        key = said
    else:
        key = ""
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidIdempotencyKey(
            f"the {HEADER} is no key of 1 to {LONGEST_KEY} characters",
            hint=f'one string of visible ASCII characters: {HEADER}: "8e03978e-40d5-43dd-bc93"',
        )
    return key


def _digest(request: Request, body: bytes) -> str:
    """Names what is asked. How it is to be told (`Accept`) is no part of that, nor whether the
    model is to be asked anew: a repetition is never another question."""
    query = sorted(request.query_params.multi_items())
    said = [request.method, request.url.path, query, media_type(request)]
    return digest([*said, sha256(body).hexdigest()])


def _check_same(first: str, asked: str, key: str) -> None:
    if first != asked:
        raise IdempotencyKeyReused(
            f"the {HEADER} {key!r} came with another request before",
            hint="take a new key for each request; a repetition is the same to the byte",
        )
