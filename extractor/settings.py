"""Settings from the environment, read once by the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from extractor.errors import SettingsError
from extractor.records import Frozen

OPENAI_BASE_URL = "https://api.openai.com/v1"


class Settings(Frozen):
    """What the environment says.

    `base_url` None means the embedded model. `decoding` is what the endpoint can be held to;
    `auto` leaves it to what is known of it, or found out. `parallel` is how many requests the
    embedded model works on at once. `home` is where weights are kept. `ledger` is the address of
    a PostgreSQL database, with its password.
    """

    base_url: str | None
    model: str | None
    api_key: SecretStr | None
    decoding: Literal["auto", "schema", "grammar"]
    parallel: int
    prompts: tuple[Path, ...]
    schemas: tuple[Path, ...]
    home: Path
    ledger: SecretStr | None = None


def settings_of_environment() -> Settings:
    """`read_settings` of this process. Raises `SettingsError`."""
    return read_settings(os.environ)


class Exports(Frozen):
    """What OpenTelemetry's own variables ask to be sent: spans, measurements."""

    traces: bool = False
    metrics: bool = False


def exports_of_environment() -> Exports:
    """`read_exports` of this process. Raises `SettingsError`."""
    return read_exports(os.environ)


def read_exports(environ: Mapping[str, str]) -> Exports:
    """What is asked for by an endpoint (`OTEL_EXPORTER_OTLP_ENDPOINT`, or that of one signal), or
    by `OTEL_TRACES_EXPORTER` or `OTEL_METRICS_EXPORTER`; nothing when none of them is set.

    Raises `SettingsError` for an exporter or a protocol that there is not.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return Exports()
    found = {signal: _is_exported(environ, signal.upper()) for signal in ("traces", "metrics")}
    protocols = (
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        *(
            f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL"
            for signal, asked in found.items()
            if asked
        ),
    )
    if any(found.values()):
        for setting in protocols:
            _check_choice(environ, setting, ("http/protobuf",))
    return Exports(**found)


def _is_exported(environ: Mapping[str, str], signal: str) -> bool:
    chosen = _check_choice(environ, f"OTEL_{signal}_EXPORTER", ("otlp", "none"))
    places = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    named = any(environ.get(place, "").strip() for place in places)
    return chosen == "otlp" or (named and chosen != "none")


def _check_choice(environ: Mapping[str, str], setting: str, choices: tuple[str, ...]) -> str:
    """The value of a setting, "" when it has none."""
    value = environ.get(setting, "").strip()
    if value and value not in choices:
        expected = " or ".join(repr(choice) for choice in choices)
        raise SettingsError(f"{setting} is {value!r}", hint=f"expected {expected}")
    return value


def read_settings(
    environ: Mapping[str, str],
    *,
    base_url: str | None = None,
    model: str | None = None,
    ledger: str | None = None,
) -> Settings:
    """Settings of the environment, `base_url`, `model` and `ledger` (options) taking precedence.

    A key without an address means the provider whose key it is. Raises
    `SettingsError` that names the setting, its value and what was expected.
    """
    key = environ.get("OPENAI_API_KEY", "").strip() or None
    if key is not None and not re.fullmatch(r"[!-~]+", key):
        raise SettingsError(
            "OPENAI_API_KEY holds a blank, a line break or a character that no key has",
            hint="copy the key again, without quotation marks of a word processor",
        )
    address = base_url or environ.get("EXTRACTOR_BASE_URL", "").strip() or None
    name = model or environ.get("EXTRACTOR_MODEL", "").strip() or None
    if address is None and key is not None:
        address = OPENAI_BASE_URL
    if address is not None:
        _check_address(address, "--base-url" if base_url else "EXTRACTOR_BASE_URL")
    return Settings(
        base_url=address,
        model=name,
        api_key=SecretStr(key) if key else None,
        decoding=_decoding(environ),
        parallel=_parallel(environ),
        prompts=_folders(environ, "EXTRACTOR_PROMPTS"),
        schemas=_folders(environ, "EXTRACTOR_SCHEMAS"),
        home=_home(environ),
        ledger=_ledger(environ, ledger),
    )


def _ledger(environ: Mapping[str, str], option: str | None) -> SecretStr | None:
    address = option or environ.get("EXTRACTOR_LEDGER", "").strip()
    if not address:
        return None
    setting = "--ledger" if option else "EXTRACTOR_LEDGER"
    # No message holds the address: part of it may be a password.
    if not re.match(r"postgres(ql)?://", address):
        raise SettingsError(
            f"{setting} is not the address of a PostgreSQL database",
            hint="expected postgresql://user@host:5432/database",
        )
    if option and re.search(r"//[^/?#@]*:[^/?#]*@|[?&]password=", option):
        raise SettingsError(
            "--ledger holds a password, which others on this machine can read",
            hint="put the whole address into EXTRACTOR_LEDGER, or the password into PGPASSWORD "
            "or ~/.pgpass",
        )
    return SecretStr(address)


def _check_address(address: str, setting: str) -> None:
    if re.match(r"[^/?#]*//[^/?#]*@", address):
        raise SettingsError(
            f"{setting} holds a user name or password",
            hint="put the key into OPENAI_API_KEY; addresses are shown in messages",
        )
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        usable = False
    if not usable:
        raise SettingsError(
            f"{setting} is {address!r}, which is not an HTTP address",
            hint="expected something like http://127.0.0.1:8080/v1",
        )


MOST_PARALLEL = 64


def _parallel(environ: Mapping[str, str]) -> int:
    told = environ.get("EXTRACTOR_PARALLEL", "").strip() or "1"
    number = int(told) if re.fullmatch(r"[0-9]{1,3}", told) else 0
    if not 1 <= number <= MOST_PARALLEL:
        raise SettingsError(
            f"EXTRACTOR_PARALLEL is {told!r}", hint=f"expected a number from 1 to {MOST_PARALLEL}"
        )
    return number


def _decoding(environ: Mapping[str, str]) -> Literal["auto", "schema", "grammar"]:
    match environ.get("EXTRACTOR_DECODING", "").strip():
        case "":
            return "auto"
        case ("auto" | "schema" | "grammar") as decoding:
            return decoding
        case other:
            raise SettingsError(
                f"EXTRACTOR_DECODING is {other!r}",
                hint="expected 'schema', 'grammar' for a server that obeys LLGuidance grammars, "
                "or 'auto' to find out",
            )


def _folders(environ: Mapping[str, str], setting: str) -> tuple[Path, ...]:
    value = environ.get(setting, "").strip()
    folders = tuple(Path(part) for part in value.split(":") if part)
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(
                f"{setting} names {str(folder)!r}, which is not a folder",
                hint="expected folders separated by ':'",
            )
    return folders


def _home(environ: Mapping[str, str]) -> Path:
    if home := environ.get("EXTRACTOR_HOME", "").strip():
        return Path(home)
    cache = environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(cache) if cache else Path.home() / ".cache") / "extractor"
