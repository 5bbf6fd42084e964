"""The benchmarks' server with a script of the test's own, in a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.instant import Asked, Connection, Script


@contextmanager
def scripted(script: Script, latency: float = 0.0) -> Iterator[tuple[str, Asked]]:
    """Its base URL, and what it is asked; answers take `latency` seconds."""
    asked = Asked()
    ready: list[str] = []
    begun = threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        clients: list[Connection] = []

        def connected() -> Connection:
            clients.append(Connection(asked, script, latency))
            return clients[-1]

        server = await loop.create_server(connected, "127.0.0.1", 0, backlog=256)
        ready.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for client in clients:
                client.close()

    task = loop.create_task(serve())
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    begun.wait()
    try:
        yield ready[0], asked
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()
