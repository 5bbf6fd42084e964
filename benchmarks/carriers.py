"""The texts that cases are cut from: our own articles with invented briefs, and long ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from benchmarks.briefs import briefs

ARTICLES = Path(__file__).resolve().parent.parent / "evals" / "articles"


@dataclass(frozen=True)
class Carrier:
    text: str
    language: str


@dataclass(frozen=True)
class Carriers:
    """The texts of one seed."""

    seed: int
    variants: int = 4

    @cached_property
    def articles(self) -> tuple[Carrier, ...]:
        """Each of our articles several times, each time with other briefs at its end."""
        rng = Random(f"{self.seed}/articles")
        made = []
        for path in sorted(ARTICLES.glob("*.json")):
            article = json.loads(path.read_text(encoding="utf-8"))["article"]
            language = article["language"]
            for _ in range(self.variants if language == "en" else 3 * self.variants):
                more = briefs(rng, language, 20 if language == "en" else 4)
                made.append(Carrier(f"{article['text']}\n\n{more}", language))
        return tuple(made)

    def of(self, rng: Random, *languages: str) -> Carrier:
        """One of the texts, in one of the languages where any is named."""
        return rng.choice([c for c in self.articles if not languages or c.language in languages])

    @cached_property
    def long(self) -> tuple[str, ...]:
        """Three texts of some 100,000 characters, an article in the midst of each."""
        return self._padded("100 KB", 100_000, 3)

    @cached_property
    def longest(self) -> tuple[str, ...]:
        """Two texts of some 1,000,000 characters, an article in the midst of each."""
        return self._padded("1 MB", 1_000_000, 2)

    def _padded(self, name: str, size: int, number: int) -> tuple[str, ...]:
        rng = Random(f"{self.seed}/{name}")
        sentences = size // 190  # half of the text; a brief has some 95 characters
        return tuple(
            f"{briefs(rng, 'en', sentences)}\n\n{self.of(rng, 'en').text}\n\n"
            f"{briefs(rng, 'en', sentences)}"
            for _ in range(number)
        )
