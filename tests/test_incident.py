"""`incident@2` and 3: what their fields may hold, and what of an incident is read off its words."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from extractor import Article, extract
from extractor.records import Extraction
from extractor.resolve.incidents import incident_of_terror, incident_type
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


def of_terror(trigger: str, text: str, *hints: str) -> str:
    """What `incident.of_terror` makes of a trigger in a report of 4 May 2021."""
    place = text.index(trigger)
    report = Article(text=text, published=date(2021, 5, 4))
    words = Words(trigger, ((place, place + len(trigger)),), report, hints)
    return str(incident_of_terror(words).value)


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        ("killed", "Brigade units killed two rebels near Brenna."),
        ("kidnapped", "The Red Delta kidnapped three young\nsoldiers on Friday."),
        ("were killed", "Two soldiers and a guerrilla were killed in a clash."),
        ("killed", "Two soldiers were killed when shots fell."),
        ("fired", "A gunboat fired at a Norland naval vessel."),
    ],
)
def test_fighting_among_fighters_is_no_incident(trigger: str, text: str) -> None:
    assert of_terror(trigger, text) == "none"
    assert of_terror(trigger, f"{text} Rebels also blew up a bridge.") != "none"


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        ("killed", "Rebels killed two teachers near Brenna."),
        ("killed", "Gunmen killed soldiers and farmers in Brenna."),
        ("killed", "Soldiers had been killed before. Gunmen killed the mayor."),
        ("attacked", "Guerrillas attacked the sugar mill."),
        ("murder", "The army is accused of the murder of three peasants."),
    ],
)
def test_violence_against_others_is(trigger: str, text: str) -> None:
    assert of_terror(trigger, text) == "attack"


@pytest.mark.parametrize(
    ("times", "kind"),
    [
        (("in March 1998",), "none"),
        (("a month ago",), "attack"),
        (("4 May 2020", "rifles"), "attack"),
        (("3 May 2020", "rifles"), "none"),
        (("in 1998", "on Monday"), "attack"),
        (("once",), "attack"),
    ],
)
def test_what_is_over_a_year_old_is_history(times: tuple[str, ...], kind: str) -> None:
    assert of_terror("shot", "Gunmen shot the mayor.", *times) == kind


@pytest.mark.parametrize(
    ("trigger", "text", "weapons", "kind"),
    [
        ("destroying", "A bomb exploded destroying the bridge.", (), "bombing"),
        ("killed", "The judge was shot and killed.", ("car bomb",), "attack"),
        ("killed", "A bomb fell and shots were heard, two were killed.", ("bomb",), "bombing"),
        ("killed", "The judge was killed.", ("car bomb",), "bombing"),
        ("murdered", "He was murdered with a bomb.", (), "attack"),
    ],
)
def test_the_sentence_says_more_than_the_weapons(
    trigger: str, text: str, weapons: tuple[str, ...], kind: str
) -> None:
    assert of_terror(trigger, text, *weapons) == kind


def test_a_record_of_no_incident_is_empty() -> None:
    draft = json.dumps({"trigger": "killed", "time": "today", "places": ["Brenna"]} | CLASH)
    model = FakeModel(says=lambda _: draft)
    text = "BRENNA - Troops killed two rebels with rifles near Brenna today, Ole Rask said."
    found = extract(Article(text=text), prompt="incident@3", model=model, repair=0)
    kept = {name: value for name, value in record(found).items() if value not in (None, [])}
    assert kept == {"trigger": "killed", "incident_type": "none"}
    assert sorted(left_out(found)) == ["/places/0", "/time", "/victims/0", "/weapons/0"]
    assert all("the report tells of no incident" in said for said in left_out(found).values())
    assert [span.text for span in found.evidence["/incident_type"].spans][1] == text


CLASH = {"victims": ["Ole Rask"], "weapons": ["rifles"]}
