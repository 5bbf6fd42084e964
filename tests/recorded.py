"""What is recorded: the cases, the recipe, the model, and the folder of the cassettes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from extractor.api import recipe_for
from extractor.cases import Case, read_cases
from extractor.catalog import Recipe
from extractor.embedded import DEFAULT_WEIGHTS

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "evals" / "articles"
CASSETTES = ROOT / "cassettes"
MODEL = DEFAULT_WEIGHTS.name


def recorded_cases() -> tuple[Case, ...]:
    """The cases whose answers are recorded."""
    return read_cases(CASES)


def recorded_recipe() -> Recipe:
    """The recipe that they are recorded with: what `extract` uses by default."""
    return recipe_for(None, None)


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
        timeout=120,
        check=False,
        env={**os.environ, **(env or {})},
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
