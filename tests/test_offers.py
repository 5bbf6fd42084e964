"""What a repair offers where a check knows what kind of words belong in a field."""

from __future__ import annotations

from typing import Any

import pytest

from extractor.api import recipe_for
from extractor.checks.offers import MOST, offers
from extractor.records import Article
from extractor.repair import Mended, Repairer

TEXT = """\
Norland's prime minister, Ida Solvang, left the capital on Monday for talks with U.S. President
Aldo Brandt, two officials told the New York Herald on Tuesday. They may meet as early as Thursday.
“J. R. Vik will not be there,” Foreign Minister Pavel de la Dorn said. Ida Solvang declined.
"""


def names(*refused: str) -> tuple[str, ...]:
    return offers("contradicted.participant", TEXT, refused)


def test_names_are_offered_without_what_is_said_of_them() -> None:
    assert names() == (
        "Ida Solvang",
        "Aldo Brandt",
        "New York Herald",
        "J. R. Vik",
        "Pavel de la Dorn",
    )


@pytest.mark.parametrize("refused", ["Solvang", "Ida Solvang, prime minister", "SOLVANG"])
def test_nobody_is_offered_who_shares_a_name_with_one_refused(refused: str) -> None:
    assert names(refused)[0] == "Aldo Brandt"


def test_times_are_offered_with_the_words_that_limit_them() -> None:
    found = offers("contradicted.occasion", TEXT, ["late on Monday"])
    assert found == ("on Tuesday", "as early as Thursday")


def test_other_problems_have_no_list() -> None:
    assert offers("ungrounded", TEXT, []) == ()
    assert offers("contradicted.source", TEXT, []) == ()


def test_a_list_is_short() -> None:
    text = " and ".join(f"Anna B{'abcdefghijklmnopqrstuvwxyz'[n]}rg" for n in range(26))
    assert len(offers("contradicted.participant", text, [])) == MOST


@pytest.mark.parametrize("text", ["", "Oslo", "South Korea", "🛳️ №", "\u200fשלום עולם"])
def test_a_text_without_names_offers_none(text: str) -> None:
    assert offers("contradicted.participant", text, []) == ()


# ------------------------------------------------------------------ in a repair

VISIT_TEXT = """\
LUNDE, May 2 - Premier Ida Solvang will visit Brenna for talks with Aldo Brandt, Radio Sund \
reported on Monday.
The two will meet on Thursday in the old castle, Brandt's spokesman said."""
VISIT: dict[str, Any] = {
    "lead": "Premier Ida Solvang will visit Brenna",
    "genre": "report",
    "main_event": {
        "actors": [{"name": "Ida Solvang", "sector": "GOV"}],
        "recipients": [{"name": "Brenna", "sector": "GOV"}],
        "places": [{"text": "Brenna", "role": "destination"}],
        "type": "CONSULT",
        "mode": "visit",
        "trigger": "visit",
        "factuality": {"cue": None, "certainty": "CT", "polarity": "+", "tense": "FUTURE"},
        "time": {"text": "Monday"},
        "quantities": [],
    },
    "attributions": [],
    "other_events": [],
}


def test_a_repair_is_answered_out_of_a_list() -> None:
    repairer = Repairer(Article(text=VISIT_TEXT), recipe_for(None, "event@2"))
    plan = repairer.plan(Mended(VISIT))
    assert plan is not None
    fields = {failure.path: name for name, failure in plan.fields.items()}
    who = fields["/main_event/recipients/0/name"]
    when = fields["/main_event/time/text"]
    asked = plan.request.wire_schema["properties"]
    assert asked[who]["anyOf"][0]["enum"] == ["Aldo Brandt"]
    assert asked[when]["anyOf"][0]["enum"] == ["May 2", "on Thursday"]
    assert 'One of "Aldo Brandt".' in plan.request.messages[-1].content


def test_what_was_answered_in_vain_is_offered_no_more() -> None:
    repairer = Repairer(Article(text=VISIT_TEXT), recipe_for(None, "event@2"))
    state = Mended(VISIT, tried={"/main_event/time/text": ("on Thursday",)})
    plan = repairer.plan(state)
    assert plan is not None
    assert 'One of "May 2".' in plan.request.messages[-1].content
