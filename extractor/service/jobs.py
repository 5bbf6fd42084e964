"""Many articles at once: a job is a file of articles beside the ledger, and a run over it there.

A job is kept before it is accepted, as `ID.jsonl` (its articles, a line each) and then `ID.json`
(what it is to be done with, and its state). After a kill the service goes on with those that are
not at their end; what was answered until then is in the ledger.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from extractor.articles import read_lines
from extractor.asking import recipe_identity
from extractor.catalog import Recipe
from extractor.errors import ExtractorError, InputError, StoreError
from extractor.model import Model
from extractor.records import Article, Extraction, Usage
from extractor.service.files import write_whole
from extractor.shards import Counts, run_shard
from extractor.store import Run, Source, Store

State = Literal["waiting", "running", "done", "cancelled", "failed"]
ENDED: frozenset[State] = frozenset({"done", "cancelled", "failed"})
MAX_ARTICLES = 1_000
_LOG = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Job:
    """`prompt` and `schema` are versions, never labels: these may move before it is done.

    `reason` says why it failed as a whole, `run` is its run in the ledger once it has begun, and
    `counts` how far it is. It is done on the account of `client`.
    """

    id: str
    prompt: str
    schema: str
    total: int
    created: str
    state: State = "waiting"
    reason: str = ""
    run: int | None = None
    client: str = ""
    counts: Counts = field(default_factory=Counts)

    def to_dict(self) -> dict[str, Any]:
        """What a client is told."""
        counts = {
            status: getattr(self.counts, status)
            for status in ("complete", "partial", "rejected", "failed")
        }
        return {
            "id": self.id,
            "state": self.state,
            "reason": self.reason,
            "prompt": self.prompt,
            "schema": self.schema,
            "created": self.created,
            "articles": self.total,
            "done": self.counts.done,
            **counts,
            "usage": self.counts.usage.model_dump(),
        }


class Jobs:
    """The jobs of a folder, done one after the other in the order of their coming.

    `account` is the model on the account of a client, and `recipe` makes a recipe of a prompt's
    and a schema's version; `made` is told of each record. Enter it in the
    event loop that asks the model.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        account: Callable[[str], Model],
        recipe: Callable[[str, str], Recipe],
        made: Callable[[Extraction[Any]], None],
        *,
        concurrency: int,
    ) -> None:
        self._folder = folder
        self._store = store
        self._account = account
        self._recipe = recipe
        self._made = made
        self._concurrency = concurrency
        self._jobs: dict[str, Job] = {}
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._stops: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._is_closing = False
        self._worker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Jobs:
        self._folder.mkdir(parents=True, exist_ok=True)
        for job in sorted(self._found(), key=lambda job: job.created):
            self._jobs[job.id] = job
            if job.state not in ENDED:
                self._waiting.put_nowait(job.id)
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stops the work; a job that is not at its end goes on with the next start."""
        assert self._worker is not None
        for stop in self._stops.values():
            stop.set()
        self._waiting.put_nowait("")
        await self._worker

    def count_unfinished(self) -> int:
        """How many are not at their end."""
        return sum(job.state not in ENDED for job in self._jobs.values())

    def find(self, job_id: str) -> Job | None:
        """The job of that id."""
        return self._jobs.get(job_id)

    def begin(self, articles: Sequence[str], recipe: Recipe, client: str) -> Job:
        """Takes on the articles (JSON objects, a line each). On the disk when it returns.

        Raises `StoreError`.
        """
        job = Job(
            secrets.token_hex(16),
            recipe.prompt.id,
            recipe.schema.id,
            len(articles),
            datetime.now(UTC).isoformat(),
            client=client,
        )
        write_whole(self._lines(job.id), "".join(f"{line}\n" for line in articles))
        self._keep(job)
        self._waiting.put_nowait(job.id)
        return job

    def cancel(self, job_id: str) -> Job:
        """Starts no more of its articles; what has an outcome stays."""
        job = self._jobs[job_id]
        if job.state not in ENDED:
            self._become(replace(job, state="cancelled"))
            if stop := self._stops.get(job_id):
                stop.set()
        return self._jobs[job_id]

    def results(self, job_id: str) -> Iterator[str]:
        """The extractions that there are, in the order of the articles, each as JSON."""
        run = self._jobs[job_id].run
        return iter(()) if run is None else Run(self._store, run).results()

    def let_go(self) -> None:
        """Ends what follows jobs (`changes`): the service is about to stop."""
        self._is_closing = True
        self._tell()

    async def changes(self, job_id: str) -> AsyncIterator[Job]:
        """The job as it is, and again with each change, until its end or the service's."""
        shown = None
        while True:
            changed, job = self._changed, self._jobs[job_id]
            if job != shown:
                shown = job
                yield job
            if job.state in ENDED or self._is_closing:
                return
            await changed.wait()

    # ------------------------------------------------------------------ the work

    async def _work(self) -> None:
        while job_id := await self._waiting.get():
            job = self._jobs[job_id]
            if job.state in ENDED:
                continue
            stop = self._stops[job_id] = asyncio.Event()
            try:
                counts = await self._do(job, stop)
            except ExtractorError as error:
                self._become(replace(self._jobs[job_id], state="failed", reason=error.message))
            except Exception as error:  # the jobs behind it are to be done all the same
                _LOG.exception("job %s", job_id)
                reason = f"an error inside the service ({type(error).__name__}): see its log"
                self._become(replace(self._jobs[job_id], state="failed", reason=reason))
            else:
                if self._jobs[job_id].state == "running" and not counts.interrupted:
                    self._become(replace(self._jobs[job_id], state="done", counts=counts))
            finally:
                del self._stops[job_id]

    async def _do(self, job: Job, stop: asyncio.Event) -> Counts:
        recipe = self._recipe(job.prompt, job.schema)
        source = Source(f"jobs/{job.id}.jsonl", 0, 0)  # a job's file never changes
        model = self._account(job.client)
        begun = self._store.begin([source], recipe_identity(recipe, model))
        run = replace(begun, on_made=self._made)
        self._become(replace(job, state="running", run=run.id))

        def told(counts: Counts) -> None:
            self._jobs[job.id] = replace(self._jobs[job.id], counts=counts)
            self._tell()

        return await run_shard(
            self._articles(job.id),
            recipe,
            model,
            run,
            concurrency=self._concurrency,
            on_progress=told,
            stop=stop,
        )

    def _become(self, job: Job) -> None:
        """A new state, on the disk first."""
        self._keep(job)
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    # ------------------------------------------------------------------ the files

    def _articles(self, job_id: str) -> Iterator[Article | InputError]:
        """They are named by their places in the job; where the service keeps it is nobody's
        business."""
        with self._lines(job_id).open("rb") as stream:
            yield from read_lines(stream, "articles")

    def _lines(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.jsonl"

    def _keep(self, job: Job) -> None:
        kept = {name: value for name, value in asdict(job).items() if name not in {"id", "counts"}}
        counts = asdict(job.counts) | {"usage": job.counts.usage.model_dump()}
        text = json.dumps({**kept, "counts": counts})
        write_whole(self._folder / f"{job.id}.json", text)
        self._jobs[job.id] = job

    def _found(self) -> Iterator[Job]:
        for path in self._folder.glob("*.json"):
            if _ID.fullmatch(path.stem):
                yield _read(path)


def _read(path: Path) -> Job:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        usage = Usage.model_validate(kept["counts"].pop("usage"))
        return Job(path.stem, **{**kept, "counts": Counts(**kept["counts"], usage=usage)})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreError(
            f"{path}: not a job: {error}", hint="move it away and start again"
        ) from error
