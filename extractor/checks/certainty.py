"""The certainty of an event against the words that hedge or confirm it."""

from __future__ import annotations

from extractor.checks.claim import Claim
from extractor.checks.clauses import Clause, clause_of
from extractor.checks.cues import CERTAINTIES, cues_of

_NAMES = {"CERTAIN": "CT", "PROBABLE": "PR", "POSSIBLE": "PS", "UNCOMMITTED": "U"}


def check_certainty(claim: Claim) -> str | None:
    """Whether a certainty (FactBank: CT, PR, PS, U, or its name) follows from the words.

    Proves that the words that hedge the event in its clause go with the value: "may" with PS,
    "expected" with PR, "whether" with U, none of them with CT, and CT with nothing else. Who
    says it does not matter: attributed is not possible. Leaves open what readers differ on
    ("allegedly", plans, demands), and knows no irony and no hedge of another sentence.
    """
    given = str(claim.value).upper()
    value = _NAMES.get(given, given)
    if value not in CERTAINTIES:
        return f"{claim.value!r} is no certainty; it is one of {', '.join(CERTAINTIES)}"
    clause = clause_of(claim)
    allowed, shown = certainties_of(clause)
    if value in allowed:
        return None
    expected = " or ".join(each for each in CERTAINTIES if each in allowed)
    return f"{claim.quote!r} is {expected} by {shown}, not {value}"


def certainties_of(clause: Clause) -> tuple[frozenset[str], str]:
    """The certainties that the clause allows, and the words that decide."""
    cues = cues_of(clause)
    hedges = [cue for cue in cues if cue.sense.certainties != {"CT"}]
    if not hedges:
        shown = "its words: nothing hedges it"
        return frozenset({"CT"}), shown
    allowed = frozenset[str]().union(*(cue.sense.certainties for cue in hedges))
    strict = [cue for cue in hedges if "CT" not in cue.sense.certainties]
    if strict:  # "confirmed plans" that "may" be: the hedge decides
        allowed = frozenset[str]().union(*(cue.sense.certainties for cue in strict))
    words = dict.fromkeys(clause.text[cue.start : cue.end].strip() for cue in strict or hedges)
    return allowed, " and ".join(map(repr, words))
