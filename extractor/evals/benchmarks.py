"""Gold data that others made: MUC-4 (role fillers) and PolNeAR (attributions), scored their way.

A file has one JSON object a line: `{"id", "text", "published", "outlet", "gold"}`, with offsets in
code points. Such gold is no record of a schema of ours, and so it has scores of its own.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extractor.articles import parse_article
from extractor.cases import read_values
from extractor.errors import InputError
from extractor.evals.alignment import assign
from extractor.evals.scores import FieldScore, Scores
from extractor.records import Article, Extraction, Span, record_json

OVERLAP = 0.5
"""Two spans are one when they share at least this part of the characters that either has."""
POLNEAR_ARTICLES = 20
POLNEAR_CHARACTERS = 6_000


@dataclass(frozen=True)
class Marked:
    """The scores of one article: those that the data set's own figure sums up, and others."""

    scores: Scores
    beside: Scores


@dataclass(frozen=True)
class Benchmark:
    """A data set of others: its articles, what is right of each, and the prompt it is for."""

    name: str
    prompt: str
    articles: tuple[Article, ...]
    golds: tuple[Any, ...]
    mark: Callable[[Any, Extraction[Any]], Marked]

    def first(self, number: int | None) -> Benchmark:
        """Of its articles the first so many; all for None."""
        return replace(self, articles=self.articles[:number], golds=self.golds[:number])


def read_benchmark(path: Path) -> Benchmark | None:
    """The data set of a `.jsonl` file; None when its first line is none of a form known here.

    Of PolNeAR the first 20 articles of at most 6,000 characters are taken. Raises `InputError`.
    """
    if path.is_dir() or path.suffix.lower() != ".jsonl":
        return None
    lines = list(read_values(path))
    if not lines or (kind := _kind(lines[0][1])) is None:
        return None
    pairs = [(_article(value, where), value["gold"]) for where, value in lines]
    if kind == "polnear":
        short = [pair for pair in pairs if len(pair[0].text) <= POLNEAR_CHARACTERS]
        pairs = short[:POLNEAR_ARTICLES]
    prompt, mark = _KINDS[kind]
    articles, golds = zip(*pairs, strict=True)
    return Benchmark(kind, prompt, articles, golds, mark)


def _kind(line: Any) -> str | None:
    gold = line.get("gold") if isinstance(line, Mapping) else None
    if not isinstance(gold, Mapping) or "text" not in line:
        return None
    if "roles" in gold:
        return "muc4"
    found = gold.get("attributions")
    spans = isinstance(found, list) and all(isinstance(each.get("cue"), list) for each in found)
    return "polnear" if spans else None


def _article(value: Any, where: str) -> Article:
    if _kind(value) is None:
        raise InputError(f"{where}: not of the form of the first line", hint="see the data set")
    return parse_article({k: v for k, v in value.items() if k != "gold"}, where=where)


# ------------------------------------------------------------------------------------- MUC-4

ROLES: Mapping[str, str] = {
    "PerpInd": "perpetrator_individuals",
    "PerpOrg": "perpetrator_organizations",
    "Target": "physical_targets",
    "Victim": "victims",
    "Weapon": "weapons",
}
_ARTICLE_WORD = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normal(mention: str) -> str:
    """A mention as the scorer of CEAF-REE compares it: lower case, without ASCII punctuation
    and a, an, the; white space squeezed."""
    return " ".join(_ARTICLE_WORD.sub(" ", mention.lower().translate(_PUNCTUATION)).split())


def ceaf_ree(
    path: str, gold: Sequence[Iterable[str]], predicted: Sequence[Iterable[str]]
) -> FieldScore:
    """The entity-level score of one role of one document (Du, Rush and Cardie, 2021).

    An entity is a set of mentions. A predicted one matches a gold one when every mention of it
    is among the gold one's; each is used once, with the most matches in all.
    """
    golds = [{normal(mention) for mention in entity} for entity in gold]
    found = [{normal(mention) for mention in entity} for entity in predicted]
    weights = [[int(bool(one) and one <= entity) for one in found] for entity in golds]
    right = len(assign(weights))
    return FieldScore(path, right=right, missing=len(golds) - right, spurious=len(found) - right)


def mark_muc4(gold: Any, result: Extraction[Any]) -> Marked:
    """CEAF-REE by role; beside it that of relevant articles alone, and the incident type.

    The type is right when a template of the article has it, or when it is "none" and the
    article is not relevant. An article without a record has predicted nothing.
    """
    record = {} if result.record is None else record_json(result.record)
    roles = tuple(
        ceaf_ree(role, gold["roles"].get(role, []), [[said] for said in record.get(field, [])])
        for role, field in ROLES.items()
    )
    types = {template["incident_type"] for template in gold["templates"]} or {"none"}
    right = record.get("incident_type") in types
    scores = Scores(roles)
    beside = [FieldScore("incident type", right=int(right), wrong=int(not right))]
    if gold["relevant"]:
        micro = scores.micro
        beside.append(
            FieldScore(
                "roles, relevant articles",
                right=micro.right,
                missing=micro.missing,
                spurious=micro.spurious,
            )
        )
    return Marked(scores, Scores(tuple(beside)))


# ----------------------------------------------------------------------------------- PolNeAR

Characters = frozenset[int]
"""The places of characters; of a quotation that is ambiguous there are several such sets."""


def overlap(one: Characters, other: Characters) -> float:
    """The characters that both have, of those that either has; 1 when both have none."""
    return len(one & other) / len(one | other) if one or other else 1.0


def mark_polnear(gold: Any, result: Extraction[Any]) -> Marked:
    """Sources, cues and contents by overlap; beside them whole attributions, whose source and
    content both have to overlap. A gold source of no words is matched by none."""
    golds = [
        {part: _of_spans(each.get(part, [])) for part in _PARTS} for each in gold["attributions"]
    ]
    found = [_predicted(result, number) for number in range(_number(result))]
    parts = tuple(
        _matched(
            part,
            [[each[part]] for each in golds if each[part]],
            [each[part] for each in found if any(each[part])],
        )
        for part in _PARTS
    )
    weights = [
        [int(all(_meets([g[part]], p[part]) for part in ("source", "content"))) for p in found]
        for g in golds
    ]
    right = len(assign(weights))
    whole = FieldScore(
        "attribution", right=right, missing=len(golds) - right, spurious=len(found) - right
    )
    return Marked(Scores(parts), Scores((whole,)))


_PARTS = ("source", "cue", "content")


def _matched(
    path: str, golds: Sequence[Sequence[Characters]], found: Sequence[Sequence[Characters]]
) -> FieldScore:
    weights = [[int(_meets(gold, one)) for one in found] for gold in golds]
    right = len(assign(weights))
    return FieldScore(path, right=right, missing=len(golds) - right, spurious=len(found) - right)


def _meets(golds: Sequence[Characters], places: Sequence[Characters]) -> bool:
    return any(overlap(gold, place) >= OVERLAP for gold in golds for place in places)


def _of_spans(spans: Iterable[Mapping[str, Any]]) -> Characters:
    return frozenset(at for span in spans for at in range(span["start"], span["end"]))


def _number(result: Extraction[Any]) -> int:
    return 0 if result.record is None else len(record_json(result.record)["attributions"])


def _predicted(result: Extraction[Any], number: int) -> dict[str, list[Characters]]:
    """The places that each part of an attribution can have; one without characters for null."""
    found: dict[str, list[Characters]] = {}
    for part in _PARTS:
        evidence = result.evidence.get(f"/attributions/{number}/{part}")
        found[part] = [frozenset()] if evidence is None else _places(evidence.spans)
    return found


def _places(spans: Sequence[Span]) -> list[Characters]:
    characters = [frozenset(range(span.start, span.end)) for span in spans]
    if all(span.alignment == "ambiguous" for span in spans):
        return characters
    return [frozenset().union(*characters)]


_KINDS: Mapping[str, tuple[str, Callable[[Any, Extraction[Any]], Marked]]] = {
    "muc4": ("incident@production", mark_muc4),
    "polnear": ("attributions@production", mark_polnear),
}
