"""The embedded model: pinned weights, how they get here, and the engine that runs them."""

from extractor.embedded.download import Progress, pull
from extractor.embedded.engine import Engine, engine
from extractor.embedded.weights import DEFAULT_WEIGHTS, WEIGHTS, Weights, find, weights_path

__all__ = [
    "DEFAULT_WEIGHTS",
    "WEIGHTS",
    "Engine",
    "Progress",
    "Weights",
    "engine",
    "find",
    "pull",
    "weights_path",
]
