"""How a backfill is to be done, beside what is read and who is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractor.articles import AS_NAMED, Columns
from extractor.backfill.batch_post import BatchApi
from extractor.backfill.choice import ALL, Choice
from extractor.backfill.parts import Form
from extractor.backfill.reports import Reports
from extractor.backfill.spending import Budget
from extractor.prices import Prices
from extractor.store import Server

CONCURRENCY = 16


@dataclass(frozen=True)
class Plan:
    """`columns` are those of `sources.read_inputs`; `concurrency` is of articles; `prices`
    None are those that were given for this run before; `server` None is a ledger in the folder
    of the output; `via` None asks request by request."""

    columns: Columns = field(default_factory=lambda: AS_NAMED)
    concurrency: int = CONCURRENCY
    form: Form = "jsonl"
    choice: Choice = ALL
    budget: Budget | None = None
    prices: Prices | None = None
    server: Server | None = None
    via: BatchApi | None = None
    reports: Reports = field(default_factory=Reports)
