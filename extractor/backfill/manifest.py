"""What an output is: counts, digests, settings, tokens and cost, all of it from the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from extractor.backfill.parts import Form, Written
from extractor.prices import Prices
from extractor.records import Usage
from extractor.store import Facts, Paid
from extractor.version import __version__

FORMAT = 1
"""The version of the manifest's form."""


def manifest(facts: Facts, paid: Paid, written: Written, form: Form) -> dict[str, Any]:
    """The content of `manifest.json`. The same ledger gives the same; no other time is in it
    than those of the ledger and of the inputs.

    `articles` counts places of the inputs by their state. `taken` is what the records of this
    run took, `ledger` what all replies took that the folder's ledger holds, of other runs too.
    """
    statuses = facts.statuses
    prices = None if facts.prices is None else Prices(**facts.prices)
    return {
        "format": FORMAT,
        "extractor": __version__,
        "inputs": [asdict(source) for source in facts.inputs],
        "settings": {**facts.recipe, "format": form},
        "articles": {
            "reached": facts.reached,
            "waiting": facts.waiting,
            "done": statuses.get("complete", 0) + statuses.get("partial", 0),
            **{name: statuses.get(name, 0) for name in STATUSES},
        },
        "problems": dict(written.problems),
        "prices": facts.prices,
        "taken": {
            "tries": facts.tries,
            "attempts": facts.attempts,
            **_tokens(facts.usage, prices),
        },
        "ledger": {
            "replies": paid.replies,
            "attempts": paid.attempts,
            "first": paid.first,
            "last": paid.last,
            **_tokens(paid.usage, prices),
        },
        "parts": [asdict(part) for part in written.parts],
    }


STATUSES = ("complete", "partial", "rejected", "failed")


def _tokens(usage: Usage, prices: Prices | None) -> dict[str, Any]:
    return {**usage.model_dump(), "cost": prices and round(prices.cost(usage), 6)}
