"""The benchmark's own promises: the same cases each time, every class, each case as it claims."""

from __future__ import annotations

import pytest

from benchmarks.cases import Case, Edit, rewrite
from benchmarks.generator import (
    CLASSES,
    SIZE,
    TO_BE_FOUND,
    TO_BE_REFUSED,
    TooFewCases,
    cases_of,
    generate,
)
from benchmarks.measure import measure
from benchmarks.selfcheck import complaint, count
from benchmarks.systems import Answer
from benchmarks.table import missed, table

LARGE = {"in 100 KB", "in 1 MB"}  # their texts take seconds to make
SMALL = [name for name in CLASSES if name not in LARGE]


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Case]]:
    return generate(seed=7, size=3, names=SMALL)


def test_the_same_seed_gives_the_same_cases(cases: dict[str, list[Case]]) -> None:
    assert generate(seed=7, size=3, names=SMALL) == cases
    assert generate(seed=8, size=3, names=["verbatim"])["verbatim"] != cases["verbatim"]


def test_every_class_has_cases_of_its_kind(cases: dict[str, list[Case]]) -> None:
    assert not TO_BE_FOUND.keys() & TO_BE_REFUSED.keys()
    assert len(CLASSES) * SIZE > 20_000
    assert {name for name, made in cases.items() if len(made) == 3} == set(SMALL)
    for name, made in cases.items():
        assert all(bool(case.expected) == (name in TO_BE_FOUND) for case in made), name


def test_each_case_is_what_it_claims(cases: dict[str, list[Case]]) -> None:
    for name, made in cases.items():
        assert [complaint(case) for case in made] == [None] * len(made), name


@pytest.mark.parametrize(
    ("text", "quote", "times"),
    [
        ("Kim wore a kimono. Kim’s Kimono", "Kim", 2),
        ("Kim wore a kimono.", "kimono", 1),
        ("112 people, 1.2 or 12", "12", 1),
        ("10² cells", "102 cells", 0),
        ("10² cells", "10 cells", 0),
        ("at −5 degrees", "5 degrees", 0),
        ("at −5 degrees", "-5 degrees", 1),
        ("1\u202f200 euros", "200 euros", 0),
        ("1\u202f200 euros", "1 200 euros", 1),
        ("it couldn’t", "could", 0),
        ("a first-\nrate offer", "first-rate offer", 1),
        ("a quota-\ntion", "quotation", 1),
        ("on 12\n15 came", "1215", 0),
        ("caf&eacute;\u200b", "cafe\u0301", 1),
        ("cafe", "café", 0),
        ("“no”…", '"no"...', 1),
        ("🇰🇷🇯🇵", "🇷🇯", 0),
        ("👍🏽", "👍", 0),
        ("4.5亿元，3月14日", "3月", 1),
        ("13月14日", "3月", 0),
        ("ha ha ha", "ha ha", 2),
    ],
)
def test_the_naive_search(text: str, quote: str, times: int) -> None:
    assert count(text, quote) == times


@pytest.mark.parametrize(
    "case",
    [
        Case("Ada came.", ("Ada came",), ()),
        Case("Ada came.", ("Ada left",), ((0, 8),)),
        Case("Ada came. Ada left.", ("Ada",), ((0, 3),)),
        Case("Ada came. Ada left.", ("Ada",), ((0, 3),), ambiguous=True),
        Case("Ada came.", ("Ada … came",), ((0, 3),), pieces=("Ada", "came")),
        Case("Ada came.", (" ",), ()),
    ],
)
def test_a_case_that_is_wrong_is_told(case: Case) -> None:
    assert complaint(case)


def test_a_rewritten_text_keeps_the_place() -> None:
    text, span = rewrite("one two three", [Edit(0, 3, "1"), Edit(5, 5, "--")], (4, 7))
    assert (text, text[slice(*span)]) == ("1 t--wo three", "t--wo")


def test_a_class_that_cannot_be_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.carriers import Carriers

    monkeypatch.setitem(CLASSES, "nothing", lambda _rng, _carriers: None)
    with pytest.raises(TooFewCases, match="nothing: 0 cases of 5"):
        list(cases_of("nothing", 5, Carriers(1)))


class Credulous:
    """Accepts whatever it is asked, at the text's start."""

    name = "credulous"
    slow = False

    def prepare(self, text: str) -> str:
        return text

    def locate(self, prepared: str, case: Case) -> Answer:
        return Answer(((0, len(case.quote)),))


def test_scores_and_bars() -> None:
    found = [Case("Ada came.", ("Ada",), ((0, 3),)), Case("Ada came.", ("came",), ((4, 8),))]
    scores = {
        "right": measure(Credulous(), found[:1]),
        "half": measure(Credulous(), found),
        "refused": measure(Credulous(), [Case("Ada came.", ("Bo",), ())]),
    }
    counts = [(s.accepted, s.right, s.wrong, s.holds) for s in scores.values()]
    assert counts == [(1, 1, 0, True), (2, 1, 1, False), (1, 0, 1, False)]
    told = missed(scores, shown=1)
    assert "half: 1 of 2" in told
    assert "0-4 'Ada '" in told
    assert "right:" not in told
    drawn = table(dict.fromkeys(("ours", "theirs", "others"), scores), {"theirs": 30})
    assert max(map(len, drawn.splitlines())) <= 80
    assert "theirs: at most 30 cases" in drawn
    assert "TO BE REFUSED" not in table({"ours": {"right": scores["right"]}}, {})
