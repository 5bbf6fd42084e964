"""Names and meanings of the measurements that services and backfills have in common."""

from __future__ import annotations

Measure = tuple[str, str]
"""A name for Prometheus, without its `_total`, and what it means."""

TOKENS: Measure = (
    "extractor_model_tokens",
    "Tokens that the model took, by kind; cached ones are input too.",
)
TOKEN_KINDS = ("input", "cached", "output")
INFO: Measure = ("extractor_info", "Always 1: the version, and the model that is asked.")
