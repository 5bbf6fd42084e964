"""Whether mentioned events happened, read off the words around them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import Article, extract
from extractor.resolve.realis import realis
from extractor.resolve.words import Words
from tests.fake_model import FakeModel


def of(sentence: str) -> str:
    """The class of the words between brackets."""
    before, _, rest = sentence.partition("<")
    own, _, behind = rest.partition(">")
    words = Words(
        own, ((len(before), len(before) + len(own)),), Article(text=before + own + behind)
    )
    return str(realis(words).value)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Burglars <broke into> the servers of the tax office on Monday.", "actual"),
        ("The bank <has paid> the ransom.", "actual"),
        ("The hole <affects> routers of Velor.", "actual"),
        ("The two ministers will <meet> on Friday.", "other"),
        ("The office will not <pay>.", "other"),
        ("The hole can <be used> by strangers.", "other"),
        ("There was no sign that data <were copied>.", "other"),
        ("The maker denied that it <was warned>.", "other"),
        ("It survived an attempted <break-in>.", "other"),
        ("The firm won’t <pay>.", "other"),
        ("Burglars often <ask> for money.", "generic"),
        ("If you open the letter, it <locks> your files.", "generic"),
        ("Hackers <sell> such lists.", "generic"),
        ("An expert on <phishing attacks> spoke.", "generic"),
        ("Victims <pay> in the end.", "generic"),
        ("Hackers <sold> the list last week.", "actual"),
    ],
)
def test_the_words_around_say_whether_it_happened(sentence: str, expected: str) -> None:
    assert of(sentence) == expected


def test_what_an_earlier_sentence_denies_is_another_matter() -> None:
    assert of("Nobody came. The bank <paid> the ransom.") == "actual"


def test_the_numbers_of_mentions_are_no_words() -> None:
    assert of("The office will [2] not <[3] pay> it.") == of("The office will not <pay> it.")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_has_a_class(before: str, own: str, behind: str) -> None:
    own = f"x{own}"  # words that say something
    place = (len(before), len(before) + len(own))
    found = realis(Words(own, (place,), Article(text=before + own + behind)))
    assert found.value in {"actual", "generic", "other"}
    assert found.reason is None


def test_a_record_of_mentions() -> None:
    text = "Burglars [1] broke into the tax office on Monday. The office [2] will not pay."
    model = FakeModel(
        says=lambda _: json.dumps({"mentions": ["[1] broke into", "[2] will not pay"]})
    )
    found = extract(Article(text=text), prompt="realis@2", model=model, repair=0)
    assert found.record is not None
    assert [m["realis"] for m in found.record.model_dump(mode="json")["mentions"]] == [
        "actual",
        "other",
    ]
    assert found.evidence["/mentions/1/realis"].support == "computed"
