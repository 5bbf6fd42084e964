"""Cassette files: recorded exchanges with a model's endpoint, as readable YAML.

A body that is JSON stands in the file as YAML structure, so that a person can read
prompt, article and reply; every string in it is exact to the character, and JSON
compares equal after loading. Anything else is kept as text or base64. Headers are
an allowlist on both sides, and the host is replaced, for ports are random.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extractor import jsontext
from extractor.errors import CassetteError, CassetteMiss, SecretFound

FORMAT = 1
HOST = "http://model.local"
MAKE_RECORD = "record it from a real server: make record"
_REQUEST_HEADERS = re.compile(r"accept|content-type")
_RESPONSE_HEADERS = re.compile(
    # content-encoding is there only when the body could not be decompressed.
    r"content-type|content-encoding|retry-after(-ms)?|x-ratelimit-.*"
)
_TITLE = "# Recorded from a real server by `make record`; never edited by hand.\n"

Headers = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Sent:
    """A request as it was sent. `path` is that of the address, without host and query."""

    method: str
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A response as it was received. `reason` is the words of the status line."""

    status: int
    reason: str
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Exchange:
    """One request and its response."""

    sent: Sent
    answer: Answer


def json_body(body: bytes) -> Any | None:
    """The JSON value of a body; None when it is not strict JSON (or is null)."""
    try:
        return jsontext.loads(body.decode("utf-8"))
    except ValueError:
        return None


def load(path: Path) -> tuple[Exchange, ...]:
    """The exchanges of a cassette, in the order in which they were recorded.

    Raises `CassetteMiss` when there is no such file, and `CassetteError` when it
    cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CassetteMiss(f"{path}: there is no such recording", hint=MAKE_RECORD) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f"{path}: cannot be read: {error}", hint=MAKE_RECORD) from error
    try:
        return _parse(text)
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CassetteError(
            f"{path}: not a cassette of format {FORMAT}: {error}", hint=MAKE_RECORD
        ) from error


def save(path: Path, exchanges: Sequence[Exchange], *, secrets: Sequence[str] = ()) -> None:
    """Write a cassette, whole or not at all; an older one stays until then.

    Raises `SecretFound` when something in it looks like a secret or holds one of
    `secrets` (those shorter than 8 characters are not looked for: they are
    placeholders, and would be found in ordinary words).
    """
    kept = tuple(_allowed(exchange) for exchange in exchanges)
    text = _TITLE + _dump({"version": FORMAT, "exchanges": [_to_yaml(e) for e in kept]})
    for where, content in _scanned(text, kept):
        if kind := _secret_in(content, secrets):
            raise SecretFound(
                f"{path}: the {where} holds what looks like {kind}; nothing was saved",
                hint="take it out of what is sent; a key belongs into OPENAI_API_KEY only",
            )
    if [_comparable(e) for e in _parse(text)] != [_comparable(e) for e in kept]:
        raise CassetteError(f"{path}: the recording would not read back as it was; not saved")
    try:
        _replace(path, text)
    except OSError as error:
        raise CassetteError(f"{path}: cannot be written: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _allowed(exchange: Exchange) -> Exchange:
    sent, answer = exchange.sent, exchange.answer
    return Exchange(
        Sent(sent.method, sent.path, _only(sent.headers, _REQUEST_HEADERS), sent.body),
        Answer(answer.status, answer.reason, _only(answer.headers, _RESPONSE_HEADERS), answer.body),
    )


def _only(headers: Headers, allowed: re.Pattern[str]) -> dict[str, list[str]]:
    found = {name.lower(): list(values) for name, values in headers.items()}
    return {name: found[name] for name in sorted(found) if allowed.fullmatch(name)}


def _comparable(exchange: Exchange) -> tuple[object, ...]:
    sent, answer = exchange.sent, exchange.answer
    head = (sent.method, sent.path, sent.headers, answer.status, answer.reason, answer.headers)
    return (*head, *map(_exact, (sent.body, answer.body)))


def _exact(body: bytes) -> bytes:
    """A body such that equal JSON (order of keys included) gives equal bytes."""
    value = json_body(body)
    return body if value is None else _json_bytes(value)


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# The YAML form


def _to_yaml(exchange: Exchange) -> dict[str, Any]:
    sent, answer = exchange.sent, exchange.answer
    return {
        "request": {
            "method": sent.method,
            "uri": HOST + sent.path,
            "headers": sent.headers,
            **_body_to_yaml(sent.body),
        },
        "response": {
            "status": answer.status,
            "reason": answer.reason,
            "headers": answer.headers,
            **_body_to_yaml(answer.body),
        },
    }


def _body_to_yaml(body: bytes) -> dict[str, Any]:
    value = json_body(body)
    if value is not None and _json_bytes(_load_yaml(_dump(value))) == _json_bytes(value):
        return {"json": value}
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}
    return {"text": text}


def _parse(text: str) -> tuple[Exchange, ...]:
    data = _load_yaml(text)
    if data["version"] != FORMAT:
        raise ValueError(f"it says version {data['version']!r}")
    return tuple(_from_yaml(item["request"], item["response"]) for item in data["exchanges"])


def _from_yaml(request: dict[str, Any], response: dict[str, Any]) -> Exchange:
    path = request["uri"].removeprefix(HOST)
    sent = Sent(request["method"], path, request["headers"], _body_from_yaml(request))
    body = _body_from_yaml(response)
    return Exchange(
        sent, Answer(int(response["status"]), response["reason"], response["headers"], body)
    )


def _body_from_yaml(part: dict[str, Any]) -> bytes:
    if "json" in part:
        return _json_bytes(part["json"])
    if "base64" in part:
        return base64.b64decode(part["base64"], validate=True)
    return str(part["text"]).encode()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if any(char in text for char in "\x85\u2028\u2029\ufeff"):
        style = '"'  # YAML takes these for line breaks or drops them, unless they are escaped
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def _dump(value: Any) -> str:
    text = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return str(text)


def _load_yaml(text: str) -> Any:
    # The C loader is ten times faster; both are safe loaders and read the same.
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


# Secrets

_SECRETS = (
    ("an API key (sk-...)", re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")),
    ("a bearer token", re.compile(r"(?i)\bbearer\s+(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}")),
    ("an API key", re.compile(r"""(?i)api[_-]?key["'\\\s]*[:=]["'\\\s]*[A-Za-z0-9_.-]{8,}""")),
    ("an AWS key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("a private key", re.compile(r"-----BEGIN\s[A-Z\s]*PRIVATE\sKEY-----")),
)
_SHORTEST_SECRET = 8


def _scanned(text: str, exchanges: Sequence[Exchange]) -> Iterator[tuple[str, str]]:
    """Every form in which a secret could stand: the bodies as sent, unescaped, and the file."""
    for exchange in exchanges:
        for where, body in (("request", exchange.sent.body), ("response", exchange.answer.body)):
            yield where, body.decode("utf-8", "replace")
            yield where, "\n".join(_strings(json_body(body)))
    yield "recording", text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)


def _secret_in(text: str, secrets: Sequence[str]) -> str | None:
    if any(len(secret) >= _SHORTEST_SECRET and secret in text for secret in secrets):
        return "the key in use"
    return next((kind for kind, pattern in _SECRETS if pattern.search(text)), None)


# What changed


def changes(now: Any, then: Any) -> tuple[str, ...]:
    """What differs between the body of a request and a recorded one, part by part, in words.

    Empty when they are equal as JSON.
    """
    if now == then:
        return ()
    if not isinstance(now, dict) or not isinstance(then, dict):
        return ("the body is not a JSON object on both sides",)
    found: list[str] = []
    for name in sorted(now.keys() | then.keys()):
        if name in now and name in then and now[name] == then[name]:
            continue
        if name == "messages":
            found += _message_changes(now.get(name), then.get(name))
        elif name == "response_format":
            found.append(f"the schema ({_first_difference(now.get(name), then.get(name), name)})")
        else:
            part = "model" if name == "model" else f"parameter {name}"
            old, new = (_short(d[name]) if name in d else "nothing" for d in (then, now))
            found.append(f"the {part} (recorded {old}, now {new})")
    return tuple(found)


def _message_changes(now: Any, then: Any) -> Iterator[str]:
    if not isinstance(now, list) or not isinstance(then, list) or len(now) != len(then):
        old, new = (len(m) if isinstance(m, list) else "no" for m in (then, now))
        yield f"the prompt (recorded {old} messages, now {new})"
        return
    for number, (new, old) in enumerate(zip(now, then, strict=True), start=1):
        if new == old:
            continue
        part = "article, or the prompt around it" if number == len(now) else "prompt"
        yield f"the {part} (message {number}: {_first_difference(new, old, '')})"


def _first_difference(now: Any, then: Any, path: str) -> str:
    """Where two JSON values part for the first time, and how."""
    if isinstance(now, dict) and isinstance(then, dict):
        for key in [*then, *(key for key in now if key not in then)]:
            if key not in now or key not in then:
                return f"{path}/{key} is {'new' if key in now else 'gone'}".lstrip("/")
            if now[key] != then[key]:
                return _first_difference(now[key], then[key], f"{path}/{key}".lstrip("/"))
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        for index, (new, old) in enumerate(zip(now, then, strict=True)):
            if new != old:
                return _first_difference(new, old, f"{path}/{index}")
    if isinstance(now, str) and isinstance(then, str):
        pairs = enumerate(zip(now, then, strict=False))
        at = next((i for i, (new, old) in pairs if new != old), min(len(now), len(then)))
        start = max(0, at - 20)
        place = f"{path}, character {at}"
        return f"{place}: recorded {_short(then[start:])}, now {_short(now[start:])}"
    return f"{path}: recorded {_short(then)}, now {_short(now)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
