"""What is recorded: the cases, the recipes, the model, and the folder of the cassettes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.api import recipe_for
from extractor.cases import Case, read_cases
from extractor.cassettes import cassette_path, replaying
from extractor.catalog import Recipe
from extractor.embedded import DEFAULT_WEIGHTS
from extractor.openai_model import OpenAIModel
from extractor.pipeline import extract_one
from extractor.records import Extraction

ROOT = Path(__file__).resolve().parent.parent
EVALS = ROOT / "evals"
CASES = EVALS / "articles"
CASSETTES = ROOT / "cassettes"
MODEL = DEFAULT_WEIGHTS.name
UNDER_GRAMMAR = {"EXTRACTOR_DECODING": "grammar"}
"""What a process is told that asks a server which replays: recordings are made under grammars."""

AS_RECORDED = ("--repair", "0")
"""What a process is told, too: recordings are of first replies alone."""

_FOLDERS = {
    "event@production": "articles",
    "attributions@production": "attributions",
    "incident@production": "incidents",
    "event-sentences@1": "articles",
    "event-both@1": "articles",
}
"""The folder of cases that each prompt is recorded with, as in the Makefile."""
_FEW = 8


@dataclass(frozen=True)
class Recording:
    """Cases whose answers are recorded, and the recipe that they are recorded with."""

    recipe: Recipe
    cases: tuple[Case, ...]

    @property
    def name(self) -> str:
        """The prompt's, with its version."""
        return self.recipe.prompt.id


def recordings() -> tuple[Recording, ...]:
    """Each prompt that is recorded, with its cases."""
    return tuple(
        Recording(recipe_for(None, prompt), read_cases(EVALS / folder))
        for prompt, folder in _FOLDERS.items()
    )


def recorded_cases() -> tuple[Case, ...]:
    """The cases whose answers are recorded with `recorded_recipe`."""
    return read_cases(CASES)


def some_recorded_cases() -> tuple[Case, ...]:
    """The first eight by name and all that are not in English, for tests that take long."""
    return tuple(
        case
        for number, case in enumerate(recorded_cases())
        if number < _FEW or case.article.language not in {None, "en"}
    )


def recorded_case(name: str) -> Case:
    """The recorded case of that name."""
    return next(case for case in recorded_cases() if case.id == name)


def recorded_recipe() -> Recipe:
    """The recipe that articles are recorded with: what `extract` uses by default."""
    return recipe_for(None, None)


def recorded_model(base_url: str = "http://model.local/v1") -> OpenAIModel:
    """Asks whoever replays as the embedded model was asked when it was recorded."""
    return OpenAIModel(MODEL, base_url=base_url, decoding="grammar")


def replayed(recording: Recording, case: Case) -> Extraction[Any]:
    """What the recorded answer to a case amounts to."""
    model = recorded_model()
    cassette = cassette_path(CASSETTES, recording.recipe, model, case.id)

    async def work() -> Extraction[Any]:
        with replaying(cassette):
            async with model:
                return await extract_one(case.article, recording.recipe, model)

    return asyncio.run(work())


def command(
    *arguments: str, stdin: str | bytes = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, from the root of the repository."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [sys.executable, "-m", "extractor", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        timeout=600,
        check=False,
        env={**os.environ, **(env or {})},
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def command_at(
    endpoint: str, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`command`, asking a server that replays what the embedded model answered."""
    options = ("--base-url", endpoint, "--model", MODEL, *AS_RECORDED)
    return command(*arguments, *options, stdin=stdin, env={**UNDER_GRAMMAR, **(env or {})})
