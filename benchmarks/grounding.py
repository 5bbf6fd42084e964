"""The benchmark of grounding: `make bench-grounding`, or `python -m benchmarks.grounding`.

Exit status 1 when ours misses a bar: of each class that is to be found 99.5 % at the right
place, of each class that is to be refused nothing accepted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from random import Random

from benchmarks.cases import Case
from benchmarks.generator import CLASSES, SEED, SIZE, generate
from benchmarks.measure import Score, measure
from benchmarks.systems import System, installed
from benchmarks.table import missed, table


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    cases = generate(asked.seed, asked.size, [n for n in CLASSES if asked.only in n])
    print(f"{sum(map(len, cases.values()))} cases, seed {asked.seed}\n", flush=True)
    systems = list(installed())[: 1 if asked.ours else None]
    scores = {system.name: _scores(system, cases, asked.sample) for system in systems}
    sampled = {s.name: asked.sample for s in systems if s.slow}
    print(table(scores, sampled))
    ours = scores[systems[0].name]
    print(missed(ours, asked.show) or "no bar is missed")
    return 0 if all(score.holds for score in ours.values()) else 1


def _scores(system: System, cases: Mapping[str, list[Case]], sample: int) -> dict[str, Score]:
    """The score of each class; a slow system is asked a sample, the same each time."""
    scores = {}
    for name, all_cases in cases.items():
        asked = all_cases
        if system.slow and len(asked) > sample:
            asked = Random(name).sample(asked, sample)
        scores[name] = measure(system, asked)
    return scores


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grounding", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--size", type=int, default=SIZE, help="cases of a class (%(default)s)")
    parser.add_argument("--only", default="", metavar="TEXT", help="classes whose name has it")
    parser.add_argument("--ours", action="store_true", help="leave the peers out")
    parser.add_argument("--sample", type=int, default=30, help="cases of a class for peers")
    parser.add_argument("--show", type=int, default=2, help="failures shown of a class")
    return parser


if __name__ == "__main__":
    sys.exit(main())
