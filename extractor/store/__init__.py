"""The ledger: every answer that was received, every record made of it, and who it was for.

Three facts are kept apart, because they are lost and paid for differently:

* `replies`: what a model answered. The key is all that determined the request, and
  nothing else, so that a new version of extractor makes its records from old answers;
* `records`: what extractor made of an answer (or why there is none);
* `work`: which record belongs to which place of a run's input. The same article may
  stand there many times, under several ids.

Beside these, `batches`: what was sent to a provider's Batch API and is not answered yet.

`ledger` keeps and finds, `view` only looks, over one set of `tables`; what each article takes is in
`statements`. Underneath is a `file` of SQLite, or a `server` of PostgreSQL, where `leases` say who
works at what. The keys are made in `asking`.
Each write is one transaction, on the disk when the call returns (SQLite: WAL, `synchronous=FULL`);
but a record, which is made of its reply again for nothing, is not waited for.
Every failure is a `StoreError` that names the ledger.
"""

from extractor.store.batches import Batch, Batches, Line
from extractor.store.file import locked
from extractor.store.ledger import Entry, Facts, Ledger, Reason, Run, Source, Standing, Store
from extractor.store.patience import patiently, present
from extractor.store.server import Server
from extractor.store.tables import APPLICATION_ID, LEDGER_VERSION
from extractor.store.view import Known, Paid, RunState, Unusable, View

__all__ = [
    "APPLICATION_ID",
    "LEDGER_VERSION",
    "Batch",
    "Batches",
    "Entry",
    "Facts",
    "Known",
    "Ledger",
    "Line",
    "Paid",
    "Reason",
    "Run",
    "RunState",
    "Server",
    "Source",
    "Standing",
    "Store",
    "Unusable",
    "View",
    "locked",
    "patiently",
    "present",
]
