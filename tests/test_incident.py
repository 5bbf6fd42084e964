"""`incident@2`: what its fields may hold, and what of an incident is read off its words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor import Article, extract
from extractor.records import Extraction
from extractor.resolve.incidents import incident_type
from extractor.resolve.words import Words
from tests.fake_model import FakeModel

TEXT = (
    "BRENNA, 4 May - Two gunmen of the Red Delta shot Mayor Olav Renn and a guard in front of the "
    "market hall with rifles. The Delta said it was not there. A bomb in a van was found nearby."
)
SAID: dict[str, Any] = {
    "trigger": "shot",
    "time": "4 May",
    "places": ["BRENNA"],
    "victims": ["Mayor Olav Renn"],
    "organizations": ["Red Delta"],
    "individuals": ["Two gunmen"],
    "targets": ["market hall"],
    "weapons": ["rifles"],
}


def made(**said: Any) -> Extraction[Any]:
    """The record of a draft in its short form, without repairs."""
    draft = json.dumps({**SAID, **said})
    model = FakeModel(says=lambda _: draft)
    return extract(Article(text=TEXT), prompt="incident@2", model=model, repair=0)


def record(found: Extraction[Any]) -> dict[str, Any]:
    assert found.record is not None
    values: dict[str, Any] = found.record.model_dump(mode="json")
    return values


def left_out(found: Extraction[Any]) -> dict[str, str]:
    return {p.path: p.message for p in found.problems if p.code == "invalid"}


def test_a_record_of_what_the_report_says() -> None:
    found = made()
    assert left_out(found) == {}
    assert record(found)["incident_type"] == "attack"
    assert record(found)["victims"] == ["Mayor Olav Renn"]
    assert record(found)["stage"] is None
    assert found.evidence["/incident_type"].support == "computed"
    assert [span.text for span in found.evidence["/incident_type"].spans] == ["shot"]


@pytest.mark.parametrize(
    ("field", "said", "kept"),
    [
        ("victims", ["Mayor Olav Renn", "guard"], ["Mayor Olav Renn"]),
        ("weapons", ["rifles", "van"], ["rifles"]),
        ("targets", ["market hall", "Olav"], ["market hall"]),
        ("individuals", ["Two gunmen", "Delta said it"], ["Two gunmen"]),
        ("organizations", ["Red Delta", "rifles"], ["Red Delta"]),
    ],
)
def test_a_field_holds_what_it_is_for(field: str, said: list[str], kept: list[str]) -> None:
    found = made(**{field: said})
    name = {
        "organizations": "perpetrator_organizations",
        "individuals": "perpetrator_individuals",
        "targets": "physical_targets",
    }.get(field, field)
    assert record(found)[name] == kept
    assert list(left_out(found)) == [f"/{name}/1"]
    assert len(left_out(found)[f"/{name}/1"]) < 160


def test_an_entity_is_there_once() -> None:
    found = made(organizations=["Red Delta", "Delta"])
    assert record(found)["perpetrator_organizations"] == ["Red Delta"]
    assert "the same as 'Red Delta'" in left_out(found)["/perpetrator_organizations/1"]


def test_a_victim_is_no_perpetrator() -> None:
    found = made(individuals=["Two gunmen", "Olav Renn"])
    assert record(found)["perpetrator_individuals"] == ["Two gunmen"]
    assert "among the victims" in left_out(found)["/perpetrator_individuals/1"]


def test_without_a_trigger_there_is_no_incident() -> None:
    draft = json.dumps({"places": ["BRENNA"], "weapons": ["rifles"]})
    model = FakeModel(says=lambda _: draft)
    found = extract(Article(text=TEXT), prompt="incident@2", model=model, repair=0)
    assert record(found)["incident_type"] == "none"
    assert record(found)["weapons"] == []
    assert "no incident" in left_out(found)["/weapons/0"]


def test_nothing_is_an_answer() -> None:
    model = FakeModel(says=lambda _: "{}")
    found = extract(Article(text="The bridge opens."), prompt="incident@2", model=model, repair=0)
    assert found.status == "complete"
    assert record(found)["incident_type"] == "none"


def test_the_trigger_is_a_word_of_violence() -> None:
    found = made(trigger="found")
    assert record(found)["incident_type"] == "none"
    assert "/trigger" in left_out(found)


@pytest.mark.parametrize(
    ("trigger", "weapons", "kind"),
    [
        ("shot", (), "attack"),
        ("was killed", (), "attack"),
        ("killed", ("a car bomb",), "bombing"),
        ("murdered", ("bombs",), "attack"),
        ("attack", ("grenades", "rifles"), "attack"),
        ("destroyed", ("dynamite",), "bombing"),
        ("Explosion", (), "bombing"),
        ("firebombed", (), "bombing"),
        ("blew up", (), "bombing"),
        ("abducted", (), "kidnapping"),
        ("took hostages", ("rifles",), "kidnapping"),
        ("set a bus on fire", (), "arson"),
        ("burned down", (), "arson"),
        ("opened fire", (), "attack"),
        ("robbery", ("pistol",), "robbery"),
        ("armed strike", (), "forced work stoppage"),
    ],
)
def test_the_type_is_read_off_the_words(trigger: str, weapons: tuple[str, ...], kind: str) -> None:
    words = Words(trigger, ((0, len(trigger)),), Article(text=trigger), weapons)
    assert incident_type(words).value == kind


@pytest.mark.parametrize("trigger", ["met", "explained", "the showroom", "ミサイル", "atentado"])
def test_words_of_no_violence_have_no_type(trigger: str) -> None:
    found = incident_type(Words(trigger, ((0, len(trigger)),), Article(text=trigger)))
    assert found.value is None
    assert found.reason is not None
