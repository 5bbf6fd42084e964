"""The embedded engine: llama.cpp's own server, started in this process on the loopback device."""

from __future__ import annotations

import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.errors import EmbeddedModelError, EngineMissing

if TYPE_CHECKING:
    from types import ModuleType

HOST = "127.0.0.1"
READY_SECONDS = 120.0
QUIET = -1
"""Below every level of llama.cpp's log, which would otherwise go to standard error."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine: an OpenAI-compatible endpoint that only this process has the key of.

    `context` is what one request may hold, prompt and reply together, in tokens.
    """

    base_url: str
    api_key: str = field(repr=False)
    model: str
    context: int


@contextmanager
def engine(
    weights: Path, *, context: int = 8192, parallel: int = 1, threads: int | None = None
) -> Iterator[Engine]:
    """Runs the engine with a verified weights file for as long as the block lasts.

    `parallel` is the number of requests served at once, each with `context` tokens of its
    own; `threads` None leaves their number to llama.cpp. Loading takes seconds during which
    no other Python thread runs: enter it in the main thread, before an event loop starts.
    Raises `EngineMissing` without the extra `local`, `EmbeddedModelError` when it does not start.
    """
    xllamacpp = _import_engine()
    key = secrets.token_urlsafe(32)
    params = _params(xllamacpp, weights, key, context * parallel, parallel, threads)
    server = _start(xllamacpp, params, weights)
    try:
        _wait_until_ready(server.listening_address)
        yield Engine(f"{server.listening_address}/v1", key, weights.stem, context)
    finally:
        # It has no method to stop it: its destructor ends the threads and frees the model.
        del server


def _import_engine() -> ModuleType:
    try:
        import xllamacpp
    except ImportError as error:
        raise EngineMissing(
            f"the embedded model needs the package xllamacpp: {error}",
            hint="pip install 'extractor[local]', or name another endpoint in EXTRACTOR_BASE_URL",
        ) from error
    module: ModuleType = xllamacpp
    return module


def _params(
    xllamacpp: ModuleType, weights: Path, key: str, tokens: int, parallel: int, threads: int | None
) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = [weights.stem]
    params.n_ctx = tokens
    params.n_parallel = parallel
    params.hostnames = [HOST]
    params.port = 0
    params.api_keys = [key]
    params.verbosity = QUIET
    params.ui = False
    # Prompts of the past, of up to 8 GiB by default. Articles do not come back, but the
    # beginning that their prompts have in common does, after a repair in between: that is
    # about 100 MiB, and what is reused without another prompt in between needs none.
    params.cache_ram_mib = 512
    if threads is not None:
        params.cpuparams.n_threads = threads
    return params


def _start(xllamacpp: ModuleType, params: Any, weights: Path) -> Any:
    """The server, its model loaded."""
    try:
        with _interrupts_kept():
            return xllamacpp.Server(params)
    except RuntimeError as error:
        raise EmbeddedModelError(
            f"the engine cannot load {weights}: {error}",
            hint="is there memory enough? `extractor model pull` checks the file",
        ) from error


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Puts the handlers of SIGINT and SIGTERM back, which the engine replaces by its own.

    Its handler would stop the engine where the program expects a KeyboardInterrupt, and
    crash the process once the engine is gone. Outside the main thread Python cannot do it.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if handler is not None:  # None: not Python's either before
                    signal.signal(number, handler)


def _wait_until_ready(address: str) -> None:
    """Returns when `/health` says 200; it says 503 while the model is loading."""
    import httpx2

    def status() -> int | str:
        try:
            return client.get(f"{address}/health").status_code
        except httpx2.TransportError as error:
            return type(error).__name__

    # A proxy named in the environment knows nothing of this machine's loopback device.
    with httpx2.Client(trust_env=False, timeout=5) as client:
        deadline = time.monotonic() + READY_SECONDS
        while (found := status()) != 200:
            if time.monotonic() > deadline:
                raise EmbeddedModelError(
                    f"the engine is not ready after {READY_SECONDS:.0f} s (/health: {found})",
                    hint="is another program using this machine?",
                )
            time.sleep(0.1)
